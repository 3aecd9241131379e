# SPDX-License-Identifier: MIT
"""A host on the endpoint's link, with its own Ethernet and IP address, so that the kernel's TCP keeps out of it; its segments
are built with scapy. Link is the host, Conn one connection of it."""
import os
import re
import signal
import socket
import subprocess
import sys
import time

OUR, HOST = "10.9.0.77", "10.9.0.2"
TAP = "sequent0"
SILENCE = 0.25
PATIENCE = 5.0  # seconds for what must come, on a machine that is busy
PAGE = bytes((i * i + i // 251) % 256 for i in range(20000))  # what the endpoint serves as /page

if "--inside" in sys.argv:
    import logging

    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.layers.inet import IP, TCP
    from scapy.layers.l2 import ARP, Ether
    from scapy.packet import Raw


class Link:
    """A host on the link: frames out as scapy packets, frames to it back."""

    def __init__(self, log, pid, program):
        self.log, self.pid, self.program = log, pid, program
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((TAP, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.mac, self.port = "02:00:00:00:00:77", 20000
        self.send(Ether(src=self.mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=self.mac, psrc=OUR, pdst=HOST))
        self.early = self.receive(PATIENCE, lambda p: ARP in p)
        reply = next((p for p in self.early if ARP in p), None)
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
            who_has = data[12:14] == b"\x08\x06" and data[38:42] == socket.inet_aton(OUR)
            if data[:6] != bytes.fromhex(self.mac.replace(":", "")) and not who_has:
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
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            time.sleep(0.002)
            with open(self.log) as f:
                f.seek(size)
                text = f.read()
            if "http_idle_closed" in text and text.endswith("\n"):
                return {a: int(b) for a, b in (x.split() for x in text.splitlines())}
        raise AssertionError("no counters after SIGUSR1")

    def status(self):
        """What `sequent status` says: the sums by name, and the states of the connections by the peer's port."""
        text = subprocess.run([self.program, "status", str(self.pid)], capture_output=True, text=True, check=True).stdout
        head, _, rest = text.partition("\n\n")
        states = {}
        for w in (line.split() for line in rest.splitlines()[1:] if not line.startswith(("\t", "LISTEN"))):
            states[int(w[4].rpartition(":")[2])] = w[0]
        return {a: int(b) for a, b in (line.split() for line in head.splitlines())}, states

    def details(self, port):
        """What `sequent status` says of the connection of this port of ours: word by word, {"rto": "200.000", ...}."""
        text = subprocess.run([self.program, "status", str(self.pid)], capture_output=True, text=True, check=True).stdout
        return dict(w.split(":", 1) for w in re.search(rf" {OUR}:{port} .*\n\t(.*)", text).group(1).split())

    def cpu(self):
        """Seconds of processor time that the endpoint has used."""
        words = open(f"/proc/{self.pid}/stat", encoding="ascii").read().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def state(self, port):
        return self.status()[1].get(port, "CLOSED")

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
        got = self.tcp(PATIENCE, port, lambda t: True)
        assert got, "no answer to the SYN"
        assert str(got[0].flags) == "SA", f"expected SYN,ACK, got {got[0].flags}"
        assert got[0].ack == (frame[TCP].seq + 1) % 2**32, "wrong acknowledgment number"
        self.send(self.ip() / TCP(sport=port, dport=frame[TCP].dport, flags="R", seq=(frame[TCP].seq + 1) % 2**32))
        return got[0]

    def fine(self):
        """The endpoint still serves a whole page."""
        Conn(self).page()


class Conn:
    """A connection that fetches the page; every segment it sends may carry raw options."""

    def __init__(self, link, options=b"\x02\x04\x05\xb4", window=64240, to=80, seq=1000, ack=True):
        self.link, self.port, self.window, self.to = link, link.new_port(), window, to
        self.seq, self.got, self.largest, self.flights = seq, b"", 0, []
        link.send(link.syn(self.port, options, seq=self.seq, window=window, dport=to))
        got = link.tcp(PATIENCE, self.port, lambda t: True)
        assert got and str(got[0].flags) == "SA", "no SYN,ACK"
        self.synack = got[0]
        self.seq = (self.seq + 1) % 2**32
        self.ack = self.start = (got[0].seq + 1) % 2**32
        if ack:
            self.segment()

    def build(self, text=b"", options=b"", flags="A", seq=None, ack=None, **fields):
        options += bytes(-len(options) % 4)
        tcp = TCP(sport=self.port, dport=self.to, flags=flags, seq=(self.seq if seq is None else seq) % 2**32,
                  ack=(self.ack if ack is None else ack) % 2**32, window=self.window, dataofs=5 + len(options) // 4)
        for k, v in fields.items():
            setattr(tcp, k, v)
        return self.link.ip() / tcp / Raw(options + text)

    def segment(self, text=b"", **more):
        self.link.send(self.build(text, **more))
        self.seq = (self.seq + (len(text) if "seq" not in more else 0)) % 2**32

    def replies(self, text=b"", seconds=SILENCE, **more):
        """The segments that come back when this one is sent."""
        self.link.receive(0.005)
        self.segment(text, **more)
        return self.link.tcp(seconds, self.port)

    def one(self, text=b"", **more):
        """The one segment that comes back at once."""
        self.link.receive(0.005)
        self.segment(text, **more)
        got = self.link.tcp(PATIENCE, self.port, lambda t: True)
        assert got, "no reply"
        return got[0]

    def state(self):
        return self.link.state(self.port)

    def next(self, t):
        """What of this segment's text is the next that was expected; it counts as received."""
        text, skip = bytes(t.payload)[:length(t)], (self.ack - t.seq) % 2**32
        self.largest = max(self.largest, len(text))
        if skip >= len(text):
            return b""
        self.ack = (t.seq + len(text)) % 2**32
        return text[skip:]

    def echo(self, text, say=True):
        """Says text to the echo service and expects it back, byte for byte."""
        if say:
            self.segment(text, flags="PA")
        got, end = b"", time.monotonic() + 10
        while len(got) < len(text) and time.monotonic() < end:
            for t in self.link.tcp(1.0, self.port, lambda t: True):
                assert "R" not in str(t.flags), "reset"
                got += self.next(t)
                if length(t):
                    self.segment()
        assert got == text, f"{len(got)} bytes came back, {len(text)} were said"

    def acked(self, text, **more):
        """Sends text and expects exactly it acknowledged."""
        self.segment(text, **more)
        got = self.link.tcp(PATIENCE, self.port, lambda t: t.ack == self.seq)
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

    def flight_end(self, least=1):
        """The end of what the endpoint has sent, as an offset in its text, at least so far, and the bytes that came."""
        new, stop = [], time.monotonic() + PATIENCE
        while max((at % 2**32 + len(t) for at, t in new), default=0) < least and time.monotonic() < stop:
            new += self.flight(0.1)
        return max((at % 2**32 + len(t) for at, t in new), default=0), sum(len(t) for _, t in new)

    def page(self, options=b"", request=True):
        """Fetches the page, acknowledging each segment with these options, and closes."""
        if request:
            self.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", flags="PA")
        whole = re.compile(rb"HTTP/1.1 200 OK\r\n.*?\r\n\r\n(.*)", re.S)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for t in self.link.tcp(1.0, self.port, lambda t: True):
                assert "R" not in str(t.flags), "reset"
                self.got += self.next(t)
                if length(t):
                    self.segment(options=options)
                if "F" in str(t.flags) and (t.seq + length(t)) % 2**32 == self.ack:
                    self.ack = (self.ack + 1) % 2**32
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


def flags(t):
    """The letters of a segment's flags in order: AS for SYN,ACK."""
    return "".join(sorted(str(t.flags)))


def gone(link, port, seconds=3.0):
    """The connection's state once it is CLOSED, or whatever it stays in."""
    end = time.monotonic() + seconds
    while link.state(port) != "CLOSED" and time.monotonic() < end:
        time.sleep(0.05)
    return link.state(port)
