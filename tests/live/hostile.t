#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Malformed segments at the live endpoint: lengths, headers and checksums (rows A..), TCP options (rows B..). Each test
says what was sent and what must come back; silence is looked for a quarter of a second."""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import *  # noqa: E402,F403  the tests are read as one with it

# ---- A. lengths, headers, checksums ----

def syns(link, layer, field, values):
    """A SYN for each value of this field."""
    for value in values:
        f = link.syn()
        setattr(f[layer], field, value)
        yield f


@test("A1 IP total length beyond the frame: silent drop")
def a1(link):
    link.silent(list(syns(link, IP, "len", (41, 140, 60040))), "ip_total_length")


@test("A3 link padding behind the datagram is no text and no option")
def a3(link):
    c = Conn(link)
    link.send(bytes(c.build()) + b"\x5a" * 6)
    link.send(bytes(c.build(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) + b"garbage" * 3)
    c.seq += 50
    c.page(request=False)


@test("A5 data offset 0..4: silent drop")
def a5(link):
    link.silent([link.syn(dataofs=n) for n in range(5)], "tcp_short")


@test("A7 segment cut at every byte of the IP and TCP headers: silent drop each time")
def a7(link):
    whole = bytes(link.syn(options=option(2, b"\x05\xb4") + b"\x01" * 16))
    link.silent([whole[:14 + n] for n in range(20)], "ip_short")
    link.silent([whole[:14 + n] for n in range(20, 60)], "ip_total_length")
    told = []
    for n in range(40):
        f = link.syn(options=option(2, b"\x05\xb4") + b"\x01" * 16)
        tcp = bytes(f)[34:34 + n]
        told.append(link.ip(proto=6) / Raw(tcp))
    link.silent(told, "tcp_short+tcp_checksum")


@test("A9 checksum 0x0000 and 0xFFFF are one value, and neither stands for no checksum")
def a9(link):
    f = None
    for seq in range(1, 70000):
        f = link.syn(port=30001, seq=seq) if f is None else f
        f[TCP].seq = seq
        raw = bytearray(bytes(f)[34:])
        raw[16:18] = b"\0\0"
        s = sum(struct.unpack(f"!{len(raw) // 2}H", raw)) + sum(struct.unpack("!4H", socket.inet_aton(OUR) + socket.inet_aton(HOST)))
        s += 6 + len(raw)
        while s > 0xffff:
            s = (s & 0xffff) + (s >> 16)
        if s == 0xffff:
            break
        f[TCP].seq = (seq + 0xffff - s) % 2**32         # adds what is missing to the low half
    else:
        raise AssertionError("no sequence number gives the checksum zero")
    for value in (0, 0xffff):
        f[TCP].chksum = value
        link.answered(f)
    link.silent([link.syn(chksum=value) for value in (0, 0xffff)], "tcp_checksum")


@test("A11 wrong IPv4 header checksum: silent drop")
def a11(link):
    right = IP(bytes(link.syn()[IP])).chksum
    link.silent(list(syns(link, IP, "chksum", (right ^ 1, right ^ 0x8000, 0))), "ip_checksum")


@test("A13 source or destination port 0: silent drop")
def a13(link):
    link.silent([link.syn(port=0), link.syn(dport=0), link.syn(port=0, dport=0)], "tcp_port_zero")


@test("A15 a datagram for an address that is not ours: silent drop")
def a15(link):
    link.silent(list(syns(link, IP, "dst", ("10.9.0.3", "10.9.0.255", "255.255.255.255", "224.0.0.1", "127.0.0.1", "0.0.0.0"))),
                "ip_not_ours")


@test("A15 a datagram from an address that no host can have: silent drop")
def a15_source(link):
    link.silent(list(syns(link, IP, "src", ("0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.9.0.255", HOST))),
                "ip_bad_source")


@test("A17 500 fragments of datagrams never completed: refused, counted, nothing kept")
def a17(link):
    frames = []
    for i in range(500):
        f = link.ip(id=i, flags="MF" if i % 2 else 0, frag=0 if i % 2 else 8) / Raw(bytes(64))
        f[IP].proto = 6
        frames.append(f)
    link.silent(frames, "ip_fragment")
    link.fine()


@test("A19 IPv6 with endless and absurd extension headers: not spoken here, silent drop")
def a19(link):
    ether = bytes(Ether(src=link.mac, dst=link.peer, type=0x86dd))
    head = struct.pack("!IHBB", 6 << 28, 64, 0, 64) + bytes(32)
    frames = [ether + head + bytes([0, n]) + bytes(62) for n in (0, 7, 255)]
    frames.append(ether + head[:4] + b"\0\0" + head[6:])
    link.silent(frames, "frame_other_protocol")


@test("A21 TTL 0 or 1: accepted by a host")
def a21(link):
    for f in syns(link, IP, "ttl", (0, 1)):
        link.answered(f)


# ---- B. options ----

@test("B1 option of length 0 or 1: parsing stops, the segment counts, and is counted")
def b1(link):
    before = link.counters()["tcp_malformed_options"]
    kinds = [2, 3, 4, 5, 8, 19, 29, 254, 255]
    for size in (0, 1):
        for kind in kinds:
            link.answered(link.syn(options=option(kind, b"\x05\xb4", size)))
    assert link.counters()["tcp_malformed_options"] - before == 2 * len(kinds), "not each was counted"
    c = Conn(link)
    c.acked(b"GET /page HTTP/1.1\r\n", options=option(200, b"\0\0", 0))
    c.reset()


@test("B3 option whose length runs past the header: not read, the segment counts")
def b3(link):
    for kind in (2, 3, 4, 5, 8, 254):
        for size in (5, 40, 255):
            link.answered(link.syn(options=option(kind, b"\x05\xb4", size)))
    link.answered(link.syn(options=b"\x01\x01\x01\x02"))   # a kind without room for its length
    c = Conn(link, options=option(2, b"\x03\xe8", 5))
    c.page()
    assert c.largest == 536, f"segments of {c.largest} bytes, expected the default of 536"


@test("B5 unknown option of a valid length, on SYN and on text: ignored")
def b5(link):
    c = Conn(link, options=option(2, b"\x05\xb4") + option(200, b"abcd"))
    c.acked(b"GET /page HTTP/1.1\r\n", options=option(201, b"x" * 30))
    c.acked(b"Host: x\r\n", options=option(99))
    c.acked(b"Connection: close\r\n")
    c.segment(b"\r\n")
    c.page(request=False)
    assert c.largest == 1460, f"segments of {c.largest} bytes, expected 1460"


@test("B7 MSS option of another length than 4: ignored")
def b7(link):
    for text in (b"", b"\x05", b"\x03\xe8\x01", b"\x03\xe8" * 8):
        c = Conn(link, options=option(2, text))
        c.page()
        assert c.largest == 536, f"length {len(text) + 2}: segments of {c.largest} bytes, expected the default of 536"


@test("B9 MSS 65535: segments stay within our own MTU; MSS 0 and 1 do not starve")
def b9(link):
    c = Conn(link, options=option(2, b"\xff\xff"))
    c.page()
    assert c.largest == 1460, f"segments of {c.largest} bytes, expected 1460"
    for offer in (b"\0\0", b"\0\1"):
        c = Conn(link, options=option(2, offer))
        c.page()
        assert c.largest == 48, f"segments of {c.largest} bytes, expected the floor of 48"


@test("B11 MSS on a segment that is no SYN: ignored")
def b11(link):
    c = Conn(link)
    c.segment(options=option(2, b"\0\x64"))
    c.page(options=option(2, b"\0\x64"))
    assert c.largest == 1460, f"segments of {c.largest} bytes, expected 1460"


@test("B13 window scale of 15..255 counts as 14")
def b13(link):
    for shift in (15, 31, 32, 64, 255):
        c = Conn(link, options=option(2, b"\x05\xb4") + option(3, bytes([shift])), window=3000)
        assert all(o[1] <= 14 for o in c.synack.options if o[0] == "WScale"), "a window scale beyond 14 in the answer"
        c.window = 0
        c.segment()
        c.window = 1
        c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        sent = max(at + len(t) for at, t in c.flight())
        assert 0 < sent <= 16384, f"{sent} bytes into a window of 1 at a scale of 14"
        c.reset()


@test("B15 the windows behind a SYN are scaled as the SYN said")
def b15(link):
    c = Conn(link, options=option(2, b"\x05\xb4") + option(3, b"\x07"), window=2000)
    c.window = 15
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    sent = max(at + len(t) for at, t in c.flight())
    assert 0 < sent <= 15 * 128, f"{sent} bytes into a window of 15 at a scale of 7"
    c.reset()


@test("B17 SACK option of length 2, 9, 11, 35 or 42: ignored")
def b17(link):
    c = Conn(link)
    request = b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for i, size in enumerate((2, 9, 11, 35, 42)):
        c.acked(request[i:i + 1], options=option(5, b"\xff" * (min(size, 40) - 2), size))
    c.segment(request[5:])
    c.page(request=False, options=option(5, bytes(9)))


@test("B19 SACK of text never sent, then an acknowledgment below it: every byte still arrives")
def b19(link):
    c = Conn(link)
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    sent = c.flight(0.1)
    assert sent, "nothing came"
    edge = c.start + 30000
    sack = option(5, struct.pack("!II", edge, edge + 5000))
    first = len(sent[0][1])
    c.got, c.ack = sent[0][1], c.start + first
    c.segment(options=sack)
    c.page(request=False, options=sack)


@test("B21 4,000 acknowledgments with alternating one-byte SACK holes: bounded work, the page arrives")
def b21(link):
    c = Conn(link)
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    c.flight(0.1)
    started = link.cpu()
    frames = [bytes(c.build(options=option(5, b"".join(struct.pack("!II", c.start + 56 * i + 2 * k, c.start + 56 * i + 2 * k + 1)
                                                       for k in range(4))))) for i in range(250)]
    for f in frames * 16:
        link.send(f)
    c.link.counters()
    spent = link.cpu() - started
    c.page(request=False)
    assert spent < 1, f"{spent:.1f} s of the endpoint's time"


@test("B23 timestamps that were not negotiated: ignored, none in return")
def b23(link):
    c = Conn(link)
    t = c.acked(b"GET /page HTTP/1.1\r\n", options=b"\x01\x01" + option(8, bytes(8)))
    assert not any(o[0] == "Timestamp" for o in t.options), "a timestamp in return"
    c.segment(b"Host: x\r\nConnection: close\r\n\r\n", options=b"\x01\x01" + option(8, b"\xff" * 8))
    c.page(request=False, options=b"\x01\x01" + option(8, b"\xff" * 8))


@test("B25 MD5 and TCP-AO options with a wrong length: ignored")
def b25(link):
    c = Conn(link)
    for i, (kind, size) in enumerate(((19, 17), (19, 2), (29, 2), (29, 3), (29, 38))):
        c.acked(b"GET /page HTTP/1.1\r\n"[i:i + 1], options=option(kind, bytes(size - 2)))
        link.answered(link.syn(options=option(kind, bytes(size - 2))))
    c.segment(b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"[5:])
    c.page(request=False)


main()
