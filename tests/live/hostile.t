#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Malformed and hostile segments, built with scapy, at the live endpoint: lengths, headers and checksums (rows A..),
TCP options (rows B..). Each test says what was sent and what must come back; silence is looked for a quarter of a second.

The sender is a host of its own on the link (its own Ethernet and IP address), so that the kernel's TCP keeps out of it.
The endpoint runs with --verify: it stops at once if a connection is not valid after any call of the core."""
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

OUR, HOST = "10.9.0.77", "10.9.0.2"
TAP = "sequent0"
SILENCE = 0.25
TESTS = []


def test(name):
    def keep(f):
        TESTS.append((name, f))
        return f
    return keep


# ---- the outer half: the endpoint, and this file again inside its namespace ----

def outer():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    program = os.environ.get("SEQUENT") or "build/sequent"
    why = None
    try:
        import scapy  # noqa: F401
    except ImportError:
        why = "no scapy"
    if not os.path.exists("/dev/net/tun"):
        why = "no /dev/net/tun"
    elif subprocess.run("unshare --user --map-root-user --net true || unshare --net true", shell=True,
                        stderr=subprocess.DEVNULL).returncode != 0:
        why = "user namespaces are off and this is not root"
    if why:
        print(f"1..0 # SKIP {why} ({len(TESTS)} tests not run)")
        return 0
    if not os.access(program, os.X_OK):
        print(f"Bail out! '{program}' is not there: make program")
        return 1
    folder = tempfile.mkdtemp(prefix="sequent-live.")
    log = os.path.join(folder, "out")
    try:
        os.mkdir(os.path.join(folder, "www"))
        with open(os.path.join(folder, "www", "page"), "wb") as f:
            f.write(PAGE)
        with open(log, "w") as out, open(os.path.join(folder, "errors"), "w") as errors:
            child = subprocess.Popen([program, "serve", "--http", os.path.join(folder, "www"), "--verify"],
                                     stdout=out, stderr=errors)
        try:
            enter = None
            for _ in range(200):
                m = re.search(r"^ *(nsenter .*) curl ", open(log).read(), re.M)
                if m or child.poll() is not None:
                    enter = m and m.group(1).split()
                    break
                time.sleep(0.05)
            if not enter:
                print("Bail out! the endpoint did not start:", open(os.path.join(folder, "errors")).read()[:300])
                return 1
            status = subprocess.run([*enter, sys.executable, os.path.abspath(__file__), "--inside", str(child.pid), log],
                                    check=False).returncode
        finally:
            child.send_signal(signal.SIGINT)
            ended = child.wait(10)
        number = len(TESTS) + 1
        print(f"{'ok' if ended == 0 else 'not ok'} {number} - after all of it the endpoint ends with status 0")
        print(f"1..{number}")
        if ended != 0:
            sys.stdout.write("".join("# " + line for line in open(os.path.join(folder, "errors"))))
        return status or (ended != 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


PAGE = bytes((i * i + i // 251) % 256 for i in range(20000))


# ---- the inner half ----

class Link:
    """A host on the link: frames out as scapy packets, frames to it back."""

    def __init__(self, log, pid):
        self.log, self.pid = log, pid
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((TAP, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.mac, self.port = "02:00:00:00:00:77", 20000
        self.send(Ether(src=self.mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=self.mac, psrc=OUR, pdst=HOST))
        reply = next((p for p in self.receive(2.0, lambda p: ARP in p)), None)
        if reply is None:
            raise SystemExit("Bail out! nobody answers ARP")
        self.peer = reply[ARP].hwsrc

    def send(self, packet):
        self.socket.send(bytes(packet))

    def receive(self, seconds, stop=lambda p: False):
        """The frames that come for us, until the time is over or `stop` is true of one."""
        got, end = [], time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return got
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                return got
            if data[:6] != bytes.fromhex(self.mac.replace(":", "")):
                continue
            p = Ether(data)
            if ARP in p and p[ARP].op == 1 and p[ARP].pdst == OUR:
                self.send(Ether(src=self.mac, dst=p.src) / ARP(op=2, hwsrc=self.mac, psrc=OUR, hwdst=p.src, pdst=p[ARP].psrc))
                continue
            got.append(p)
            if stop(p):
                return got

    def tcp(self, seconds=SILENCE, port=None, stop=lambda p: False):
        return [p[TCP] for p in self.receive(seconds, lambda p: TCP in p and (port is None or p[TCP].dport == port) and stop(p[TCP]))
                if TCP in p and (port is None or p[TCP].dport == port)]

    def counters(self):
        size = os.path.getsize(self.log)
        os.kill(self.pid, signal.SIGUSR1)
        for _ in range(100):
            time.sleep(0.02)
            with open(self.log) as f:
                f.seek(size)
                text = f.read()
            if "http_idle_closed" in text and text.endswith("\n"):
                return {a: int(b) for a, b in (x.split() for x in text.splitlines())}
        raise AssertionError("no counters after SIGUSR1")

    def new_port(self):
        self.port += 1
        return self.port

    def ip(self, **fields):
        return Ether(src=self.mac, dst=self.peer) / IP(src=OUR, dst=HOST, **fields)

    def syn(self, port=None, options=b"", **fields):
        """A SYN frame; options are bytes as they stand, padded to whole words with EOL."""
        options += bytes(-len(options) % 4)
        port = self.new_port() if port is None else port
        tcp = TCP(sport=port, dport=80, flags="S", seq=1000, window=64240, dataofs=5 + len(options) // 4)
        for k, v in fields.items():
            setattr(tcp, k, v)
        return self.ip() / tcp / Raw(options)

    def silent(self, frames, counter=None, count=None):
        """No reply to these frames; `counter` grew by their number."""
        before = self.counters()
        self.receive(0.01)
        for f in frames:
            self.send(f)
        got = self.receive(SILENCE)
        assert not got, f"expected silence, got {got[0].summary()}"
        if counter:
            after = self.counters()
            grew = sum(after[c] - before[c] for c in counter.split("+"))
            want = len(frames) if count is None else count
            assert grew == want, f"{counter} grew by {grew}, expected {want}"

    def answered(self, frame):
        """The SYN,ACK to this SYN frame; the half-open connection is reset again."""
        port = frame[TCP].sport
        self.send(frame)
        got = self.tcp(1.0, port, lambda t: True)
        assert got, "no answer to the SYN"
        assert str(got[0].flags) == "SA", f"expected SYN,ACK, got {got[0].flags}"
        assert got[0].ack == (frame[TCP].seq + 1) % 2**32, "wrong acknowledgment number"
        self.send(self.ip() / TCP(sport=port, dport=80, flags="R", seq=frame[TCP].seq + 1))
        return got[0]

    def fine(self):
        """The endpoint still serves a whole page."""
        Conn(self).page()


class Conn:
    """A connection that fetches the page; every segment it sends may carry raw options."""

    def __init__(self, link, options=b"\x02\x04\x05\xb4", window=64240):
        self.link, self.port, self.window = link, link.new_port(), window
        self.seq, self.got, self.largest, self.flights = 1000, b"", 0, []
        link.send(link.syn(self.port, options, seq=self.seq, window=window))
        got = link.tcp(1.0, self.port, lambda t: True)
        assert got and str(got[0].flags) == "SA", "no SYN,ACK"
        self.synack = got[0]
        self.seq += 1
        self.ack = self.start = got[0].seq + 1
        self.segment()

    def build(self, text=b"", options=b"", flags="A", seq=None, ack=None):
        options += bytes(-len(options) % 4)
        return self.link.ip() / TCP(sport=self.port, dport=80, flags=flags, seq=self.seq if seq is None else seq,
                                    ack=self.ack if ack is None else ack, window=self.window,
                                    dataofs=5 + len(options) // 4) / Raw(options + text)

    def segment(self, text=b"", **more):
        self.link.send(self.build(text, **more))
        self.seq += len(text) if "seq" not in more else 0

    def acked(self, text, **more):
        """Sends text and expects exactly it acknowledged."""
        self.segment(text, **more)
        got = self.link.tcp(1.0, self.port, lambda t: t.ack == self.seq)
        assert got and got[-1].ack == self.seq, f"text is not acknowledged: {[t.ack - self.seq for t in got]}"
        return got[-1]

    def flight(self, seconds=SILENCE):
        """What comes without our acknowledging anything: (offset, text), in order of arrival."""
        new = []
        for t in self.link.tcp(seconds, self.port):
            text = bytes(t.payload)[:length(t)]
            if text:
                self.largest = max(self.largest, len(text))
                new.append((t.seq - self.start, text))
        return new

    def page(self, options=b"", request=True):
        """Fetches the page, acknowledging each segment with these options, and closes."""
        if request:
            self.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", flags="PA")
        whole = re.compile(rb"HTTP/1.1 200 OK\r\n.*?\r\n\r\n(.*)", re.S)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for t in self.link.tcp(1.0, self.port, lambda t: True):
                assert "R" not in str(t.flags), "reset"
                text = bytes(t.payload)[:length(t)]
                self.largest = max(self.largest, len(text))
                skip = self.ack - t.seq
                if text and 0 <= skip < len(text):
                    self.got += text[skip:]
                    self.ack = t.seq + len(text)
                if text:
                    self.segment(options=options)
                if "F" in str(t.flags) and t.seq + len(text) == self.ack:
                    self.ack += 1
                    self.segment(flags="FA", options=options)
                    self.seq += 1
                    body = whole.match(self.got).group(1)
                    assert body == PAGE, f"{len(body)} bytes, not the page"
                    return self
        raise AssertionError(f"the page did not come to its end, {len(self.got)} bytes are there")

    def reset(self):
        self.segment(flags="R")


def length(t):
    """Bytes of text of a received segment, link padding left out."""
    ip = t.underlayer
    return ip.len - ip.ihl * 4 - t.dataofs * 4


def option(kind, text=b"", size=None):
    return bytes([kind, len(text) + 2 if size is None else size]) + text


# ---- A. lengths, headers, checksums ----

@test("A1 IP total length beyond the frame: silent drop")
def a1(link):
    frames = []
    for more in (1, 100, 60000):
        f = link.syn()
        f[IP].len = 40 + more
        frames.append(f)
    link.silent(frames, "ip_total_length")


@test("A3 link padding behind the datagram is no text and no option")
def a3(link):
    c = Conn(link)
    link.send(bytes(c.build()) + b"\x5a" * 6)
    link.send(bytes(c.build(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) + b"garbage" * 3)
    c.seq += 50
    c.page(request=False)


@test("A5 data offset 0..4: silent drop")
def a5(link):
    link.silent([link.syn(dataofs=n) for n in range(5)], "tcp_short")


@test("A7 segment cut at every byte of the IP and TCP headers: silent drop each time")
def a7(link):
    whole = bytes(link.syn(options=option(2, b"\x05\xb4") + b"\x01" * 16))
    link.silent([whole[:14 + n] for n in range(20)], "ip_short")
    link.silent([whole[:14 + n] for n in range(20, 60)], "ip_total_length")
    told = []
    for n in range(40):
        f = link.syn(options=option(2, b"\x05\xb4") + b"\x01" * 16)
        tcp = bytes(f)[34:34 + n]
        told.append(link.ip(proto=6) / Raw(tcp))
    link.silent(told, "tcp_short+tcp_checksum")


@test("A9 checksum 0x0000 and 0xFFFF are one value, and neither stands for no checksum")
def a9(link):
    f = None
    for seq in range(1, 70000):
        f = link.syn(port=30001, seq=seq) if f is None else f
        f[TCP].seq = seq
        raw = bytearray(bytes(f)[34:])
        raw[16:18] = b"\0\0"
        s = sum(struct.unpack(f"!{len(raw) // 2}H", raw)) + sum(struct.unpack("!4H", socket.inet_aton(OUR) + socket.inet_aton(HOST)))
        s += 6 + len(raw)
        while s > 0xffff:
            s = (s & 0xffff) + (s >> 16)
        if s == 0xffff:
            break
        f[TCP].seq = (seq + 0xffff - s) % 2**32         # adds what is missing to the low half
    else:
        raise AssertionError("no sequence number gives the checksum zero")
    for value in (0, 0xffff):
        f[TCP].chksum = value
        link.answered(f)
    link.silent([link.syn(chksum=value) for value in (0, 0xffff)], "tcp_checksum")


@test("A11 wrong IPv4 header checksum: silent drop")
def a11(link):
    f = IP(bytes(link.syn()[IP]))
    right = f.chksum
    frames = []
    for wrong in (right ^ 1, right ^ 0x8000, 0):
        g = link.syn()
        g[IP].chksum = wrong
        frames.append(g)
    link.silent(frames, "ip_checksum")


@test("A13 source or destination port 0: silent drop")
def a13(link):
    link.silent([link.syn(port=0), link.syn(dport=0), link.syn(port=0, dport=0)], "tcp_port_zero")


@test("A15 a datagram for an address that is not ours: silent drop")
def a15(link):
    frames = []
    for to in ("10.9.0.3", "10.9.0.255", "255.255.255.255", "224.0.0.1", "127.0.0.1", "0.0.0.0"):
        f = link.syn()
        f[IP].dst = to
        frames.append(f)
    link.silent(frames, "ip_not_ours")


@test("A15 a datagram from an address that no host can have: silent drop")
def a15_source(link):
    frames = []
    for source in ("0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.9.0.255", HOST):
        f = link.syn()
        f[IP].src = source
        frames.append(f)
    link.silent(frames, "ip_bad_source")


@test("A17 500 fragments of datagrams never completed: refused, counted, nothing kept")
def a17(link):
    frames = []
    for i in range(500):
        f = link.ip(id=i, flags="MF" if i % 2 else 0, frag=i % 2 * 0 + (0 if i % 2 else 8)) / Raw(bytes(64))
        f[IP].proto = 6
        frames.append(f)
    link.silent(frames, "ip_fragment")
    link.fine()


@test("A19 IPv6 with endless and absurd extension headers: not spoken here, silent drop")
def a19(link):
    ether = bytes(Ether(src=link.mac, dst=link.peer, type=0x86dd))
    head = struct.pack("!IHBB", 6 << 28, 64, 0, 64) + bytes(32)
    frames = [ether + head + bytes([0, n]) + bytes(62) for n in (0, 7, 255)]
    frames.append(ether + head[:4] + b"\0\0" + head[6:])
    link.silent(frames, "frame_other_protocol")


@test("A21 TTL 0 or 1: accepted by a host")
def a21(link):
    for ttl in (0, 1):
        f = link.syn()
        f[IP].ttl = ttl
        link.answered(f)


# ---- B. options ----

@test("B1 option of length 0 or 1: parsing stops, the segment counts, and is counted")
def b1(link):
    before = link.counters()["tcp_malformed_options"]
    kinds = [2, 3, 4, 5, 8, 19, 29, 254, 255]
    for size in (0, 1):
        for kind in kinds:
            link.answered(link.syn(options=option(kind, b"\x05\xb4", size)))
    assert link.counters()["tcp_malformed_options"] - before == 2 * len(kinds), "not each was counted"
    c = Conn(link)
    c.acked(b"GET /page HTTP/1.1\r\n", options=option(200, b"\0\0", 0))
    c.reset()


@test("B3 option whose length runs past the header: not read, the segment counts")
def b3(link):
    for kind in (2, 3, 4, 5, 8, 254):
        for size in (5, 40, 255):
            link.answered(link.syn(options=option(kind, b"\x05\xb4", size)))
    link.answered(link.syn(options=b"\x01\x01\x01\x02"))   # a kind without room for its length
    c = Conn(link, options=option(2, b"\x03\xe8", 5))
    c.page()
    assert c.largest == 536, f"segments of {c.largest} bytes, expected the default of 536"


@test("B5 unknown option of a valid length, on SYN and on text: ignored")
def b5(link):
    c = Conn(link, options=option(2, b"\x05\xb4") + option(200, b"abcd"))
    c.acked(b"GET /page HTTP/1.1\r\n", options=option(201, b"x" * 30))
    c.acked(b"Host: x\r\n", options=option(99))
    c.acked(b"Connection: close\r\n")
    c.segment(b"\r\n")
    c.page(request=False)
    assert c.largest == 1460, f"segments of {c.largest} bytes, expected 1460"


@test("B7 MSS option of another length than 4: ignored")
def b7(link):
    for text in (b"", b"\x05", b"\x03\xe8\x01", b"\x03\xe8" * 8):
        c = Conn(link, options=option(2, text))
        c.page()
        assert c.largest == 536, f"length {len(text) + 2}: segments of {c.largest} bytes, expected the default of 536"


@test("B9 MSS 65535: segments stay within our own MTU; MSS 0 and 1 do not starve")
def b9(link):
    c = Conn(link, options=option(2, b"\xff\xff"))
    c.page()
    assert c.largest == 1460, f"segments of {c.largest} bytes, expected 1460"
    for offer in (b"\0\0", b"\0\1"):
        c = Conn(link, options=option(2, offer))
        c.page()
        assert c.largest == 48, f"segments of {c.largest} bytes, expected the floor of 48"


@test("B11 MSS on a segment that is no SYN: ignored")
def b11(link):
    c = Conn(link)
    c.segment(options=option(2, b"\0\x64"))
    c.page(options=option(2, b"\0\x64"))
    assert c.largest == 1460, f"segments of {c.largest} bytes, expected 1460"


@test("B13 window scale of 15..255: no harm, and no scale of ours in the answer unless offered")
def b13(link):
    for shift in (15, 31, 32, 64, 255):
        c = Conn(link, options=option(2, b"\x05\xb4") + option(3, bytes([shift])), window=3000)
        assert not any(o[0] == "WScale" for o in c.synack.options), "a window scale that cannot be in use"
        c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        sent = max(at + len(t) for at, t in c.flight())
        assert 0 < sent <= 3000, f"{sent} bytes into a window of 3000"
        c.reset()


@test("B15 the window of a SYN is not scaled")
def b15(link):
    c = Conn(link, options=option(2, b"\x05\xb4") + option(3, b"\x07"), window=2000)
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    sent = max(at + len(t) for at, t in c.flight())
    assert 0 < sent <= 2000, f"{sent} bytes into a window of 2000"
    c.reset()


@test("B17 SACK option of length 2, 9, 11, 35 or 42: ignored")
def b17(link):
    c = Conn(link)
    request = b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for i, size in enumerate((2, 9, 11, 35, 42)):
        c.acked(request[i:i + 1], options=option(5, b"\xff" * (min(size, 40) - 2), size))
    c.segment(request[5:])
    c.page(request=False, options=option(5, bytes(9)))


@test("B19 SACK of text never sent, then an acknowledgment below it: every byte still arrives")
def b19(link):
    c = Conn(link)
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    sent = c.flight(0.1)
    assert sent, "nothing came"
    edge = c.start + 30000
    sack = option(5, struct.pack("!II", edge, edge + 5000))
    first = len(sent[0][1])
    c.got, c.ack = sent[0][1], c.start + first
    c.segment(options=sack)
    c.page(request=False, options=sack)


@test("B21 4,000 acknowledgments with alternating one-byte SACK holes: bounded work, the page arrives")
def b21(link):
    c = Conn(link)
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    c.flight(0.1)
    started = time.monotonic()
    for i in range(4000):
        blocks = b"".join(struct.pack("!II", c.start + 8 * i % 14000 + 2 * k, c.start + 8 * i % 14000 + 2 * k + 1) for k in range(4))
        c.segment(options=option(5, blocks))
    c.link.counters()
    spent = time.monotonic() - started
    c.page(request=False)
    assert spent < 15, f"{spent:.1f} s"


@test("B23 timestamps that were not negotiated: ignored, none in return")
def b23(link):
    c = Conn(link)
    t = c.acked(b"GET /page HTTP/1.1\r\n", options=b"\x01\x01" + option(8, bytes(8)))
    assert not any(o[0] == "Timestamp" for o in t.options), "a timestamp in return"
    c.segment(b"Host: x\r\nConnection: close\r\n\r\n", options=b"\x01\x01" + option(8, b"\xff" * 8))
    c.page(request=False, options=b"\x01\x01" + option(8, b"\xff" * 8))


@test("B25 MD5 and TCP-AO options with a wrong length: ignored")
def b25(link):
    c = Conn(link)
    for i, (kind, size) in enumerate(((19, 17), (19, 2), (29, 2), (29, 3), (29, 38))):
        c.acked(b"GET /page HTTP/1.1\r\n"[i:i + 1], options=option(kind, bytes(size - 2)))
        link.answered(link.syn(options=option(kind, bytes(size - 2))))
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"[5:])
    c.page(request=False)


def inner(pid, log):
    link = Link(log, pid)
    bad = False
    for number, (name, f) in enumerate(TESTS, 1):
        try:
            f(link)
            link.fine()
            print(f"ok {number} - {name}")
        except (AssertionError, ProcessLookupError) as e:
            bad = True
            print(f"not ok {number} - {name}")
            print(f"# {e}")
        sys.stdout.flush()
    return bad


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--inside":
        import logging
        logging.getLogger("scapy").setLevel(logging.ERROR)
        from scapy.layers.inet import IP, TCP
        from scapy.layers.l2 import ARP, Ether
        from scapy.packet import Raw
        sys.exit(inner(int(sys.argv[2]), sys.argv[3]))
    sys.exit(outer())
