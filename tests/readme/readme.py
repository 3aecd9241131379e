#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the generated parts of README.md, or with --check says whether they are what the sources say.

A part stands between <!-- NAME --> and <!-- /NAME -->: `states` from the compiled state relation, `status` from
proofs/results/, `embed` from tests/embed/example.c.
"""
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def states():
    with tempfile.TemporaryDirectory() as d:
        exe = Path(d) / "arrows"
        subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", f"-I{ROOT}", "-o", exe, ROOT / "tests/readme/arrows.c",
                        ROOT / "core/state.c"], check=True)
        lines = subprocess.run([exe], check=True, capture_output=True, text=True).stdout.splitlines()
    out = ["```mermaid", "stateDiagram-v2", "    [*] --> CLOSED"]
    ends = []
    for line in lines:
        start, end, event, guard = line.split("\t")
        if end == "CLOSED" and event in ("RST", "ABORT or limit"):
            ends.append((start, event))
            continue
        out.append(f"    {start} --> {end}: {event}" + (f" ({guard})" if guard else ""))
    by_rst = sorted({s for s, e in ends if e == "RST"})
    by_end = sorted({s for s, e in ends if e == "ABORT or limit"})
    out.append("```")
    out.append(f"\nBeside these arrows, a RST that counts leads to CLOSED from {', '.join(by_rst)}; "
               f"ABORT or a limit that passes leads there from {len(by_end)} states, all but CLOSED itself.")
    return "\n".join(out)


def status():
    out = ["| unit | functions | safety | functional | termination |", "|---|---:|---:|---:|---:|"]
    total = [0, 0, 0, 0]
    for path in sorted((ROOT / "proofs/results").glob("**/*.tsv")):
        if path.name == "wrong.tsv":
            continue
        rows = [r for r in csv.reader(path.open(), delimiter="\t") if len(r) >= 4 and r[1].isdigit()]
        if not rows:
            continue
        figures = [len(rows)] + [sum(int(r[k]) for r in rows) for k in (1, 2, 3)]
        total = [a + b for a, b in zip(total, figures)]
        out.append(f"| {path.stem} | " + " | ".join(map(str, figures)) + " |")
    out.append("| **all, every goal proved** | " + " | ".join(f"**{t}**" for t in total) + " |")
    return "\n".join(out)


def embed():
    return "```c\n" + (ROOT / "tests/embed/example.c").read_text().rstrip() + "\n```"


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit("usage: tests/readme/readme.py [--check]")
    readme = ROOT / "README.md"
    text = readme.read_text()
    for name, make in (("states", states), ("status", status), ("embed", embed)):
        mark = re.compile(rf"(<!-- {name} -->\n)(?:.*?\n)?(<!-- /{name} -->)", re.S)
        if not mark.search(text):
            sys.exit(f"README.md: no part <!-- {name} --> ... <!-- /{name} -->")
        body = make()
        text = mark.sub(lambda m: m.group(1) + body + "\n" + m.group(2), text)
    if text == readme.read_text():
        print("readme: up to date")
    elif check:
        sys.exit("README.md: its generated parts are not what the sources say; run `make readme` and commit")
    else:
        readme.write_text(text)
        print("readme: written")


main()
