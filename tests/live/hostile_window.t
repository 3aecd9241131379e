#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Acknowledgments, windows and ICMP at the live endpoint (rows D7 to D13, E.., H3, H5): a receiver that lies, windows shut
on one side or both, messages that quote a connection. Each test says what was sent and what must come back."""
import os
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import *  # noqa: E402,F403  the tests are read as one with it

if "--inside" in sys.argv:
    from scapy.layers.inet import ICMP

ECHO, CHARGEN, MSS = 7, 19, 1460


def to_chargen(link):
    """A connection whose first flight is there; its handshake was so slow that no retransmission timer meddles."""
    c = Conn(link, to=CHARGEN, ack=False)
    time.sleep(0.3)
    c.segment()
    end, _ = c.flight_end(10 * MSS)
    assert end == 10 * MSS, f"{end} bytes in the first flight"
    return c


# ---- D. a receiver that lies, ICMP ----

@test("D7 acknowledgments of text that was never looked at: the flight grows as RFC 5681 says, nothing acknowledged comes again")
def d7(link):
    c = to_chargen(link)
    end, most, before = 10 * MSS, 10 * MSS, link.counters()["tcp_resent"]
    for _ in range(8):
        low = end
        c.ack = (c.start + end) % 2**32
        c.segment()                                        # one ACK for all: one segment more
        most += MSS
        end, came = c.flight_end(low + 1)
        assert low < end and came <= end - low, f"{came} bytes came, {end - low} are new"
        assert end - low <= most, f"{end - low} bytes in flight after acknowledgments that allow {most}"
    assert link.counters()["tcp_resent"] == before
    c.reset()


def quoting(link, c, cut=8, code=4, mtu=0, seq=None, words=5):
    """An ICMP error about a segment that the endpoint sent on c: its IP header, of so many words, and `cut` bytes behind it."""
    quoted = bytearray(bytes(IP(src=HOST, dst=OUR, proto=6, len=1500) / Raw(struct.pack(
        "!HHIIBBHHH", c.to, c.port, c.ack if seq is None else seq, 0, 0x50, 16, 0, 0, 0)[:cut])))
    quoted[0] = 0x40 + words
    return link.ip(proto=1) / ICMP(type=3, code=code, nexthopmtu=mtu) / Raw(bytes(quoted))


@test("D11 ICMP fragmentation needed with MTU 0, 68, 576, 1500, 65535: no stall, no small segments")
def d11(link):
    for mtu in (0, 1, 68, 576, 1500, 65535):
        c = Conn(link)
        for seq in (c.ack, c.ack + 5000, c.ack - 1):
            link.send(quoting(link, c, mtu=mtu, seq=seq % 2**32))
        c.page()
        assert c.largest == MSS, f"MTU {mtu}: segments of {c.largest} bytes"


@test("D13 ICMP errors whose quoted packet is cut, or whose inner header length lies: no harm, no answer")
def d13(link):
    c = Conn(link, to=ECHO)
    frames = [quoting(link, c, cut=cut, code=code) for cut in range(9) for code in (1, 3, 4)]
    frames += [quoting(link, c, words=words) for words in (0, 1, 4, 6, 15)]
    frames += [link.ip(proto=1) / Raw(bytes(quoting(link, c)[ICMP])[:n]) for n in range(0, 29, 4)]
    link.silent(frames)
    assert c.state() == "ESTABLISHED", c.state()
    c.echo(b"stands")
    c.reset()


# ---- E. windows ----

@test("E1 E3 window 0: probed with growing pauses; an opening that is never announced is found by a probe")
def e1(link):
    c = Conn(link)
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", flags="PA")
    text = b"".join(t for _, t in c.flight(0.1))
    c.got, c.ack, c.window = text, (c.start + len(text)) % 2**32, 0
    c.segment()
    times, end = [], time.monotonic() + 3.2
    while time.monotonic() < end:
        for t in link.tcp(0.4, c.port, lambda t: True):
            assert length(t) <= 1, f"{length(t)} bytes into a shut window"
            times.append(time.monotonic())
            c.segment()                                    # still shut
    assert 3 <= len(times) <= 6, f"{len(times)} probes"
    pauses = [b - a for a, b in zip(times, times[1:])]
    assert all(b > 1.5 * a for a, b in zip(pauses, pauses[1:])), pauses
    c.window = 64240                                       # told only in the answer to the next probe
    assert link.tcp(8.0, c.port, lambda t: True), "no further probe"
    c.segment()
    c.page(request=False)


@test("E5 an older segment with a larger window does not open it")
def e5(link):
    c = Conn(link, window=1000)
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", flags="PA")
    sent = sum(len(t) for _, t in c.flight(0.15))
    assert sent == 1000, sent
    c.segment(seq=c.seq - 10, window=60000)                # acceptable only as old
    more = [x for x in c.flight(0.15) if x[0] >= 1000]
    assert not more, f"{len(more)} segments into a window that an old segment opened"
    c.reset()


@test("E13 a segment exactly at the window's edge: not acceptable, answered by an ACK")
def e13(link):
    for text in (b"", b"x"):
        c = Conn(link, to=ECHO)
        got = c.replies(text, seq=c.seq + 65535)
        assert [flags(t) for t in got] == ["A"] and got[0].ack == c.seq, got
        c.echo(b"stands")
        c.reset()



def shut(link):
    """A connection to echo on which both windows are shut: we take nothing, so that it can take nothing more."""
    c = Conn(link, to=ECHO)
    c.window, c.said = 0, b""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        t = c.one(flags="A", seq=c.seq - 1)                # an old number: it says where it stands
        c.seq, room = t.ack, t.window
        c.said = c.said[:(c.seq - 1001) % 2**32]
        if room == 0:
            return c
        for _ in range(min(40, room // MSS + 1)):
            piece = bytes((len(c.said) + i) * 31 % 253 for i in range(min(MSS, room)))
            if not piece:
                break
            c.segment(piece)
            c.said, room = c.said + piece, room - len(piece)
        link.receive(0.02)
    raise AssertionError("its window does not shut")


def drain(link, c, want, seconds=20):
    """Opens our window and takes all of `want` and the end behind it."""
    c.window, got, end = 65535, b"", time.monotonic() + seconds
    c.segment()
    while time.monotonic() < end:
        for t in link.tcp(0.5, c.port, lambda t: True):
            got += c.next(t)
            if "F" in flags(t) and (t.seq + length(t)) % 2**32 == c.ack:
                return got, True
            c.segment()
        if len(got) >= len(want):
            return got, False
    return got, False


@test("E7 room that comes back in small pieces: the window stays shut until a segment fits, never a silly one")
def e7(link):
    c, seen = shut(link), set()
    c.window = MSS
    c.segment()
    came = [length(t) for t in link.tcp(PATIENCE, c.port, lambda t: length(t) > 0)]
    if came[-1] == 1:                                      # a probe was under way
        c.ack = (c.ack + 1) % 2**32
        c.segment()
        came = [length(t) for t in link.tcp(PATIENCE, c.port, lambda t: length(t) > 1)]
    assert came[-1] == MSS, f"segments of {came} into a window of {MSS}"
    for piece in [100] * 14 + [MSS - 1400]:
        c.ack, c.window = (c.ack + piece) % 2**32, c.window - piece   # the edge stays
        c.segment()
        seen |= {t.window for t in link.tcp(0.03, c.port)}
    assert any(w >= MSS for w in seen), f"a segment fits, and is not told: {sorted(seen)}"
    assert all(w == 0 or w >= MSS for w in seen), f"windows {sorted(seen)}"
    c.reset()


@test("E9 a FIN into our shut window: not taken, and not lost when it comes again")
def e9(link):
    c = shut(link)
    t = c.one(flags="FA")
    assert flags(t) == "A" and t.ack == c.seq and t.window == 0, t
    assert c.state() == "ESTABLISHED", c.state()
    got, _ = drain(link, c, c.said)
    assert got == c.said, f"{len(got)} bytes came back, {len(c.said)} were said"
    c.segment(flags="FA")
    c.seq += 1
    _, ended = drain(link, c, c.said + b"more", 5)
    assert ended, "no FIN in return"
    c.ack += 1
    c.segment()


@test("E11 both windows shut, both sides probe: an answer to each probe, none to an answer, no war")
def e11(link):
    c = shut(link)
    link.receive(0.05)
    for _ in range(50):
        link.send(c.build())                               # what an answer to its probe looks like
    quiet = [t for t in link.tcp(0.1, c.port) if length(t) == 0]
    assert not quiet, f"{len(quiet)} answers to acknowledgments"
    answers = 0
    for _ in range(20):
        link.send(c.build(b"p"))
        answers += sum(length(t) == 0 for t in link.tcp(0.02, c.port))
    answers += sum(length(t) == 0 for t in link.tcp(0.2, c.port))
    assert 1 <= answers <= 20, f"{answers} answers to 20 probes"
    assert drain(link, c, c.said)[0] == c.said, "the text is not whole"
    c.reset()


# ---- H. acknowledgments ----

@test("H3 1,400 acknowledgments of one byte each: the flight grows by the bytes, not by the acknowledgments")
def h3(link):
    c, end = to_chargen(link), 10 * MSS
    for _ in range(1400):
        c.ack = (c.ack + 1) % 2**32
        c.segment()
    later = max([end] + [at % 2**32 + len(t) for at, t in c.flight(0.3)])
    assert later - 1400 <= end + 1400 + MSS, f"{later - 1400} bytes in flight, {end} before"
    c.reset()


@test("H5 acknowledgments that bring text or another window are no duplicates; three that are bring the segment again at once")
def h5(link):
    c = to_chargen(link)
    before = link.counters()["tcp_resent"]
    for i in range(5):
        c.segment(b"x")
        c.window -= 10
        c.segment()
    link.receive(0.02)
    assert link.counters()["tcp_resent"] == before, "sent again without a duplicate"
    for _ in range(3):
        c.segment()
    got = link.tcp(0.3, c.port, lambda t: t.seq == c.ack)
    assert got and got[-1].seq == c.ack and length(got[-1]) > 0, "three duplicates bring nothing"
    assert link.counters()["tcp_resent"] > before
    c.reset()


main("--echo", "--chargen")
