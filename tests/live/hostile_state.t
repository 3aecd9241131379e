#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hostile segments for the state machine of the live endpoint: flags and handshakes (rows C..), blind attacks (D..),
windows (E..), reassembly (F..), urgent data (G..), sequence wrap (H17). A challenge ACK is throttled to one in half a
second for each connection (RFC 5961 7), so each test that expects one has a connection of its own."""
import itertools
import os
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import *  # noqa: E402,F403  the tests are read as one with it

ECHO = 7


def flags(t):
    return "".join(sorted(str(t.flags)))


def gone(link, port, seconds=3.0):
    """The connection's state once it is CLOSED, or whatever it stays in."""
    end = time.monotonic() + seconds
    while link.state(port) != "CLOSED" and time.monotonic() < end:
        time.sleep(0.05)
    return link.state(port)


# ---- C. flags and states ----

@test("C1 no flags, PSH, URG or both, with text, in ESTABLISHED: silence, nothing delivered")
def c1(link):
    c = Conn(link, to=ECHO)
    for f in ("", "P", "U", "PU"):
        assert not c.replies(b"spoilt", flags=f, seq=c.seq), f"a reply to flags {f!r}"
    c.echo(b"whole")


@test("C3 SYN,RST and SYN,FIN,RST,ACK in LISTEN and CLOSED: silence; in ESTABLISHED the RST counts")
def c3(link):
    for to in (ECHO, 4444):
        link.silent([link.syn(dport=to, flags=f) for f in ("SR", "SFRA", "SFRAPU", "R", "RA")])
    c = Conn(link, to=ECHO)
    c.replies(flags="SFRA")
    assert c.state() == "CLOSED", c.state()


@test("C5 ACK to LISTEN and to CLOSED: RST with its sequence number taken from the ACK")
def c5(link):
    for to in (ECHO, 4444):
        port = link.new_port()
        link.send(link.syn(port, dport=to, flags="A", ack=0x12345678))
        got = link.tcp(PATIENCE, port, lambda t: True)
        assert got and flags(got[0]) == "R" and got[0].seq == 0x12345678, got


@test("C7 text and FIN without ACK in CLOSED: RST,ACK that counts text, FIN and SYN")
def c7(link):
    for f, length_ in (("F", 4), ("S", 4), ("SF", 5), ("", 3)):
        port = link.new_port()
        link.send(link.ip() / TCP(sport=port, dport=4444, flags=f, seq=1000) / Raw(b"abc"))
        got = link.tcp(PATIENCE, port, lambda t: True)
        assert got and flags(got[0]) == "AR" and got[0].seq == 0 and got[0].ack == 1000 + length_, (f, got)


@test("C13 SYN-RECEIVED: the SYN again, and old SYNs: answered, one connection, and the honest ACK ends it")
def c13(link):
    before = link.counters()["connections_opened_passively"]
    port = link.new_port()
    link.send(link.syn(port, dport=ECHO, seq=1000))
    first = link.tcp(PATIENCE, port, lambda t: True)[0]
    for seq in (1000, 999, 1000 - 70000):
        link.receive(0.6)                                  # the throttle
        link.send(link.syn(port, dport=ECHO, seq=seq % 2**32))
        got = link.tcp(PATIENCE, port, lambda t: True)
        assert got and flags(got[0]) in ("AS", "A") and got[0].ack == 1001, (seq, got)
        assert "S" not in flags(got[0]) or got[0].seq == first.seq, "another ISN of ours"
    assert link.state(port) == "SYN-RECEIVED"
    link.send(link.ip() / TCP(sport=port, dport=ECHO, flags="A", seq=1001, ack=first.seq + 1))
    time.sleep(0.1)
    assert link.state(port) == "ESTABLISHED"
    assert link.counters()["connections_opened_passively"] - before == 1
    link.send(link.ip() / TCP(sport=port, dport=ECHO, flags="R", seq=1001))


