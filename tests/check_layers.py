#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make layers: the order of core/LAYERS, the arrows spec <- core <- {harness, fuzz, proofs, tests}, and what the
core's C may not use, because the proof's memory model says nothing about it (proofs/trusted.md)."""
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "proofs"))
import source  # noqa: E402

# Which folders a folder may include.
MAY = {"spec": {"spec"}, "core": {"core", "spec"}, "harness": {"harness", "core", "spec"},
       "fuzz": {"fuzz", "harness", "core", "spec"}, "proofs": {"proofs", "harness", "core", "spec"},
       "tests": {"tests", "fuzz", "harness", "core", "spec"}}
FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h"}
BANNED = ((r"\bgoto\b", "goto"), (r"\bunion\b", "union: the proof's memory model is unsound for it"),
          (r"\b(float|double)\b", "floating point"), (r"\b(asm|__asm__|setjmp|volatile|alloca|malloc)\b", "not in the core"),
          (r"\(\s*(?:const\s+)?(?:struct\s+\w+|enum\s+\w+|[A-Za-z_]\w*(?:\s+\w+)?)\s*\*+\s*(?:const|restrict)?\s*\)\s*[\w(&*]",
           "cast to a pointer type: the proof's memory model is unsound for it"),
          (r"\(\s*\*\s*\w+\s*\)\s*\(", "function pointer"),
          (r"\(uintptr_t\)|\(intptr_t\)", "pointer as a number"))
bad = []


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def resolve(path, name):
    for base in (path.parent, ROOT):
        p = (base / name).resolve()
        if p.exists() and ROOT in p.parents:
            return p.relative_to(ROOT)
    return None


order = [l.strip() for l in (ROOT / "core/LAYERS").read_text().splitlines() if l.strip() and l[0] != "#"]
rank = {name: i for i, name in enumerate(order)}
if len(rank) != len(order):
    bad.append("core/LAYERS: a file stands twice")
files = [p for d in MAY for p in sorted((ROOT / d).rglob("*")) if p.suffix in (".c", ".h", ".acsl")]
for p in files:
    rel = p.relative_to(ROOT)
    top, text = rel.parts[0], p.read_text(encoding="utf-8")
    if top == "spec" and rel.parts[1:2] == ("model",):
        allowed = {"spec", "core"}                      # the model runs the real core
    else:
        allowed = MAY[top]
    mine = None
    if top == "core":
        mine = rank.get(p.name, rank.get(p.with_suffix(".h").name))
        if mine is None:
            bad.append(f"{rel}: not in core/LAYERS, nor {p.with_suffix('.h').name}")
    for m in re.finditer(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', text, re.M):
        where = f"{rel}:{line_of(text, m.start(2))}"
        if m.group(1) == "<":
            if top == "core" and m.group(2) not in FREESTANDING:
                bad.append(f"{where}: <{m.group(2)}>: the core includes only {', '.join(sorted(FREESTANDING))}")
            continue
        target = resolve(p, m.group(2))
        if target is None:
            bad.append(f'{where}: "{m.group(2)}" is not in this tree')
        elif target.parts[0] not in allowed:
            bad.append(f'{where}: {top}/ may not include {target.parts[0]}/ ("{m.group(2)}")')
        elif top == "core" and target.parts[0] == "core" and mine is not None:
            theirs = rank.get(target.name)
            own = target.name == p.with_suffix(".h").name
            if theirs is None:
                bad.append(f"{where}: {target} is not in core/LAYERS")
            elif theirs >= mine and not own:
                bad.append(f"{where}: {p.name} stands before {target.name} in core/LAYERS")
    if top == "core":
        code = source.blank(text)
        for pattern, what in BANNED:
            for m in re.finditer(pattern, code):
                bad.append(f"{rel}:{line_of(code, m.start())}: {what}: {' '.join(m.group(0).split())}")
for name in order:
    if not (ROOT / "core" / name).exists():
        print(f"layers: core/LAYERS lists {name}, which is not there (yet)", file=sys.stderr)

# No recursion: nobody reaches himself through the calls of the core.
calls = {}
for p in sorted((ROOT / "core").glob("*.[ch]")):
    for f in source.definitions(p.relative_to(ROOT), ROOT):
        calls.setdefault(f.name, set()).update(f.calls)
for start in calls:
    seen, todo = set(), list(calls[start])
    while todo:
        f = todo.pop()
        if f in calls and f not in seen:
            seen.add(f)
            todo += calls[f]
    if start in seen:
        bad.append(f"core: {start} calls itself, by one way or another")

for b in dict.fromkeys(bad):
    print(b)
print(f"layers: {'FAIL' if bad else 'ok'}, {len(files)} files")
sys.exit(bool(bad))
