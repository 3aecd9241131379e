#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Takes the inputs that add coverage, from build/fuzz/corpus/ and fuzz/seeds.py's, into fuzz/corpus/: libFuzzer's merge,
shortest first, then a budget for each target so that all stay below 4 MB. Files are named by their content. With --add what is
committed stays, and only what it does not reach is taken in."""
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK, CORPUS = ROOT / "build/fuzz", ROOT / "fuzz/corpus"
BUDGET = {"session": 900_000, "pair": 900_000, "segment": 500_000, "call": 300_000, "frame": 120_000, "checksum": 120_000}
OTHER = 100_000  # bytes
FILES = 1200      # at most, for each target
LONGEST = 4096   # bytes
PINNED = {"checksum", "frame"}  # seeds that stay though they reach no new code: values matter there


def minimise(target, add):
    binary = WORK / "libfuzzer" / ("lwip_diff" if target == "lwip" else f"fuzz_{target}")
    merged = WORK / "merged" / target
    shutil.rmtree(merged, ignore_errors=True)
    merged.mkdir(parents=True)
    if add and (CORPUS / target).is_dir():
        shutil.copytree(CORPUS / target, merged, dirs_exist_ok=True)
    sources = []
    for i, d in enumerate((CORPUS / target, WORK / "corpus" / target, WORK / "seeds" / target)):
        if d.is_dir():  # a copy: a fuzzer that still runs renames its files
            sources.append(WORK / "merging" / target / str(i))
            shutil.rmtree(sources[-1], ignore_errors=True)
            shutil.copytree(d, sources[-1])
    if not sources:
        print(f"  {target:<12} no inputs yet: run make fuzz TARGET={target} first")
        return 0
    r = subprocess.run([str(binary), "-merge=1", "-max_len=4096", str(merged), *map(str, sources)], capture_output=True, text=True,
                       errors="replace", env={**os.environ, "UBSAN_OPTIONS": "halt_on_error=0"} if target == "lwip" else None)
    if r.returncode != 0:
        print(r.stderr[-2000:])
        sys.exit(f"minimise: {binary} ended with status {r.returncode}")
    out, total, n = CORPUS / target, 0, 0
    pinned = [p for p in (out.iterdir() if out.is_dir() else []) if p.name.startswith(("bug-", "region-"))]
    keep = {p.name: p.read_bytes() for p in pinned}
    if target in PINNED and not add and (WORK / "seeds" / target).is_dir():
        keep |= {f"seed-{p.name}": p.read_bytes() for p in (WORK / "seeds" / target).iterdir()}
    for p in sorted(merged.iterdir(), key=lambda p: (p.stat().st_size, p.name)):
        data = p.read_bytes()
        if total + len(data) > BUDGET.get(target, OTHER) or n >= FILES or len(data) > LONGEST:
            continue
        keep[hashlib.sha1(data).hexdigest()[:16]] = data
        total, n = total + len(data), n + 1
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for name, data in keep.items():
        (out / name).write_bytes(data)
    print(f"  {target:<12} {len(keep):5} inputs {sum(map(len, keep.values())):8} bytes (of {len(list(merged.iterdir()))} that add coverage)")
    return sum(map(len, keep.values()))


def main():
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__ + "\nusage: fuzz/minimise.py [--add] [TARGET...]")
        return 0
    every = sorted(p.stem[5:] for p in (ROOT / "fuzz").glob("fuzz_*.c")) + (["lwip"] if (WORK / "libfuzzer/lwip_diff").exists() else [])
    chosen = [a for a in sys.argv[1:] if a != "--add"]
    for t in chosen:
        if t not in every:
            print(f"minimise: no target '{t}', expected some of: {', '.join(every)}", file=sys.stderr)
            return 2
    for t in chosen or every:
        minimise(t, "--add" in sys.argv[1:])
    total = sum(p.stat().st_size for p in CORPUS.rglob("*") if p.is_file())
    print(f"minimise: fuzz/corpus/ has {total:,} bytes{'' if total < 4_000_000 else ', MORE THAN 4 MB'}")
    return 0 if total < 4_000_000 else 1


if __name__ == "__main__":
    sys.exit(main())
