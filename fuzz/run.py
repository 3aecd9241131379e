#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the fuzz targets with one engine for a bounded time, and tells findings apart.

New inputs are kept in build/fuzz/corpus/ (they only grow); `fuzz/minimise.py` takes the best of them into fuzz/corpus/.
A finding goes to fuzz/found/TARGET-KEY with a .txt beside it: what broke, and the one command that shows it again.
Status: 0 nothing found, 1 something found, 2 wrong use or an engine that does not run, 130 ended by Ctrl-C."""
import argparse
import hashlib
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS, FOUND, WORK, DICT = ROOT / "fuzz/corpus", ROOT / "fuzz/found", ROOT / "build/fuzz", ROOT / "fuzz/tcp.dict"
MUTATED = {"session", "pair"}
PULSE = 10  # seconds between two lines of progress
AFL_ENV = {"AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_NO_AFFINITY": "1",
           "AFL_BENCH_UNTIL_CRASH": "", "AFL_FAST_CAL": "1", "AFL_CMPLOG_ONLY_NEW": "1"}
say_lock = threading.Lock()
running, stopped, numbers = set(), threading.Event(), itertools.count()


def say(text):
    with say_lock:
        print(text, flush=True)


def end(p):
    """The engine and whatever it left behind: AFL++ forgets children that it has stopped, in sessions of their own."""
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if p.mark in (one / "environ").read_bytes().split(b"\0"):
                os.kill(int(one.name), signal.SIGKILL)
        except OSError:  # gone, or not ours
            pass
    running.discard(p)


def engine(command, env=os.environ, **how):
    """An engine, all of whose processes carry a mark by which `end` finds them."""
    if stopped.is_set():
        raise SystemExit(130)
    mark = f"SEQUENT_FUZZ={os.getpid()}:{next(numbers)}"
    p = subprocess.Popen(command, env={**env, **dict([mark.split("=")])}, **how)
    p.mark = mark.encode()
    running.add(p)
    return p


def targets():
    return sorted(p.stem[5:] for p in (ROOT / "fuzz").glob("fuzz_*.c"))


def reason(text):
    """What tells one finding from another: the broken clause, or the sanitizer's word and the first frames of ours."""
    broken = re.search(r"BROKEN (.*?) \(", text)
    if broken:
        return broken.group(1)
    summary = re.search(r"SUMMARY: (?:\w+: )?([\w-]+)", text)
    error = re.search(r"runtime error: (.*)", text)
    frames = re.findall(r"#\d+ 0x\w+ in (\w+)[^\n]*/(?:core|harness|fuzz)/", text)[:3]
    what = error.group(1) if error else summary.group(1) if summary else "crash"
    return " ".join([re.sub(r"\d+", "N", what), *frames])


def keep(target, data, text):
    """A finding: written once for each reason."""
    why = reason(text)
    name = f"{target}-{hashlib.sha1(why.encode()).hexdigest()[:8]}"
    FOUND.mkdir(parents=True, exist_ok=True)
    path = FOUND / name
    again = path.exists() and len(path.read_bytes()) <= len(data)
    if not again:
        path.write_bytes(data)
        (FOUND / (name + ".txt")).write_text(
            f"{why}\nreplay: make fuzz-replay TARGET={target} INPUT=fuzz/found/{name}\n\n{text[-6000:]}")
        say(f"  {target:<11} FOUND {why}\n              replay: make fuzz-replay TARGET={target} INPUT=fuzz/found/{name}")
    return why


class Tally:
    def __init__(self, target):
        self.target, self.executions, self.seconds, self.coverage, self.kept = target, 0, 0.0, "", 0
        self.found = {}

    def line(self, word=""):
        rate = self.executions / self.seconds if self.seconds > 0 else 0
        say(f"  {self.target:<11} {self.seconds:6.0f} s {self.executions:>13,} executions {rate:>9,.0f}/s"
            f"  {self.coverage}, {self.kept} inputs{word}")


