#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make demo: `sequent serve` in a network namespace of its own with curl as its client, then `sequent connect` to it and
# to a server of the kernel. Ends by itself within a minute, status 0 if everything arrived as it was.
#   STAY=1    keeps the endpoint up afterwards and says how to reach it from another terminal
set -euo pipefail
cd "$(dirname "$0")/.."

program=${SEQUENT:-build/sequent}
size=104857600 # bytes of the large file
dir=$(mktemp -d)
pid=

stop() {
    if [ -n "$pid" ] && kill -INT "$pid" 2>/dev/null; then
        wait "$pid" || true
    fi
    pid=
}
finish() {
    stop
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
    echo "demo: FAILED: $*" >&2
    [ ! -s "$dir/errors" ] || head -n 20 "$dir/errors" >&2
    exit 1
}

# start NAME OPTION...: the endpoint, its output in NAME.out and NAME.errors
start() {
    local name=$1
    shift
    "$program" serve --http "$dir/www" "$@" >"$dir/$name.out" 2>"$dir/errors" &
    pid=$!
    for _ in $(seq 100); do
        # shellcheck disable=SC2207 # words of one line
        enter=($(sed -n 's/^ *\(nsenter .*\) curl .*/\1/p' "$dir/$name.out"))
        [ ${#enter[@]} -eq 0 ] || return 0
        kill -0 "$pid" 2>/dev/null || fail "the endpoint did not start"
        sleep 0.05
    done
    fail "the endpoint did not start within five seconds"
}
inside() { "${enter[@]}" "$@"; }
counter() { sed -n "s/^$2 //p" "$dir/$1.out" | tail -n 1; }

[ -x "$program" ] || fail "'$program' is not there: make program"
mkdir "$dir/www"
url=http://10.9.0.2
cat >"$dir/www/index.html" <<'PAGE'
<!doctype html><title>Sequent</title><p>This page came through a TCP whose C is proven, function by function.</p>
PAGE
head -c "$size" /dev/urandom >"$dir/www/large"
want=$(sha256sum <"$dir/www/large")

echo "== one page, and its connection as it happened"
start ladder --trace --verify
echo "   \$ ${enter[*]} curl $url/"
inside curl -sS -m 10 -o "$dir/page" "$url/" || fail "curl could not fetch the page"
inside ss -tan >"$dir/ss"
cmp -s "$dir/page" "$dir/www/index.html" || fail "the page is not the one that was served"
sed 's/^/   /' "$dir/page"
for _ in $(seq 50); do
    ! grep -q -- '-> CLOSED' "$dir/errors" || break
    sleep 0.02
done
stop
/usr/bin/python3 harness/ladder.py "$dir/errors" "$dir/ss" || fail "the connection's ladder is not whole"

echo "== a file of 100 MB"
start run --echo
line=$(inside curl -sS -m 40 -o "$dir/got" -w '%{http_code} %{size_download} %{time_total} %{speed_download}' "$url/large") ||
    fail "curl could not fetch the large file"
got=$(sha256sum <"$dir/got")
[ "$got" = "$want" ] || fail "sha256 of the large file: got ${got%% *}, expected ${want%% *}"
read -r code bytes seconds speed <<<"$line"
[ "$code" = 200 ] || fail "the large file: status $code, expected 200"
printf '   %s bytes in %s s, %d MB/s, sha256 %s as served\n' "$bytes" "$seconds" $((speed / 1000000)) "${want:0:16}..."

echo "== 50 curls at once"
head -c 1000000 "$dir/www/large" >"$dir/www/medium"
want=$(sha256sum <"$dir/www/medium")
mkdir "$dir/many"
at=$(date +%s%N)
# shellcheck disable=SC2016 # for the shell inside
inside sh -c 'seq 50 | xargs -P 50 -I {} curl -sS -m 30 -o "$0/{}" "$1/medium"' "$dir/many" "$url" || fail "one of 50 curls"
ms=$((($(date +%s%N) - at) / 1000000))
same=0
for f in "$dir"/many/*; do
    [ "$(sha256sum <"$f")" != "$want" ] || same=$((same + 1))
done
[ "$same" = 50 ] || fail "$same of 50 files arrived as they were served"
echo "   50 of 50 files of 1 MB arrived as they were served, in $ms ms together"

echo "== sequent connect, both ways: a second device in the same namespace, the kernel as the router between them"
inside sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward' || fail "the kernel in the namespace does not forward"
connect() { inside "$program" connect --tap sequent1 --address 10.9.1.2/24 --peer 10.9.1.1 "$@" 2>"$dir/errors"; }
got=$(head -c 10000000 "$dir/www/large" | connect 10.9.0.2 7 | sha256sum) || fail "sequent connect to sequent serve --echo"
[ "$got" = "$(head -c 10000000 "$dir/www/large" | sha256sum)" ] || fail "10 MB to sequent's echo: other bytes came back"
echo "   10 MB to \`sequent serve --echo\` and back as they were: both ends are ours"
code=0
connect 10.9.1.1 4444 </dev/null || code=$?
[ "$code" = 3 ] || fail "a port where nobody listens: status $code, expected 3"
echo "   a port where nobody listens: $(sed 's/^sequent: //' "$dir/errors"); exit status 3"
inside /usr/bin/python3 -c 'import hashlib, socket
s = socket.create_server(("0.0.0.0", 7007)); print("up", flush=True)
c, _ = s.accept(); h = hashlib.sha256()
while (piece := c.recv(65536)): h.update(piece)
c.sendall(h.hexdigest().encode() + b"  -\n"); c.close()' >"$dir/up" &
server=$!
for _ in $(seq 100); do [ ! -s "$dir/up" ] || break; sleep 0.05; done
got=$(connect 10.9.1.1 7007 <"$dir/www/large") || fail "sequent connect to a server of the kernel"
[ "$got" = "$(sha256sum <"$dir/www/large")" ] || fail "100 MB to the kernel: it heard something else"
wait "$server" || fail "the kernel's server"
echo "   100 MB to a server of the kernel, which answers with their sha256: $(cut -c 1-16 <<<"$got")..."

echo "== sequent status, while a connection waits"
inside /usr/bin/python3 -c 'import socket, time
s = socket.create_connection(("10.9.0.2", 7)); s.sendall(b"hello"); time.sleep(1)' &
server=$!
sleep 0.5
"$program" status "$pid" | sed -n -e '/^State/p' -e '/^ESTABLISHED/,+1p' | cut -c 1-118 | sed 's/^/   /'
wait "$server" || fail "a connection to echo"

if [ -z "${STAY-}" ]; then
    stop
    echo "== counted: $(counter run tcp_in) segments in, $(counter run tcp_out) out," \
        "$(counter run connections_opened_passively) connections, $(counter run tcp_resent) segments sent again"
fi
echo "== proved"
if compgen -G 'proofs/results/*' >/dev/null; then
    cat proofs/results/* | awk -F'\t' 'NF == 4 && $2 ~ /^[0-9]+$/ { f++; s += $2; c += $3; t += $4 }
        END { printf "   %d goals prove the code that just ran: %d functions, %d goals of safety, %d functional, %d of termination\n",
              s + c + t, f, s, c, t }'
    echo "   see them proved: make prove; what rests on trust: proofs/trusted.md"
else
    echo "   proofs/results is empty: make prove counts the goals"
fi
if [ -n "${STAY-}" ]; then
    echo "== it stays up (STAY=1): from another terminal, as the same user,"
    echo "   ${enter[*]} curl $url/"
    echo "   counters: kill -USR1 $pid (they appear in $dir/run.out); end it with Ctrl-C here"
    trap 'sleep 0.3; stop; cat "$dir/run.out"; exit 0' INT TERM
    wait "$pid" || true
fi
echo "demo: passed in $SECONDS s"
