#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes fuzz/tcp.dict from what spec/ and core/header.h say: each option kind with each length it may have (OptionFits in
spec/header.acsl), and each control bit in the two bytes where it stands. --check: says whether the file is up to date."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "fuzz/tcp.dict"
NAMES = {2: "mss", 3: "shift", 4: "sack_permitted", 5: "sack", 8: "timestamp"}


def main():
    text = re.search(r"logic integer OptionFits.*?;", (ROOT / "spec/header.acsl").read_text(), re.S).group(0)
    kinds = re.split(r"kind == (\d+) \?", text)[1:]
    lines = ["# Written by fuzz/dictionary.py. SPDX-License-Identifier: MIT", 'end="\\x00"', 'nop="\\x01"']
    for kind, rest in zip(map(int, kinds[::2]), kinds[1::2]):
        for size in map(int, re.findall(r"size == (\d+)", rest)):
            name = f"{NAMES.get(kind, 'kind' + str(kind))}_{size}"
            body = "".join(f"\\x{b:02x}" for b in [kind, size, *range(1, size - 1)])
            lines += [f'{name}="{body}"', f'{name}_head="\\x{kind:02x}\\x{size:02x}"', f'{name}_short="\\x{kind:02x}\\x{size - 1:02x}"']
    flags = re.findall(r"^\s*(SQ_[A-Z]+) = (\d+)", (ROOT / "core/header.h").read_text(), re.M)
    for name, value in ((n, int(v)) for n, v in flags if not n.startswith("SQ_HEADER")):
        for words in (5, 15):
            v = words * 4096 + value
            lines.append(f'{name[3:].lower()}_{words}="\\x{v >> 8:02x}\\x{v & 255:02x}"')
    new = "\n".join(lines) + "\n"
    if sys.argv[1:] == ["--check"]:
        if not OUT.exists() or OUT.read_text() != new:
            print("dictionary: fuzz/tcp.dict is out of date: run fuzz/dictionary.py")
            return 1
        return 0
    OUT.write_text(new)
    print(f"dictionary: {len(lines) - 1} entries in fuzz/tcp.dict")
    return 0


if __name__ == "__main__":
    sys.exit(main())
