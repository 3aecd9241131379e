#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# 5 % of the frames lost both ways: by the kernel's netem where there is one, and by the program's own --drop, seeded.
. "$(dirname "$0")/lib.sh"
plan 4 tc ip xargs

for i in 1 2 3; do head -c 1000000 /dev/urandom >"$dir/www/$i"; done
(cd "$dir/www" && sha256sum 1 2 3) >"$dir/want"

transfer() { # three files at once; prints their sums
    mkdir -p "$dir/got"
    # shellcheck disable=SC2016 # for the shell inside
    inside sh -c 'seq 3 | xargs -P 3 -I {} curl -sS -m 150 -o "$1/{}" "$0/{}"' "$url" "$dir/got" 2>"$dir/curl"
    (cd "$dir/got" && sha256sum 1 2 3 2>&1)
    rm -rf "$dir/got"
}
# From the kernel to the endpoint on the way out of the device; from the endpoint by way of an ifb device.
netem() {
    inside tc qdisc add dev sequent0 root netem loss 5% &&
        inside ip link add ifb0 type ifb && inside ip link set ifb0 up &&
        inside tc qdisc add dev sequent0 handle ffff: ingress &&
        inside tc filter add dev sequent0 parent ffff: matchall action mirred egress redirect dev ifb0 &&
        inside tc qdisc add dev ifb0 root netem loss 5%
}

start --verify
if netem >"$dir/netem" 2>&1; then
    is "$(transfer)" "$(cat "$dir/want")" "netem loses 5 % both ways: three files of 1 MB at once arrive as they are"
    stop
    is "$([ "$(counter tcp_resent)" -gt 0 ] && echo yes)" yes "netem did lose something: segments were sent again"
else
    stop
    why="netem: $(head -n 1 "$dir/netem" | tr -d '#')"
    skip "netem loses 5 % both ways" "$why"
    skip "netem did lose something" "$why"
fi

start --verify --drop 5:2026
is "$(transfer)" "$(cat "$dir/want")" "--drop loses 5 % both ways: three files of 1 MB at once arrive as they are"
stop
is "$([ "$(counter frames_dropped_by_option_in)" -gt 10 ] && [ "$(counter frames_dropped_by_option_out)" -gt 10 ] && echo yes)" yes \
    "--drop did lose frames both ways"
finished
