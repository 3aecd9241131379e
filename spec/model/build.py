#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compiles the model over the core's own sources, or over a copy with a variant's edits.

A variant is variants/NAME.edit: `why: TEXT`, then blocks
    function NAME            in whichever file of core/ defines it
    - the old fragment       (white space does not count; it must stand exactly once in the body)
    + the new one
or the name arrow:STATE:EVENT itself: that arrow of sq_state_next is taken away. An edit that finds no place fails loudly.
Objects are kept by the hash of all they depend on, so a variant compiles only what it changes.
"""
import hashlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "spec/model"
OUT = ROOT / "build/model"
SHARED = ["world", "program", "view", "check", "options", "help", "names", "store"]
PROGRAMS = {"mc": ["main", "states", "moves", "explore", "compact", "trace"], "second": ["second", "raw"]}
WARN = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Wmissing-prototypes -Wvla -Werror"
CONFIG = """-DSQ_CONFIG="spec/model/config.h\""""


class BuildError(Exception):
    pass


def blank(text):
    """Comments, contracts among them, as spaces: places stay the same."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)


def body(code, name):
    """(start, end) of the body of the function `name`, or None."""
    m = re.search(rf"^[a-z][\w \t*]*\b{name}\s*\([^;{{}}]*\)\s*\{{", code, re.M)
    if m is None:
        return None
    depth, at = 1, m.end()
    while depth:
        depth += {"{": 1, "}": -1}.get(code[at], 0)
        at += 1
    return m.end(), at


def read_edits(name):
    """[(function, old, new)] and [(state, event)]."""
    if name.startswith("arrow:"):
        return [], [tuple(name.split(":")[1:3])]
    path = HERE / "variants" / f"{name}.edit"
    if not path.exists():
        raise BuildError(f"{path.relative_to(ROOT)}: no such variant")
    edits = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith(("#", "why:")):
            continue
        word, _, rest = line.partition(" ")
        if word == "function":
            edits.append([rest.strip(), "", ""])
        
        elif word in ("-", "+") and edits:
            edits[-1][1 if word == "-" else 2] += rest + "\n"
        else:
            raise BuildError(f"{path.relative_to(ROOT)}:{number}: expected why:, function, - or +: '{line}'")
    return edits, []


def apply(name):
    """{file: text} of what the variant changes in core/."""
    edits, arrows = read_edits(name)
    sources = {p: p.read_text() for p in sorted((ROOT / "core").glob("*.c"))}
    changed = {}
    for function, old, new in edits:
        unit, _, function = function.rpartition(":")        # output.c:begin, where two units have one of that name
        places = [(p, body(blank(changed.get(p, t)), function)) for p, t in sources.items() if p.name == (unit or p.name)]
        places = [(p, b) for p, b in places if b]
        if len(places) != 1:
            raise BuildError(f"variants/{name}.edit: function {function} stands {len(places)} times in core/*.c, "
                             "expected once; mend the edit")
        path, (start, end) = places[0]
        text = changed.get(path, sources[path])
        pattern = r"\s*".join(re.escape(t) for t in re.findall(r"\w+|\S", old))
        found = list(re.finditer(pattern, blank(text)[start:end]))
        if len(found) != 1:
            raise BuildError(f"variants/{name}.edit: the fragment stands {len(found)} times in {function} "
                             f"({path.relative_to(ROOT)}), expected once; mend the edit:\n{old}")
        a, b = start + found[0].start(), start + found[0].end()
        changed[path] = text[:a] + new.strip() + text[b:]
    for state, event in arrows:
        path = ROOT / "core/state.c"
        text = changed.get(path, sources[path])
        if len(re.findall(r"^uint32_t sq_state_next\(", blank(text), re.M)) != 1:
            raise BuildError(f"variants/{name}.edit: core/state.c does not define sq_state_next once")
        text = re.sub(r"^uint32_t sq_state_next\(", "static uint32_t whole(", text, flags=re.M)
        changed[path] = text + (f"\nuint32_t sq_state_next(uint32_t s, uint32_t e, uint32_t p)\n"
                                f"{{\n    return s == SQ_{state} && e == SQ_EVENT_{event} ? s : whole(s, e, p);\n}}\n")
    return changed


def run(command):
    r = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if r.returncode != 0:
        raise BuildError(f"{' '.join(map(str, command))}\n{r.stderr}")


def sha(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p.encode() + b"\0")
    return h.hexdigest()[:20]


class Builder:
    def __init__(self):
        self.cc = shlex.split(os.environ.get("CC", "gcc"))
        self.headers = sha(*(p.read_text() for d in ("core", "spec/model") for p in sorted((ROOT / d).glob("*.h"))))
        self.done = {}

    def compile(self, path, text, flags):
        command = [*self.cc, "-std=c11", "-O2", "-g", *flags, f"-I{ROOT}", f"-I{ROOT}/core"]
        out = OUT / "obj" / f"{path.stem}-{sha(self.headers, text, *command)}.o"
        if not out.exists():
            out.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=out.parent) as d:
                copy, made = Path(d) / path.name, Path(d) / out.name
                copy.write_text(f'#line 1 "{path.relative_to(ROOT)}"\n{text}')
                run([*command, "-c", copy, "-o", made])
                made.replace(out)                                   # whole or not at all: others compile too
        return out

    def program(self, program, variant="-"):
        """The path of mc or second over the core ('-'), over the shipped objects ('shipped'), or over a variant."""
        if (program, variant) in self.done:
            return self.done[program, variant]
        config = [] if variant == "shipped" else [CONFIG]
        flags = [*WARN.split(), "-D_GNU_SOURCE", *config]
        objects = [self.compile(HERE / f"{n}.c", (HERE / f"{n}.c").read_text(), flags)
                   for n in PROGRAMS[program] + SHARED]
        if variant == "shipped":
            run(["make", "-s", "--no-print-directory", "lib", f"CC={' '.join(self.cc)}"])
            objects.append(ROOT / "build/libsequent.a")
            name = sha(*map(str, objects), hashlib.sha256(objects[-1].read_bytes()).hexdigest())
        else:
            changed = apply(variant) if variant != "-" else {}
            objects += [self.compile(p, changed.get(p, p.read_text()), config)
                        for p in sorted((ROOT / "core").glob("*.c"))]
            name = sha(*map(str, objects))
        out = OUT / "bin" / f"{program}-{name}"
        if not out.exists():
            out.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=out.parent) as d:
                run([*self.cc, "-o", Path(d) / out.name, *objects])
                (Path(d) / out.name).replace(out)
        self.done[program, variant] = out
        return out


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in PROGRAMS:
        print("usage: build.py mc|second [VARIANT]   prints the program's path", file=sys.stderr)
        sys.exit(0 if sys.argv[1:] == ["--help"] else 2)
    try:
        print(Builder().program(*sys.argv[1:]))
    except BuildError as e:
        print(f"build.py: {e}", file=sys.stderr)
        sys.exit(2)
