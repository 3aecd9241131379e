#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Thirty lines of the core drawn by a seed, one edit each: does the proof notice, and if not, do the tests?

The lines are those inside function bodies of core/*.c and core/*.h (no comments, contracts, braces or declarations alone).
The seed (hex digits) decides the order of the lines and the edit of each: a neighbouring operator, a constant one off,
a statement dropped, a condition turned round. An edit that does not compile is replaced by the next. The functions' proofs
are run with all three solvers; what the proof does not notice goes to the unit tests.
Results are kept in build/edits/SEED.jsonl, so that an interrupted run goes on where it stopped; the table is SEED.md there.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import mutate  # noqa: E402
import prove   # noqa: E402
import source  # noqa: E402

BUILD = prove.ROOT / "build" / "edits"
TESTS = 1800        # seconds for the unit tests
SWAPS = ((r"(?<=\s)\+(?=\s)", "-"), (r"(?<=\s)-(?=\s)", "+"), (r"(?<=\s)\*(?=\s)", "+"), (r"(?<=\s)/(?=\s)", "*"), (r"(?<=\s)%(?=\s)", "/"),
         (r"(?<=\s)<(?=\s)", "<="), (r"(?<=\s)<=(?=\s)", "<"), (r"(?<=\s)>(?=\s)", ">="), (r"(?<=\s)>=(?=\s)", ">"),
         (r"==", "!="), (r"!=", "=="), (r"&&", "||"), (r"\|\|", "&&"), (r"\+\+", "--"), (r"(?<![\w)])!(?=[\w(])", ""),
         (r"\b0u\b", "1u"), (r"\b1u\b", "0u"), (r"\b([2-9]|[1-9]\d+)u\b", lambda m: f"{int(m.group(1)) + 1}u"),
         (r"\btrue\b", "false"), (r"\bfalse\b", "true"))


def order(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def lines_of(units):
    """(unit, function, path, line number, offset, length, code) of every line of code in a function's body."""
    for unit in units:
        for f in unit.functions:
            if not f.path.startswith("core/"):
                continue
            text = (prove.ROOT / f.path).read_text(encoding="utf-8")
            code = source.blank(text)
            at = 0
            for n, line in enumerate(text.split("\n"), 1):
                if f.body_at < at and at + len(line) < f.end and re.search(r"\w", code[at:at + len(line)]):
                    yield unit, f, n, at, code[at:at + len(line)]
                at += len(line) + 1


def edits_of(line):
    """(start, end, new text, what) of every edit that this project knows for a line."""
    found = []
    for pattern, new in SWAPS:
        for m in re.finditer(pattern, line):
            put = new(m) if callable(new) else new
            found.append((m.start(), m.end(), put, f"`{m.group(0)}` to `{put or 'nothing'}`"))
    m = re.match(r"^(\s*)([A-Za-z_][\w.>\[\]-]*(?:\s*(?:[+*/-]?=)|\().*;)\s*$", line)
    if m and not re.match(r"(return|if|for|while|else|switch|case|struct|const|static|uint\d+_t|size_t|bool|int|enum)\b", m.group(2)):
        found.append((m.start(2), m.end(2), ";", "statement dropped"))
    return found


def compiles(unit, tree_root):
    p = subprocess.run(["gcc", "-std=c11", "-Werror=int-conversion", "-Werror=incompatible-pointer-types", "-fsyntax-only", "-I.",
                        unit.path], cwd=tree_root, capture_output=True, stdin=subprocess.DEVNULL)
    return p.returncode == 0


def draw(units, seed, count):
    """The edits: each with its unit, function, place and new text; only those that compile."""
    tree = mutate.Tree(BUILD / "try")
    chosen = []
    for unit, f, n, at, line in sorted(lines_of(units), key=lambda l: order(seed, l[1].path, l[2], l[4])):
        if len(chosen) == count:
            break
        for start, end, put, what in sorted(edits_of(line), key=lambda e: order(seed, f.path, n, e[0], e[3])):
            change = (f.path, at + start, at + end, put)
            tree.replace([change])
            good = compiles(unit, tree.root)
            shutil.copyfile(prove.ROOT / f.path, tree.root / f.path)
            if good:
                chosen.append(dict(unit=unit, function=f, change=change, where=f"{f.path}:{n}", code=line.strip(), what=what))
                break
    tree.remove()
    return chosen


def tests_fail(root):
    """Runs the unit tests on a tree: True if one fails or does not build."""
    for d in ("tests", "fuzz", ".ci"):
        if (prove.ROOT / d).exists():
            shutil.copytree(prove.ROOT / d, root / d, dirs_exist_ok=True)
    shutil.copyfile(prove.ROOT / "Makefile", root / "Makefile")
    try:
        p = subprocess.run(["make", "-s", "test-run", "LIVETESTS=", "SEEDS=20", "program="], cwd=root, capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, env={**os.environ, "PWD": str(root), "MAKEFLAGS": ""}, timeout=TESTS)
    except subprocess.TimeoutExpired:       # a loop that does not end is noticed too
        return True
    return p.returncode != 0


