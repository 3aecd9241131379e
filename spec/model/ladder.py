#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Draws the shortest way to what an experiment finds, as a sequence diagram of its two ends.

    ladder.py NAME                 as text
    ladder.py NAME --mermaid       for Markdown
    ladder.py NAME --svg           for documents: sending and arrival at their own heights
    ladder.py NAME --reach a:TIME_WAIT    the way to another state than the experiment's
    ladder.py --readme [--check]   writes (or checks) the parts <!-- ladder NAME --> of README.md

Sequence numbers count from the ISS of the incarnation they are nearest to, ' marks the second incarnation, '' the third.
Beside a state, the timers that run: r retransmission, p persist, u R2, w 2 MSL.
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import svg  # noqa: E402
from build import HERE, ROOT, Builder, BuildError  # noqa: E402
from mc import read_table  # noqa: E402

CALLS = {"o": "OPEN active", "l": "OPEN passive", "e": "it stands", "s": "SEND 1 byte", "r": "RECEIVE", "R": "RECEIVE",
         "f": "sees the FIN", "c": "CLOSE", "a": "ABORT", "C": "sees CLOSED", "x": "release", "z": "crashes"}
SILENT = "eCf"                       # steps in which the program only looks
MEANS = {"valid": "a control block is not valid", "prefix": "a byte was read that the peer never sent there",
         "agreement": "ESTABLISHED, and the other end never agreed to these two ISS",
         "asked": "ESTABLISHED, and the other end neither agreed nor is asking",
         "window": "text beyond the greatest edge offered", "edge": "an advertised right edge moved back",
         "replies": "too many replies", "release": "a released block is not fresh",
         "clean": "a connection did not end in order", "time-wait": "a segment ended TIME_WAIT",
         "complete": "not all that was sent was read", "deadlock": "nothing can happen any more, and the programs wait",
         "stuck": "from here the programs' end is out of reach, whatever the network does"}


class Segment:
    """One copy on its way: what it says, who sent it, in which row it left and arrived."""

    def __init__(self, text, row, wnd=""):
        self.text, self.sent, self.arrived, self.lost = text, row, None, False
        self.wnd = wnd               # " wnd=N" where the sender's window is another than before
        self.source, self.target = text[0], text[2]

    def label(self):
        return re.sub(r" wnd=\d+| forged", "", self.text[4:]) + self.wnd


class Row:
    def __init__(self, number, what, end, subject, ends):
        self.number, self.what, self.end, self.subject = number, what, end, subject
        self.ends = ends             # letter -> "STATE [timers]"
        self.segment = None


def read(text):
    """The rows of a trace, and every segment in it."""
    rows, segments, windows = [], [], {}
    for line in text.splitlines():
        cells = line.split("\t")
        if len(cells) < 6 or not cells[0].isdigit():
            continue
        ends = {}
        for c in cells[5:]:
            letter, state, _, timers, _, inc = c.split(" ")
            shown = {"-": "gone"}.get(state, state) + "'" * int(inc)
            ends[letter] = shown + (f" [{timers}]" if timers != "-" else "")
        row = Row(int(cells[0]), cells[1], cells[2], cells[3], ends)
        if row.what in ("deliver", "twice", "lose", "forge"):
            row.segment = arrival(row, segments)
        for s in filter(None, cells[4].split(";")):
            wnd = (re.search(r" wnd=\d+", s) or [""])[0]
            segments.append(Segment(s, row.number, wnd if windows.get(s[0], wnd) != wnd else ""))
            windows[s[0]] = wnd or windows.get(s[0], "")
        rows.append(row)
    return rows, segments


def arrival(row, segments):
    if row.what == "forge":
        s = Segment(row.subject, row.number)
        segments.append(s)
    else:
        s = next(s for s in segments if s.text == row.subject and s.arrived is None)
    if row.what == "twice":
        again = Segment(s.text, s.sent, s.wnd)
        segments.append(again)
    s.arrived, s.lost = row.number, row.what == "lose"
    return s


def event(row):
    """What happens in a row that is no arrow."""
    if row.what == "timer":
        return f"{row.subject} timer"
    return CALLS[row.subject]


def names(rows):
    return {"a": "client" if len(rows[0].ends) > 1 else "one end", "b": "server"}


def remark(row):
    note = {"forge": "forged, or of old", "twice": "a copy stays on its way",
            "lose": "lost"}.get(row.what, "")
    late = row.segment.sent if row.segment and row.number - row.segment.sent > 6 and row.what != "forge" else 0
    return ", ".join(filter(None, [note, f"sent in {late}" if late else ""]))


