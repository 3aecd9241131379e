#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A hundred wrong edits of the core drawn by a seed, each against the proof of the function it touches; beside them twenty
edits that change nothing, which must still prove.

As edits.py, with more ways to be wrong: any relation for another, a constant up, down or none, a name of a constant for its
neighbour, arguments or operands swapped, a condition turned round. At most one edit a line, none of which gcc makes the same
code as before. The draw depends on the text of a function and not on where it stands, so that a change elsewhere leaves it. A
run stops at the first goal that is not proved: that kills the edit. A survivor is shown to the unit tests too.
proofs/mutants.tsv keeps each result, so that an interrupted run goes on; its last column explains a survivor, by hand.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import edits   # noqa: E402
import mutate  # noqa: E402
import prove   # noqa: E402
import source  # noqa: E402

BUILD = prove.ROOT / "build" / "mutants"
TABLE = prove.ROOT / "proofs" / "mutants.tsv"
HEAD = ("# Edits of the core against the proof: kind, hash of function, contract and edit, file, function, the line, the edit, what\n"
        "# noticed it (- nothing), seconds, why a survivor may live. Written by `make prove-mutants` but for the last. "
        "SPDX-License-Identifier: MIT\n")
ATOM = r"(?:[A-Za-z_][\w.]*(?:->\w+|\.\w+|\[\w+\])*|\d+u?)"
RELATIONS = ("<", "<=", ">", ">=", "==", "!=")
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
RELATION = r"(?<=\s)(<=|>=|==|!=|<|>)(?=\s)"


def constants():
    """name -> the enumerators of its enumeration, in order."""
    found = {}
    for p in sorted((prove.ROOT / "core").glob("*.h")):
        for m in re.finditer(r"\benum\s+\w*\s*\{(.*?)\}", source.blank(p.read_text(encoding="utf-8")), re.S):
            names = re.findall(r"\b(SQ_\w+)\b\s*(?:=[^,]*)?(?:,|$)", m.group(1).strip())
            found.update({n: names for n in names if len(names) > 1})
    return found


def wrong_edits(line, enums):
    """(start, end, new text, what) of every wrong edit of a line."""
    found = {(e[0], e[1], e[2]): e for e in edits.edits_of(line)}

    def add(start, end, put, what=""):
        if line[start:end] != put:
            found.setdefault((start, end, put), (start, end, put, what or f"`{line[start:end]}` to `{put}`"))
    for m in re.finditer(RELATION, line):
        for r in RELATIONS:
            add(m.start(), m.end(), r)
    for m in re.finditer(r"\b(\d+)u\b", line):
        n = int(m.group(1))
        for k in {0, n + 1, max(n, 1) - 1, n * 2} - {n}:
            add(m.start(), m.end(), f"{k}u")
    for m in re.finditer(r"\bSQ_\w+\b", line):
        names = enums.get(m.group(0), ())
        if names and not re.match(r"\s*case\b", line):
            add(m.start(), m.end(), names[(names.index(m.group(0)) + 1) % len(names)])
    for m in re.finditer(rf"\(({ATOM}), ({ATOM})(?=[,)])|, ({ATOM}), ({ATOM})(?=[,)])", line):
        a, b = (1, 2) if m.group(1) else (3, 4)
        add(m.start(a), m.end(b), f"{m.group(b)}, {m.group(a)}", f"`{line[m.start(a):m.end(b)]}` swapped")
    for m in re.finditer(rf"(?<![\w.>\]]) ({ATOM}) ([-/%]) ({ATOM})(?=[;,) ])", line):
        add(m.start(1), m.end(3), f"{m.group(3)} {m.group(2)} {m.group(1)}", f"`{line[m.start(1):m.end(3)]}` swapped")
    m = re.match(r"\s*(?:\} else )?(?:if|while) \((.*)\) \{\s*$", line)
    if m:
        add(m.start(1), m.end(1), f"!({m.group(1)})", "condition turned round")
        for k in ("true", "false"):
            add(m.start(1), m.end(1), "0u == 0u" if k == "true" else "0u != 0u", f"condition always {k}")
    m = re.match(r"\s*return (.*) \? (.*) : (.*);\s*$", line)
    if m and "?" not in m.group(2) + m.group(3):
        add(m.start(2), m.end(3), f"{m.group(3)} : {m.group(2)}", "results swapped")
    return list(found.values())


