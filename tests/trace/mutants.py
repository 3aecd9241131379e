#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make trace-mutants: is a requirement's test really about it? The behaviour is taken out of the code, and what the row of
spec/requirements.tsv cites must notice: one of its tests goes red, or, for a row that no test shows, its proof.

mutants.tsv has an edit for each of most rows: ids, a tab, a fragment of code, a tab, what stands there instead. The fragment
must be in core/ and harness/ exactly once (white space counts as one blank, comments are not looked at).

mutants.py [--seed S] [--count N] [ID ...]     N rows drawn by S, or these rows; status 1 if something was not noticed
mutants.py --tests-only ...                    without proofs: quicker, and what only a proof notices is counted as not noticed
mutants.py --list                              which covered rows have no edit yet
"""
import argparse
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import trace
from trace import ROOT, source

TABLE = "tests/trace/mutants.tsv"
TREE = ROOT / "build/trace/tree"
B = "build/m"
COPIED = ("core", "harness", "spec", "tests", "proofs", ".ci")
SECONDS = 120                                               # for one test program


def read(root):
    path = Path(root) / TABLE
    for n, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.exists() else [], 1):
        if line and line[0] != "#":
            fields = line.split("\t")
            yield n, fields[0].split(), fields[1:]


_blanked = {}


def sources(root):
    """path -> (text, the same without comments)"""
    for d in ("core", "harness"):
        for p in sorted((Path(root) / d).glob("*.[ch]")):
            text = p.read_text(encoding="utf-8")
            if text not in _blanked:
                _blanked[text] = source.blank(text)
            yield str(p.relative_to(root)), (text, _blanked[text])


def places(files, fragment):
    pattern = re.compile(r"\s+".join(re.escape(w) for w in fragment.split()))
    return [(path, m.start(), m.end()) for path, (_, code) in files.items() for m in pattern.finditer(code)]


def stale(root, rows):
    """Every fault of mutants.tsv."""
    faults, files = [], dict(sources(root))
    for n, ids, rest in read(root):
        where = f"{TABLE}:{n}"
        if len(rest) != 2:
            faults.append(f"{where}: expected ids, fragment, replacement")
            continue
        for i in ids:
            if i not in rows:
                faults.append(f"{where}: {i}: no such row in {trace.TABLE}")
            elif rows[i]["kind"] not in ("proved", "tested", "modelled"):
                faults.append(f"{where}: {i}: nothing covers it, so nothing could notice")
        if rest[0].split() == rest[1].split():
            faults.append(f"{where}: changes nothing")
            continue
        found = len(places(files, rest[0]))
        if found != 1:
            faults.append(f"{where}: '{rest[0]}' is found {found} times, expected once; write the fragment anew for {' '.join(ids)}")
    return faults


# ---- the copy in which it happens ----

def prepare():
    """The copy, ours alone; returns the lock, which holds as long as it is open."""
    TREE.mkdir(parents=True, exist_ok=True)
    lock = open(TREE.parent / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"trace-mutants: another run is at work in {TREE.parent}: wait for it")
    have = {p for p in TREE.rglob("*") if p.is_file() and "build" not in p.relative_to(TREE).parts}
    for p in [ROOT / "Makefile", ROOT / "fuzz/fuzz.mk", *(p for d in COPIED for p in (ROOT / d).rglob("*") if p.is_file() and "__pycache__" not in p.parts)]:
        to = TREE / p.relative_to(ROOT)
        have.discard(to)
        if not to.exists() or to.read_bytes() != p.read_bytes():     # make sees by the time what a run that was stopped left
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(p, to)
    for p in have:
        p.unlink()
    return lock


def known(path):
    """The kinds of tests that can be run here: unit tests, wire scripts, the state table, live tests."""
    return path.endswith((".c", ".t", ".pkt")) or path == "tests/fsm/rows.tsv"


def program_of(path):
    if path.endswith(".t"):
        return f"{B}/sequent"
    if path.endswith(".pkt"):
        return f"{B}/tests/script/test_script"
    return f"{B}/{'tests/fsm/test_fsm' if path.endswith('.tsv') else path[:-2]}"


def build(programs):
    p = subprocess.run(["make", "-s", f"B={B}", "OPT=-O1", "LTO=", "WARN=-w", *programs], cwd=TREE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, env={**os.environ, "MAKEFLAGS": "", "CC": "gcc"})
    return "" if p.returncode == 0 else p.stdout


def run_program(path):
    """The TAP of a test program, and why it has no end if it has none."""
    env = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", "SEQUENT": program_of(".t"), "SEEDS": "20"}
    command = [f"./{path}"] if path.endswith(".t") else [program_of(path), *([path] if path.endswith(".pkt") else [])]
    try:
        p = subprocess.run(command, cwd=TREE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           env=env, timeout=SECONDS, text=True, errors="replace")
        if path.endswith(".pkt"):
            return f"{'not ' if p.returncode else ''}ok 1 - ", ""
        return p.stdout, f"ended with {p.returncode}" if p.returncode < 0 or p.returncode > 1 else ""
    except subprocess.TimeoutExpired as e:
        return (e.stdout or b"").decode(errors="replace"), f"did not end in {SECONDS} s"


def verdict(test, tap, died):
    """red, green, or why neither."""
    name = re.escape(test.partition(":")[2])
    m = re.search(rf"^(not )?ok\b \d+ - {name}(?![\w])([^\n]*)$", tap, re.M)
    if m:
        return "neither: skipped" if "# SKIP" in m.group(2) else "red" if m.group(1) else "green"
    skip = re.search(r"^1\.\.0 # SKIP (.*)$", tap, re.M)
    if skip:
        return f"neither: skipped, {skip.group(1)}"
    return "red" if died or "Bail out!" in tap else "neither: no result"


class Proof:
    """The proof of the function that an edit is in, as `make prove F= FCT=` runs it; three solvers, a few seconds a goal."""

    def __init__(self):
        import mutate
        import prove
        prove.versions()
        self.prove, self.mutate = prove, mutate
        self.units = prove.select(argparse.Namespace(file=None))
        self.cache = ROOT / "build" / "wp-cache"
        prove.unpack(prove.PACKED, self.cache)

    def red(self, path, start, end, new, n):
        """A goal that fails, or None."""
        for unit in self.units:
            for f in unit.functions:
                if f.path == path and f.body_at < start < f.end:
                    tree = self.mutate.Tree(ROOT / "build/trace/proof")
                    tree.replace([(path, start, end, new)])
                    goals, why = tree.run(unit, [f.name], ROOT / f"build/trace/log/{n}", timeout=5, cache=self.cache)
                    tree.remove()
                    if goals is None:
                        return f"Frama-C did not read it: {why[:80]}"
                    return next((g for g, ok in goals.items() if not ok), None)
        return None


class Bench:
    """One edit at a time in the copy. A test is asked only if it is green without any edit; live tests, which take long, are
    tried that way only when no other test has noticed."""

    def __init__(self, files, proof):
        self.files, self.proof = files, proof
        self.plain, self.edited, self.edit = {}, {}, None       # path of a test program -> what it printed

    def put(self, edit):
        path, start, end, new = edit or self.edit
        text = self.files[path][0]
        (TREE / path).write_text(text[:start] + new + text[end:] if edit else text, encoding="utf-8")

    def begin(self, edit):
        if edit != self.edit:
            if self.edit:
                self.put(None)
            self.edit, self.edited = edit, {}
            self.put(edit)

    def run(self, path):
        errors = build([program_of(path)])
        return (None, errors) if errors else run_program(path)

    def without(self, test):
        """The verdict of a test with no edit in the tree."""
        path = test.partition(":")[0]
        if path not in self.plain:
            if self.edit:
                self.put(None)
            self.plain[path] = self.run(path)
            if self.plain[path][0] is None:
                sys.exit(f"{self.plain[path][1]}trace-mutants: the tree does not build without any edit")
            if self.edit:
                self.put(self.edit)
        v = verdict(test, *self.plain[path])
        if v != "green":
            print(f"  {test}: {v} without any edit, so it is not asked")
        return v

    def notice(self, row):
        """Who notices the edit, or None."""
        for t in sorted(row["test"], key=lambda t: "/live/" in t):
            path = t.partition(":")[0]
            if not known(path) or self.without(t) != "green":
                continue
            if path not in self.edited:
                self.edited[path] = self.run(path)
            if self.edited[path][0] is None:
                print(f"{self.edited[path][1]}  {row['id']}: the edit does not build, write it anew")
                return None
            if verdict(t, *self.edited[path]) == "red":
                return t
        if row["kind"] == "proved" and self.proof:
            goal = self.proof().red(*self.edit, row["id"])
            return f"proof: {goal}" if goal else None
        return None


def work(chosen, edits, bench):
    survived = []
    for r in sorted(chosen, key=lambda r: edits[r["id"]][:2]):
        began = time.monotonic()
        bench.begin(edits[r["id"]])
        by = bench.notice(r)
        if not by:
            survived.append(r["id"])
        print(f"  {r['id']:22} {edits[r['id']][0]:24} {by or 'NOT NOTICED'}  {time.monotonic() - began:.0f} s", flush=True)
    bench.put(None)
    return survived


def main():
    p = argparse.ArgumentParser(prog="mutants.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", default="", help="any text (default: the commit)")
    p.add_argument("--count", type=int, default=20, metavar="N")
    p.add_argument("--tests-only", action="store_true")
    p.add_argument("--list", action="store_true")
    p.add_argument("ids", nargs="*", metavar="ID")
    args = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))    # takes what it started with it
    os.chdir(ROOT)
    rows, faults = trace.check(ROOT)
    rows = {r["id"]: r for r in rows}
    faults += stale(ROOT, rows)
    if faults:
        print("\n".join(faults) + "\ntrace-mutants: FAIL, mend these first (make trace)")
        return 1
    files = dict(sources(ROOT))
    edits = {i: (*places(files, rest[0])[0], rest[1]) for _, ids, rest in read(ROOT) for i in ids}
    able = [r for r in rows.values() if r["kind"] in ("proved", "tested", "modelled")]
    without = [r["id"] for r in able if r["id"] not in edits]
    print(f"trace-mutants: {len(able)} covered rows, {len(able) - len(without)} of them with an edit")
    if args.list:
        print("\n".join(without))
        return 0
    unknown = [i for i in args.ids if i not in edits]
    if unknown:
        p.error(f"no edit for {' '.join(unknown)} in {TABLE}")
    seed = args.seed or subprocess.run(["git", "rev-parse", "--short=8", "HEAD"], capture_output=True, text=True).stdout.strip() or "0"
    drawn = sorted((r for r in able if r["id"] in edits), key=lambda r: hashlib.sha256(f"{seed} {r['id']}".encode()).hexdigest())
    chosen = [rows[i] for i in args.ids] or drawn[:args.count]
    print(f"trace-mutants: {len(chosen)} rows" + ("" if args.ids else f", drawn by SEED={seed}"))
    lock = prepare()
    prover = []
    proof = None if args.tests_only else lambda: prover[0] if prover else prover.append(Proof()) or prover[0]
    survived = work(chosen, edits, Bench(files, proof))
    lock.close()
    print(f"trace-mutants: {len(chosen) - len(survived)} of {len(chosen)} noticed" + (f"; not: {' '.join(survived)}" if survived else ""))
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
