#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the experiments of experiments.tsv and compares what is found with what is expected.

    mc.py [NAME...]     these, or all of tier mc       --long    those of tier long too
    --confirm           the second search counts again and the column says what it confirmed
    --update            writes steps, states and rest anew (never the verdict); look at the diff
    -j N                so many at once (default: JOBS or the number of processors)
M/s: million transitions a second of processor time, on one core; B/st: bytes a state.
Exit status: 0 all as expected, 1 something differs, 2 wrong use or a build that fails.
"""
import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from build import HERE, ROOT, Builder, BuildError  # noqa: E402

TABLE = HERE / "experiments.tsv"
COLUMNS = ["name", "tier", "variant", "words", "expected", "steps", "states", "second", "rest", "shows"]
TIERS = ("mc", "long", "wait")
CHECKS = ("valid prefix agreement asked window edge replies release clean time-wait complete deadlock stuck").split()
SECOND_MAX = 6_000_000                # states that the second search keeps in memory: about 400 bytes each


def read_table():
    rows = []
    for number, line in enumerate(TABLE.read_text().splitlines(), 1):
        if not line or line[0] == "#":
            rows.append(line)
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            sys.exit(f"mc: {TABLE.name}:{number}: {len(cells)} columns, expected {len(COLUMNS)}: {', '.join(COLUMNS)}")
        row = dict(zip(COLUMNS, cells))
        if row["tier"] not in TIERS:
            sys.exit(f"mc: {TABLE.name}:{number}: tier '{row['tier']}', expected one of {', '.join(TIERS)}")
        rows.append(row)
    names = [r["name"] for r in rows if isinstance(r, dict)]
    for n in names:
        if names.count(n) > 1:
            sys.exit(f"mc: {TABLE.name}: the name {n} stands twice")
    return rows


def write_table(rows):
    TABLE.write_text("".join((r if isinstance(r, str) else "\t".join(r[c] for c in COLUMNS)) + "\n" for r in rows))


def call(program, words, extra=()):
    """What a search printed, as a dictionary; its lines `rest` as a list."""
    r = subprocess.run([program, *extra, *words], capture_output=True, text=True, check=False)
    if r.returncode not in (0, 1) or not r.stdout:
        raise BuildError(f"{Path(program).name} {' '.join(words)}: status {r.returncode}: {r.stderr.strip()}")
    found = {"rest": []}
    for line in r.stdout.splitlines():
        cells = line.split("\t")
        if cells[0] == "rest":
            found["rest"].append(cells[1])
        elif len(cells) == 2:
            found[cells[0]] = cells[1]
    return found


def waiting(row):
    """Why this experiment waits, or None once the core has what it needs."""
    path, pattern = re.search(r"needs=([^:]+):(\S+)", row["words"]).groups()
    files = sorted(ROOT.glob(path))
    if any(re.search(pattern, f.read_text()) for f in files):
        return None
    return f"nothing in {path} says '{pattern}'"


def explore(builder, row, confirm):
    """The row's figures, and the marks of what differs."""
    words = row["words"].split()
    program = builder.program("mc", row["variant"])
    found = call(program, words)
    found["second"] = row["second"]
    if confirm:
        found["second"] = confirmed(builder, row, found, words)
    found["rest"] = " ".join(sorted(found["rest"])) or "-"
    found.setdefault("steps", "-")
    return found


def confirmed(builder, row, found, words):
    """What the second search says: `dfs` the same count, `verdict` the same verdict (it stops elsewhere), `-` nothing."""
    if int(found["states"]) > SECOND_MAX or found["verdict"] == "fails stuck":
        return "-"
    other = call(builder.program("second", row["variant"]), words, ["--max", str(2 * SECOND_MAX)])
    if found["verdict"].split()[0] != other["verdict"]:
        raise BuildError(f"{row['name']}: the second search says {other['verdict']}, mc {found['verdict']}")
    if other["verdict"] not in ("holds", "unreached"):
        return "verdict"
    for figure in ("states", "transitions"):
        if other[figure] != found[figure]:
            raise BuildError(f"{row['name']}: the second search counts {other[figure]} {figure}, mc {found[figure]}")
    return "dfs+spin" if row["second"] == "dfs+spin" and row["states"] == found["states"] else "dfs"


