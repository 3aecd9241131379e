#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sequent connect` to servers of the kernel's TCP, in a namespace where both have their place.
. "$(dirname "$0")/lib.sh"
own_namespace
plan 25 ip nc python3 cmp

# A server of the kernel: each port does one thing with whoever connects.
cat >"$dir/server.py" <<'PY'
import socket, struct, threading, time

def listen(port, what):
    s = socket.create_server(("0.0.0.0", port), backlog=20)
    def run():
        while True:
            c, _ = s.accept()
            threading.Thread(target=what, args=(c,), daemon=True).start()
    threading.Thread(target=run, daemon=True).start()

def everything(c):
    got = b""
    while True:
        piece = c.recv(65536)
        if not piece:
            return got
        got += piece

def echo_at_end(c):
    c.sendall(everything(c))
    c.close()

def speaks_first(c):
    c.sendall(b"first\n")
    c.shutdown(socket.SHUT_WR)
    open("heard", "wb").write(everything(c))
    c.close()

def resets(c):
    c.recv(1)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()

def reads_slowly(c):
    n = 0
    while True:
        piece = c.recv(20000)
        n += len(piece)
        if not piece:
            break
        time.sleep(0.005)
    c.sendall(b"%d\n" % n)
    c.close()

def sends_much(c):
    c.sendall(bytes(i * i % 251 for i in range(1000)) * 3000)
    c.close()

def silent(c):
    everything(c)

listen(7, echo_at_end)
listen(8, speaks_first)
listen(9, resets)
listen(10, reads_slowly)
listen(11, sends_much)
listen(12, silent)
print("up", flush=True)
time.sleep(120)
PY
(cd "$dir" && exec /usr/bin/python3 server.py >"$dir/up" 2>"$dir/server.errors") &
server=$!
for _ in $(seq 100); do [ ! -s "$dir/up" ] || break; sleep 0.05; done
stop() { kill "$server" 2>/dev/null; }

connect() { timeout 40 "$program" connect --tap sequent0 --verify "$@" 2>"$dir/errors"; }

is "$(echo hello | connect 10.9.0.1 7)" hello "a line there and back, half-closed at the end of input"
head -c 5000000 /dev/urandom >"$dir/large"
connect 10.9.0.1 7 <"$dir/large" >"$dir/got"
is "$? $(cmp "$dir/large" "$dir/got" && echo same)" "0 same" "5 MB from a file to a file, status 0"
head -c 400000 "$dir/large" >"$dir/less"
# shellcheck disable=SC2002
cat "$dir/less" | connect --drop 3:9 10.9.0.1 7 | cat >"$dir/got"
cmp -s "$dir/less" "$dir/got"
ok $? "400 kB from a pipe to a pipe, with 3 % of the frames lost"
is "$(grep -c '^sequent: seed 9$' "$dir/errors")" 1 "the seed of the loss is told"
is "$(connect 10.9.0.1 7 </dev/null; echo $?)" 0 "nothing to say is fine"
is "$(echo second | connect 10.9.0.1 8)" first "the peer may end its direction first"
is "$(until_is "cat $dir/heard" second)" second "what is said behind the peer's end still arrives"
is "$(connect 10.9.0.1 10 <"$dir/large")" 5000000 "a peer that reads slowly gets all of it"
(connect 10.9.0.1 11 </dev/null | (sleep 1; cat) | sha256sum) >"$dir/sum"
is "$(cut -c 1-16 "$dir/sum")" "$(/usr/bin/python3 -c 'import hashlib
print(hashlib.sha256(bytes(i * i % 251 for i in range(1000)) * 3000).hexdigest()[:16])')" "standard output that waits a second loses nothing"
connect 10.9.0.1 11 </dev/null | head -c 1000 >/dev/null
is "${PIPESTATUS[0]} $(cat "$dir/errors")" "1 sequent: standard output: Broken pipe" "standard output that goes away is named, status 1"