def main():
    p = argparse.ArgumentParser(prog="edits.py", description=__doc__.split("\n\n")[0] + " Always status 0, unless nothing could be run.")
    p.add_argument("--seed", metavar="HEX", help="the first eight hex digits of a commit (default: of HEAD)")
    p.add_argument("--count", type=int, default=30, help="lines to draw (30)")
    p.add_argument("--timeout", type=int, default=5, metavar="T", help="seconds a goal and solver (5)")
    p.add_argument("--jobs", type=int, default=0, metavar="N", help="edits at a time (the number of processors)")
    p.add_argument("--list", action="store_true", help="only show what was drawn")
    args = p.parse_args()
    os.chdir(prove.ROOT)
    if not args.seed:
        head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)
        if head.returncode:
            p.error("no commit to take a seed from: give --seed HEX")
        args.seed = head.stdout[:8]
    if not re.fullmatch(r"[0-9a-f]{1,40}", args.seed):
        p.error(f"--seed wants hex digits, got {args.seed}")
    prove.versions()
    args.file = None
    units = [u for u in prove.select(args) if u.path.startswith("core/")]
    BUILD.mkdir(parents=True, exist_ok=True)
    chosen = draw(units, args.seed, args.count)
    if not chosen:
        print("prove-edits: no line of code to edit", file=sys.stderr)
        return 1
    if args.list:
        for e in chosen:
            print(f'{e["where"]:28} {e["function"].name:28} {e["what"]:24} {e["code"]}')
        return 0
    record = BUILD / f"{args.seed}.jsonl"
    done = {}
    if record.exists():
        for line in record.read_text().splitlines():
            r = json.loads(line)
            done[r["key"]] = r
    cache = prove.ROOT / "build" / "wp-cache"
    prove.unpack(prove.PACKED, cache)
    began = time.monotonic()

    def key(e):
        text = (prove.ROOT / e["change"][0]).read_text(encoding="utf-8")
        f = e["function"]
        contract = mutate.meaning(mutate.contract_of(f, e["unit"]), mutate.logic_of(e["unit"]))
        return mutate.fingerprint(text[f.start:f.end], contract, str(e["change"][1] - f.start), e["change"][3])

    def work(i, e):
        start = time.monotonic()
        tree = mutate.Tree(BUILD / f"tree{i}")
        tree.replace([e["change"]])
        goals, why = tree.run(e["unit"], [e["function"].name], BUILD / "log" / f"{args.seed}.{i}", timeout=args.timeout, cache=cache)
        broken = [g for g, ok in (goals or {}).items() if not ok]
        by = f"proof: {broken[0]}" if broken else ""
        if goals is None:
            print(f"  {e['where']}: Frama-C did not read the edit: {why[:100]}", file=sys.stderr)
        if not broken and tests_usable() and tests_fail(tree.root):
            by = "unit tests"
        tree.remove()
        return dict(key=key(e), where=e["where"], function=e["function"].name, code=e["code"], what=e["what"], by=by,
                    seconds=round(time.monotonic() - start, 1))

    def tests_usable():
        """Tests that fail on the unedited tree can notice nothing."""
        with baseline_lock:
            if "fails" not in baseline:
                tree = mutate.Tree(BUILD / "unedited")
                baseline["fails"] = tests_fail(tree.root)
                tree.remove()
                if baseline["fails"]:
                    print("prove-edits: the unit tests fail without any edit, so they are not asked", file=sys.stderr)
        return not baseline["fails"]

    baseline, baseline_lock = {}, threading.Lock()
    results = [done.get(key(e)) for e in chosen]
    with ThreadPoolExecutor(args.jobs or os.cpu_count() or 1) as pool:
        futures = {pool.submit(work, i, e): i for i, e in enumerate(chosen) if not results[i]}
        try:
            for f in as_completed(futures):
                r = results[futures[f]] = f.result()
                with open(record, "a") as out:
                    out.write(json.dumps(r) + "\n")
                print(f'  {r["where"]:28} {r["what"]:24} {r["by"] or "SURVIVED"}  {r["seconds"]} s', flush=True)
        except BaseException:
            for f in futures:
                f.cancel()
            prove.Children.stop()
            raise
    table = ["| line | function | edit | noticed by |", "|---|---|---|---|"]
    for r in results:
        code = r["code"].replace("|", "\\|")
        table.append(f'| {r["where"]} | `{r["function"]}` | {r["what"].replace("|", chr(92) + "|")} in `{code}` | {r["by"] or "**nothing**"} |')
    proof = sum(r["by"].startswith("proof") for r in results)
    tests = sum(r["by"] == "unit tests" for r in results)
    total = f"seed {args.seed}: {len(results)} edits, {proof} noticed by the proof, {tests} more by the unit tests, " \
            f"{len(results) - proof - tests} survived"
    (BUILD / f"{args.seed}.md").write_text(total + "\n\n" + "\n".join(table) + "\n")
    print(f"prove-edits: {total}, {time.monotonic() - began:.0f} s; table in build/edits/{args.seed}.md")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGINT, prove.interrupted)
    signal.signal(signal.SIGTERM, prove.interrupted)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        prove.Children.stop()
        print("\nprove-edits: interrupted; start it again to go on", file=sys.stderr)
        os._exit(130)
