#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Text that reaches the live endpoint in hostile pieces: reassembly (rows F..), urgent data (G..), sequence wrap (H17)."""
import itertools
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import *  # noqa: E402,F403  the tests are read as one with it

ECHO = 7


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
            got += c.next(t)
            if length(t):
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


@test("F7 segments without text at each edge of the window: the table of RFC 9293 3.10.7.4")
def f7(link):
    c = Conn(link, to=ECHO)
    edge = c.synack.window
    for offset, answered in ((-1, True), (0, False), (1, False), (edge - 1, False), (edge, True), (edge + 1, True), (2**31, True)):
        link.receive(0.6 if answered else 0)               # such answers are not sent more often than twice a second
        got = c.replies(seq=c.seq + offset, seconds=0.15)
        assert [flags(t) for t in got] == (["A"] if answered else []), (offset, got)
        assert all(t.ack == c.seq for t in got), (offset, got)
    c.echo(b"stands")
    c.reset()


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


@test("G5 1,000 segments with an urgent pointer that stands still or runs ahead: bounded work, the text arrives")
def g5(link):
    c = Conn(link, to=ECHO)
    started = link.cpu()
    for i in range(1000):
        link.send(c.build(b"u", flags="UPA", urgptr=(0, 1, 2, 65535)[i % 4]))
        c.seq += 1
        if i % 20 == 19:
            c.echo(b"u" * 20, say=False)
    assert link.cpu() - started < 0.5, f"{link.cpu() - started:.2f} s of the endpoint's time"
    c.reset()


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


main("--echo")