def libfuzzer_once(args, tally, left, runs):
    target, out = tally.target, WORK / "corpus" / tally.target
    crash = WORK / "crash" / target
    crash.mkdir(parents=True, exist_ok=True)
    for old in crash.iterdir():
        old.unlink()
    command = [str(WORK / "libfuzzer" / f"fuzz_{target}"), f"-max_total_time={max(1, int(left))}", f"-artifact_prefix={crash}/",
               "-print_final_stats=1", "-timeout=20", "-rss_limit_mb=2000", f"-seed={args.seed}", "-max_len=4096", str(out)]
    if runs:
        command.insert(1, f"-runs={runs}")
    if DICT.exists() and target not in MUTATED:
        command.insert(1, f"-dict={DICT}")
    if (CORPUS / target).is_dir():
        command.append(str(CORPUS / target))
    base, at, tail, pulse = tally.executions, time.monotonic(), [], time.monotonic()
    start = tally.seconds
    p = engine(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, errors="replace")
    for line in p.stderr:
        tail = (tail + [line])[-300:]
        m = re.match(r"#(\d+)\s.*?cov: (\d+) ft: (\d+) corp: (\d+)", line)
        if m:
            tally.executions = base + int(m.group(1))
            tally.coverage, tally.kept = f"coverage {m.group(2)} features {m.group(3)}", int(m.group(4))
        tally.seconds = start + time.monotonic() - at
        if time.monotonic() - pulse > PULSE:
            pulse = time.monotonic()
            tally.line()
    status, text = p.wait(), "".join(tail)
    end(p)
    if stopped.is_set():
        raise SystemExit(130)
    m = re.search(r"stat::number_of_executed_units: (\d+)", text)
    tally.executions = base + int(m.group(1)) if m else tally.executions
    tally.seconds = start + time.monotonic() - at
    for artifact in sorted(crash.iterdir()):
        why = keep(target, artifact.read_bytes(), text)
        tally.found[why] = tally.found.get(why, 0) + 1
    if status != 0 and not tally.found:
        say(f"  {target}: the engine ended with status {status}:\n{text[-2000:]}")
        raise SystemExit(2)
    return status


def libfuzzer(args, target):
    tally = Tally(target)
    (WORK / "corpus" / target).mkdir(parents=True, exist_ok=True)
    while True:  # libFuzzer ends at a finding: go on with the time that is left, until only known ones come
        status = libfuzzer_once(args, tally, args.seconds - tally.seconds, args.runs)
        if status == 0 or args.runs or tally.seconds >= args.seconds - 1 or max(tally.found.values(), default=0) >= 3:
            break
    tally.line(" done")
    return tally


def afl_stats(folder):
    try:
        text = (folder / "default/fuzzer_stats").read_text()
    except OSError:
        return {}
    return dict(re.findall(r"^(\w+)\s*:\s*(.*?)\s*$", text, re.M))


def afl_command(args, target, out, seeds):
    command = ["afl-fuzz", "-i", str(seeds), "-o", str(out), "-t", "2000", "-s", str(args.seed), "-c",
               str(WORK / "cmplog" / f"fuzz_{target}")]
    command += ["-E", str(args.runs)] if args.runs else []
    command += ["-V", str(max(1, int(args.seconds)))]
    if DICT.exists() and target not in MUTATED:
        command += ["-x", str(DICT)]
    return command + ["--", str(WORK / "afl" / f"fuzz_{target}")]


