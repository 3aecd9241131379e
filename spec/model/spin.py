#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make mc-spin: explores experiments with SPIN (base.pml) and compares its counts with those of experiments.tsv.

    spin.py [NAME...]     default: base-small, handshake, close-four, self-connect and, memory allowing, base
    --update              marks in experiments.tsv what SPIN confirmed
SPIN counts one state and two transitions more than there are: the one before the world begins, and the way out of it.
Exit status: 0 all agree, 1 a count differs, 2 SPIN is not there or does not build.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from build import CONFIG, HERE, OUT, ROOT, SHARED, WARN, Builder, BuildError, run  # noqa: E402
from mc import call, read_table, write_table  # noqa: E402

DEFAULT = ["base-small", "handshake", "close-four", "self-connect", "base"]
VECTOR = 1500                        # bytes that SPIN keeps of each state: two ends, four segments
FLAGS = ["-DWORLD_ENDS=2", "-DWORLD_NET=5", "-DNOREDUCE", "-DSAFETY", "-DNOFAIR", "-DVECTORSZ=4096"]


def build(builder, directory):
    """The verifier, linked with the model's and the core's objects."""
    (directory / "base.pml").write_text((HERE / "base.pml").read_text())
    r = subprocess.run(["spin", "-a", "base.pml"], cwd=directory, capture_output=True, text=True, check=False)
    if r.returncode != 0 or not (directory / "pan.c").exists():
        raise BuildError(f"spin -a base.pml: {r.stdout}{r.stderr}")
    flags = [*WARN.split(), "-D_GNU_SOURCE", CONFIG, *FLAGS[:2]]
    objects = [builder.compile(HERE / f"{n}.c", (HERE / f"{n}.c").read_text(), flags) for n in SHARED + ["raw"]]
    objects += [builder.compile(p, p.read_text(), [CONFIG]) for p in sorted((ROOT / "core").glob("*.c"))]
    run([*builder.cc, "-std=gnu11", "-O2", "-w", f"-I{directory}", f"-I{ROOT}", f"-I{ROOT}/core", CONFIG, *FLAGS,
         "-o", directory / "pan", directory / "pan.c", *objects])
    return directory / "pan"


def available():
    """Bytes of memory that are free."""
    m = re.search(r"MemAvailable:\s*(\d+)", Path("/proc/meminfo").read_text())
    return int(m.group(1)) * 1024


def count(pan, words, states):
    """(states, transitions) by SPIN."""
    bits = max(16, states.bit_length())
    r = subprocess.run([pan, f"-w{bits}", "-m2000000", "-E", "-b"], env={**os.environ, "MODEL_WORDS": words},
                       capture_output=True, text=True, check=False, cwd=pan.parent)
    found = [re.search(rf"(\d+) {what}", r.stdout) for what in ("states, stored", "transitions")]
    if r.returncode != 0 or None in found or "errors: 0" not in r.stdout:
        raise BuildError(f"pan: {words}: status {r.returncode}: {(r.stdout + r.stderr)[-400:]}")
    return int(found[0].group(1)) - 1, int(found[1].group(1)) - 2


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("names", nargs="*")
    ap.add_argument("--update", action="store_true")
    args = ap.parse_args()
    table = read_table()
    rows = {r["name"]: r for r in table if isinstance(r, dict)}
    builder, differ, skipped = Builder(), 0, 0
    with tempfile.TemporaryDirectory(dir=OUT if OUT.exists() else None) as d:
        pan = build(builder, Path(d))
        for name in args.names or DEFAULT:
            if name not in rows or rows[name]["expected"] != "holds" or rows[name]["variant"] != "-":
                raise BuildError(f"{name}: no experiment on the core as it is that holds")
            row, states = rows[name], int(rows[name]["states"])
            if states * VECTOR > available() * 0.7:
                print(f"{name:<16} skipped: SPIN would keep {states * VECTOR / 1e9:.1f} GB, {available() / 1e9:.1f} are free")
                skipped += 1
                continue
            words = [w for w in row["words"].split() if w != "live=1"]
            ours = call(builder.program("mc"), words)
            theirs = count(pan, " ".join(words), states)
            same = theirs == (int(ours["states"]), int(ours["transitions"]))
            differ += not same
            print(f"{name:<16} mc {ours['states']} states {ours['transitions']} transitions, spin {theirs[0]} states "
                  f"{theirs[1]} transitions: {'agree' if same else 'DIFFER'}", flush=True)
            if same and args.update and row["second"] == "dfs":
                row["second"] = "dfs+spin"
    if args.update:
        write_table(table)
    print(f"mc-spin: {len(args.names or DEFAULT)} experiments, {differ} differ, {skipped} skipped")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    try:
        main()
    except (BuildError, FileNotFoundError) as e:
        print(f"mc-spin: {e}", file=sys.stderr)
        sys.exit(2)
