#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make fuzz-planted: puts each defect of fuzz/planted.tsv into a copy of the sources, and runs the targets named there, from
the committed corpora, until one of them sees it. The same with no defect, as control, must see nothing.

A row names the text to find, which must stand exactly once in the file, or in the files of a pattern: a defect that cannot be
planted fails the run, it is never skipped."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build/fuzz/planted"
BUILT = ROOT / "build/fuzz/libfuzzer"
CORPUS = ROOT / "fuzz/corpus"
MUTATED = {"session", "pair"}
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-w", "-g", "-fno-omit-frame-pointer", "-O1", "-fsanitize=fuzzer-no-link,address,undefined",
         "-fno-sanitize-recover=all"]


def rows():
    for n, line in enumerate((ROOT / "fuzz/planted.tsv").read_text().splitlines(), 1):
        if line and line[0] != "#":
            part = line.split("\t")
            if len(part) != 6:
                sys.exit(f"fuzz/planted.tsv:{n}: {len(part)} columns, expected 6 (tabs between them)")
            name, pattern, find, put, targets, what = part
            yield name, pattern, find.replace("\\n", "\n"), put.replace("\\n", "\n"), targets.split(), what


def plant(name, pattern, find, put):
    """Copies the sources, changes one place, returns the file; or says why not."""
    hits = [(p, p.read_text().count(find)) for p in sorted(ROOT.glob(pattern))]
    hits = [(p, n) for p, n in hits if n]
    if sum(n for _, n in hits) != 1:
        where = ", ".join(f"{p.relative_to(ROOT)} {n} times" for p, n in hits) or "nowhere"
        return None, f"its text stands {where} in {pattern}, expected once: mend the row in fuzz/planted.tsv"
    tree = WORK / name
    shutil.rmtree(tree, ignore_errors=True)
    for d in ("core", "spec", "harness"):
        shutil.copytree(ROOT / d, tree / d)
    file = tree / hits[0][0].relative_to(ROOT)
    file.write_text(file.read_text().replace(find, put))
    return file, ""


def compile_one(tree, source):
    out = tree / (source.stem + ".o")
    r = subprocess.run(["clang", *FLAGS, "-I", str(tree), "-c", "-o", str(out), str(source)], capture_output=True, text=True)
    return out, r.stderr if r.returncode else ""


def build(name, file, targets):
    """Only what changed is compiled; it stands before the library that has the rest."""
    tree = WORK / name
    if file is None:
        return {t: BUILT / f"fuzz_{t}" for t in targets}, ""
    sources = sorted((tree / "core").glob("*.c")) if file.suffix == ".h" else [file]
    objects = []
    for s in sources:
        o, error = compile_one(tree, s)
        if error:
            return {}, f"does not compile:\n{error}"
        objects.append(str(o))
    binaries = {}
    for t in targets:
        mutator = [str(BUILT / "fuzz/mutator.o")] if t in MUTATED else []
        r = subprocess.run(["clang", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", "-o", str(tree / t),
                            str(BUILT / f"fuzz/fuzz_{t}.o"), *mutator, *objects, str(BUILT / "libparts.a")], capture_output=True, text=True)
        if r.returncode:
            return {}, f"does not link:\n{r.stderr}"
        binaries[t] = tree / t
    return binaries, ""


def seen(text):
    broken = re.search(r"BROKEN (.*?) \(", text)
    if broken:
        return broken.group(1)
    for pattern in (r"runtime error: ([^\n]*)", r"ERROR: \w+: ([\w-]+)", r"(timeout) after"):
        m = re.search(pattern, text)
        if m:
            return m.group(1)
    return "crash"


def run(binary, target, seconds, seed, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [str(binary), f"-max_total_time={seconds}", "-print_final_stats=1", f"-artifact_prefix={folder}/", "-timeout=10",
               "-max_len=3000", f"-seed={seed}", "-rss_limit_mb=2000"]
    if target not in MUTATED and (ROOT / "fuzz/tcp.dict").exists():
        command.append(f"-dict={ROOT}/fuzz/tcp.dict")
    (folder / "new").mkdir()
    env = {**os.environ, "ASAN_OPTIONS": "symbolize=0:detect_leaks=0", "UBSAN_OPTIONS": "symbolize=0:print_stacktrace=0"}
    r = subprocess.run([*command, str(folder / "new"), str(CORPUS / target)], capture_output=True, text=True, errors="replace", env=env)
    # While the corpus is read in, libFuzzer has not counted yet: its pulses do.
    m = re.search(r"stat::number_of_executed_units: (\d+)", r.stderr)
    pulses = re.findall(r"^#(\d+)\s", r.stderr, re.M)
    executions = max([int(m.group(1))] if m else [0], [int(pulses[-1])] if pulses else [0])[0]
    return r.returncode != 0, executions, seen(r.stderr) if r.returncode else ""


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--seconds", type=int, default=60, help="for each defect, on one core (default 60)")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("name", nargs="*", help="only these defects; default all")
    args = a.parse_args()
    todo = [r for r in rows() if not args.name or r[0] in args.name]
    missing = set(args.name) - {r[0] for r in todo}
    if missing:
        a.error(f"no such defect in fuzz/planted.tsv: {', '.join(sorted(missing))}")
    caught, missed, broken, slowest = 0, [], [], 0.0
    every = sorted({t for r in todo for t in r[4]})
    control = [("(no defect)", None, "", "", every, "control")] if not args.name else []
    print(f"fuzz-planted: {len(todo)} defects, up to {args.seconds} s each, seed {args.seed}", flush=True)
    for name, pattern, find, put, targets, what in control + todo:
        file, error = plant(name, pattern, find, put) if pattern else (None, "")
        binaries, error = build(name, file, targets) if not error else ({}, error)
        if error:
            broken.append(name)
            print(f"  {name:<22} NOT PLANTED: {error}", flush=True)
            continue
        at, share, found, tried = time.monotonic(), max(2, args.seconds // len(targets)) if pattern else 5, False, []
        for t in targets:
            found, executions, why = run(binaries[t], t, share, args.seed, WORK / "run")
            tried.append(f"{t} {executions:,}")
            if found:
                seconds = time.monotonic() - at
                slowest = max(slowest, seconds)
                print(f"  {name:<22} {t:<11} after {executions:>9,} executions {seconds:5.1f} s  {why}", flush=True)
                break
        if not pattern:
            if found:
                sys.exit("fuzz-planted: the control has no defect and was 'caught': mend the target first")
            print(f"  {name:<22} nothing seen, as it must be ({', '.join(tried)} executions)", flush=True)
        elif found:
            caught += 1
        else:
            missed.append(name)
            print(f"  {name:<22} NOT SEEN: {what} ({', '.join(tried)} executions)", flush=True)
        if pattern:
            shutil.rmtree(WORK / name, ignore_errors=True)
    print(f"fuzz-planted: {caught} of {len(todo)} defects caught, the slowest after {slowest:.0f} s"
          + (f"; not seen: {', '.join(missed)}" if missed else "") + (f"; not planted: {', '.join(broken)}" if broken else ""))
    return 1 if missed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
