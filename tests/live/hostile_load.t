#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Resource exhaustion at the live endpoint (rows I..): floods of SYNs, connections that say nothing, windows held shut,
tiny segments. Beside each an honest client of the kernel's TCP, curl, gets what it asks for."""
import os
import random
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import *  # noqa: E402,F403  the tests are read as one with it

SEED = int(os.environ.get("SEED", "2026"))
CONNECTIONS = 128
BURST = 32


def curl(*more, path="page"):
    return subprocess.Popen(["curl", "-sS", "-m", "25", "-o", "/dev/stdout", *more, f"http://{HOST}/{path}"], stdout=subprocess.PIPE)


def whole(client):
    got = client.communicate()[0]
    assert client.returncode == 0 and got == PAGE, f"the honest client: status {client.returncode}, {len(got)} bytes"


def checksum(data):
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    s = (s & 0xffff) + (s >> 16)
    return 0xffff - ((s & 0xffff) + (s >> 16))


def raw_syn(link, source, sport, seq):
    """A SYN frame from a network that is not on the link, built without scapy's costs."""
    addresses = bytes([198, 18, source // 256, source % 256]) + bytes([10, 9, 0, 2])
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + addresses
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    tcp = struct.pack("!HHIIBBHHH", sport, 80, seq, 0, 0x50, 2, 64240, 0, 0)
    tcp = tcp[:16] + struct.pack("!H", checksum(addresses + struct.pack("!HH", 6, 20) + tcp)) + tcp[18:]
    return bytes.fromhex(link.peer.replace(":", "")) + bytes.fromhex(link.mac.replace(":", "")) + b"\x08\x00" + ip + tcp


def clear(link, seconds=5.0):
    """Everything of ours is let go of."""
    end = time.monotonic() + seconds
    while link.status()[0]["entries"] and time.monotonic() < end:
        time.sleep(0.1)
    return link.status()[0]["entries"]


def flood(link, frames, beside=lambda i: None):
    """Sends all, never more than a burst ahead of the endpoint, so that how busy the machine is does not matter."""
    came, end = link.counters()["tcp_in"], time.monotonic() + 120
    for i, f in enumerate(frames):
        link.socket.send(f)
        beside(i)
        while i % BURST == BURST - 1 and link.counters()["tcp_in"] - came <= i:
            assert time.monotonic() < end, f"not all of {i + 1} SYNs arrived"


def spoofed(link, r, n):
    return [raw_syn(link, r.randrange(65536), r.randrange(1024, 65536), r.randrange(2**32)) for _ in range(n)]


@test(f"I1 20,000 spoofed SYNs on {CONNECTIONS} blocks (SEED={SEED}): 20 fetches begun meanwhile are whole, so is one begun before")
def i1(link):
    before, clients = link.counters(), []
    slow = curl("--limit-rate", "20k")
    time.sleep(0.2)
    flood(link, spoofed(link, random.Random(SEED), 20000), lambda i: i % 1000 == 500 and clients.append(curl()))
    for c in clients:
        whole(c)
    whole(slow)
    after = link.counters()
    gone = {k: after[k] - before[k] for k in ("tcp_in", "half_open_evicted", "table_full", "listen_overflow")}
    assert gone.pop("tcp_in") >= 20000, "not all of the flood arrived"
    # Beside a connection that stands only those give way whose SYN-ACK was sent again, so how many do is a matter of time.
    assert gone["half_open_evicted"] > 0 and sum(gone.values()) >= 20000 - 2 * CONNECTIONS, gone
    sums = link.status()[0]
    assert sums["entries"] <= CONNECTIONS, sums
    print(f"# {gone}, {sums['half_open']} are left")


@test(f"I1 the oldest gives way: a handshake outlives {CONNECTIONS // 2} SYNs that come in its round trip, all blocks taken")
def i1_oldest(link):
    r = random.Random(SEED + 2)
    flood(link, spoofed(link, r, 2 * CONNECTIONS))
    evicted = link.counters()["half_open_evicted"]
    c = Conn(link, ack=False)
    flood(link, spoofed(link, r, CONNECTIONS // 2))
    assert link.counters()["half_open_evicted"] - evicted > CONNECTIONS // 2, "nobody gave way"
    c.segment()
    c.page()


@test("I1 what is left of the flood goes by itself (--half-open)")
def i1_after(link):
    end = time.monotonic() + 75
    while link.status()[0]["half_open"] and time.monotonic() < end:
        time.sleep(1)
    sums = link.status()[0]
    assert sums["half_open"] == 0 and sums["timers_armed"] == 0, sums


class Held(list):
    """Connections that are reset in the end, whatever the test found."""

    def __init__(self, link, n, **how):
        super().__init__(Conn(link, **how) for _ in range(n))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for c in self:
            c.segment(flags="R")


@test("I3 100 connections that say nothing: the honest client is served beside them, and their RSTs free all")
def i3(link):
    assert clear(link) == 0, link.status()[0]
    with Held(link, 100):
        assert link.status()[0]["entries"] == 100, link.status()[0]
        whole(curl())
    assert clear(link) == 0, link.status()[0]


@test("I3 more connections than blocks: the next SYN is dropped and counted, not answered; one that ends makes room")
def i3_full(link):
    assert clear(link) == 0, link.status()[0]
    with Held(link, CONNECTIONS) as held:
        link.silent([link.syn()], "table_full+listen_overflow")
        held.pop().segment(flags="R")
        time.sleep(0.1)
        held.append(Conn(link))
    assert clear(link) == 0, link.status()[0]


@test("I3 no block left: a SYN does not push out a handshake that is under way, whose ACK would draw a RST")
def i3_handshake(link):
    assert clear(link) == 0, link.status()[0]
    with Held(link, CONNECTIONS - 1) as held:
        begun = Conn(link, ack=False)
        held.append(begun)
        link.silent([link.syn()], "table_full+listen_overflow")
        assert begun.replies() == [], "the handshake did not survive"
        assert begun.state() == "ESTABLISHED", begun.state()
    assert clear(link) == 0, link.status()[0]


@test("I5 60 peers that ask for the page and hold their window shut: nobody else waits, a reset frees what was queued")
def i5(link):
    assert clear(link) == 0, link.status()[0]
    with Held(link, 60, window=0) as held:
        for c in held:
            c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n", flags="PA")
        time.sleep(0.5)
        sums = link.status()[0]
        assert sums["bytes_queued"] >= 60 * len(PAGE) and sums["timers_armed"] >= 60, sums
        for _ in range(5):
            whole(curl())
    assert clear(link) == 0 and link.status()[0]["bytes_queued"] == 0, link.status()[0]


@test("I7 MSS 1: no more than one segment for each 48 bytes of the page")
def i7(link):
    before = link.counters()["tcp_out"]
    c = Conn(link, options=option(2, b"\0\1"))
    c.page()
    sent = link.counters()["tcp_out"] - before
    assert sent <= 2 * (len(PAGE) // 48 + 20), f"{sent} segments"


@test("I11 200 connections left at any point of their life by a RST: every block comes back")
def i11(link):
    r = random.Random(SEED + 1)
    for _ in range(200):
        port = link.new_port()
        seq = r.randrange(2**32)
        link.send(link.syn(port, seq=seq))
        got = link.tcp(PATIENCE, port, lambda t: True)
        assert got, "no SYN,ACK"
        seq, ack = (seq + 1) % 2**32, (got[0].seq + 1) % 2**32
        for text, f in ((b"", "A"), (b"GET /page HTTP/1.1\r\n", "PA"), (b"Host: x\r\nConnection: close\r\n\r\n", "PA")):
            if r.random() < 0.3:
                break
            link.send(link.ip() / TCP(sport=port, dport=80, flags=f, seq=seq, ack=ack, window=64240) / Raw(text))
            seq = (seq + len(text)) % 2**32
        link.send(link.ip() / TCP(sport=port, dport=80, flags="R", seq=seq))
    assert clear(link) == 0, link.status()[0]
    sums = link.status()[0]
    assert sums["timers_armed"] == 0 and sums["bytes_queued"] == 0 and sums["bytes_unread"] == 0, sums


main("--connections", str(CONNECTIONS), "--fin-wait", "2", "--time-wait", "1", "--half-open", "4")
