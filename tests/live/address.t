#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Several addresses, TTL and Differentiated Services, the range of ports, ISNs: what tshark sees of it.
. "$(dirname "$0")/lib.sh"
own_namespace
plan 17 nc tshark

echo page >"$dir/www/index.html"
# What frames of ours say: a line for each different one.
seen() { tshark -r "$dir/capture" -Y "tcp && frame.packet_flags_direction == 2" -T fields "$@" 2>/dev/null | sort -u | tr '\t\n' ' ;'; }
connect() { timeout 20 "$program" connect --tap sequent0 --pcap "$dir/capture" "$@" 2>"$dir/errors"; }
/usr/bin/python3 - >"$dir/up" 2>/dev/null <<'PY' &
import socket
s = socket.create_server(("0.0.0.0", 7))
print("up", flush=True)
while True:
    c, peer = s.accept()
    c.recv(10)
    c.sendall(("%s\n" % peer[0]).encode())
    c.close()
PY
server=$!
for _ in $(seq 100); do [ ! -s "$dir/up" ] || break; sleep 0.05; done

is "$(echo x | connect 10.9.0.1 7)" 10.9.0.2 "a connection comes from --address"
is "$(seen -e ip.ttl -e ip.dsfield.dscp)" "64 0;" "with TTL 64 and no Differentiated Services"
is "$(echo x | connect --also 10.9.0.5 --also 10.9.0.6 --source 10.9.0.6 --ttl 9 --dscp 46 10.9.0.1 7)" 10.9.0.6 "--source: it comes from that address"
is "$(seen -e ip.src -e ip.ttl -e ip.dsfield.dscp -e ip.dsfield.ecn)" "10.9.0.6 9 46 0;" "--ttl and --dscp are in every segment"
is "$(echo x | connect --also 10.9.0.5 10.9.0.1 7)" 10.9.0.2 "without --source it is the first"
is "$(echo x | connect --ports 5000-5001 10.9.0.1 7 >/dev/null; seen -e tcp.srcport | sed 's/500[01]/ours/')" "ours;" "--ports: it comes from one of these"

wrong() { "$program" connect "$@" 10.9.0.1 7 2>&1 </dev/null | head -n 1; }
is "$(wrong --source 10.9.0.3)" "sequent: --source: expected an address of the endpoint, see --address and --also" "a source that is not ours"
is "$(wrong --also 10.9.1.3)" "sequent: --also 10.9.1.3: expected another host's address in the network of --address" "an address of another network"
is "$(wrong --also 10.9.0.2)" "sequent: --also 10.9.0.2: expected another host's address in the network of --address" "an address twice"
is "$(wrong --ttl 0)" "sequent: --ttl '0': expected a number, 1..255" "no TTL of zero"
is "$(wrong --dscp 64)" "sequent: --dscp '64': expected a number, 0..63" "six bits"
is "$(wrong --ports 9-8)" "sequent: --ports '9-8': expected two numbers, 1..65535, such as 49152-65535" "ports the wrong way round"

# The ISN of a connection; the clock in it moves on by 250,000 a second.
isn() { echo x | connect "$@" 10.9.0.1 7 >/dev/null; tshark -r "$dir/capture" -Y "tcp.flags.syn == 1 && ip.src == 10.9.0.2" -T fields -e tcp.seq_raw 2>/dev/null | head -n 1; }
near() { a=$(isn "$@"); b=$(isn "$@"); [ $((b - a)) -gt 0 ] && [ $((b - a)) -lt 15000000 ] && echo near; }
is "$(near --seed 5)" near "the same seed: the next ISN is a few seconds of its clock ahead"
is "$(near) $(near)" " " "no seed: two runs share nothing"
kill "$server"

# The server's side: all addresses are served, and each answers for itself.
"$program" serve --http "$dir/www" --tap sequent0 --also 10.9.0.5 --ttl 77 --dscp 8 --pcap "$dir/capture" >"$dir/out" 2>"$dir/errors" &
pid=$!
for _ in $(seq 100); do grep -q curl "$dir/out" && break; sleep 0.05; done
is "$(curl -sS -m 10 http://10.9.0.5/index.html) $(curl -sS -m 10 http://10.9.0.2/index.html)" "page page" "both addresses serve"
is "$(curl -s -m 10 http://10.9.0.5:81/; echo $?)" 7 "and refuse"
stop
is "$(seen -e ip.src -e ip.ttl -e ip.dsfield.dscp)" "10.9.0.2 77 8;10.9.0.5 77 8;" "each with its own address, the endpoint's TTL and Diffserv"
finished
