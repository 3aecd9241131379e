#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What goes wrong around the endpoint: a device that vanishes, ports and names in use, signals, a file that cannot be
# written. Each has its message and status.
. "$(dirname "$0")/lib.sh"
own_namespace
plan 19 ip nc python3

echo page >"$dir/www/index.html"
ends() { # waits for $pid to end; its status
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    ! kill -KILL "$pid" 2>/dev/null || echo "# it did not end by itself"
    wait "$pid"
    status=$?
    pid=
}
here() { # here OPTION...: an endpoint on a device in this namespace
    : >"$dir/out"
    "$program" serve --http "$dir/www" --tap sequent0 --verify "$@" >"$dir/out" 2>"$dir/errors" &
    pid=$!
    for _ in $(seq 100); do
        ! grep -q 'curl' "$dir/out" || return 0
        sleep 0.05
    done
    echo "# did not start: $(cat "$dir/errors")"
}

here
is "$(curl -sS -m 10 "$url/") $(grep -c 'reached from this host' "$dir/out")" "page 1" "with --tap the device stands here and the host's curl gets there"
ip link set sequent0 down
sleep 0.2
ip link set sequent0 up
is "$(curl -sS -m 10 "$url/")" page "a device that is down for a while does no harm"
ip link delete sequent0
ends
is "$status $(cat "$dir/errors")" "1 sequent: the TAP device 'sequent0' is gone: somebody removed it. Start again to have it back" \
    "a device that vanishes is named, status 1"
is "$(counter http_200)" 2 "and the counters are printed all the same"

here
"$program" serve --http "$dir/www" --tap sequent0 2>"$dir/second"
is "$? $(cat "$dir/second")" "1 sequent: cannot make the TAP device 'sequent0': Device or resource busy. Another process has it: choose another name (--tap)" \
    "a device in use is named, status 1"
"$program" serve --http "$dir/www" --tap other0 2>"$dir/second"
is "$? $(cat "$dir/second")" "1 sequent: the network of --address is in use: the interface 'sequent0' has 10.9.0.1 in it. Choose --address and --peer from another network" \
    "an address in use is named, status 1"
kill -INT "$pid"
ends
ip link show sequent0 >/dev/null 2>&1
is "$status $?" "0 1" "Ctrl-C ends it with status 0 and takes the device along"

# A second address on the link: RFC 5227.
here
/usr/bin/python3 - <<'PY'
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("sequent0", 0))
me, ip = bytes.fromhex("020000000055"), socket.inet_aton("10.9.0.2")
for _ in range(3):
    s.send(b"\xff" * 6 + me + bytes.fromhex("08060001080006040001") + me + ip + bytes(6) + ip)
PY
sleep 0.3
is "$(now arp_claims_our_address) $(grep -c "^sequent: 10.9.0.2 is in use: 02:00:00:00:00:55 claims it too" "$dir/errors") $(curl -sS -m 10 "$url/")" "3 1 page" \
    "somebody who claims our address is counted and named once, and does no harm"
# A client that waits for more.
timeout 20 /usr/bin/python3 -c '
import socket, time
s = socket.create_connection(("10.9.0.2", 80)); s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"); time.sleep(2)
try:
    while s.recv(65536): pass
    print("end")
except ConnectionResetError: print("reset")' >"$dir/client" &
client=$!
sleep 1
kill -TERM "$pid"
ends
is "$status" 0 "SIGTERM ends it with status 0 while a client waits"
wait "$client"
is "$(cat "$dir/client")" reset "and the peer is told by a reset"
here
kill -STOP "$pid"
kill -INT "$pid"
kill -INT "$pid"
kill -CONT "$pid"
ends
is "$([ "$status" = 0 ] || [ "$status" = 130 ] && echo ended)" ended "two signals at once end it too"
# Whoever reads its output has gone to sleep: the first signal cannot finish, the second need not.
mkfifo "$dir/out.pipe"
sleep 30 <"$dir/out.pipe" >/dev/null &
sleeper=$!
/usr/bin/python3 -c '
import fcntl, os, signal, subprocess, sys, time
out = os.open(sys.argv[2], os.O_WRONLY)
p = subprocess.Popen([sys.argv[1], "serve", "--echo", "--tap", "sequent0"], stdout=out, stderr=subprocess.DEVNULL)
time.sleep(0.7)
flags = fcntl.fcntl(out, fcntl.F_GETFL)
fcntl.fcntl(out, fcntl.F_SETFL, flags | os.O_NONBLOCK)
try:
    while os.write(out, b"x" * 4096): pass
except BlockingIOError: pass
try:
    while os.write(out, b"x"): pass
except BlockingIOError: pass
fcntl.fcntl(out, fcntl.F_SETFL, flags)
p.send_signal(signal.SIGINT)
time.sleep(0.7)
hung = p.poll() is None
p.send_signal(signal.SIGINT)
print("hung" if hung else "not hung", p.wait(5))' "$program" "$dir/out.pipe" >"$dir/second" 2>&1
kill "$sleeper"
is "$(cat "$dir/second")" "hung -2" "the second signal ends it at once, whatever it hangs in"
ip link show sequent0 >/dev/null 2>&1
is $? 1 "and the device is gone"

/usr/bin/python3 -c '
import socket, time
s = socket.create_server(("127.0.0.1", 8099)); print("up", flush=True); time.sleep(20)' >"$dir/up" &
server=$!
for _ in $(seq 50); do [ ! -s "$dir/up" ] || break; sleep 0.1; done
"$program" serve --http "$dir/www" --relay 8099 2>"$dir/second"
is "$? $(cat "$dir/second")" "1 sequent: --relay 8099: 127.0.0.1:8099: Address already in use. Choose another port" "a relay's port in use is named, status 1"
kill "$server"
wait "$server" 2>/dev/null
"$program" serve --http "$dir/www" --pcap "$dir/none/x" 2>"$dir/second"
is "$? $(cat "$dir/second")" "1 sequent: --pcap '$dir/none/x': No such file or directory; expected a file that can be written" "a capture that cannot be written is named, status 1"
"$program" serve --http "$dir/www" --pcap /dev/full 2>"$dir/second"
is "$? $(grep -c "^sequent: --pcap '/dev/full': No space left on device; expected a file" "$dir/second")" "1 1" "a disk that is full from the start is named, status 1"
echo precious >"$dir/precious"
"$program" serve --http "$dir/www" --control "$dir/precious" 2>"$dir/second"
is "$? $(grep -c "status socket '$dir/precious'.*in use" "$dir/second") $(cat "$dir/precious")" "1 1 precious" "a status socket never replaces a file"
here --control "$dir/control"
kill -KILL "$pid"
ends 2>/dev/null
here --control "$dir/control"
is "$("$program" status "$dir/control" | grep -c '^entries ')" 1 "what a killed endpoint left of its status socket is replaced"
"$program" serve --http "$dir/www" --tap other0 --address 10.8.0.2/24 --peer 10.8.0.1 --control "$dir/control" 2>"$dir/second"
is "$? $(grep -c "status socket '$dir/control'.*in use, by another endpoint" "$dir/second")" "1 1" "a status socket in use is named, status 1"
kill -INT "$pid"
ends
finished
