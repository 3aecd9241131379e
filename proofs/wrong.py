#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Wrong bodies that must fail to prove.

1. Every function of the proof units with the body that does nothing, or returns 0, or returns 1 (a zero struct where
   the result is one). A function whose contract such a body satisfies says too little: it is listed and fails.
   A body cannot hide behind another, since WP sees of a call only the contract; so one run takes all functions of a unit.
2. The hand-picked wrong versions of proofs/wrong/hand.tsv: file, function, text to find, text to put, why it is wrong.

Only what changed since proofs/results/wrong.tsv runs (a contract, a definition it rests on, an entry), unless --all.
"""
import argparse
import os
import re
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import mutate  # noqa: E402
import prove   # noqa: E402
import source  # noqa: E402

BUILD = prove.ROOT / "build" / "wrong"
RESULTS = prove.RESULTS / "wrong.tsv"
HAND = prove.CONTROLS / "hand.tsv"
QUICK, SLOW = 1, 3          # seconds a goal: z3 alone to find candidates, then all three solvers on one candidate


def trivial(function, kind):
    """The wrong body, or None where this kind does not apply."""
    if function.void:
        return "{ }" if kind == "zero" else None
    result = re.sub(r"\b(static|inline|extern|const)\b", "", function.head).strip()
    if re.match(r"struct\s+\w+$", result):
        return "{ %s r = {0}; return r; }" % result if kind == "zero" else None
    if "*" in result:
        return "{ return 0; }" if kind == "zero" else None
    return "{ return %s; }" % ("0" if kind == "zero" else "1")


def same_body(text, function, body):
    squeeze = lambda s: re.sub(r"[\s()u]|/\*.*?\*/", "", s, flags=re.S)
    return squeeze(text[function.body_at:function.end]) == squeeze(body)


def read_results():
    rows = {}
    if RESULTS.exists():
        for line in RESULTS.read_text().splitlines():
            if line and line[0] != "#":
                path, name, kind, mark, clause = line.split("\t")
                rows[path, name, kind] = mark, clause
    return rows


def write_results(rows):
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text("# wrong bodies that failed to prove: unit, function, body, hash of what it had to satisfy, what it broke;"
                       " written by `make prove-wrong`\n" + "".join("\t".join([*k, *v]) + "\n" for k, v in sorted(rows.items())))


def hunt(tree, unit, kind, functions, names, log):
    """{function: clause that the wrong body breaks, or None if it satisfies them all, or an error text}."""
    out = BUILD / "log" / f"{unit.key}.{kind}"
    first, why = tree.run(unit, functions, f"{out}.quick", timeout=QUICK, provers="z3", props=["@ensures"])
    if first is None:
        return {f: ("error", why) for f in functions}
    verdict, waiting = {}, {}
    for f in functions:
        mine = {g: ok for g, ok in first.items() if prove.owner(g, functions) == f}
        waiting[f] = [g for g, ok in mine.items() if not ok]
    rounds = 0
    while waiting:
        for f in [f for f, gs in waiting.items() if not gs]:
            verdict[f] = ("satisfied", "")
            del waiting[f]
        if not waiting:
            break
        rounds += 1
        # One candidate a function and round; from the fourth round on, all that are left.
        pick = {f: gs[:1] if rounds < 4 else gs for f, gs in waiting.items()}
        props = {mutate.clause_of(g, f, names[f]) or "@ensures" for f, gs in pick.items() for g in gs}
        goals, why = tree.run(unit, list(waiting), f"{out}.{rounds}", timeout=SLOW, props=sorted(props))
        if goals is None:
            verdict.update({f: ("error", why) for f in waiting})
            break
        for f in list(waiting):
            broken = [g for g in waiting[f] if goals.get(g) is False]
            if broken:
                verdict[f] = ("caught", mutate.clause_of(broken[0], f, names[f]) or broken[0])
                del waiting[f]
            else:
                waiting[f] = [g for g in waiting[f] if g not in goals]
    return verdict


def trivial_bodies(units, args, old, new):
    """Runs what changed; returns (tried, caught, kept, complaints)."""
    tried = caught = kept = 0
    complaints, jobs = [], []
    trees = {}
    exempt = prove.exempt_functions()
    for kind in ("zero", "one"):
        changes, todo = [], {}
        for unit in units:
            logic = mutate.logic_of(unit)
            for f in unit.functions:
                body = trivial(f, kind)
                text = (prove.ROOT / f.path).read_text(encoding="utf-8")
                if body is None or f.name in exempt or same_body(text, f, body):
                    continue
                mark = mutate.fingerprint(f.head, f.params, mutate.meaning(mutate.contract_of(f, unit), logic), unit.model)
                key = (unit.path, f.name, kind)
                if not args.all and old.get(key, ("",))[0] == mark:
                    new[key] = old[key]
                    kept += 1
                    continue
                changes.append((f.path, f.body_at, f.end, body))
                todo.setdefault(unit.path, {})[f.name] = mark
        if todo:
            trees[kind] = mutate.Tree(BUILD / kind)
            trees[kind].replace(changes)
            jobs += [(kind, u, todo[u.path]) for u in units if u.path in todo]

    def work(job):
        kind, unit, marks = job
        began = time.monotonic()
        names = {f.name: [n for k, n, _ in source.clauses(mutate.contract_of(f, unit)) if k == "ensures" and n]
                 for f in unit.functions}
        return job, hunt(trees[kind], unit, kind, list(marks), names, None), time.monotonic() - began

    with ThreadPoolExecutor(args.jobs) as pool:
        futures = [pool.submit(work, j) for j in jobs]
        try:
            for done in as_completed(futures):
                (kind, unit, marks), verdict, seconds = done.result()
                hits = 0
                said = []
                for name, (what, clause) in sorted(verdict.items()):
                    tried += 1
                    if what == "caught":
                        hits += 1
                        new[unit.path, name, kind] = marks[name], clause
                    elif what == "satisfied":
                        body = trivial(next(f for f in unit.functions if f.name == name), kind)
                        said.append(f"{unit.path}: {name}: the body {body} satisfies its contract")
                    else:
                        said.append(f"{unit.path}: {name}: not tried: {clause}")
                caught += hits
                complaints += said
                what = {"zero": "does nothing or returns 0", "one": "returns 1"}[kind]
                print(f"  {unit.path:30} {what:26} {hits}/{len(marks)} caught {seconds:6.1f} s{'  FAIL' if said else ''}", flush=True)
                for line in said:
                    print(f"      ! {line}", flush=True)
        except BaseException:
            for f in futures:
                f.cancel()
            prove.Children.stop()
            raise
    for t in trees.values():
        t.remove()
    return tried, caught, kept, complaints


def hand_entries():
    rows = []
    if not HAND.exists():
        return rows
    for n, line in enumerate(HAND.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 5:
            raise SystemExit(f"proofs/wrong/hand.tsv:{n}: expected five columns separated by tabs: file, function, find, put, why")
        fields[2:4] = [f.replace("\\n", "\n") for f in fields[2:4]]
        rows.append((n, *fields))
    return rows


def hand_picked(units, args, old, new):
    tried = caught = kept = 0
    complaints, rounds = [], []
    owner = {f.name: (u, f) for u in units for f in u.functions}
    for n, path, name, find, put, why in hand_entries():
        if args.file and (name not in owner or owner[name][0].path not in args.file):
            continue
        where = f"hand.tsv:{n} {name}"
        if name not in owner:
            complaints.append(f"{where}: no such function in the proof units")
            continue
        unit, f = owner[name]
        text = (prove.ROOT / f.path).read_text(encoding="utf-8")
        body = text[f.body_at:f.end]
        if f.path != path:
            complaints.append(f"{where}: is in {f.path}, not in {path}")
        elif body.count(find) != 1:
            complaints.append(f"{where}: expected the text once in the body, found it {body.count(find)} times: {find.strip()}")
        else:
            contract = mutate.meaning(mutate.contract_of(f, unit), mutate.logic_of(unit))
            mark = mutate.fingerprint(f.head, f.params, body, contract, find, put, unit.model)
            key = (unit.path, name, "hand " + mutate.fingerprint(find, put))
            if not args.all and old.get(key, ("",))[0] == mark:
                new[key] = old[key]
                kept += 1
                continue
            at = f.body_at + body.index(find)
            entry = (unit, f, key, mark, (f.path, at, at + len(find), put), why)
            for r in rounds:                    # one entry a function and round
                if all(e[1].name != name for e in r):
                    r.append(entry)
                    break
            else:
                rounds.append([entry])
    cache = prove.ROOT / "build" / "wp-cache"
    if rounds:
        prove.unpack(prove.PACKED, cache)
    for i, entries in enumerate(rounds):
        tree = mutate.Tree(BUILD / f"hand{i}")
        tree.replace([e[4] for e in entries])
        for unit in dict.fromkeys(e[0] for e in entries):
            mine = [e for e in entries if e[0] is unit]
            names = [e[1].name for e in mine]
            goals, why = tree.run(unit, names, BUILD / "log" / f"{unit.key}.hand{i}", timeout=SLOW, cache=cache)
            for _, f, key, mark, _, reason in mine:
                tried += 1
                broken = [g for g, ok in (goals or {}).items() if prove.owner(g, names) == f.name and not ok]
                if broken:
                    caught += 1
                    new[key] = mark, broken[0]
                    print(f"  {unit.path:30} {f.name}: caught by {broken[0]}: {reason}", flush=True)
                else:
                    complaints.append(f"{unit.path}: {f.name}: " + (f"not tried: {why}" if goals is None else f"NOT caught: {reason}"))
                    print(f"      ! {complaints[-1]}", flush=True)
        tree.remove()
    return tried, caught, kept, complaints


def main():
    p = argparse.ArgumentParser(prog="wrong.py", description="Wrong bodies must fail to prove. Status 0: all of them did; 1: some did not.")
    p.add_argument("--all", action="store_true", help="run every wrong body, not only what changed since proofs/results/wrong.tsv")
    p.add_argument("--file", metavar="F", help="only these units, e.g. core/ring.c")
    p.add_argument("--jobs", type=int, default=0, metavar="N", help="units at a time (the number of processors)")
    args = p.parse_args()
    args.jobs = args.jobs or os.cpu_count() or 1
    began = time.monotonic()
    os.chdir(prove.ROOT)
    prove.versions()
    units = prove.select(args)
    if args.file:
        args.file = {u.path for u in units}
    shutil.rmtree(BUILD, ignore_errors=True)
    old, new = read_results(), {}
    functions = sum(len(u.functions) for u in units)
    print(f"prove-wrong: {len(units)} units, {functions} functions" + ("" if args.all or not old else ", only what changed"))
    try:
        t1, c1, k1, bad1 = trivial_bodies(units, args, old, new)
        t2, c2, k2, bad2 = hand_picked(units, args, old, new)
        if args.file:
            new = {**{k: v for k, v in old.items() if k[0] not in args.file}, **new}
    except BaseException:       # what is known so far stays known: the next run goes on from there
        new = {**old, **new}
        raise
    finally:
        write_results(new)
    bad = bad1 + bad2
    if bad:
        print("not caught:")
        for b in bad:
            print(f"  ! {b}")
    print(f"prove-wrong: {t1 + k1} trivial bodies, {c1 + k1} caught; {t2 + k2} hand-picked, {c2 + k2} caught; "
          f"{len(bad)} not caught; {t1 + t2} run now, {k1 + k2} unchanged, {time.monotonic() - began:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    signal.signal(signal.SIGINT, prove.interrupted)
    signal.signal(signal.SIGTERM, prove.interrupted)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        prove.Children.stop()
        print("\nprove-wrong: interrupted", file=sys.stderr)
        os._exit(130)
