#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Echo, discard, the character generator and HTTP at once (RFC 862 to 864), to nc and to Python's HTTP client.
. "$(dirname "$0")/lib.sh"
plan 25 nc python3 cmp

head -c 3000000 /dev/urandom >"$dir/www/large"
echo page >"$dir/www/index.html"
mkdir "$dir/www/list"
for name in plain 'with space' 'a&b<c>"d' '100%' 'x:y' '.hidden' 'ünicode'; do echo "$name" >"$dir/www/list/$name"; done
mkdir "$dir/www/list/below"
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
start --echo --discard --chargen --verify --idle 3 --relay "$port"

is "$(echo hello | inside timeout 5 nc -N 10.9.0.2 7)" hello "echo says again what it is told, and ends with the peer"
inside timeout 20 nc -N 10.9.0.2 7 <"$dir/www/large" >"$dir/got"
cmp -s "$dir/got" "$dir/www/large"
ok $? "echo of 3 MB is those 3 MB"
is "$(inside timeout 10 nc -N 10.9.0.2 9 <"$dir/www/large" | wc -c)" 0 "discard says nothing"
inside timeout 10 nc 10.9.0.2 19 </dev/null 2>/dev/null | head -c 1000000 >"$dir/got"
/usr/bin/python3 - "$dir/got" <<'PY'
import sys
got = open(sys.argv[1], "rb").read()
lines = b"".join(bytes(32 + (n + i) % 95 for i in range(72)) + b"\r\n" for n in range(95))
want = lines * (len(got) // len(lines) + 1)
sys.exit(len(got) != 1000000 or got != want[:len(got)])
PY
ok $? "the character generator says RFC 864's lines, without end"
is "$(until_is "now entries" 0)" 0 "all four services have let go of their connections"

# From the host, through the relay on its loopback.
host=http://127.0.0.1:$port
is "$(curl -sS -m 10 "$host/")" page "the relay on loopback leads to the page"
curl -sS -m 30 -o "$dir/got" "$host/large"
cmp -s "$dir/got" "$dir/www/large"
ok $? "3 MB through the relay arrive as they are"
is "$(curl -sS -m 10 -o /dev/null -o /dev/null -o /dev/null -w '%{http_code} %{num_connects} ' "$host/" "$host/none" "$host/")" \
    '200 1 404 0 200 0 ' "keep-alive through the relay"
timeout 10 nc -N 127.0.0.1 "$port" </dev/null >"$dir/got"
is "$? $(wc -c <"$dir/got") $(until_is "now entries" 0) $(now relay_refused)" "0 0 0 0" "the end of a direction passes through the relay"

# All at once, while one peer never reads.
inside timeout 30 /usr/bin/python3 -c '
import socket, time
s = socket.create_connection(("10.9.0.2", 19)); time.sleep(9)' >/dev/null 2>&1 &
deaf=$!
inside timeout 30 nc -N 10.9.0.2 7 <"$dir/www/large" >"$dir/echoed" &
one=$!
fetch -o "$dir/fetched" "$url/large"
wait "$one"
cmp -s "$dir/fetched" "$dir/www/large" && cmp -s "$dir/echoed" "$dir/www/large"
ok $? "echo and HTTP at once carry 3 MB each, whole, beside a peer that never reads"
is "$(until_is "state ESTABLISHED" 0) $(now service_idle_closed)" "0 1" "the peer that never reads is reset after --idle seconds"
wait "$deaf"

# Python's client: keep-alive, HEAD, ranges, conditions.
inside timeout 20 /usr/bin/python3 - "$dir/www/large" >"$dir/python" 2>&1 <<'PY'
import http.client, sys
large = open(sys.argv[1], "rb").read()
c = http.client.HTTPConnection("10.9.0.2", timeout=10)

def ask(path, method="GET", **fields):
    c.request(method, path, headers={k.replace("_", "-"): v for k, v in fields.items()})
    r = c.getresponse()
    return r.status, r.read(), r

def say(name, good):
    print("ok" if good else "not ok", name)

s, b, r = ask("/large")
modified = r.getheader("Last-Modified")
say("python's client fetches 3 MB and the date of the file", s == 200 and b == large and modified)
for field, want in (("bytes=0-0", large[:1]), ("bytes=5-9", large[5:10]), ("bytes=2999990-", large[2999990:]),
                    ("bytes=-7", large[-7:]), ("bytes=2999999-99999999999999999999999", large[-1:])):
    s, b, r = ask("/large", Range=field)
    first = large.find(want) if len(want) > 1 else (0 if field == "bytes=0-0" else 2999999)
    if not (s == 206 and b == want and r.getheader("Content-Range") == f"bytes {first}-{first + len(want) - 1}/3000000"):
        say(f"range {field}: {s} {len(b)} {r.getheader('Content-Range')}", False)
        break
else:
    say("five ranges are those bytes, and say which they are", True)
s, b, r = ask("/large", Range="bytes=3000000-")
say("a range beyond the end is 416 and told the size", s == 416 and r.getheader("Content-Range") == "bytes */3000000")
bad = [f for f in ("bytes=a-b", "bytes=9-5", "bytes=0-1,5-6", "lines=0-1", "bytes=", "bytes=-", "bytes=1")
       if ask("/large", Range=f)[0] != 200]
say(f"what is no range, or several, is the whole file {bad}", not bad)
say("If-Range with the file's date gives the part", ask("/large", Range="bytes=0-9", If_Range=modified)[0] == 206)
say("If-Range with another date gives the whole", ask("/large", Range="bytes=0-9", If_Range="Thu, 01 Jan 1970 00:00:00 GMT")[0] == 200)
s, b, r = ask("/large", If_Modified_Since=modified)
say("If-Modified-Since with the file's date is 304 without a body", (s, b) == (304, b""))
s, b, r = ask("/", method="HEAD")
say("HEAD on the same connection", (s, b, r.getheader("Content-Length")) == (200, b"", "5"))
import html.parser, urllib.parse
class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.links = []
    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.links.append(dict(attrs)["href"])
s, b, r = ask("/list/")
l = Links()
l.feed(b.decode())
names = sorted(urllib.parse.unquote(x) for x in l.links)
say(f"a directory without index.html is a list of its files, none hidden {names}", s == 200 and r.getheader("Content-Type").startswith("text/html")
    and names == sorted(["../", "./below/", "./plain", "./with space", './a&b<c>"d', "./100%", "./x:y", "./ünicode"]))
got = {}
for x in l.links:
    path = urllib.parse.urljoin("http://h/list/", x)[len("http://h"):]
    if not x.endswith("/"):
        got[urllib.parse.unquote(x)[2:]] = ask(path)[1].decode().strip()
say(f"each link of the list leads to its file {got}", len(got) == 6 and all(k == v for k, v in got.items()))
PY
while read -r line; do # the client's lines, numbered here
    case $line in
    "ok "*) ok 0 "${line#ok }" ;;
    "not ok "*) ok 1 "${line#not ok }" ;;
    *) echo "# $line" ;;
    esac
done <"$dir/python"
is "$(grep -c . "$dir/python")" 10 "python's client came to its end"

stop
is "$status $(counter connections_now)" "0 0" "the program ends with status 0 and no connection"
"$program" serve --echo --discard=7 2>"$dir/errors"
is "$? $(head -n 1 "$dir/errors")" "2 sequent: --echo and --discard: both on port 7; expected different ports" \
    "two services on one port are named, status 2"
"$program" serve --http "$dir/www" --relay 99999 2>"$dir/errors"
is "$? $(head -n 1 "$dir/errors")" "2 sequent: --relay '99999': expected a number, 1..65535" "a wrong port of the relay is named"
finished
