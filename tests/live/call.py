# SPDX-License-Identifier: MIT
"""Calls of `sequent connect`, answered by a host of its own on the link. Each test runs the program anew, with its own device, in
a network namespace of the test file. A test file registers its tests with @test and calls main()."""
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

import hostile
from hostile import *  # noqa: F401,F403  a test is written in its words

PEER_PORT = 7


class Call:
    """One run of `sequent connect`, and the SYN it sends."""

    def __init__(self, program, text=b"", *options):
        self.heard = tempfile.TemporaryFile()
        self.child = subprocess.Popen([program, "connect", "--tap", TAP, "--verify", *options, OUR, str(PEER_PORT)],
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

    def stands(self):
        """We answer the SYN, and it acknowledges that."""
        self.send("SA", 5000, self.ack)
        self.wait(lambda t: str(t.flags) == "A" and t.ack == 5001)

    def says_hello(self):
        """Its text of five bytes comes, and it ends in order when we have acknowledged it."""
        assert bytes(self.wait(lambda t: length(t) > 0).payload)[:5] == b"hello"
        self.send("A", 5001, self.ack + 5)
        self.close(5001)
        self.end(0)

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

    def sent(self, seq, seconds):
        """When text or a SYN with this number came, within so many seconds or until the device is gone: (time, length)."""
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                got = self.link.tcp(end - time.monotonic(), PEER_PORT, lambda t: t.seq == seq)
            except OSError:
                break
            times += [(time.monotonic(), length(t)) for t in got if t.seq == seq and (length(t) > 0 or "S" in str(t.flags))]
        return times

    def close(self, seq):
        """Our end of an orderly close; seq: our next number."""
        self.child.stdin.close()
        fin = self.wait(lambda t: "F" in str(t.flags))
        self.send("FA", seq, (fin.seq + length(fin) + 1) % 2**32)


def main():
    if "--inside" in sys.argv:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
        print(f"1..{len(hostile.TESTS)}")
        sys.exit(hostile.run(sys.argv[2], lambda: None))
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    why = hostile.cannot()
    if why:
        print(f"1..0 # SKIP {why} ({len(hostile.TESTS)} tests not run)")
        sys.exit(0)
    program = os.environ.get("SEQUENT") or "build/sequent"
    user = ["--user", "--map-root-user"] if subprocess.run(["unshare", "--user", "--map-root-user", "--net", "true"], check=False,
                                                           stderr=subprocess.DEVNULL).returncode == 0 else []
    sys.exit(subprocess.run(["unshare", *user, "--net", sys.executable, os.path.abspath(sys.argv[0]), "--inside", program],
                            check=False).returncode)
