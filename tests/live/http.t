#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What `sequent serve --http` answers to curl, and how the program starts and ends.
. "$(dirname "$0")/lib.sh"
plan 38 ss ip

echo '<p>page</p>' >"$dir/www/index.html"
mkdir "$dir/www/below"
echo '<p>below</p>' >"$dir/www/below/index.html"
echo 'a{}' >"$dir/www/style.css"
: >"$dir/www/empty.txt"
echo secret >"$dir/secret"
ln -s "$dir/secret" "$dir/www/out"
ln -s style.css "$dir/www/in.css"
head -c 3000000 /dev/urandom >"$dir/www/large.bin"
mkfifo "$dir/www/fifo"
start --trace --verify

status_of() { fetch -o /dev/null -w '%{http_code}' "$@"; }

is "$(fetch "$url/")" '<p>page</p>' "GET / is index.html"
is "$(fetch -o /dev/null -w '%{http_code} %{size_download} %header{content-length} %{content_type}' "$url/style.css")" \
    '200 4 4 text/css; charset=utf-8' "GET of a file has its length and type"
is "$(fetch -o /dev/null -w '%{http_code} %{size_download}' "$url/empty.txt")" '200 0' "an empty file has length 0"
fetch -o "$dir/got" "$url/large.bin"
cmp -s "$dir/got" "$dir/www/large.bin"
ok $? "a file of 3 MB arrives as it is"
is "$(fetch -I -w '%{size_download}' "$url/large.bin" | tr -d '\r' | grep -iE '^content-length|^[0-9]+$')" \
    "Content-Length: 3000000"$'\n'0 "HEAD tells the length and sends no body"
is "$(status_of "$url/nothing")" 404 "a file that is not there is 404"
is "$(status_of "$url/fifo")" 404 "what is not a file is 404"
is "$(fetch -o /dev/null -w '%{http_code} %header{location}' "$url/below")" '301 /below/' \
    "a directory without its slash is 301"
is "$(fetch "$url/below/")" '<p>below</p>' "a directory is its index.html"
is "$(fetch -o /dev/null -w '%{http_code} %header{allow}' -d x=1 "$url/")" '405 GET, HEAD' "POST is 405 and told what is allowed"
is "$(status_of -X DELETE "$url/")" 405 "DELETE is 405"
is "$(status_of --path-as-is "$url/../secret")" 404 "a path does not leave the directory by .."
is "$(status_of --path-as-is "$url/%2e%2e/secret")" 404 "a path does not leave the directory by %2e%2e"
is "$(status_of --path-as-is "$url/below/../style.css")" 200 "a path may go up inside the directory"
is "$(status_of "$url/out")" 404 "a path does not leave the directory by a symbolic link"
is "$(status_of "$url/in.css")" 200 "a symbolic link inside the directory is followed"
is "$(status_of "$url/%00")" 400 "a zero byte in a path is 400"
is "$(status_of "$url/%zz")" 400 "what is no encoding is 400"
is "$(status_of -H 'Host:' "$url/")" 400 "HTTP/1.1 without Host is 400"
is "$(status_of "$url/$(printf 'a%.0s' $(seq 5000))")" 414 "a target of 5,000 bytes is 414"
is "$(status_of -H "X: $(printf 'a%.0s' $(seq 20000))" "$url/")" 431 "a header of 20,000 bytes is 431"
is "$(fetch -o /dev/null -o /dev/null -o /dev/null -w '%{http_code} %{num_connects} ' "$url/" "$url/none" "$url/style.css")" \
    '200 1 404 0 200 0 ' "keep-alive: three requests on one connection"
is "$(fetch -0 -o /dev/null -w '%header{connection}' "$url/")" close "HTTP/1.0 is answered and closed"
is "$(fetch -H 'Connection: close' -o /dev/null -o /dev/null -w '%{num_connects} ' "$url/" "$url/")" '1 1 ' \
    "Connection: close is obeyed"
# curl sends one request at a time; this sends two and a piece of garbage at once.
is "$(inside timeout 10 bash -c 'exec 3<>/dev/tcp/10.9.0.2/80
    printf "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\n\r\ngarbage\r\n\r\n" >&3
    cat <&3' | tr -d '\r' | grep -E '^HTTP|^a')" "HTTP/1.1 200 OK"$'\n'"a{}"$'\n'"HTTP/1.1 200 OK"$'\n'"HTTP/1.1 400 Bad Request" \
    "pipelined requests are answered in order, garbage by 400 and the end"
fetch -o /dev/null "$url:81/"
is $? 7 "a port where nobody listens refuses"
is "$(inside timeout 5 bash -c 'exec 3<>/dev/udp/10.9.0.2/9; echo x >&3; sleep 0.2; echo x >&3' 2>&1 | grep -c refused)" 1 \
    "UDP is answered by port unreachable"

kill -USR1 "$pid"
sleep 0.3
is "$(counter http_405)" 2 "SIGUSR1 prints the counters"
grep -vE '^[a-z0-9_]+ [0-9]+$|^sequent: |^  nsenter' "$dir/out" | grep -q .
is $? 1 "a counter is a name and a value"
grep -vqE '^[0-9]+\.[0-9]{6} [0-9.]+:[0-9]+ [0-9.]+:[0-9]+ ((in|out) [A-Z,-]+ seq=[0-9]+ ack=[0-9]+ win=[0-9]+ len=[0-9]+( [a-z]+=[0-9/-]+| sackok)*( \([a-zA-Z ,;:]+\))?|timer [a-zA-Z0-9]+: .*|state [A-Z0-9-]+ -> [A-Z0-9-]+( [a-z-]+)?)$' "$dir/errors"
is $? 1 "--trace prints segments, timers and states only"
inside curl -sS -m 5 --limit-rate 100k -o /dev/null "$url/large.bin" >/dev/null 2>&1 &
inside timeout 20 bash -c 'exec 3<>/dev/tcp/10.9.0.2/80; echo >&3 "GET / HTTP/1.1"; cat <&3' 2>"$dir/idle" &
idle=$!
sleep 0.5
stop
is "$status" 0 "SIGINT ends it with status 0, in the middle of a transfer"
wait "$idle"
is "$(grep -c 'reset by peer' "$dir/idle")" 1 "a client that waits is told by a reset"
is "$(counter connections_opened_passively)" "$(grep -c 'state SYN-RECEIVED -> ESTABLISHED' "$dir/errors")" \
    "the counters are printed at the end"

"$program" --help >"$dir/out" && "$program" --version >>"$dir/out"
ok $? "--help and --version end with status 0"
"$program" serve --http "$dir/www" --mtu 12 2>"$dir/errors"
is "$? $(head -n 1 "$dir/errors")" "2 sequent: --mtu '12': expected a number, 576..32000" "a wrong value is named, status 2"
"$program" serve 2>/dev/null
is $? 2 "nothing to serve is status 2"
"$program" server 2>/dev/null
is $? 2 "an unknown command is status 2"
"$program" serve --http "$dir/none" 2>"$dir/errors"
is "$? $(grep -c "$dir/none.*expected a directory" "$dir/errors")" "1 1" "a directory that is not there is named, status 1"
finished
