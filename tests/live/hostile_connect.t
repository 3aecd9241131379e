#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hostile answers to `sequent connect`: SYN-SENT (rows C9, C11 and beside them), from a host of its own on the link. Each test
runs the program anew, with its own device, in a network namespace of this test."""
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile  # noqa: E402
from hostile import *  # noqa: E402,F403  the tests are read as one with it

PEER_PORT = 7


class Call:
    """One run of `sequent connect`, and the SYN it sends."""

    def __init__(self, program, text=b""):
        self.heard = tempfile.TemporaryFile()
        self.child = subprocess.Popen([program, "connect", "--tap", TAP, "--verify", OUR, str(PEER_PORT)],
                                      stdin=subprocess.PIPE, stdout=self.heard, stderr=subprocess.PIPE)
        self.child.stdin.write(text)
        self.child.stdin.flush()
        end = time.monotonic() + PATIENCE
        while not self.up() and time.monotonic() < end:
            time.sleep(0.02)
        self.link = Link(None, self.child.pid, program)
        early = [p[TCP] for p in self.link.early if TCP in p]
        self.syn = early[0] if early else self.wait(lambda t: "S" in str(t.flags))
        self.port, self.ack = self.syn.sport, (self.syn.seq + 1) % 2**32

    @staticmethod
    def up():
        """Whether the device is there and up: SIOCGIFFLAGS, IFF_UP."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try:
                return struct.unpack("16xH", fcntl.ioctl(s, 0x8913, struct.pack("16sH14x", TAP.encode(), 0))[:18])[0] & 1
            except OSError:
                return False

    def wait(self, stop, seconds=PATIENCE):
        got = [t for t in self.link.tcp(seconds, PEER_PORT, stop) if stop(t)]
        assert got, "what was waited for did not come"
        return got[0]

    def send(self, flags, seq, ack=0, text=b""):
        self.link.send(self.link.ip() / TCP(sport=PEER_PORT, dport=self.port, flags=flags, seq=seq, ack=ack, window=64240) / Raw(text))

    def end(self, status, heard=b""):
        """The program ends with this status, and has said this on standard output."""
        self.child.stdin.close()
        try:
            ended = self.child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError("it does not end") from None
        self.heard.seek(0)
        got = self.heard.read()
        assert (ended, got) == (status, heard), f"status {ended}, {got!r}, expected {status}, {heard!r}; {self.child.stderr.read()!r}"

    def close(self, seq):
        """Our end of an orderly close; seq: our next number."""
        self.child.stdin.close()
        fin = self.wait(lambda t: "F" in str(t.flags))
        self.send("FA", seq, (fin.seq + length(fin) + 1) % 2**32)


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


def run(program):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
    bad = False
    print(f"1..{len(hostile.TESTS)}")
    for number, (name, f) in enumerate(hostile.TESTS, 1):
        try:
            f(program)
            print(f"ok {number} - {name}")
        except AssertionError as e:
            bad = True
            print(f"not ok {number} - {name}\n# {e}")
        sys.stdout.flush()
    return bad


if "--inside" in sys.argv:
    sys.exit(run(sys.argv[2]))
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
WHY = hostile.cannot()
if WHY:
    print(f"1..0 # SKIP {WHY} ({len(hostile.TESTS)} tests not run)")
    sys.exit(0)
PROGRAM = os.environ.get("SEQUENT") or "build/sequent"
USER = ["--user", "--map-root-user"] if subprocess.run(["unshare", "--user", "--map-root-user", "--net", "true"], check=False,
                                                       stderr=subprocess.DEVNULL).returncode == 0 else []
sys.exit(subprocess.run(["unshare", *USER, "--net", sys.executable, os.path.abspath(__file__), "--inside", PROGRAM], check=False).returncode)