@test("C13 SYN-RECEIVED: a SYN with another ISN inside the window takes it back to LISTEN (RFC 9293 3.10.7.4), no second block")
def c13_other(link):
    entries = link.status()[0]["entries"]
    port = link.new_port()
    link.send(link.syn(port, dport=ECHO, seq=1000))
    link.tcp(PATIENCE, port, lambda t: True)
    link.send(link.syn(port, dport=ECHO, seq=5000))
    time.sleep(0.1)
    assert link.status()[0]["entries"] <= entries + 1
    link.answered(link.syn(port, dport=ECHO, seq=5000))    # as its sender's retransmission


@test("C15 SYN-RECEIVED: a RST in place frees the block, and the program is not told")
def c15(link):
    before = link.counters()
    for _ in range(20):
        link.answered(link.syn(dport=80))
    end = time.monotonic() + PATIENCE
    while link.status()[0]["half_open"] and time.monotonic() < end:
        time.sleep(0.05)
    assert link.status()[0]["half_open"] == 0, link.status()[0]
    assert link.counters()["connections_opened_passively"] == before["connections_opened_passively"]


@test("C17 FIN below RCV.NXT: an ACK, and no second end")
def c17(link):
    c = Conn(link, to=ECHO)
    c.echo(b"hello")
    got = c.replies(flags="FA", seq=c.seq - 1)
    assert [flags(t) for t in got] == ["A"] and got[0].ack == c.seq, got
    assert c.state() == "ESTABLISHED", c.state()
    c.echo(b"goes on")


@test("C19 text beyond the FIN: ignored, the stream ends at the FIN")
def c19(link):
    c = Conn(link, to=ECHO)
    c.segment(b"end", flags="FA")
    c.segment(b"beyond", seq=c.seq + 1)
    got = b""
    for t in link.tcp(0.5, c.port):
        if (t.seq - c.ack) % 2**32 < 2**31:
            got += bytes(t.payload)[:length(t)]
            c.ack = (t.seq + length(t) + ("F" in flags(t))) % 2**32
    assert got == b"end", got
    c.segment(seq=c.seq + 1)


def server_fin(link):
    """A connection on which the endpoint has sent its FIN: FIN-WAIT-1, the FIN not yet acknowledged."""
    c = Conn(link)
    c.segment(b"GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", flags="PA")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for t in link.tcp(0.5, c.port, lambda t: "F" in flags(t)):
            if "F" in flags(t):
                c.fin = (t.seq + length(t)) % 2**32
                assert c.state() == "FIN-WAIT-1", c.state()
                return c
    raise AssertionError("no FIN")


@test("C21 FIN-WAIT-1: a FIN that does not acknowledge ours leads to CLOSING, one that does to TIME-WAIT")
def c21(link):
    c = server_fin(link)
    c.ack = c.fin                                          # all but the FIN, which may be sent again meanwhile
    c.segment(flags="FA")
    t = link.tcp(PATIENCE, c.port, lambda t: t.ack == c.seq + 1)[-1]
    assert flags(t) == "A" and t.ack == c.seq + 1 and c.state() == "CLOSING", (t, c.state())
    c.segment(seq=c.seq + 1, ack=c.fin + 1)
    time.sleep(0.1)
    assert c.state() == "TIME-WAIT", c.state()
    c = server_fin(link)
    c.ack = c.fin + 1
    t = c.one(flags="FA")
    assert flags(t) == "A" and c.state() == "TIME-WAIT", (t, c.state())


@test("C23 FIN-WAIT-2 with a silent peer: the block is freed in bounded time (--fin-wait)")
def c23(link):
    c = server_fin(link)
    c.segment(ack=c.fin + 1)
    time.sleep(0.1)
    assert c.state() == "FIN-WAIT-2", c.state()
    assert gone(link, c.port, 12.0) == "CLOSED", c.state()