def neutral_edits(line):
    """Edits of a line that change nothing: operands swapped, a condition inverted both ways."""
    found = []
    for m in re.finditer(rf"(?:(?<=[(])|(?<= = )|(?<=return ))({ATOM}) (<=|>=|==|!=|<|>) ({ATOM})(?=[);])", line):
        a, r, b = m.groups()
        found.append((m.start(), m.end(), f"{b} {MIRRORED[r]} {a}", f"`{m.group(0)}` mirrored"))
    for m in re.finditer(rf"(?<= = )({ATOM}) ([+*]) ({ATOM})(?=;)", line):
        a, o, b = m.groups()
        found.append((m.start(), m.end(), f"{b} {o} {a}", f"`{m.group(0)}` mirrored"))
    m = re.match(rf"\s*(?:\}} else )?(?:if|while) \(({ATOM}) (<=|>=|==|!=|<|>) ({ATOM})\) \{{\s*$", line)
    if m:
        found.append((m.start(1), m.end(3), f"!({m.group(1)} {OPPOSITE[m.group(2)]} {m.group(3)})", "condition inverted both ways"))
    m = re.match(rf"\s*return ({ATOM}) (<=|>=|==|!=|<|>) ({ATOM}) \? ([^?:]*) : ([^?:]*);\s*$", line)
    if m:
        a, r, b, yes, no = m.groups()
        found.append((m.start(1), m.end(5), f"{a} {OPPOSITE[r]} {b} ? {no} : {yes}", "condition inverted both ways"))
    return found


def machine_code(unit, root):
    p = subprocess.run(["gcc", "-std=c11", "-w", "-O2", "-g0", "-S", "-o", "-", "-I.", unit.path], cwd=root, capture_output=True,
                       stdin=subprocess.DEVNULL)
    return p.stdout


def draw(units, seed, count, choices, changing):
    """The edits: each with its unit, function, place and new text; at most one a line, only those that compile, and if
    `changing` only those of which gcc does not make the same code as before."""
    tree = mutate.Tree(BUILD / "try")
    chosen, before = [], {}
    lines, seen = [], {}
    for unit, f, n, at, code in edits.lines_of(units):
        again = seen[f.path, f.name, code] = seen.get((f.path, f.name, code), 0) + 1     # equal lines of a function, in order
        lines.append((edits.order(seed, f.path, f.name, code.strip(), again), unit, f, n, at, code))
    for rank, unit, f, n, at, code in sorted(lines, key=lambda l: l[0]):
        if len(chosen) == count:
            break
        for start, end, put, what in sorted(choices(code), key=lambda e: edits.order(rank, e[3], e[0])):
            change = (f.path, at + start, at + end, put)
            tree.replace([change])
            good = edits.compiles(unit, tree.root)
            if good and changing:
                before[unit.path] = before.get(unit.path) or machine_code(unit, prove.ROOT)
                good = machine_code(unit, tree.root) != before[unit.path]
            shutil.copyfile(prove.ROOT / f.path, tree.root / f.path)
            if good:
                chosen.append(dict(unit=unit, function=f, change=change, code=code.strip(), what=what, where=f"{f.path}:{n}"))
                break
    tree.remove()
    return chosen


def mark_of(e):
    f, change = e["function"], e["change"]
    text = (prove.ROOT / change[0]).read_text(encoding="utf-8")
    contract = mutate.meaning(mutate.contract_of(f, e["unit"]), mutate.logic_of(e["unit"]))
    return mutate.fingerprint(text[f.start:f.end], contract, str(change[1] - f.start), str(change[2] - f.start), change[3])


def read_table():
    rows = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []:
        if line and line[0] != "#":
            fields = (line.split("\t") + [""])[:9]
            rows[fields[0], fields[1]] = fields
    return rows


def write_table(rows):
    new = TABLE.with_suffix(".new")
    new.write_text(HEAD + "".join("\t".join(r).rstrip("\t") + "\n" for r in rows), encoding="utf-8")
    new.replace(TABLE)


def attempt(i, e, args, cache):
    """What noticed the edit: a goal, or "tests" after the proof had nothing against it, or "-"."""
    tree = mutate.Tree(BUILD / f"tree{i}")
    tree.replace([e["change"]])
    goals, why = tree.run(e["unit"], [e["function"].name], BUILD / "log" / f"{i}", timeout=args.timeout, cache=cache, first=True)
    broken = [g for g, ok in (goals or {}).items() if not ok]
    by = broken[0] if broken else "-"
    if goals is None:
        by = "error: " + " ".join(why.split())[:100]
    elif not broken and e["kind"] == "wrong" and edits.tests_fail(tree.root):
        by = "- (unit tests)"
    tree.remove()
    return by


