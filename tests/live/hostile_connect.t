#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hostile answers to `sequent connect`: SYN-SENT (rows C9, C11, D9 and beside them), and none (H7); acknowledgments that wait
(H11)."""
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
    c.says_hello()


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
    c.stands()
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
    c.says_hello()


@test("SYN-SENT: SYN,FIN without ACK, no flags, PSH and URG alone: ignored")
def oddities(program):
    c = Call(program)
    for flags in ("", "F", "PU", "FPU"):
        c.send(flags, 5000, 0, b"odd")
    time.sleep(0.2)
    assert c.child.poll() is None, "it ended"
    c.stands()
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


def doubling(times):
    """Each pause is about twice the one before, as far as a busy machine lets us see."""
    pauses = [b - a for (a, _), (b, _) in zip(times, times[1:])]
    assert all(1.5 * a < b < 2.7 * a for a, b in zip(pauses, pauses[1:])), pauses


@test("H7 nobody answers the SYN: sent again with pauses that double, then timed out, status 4")
def h7_syn(program):
    c = Call(program, b"", "--timeout", "8")
    times = [(time.monotonic(), 0), *c.sent(c.syn.seq, 8.5)]
    assert len(times) == 4, f"{len(times)} SYNs in 8 seconds, 4 expected"
    doubling(times)
    c.end(4)


@test("H7 nobody acknowledges the text: sent again with pauses that double, nothing else is sent, then timed out, status 4")
def h7_text(program):
    c = Call(program, b"", "--timeout", "4")
    c.stands()
    c.child.stdin.write(b"lost")
    c.child.stdin.flush()
    times = c.sent(c.ack, 4.5)
    assert 4 <= len(times) <= 6 and {n for _, n in times} == {4}, times
    doubling(times)
    c.end(4)


@test("H11 small writes while text is in flight are held (Nagle), and go in one segment with the acknowledgment that waited")
def h11(program):
    c = Call(program)
    c.stands()
    for text in (b"a", b"b", b"c", b"d"):
        c.child.stdin.write(text)
        c.child.stdin.flush()
        if text == b"a":
            assert bytes(c.wait(lambda t: length(t) > 0).payload)[:1] == b"a"
    early = [t for t in c.link.tcp(0.5, PEER_PORT) if (t.seq - c.ack) % 2**32 > 0 and length(t) > 0]
    assert not early, f"{len(early)} small segments behind one in flight"
    c.send("A", 5001, c.ack + 1)                           # half a second late
    t = c.wait(lambda t: t.seq == c.ack + 1 and length(t) > 0)
    assert bytes(t.payload)[:length(t)] == b"bcd", bytes(t.payload)
    c.send("A", 5001, c.ack + 4)
    c.close(5001)
    c.end(0)


main()
