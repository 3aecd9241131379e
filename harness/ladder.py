#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ladder.py TRACE [PEER]: draws the handshake and the close of the first connection in a trace of `sequent --trace`.

Our states are those the program named. The peer's are inferred from the segments it sent and got, by RFC 9293 3.3.2;
PEER, a file of `ss -tan` lines seen meanwhile, says which of them the peer's kernel itself reported."""
import re
import sys

LINE = re.compile(r"([\d.]+) (\S+) (\S+) (in|out|state) (.*)")


def read(path):
    """The events of the first connection that has a SYN: (seconds, kind, rest)."""
    key, events = None, []
    for line in open(path, encoding="utf-8"):
        m = LINE.match(line)
        if not m:
            continue
        at, local, remote, kind, rest = m.groups()
        if key is None and kind == "in" and rest.startswith("SYN "):
            key = (local, remote)
        if (local, remote) == key:
            events.append((float(at), kind, rest))
    return key, events


class Peer:
    """The other end, told by its segments: it opened, so it began in SYN-SENT. RFC 9293 3.3.2, figure 5."""

    def __init__(self):
        self.state, self.fin, self.our_fin = "SYN-SENT", None, None

    def segment(self, kind, flags, seq, ack, length):
        if kind == "in":                                   # the peer sent it
            if "FIN" in flags:
                self.fin = seq + length + 1
                self.state = {"ESTABLISHED": "FIN-WAIT-1", "CLOSE-WAIT": "LAST-ACK"}.get(self.state, self.state)
            return
        if flags == {"SYN", "ACK"} and self.state == "SYN-SENT":
            self.state = "ESTABLISHED"
        if self.fin is not None and "ACK" in flags and ack == self.fin:
            self.state = {"FIN-WAIT-1": "FIN-WAIT-2", "CLOSING": "TIME-WAIT", "LAST-ACK": "CLOSED"}.get(self.state, self.state)
        if "FIN" in flags:
            self.our_fin = seq + length + 1
            self.state = {"ESTABLISHED": "CLOSE-WAIT", "FIN-WAIT-1": "CLOSING", "FIN-WAIT-2": "TIME-WAIT"}.get(
                self.state, self.state)
        if "RST" in flags:
            self.state = "CLOSED"


def rows(events):
    """Each segment with both ends' states once it has arrived; ours changes on the lines that follow it."""
    out, ours, peer, i = [], "CLOSED", Peer(), 0
    irs = iss = None
    while i < len(events):
        at, kind, rest = events[i]
        i += 1
        if kind == "state":
            ours = rest.split(" -> ")[1].split()[0]
            if out and out[-1]["kind"] in ("in", "out"):
                out[-1]["ours"] = ours
            continue
        word, *pairs = rest.split()
        flags, f = set(word.split(",")), dict(p.split("=") for p in pairs if "=" in p)
        seq, ack, length = int(f["seq"]), int(f["ack"]), int(f["len"])
        irs = seq if kind == "in" and irs is None else irs
        iss = seq if kind == "out" and iss is None else iss
        peer.segment(kind, flags, seq, ack, length)
        mine, other = (iss, irs) if kind == "out" else (irs, iss)
        text = f"<{word}> seq={(seq - (mine or 0)) % 2**32}"
        if "ACK" in flags:
            text += f" ack={(ack - (other or 0)) % 2**32}"
        text += f" len={length}" if length else ""
        out.append(dict(at=at, kind=kind, text=text, ours=ours, peer=peer.state, flags=flags))
    return out


def draw(title, part, start):
    print(f"  {title}")
    print(f"    {'seconds':>8}  {'curl, the kernel':<17}{'':^42}sequent")
    for r in part:
        arrow = f" {r['text']} ".center(36, "-")
        arrow = f"-{arrow}->" if r["kind"] == "in" else f"<-{arrow}-"
        print(f"    {r['at'] - start:8.6f}  {r['peer']:<17}{arrow}   {r['ours']}")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: ladder.py TRACE [PEER]")
    key, events = read(sys.argv[1])
    if not events:
        sys.exit(f"ladder.py: no connection in '{sys.argv[1]}'; expected the lines of `sequent serve --trace`")
    all_rows = rows(events)
    start = all_rows[0]["at"]
    first = next((i for i, r in enumerate(all_rows) if i > 0 and r["ours"] == "ESTABLISHED"), len(all_rows) - 1)
    last = next((i for i, r in enumerate(all_rows) if "FIN" in r["flags"] or "RST" in r["flags"]), None)
    if last is None:
        sys.exit("ladder.py: the connection was not closed")
    print(f"  {key[1]} and {key[0]}; sequence numbers count from each side's ISN, states are those after the segment")
    draw("handshake", all_rows[:first + 1], start)
    print(f"    ... {last - first - 1} segments ...")
    draw("close", all_rows[last:], start)
    ended = [r for at, k, r in events if k == "state" and r.split(" -> ")[1].startswith("CLOSED")]
    print("  sequent's states: its own trace. The kernel's: inferred from its segments"
          + (f"; ss -tan of the kernel shows: {seen(sys.argv[2], key)}" if len(sys.argv) == 3 else "") + ".")
    if not ended:
        sys.exit("ladder.py: sequent did not reach CLOSED")


def seen(path, key):
    """What the peer's kernel itself said of its end."""
    states = [w[0] for w in map(str.split, open(path, encoding="utf-8")) if len(w) >= 5 and key[1] in w[3:5]]
    return ", ".join(dict.fromkeys(states)) or "nothing any more"


main()
