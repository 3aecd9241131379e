#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --forward: servers of the kernel's are reached through the endpoint. iperf3 both ways, OpenSSH's sftp, and servers that
# refuse, reset, end one direction, or read slowly.
. "$(dirname "$0")/lib.sh"
plan 15 iperf3 python3 nc cmp

serve --forward 5201=127.0.0.1:5201 --forward 22=127.0.0.1:2222 --forward 99=127.0.0.1:9 --forward 7001=127.0.0.1:7001 \
    --echo --verify
servers=() # not by `inside`: a kill would reach the shell that runs the function, not the server
end_servers() { [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null; }
trap 'end_servers; cleanup' EXIT
# listening PORT: waits until the kernel listens there, inside
listening() {
    local hex
    hex=$(printf ':%04X 00000000:0000 0A' "$1")
    for _ in $(seq 100); do
        ! inside grep -q "$hex" /proc/net/tcp || return 0
        sleep 0.05
    done
    return 1
}

# iperf3: a control connection and the transfer's own, client to server and back.
"${enter[@]}" iperf3 -s -B 127.0.0.1 >"$dir/iperf3d" 2>&1 &
servers+=($!)
listening 5201
for way in '' -R; do
    # shellcheck disable=SC2086 # no word if there is none
    inside timeout 60 iperf3 -c 10.9.0.2 -n 64M -J $way >"$dir/iperf3" 2>&1
    got=$?
    read -r sent received < <(/usr/bin/python3 -c '
import json, sys
end = json.load(open(sys.argv[1]))["end"]
print(end["sum_sent"]["bytes"], end["sum_received"]["bytes"])' "$dir/iperf3")
    [ "$got" = 0 ] && [ "${sent:-0}" -ge 67108864 ] && [ "${received:-0}" -ge 60000000 ] # it counts what had come by the end
    ok $? "iperf3 $way carries 64 MB: sent ${sent:-none}, received ${received:-none}"
done
is "$(now forward_connections) $(now forward_refused)" "4 0" "each run of iperf3 is two connections"

# OpenSSH. Its server runs as nobody in a namespace of its own, for it cannot change users here.
head -c 20000000 /dev/urandom >"$dir/www/large"
if ! command -v sshd >/dev/null && [ ! -x /usr/sbin/sshd ]; then
    skip "sftp carries 20 MB there and back" "no sshd: .ci/setup ssh"
elif ! unshare --user --map-user=65534 true 2>/dev/null; then
    skip "sftp carries 20 MB there and back" "user namespaces are off, and sshd wants to change users"
else
    chmod 755 "$dir"
    ssh-keygen -q -t ed25519 -N '' -f "$dir/host" && ssh-keygen -q -t ed25519 -N '' -f "$dir/client"
    printf '%s\n' 'Port 2222' 'ListenAddress 127.0.0.1' "HostKey $dir/host" "AuthorizedKeysFile $dir/client.pub" 'StrictModes no' \
        'UsePAM no' 'PidFile none' 'Subsystem sftp internal-sftp' 'ForceCommand internal-sftp' >"$dir/sshd"
    "${enter[@]}" unshare --user --map-user=65534 /usr/sbin/sshd -D -e -f "$dir/sshd" >"$dir/sshd.log" 2>&1 &
    servers+=($!)
    listening 2222
    printf 'put %s\nget %s\n' "$dir/www/large $dir/up" "$dir/up $dir/down" >"$dir/batch"
    inside timeout 60 sftp -q -i "$dir/client" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes \
        -b "$dir/batch" nobody@10.9.0.2 >"$dir/sftp" 2>&1 && cmp -s "$dir/www/large" "$dir/down"
    ok $? "sftp carries 20 MB there and back"
fi

# A server that is not there, one that resets, one that ends its direction first, one that reads slowly.
cat >"$dir/ask.py" <<'PY'
import socket, sys
data = open(sys.argv[2], "rb").read() if len(sys.argv) > 2 else b""
try:
    s = socket.create_connection(("10.9.0.2", int(sys.argv[1])), timeout=30)
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    got = b""
    while True:
        part = s.recv(65536)
        if not part:
            break
        got += part
    print(got.decode())
except (ConnectionResetError, BrokenPipeError):
    print("reset")
PY
ask() { inside timeout 60 /usr/bin/python3 "$dir/ask.py" "$@"; }
is "$(ask 99)" reset "a server that is not there resets the connection"
is "$(now forward_refused)" 1 "and is counted"

# server CODE: a kernel's server on 7001 that deals with one connection `c` so
server() {
    "${enter[@]}" /usr/bin/python3 -c '
import hashlib, socket, struct, sys, time
l = socket.create_server(("127.0.0.1", 7001))
c = l.accept()[0]
l.close()
exec(sys.argv[1])' "$1" >"$dir/server" 2>&1 &
    servers+=($!)
    listening 7001
}
server 'c.recv(1); c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); c.close()'
is "$(ask 7001 "$dir/www/large")" reset "a server that resets is passed on"
server '
h = hashlib.sha256()
while True:
    part = c.recv(65536)
    if not part: break
    h.update(part)
c.sendall(h.hexdigest().encode()); c.close()'
is "$(ask 7001 "$dir/www/large")" "$(sha256sum <"$dir/www/large" | cut -d' ' -f1)" \
    "20 MB, the end of the peer's direction, then the server's answer"
server '
c.sendall(b"last word"); c.shutdown(socket.SHUT_WR)
n = 0
while True:
    part = c.recv(65536)
    if not part: break
    n += len(part)
print(n, flush=True)'
is "$(ask 7001 "$dir/www/large") $(sleep 0.3; cat "$dir/server")" "last word 20000000" "the server ends its direction first and hears all"
server '
time.sleep(2); n = 0
while True:
    part = c.recv(65536)
    if not part: break
    n += len(part)
c.sendall(str(n).encode()); c.close()'
ask 7001 "$dir/www/large" >"$dir/slow" &
one=$!
is "$(echo beside | inside timeout 5 nc -N 10.9.0.2 7)" beside "others are served while a server does not read"
wait "$one"
is "$(cat "$dir/slow")" 20000000 "a server that reads late gets all"
standing() { "$program" status "$pid" | grep -c '^[A-Z0-9-]* .*10\.9\.0\.1:'; }
in_time_wait() { [ "$(standing)" = "$(state TIME-WAIT)" ] && echo yes; }
is "$(until_is in_time_wait yes)" yes "what is left is in TIME-WAIT"

end_servers
stop
is "$status $(grep -c . "$dir/errors")" "0 0" "the program ends with status 0 and not a word"
"$program" serve --forward 22=127.0.0.1 2>"$dir/errors"
is "$? $(head -n 1 "$dir/errors")" "2 sequent: --forward '22=127.0.0.1': expected PORT=ADDRESS:PORT, as in 22=127.0.0.1:22" \
    "a forward without the server's port is named, status 2"
"$program" serve --echo=22 --forward 22=127.0.0.1:22 2>"$dir/errors"
is "$? $(head -n 1 "$dir/errors")" "2 sequent: --echo and --forward: both on port 22; expected different ports" \
    "a port that is taken is named, status 2"
finished
