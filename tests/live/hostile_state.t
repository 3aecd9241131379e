#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hostile segments for the state machine of the live endpoint: flags and handshakes (rows C..), blind attacks (D..). A
challenge ACK is throttled to one in half a second for each connection (RFC 5961 7), so each test that expects one has a
connection of its own."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import *  # noqa: E402,F403  the tests are read as one with it

ECHO = 7

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


main("--echo", "--fin-wait", "2")