def summary(rows, args):
    wrong, neutral = ([r for r in rows if r[0] == k] for k in ("wrong", "neutral"))
    killed = [r for r in wrong if not r[6].startswith(("-", "error"))]
    lived = [r for r in wrong if r[6].startswith("-")]
    false = [r for r in neutral if not r[6].startswith("-")]
    share = f"{100 * len(killed) // len(wrong)} %" if wrong else "-"
    for r in lived:
        print(f"  survived: {r[2]}: {r[3]}: {r[5]} in `{r[4]}`: {r[8] or 'NOT EXPLAINED'}")
    for r in false:
        print(f"  neutral, and not proved: {r[2]}: {r[3]}: {r[5]} in `{r[4]}`: {r[6]}")
    print(f"prove-mutants: seed {args.seed}: {len(wrong)} of {args.count} wrong edits run, {len(killed)} killed by the proof ({share}), "
          f"{len(lived)} survived; {len(neutral)} of {args.neutral} neutral edits run, {len(false)} not proved")
    return len(wrong) == args.count and len(neutral) == args.neutral and 10 * len(killed) >= 9 * len(wrong) \
        and not false and all(r[8] for r in lived)


def main():
    p = argparse.ArgumentParser(prog="mutation.py", description=__doc__.split("\n\n")[0] +
                                " Status 0: nine of ten wrong ones killed, every survivor explained, every neutral one proved.")
    p.add_argument("--seed", default="1", help="decides the lines and the edits (1)")
    p.add_argument("--count", type=int, default=100, metavar="N", help="wrong edits (100)")
    p.add_argument("--neutral", type=int, default=20, metavar="N", help="edits that change nothing (20)")
    p.add_argument("--timeout", type=int, default=15, metavar="T", help="seconds a goal and solver (15)")
    p.add_argument("--jobs", type=int, default=0, metavar="N", help="edits at a time (the number of processors)")
    p.add_argument("--list", action="store_true", help="only show what is drawn")
    p.add_argument("--summary", action="store_true", help="only judge what proofs/mutants.tsv has")
    args = p.parse_args()
    os.chdir(prove.ROOT)
    prove.versions()
    args.file = None
    units = [u for u in prove.select(args) if u.path.startswith("core/")]
    BUILD.mkdir(parents=True, exist_ok=True)
    enums = constants()
    drawn = [dict(e, kind="wrong") for e in draw(units, args.seed, args.count, lambda l: wrong_edits(l, enums), True)]
    drawn += [dict(e, kind="neutral") for e in draw(units, args.seed, args.neutral, neutral_edits, False)]
    if args.list:
        for e in drawn:
            print(f'{e["kind"]:8} {e["where"]:28} {e["function"].name:28} {e["what"]:32} {e["code"]}')
        return 0
    old = read_table()
    known = {i: old.get((e["kind"], mark_of(e))) for i, e in enumerate(drawn)}
    known = {i: r for i, r in known.items() if r and not r[6].startswith("error")}
    if args.summary:
        return 0 if summary([known[i] for i in sorted(known)], args) else 1
    cache = prove.ROOT / "build" / "wp-cache"
    prove.unpack(prove.PACKED, cache)
    print(f"prove-mutants: seed {args.seed}: {len(drawn)} edits, {len(known)} known already", flush=True)

    def work(i):
        e, began = drawn[i], time.monotonic()
        by = attempt(i, e, args, cache)
        return i, [e["kind"], mark_of(e), e["change"][0], e["function"].name, e["code"], e["what"], by, f"{time.monotonic() - began:.0f}", ""]

    with ThreadPoolExecutor(args.jobs or os.cpu_count() or 1) as pool:
        # A neutral one after every few wrong ones, so that an interrupted run has some of both.
        every = max(args.count // max(args.neutral, 1), 1)
        turn = sorted(range(len(drawn)), key=lambda i: i if i < args.count else every * (i - args.count + 1) - 0.5)
        futures = [pool.submit(work, i) for i in turn if i not in known]
        try:
            for done in as_completed(futures):
                i, row = done.result()
                known[i] = row
                write_table([known[k] for k in sorted(known)])
                print(f"  {len(known):3}/{len(drawn)} {row[0]:8} {drawn[i]['where']:28} {row[5]:34} {row[6]}  {row[7]} s", flush=True)
        except BaseException:
            for f in futures:
                f.cancel()
            prove.Children.stop()
            raise
    write_table([known[k] for k in sorted(known)])
    return 0 if summary([known[i] for i in sorted(known)], args) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGINT, prove.interrupted)
    signal.signal(signal.SIGTERM, prove.interrupted)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        prove.Children.stop()
        print("\nprove-mutants: interrupted; start it again to go on", file=sys.stderr)
        os._exit(130)