connect 10.9.0.1 4444 </dev/null
is "$? $(cat "$dir/errors")" "3 sequent: 10.9.0.1 port 4444: refused: nobody listens there" "refused is status 3"
connect --timeout 1 10.9.0.99 7 </dev/null
is "$? $(cat "$dir/errors")" "4 sequent: 10.9.0.99 port 7: timed out: nothing was acknowledged" "a host that is not there: timed out, status 4"
(echo; sleep 5) | connect 10.9.0.1 9
is "$? $(cat "$dir/errors")" "5 sequent: 10.9.0.1 port 9: reset by the peer" "reset is status 5"
connect 10.9.0.1 0 </dev/null
is "$? $(head -n 1 "$dir/errors")" "2 sequent: PORT '0': expected a number, 1..65535" "port 0 is wrong usage"
connect 10.9.0.1 </dev/null
is $? 2 "no port is wrong usage"
connect no.such.host.invalid 7 </dev/null
is "$? $(grep -c "no.such.host.invalid" "$dir/errors")" "1 1" "a name that nobody knows is named, status 1"

echo hello | connect --progress 10.9.0.1 7 >/dev/null
is "$(tr '\r' '\n' <"$dir/errors" | grep -cE '^TIME-WAIT +in 6 out 6 bytes, [0-9.]+ s, [0-9.]+ MB/s, rtt [0-9.]+ ms')" 1 "--progress reports state, bytes, rate and round trip"

drawn() { # the hardware address and the port that a run with these options draws
    connect --timeout 1 --pcap "$dir/seed" "$@" 10.9.0.1 4444 </dev/null
    /usr/bin/python3 -c '
import re, sys
data = open(sys.argv[1], "rb").read()
syn = re.search(rb"\x08\x00\x45.{8}\x06..\x0a\x09\x00\x02\x0a\x09\x00\x01(..)\x11\x5c", data, re.S)
print(data[syn.start() - 6:syn.start()].hex(), syn[1].hex())' "$dir/seed"
}
first=$(drawn --seed 5)
is "$(drawn --seed 5)" "$first" "--seed: the same hardware address and port again"
is "$([ "$(drawn --seed 6)" != "$first" ] && [ "$(drawn)" != "$(drawn)" ] && echo differ)" differ "another seed, and none, give others"

# Interrupted: the peer is told by a reset, the device is gone.
sleep 20 | "$program" connect --tap sequent0 --control "$dir/control" 10.9.0.1 12 2>"$dir/errors" &
sleep 0.7
is "$("$program" status "$dir/control" | grep -c ^ESTABLISHED)" 1 "status tells of the connection"
pid_of=$(pgrep -n -x -f "$program connect --tap sequent0 --control $dir/control 10.9.0.1 12")
is "$("$program" connect --tap sequent0 10.9.0.1 7 2>&1 </dev/null | cut -d. -f 1)" \
    "sequent: cannot make the TAP device 'sequent0': Device or resource busy" "a device that another endpoint has is named"
ss -tan 2>/dev/null | grep -c 'ESTAB.*:12 ' >"$dir/before"
kill -INT "$pid_of"
for _ in $(seq 20); do kill -0 "$pid_of" 2>/dev/null || break; sleep 0.1; done
ip link show sequent0 2>/dev/null
is "$? $(cat "$dir/before") $(ss -tan | grep -c ':12 .*10.9.0.2') $(ls "$dir/control" 2>/dev/null)" "1 1 0 " \
    "Ctrl-C resets the connection and takes the device and the status socket with it"

# A device that stands here already is taken as it is.
ip tuntap add mode tap name own0 && ip address add 10.9.0.1/24 dev own0 && ip link set own0 up
is "$(echo kept | timeout 20 "$program" connect --tap own0 10.9.0.1 7)" kept "a device made by ip tuntap is taken as it is"
ip link show own0 >/dev/null
ok $? "and stays when the program ends"
is "$("$program" connect --tap other0 10.9.0.1 7 2>&1 </dev/null | cut -d. -f 1-8)" \
    "sequent: the network of --address is in use: the interface 'own0' has 10.9.0.1 in it. Choose --address and --peer from another network" \
    "a network that another interface has is named"
finished