@test("C25 CLOSING and LAST-ACK: a second FIN is acknowledged again, the state kept")
def c25(link):
    c = server_fin(link)
    c.ack = c.fin
    c.one(flags="FA")
    link.receive(0.6)
    got = [flags(t) for t in c.replies(flags="FA", seconds=0.15)]
    assert any("A" in f for f in got) and c.state() == "CLOSING", (got, c.state())
    c.segment(seq=c.seq + 1, ack=c.fin + 1)
    c = Conn(link, to=ECHO)
    link.receive(0.05)
    c.segment(flags="FA")
    link.tcp(0.3, c.port, lambda t: "F" in flags(t))
    assert c.state() == "LAST-ACK", c.state()
    got = [flags(t) for t in c.replies(flags="FA", seconds=0.15)]
    assert any("A" in f for f in got) and c.state() == "LAST-ACK", (got, c.state())
    c.segment(seq=c.seq + 1, ack=c.ack + 1)
    assert gone(link, c.port) == "CLOSED", c.state()


@test("C27 TIME-WAIT: a SYN with a lower number draws a challenge ACK and leaves it alone")
def c27(link):
    c = server_fin(link)
    c.ack = c.fin + 1
    c.one(flags="FA")
    t = c.one(flags="S", seq=c.seq - 5000, ack=0)
    assert flags(t) == "A" and t.ack == c.seq + 1 and c.state() == "TIME-WAIT", (t, c.state())


# ---- D. blind attacks ----

@test("D1 RST: at RCV.NXT it resets, elsewhere in the window it is challenged, beside the window silence")
def d1(link):
    c = Conn(link, to=ECHO)
    c.echo(b"hello")
    edge = 65535
    for off in (-1, edge, edge + 1, -70000, 2**31):
        assert not c.replies(flags="R", seq=c.seq + off), f"a reply to a RST at RCV.NXT{off:+}"
    for off in (1, edge - 100):
        link.receive(0.6)
        t = c.one(flags="R", seq=c.seq + off)
        assert flags(t) == "A" and t.ack == c.seq, (off, t)
    assert c.state() == "ESTABLISHED"
    c.echo(b"stands")
    assert not c.replies(flags="R"), "a reply to the RST that counts"
    assert c.state() == "CLOSED", c.state()


@test("D1 RST in FIN-WAIT-1 and CLOSE-WAIT: exact only")
def d1_later(link):
    c = server_fin(link)
    c.replies(flags="R", seq=c.seq + 1)
    assert c.state() == "FIN-WAIT-1", c.state()
    c.segment(flags="R")
    assert gone(link, c.port) == "CLOSED", c.state()


@test("D1 SYN in ESTABLISHED: challenged, whatever its number")
def d1_syn(link):
    for off in (0, 100, 70000, -5):
        c = Conn(link, to=ECHO)
        t = c.one(flags="S", seq=c.seq + off)
        assert flags(t) == "A" and t.ack == c.seq and t.seq == c.ack, (off, t)
        c.echo(b"stands")
        c.reset()


@test("D3 text with an ACK older than the largest window or beyond SND.NXT: challenged, the text dropped")
def d3(link):
    for ack in (-70000, -66000, 1, 1000, 2**31 - 1):
        c = Conn(link, to=ECHO)
        got = c.replies(b"spoilt", ack=c.ack + ack, seq=c.seq)
        assert [flags(t) for t in got] == ["A"] and got[0].ack == c.seq, (ack, got)
        c.echo(b"whole")
        c.reset()


@test("D5 300 segments that call for challenges in a row: two at most are sent in a second")
def d5(link):
    c = Conn(link, to=ECHO)
    link.receive(0.05)
    started = time.monotonic()
    for i in range(300):
        link.send(c.build(flags="A", ack=c.ack + 1000 + i) if i % 2 else c.build(flags="S", seq=c.seq + i))
    got = link.tcp(0.3, c.port)
    most = 2 + int((time.monotonic() - started) / 0.5)
    assert 1 <= len(got) <= most, f"{len(got)} answers, at most {most} expected"
    c.echo(b"stands")


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


