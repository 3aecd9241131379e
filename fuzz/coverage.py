#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make fuzz-coverage: what of core/ the committed corpora reach. Regions and branches by llvm-cov, a line for each region that
nothing reaches, an HTML report in build/fuzz/coverage/. Every such region must be explained in fuzz/README.md, where its line
of code stands in the table «What no input reaches»; status 1 if one is not, or below the goal."""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COV, CORPUS, HTML = ROOT / "build/fuzz/cov", ROOT / "fuzz/corpus", ROOT / "build/fuzz/coverage"


def tool(name):
    for n in (f"{name}-14", name):
        if subprocess.run(["which", n], capture_output=True).returncode == 0:
            return n
    sys.exit(f"fuzz-coverage: {name} is not installed: apt-get install llvm")


def run(command, **more):
    r = subprocess.run(list(map(str, command)), capture_output=True, text=True, **more)
    if r.returncode:
        sys.exit(f"fuzz-coverage: {' '.join(map(str, command[:3]))} ended with status {r.returncode}:\n{(r.stdout + r.stderr)[-2000:]}")
    return r.stdout


def uncovered(file):
    """Places where a region begins that was never entered."""
    for line, column, count, has_count, entry, *gap in file["segments"]:
        if has_count and entry and count == 0 and not (gap and gap[0]):
            yield line, column


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--goal", type=float, default=95.0, help="least share of regions, percent (default 95)")
    args = a.parse_args()
    targets = sorted(p.stem[5:] for p in (ROOT / "fuzz").glob("fuzz_*.c"))
    profiles, binaries = [], [COV / f"fuzz_{t}" for t in targets]
    for t, b in zip(targets, binaries):
        profiles.append(COV / f"{t}.profraw")
        run([b, CORPUS / t], env={"LLVM_PROFILE_FILE": str(profiles[-1])})
    data = COV / "all.profdata"
    run([tool("llvm-profdata"), "merge", "-sparse", "-o", data, *profiles])
    objects = [binaries[0], *(x for b in binaries[1:] for x in ("-object", b))]
    sources = sorted((ROOT / "core").glob("*.[ch]"))
    report = json.loads(run([tool("llvm-cov"), "export", *objects, f"-instr-profile={data}", *sources]))["data"][0]
    run([tool("llvm-cov"), "show", *objects, f"-instr-profile={data}", "-format=html", f"-output-dir={HTML}", *sources])
    explained = (ROOT / "fuzz/README.md").read_text() if (ROOT / "fuzz/README.md").exists() else ""
    bare, open_regions = 0, 0
    print(f"{'file':<26}{'regions':>9}{'reached':>9}{'branches':>10}{'reached':>9}")
    for f in report["files"]:
        s, name = f["summary"], str(Path(f["filename"]).relative_to(ROOT))
        print(f"{name:<26}{s['regions']['count']:>9}{s['regions']['percent']:>8.1f}%{s['branches']['count']:>10}"
              f"{s['branches']['percent']:>8.1f}%")
        text = Path(f["filename"]).read_text().splitlines()
        for line, column in uncovered(f):
            code = text[line - 1].strip()
            open_regions += 1
            known = f"`{name}: {code}`" in explained
            bare += not known
            print(f"    {name}:{line}:{column}: nothing reaches: {code}{'' if known else '   NOT EXPLAINED'}")
    t = report["totals"]
    print(f"HTML: {(HTML / 'index.html').relative_to(ROOT)}")
    print(f"fuzz-coverage: core/ by the committed corpora: {t['regions']['percent']:.2f} % of {t['regions']['count']} regions, "
          f"{t['branches']['percent']:.2f} % of {t['branches']['count']} branches; {open_regions} regions unreached, {bare} not explained")
    return 1 if bare or t["regions"]["percent"] < args.goal else 0


if __name__ == "__main__":
    sys.exit(main())
