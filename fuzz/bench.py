#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make fuzz-bench: executions a second for each target, with sanitizers and without, beside a target that does nothing and
beside a minimal lwIP input harness, all in one run on one core; and that no target allocates."""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK, CORPUS = ROOT / "build/fuzz", ROOT / "fuzz/corpus"


def once(binary, corpus, bound):
    """Executions and CPU seconds of one run: a busy machine changes neither."""
    with tempfile.TemporaryDirectory() as new:
        p = subprocess.Popen([str(binary), bound, "-print_final_stats=1", "-seed=1", "-max_len=1500", "-rss_limit_mb=4000",
                              f"-artifact_prefix={new}/", new, str(corpus)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                             errors="replace", env={**os.environ, "UBSAN_OPTIONS": "halt_on_error=0"} if "lwip" in binary.name else None)
        text = p.stderr.read()
        _, status, usage = os.wait4(p.pid, 0)
    m = re.search(r"number_of_executed_units:\s*(\d+)", text)
    if status or not m:
        sys.exit(f"fuzz-bench: {binary} ended with status {status}:\n{text[-1500:]}")
    return int(m.group(1)), usage.ru_utime + usage.ru_stime


def rate(binary, corpus, seconds):
    """Executions a second of CPU, without what it takes to start and to read the corpus."""
    n0, t0 = once(binary, corpus, "-runs=0")
    n, t = once(binary, corpus, f"-max_total_time={seconds}")
    return int((n - n0) / max(t - t0, 0.001))


def allocations(targets):
    """Targets whose object, or the parts they share, refer to an allocator."""
    bad = []
    for o in [WORK / f"plain/fuzz/fuzz_{t}.o" for t in targets] + [WORK / "plain/libparts.a"]:
        names = subprocess.run(["nm", "-u", str(o)], capture_output=True, text=True, check=True).stdout.split()
        if {"malloc", "calloc", "realloc", "free", "posix_memalign", "alloca"} & set(names):
            bad.append(o.name)
    return bad


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--seconds", type=int, default=4, help="for each measurement (default 4)")
    args = a.parse_args()
    targets = sorted(p.stem[5:] for p in (ROOT / "fuzz").glob("fuzz_*.c"))
    lwip = {f: (WORK / f / "lwip_bench").exists() for f in ("plain", "libfuzzer")}
    empty = {f: rate(WORK / f / "bench_empty", CORPUS / "header", args.seconds) for f in ("plain", "libfuzzer")}
    other = {f: rate(WORK / f / "lwip_bench", CORPUS / "header", args.seconds) if lwip[f] else 0 for f in lwip}
    print(f"{'target':<12}{'plain/s':>11}{'of empty':>10}{'ASan/s':>10}{'of empty':>10}", flush=True)
    print(f"{'(empty)':<12}{empty['plain']:>11,}{'':>10}{empty['libfuzzer']:>10,}")
    print(f"{'(lwIP)':<12}{other['plain']:>11,}{'':>10}{other['libfuzzer']:>10,}" if lwip["plain"] else "(lwIP)      not built: make fuzz-build-lwip says why")
    speed = {}
    for t in targets:
        p, s = (rate(WORK / f / f"fuzz_{t}", CORPUS / t, args.seconds) for f in ("plain", "libfuzzer"))
        speed[t] = (p, s)
        print(f"{t:<12}{p:>11,}{p / empty['plain']:>9.0%} {s:>10,}{s / empty['libfuzzer']:>9.0%}", flush=True)
    bad = allocations(targets)
    print(f"allocations: {'none of the targets refers to an allocator' if not bad else 'in ' + ', '.join(bad)}")
    ratio = speed["segment"][0] / other["plain"] if other["plain"] else 0
    print(f"fuzz-bench: plain, of the empty target: header {speed['header'][0] / empty['plain']:.0%}, options "
          f"{speed['options'][0] / empty['plain']:.0%} (goal 20 %); segment {speed['segment'][0]:,}/s"
          + (f", {ratio:.1f} times the lwIP harness (goal 5)" if ratio else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
