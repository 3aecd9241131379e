#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hostile answers to `sequent connect`: SYN-SENT (rows C9, C11, D9 and beside them)."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from call import *  # noqa: E402,F403  the tests are read as one with it


@test("C9 SYN-SENT: RST without ACK, or with an ACK of something else, is ignored; the SYN,ACK then counts")
def c9(program):
    c = Call(program, b"hello")
    c.send("R", 0)
    c.send("R", c.syn.seq)
    c.send("RA", 0, (c.ack + 100) % 2**32)
    c.send("RA", 0, c.syn.seq)
    time.sleep(0.2)
    assert c.child.poll() is None, "it ended"
    c.send("SA", 5000, c.ack)
    assert bytes(c.wait(lambda t: length(t) > 0).payload)[:5] == b"hello"
    c.send("A", 5001, c.ack + 5)
    c.close(5001)
    c.end(0)


@test("C9 SYN-SENT: RST with the ACK of our SYN: refused")
def c9_refused(program):
    c = Call(program)
    c.send("RA", 0, c.ack)
    c.end(3)


@test("SYN-SENT: a SYN,ACK or an ACK of something else is answered by RST, and the right SYN,ACK still counts")
def wrong_ack(program):
    c = Call(program)
    for flags, ack in (("SA", c.ack + 1), ("A", c.ack + 7), ("SA", c.syn.seq)):
        c.send(flags, 9000, ack % 2**32)
        t = c.wait(lambda t: "R" in str(t.flags))
        assert t.seq == ack % 2**32, (t.seq, ack)
    c.send("SA", 5000, c.ack)
    c.wait(lambda t: str(t.flags) == "A" and t.ack == 5001)
    c.close(5001)
    c.end(0)


@test("C11 SYN-SENT: a SYN,ACK with text and FIN: the text is delivered, the end too")
def c11(program):
    c = Call(program)
    c.send("SFA", 5000, c.ack, b"early")
    time.sleep(0.2)
    c.send("FA", 5001, c.ack, b"early")                    # as its sender's retransmission
    c.wait(lambda t: t.ack == 5007)
    c.child.stdin.close()
    fin = c.wait(lambda t: "F" in str(t.flags))
    c.send("A", 5007, (fin.seq + 1) % 2**32)
    c.end(0, b"early")


@test("SYN-SENT: a SYN crosses ours: SYN,ACK, and the connection stands (RFC 9293 figure 7)")
def crossing(program):
    c = Call(program, b"hello")
    c.send("S", 5000)
    t = c.wait(lambda t: "S" in str(t.flags) and "A" in str(t.flags))
    assert t.seq == c.syn.seq and t.ack == 5001, (t.seq, t.ack)
    c.send("SA", 5000, c.ack)
    c.send("A", 5001, c.ack)
    assert bytes(c.wait(lambda t: length(t) > 0).payload)[:5] == b"hello"
    c.send("A", 5001, c.ack + 5)
    c.close(5001)
    c.end(0)


@test("SYN-SENT: SYN,FIN without ACK, no flags, PSH and URG alone: ignored")
def oddities(program):
    c = Call(program)
    for flags in ("", "F", "PU", "FPU"):
        c.send(flags, 5000, 0, b"odd")
    time.sleep(0.2)
    assert c.child.poll() is None, "it ended"
    c.send("SA", 5000, c.ack)
    c.wait(lambda t: str(t.flags) == "A" and t.ack == 5001)
    c.close(5001)
    c.end(0)


@test("D9 eight connections: no two ISNs or ports in a row that a counter would give")
def d9(program):
    seen = []
    for _ in range(8):
        c = Call(program)
        seen.append((c.port, c.syn.seq))
        c.send("RA", 0, c.ack)
        c.end(3)
    steps = [(b[0] - a[0], (b[1] - a[1]) % 2**32) for a, b in zip(seen, seen[1:])]
    assert len({p for p, _ in seen}) > 1 and sum(abs(p) <= 2 for p, _ in steps) < 4, seen
    assert sum(s < 2**22 for _, s in steps) < 4, seen


main()
