#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes seeds to build/fuzz/seeds/TARGET, which fuzz/minimise.py takes into fuzz/corpus/ where they add coverage.

- programs of events for session and pair: what an honest conversation does, from the open to both ends closed, with each fault
  once at each step (fuzz/event.h);
- frames of each protocol, and texts for the checksum's long sums;
- the segments of captures: every .pcap named on the command line, or found in build/ (the live tests leave theirs there), cut
  into headers, options, texts for checksum, and whole frames."""
import hashlib
import random
import struct
import sys
from pathlib import Path

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
    """Blocks with words changed, for what sq_valid looks at last: drawn with a fixed seed."""
    draw = random.Random(1)
    for _ in range(6000):
        body = bytes(draw.choice((0, 0, draw.randrange(256))) for _ in range(150)) if draw.random() < 0.5 else draw.randbytes(150)
        put("call", bytes([12 + draw.randrange(3)]) + body)


def pcap(path):
    data = path.read_bytes()
    if len(data) < 24 or data[:4] not in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4"):
        print(f"seeds: {path}: not a pcap file, left out", file=sys.stderr)
        return
    order, at, link = ("<" if data[0] == 0xD4 else ">"), 24, struct.unpack("<I" if data[0] == 0xD4 else ">I", data[20:24])[0]
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        if link == 1 and len(frame) >= 34:
            put("frame", bytes([4]) + frame[:1500])
            if frame[12:14] == b"\x08\x00" and frame[23] == 6:
                segment = frame[14 + (frame[14] & 15) * 4:]
                put("header", segment[:200])
                put("options", segment[20:(segment[12] >> 4) * 4] if len(segment) > 20 else b"")
                put("checksum", segment[:600])


def main():
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__ + "\nusage: fuzz/seeds.py [FILE.pcap...]")
        return 0
    sessions()
    pairs()
    layers()
    tables()
    damaged()
    files = [Path(a) for a in sys.argv[1:]] or sorted((ROOT / "build").rglob("*.pcap"))
    for f in files:
        if not f.exists():
            print(f"seeds: {f}: no such file", file=sys.stderr)
            return 2
        pcap(f)
    print("seeds: " + ", ".join(f"{t} {n}" for t, n in sorted(made.items())) + f" in build/fuzz/seeds/, {len(files)} captures read")
    return 0


if __name__ == "__main__":
    sys.exit(main())