# ---- F. reassembly ----

@test("F1 five pieces in each of their 120 orders: the same stream")
def f1(link):
    c = Conn(link, to=ECHO)
    for order in itertools.permutations(range(5)):
        text = bytes(itertools.islice(itertools.cycle(bytes(order) + b"abcdefg"), 50))
        for i in order:
            link.send(c.build(text[10 * i:10 * i + 10], seq=c.seq + 10 * i))
        c.seq = (c.seq + 50) % 2**32
        c.echo(text, say=False)


@test("F3 2,000 one-byte pieces, each with a gap: bounded, and text in order is still taken")
def f3(link):
    c = Conn(link, to=ECHO)
    frames = [bytes(c.build(b"x", seq=c.seq + 2 * i + 1)) for i in range(2000)]
    started = link.cpu()
    for f in frames:
        link.send(f)
    link.receive(0.1)
    spent = link.cpu() - started
    assert spent < 0.5, f"{spent:.2f} s of the endpoint's time"
    assert link.status()[0]["bytes_out_of_order"] <= 64, link.status()[0]
    text = bytes(range(256)) * 17
    for at in range(0, len(text), 256):
        link.send(c.build(text[at:at + 256], seq=c.seq + at))
    c.seq += len(text)
    got, end = b"", time.monotonic() + 5
    while len(got) < len(text) and time.monotonic() < end:
        for t in link.tcp(0.5, c.port):
            piece, skip = bytes(t.payload)[:length(t)], (c.ack - t.seq) % 2**32
            if piece and skip < len(piece):
                got += piece[skip:]
                c.ack = (t.seq + len(piece)) % 2**32
            if piece:
                c.segment()
    different = [i for i in range(min(len(got), len(text))) if got[i] != text[i] and not (i % 2 and got[i:i + 1] == b"x")]
    assert len(got) == len(text) and not different, (len(got), different[:5])


@test("F5 the same text again in other pieces, shorter and longer: each byte once")
def f5(link):
    c = Conn(link, to=ECHO)
    text = bytes((i * 7 + 3) % 256 for i in range(3000))
    for first, last in ((0, 100), (50, 150), (0, 150), (149, 151), (100, 1000), (900, 2000), (0, 500), (1999, 3000), (0, 1400)):
        link.send(c.build(text[first:last], seq=c.seq + first))
    c.seq += len(text)
    c.echo(text, say=False)


# ---- G. urgent data ----

@test("G1 G3 URG with pointer 0, on SYN, on FIN, with nothing, after the FIN: no harm to the stream")
def g(link):
    c = Conn(link, to=ECHO)
    for pointer in (0, 1, 5, 65535):
        link.send(c.build(b"urgent", flags="UPA", urgptr=pointer))
        c.seq += 6
        c.echo(b"urgent", say=False)
    c.segment(flags="UA", urgptr=0)
    c.segment(flags="UA", urgptr=100)
    c.echo(b"whole")
    t = c.one(flags="FUA", urgptr=3)
    c.segment(b"beyond", flags="UA", urgptr=2, seq=c.seq + 1)
    assert "A" in flags(t), t
    link.answered(link.syn(dport=ECHO, flags="SU", urgptr=4))


# ---- H. sequence wrap ----

@test("H17 the peer's numbers wrap in the middle of its text: as any other ISN")
def h17(link):
    text = bytes((i * 13 + 1) % 256 for i in range(2000))
    for iss in (2**32 - 1, 2**32 - 2, 2**31 - 1, 2**32 - 1000):
        c = Conn(link, to=ECHO, seq=iss)
        for at in (1000, 0, 500, 1500):                    # out of order across the wrap
            link.send(c.build(text[at:at + 500], seq=c.seq + at))
        c.seq = (c.seq + len(text)) % 2**32
        c.echo(text, say=False)
        c.reset()


main("--echo", "--fin-wait", "2")
