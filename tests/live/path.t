#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What routers say of a path, true and forged, in the middle of a transfer, and a SYN for a connection in TIME-WAIT. RFC 9293
3.9.2.2, 3.6.1; RFC 5927; RFC 1191."""
import os
import re
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import *  # noqa: E402,F403  the tests are read as one with it

if "--inside" in sys.argv:
    from scapy.layers.inet import ICMP

MSS, CHARGEN = 1460, 19
REQUEST = b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
BELIEVED = ("icmp_errors_believed", "path_mtu_lowered")


def told(link, c, seq, code, mtu=0, size=1500, kind=3):
    """An ICMP error about what the endpoint sent on c with this number arrives."""
    quoted = bytes(IP(src=HOST, dst=OUR, proto=6, len=size) / Raw(struct.pack("!HHI", c.to, c.port, seq % 2**32)))
    link.send(link.ip(proto=1) / ICMP(type=kind, code=code, nexthopmtu=mtu) / Raw(quoted))


def details(link, c):
    """The second line of this connection in `sequent status`, by name."""
    text = subprocess.run([link.program, "status", str(link.pid)], capture_output=True, text=True, check=True).stdout
    m = re.search(r"^.*:%d[ \n].*\n?\t(.*)$" % c.port, text, re.M)
    assert m, f"no connection with port {c.port}:\n{text}"
    return dict(w.split(":", 1) for w in m.group(1).split())


def in_flight(link):
    """The page was asked for, its first flight is here, and nothing of it is acknowledged."""
    c = Conn(link, ack=False)
    time.sleep(0.3)                                        # a slow handshake: no timer of its own meddles
    c.segment()
    c.segment(REQUEST, flags="PA")
    end = time.monotonic() + PATIENCE
    while sum(len(t) for _, t in c.flights) < 10 * MSS and time.monotonic() < end:
        c.flights += c.flight(0.05)
    assert sum(len(t) for _, t in c.flights) >= 10 * MSS, "the first flight did not come"
    return c


def grown(link, before):
    after = link.counters()
    return tuple(after[n] - before[n] for n in BELIEVED)


@test("P1 forged errors, numbers not in flight, amid a transfer: none is believed, segments stay large, the page arrives")
def p1(link):
    c, before = in_flight(link), link.counters()
    for seq in (c.start - 1, c.start - 100000, c.start + 40 * MSS, c.start + 2**31):
        for code, mtu in ((0, 0), (1, 0), (2, 0), (3, 0), (4, 68), (4, 576), (5, 0)):
            told(link, c, seq, code, mtu)
    assert grown(link, before) == (0, 0), grown(link, before)
    assert details(link, c)["mss"] == str(MSS) and "icmp" not in details(link, c)
    c.page(request=False)
    assert c.largest == MSS


@test("P2 true unreachables and exceeded times amid a transfer: told in the status, never the end, the page arrives")
def p2(link):
    c, before = in_flight(link), link.counters()
    for n, (kind, code) in enumerate(((3, 0), (3, 1), (3, 2), (3, 3), (3, 5), (11, 0), (12, 0)), 1):
        told(link, c, c.start, code, kind=kind)
        assert grown(link, before) == (n, 0), (kind, code)
        assert details(link, c)["icmp"] == f"{kind}/{code}", details(link, c)
    c.page(request=False)
    assert c.largest == MSS


@test("P3 fragmentation needed about the first text: what is in flight comes again in small segments, the page arrives")
def p3(link):
    c, before = in_flight(link), link.counters()
    told(link, c, c.start, 4, 576)
    again = c.flight(0.1)
    assert grown(link, before) == (0, 1), grown(link, before)
    assert again and again[0][0] == 0 and max(len(t) for _, t in again) == 536, [(a, len(t)) for a, t in again]
    assert details(link, c)["mss"] == "536"
    for mtu in (576, 1000, 1500, 65535):                   # not less: nothing changes
        told(link, c, c.start, 4, mtu)
    assert grown(link, before) == (0, 1)
    c.largest = 0
    c.page(request=False)
    assert c.largest == 536, c.largest


@test("P4 fragmentation needed, without a size: the next that links have below the datagram quoted")
def p4(link):
    c = in_flight(link)
    told(link, c, c.start, 4, 0, size=1500)
    c.flight(0.1)
    assert details(link, c)["mss"] == str(1492 - 40), details(link, c)
    told(link, c, c.start, 4, 0, size=1492)
    c.flight(0.1)
    assert details(link, c)["mss"] == str(1006 - 40), details(link, c)
    c.page(request=False)


@test("P5 fragmentation needed once text was acknowledged: believed only after a timeout")
def p5(link):
    c = in_flight(link)
    c.got, c.ack = c.flights[0][1], c.start + len(c.flights[0][1])
    c.segment()
    link.receive(0.05)
    before = link.counters()
    told(link, c, c.ack, 4, 576)
    early, timeouts = grown(link, before), "timeouts" in details(link, c)
    assert early == (0, 0) or timeouts, early
    end = time.monotonic() + PATIENCE
    while "timeouts" not in details(link, c) and time.monotonic() < end:
        time.sleep(0.05)
    told(link, c, c.ack, 4, 576)
    assert grown(link, before) == (0, 1), grown(link, before)
    link.receive(0.05)
    c.page(request=False)


@test("P6 a hard error about a SYN,ACK: the half-open connection is gone; a forged one harms none")
def p6(link):
    for seq, state in ((0, "CLOSED"), (1, "SYN-RECEIVED"), (-1, "SYN-RECEIVED")):
        c = Conn(link, ack=False)
        told(link, c, c.synack.seq + seq, 3)
        assert c.state() == state, (seq, c.state())
        c.reset()


@test("P7 a SYN beyond everything, for a connection in TIME-WAIT: a new one, with a number beyond the old ones")
def p7(link):
    old = Conn(link).page()
    end, before = old.ack, link.counters()["time_wait_reused"]
    assert old.state() == "TIME-WAIT", old.state()
    link.receive(0.6)                                      # the throttle of challenge ACKs
    for seq in (old.seq - 1, old.seq - 100000):
        link.send(link.syn(old.port, seq=seq % 2**32))
        got = link.tcp(0.1, old.port)
        assert all(str(t.flags) == "A" for t in got), got
        assert old.state() == "TIME-WAIT", old.state()
    link.port = old.port - 1                               # the same port again
    c = Conn(link, seq=old.seq + 1)
    assert link.counters()["time_wait_reused"] - before == 1
    assert (c.synack.seq - end) % 2**32 < 2**31, "a number that was used already"
    c.page()


main()
