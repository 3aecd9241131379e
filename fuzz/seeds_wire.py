# SPDX-License-Identifier: MIT
"""Seeds out of conversations: wire scripts (tests/script/*.pkt) and captures (pcap, pcapng). Each gives raw headers, options and
frames, and a program for `session` in which the peer says the same in the same order."""
import re
import struct

FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, ".": 16, "U": 32}
EVENT = 12
FIN, SYN, RST, ACK = 1, 2, 4, 16


def number(value):
    """fuzz_edge: any number, then 16 bits of it."""
    return bytes([3]) + min(value, 65535).to_bytes(2, "big")


class Talk:
    """The events of a session, as fuzz_session.c reads them; SEG.SEQ of the peer is followed to tell text from holes."""

    def __init__(self, active=False):
        self.active, self.events, self.next = active, [], None

    def event(self, op, *rest):
        self.events.append((bytes([op]) + b"".join(bytes([r]) if isinstance(r, int) else r for r in rest)).ljust(EVENT, b"\0")[:EVENT])

    def segment(self, flags, seq, length, window, mss=None, shift=None):
        if flags & RST:
            self.event(0, 9 if flags & ACK else 8, 15, 15 + 32)
        elif flags & SYN:
            how = (1 if flags & ACK else 0) | (4 if mss is not None else 0) | (8 if shift is not None else 0) | ((shift or 0) << 4)
            self.event(8, how & 255, (seq & 0xFFFFFFFF).to_bytes(4, "big"), number(window), *([number(mss)] if mss is not None else []))
            self.next = seq + 1
        else:
            gap = 0 if self.next is None else seq - self.next
            if flags & FIN and gap == 0:
                self.event(7, min(length, 127) * 2 + 1)
                self.next = seq + length + 1
            elif length and gap > 0:
                self.event(5, 0, min(gap, 2047).to_bytes(2, "big"), number(length))
            elif length:
                self.event(4, 0, number(length))
                self.next = max(self.next or 0, seq + length)
            else:
                self.event(6, 0, 1, 0, number(window))

    def program(self, ring=2048):
        return (number(ring) + number(ring) + bytes([2 if self.active else 0, 0, 0, 0, 9])).ljust(32, b"\0") + b"".join(self.events[:240])


def header(flags, seq, ack, window, options=b""):
    options = options.ljust((len(options) + 3) // 4 * 4, b"\0")[:40]
    return struct.pack(">HHIIHHHH", 4000, 80, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, (5 + len(options) // 4) << 12 | flags, min(window, 65535), 0, 0) + options


def options_of(text):
    """<mss 1000,nop,wscale 7,sackOK,hex 0102> as bytes; what is not known by name is left out."""
    out = b""
    for part in text.split(","):
        word = part.split()
        if not word or (len(word) > 1 and not re.fullmatch(r"\d+|[0-9a-fA-F]+", word[1])):
            continue
        value = word[1] if len(word) > 1 else "0"
        if word[0] == "hex" and len(value) % 2 == 0:
            out += bytes.fromhex(value)
        elif word[0] in ("nop", "eol", "sackOK"):
            out += {"nop": b"\1", "eol": b"\0", "sackOK": b"\4\2"}[word[0]]
        elif word[0] == "mss" and value.isdigit():
            out += b"\2\4" + (int(value) & 65535).to_bytes(2, "big")
        elif word[0] == "wscale" and value.isdigit():
            out += b"\3\3" + bytes([int(value) & 255])
    return out


def script(text, put):
    talk = Talk()
    for line in text.splitlines():
        at, _, what = line.strip().partition(" ")
        what = what.strip()
        if re.fullmatch(r"\+(\d+|\d*\.\d+)", at) and float(at) > 0:
            talk.event(13, 1, min(int(float(at) * 1000), 65535).to_bytes(2, "big"))
        m = re.match(r"([<>]) ([FSRPU.]+|-) (\d+):\d+\((\d+)\)(?: ack (\d+))?(?: win (\d+))?(?:.*?<(.*)>)?", what)
        call = re.match(r"(connect|listen|write|send|read|recv|close|shutdown|abort)\b[^0-9]*\d+(?:, [^,]*)?(?:, (\d+))?", what)
        if m:
            flags = sum(FLAGS.get(f, 0) for f in m.group(2))
            options = options_of(m.group(7) or "")
            window = int(m.group(6) or 8000)
            raw = header(flags, int(m.group(3)), int(m.group(5) or 0), window, options)
            put("header", raw)
            if options:
                put("options", raw[20:])
            if m.group(1) == "<":
                mss, shift = re.search(r"mss (\d+)", m.group(7) or ""), re.search(r"wscale (\d+)", m.group(7) or "")
                talk.segment(flags, int(m.group(3)), int(m.group(4)), window, int(mss.group(1)) if mss else None,
                             int(shift.group(1)) & 15 if shift else None)
        elif call:
            verb, n = call.group(1), number(int(call.group(2) or 100))
            talk.active = talk.active or verb == "connect"
            op = {"write": 9, "send": 9, "read": 10, "recv": 10, "close": 11, "shutdown": 11}.get(verb)
            if op:
                talk.event(op, 0, *([n] if op < 11 else []))
            elif verb == "abort":
                talk.event(11, 7)
    put("session", talk.program())


def frames(data):
    """Ethernet frames of a pcap or pcapng file; None: neither."""
    if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4"):
        order, at = ("<" if data[0] == 0xD4 else ">"), 24
        while at + 16 <= len(data):
            length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
            yield data[at + 16:at + 16 + length]
            at += 16 + length
    elif data[:4] == b"\x0a\x0d\x0d\x0a":
        order, at = ("<" if data[8] == 0x4D else ">"), 0
        while at + 12 <= len(data):
            kind, total = struct.unpack(order + "II", data[at:at + 8])
            if total < 12:
                return
            if kind == 6:
                length = struct.unpack(order + "I", data[at + 20:at + 24])[0]
                yield data[at + 28:at + 28 + length]
            at += total


def capture(data, put):
    """How many frames; who sent the first SYN of a conversation, or its SYN,ACK, is the peer in turn, so both sides are played."""
    talks, n = {}, 0
    for frame in frames(data):
        n += 1
        put("frame", b"\4" + frame[:1500])
        if len(frame) < 54 or frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        ip = frame[14:14 + int.from_bytes(frame[16:18], "big")]
        segment = ip[(ip[0] & 15) * 4:]
        source, target, seq, _, word, window = struct.unpack(">HHIIHH", segment[:16])
        size, flags = (word >> 12) * 4, word & 63
        put("header", segment[:200])
        put("options", segment[20:size])
        put("checksum", segment[:600])
        one, other = (ip[12:16], source), (ip[16:20], target)
        length = len(segment) - size
        for user, peer, arrives in ((other, one, True), (one, other, False)):
            talk = talks.setdefault((user, peer), Talk(active=not arrives and flags & SYN and not flags & ACK))
            if arrives:
                mss = int.from_bytes(segment[22:24], "big") if flags & SYN and segment[20:22] == b"\2\4" else None
                talk.segment(flags, seq, length, window, mss)
            elif length:
                talk.event(9, 0, number(length))
            elif flags & FIN:
                talk.event(11, 0)
    for talk in talks.values():
        put("session", talk.program())
    return n