def afl_seeds(args, target):
    """The committed corpus; with a number of executions only some of it, for AFL++ runs each many times before it begins."""
    seeds, some = CORPUS / target, WORK / "afl-seed" / target
    files = sorted(seeds.iterdir(), key=lambda p: (p.stat().st_size, p.name)) if seeds.is_dir() else []
    if files and not args.runs:
        return seeds
    subprocess.run(["rm", "-rf", str(some)], check=True)
    some.mkdir(parents=True)
    for f in files[:: max(1, len(files) // 40)]:
        (some / f.name).write_bytes(f.read_bytes())
    if not files:
        (some / "zero").write_bytes(bytes(64))
    return some


def afl(args, target):
    tally, out = Tally(target), WORK / "afl-out" / target
    seeds = afl_seeds(args, target)
    subprocess.run(["rm", "-rf", str(out)], check=True)
    out.mkdir(parents=True)
    env = {**os.environ, **AFL_ENV, "AFL_FINAL_SYNC": "0"}
    if target in MUTATED:
        env["AFL_CUSTOM_MUTATOR_LIBRARY"] = str(WORK / "afl/mutator.so")
    at, pulse = time.monotonic(), time.monotonic()
    with open(out / "log", "w", encoding="utf-8") as log:
        p = engine(afl_command(args, target, out, seeds), stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env)
        while p.poll() is None:
            time.sleep(0.2)
            if time.monotonic() - pulse > PULSE:
                pulse = time.monotonic()
                afl_read(tally, out, at)
                tally.line()
    end(p)
    if stopped.is_set():
        raise SystemExit(130)
    afl_read(tally, out, at)
    if p.returncode != 0 or tally.executions == 0:
        say(f"  {target}: afl-fuzz ended with status {p.returncode}:\n{(out / 'log').read_text(errors='replace')[-2500:]}")
        raise SystemExit(2)
    if target in MUTATED and "Loading custom mutator library" not in (out / "log").read_text(errors="replace"):
        say(f"  {target}: afl-fuzz did not load {WORK / 'afl/mutator.so'}: see {out / 'log'}")
        raise SystemExit(2)
    for crash in sorted((out / "default/crashes").glob("id:*"))[:50]:
        r = subprocess.run([str(WORK / "libfuzzer" / f"fuzz_{target}"), str(crash)], capture_output=True, text=True, errors="replace")
        text = r.stderr
        if r.returncode == 0:
            r = subprocess.run([str(WORK / "afl" / f"fuzz_{target}"), str(crash)], capture_output=True, text=True, errors="replace")
            text = r.stderr
        why = keep(target, crash.read_bytes(), text)
        tally.found[why] = tally.found.get(why, 0) + 1
    queue = WORK / "corpus" / target
    queue.mkdir(parents=True, exist_ok=True)
    for q in (out / "default/queue").glob("id:*"):  # what AFL++ found is libFuzzer's, too
        data = q.read_bytes()
        (queue / hashlib.sha1(data).hexdigest()).write_bytes(data)
    tally.line(" done")
    return tally


def afl_read(tally, out, at):
    s = afl_stats(out)
    tally.executions = int(s.get("execs_done", tally.executions))
    tally.coverage, tally.kept = f"bitmap {s.get('bitmap_cvg', '?')}", int(s.get("corpus_count", 0))
    tally.seconds = time.monotonic() - at


def one(a, args, word, known):
    """The arguments for one target, TARGET or TARGET:SECONDS."""
    name, _, seconds = word.partition(":")
    if name not in known:
        a.error(f"no target '{name}', expected some of: {', '.join(known)}")
    if seconds and not (seconds.isdecimal() and int(seconds) > 0):
        a.error(f"'{word}': expected a number of seconds above 0 behind the colon")
    return argparse.Namespace(**{**vars(args), "name": name, "seconds": int(seconds or args.seconds)})


def main():
    known = targets()
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--engine", choices=("libfuzzer", "afl"), default="libfuzzer")
    a.add_argument("--seconds", type=int, default=60, help="for each target (default 60)")
    a.add_argument("--runs", type=int, default=0, help="executions for each target instead of a time")
    a.add_argument("--jobs", type=int, default=1, help="targets at once (default 1)")
    a.add_argument("--seed", type=int, default=1, help="of the engine (default 1)")
    a.add_argument("target", nargs="*", help=f"of {', '.join(known)}; all when none is named; TARGET:N for N seconds of it")
    args = a.parse_args()
    chosen = [one(a, args, t, known) for t in args.target or known]
    bound = f"{args.runs:,} executions each" if args.runs else f"{sum(c.seconds for c in chosen):,} s in all"
    say(f"fuzz: {args.engine}, {len(chosen)} targets, {bound}, seed {args.seed}")
    pool = ThreadPoolExecutor(max_workers=max(1, args.jobs))
    jobs = [pool.submit(libfuzzer if args.engine == "libfuzzer" else afl, c, c.name) for c in chosen]
    try:
        tallies = [j.result() for j in jobs]
    except KeyboardInterrupt:
        say("fuzz: ended by Ctrl-C; what was found is in fuzz/found/, new inputs in build/fuzz/corpus/")
        return 130
    finally:
        stopped.set()
        for p in list(running):
            end(p)
        pool.shutdown(cancel_futures=True)
    found = sum(len(t.found) for t in tallies)
    total = sum(t.executions for t in tallies)
    say(f"fuzz: {args.engine}, {len(chosen)} targets, {bound}: {total:,} executions, "
        f"{found} findings{' in fuzz/found/' if found else ''}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
