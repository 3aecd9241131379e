#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sequent status`: what it says of connections in several states, and that 10,000 of them leave nothing behind.
. "$(dirname "$0")/lib.sh"
plan 17 nc python3

head -c 3000000 /dev/urandom >"$dir/www/large"
echo page >"$dir/www/index.html"
start --echo --discard --verify --time-wait 2 --connections 700

is "$("$program" status "$pid" | sed -n '1,11s/ .*//p' | xargs)" \
    "seconds_up listeners entries entries_max half_open not_accepted orphans timers_armed bytes_queued bytes_unread bytes_out_of_order" \
    "the sums are name and value"
is "$("$program" status "$pid" | grep -c '^LISTEN ')" 3 "each listener has its line"
inside timeout 20 nc 10.9.0.2 7 <"$dir/www/large" >/dev/null 2>&1
# One that does not read what it asked for, one that says nothing, one half-closed.
inside timeout 20 /usr/bin/python3 -c '
import socket, sys
a = socket.socket(); a.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); a.connect(("10.9.0.2", 80))
a.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
b = socket.create_connection(("10.9.0.2", 7)); b.sendall(b"hello"); b.recv(5)
sys.stdin.readline()' < <(sleep 2.5) &
client=$!
sleep 1
"$program" status "$pid" >"$dir/status"
is "$(grep -cE '^ESTABLISHED +0 +0 10\.9\.0\.2:7 +10\.9\.0\.1:[0-9]+ *$' "$dir/status")" 1 "an idle connection has empty queues and no timer"
is "$(grep -cE '^ESTABLISHED +0 +[0-9]{5,} 10\.9\.0\.2:80 .* timer:\((persist|rexmit),[0-9.]+s\)' "$dir/status")" 1 \
    "one whose peer does not read has text queued and a timer armed"
is "$(grep -A 1 ':7 .*ESTAB\|^ESTAB.*:7 ' "$dir/status" | grep -cE '^	 rto:[0-9.]+ rtt:[0-9.]+/[0-9.]+ mss:1460 cwnd:[0-9]+ ssthresh:[0-9]+ snd_wnd:[0-9]+ rcv_wnd:26[0-9]{4} .*bytes_acked:5 bytes_received:5 unacked:0 notsent:0')" 1 \
    "its second line has rto, rtt, windows and bytes"
is "$(now bytes_queued | grep -cE '^[0-9]{5,}$') $(now timers_armed)" "1 1" "the sums agree with the connections"
wait "$client"
is "$(until_is "now timers_armed" 0) $(now bytes_queued)" "0 0" "when the clients are gone nothing is queued and no timer armed"

is "$("$program" status --counters "$pid" | grep -cvE '^[a-z0-9_]+ [0-9]+$')" 0 "--counters is name and value only"
is "$(timeout 2.5 "$program" status --counters --watch "$pid" | grep -c '^frames_in ')" 3 "--watch looks again each second"
is "$("$program" status 999999999 2>&1; echo $?)" "sequent: '${XDG_RUNTIME_DIR:-/tmp}/sequent${XDG_RUNTIME_DIR:+}$([ -n "${XDG_RUNTIME_DIR-}" ] || echo "-$(id -u)")/999999999': No such file or directory; expected the status socket of a running endpoint
1" "an endpoint that does not run is named, status 1"
# Whoever asks and does not read, or says nonsense, or nothing, keeps nobody waiting.
path=$(echo "${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/sequent}" | grep . || echo "/tmp/sequent-$(id -u)")/$pid
timeout 20 /usr/bin/python3 - "$path" <<'PY'
import socket, sys
held = []
for say in (b"status\n", b"", b"x" * 200, b"nonsense\n", b"counters status\n") * 4:
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(2)
    s.connect(sys.argv[1])
    try:
        s.sendall(say)
    except OSError:
        pass
    held.append(s)
print(len(held))
PY
is "$? $(fetch "$url/")" "0 page" "twenty who ask and do not read keep nobody waiting"
is "$(now entries)" 0 "and the next is answered"

# 10,000 connections in waves of 500, each used: closed by the client, closed by the server, or reset.
inside timeout 200 /usr/bin/python3 - >"$dir/waves" 2>&1 <<'PY'
import socket, struct
done = wrong = 0
for wave in range(20):
    open_ones = []
    for i in range(500):
        s = socket.socket()
        s.settimeout(20)
        s.connect(("10.9.0.2", (7, 80, 7, 9, 7)[i % 5]))
        open_ones.append((i, s))
    for i, s in open_ones:
        if i % 5 == 1:                                   # the server closes
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        else:
            s.sendall(b"%d hello" % i)
    for i, s in open_ones:
        if i % 5 == 1:
            got = b""
            while (piece := s.recv(4096)):
                got += piece
            good = got.endswith(b"page\n")
        elif i % 5 == 3:
            good = True
        else:
            want, got = b"%d hello" % i, b""
            while len(got) < len(want) and (piece := s.recv(4096)):
                got += piece
            good = got == want
        if i % 5 == 4:                                   # reset
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        done += 1
        wrong += not good
print(done, wrong)
PY
is "$(cat "$dir/waves")" "10000 0" "10,000 connections in waves of 500 were opened and used"
is "$(until_is "now entries" 0) $(now timers_armed) $(now half_open) $(now not_accepted) $(now orphans)" "0 0 0 0 0" \
    "they leave no entry and no timer behind"
is "$(now bytes_queued) $(now bytes_unread) $(now bytes_out_of_order)" "0 0 0" "and no byte"
is "$(($(now connections_done) + $(now connections_reset) + $(now time_wait_recycled)))" "$(now connections_opened_passively)" \
    "each was counted where it ended"
stop
is "$status $([ -e "$path" ] || echo gone)" "0 gone" "the status socket goes with the program"
finished
