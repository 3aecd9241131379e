#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fuzz/capture.sh: captures of the live endpoint into build/fuzz/captures/, for fuzz/seeds.py: curl, iperf3, and the kernel's TCP both as
# client of every service and as server, each with and without loss. Needs `make program` and iperf3.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${SEQUENT:-build/sequent} out=$PWD/build/fuzz/captures dir=$(mktemp -d)
command -v iperf3 >/dev/null || { echo "fuzz/capture.sh: no iperf3: .ci/setup test" >&2; exit 2; }
[ -x "$program" ] || { echo "fuzz/capture.sh: '$program' is not there: make program" >&2; exit 2; }
trap 'rm -rf "$dir"' EXIT
mkdir -p "$out" "$dir/www"
head -c 60000 /dev/urandom >"$dir/www/large"
echo small >"$dir/www/small"

# The kernel's TCP: talk PORT BYTES says so much, ends its direction, reads to the end; cut resets instead.
cat >"$dir/talk.py" <<'PY'
import socket, struct, sys
port, n, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
c = socket.create_connection(("10.9.0.2", port), timeout=5)
for at in range(0, n, 700):
    c.sendall(bytes(min(700, n - at)))
    if how == "turns":
        c.recv(65536)
if how == "cut":
    c.recv(1000)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
elif how != "turns":
    c.shutdown(socket.SHUT_WR)
    while c.recv(65536):
        pass
c.close()
PY
cat >"$dir/server.py" <<'PY'
import socket
s = socket.create_server(("0.0.0.0", 4444))
for _ in range(2):
    c, _ = s.accept()
    got = b""
    while piece := c.recv(65536):
        got += piece
    c.sendall(got)
    c.close()
PY
one() { # NAME OPTION...
    local name=$1 enter=() i
    shift
    "$program" serve --http "$dir/www" --echo --discard --chargen --forward 5201=127.0.0.1:5201 --pcap "$out/$name.pcapng" "$@" >"$dir/out" 2>"$dir/errors" &
    local pid=$!
    for i in $(seq 200); do
        read -ra enter < <(sed -n 's/^ *\(nsenter .*\) \(curl\|nc\) .*/\1/p' "$dir/out" | head -n 1) || true
        [ ${#enter[@]} -eq 0 ] || break
        kill -0 "$pid" 2>/dev/null || { cat "$dir/errors" >&2; exit 1; }
        sleep 0.05
    done
    "${enter[@]}" curl -sS -m 20 http://10.9.0.2/small http://10.9.0.2/large http://10.9.0.2/none >"$dir/got" || true
    "${enter[@]}" curl -sS -m 20 -r 100-2000 -o "$dir/got" http://10.9.0.2/large || true
    "${enter[@]}" curl -sS -m 5 -o "$dir/got" http://10.9.0.2:81/ 2>/dev/null || true
    "${enter[@]}" python3 "$dir/talk.py" 7 5000 whole || true
    "${enter[@]}" python3 "$dir/talk.py" 7 1400 turns || true
    "${enter[@]}" python3 "$dir/talk.py" 9 9000 whole || true
    "${enter[@]}" python3 "$dir/talk.py" 19 0 cut || true
    "${enter[@]}" iperf3 -s -1 -B 127.0.0.1 >"$dir/iperf3" 2>&1 &
    sleep 1
    "${enter[@]}" timeout 20 iperf3 -c 10.9.0.2 -n 200K >"$dir/got" || true
    kill -INT "$pid"
    wait "$pid" || true
}
one plain
one lossy --drop 6:4
# The kernel as server: a namespace where both stand.
unshare --net bash -c 'ip link set lo up
    python3 "$1/server.py" & server=$!
    until grep -q :115C /proc/net/tcp; do sleep 0.05; done
    for i in 1 2; do head -c 3000 "$1/www/large" | timeout 10 "$2" connect --pcap "$3/connect$i.pcapng" --tap f0 10.9.0.1 4444 >"$1/got" || true; done
    kill $server 2>/dev/null' - "$dir" "$program" "$out" || true
ls "$out"/*.pcapng >/dev/null
echo "fuzz/capture.sh: $(ls "$out" | wc -l) captures, $(cat "$out"/* | wc -c) bytes in build/fuzz/captures/"
