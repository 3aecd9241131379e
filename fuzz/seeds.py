#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes seeds to build/fuzz/seeds/TARGET, which fuzz/minimise.py takes into fuzz/corpus/ where they add coverage.

- programs of events for session and pair: what an honest conversation does, from the open to both ends closed, with each fault
  once at each step (fuzz/event.h);
- frames of each protocol, and texts for the checksum's long sums;
- every wire script of tests/script, and every capture named on the command line or made by fuzz/capture.sh, as headers, options,
  frames, texts for checksum and programs for session (seeds_wire.py)."""
import hashlib
import random
import sys
from pathlib import Path

import seeds_wire

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build/fuzz/seeds"
PREFIX, EVENT = 32, 12
made = {}


def put(target, data):
    d = OUT / target
    d.mkdir(parents=True, exist_ok=True)
    (d / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)
    made[target] = made.get(target, 0) + 1


def event(op, *rest):
    return bytes([op, *rest]).ljust(EVENT, b"\0")[:EVENT]


def program(prefix, events):
    return prefix.ljust(PREFIX, b"\0")[:PREFIX] + b"".join(events)


def sessions():
    """Passive and active opens, text both ways, a hole filled, half-close, every timer."""
    syn, synack, data, hole, ack, fin = event(8), event(8, 1), event(4, 0, 3, 0, 200), event(5, 0, 1, 0, 3, 0, 90), event(6, 0, 1), event(7, 1)
    write, read, close, tick, abort = event(9, 0, 3, 2, 0), event(10, 0, 3, 4, 0), event(11), event(12, 5), event(11, 7)
    for passive in (0, 2):
        start = [syn, ack] if not passive else [synack]
        # Edges: 3 chooses any size, then 16 bits of it.
        prefix = bytes([3, 4, 0, 3, 4, 0, passive, 0, 0, 0, 9])
        whole = start + [write, ack, data, read, hole, data, read, close, ack, data, fin, tick, tick]
        put("session", program(prefix, whole))
        for i in range(len(whole)):
            for extra in (tick, abort, fin, hole, event(0, i * 17 % 256, i * 31 % 256), event(13, 1, 200, 0), event(14, i % 6)):
                put("session", program(prefix, whole[:i] + [extra] + whole[i:]))


def pairs():
    """Each fault at each step of a conversation, and a few network types."""
    go, write_a, write_b, read_a, read_b = event(15 - 1, 4), event(7, 3, 3, 0), event(0x17, 3, 3, 0), event(8, 1), event(0x18, 1)
    faults = [event(3), event(4), event(5, 0, 0, 77), event(6, 0, 9), event(2, 1), event(10), event(11, 200, 0), event(12, 8), event(0x1C, 8),
              event(13, 15)]
    whole = [go, write_a, go, write_b, go, read_a, read_b, write_a, go, event(9), go, event(0x19), go]
    for how in (0, 4, 0x43, 0x47):
        prefix = bytes([how, 3, 4, 0, 3, 4, 0, 1, 2, 7, 208, 3, 2, 0, 3, 2, 0, 3, 4, 3, 232])
        put("pair", program(prefix, whole))
        for i in range(len(whole)):
            for f in faults:
                put("pair", program(prefix, whole[:i] + [f] + whole[i:]))


def tables():
    """Many names into few buckets, then out again in another order; listeners beside each other; ports taken one by one."""
    def entry(op, n, *rest):
        return bytes([op, n, *rest]).ljust(6, b"\0")[:6]
    listen = [entry(7, 0, 0, 4), entry(7, 1, 1, 4), entry(7, 2, 4, 2)]
    syn = [entry(0, n, 2, 0, 9) for n in range(0, 96, 2)]
    settle = [entry(4, n, state) for n in range(12) for state in (3, 4)]
    accept, out, due = ([entry(op, n, 1, n) for n in range(40)] for op in (4, 5, 6))
    ports = [entry(3, n % 3, 5, n) for n in range(60)]
    for size, buckets in ((39, 0), (39, 1), (23, 3), (0, 0)):
        begin = bytes([size, buckets, 7, 1, 2, 3])
        put("table", begin + b"".join(listen + syn + settle + accept + due + syn))
        put("table", begin + b"".join(ports + due + out[::3] + ports + out))
        put("table", begin + b"".join(listen + syn + settle + listen[:1] + out + syn + ports))


def layers():
    """Frames that a fuzzer does not guess, and texts that overflow partial sums."""
    station, ip = bytes(range(6)), bytes([0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 9, 192, 0, 2, 1])
    for n in (1, 255, 512, 1024, 1025, 2100):
        put("checksum", b"\xff" * n)
        put("checksum", bytes((i * 251 + 7) % 256 for i in range(n)))
    for protocol, body in ((6, bytes(40)), (1, bytes([8, 0, 0, 0, 1, 2, 3, 4]) + b"echo"), (17, bytes(12)),
                           (1, bytes([3, 4, 0, 0, 0, 0, 5, 0x78]) + ip[:2] + b"\0\x28" + ip[4:] + bytes(8))):
        for flags in (0x40, 0x20, 0x00, 0x60, 0x01):
            head = bytearray(ip)
            head[2:4], head[6], head[9] = (20 + len(body)).to_bytes(2, "big"), flags, protocol
            put("frame", b"\0" + station + station[::-1] + b"\x08\x00" + bytes(head) + body)
            put("frame", b"\2" + bytes(head) + body)
        put("frame", b"\3" + body)
    for operation in (1, 2, 3):
        put("frame", b"\0" + b"\xff" * 6 + station + b"\x08\x06" + bytes([0, 1, 8, 0, 6, 4, 0, operation]) + bytes(20))


def damaged():
    """For sq_valid: each word of a block, alone, one more, one less, 0, all ones, two beside each other all ones; and parts of different states."""
    draw = random.Random(1)
    bodies = [bytes([state]) + bytes(draw.choice((0, 0, draw.randrange(256))) for _ in range(150)) for state in [*range(11)] * 2]
    # Those of `segment` with text beyond a gap, too.
    bodies += [d[1:] for d in (p.read_bytes() for p in sorted((ROOT / "fuzz/corpus/segment").iterdir())) if len(d) > 80 and d[1] >= 128][:12]
    for word in range(178):
        for how in (0, 64, 128, 129, 255):
            for body in draw.sample(bodies, 8):
                put("call", bytes([12, 0, word, how, 255, 255, 255, 255]).ljust(23, b"\0") + body)
        for body in draw.sample(bodies, 8):  # a word of 64 bits
            put("call", (bytes([12, 1]) + bytes([word, 255, *[255] * 4, (word + 1) % 178, 255, *[255] * 4])).ljust(23, b"\0") + body)
    for state in range(12):
        for tx in range(8):
            for rx in range(4):
                put("call", bytes([12, 192, state, tx, rx, 177, 128]).ljust(23, b"\0") + bodies[state % 11])


def main():
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__ + "\nusage: fuzz/seeds.py [CAPTURE...]")
        return 0
    sessions()
    pairs()
    layers()
    tables()
    damaged()
    scripts = sorted((ROOT / "tests/script").rglob("*.pkt"))
    for f in scripts:
        seeds_wire.script(f.read_text(), put)
    files = [Path(a) for a in sys.argv[1:]] or sorted((ROOT / "build/fuzz/captures").glob("*.pcapng"))
    for f in files:
        if not f.exists():
            print(f"seeds: {f}: no such file", file=sys.stderr)
            return 2
        if seeds_wire.capture(f.read_bytes(), put) == 0:
            print(f"seeds: {f}: no frame of a pcap or pcapng file in it", file=sys.stderr)
            return 2
    print("seeds: " + ", ".join(f"{t} {n}" for t, n in sorted(made.items()))
          + f" in build/fuzz/seeds/, from {len(scripts)} wire scripts and {len(files)} captures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
