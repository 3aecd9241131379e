#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Peers that play with the endpoint's clocks (rows H1, H13, H15): acknowledgments held back around the RTO, silence before a
burst, timestamps that lie. What takes hours, and keepalive, is in test_clock.c."""
import os
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import *  # noqa: E402,F403  the tests are read as one with it

ECHO, MSS = 7, 1460


def said(c, text):
    """Says this to echo; its echo has come and is not acknowledged."""
    c.segment(text, flags="PA")
    c.answer = next(iter(c.link.tcp(PATIENCE, c.port, lambda t: c.next(t) == text)[-1:]), None)
    assert c.answer is not None and bytes(c.answer.payload)[:length(c.answer)] == text, "no echo"


def rto(c):
    return float(c.link.details(c.port)["rto"])


@test("H1 an ACK just within the RTO measures it; one behind a retransmission does not, and the back-off stays until one does (Karn)")
def h1(link):
    c = Conn(link, to=ECHO)
    c.echo(b"first")
    resent = link.counters()["tcp_resent"]
    said(c, b"held for most of an RTO")
    time.sleep(0.6 * rto(c) / 1000)
    c.segment()
    time.sleep(0.05)
    measured = link.details(c.port)
    assert link.counters()["tcp_resent"] == resent, "sent again before its time"
    assert float(measured["rtt"].split("/")[0]) > 5, measured
    said(c, b"held for longer")
    again = link.tcp(PATIENCE, c.port, lambda t: t.seq == c.answer.seq and length(t) > 0)
    assert again and again[-1].seq == c.answer.seq, "not sent again"
    backed_off = rto(c)
    assert backed_off >= 1.9 * float(measured["rto"]), (backed_off, measured)
    c.segment()                                            # for the first or for the second? nobody knows
    time.sleep(0.05)
    unknown = link.details(c.port)
    assert unknown["unacked"] == "0" and unknown["rtt"] == measured["rtt"], (unknown, measured)
    assert float(unknown["rto"]) >= backed_off, "the back-off went without a measurement"
    c.echo(b"quick")
    time.sleep(0.05)
    assert rto(c) < backed_off and link.details(c.port)["rtt"] != measured["rtt"], link.details(c.port)
    c.reset()


def ask(c):
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n", flags="PA")


def rest(c, end):
    """Acknowledges what comes up to this offset and whatever follows; the offset then."""
    stop = time.monotonic() + PATIENCE
    while time.monotonic() < stop:
        for t in c.link.tcp(0.2, c.port, lambda t: length(t) > 0):
            c.next(t)
            c.segment()
        if (c.ack - c.start) % 2**32 >= end and c.link.details(c.port)["unacked"] == "0":
            return (c.ack - c.start) % 2**32
    raise AssertionError(f"{(c.ack - c.start) % 2**32} bytes came, {end} were expected")


@test("H13 silence for longer than the RTO, then a burst: the window restarts at ten segments (RFC 5681 4.1)")
def h13(link):
    c = Conn(link)
    end, busy = 0, 0
    for _ in range(8):                                     # the window grows past the page, and all of it comes at once
        ask(c)
        if int(link.details(c.port)["cwnd"]) > len(PAGE):
            busy = c.flight_end(end + 13 * MSS)[0] - end
        end = rest(c, end + len(PAGE))
        if busy and int(link.details(c.port)["cwnd"]) > len(PAGE):
            break                                          # no timer meddled
    assert busy > 12 * MSS, f"{busy} bytes at once: the window does not grow"
    time.sleep(1.5 + rto(c) / 1000)
    ask(c)
    c.flight_end(end + 10 * MSS)
    burst = int(link.details(c.port)["unacked"])
    assert burst == 10 * MSS, f"{burst} bytes at once after silence"
    rest(c, end + len(PAGE))
    c.reset()


def stamp(value):
    return b"\1\1" + option(8, struct.pack("!II", value % 2**32, 0))


@test("H15 segments outside the window with the largest timestamps: later text with small ones is taken, no false echo of them")
def h15(link):
    mine = 1000
    c = Conn(link, options=option(2, b"\x05\xb4") + stamp(mine), to=ECHO)
    before = link.counters()["tcp_unacceptable"]
    for off in (-70000, 70000, 2**31):
        link.send(c.build(b"poison", seq=c.seq + off, options=stamp(mine + 2**31 - 1)))
    link.receive(0.6)
    assert link.counters()["tcp_unacceptable"] - before == 3
    for text in (b"taken", b"and this"):
        mine += 1
        c.segment(text, flags="PA", options=stamp(mine))
        got = link.tcp(PATIENCE, c.port, lambda t: c.next(t) == text)
        assert got and bytes(got[-1].payload)[:len(text)] == text, "text with a small timestamp is refused"
        echoed = {o[1][1] for t in got for o in t.options if o[0] == "Timestamp"}
        assert echoed <= {mine - 1, mine}, f"timestamps {echoed} in return"
        c.segment(options=stamp(mine))
    c.reset()


main("--echo")