def as_text(rows, segments, title):
    out = [title, f"  {'':>3}  {'a':<22}{'':^44}  b"]
    last = rows[-1].number
    for row in rows:
        if row.what == "step" and row.subject in SILENT and row.number != last:
            continue
        a, b = row.ends["a"], row.ends.get("b", "")
        if row.segment:
            right = row.segment.source == "a"
            label = f" {row.segment.label()} ".center(36, "-")
            middle = (f"{label}{'x ' if row.what == 'lose' else '->'}" if right
                      else f"{' x' if row.what == 'lose' else '<-'}{label}")
            note = remark(row)
        else:
            middle, note = (f"{event(row):<44}" if row.end == "a" else f"{event(row):>44}"), ""
        out.append(f"  {row.number:>3}  {a:<22}{middle:^44}  {b:<20} {note}".rstrip())
    waiting = [f"{s.text[:3]} {s.label()}" for s in segments if s.arrived is None]
    if waiting:
        out.append("       still on their way: " + "; ".join(waiting))
    return "\n".join(out)


def as_mermaid(rows, segments, title):
    out = ["```mermaid", "sequenceDiagram", f"    %% {title}"]
    out += [f"    participant {k} as {k} ({v})" for k, v in names(rows).items() if k in rows[0].ends]
    before = {}
    for row in rows:
        if row.segment:
            s = row.segment
            arrow = "-x" if row.what == "lose" else "->>"
            note = remark(row)
            out.append(f"    {s.source}{arrow}{s.target}: {s.label()}" + (f" ({note})" if note and row.what != "lose" else ""))
        elif not (row.what == "step" and row.subject in SILENT):
            out.append(f"    Note over {row.end}: {event(row)}")
        for k, state in row.ends.items():
            state = re.sub(r" \[.*", "", state)
            if before.get(k, "gone") != state:
                out.append(f"    Note over {k}: {state}")
            before[k] = state
    return "\n".join(out + ["```"])


def trace(builder, row, reach):
    """What mc prints on the way, and its verdict."""
    words = [w for w in row["words"].split() if not (reach and w.startswith(("reach=", "live=")))]
    words += [f"reach={reach}"] if reach else []
    r = subprocess.run([builder.program("mc", row["variant"]), "--trace", *words], capture_output=True, text=True, check=False)
    if r.returncode == 2:
        raise BuildError(r.stderr.strip())
    verdict = re.search(r"^verdict\t(.*)", r.stdout, re.M).group(1)
    return r.stdout, verdict


def draw(name, form, reach=None):
    rows = [r for r in read_table() if isinstance(r, dict) and r["name"] == name]
    if not rows or rows[0]["tier"] == "wait":
        raise BuildError(f"no experiment '{name}' in spec/model/experiments.tsv")
    out, verdict = trace(Builder(), rows[0], reach)
    steps, segments = read(out)
    if not steps:
        raise BuildError(f"{name}: {verdict}, so there is nothing to draw; --reach a:STATE (REACH= for make) draws the "
                         "shortest way to a state")
    if len(steps[0].ends) > 2:
        raise BuildError(f"{name}: three ends, a ladder has two columns")
    bad = verdict.partition(" ")[2]
    title = f"{name}: {rows[0]['shows']}" if not reach else f"{name}: the way to {reach}"
    picture = {"text": as_text, "mermaid": as_mermaid, "svg": svg.draw}[form](steps, segments, title)
    if form == "text" and bad:
        picture += f"\n       {bad}: {MEANS[bad]}"
    return picture


def readme(check):
    path = ROOT / "README.md"
    text = path.read_text()
    parts = re.findall(r"<!-- ladder (\S+) -->", text)
    for name in parts:
        body = f"<!-- ladder {name} -->\n```\n{draw(name, 'text')}\n```\n<!-- /ladder {name} -->"
        text = re.sub(rf"<!-- ladder {name} -->.*?<!-- /ladder {name} -->", lambda m, b=body: b, text, flags=re.S)
    if text == path.read_text():
        print(f"ladders: {len(parts)} in README.md, up to date")
    elif check:
        sys.exit("README.md: its ladders are not what the model finds; run `make readme` and commit")
    else:
        path.write_text(text)
        print("ladders: written")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("name", nargs="?")
    for flag in ("--mermaid", "--svg", "--readme", "--check"):
        ap.add_argument(flag, action="store_true")
    ap.add_argument("--reach", help="the way to this state, as in the words of an experiment")
    args = ap.parse_args()
    if args.readme:
        readme(args.check)
    elif not args.name:
        ap.error("which experiment? (first column of spec/model/experiments.tsv)")
    else:
        print(draw(args.name, "mermaid" if args.mermaid else "svg" if args.svg else "text", args.reach))


if __name__ == "__main__":
    try:
        main()
    except BuildError as e:
        print(f"ladder.py: {e}", file=sys.stderr)
        sys.exit(2)