def compare(row, found, update):
    bad = [] if found["verdict"] == row["expected"] else ["verdict"]
    for column in ("steps", "states", "rest"):
        if found[column] != row[column]:
            if update:
                row[column] = found[column]
                if column == "states":
                    row["second"] = "-"
            else:
                bad.append(f"{column} {row[column]}")
    return bad


def per_state(found):
    """Bytes a state, where there are enough of them to tell."""
    return f"{float(found['per-state']):.0f}" if int(found["states"]) > 100_000 else ""


def line(row, found, bad):
    steps = f" in {found['steps']}" if found["steps"] != "-" else ""
    mark = {"-": "*", "verdict": " ", "dfs": "=", "dfs+spin": "="}[row["second"]]
    print(f"{row['name']:<30} {row['expected']:<17} {found['verdict'] + steps:<23} {found['states']:>9}{mark} "
          f"{float(found['rate']) / 1e6:6.2f} {per_state(found):>6} {float(found['seconds']):7.2f}"
          + (f"   DIFFERS: {', '.join(bad)}" if bad else ""), flush=True)


def unused_variants(rows):
    used = {r["variant"] for r in rows if isinstance(r, dict)}
    return [p.stem for p in sorted((HERE / "variants").glob("*.edit")) if p.stem not in used]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("names", nargs="*")
    for flag in ("--long", "--confirm", "--update"):
        ap.add_argument(flag, action="store_true")
    ap.add_argument("-j", type=int, default=int(os.environ.get("JOBS") or os.cpu_count() or 1))
    args = ap.parse_args()
    rows, start = read_table(), time.monotonic()
    tiers = ("mc", "long") if args.long else ("mc",)
    chosen = [r for r in rows if isinstance(r, dict) and (r["name"] in args.names if args.names else r["tier"] in tiers)]
    for n in args.names:
        if n not in [r["name"] for r in chosen]:
            raise BuildError(f"no experiment '{n}' in {TABLE.relative_to(ROOT)}")
    builder, differ, totals = Builder(), [], [0, 0, 0]
    builder.program("mc")                                   # before the threads: a build that fails says so once
    print(f"{'experiment':<30} {'expected':<17} {'found':<23} {'states':>9}  {'M/s':>6} {'B/st':>6} {'seconds':>7}")
    with ThreadPoolExecutor(max(1, args.j)) as pool:
        for row, job in [(r, pool.submit(explore, builder, r, args.confirm)) for r in chosen]:
            try:
                found = job.result()
            except BuildError as e:
                print(f"mc: {e}", file=sys.stderr)
                differ.append(row["name"])
                continue
            bad = compare(row, found, args.update)
            row["second"] = found["second"] if args.confirm else row["second"]
            line(row, found, bad)
            differ += [row["name"]] if bad else []
            totals = [totals[0] + int(found["states"]), totals[1] + int(found["transitions"]), max(totals[2], int(found["memory"]))]
    if args.update or args.confirm:
        write_table(rows)
    finish(rows, chosen, differ, totals, args, time.monotonic() - start)


def finish(rows, chosen, differ, totals, args, took):
    waits = [] if args.names else [(r, waiting(r)) for r in rows if isinstance(r, dict) and r["tier"] == "wait"]
    for row, why in waits:
        print(f"{row['name']:<30} " + (f"waiting: {why}" if why else "due: the core has it now; write the experiment")
              + f" ({row['shows']})")
    unused = [] if args.names else unused_variants(rows)
    for name in unused:
        print(f"mc: variants/{name}.edit: no experiment catches it")
    never = [] if args.names else [c for c in CHECKS if f"fails {c}" not in [r["expected"] for r in chosen]]
    for c in never:
        print(f"mc: no experiment fails the check '{c}', so nothing shows that it can")
    alone = sum(r["second"] == "-" for r in chosen)
    print(f"mc: {len(chosen)} experiments, {len(chosen) - len(differ)} as expected, {len(differ)} differ, "
          f"{len(waits)} waiting, {alone} confirmed by no second search (*), "
          f"{totals[0]} states, {totals[1]} transitions, at most {totals[2] / 1e6:.0f} MB, {took:.0f} s")
    if differ or unused or never:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except BuildError as e:
        print(f"mc: {e}", file=sys.stderr)
        sys.exit(2)
