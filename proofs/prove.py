#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Proves every function of the core and of the harness's packet parsers with Frama-C/WP.

Frama-C's exit status says nothing about the goals, and its reports leave out what it never tried. So the verdict
is taken from three reports (JSON, CSV, log) and held against the list of functions that source.py reads from the
sources. See proofs/README.md for what the verdict demands and proofs/trusted.md for what it rests on.
"""
import argparse
import collections
import contextlib
import csv
import functools
import hashlib
import heapq
import io
import itertools
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import source  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "prove"
PACKED = ROOT / "proofs" / "cache.txt"
PACKED_SMOKE = ROOT / "proofs" / "cache-smoke.txt"
RESULTS = ROOT / "proofs" / "results"
THEOREMS = ROOT / "proofs" / "theorems.tsv"
UNITS = ROOT / "proofs" / "units"
TRUSTED = ROOT / "proofs" / "trusted.md"
CHANGELOG = ROOT / "CHANGELOG.md"
CONTROLS = ROOT / "proofs" / "wrong"

PROVERS = "z3,cvc4,cvc5"
RTE = ["-wp-rte", "-warn-unsigned-overflow", "-warn-unsigned-downcast", "-warn-signed-downcast",
       "-warn-invalid-pointer"]
TYPED = ["-wp-model", "Typed"]
REF = ["-wp-model", "Typed+ref", "-wp-check-memory-model"]
# Pruning of branches and, for the units over structs, ground rewriting take up to two thirds of the time Frama-C spends on
# large functions; the solvers do as well without them, but for a unit that says `wp-model: ref, ground`.
SPEED = ["-wp-no-pruning"]
GROUNDLESS = ["-wp-no-ground"]
KINDS = ("safety", "functional", "termination")


# ---- running children ----

class Children:
    """Every child leads a process group of its own, so that an interrupt ends its solvers too."""
    lock, groups, stopped = threading.Lock(), set(), False

    @classmethod
    def run(cls, argv, log, env, enough=None):
        """enough: asked twice a second with the path of the log; True ends the run."""
        with cls.lock:
            if cls.stopped:
                raise KeyboardInterrupt
            with open(log, "w") as out:
                p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                     cwd=env.get("PROVE_CWD", ROOT), env=env, start_new_session=True)
            cls.groups.add(p.pid)
        try:
            while enough and p.poll() is None and not enough(log):
                time.sleep(0.5)
            if enough:
                cls.end(p.pid)
            p.wait()
        finally:
            cls.end(p.pid)
            with cls.lock:
                cls.groups.discard(p.pid)
        return p.returncode

    @staticmethod
    def end(group):
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    @classmethod
    def stop(cls):
        with cls.lock:
            cls.stopped = True
            for g in cls.groups:
                cls.end(g)


MODULE = re.compile(r"^(?:module|theory)\s+([\w.]+).*?^end\b", re.M | re.S)
LOGIC = ("qed", "cint", "cbits", "memory", "vset")     # WP's own theories that goals over integers and pointers rest on


def needed(stdlib, wp):
    """What those theories use of Why3's library, transitively, as {"int.Int", ...}."""
    found, todo = set(), []

    def look(text, here):
        for name in re.findall(r"\b(?:use|clone)\s+(?:export\s+|import\s+)?([\w.]+)", text):
            todo.append(name if "." in name else f"{here}.{name}")
    for name in LOGIC:
        look((wp / "why3" / "frama_c_wp" / f"{name}.mlw").read_text(), "frama_c_wp." + name)
    todo += [n for n in re.findall(r'why3\.import.*?"([\w.]+)', (wp / "wp.driver").read_text()) if n.startswith(("int.", "map."))]
    while todo:
        name = todo.pop()
        library, _, module = name.rpartition(".")
        path = stdlib / (library.replace(".", "/") + ".mlw")
        if name in found or not path.exists():
            continue
        found.add(name)
        look("".join(m.group(0) for m in MODULE.finditer(path.read_text()) if m.group(1) == module), library)
    return found


@functools.lru_cache(maxsize=None)
def solvers():
    """The configuration of Why3: proofs/why3.conf over a copy of its library and drivers that has only what our goals can
    mention. Why3 reads all that a driver names anew for every function: floats, bit vectors and strings, a third of a replay."""
    tell = lambda *argv: Path(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip())  # noqa: E731
    here, wp = tell("why3", "--print-datadir"), tell("frama-c", "-print-share-path") / "wp"
    ours = (ROOT / "proofs" / "why3.conf").read_text()
    data = BUILD / ("why3-" + digest(Path(__file__).read_text() + ours + str(tell("why3", "--version"))))
    if data.exists():
        return str(data / "why3.conf")
    keep = needed(here / "stdlib", wp)
    BUILD.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=BUILD, prefix="new-"))
    (new / "drivers").mkdir()
    (new / "stdlib").mkdir()
    for p in here.iterdir():
        if p.name not in ("drivers", "stdlib"):
            (new / p.name).symlink_to(p)
    for library in {k.rpartition(".")[0] for k in keep}:
        path = Path(library.replace(".", "/") + ".mlw")
        (new / "stdlib" / path).parent.mkdir(exist_ok=True)
        (new / "stdlib" / path).write_text(MODULE.sub(lambda m: m.group(0) if f"{library}.{m.group(1)}" in keep else "",
                                                      (here / "stdlib" / path).read_text()))
    for p in (here / "drivers").iterdir():
        (new / "drivers" / p.name).write_text(MODULE.sub(lambda m: m.group(0) if "." not in m.group(1) or m.group(1) in keep else "",
                                                         p.read_text()))
    (new / "why3.conf").write_text(ours.replace("[main]\n", f'[main]\ndatadir = "{data}"\n', 1))
    try:
        new.rename(data)
    except OSError:         # another thread or process was first
        shutil.rmtree(new)
    return str(data / "why3.conf")


@functools.lru_cache(maxsize=None)
def heap():
    """Options that load proofs/heap.ml, compiled by the OCaml that Frama-C's package depends on: a tenth less processor time.
    Without that compiler, or with one of another version, a proof is only slower."""
    if not shutil.which("ocamlopt"):
        return []
    text = (ROOT / "proofs" / "heap.ml").read_text()
    there = BUILD / ("heap-" + digest(text + subprocess.run(["ocamlopt", "-version"], capture_output=True, text=True).stdout))
    if not there.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=BUILD, prefix="new-"))
        (new / "heap.ml").write_text(text)
        for argv in (["ocamlopt", "-shared", "-o", "heap.cmxs", "heap.ml"], ["frama-c", "-load-module", "./heap.cmxs", "-version"]):
            if subprocess.run(argv, cwd=new, env={**os.environ, "PWD": str(new)}, capture_output=True).returncode:
                (new / "heap.cmxs").unlink(missing_ok=True)
                break
        try:
            new.rename(there)
        except OSError:         # another thread or process was first
            shutil.rmtree(new)
    return ["-load-module", str(there / "heap.cmxs")] if (there / "heap.cmxs").exists() else []


class Slots:
    """At most n runs of Frama-C at a time; of those that wait, the one with most goals goes first, so that none is last alone."""

    def __init__(self, n):
        self.free, self.waiting, self.order, self.lock = n, [], itertools.count(), threading.Lock()

    @contextlib.contextmanager
    def taken(self, goals):
        turn = threading.Event()
        with self.lock:
            heapq.heappush(self.waiting, (-goals, next(self.order), turn))
            self.begin()
        turn.wait()
        try:
            yield
        finally:
            with self.lock:
                self.free += 1
                self.begin()

    def begin(self):
        while self.free and self.waiting:
            heapq.heappop(self.waiting)[2].set()
            self.free -= 1


def environment():
    env = dict(os.environ)
    env.update(WHY3CONFIG=solvers(), LC_ALL="C.UTF-8")
    for name in ("FRAMAC_WP_CACHE", "FRAMAC_WP_CACHEDIR"):
        env.pop(name, None)
    return env


def model_of(path, root=ROOT):
    head = (Path(root) / path).read_text(encoding="utf-8").split("\n")[:3]
    return "ref" if any("wp-model: ref" in line for line in head) else "typed"


def options_of(path, root=ROOT):
    if model_of(path, root) != "ref":
        return TYPED
    ground = "wp-model: ref, ground" in (Path(root) / path).read_text(encoding="utf-8")
    return REF if ground else REF + GROUNDLESS


def frama_c(path, functions, out, *, mode, cache, timeout, par, root=ROOT, provers=PROVERS, extra=(), report=True,
            enough=None):
    """One run of Frama-C; leaves out.json, out.csv and out.log."""
    for ext in ("json", "csv", "log"):
        Path(f"{out}.{ext}").unlink(missing_ok=True)
    argv = ["frama-c", *heap(), "-machdep", "gcc_x86_64", "-cpp-extra-args=-I.", *options_of(path, root),
            "-wp", *RTE, *SPEED, "-wp-prover", provers, "-wp-timeout", str(timeout), "-wp-par", str(par),
            "-wp-cache", mode, *(["-wp-cache-dir", str(cache)] if cache else []), "-wp-report-json", f"{out}.json"]
    if functions:
        argv += ["-wp-fct", ",".join(functions)]
    argv += [*extra, str(path)]
    if report:
        argv += ["-then", "-no-wp", "-report", "-report-untried", "-report-csv", f"{out}.csv"]
    env = environment()
    env["PROVE_CWD"] = env["PWD"] = str(root)      # Frama-C resolves relative paths by $PWD, whatever the directory
    Children.run(argv, f"{out}.log", env, enough)


# ---- the cache: one text file in the tree, a directory of small files for WP ----

NAMES = {"Z3:4.8.12": "z3", "CVC4:1.8": "cvc4", "CVC5:1.0.3": "cvc5"}
LONG = {v: k for k, v in NAMES.items()}


def unpack(packed, directory):
    """Writes what the packed cache holds and the directory lacks; returns the number of packed entries."""
    directory.mkdir(parents=True, exist_ok=True)
    if not packed.exists():
        return 0
    have, n = set(os.listdir(directory)), 0
    for line in packed.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        key, prover, verdict, seconds, steps = line.split()
        n += 1
        if key + ".json" not in have:
            entry = {"prover": LONG.get(prover, prover), "verdict": verdict}
            if seconds != "-":
                entry["time"] = float(seconds)
            if steps != "-":
                entry["steps"] = int(steps)
            (directory / (key + ".json")).write_text(json.dumps(entry))
    return n


def pack(directory, packed, keep, title):
    rows = []
    for name in sorted(os.listdir(directory)):
        p = directory / name
        try:
            read_before = p.stat().st_atime > 0         # asked before we read it ourselves
            e = json.loads(p.read_text())
        except (ValueError, OSError):
            continue
        if name.endswith(".json") and keep(p, e, read_before):
            rows.append(" ".join([name[:-5], NAMES.get(e["prover"], e["prover"].replace(" ", "")), e["verdict"],
                                  f'{e["time"]:.4g}' if "time" in e else "-", str(e.get("steps", "-"))]))
    packed.write_text(f"# {title}\n# hash of the goal, solver, verdict, seconds, solver's steps\n" + "\n".join(rows) + "\n")
    return len(rows)


def forget_reads(directory):
    """Sets every access time to zero, so that a later read shows; False where the file system keeps none."""
    for name in os.listdir(directory):
        p = directory / name
        os.utime(p, (0, p.stat().st_mtime))
    probe = directory / "probe.tmp"
    probe.write_text("x")
    os.utime(probe, (0, time.time()))
    probe.read_text()
    seen = probe.stat().st_atime > 0
    probe.unlink()
    return seen


# ---- units ----

class Unit:
    def __init__(self, path, root=ROOT):
        self.path, self.root = str(path), Path(root)
        self.key = re.sub(r"\.c$", "", self.path).replace("/", "-")
        self.model = model_of(path, root)
        self.functions = source.definitions(path, root)
        twin = Path(self.path).with_suffix(".h")
        if (self.root / twin).exists():
            self.functions += source.definitions(twin, root)
        self.names = [f.name for f in self.functions]
        self.calls = set().union(*(f.calls for f in self.functions)) if self.functions else set()

    @property
    def results(self):
        return RESULTS / (self.key + ".tsv")


def unit_paths():
    paths = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "core").glob("*.c"))
    listed = []
    if UNITS.exists():
        for line in UNITS.read_text().splitlines():
            line = line.split("#")[0].strip()
            if line:
                listed.append(line)
    if (ROOT / "proofs" / "roundtrip.c").exists():
        listed.append("proofs/roundtrip.c")
    missing = [p for p in listed if not (ROOT / p).exists()]
    return paths + [p for p in listed if p not in missing and p not in paths], missing


def includes(path, root=ROOT, seen=None):
    """The project's files that a file includes, itself first, transitively."""
    seen = [] if seen is None else seen
    path = os.path.normpath(path)
    if path in seen or not (Path(root) / path).exists():
        return seen
    seen.append(path)
    for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', (Path(root) / path).read_text(encoding="utf-8"), re.M):
        for base in (os.path.dirname(path), ""):
            if (Path(root) / base / name).exists():
                includes(os.path.join(base, name), root, seen)
                break
    return seen


# ---- reading the reports of one run ----

GOAL = re.compile(r"^\[wp\] \[([^\]]+)\] Goal (\S+)(?: : (.*))?$")
TIME = re.compile(r"\((\d+(?:\.\d+)?)(ms|s|min)\)")
SUSPECT = ((r"\(Stronger|\(Degenerated", "degenerated goal"), (r"Cast with incompatible", "pointer cast"),
           (r"Missing terminates", "callee without terminates"), (r"not yet implemented", "construct that WP skips"),
           (r"User Error|Plug-in .* aborted|Frama-C aborted", "Frama-C stopped"), (r"No '(assigns|decreases)'", "callee without assigns"),
           (r"Neither code nor", "function without code or contract"), (r"\[ ?Axiom|Considered valid.*[Aa]xiom", "axiom"),
           (r"implicit declaration|Calling undeclared function", "undeclared function"))


def kind_of(goal):
    if "_wp_smoke_" in goal:
        return "smoke"
    if re.search(r"_(terminates|decreases)\b|_terminates_|_loop_variant|_decreases_|_terminates$", goal):
        return "termination"
    if "_rte_" in goal or re.search(r"_call_\w+_requires", goal):
        return "safety"
    return "functional"


def owner(goal, names):
    best = ""
    for n in names:
        if goal.startswith(n + "_") and len(n) > len(best):
            best = n
    return best


class Reports:
    """What one run of Frama-C said."""

    def __init__(self, out, names):
        self.goals, self.errors, self.rows, self.log = {}, [], [], ""
        try:
            self.log = Path(out + ".log").read_text(encoding="utf-8", errors="replace")
            data = json.loads(Path(out + ".json").read_text())
            text = Path(out + ".csv").read_text(encoding="utf-8")
            self.rows = [r for r in csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
                         if r["status"] is not None and not r["directory"].startswith("FRAMAC_SHARE")]
        except (OSError, ValueError) as e:
            tail = [l for l in self.log.splitlines() if l.strip()][-6:]
            self.errors.append(f"no report: {e}" + "".join("\n      " + l for l in tail))
            return
        if not data:
            self.errors.append("Frama-C generated no goal")
            return
        main = data["wp:global"]["wp:main"]
        self.total, self.valid = main["total"], main.get("valid", 0)
        for line in self.log.splitlines():
            m = GOAL.match(line)
            if not m or line.endswith("preprocessing"):
                continue
            prover, goal, rest = m.groups()
            goal = re.sub(r"^typed_(ref_)?", "", goal)
            rest = rest or ""
            valid = rest.startswith("Valid") and "Unreachable" not in rest
            t = sum(float(n) * {"ms": 0.001, "s": 1.0, "min": 60.0}[u] for n, u in TIME.findall(rest))
            self.goals[goal] = {
                "function": owner(goal, names), "goal": goal, "kind": kind_of(goal),
                "verdict": "proved" if valid else "unreachable" if "Unreachable" in rest else "unproved",
                "prover": "Qed" if prover in ("Qed", "CFG") else prover, "time": round(t, 3),
                "cached": "(cached)" in rest}

    @classmethod
    def merged(cls, parts):
        """One set of reports from runs over disjoint sets of functions of the same unit: [(reports, functions)]."""
        if len(parts) == 1:
            return parts[0][0]
        one = cls.__new__(cls)
        one.goals, one.errors, one.rows, one.log, one.total, one.valid = {}, [], [], "", 0, 0
        mine = {f for _, functions in parts for f in functions}
        seen = set()
        for r, functions in parts:
            one.errors += r.errors
            one.goals.update(r.goals)
            one.log += r.log
            if r.errors:
                continue
            one.total, one.valid = one.total + r.total, one.valid + r.valid
            for row in r.rows:      # what a run says of functions that it was not asked about is only their contract
                key = tuple(row.values())
                if row["function"] in functions or (row["function"] not in mine and key not in seen):
                    one.rows.append(row)
                    seen.add(key)
        return one

    def unproved_functions(self):
        return sorted({g["function"] for g in self.goals.values() if g["verdict"] != "proved"} - {""})

    def complete(self):
        return not self.errors and bool(self.goals) and self.total == self.valid \
            and all(g["verdict"] == "proved" for g in self.goals.values())


# ---- the verdict on one unit ----

def exempt_functions():
    """Functions that trusted.md lists as having no functional clause, by name in back quotes."""
    if not TRUSTED.exists():
        return set()
    m = re.search(r"^##[^\n]*no functional clause[^\n]*\n(.*?)(?=^## |\Z)", TRUSTED.read_text(), re.S | re.M | re.I)
    return set(re.findall(r"`(\w+)`", m.group(1))) if m else set()


def judge(unit, reports, names, whole):
    """The list of complaints about a unit; empty if every obligation of every named function is proved."""
    bad = list(reports.errors)
    if bad:
        return bad
    if reports.total != reports.valid:
        bad.append(f"{reports.total - reports.valid} of {reports.total} goals unproved")
    proved, of = (sum(map(int, column)) for column in zip((0, 0), *re.findall(r"Proved goals:\s+(\d+) / (\d+)", reports.log)))
    if not of or proved != of:
        bad.append(f"the log's totals do not agree: proved {proved} of {of}")
    elif len(reports.goals) != of:
        bad.append(f"the log counts {of} goals and names {len(reports.goals)}")
    for pattern, what in SUSPECT:
        m = re.search(r"^.*(?:%s).*$" % pattern, reports.log, re.M)
        if m:
            bad.append(f"{what}: {m.group(0).strip()[:160]}")
    # Under -wp-check-memory-model the hypotheses are clauses that every call must prove; elsewhere they are assumed in silence.
    if unit.model != "ref" and "Memory model hypotheses" in reports.log:
        m = re.search(r"Memory model hypotheses for function '(\w+)'", reports.log)
        bad.append(f"memory model hypotheses assumed, not checked: {m.group(1) if m else '?'}")
    for g in reports.goals.values():
        if g["verdict"] != "proved":
            bad.append(f'{g["function"]}: {g["goal"]} {g["verdict"]}')
        if not g["function"]:
            bad.append(f'{g["goal"]}: goal of no known function')
    have = collections.Counter()
    for r in reports.rows:
        f, kind, status = r["function"], r["property kind"], r["status"]
        if f not in names:
            continue
        if kind in ("precondition", "behavior assumption"):     # owed by the caller, whose row is "precondition of f"
            continue
        if status != "Valid":
            bad.append(f'{r["file"]}:{r["line"]} {f}: {kind}: {status}: {r["property"][:80]}')
        have[f, kind] += 1
    exempt = exempt_functions()
    seen = set(re.findall(r"annotating function (\w+)", reports.log))
    for f in unit.functions:
        if f.name not in names:
            continue
        if f.name not in seen:
            bad.append(f"{f.path}:{f.line} {f.name}: in the source, never seen by Frama-C")
        if not have[f.name, "termination clause"]:
            bad.append(f"{f.path}:{f.line} {f.name}: no `terminates`")
        if not have[f.name, "assigns clause"]:
            bad.append(f"{f.path}:{f.line} {f.name}: no `assigns`")
        if not have[f.name, "postcondition"] and f.name not in exempt:
            bad.append(f"{f.path}:{f.line} {f.name}: no functional clause (`ensures`)")
    if whole:
        for f in seen - set(unit.names):
            bad.append(f"{f}: seen by Frama-C, not found in the source")
    return list(dict.fromkeys(bad))


def counts(reports, names):
    per = {n: collections.Counter() for n in names}
    for g in reports.goals.values():
        if g["function"] in per:
            per[g["function"]][g["kind"]] += 1
            per[g["function"]][g["kind"], "proved"] += g["verdict"] == "proved"
    return per


def read_results(path):
    rows = {}
    if path.exists():
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                name, *numbers = line.split("\t")
                rows[name] = dict(zip(KINDS, map(int, numbers)))
    return rows


def compare_results(unit, per, names, whole):
    """Goals must not become fewer than the committed count, unless `make prove-update` says so in the diff."""
    bad, old = [], read_results(unit.results)
    if not old:
        return bad, ["no committed count of goals yet (proofs/results)"]
    for name, row in old.items():
        if name not in per:
            if whole:
                bad.append(f"{name}: proved before, gone now (make prove-update if that is meant)")
            continue
        for k in KINDS:
            if per[name][k] < row[k]:
                bad.append(f"{name}: {per[name][k]} {k} goals, {row[k]} before (make prove-update if that is meant)")
    return bad, []


def write_results(unit, per):
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = "# goals per function of %s: function, %s; written by `make prove-update`\n" % (unit.path, ", ".join(KINDS))
    text += "".join("\t".join([n, *(str(per[n][k]) for k in KINDS)]) + "\n" for n in sorted(per))
    unit.results.write_text(text)


# ---- links between units: what one assumes, another proves ----

CONTRACT = ("precondition", "postcondition", "assigns clause", "termination clause", "exits clause")


def contract_rows(reports, f):
    """The contract of f as Frama-C read it; loop clauses and hypotheses have lines behind the contract and are told apart by kind."""
    rows = collections.defaultdict(set)
    for r in reports.rows:
        if r["function"] == f and r["property kind"] in CONTRACT:
            rows[r["property kind"]].add(r["property"])
    return rows


def link(done):
    """Every contract that a unit assumes must be proved, word for word, by another; and so must every lemma."""
    bad = []
    prover_of = {}
    for unit, reports in done.items():
        for name in unit.names:
            if name in prover_of and not all(f.static for u in (unit, prover_of[name][0]) for f in u.functions if f.name == name):
                bad.append(f"{name}: defined in {prover_of[name][0].path} and in {unit.path}")
            prover_of[name] = unit, reports
    external = set()
    for unit, reports in done.items():
        own = set(unit.names)
        static_here = {f.name for f in unit.functions}
        for callee in sorted(unit.calls - own):
            if callee.isupper():
                continue                                        # a macro
            if callee not in prover_of:
                bad.append(f"{unit.path}: calls {callee}, which no unit proves")
                continue
            other, theirs = prover_of[callee]
            assumed, proved = contract_rows(reports, callee), contract_rows(theirs, callee)
            if callee in static_here:
                continue
            for kind in ("postcondition", "assigns clause", "termination clause"):
                lost = assumed[kind] - proved[kind]
                for p in lost:
                    bad.append(f"{unit.path}: assumes of {callee} what {other.path} does not prove: {p[:100]}")
            for p in proved["precondition"] - assumed["precondition"]:
                if not any(p in q for q in assumed["precondition"]):
                    bad.append(f"{unit.path}: calls {callee} without owing what {other.path} needs: {p[:100]}")
            external.add(callee)
    return list(dict.fromkeys(bad))


# ---- theorems ----

def digest(text):
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def definition_of(text, name):
    """The text of an ACSL predicate or logic function, up to its semicolon."""
    m = re.search(r"\b(?:predicate|logic\s[\w\s*]*?|inductive)\s+%s\b(?:\{[^}]*\})?[^;]*;" % re.escape(name), text)
    return re.sub(r"//[^\n]*", " ", m.group(0)) if m else None


def clause_text(row, root=ROOT):
    """The clause that a row of theorems.tsv names, or None."""
    path = Path(root) / row["file"]
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    if row["function"] == "-":
        return definition_of(text, row["clause"])
    for f in source.functions_in(text, row["file"]):
        if f.name == row["function"]:
            found = [t for kind, name, t in source.clauses(f.contract) if name == row["clause"]]
            if found:
                return " ; ".join(found)
    return None


def parse_theorems(text):
    rows = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            fields = line.split("\t")
            if len(fields) not in (4, 5):
                raise SystemExit(f"proofs/theorems.tsv: expected five columns separated by tabs: {line}")
            rows.append(dict(zip(("theorem", "file", "function", "clause", "hash"), fields + [""])))
    return rows


def theorems_at(revision):
    p = subprocess.run(["git", "show", f"{revision}:proofs/theorems.tsv"], cwd=ROOT, capture_output=True, text=True)
    return parse_theorems(p.stdout) if p.returncode == 0 else []


def check_theorems(goals, update):
    """Complaints, and the number of clauses. A clause that changed or went must be named in CHANGELOG.md."""
    if not THEOREMS.exists():
        return ["proofs/theorems.tsv is missing"], 0
    rows, bad = parse_theorems(THEOREMS.read_text()), []
    log = CHANGELOG.read_text() if CHANGELOG.exists() else ""
    now = {}
    for row in rows:
        where = f'{row["theorem"]}: {row["function"]}.{row["clause"]}'
        text = clause_text(row)
        if text is None:
            bad.append(f'{where}: no such clause in {row["file"]}')
            continue
        h = digest(text)
        if row["hash"] not in ("", "-", h) and not update:
            bad.append(f"{where}: the clause changed ({row['hash']} -> {h}); name it in CHANGELOG.md and run make prove-update")
        if row["hash"] in ("", "-") and not update:
            bad.append(f"{where}: no hash yet, run make prove-update")
        row["hash"] = h
        now[row["theorem"], row["function"], row["clause"]] = h
        if goals is not None and row["function"] != "-":
            stem = f'{row["function"]}_ensures_{row["clause"]}'
            mine = [g for n, g in goals.items() if n == stem or re.fullmatch(re.escape(stem) + r"(_\d+|_part\d+)+", n)]
            kinds = {k for f in source.functions(row["file"], ROOT) if f.name == row["function"]
                     for k, name, _ in source.clauses(f.contract) if name == row["clause"]}
            if "ensures" in kinds and (not mine or any(g["verdict"] != "proved" for g in mine)):
                bad.append(f"{where}: not among the proved goals")
    for revision in ("HEAD", "HEAD^"):
        for old in theorems_at(revision):
            key = old["theorem"], old["function"], old["clause"]
            name = old["clause"] if old["function"] == "-" else old["function"] + "." + old["clause"]
            if old["hash"] and now.get(key) != old["hash"] and f"`{name}`" not in log:
                what = "changed" if key in now else "is gone"
                bad.append(f"{old['theorem']}: clause {name} {what} since {revision} and CHANGELOG.md does not name `{name}`")
    if update and not bad:
        head = [l for l in THEOREMS.read_text().splitlines() if l.startswith("#")]
        THEOREMS.write_text("\n".join(head + ["\t".join(r[k] for k in ("theorem", "file", "function", "clause", "hash"))
                                              for r in rows]) + "\n")
    return list(dict.fromkeys(bad)), len(rows)


# ---- one unit from start to verdict ----

class Settings:
    pass


CHUNK = 200         # goals that one run of Frama-C takes on; more processors then share a large unit


def chunks_of(unit, names):
    """The functions in groups of about CHUNK goals, by the committed counts, else by the length of the text."""
    old = read_results(unit.results)
    cost = {f.name: sum(old[f.name].values()) if f.name in old else 5 + (f.end - f.start + len(f.contract)) // 40
            for f in unit.functions}
    groups = []
    for n in sorted(names, key=lambda n: -cost[n]):
        for g in groups:
            if sum(cost[m] for m in g) + cost[n] <= CHUNK:
                g.append(n)
                break
        else:
            groups.append([n])
    return [sorted(g, key=unit.names.index) for g in groups], {i: sum(cost[n] for n in g) for i, g in enumerate(groups)}


def prove_chunk(unit, names, goals, s, out):
    """Runs Frama-C on some functions of a unit, about so many goals, as often as needed: (reports, goals solved now, seconds)."""
    spent = [0.0]

    def run(functions, where, slots=s.slots, **more):
        with slots.taken(goals):
            began = time.monotonic()
            frama_c(unit.path, functions, where, cache=s.cache, **more)
            spent[0] += time.monotonic() - began
        return Reports(where, unit.names)

    solved, reports = set(), None
    if not s.scratch:
        # One task at a time: the other solvers' tasks for a goal need not be built once the cache has answered for one.
        reports = run(names, out, slots=s.replay_slots, mode="offline", timeout=s.timeout, par=1)
        if reports.complete() or reports.errors or s.replay_only:
            return reports, solved, spent[0]
    todo = names if reports is None else reports.unproved_functions() or names
    missing = None if reports is None else {g for g, v in reports.goals.items() if v["verdict"] != "proved"}
    if missing is not None and len(missing) <= 24:      # a few: one run decides them, the rest comes from the cache
        fresh = run(names, out + ".solve", mode="update", timeout=s.timeout, par=32)
        if fresh.complete() or fresh.errors:
            return fresh, {g for g in missing if fresh.goals.get(g, {"prover": "Qed"})["prover"] != "Qed"}, spent[0]
    # A short first round: one solver's timeout must not hold up the two others on a goal that they decide at once.
    for limit in ((5, s.timeout) if s.timeout > 5 else (s.timeout,)):
        whole = todo == names
        fresh = run(todo, out + ".solve", mode="update", timeout=limit, par=s.par)
        solved |= {g for g, v in fresh.goals.items() if v["verdict"] == "proved" and v["prover"] != "Qed"
                   and (missing is None or g in missing)}
        if fresh.complete() or fresh.errors or not fresh.unproved_functions():
            break
        todo = fresh.unproved_functions()
    if whole and (fresh.complete() or fresh.errors):
        return fresh, solved, spent[0]
    reports = run(names, out, mode="offline", timeout=s.timeout, par=32)
    if not (reports.complete() or reports.errors):
        # WP may declare types in another order from run to run, and then the cache's key is another: what this run proves
        # counts by itself, and its entries are kept beside the others.
        fresh = run(names, out + ".again", mode="update", timeout=s.timeout, par=32)
        solved |= {g for g, v in fresh.goals.items() if v["prover"] != "Qed"
                   and reports.goals.get(g, {"verdict": ""})["verdict"] != "proved"}
        return fresh, solved, spent[0]
    return reports, solved, spent[0]


def prove_unit(unit, s):
    """Everything about one unit: a dict with its reports, complaints and figures."""
    names = [n for n in unit.names if n in s.only] if s.only else unit.names
    groups, goals = chunks_of(unit, names)
    with ThreadPoolExecutor(len(groups)) as pool:
        parts = list(pool.map(lambda i: prove_chunk(unit, groups[i], goals[i], s, str(s.out / f"{unit.key}.{i}")), range(len(groups))))
    reports = Reports.merged([(r, set(g)) for (r, _, _), g in zip(parts, groups)])
    solved = set().union(*(x for _, x, _ in parts))
    bad = judge(unit, reports, set(names), whole=names == unit.names)
    bad += lemmas(unit, reports, s, str(s.out / unit.key))
    per = counts(reports, names)
    note = []
    if not s.update:
        more, note = compare_results(unit, per, names, whole=names == unit.names)
        bad += more
    for g, v in reports.goals.items():
        v["cached"] = v["prover"] != "Qed" and g not in solved
    return dict(unit=unit, reports=reports, names=names, bad=bad, solved=len(solved & set(reports.goals)),
                seconds=sum(t for _, _, t in parts), per=per, note=note)


def lemmas(unit, reports, s, out):
    """With -wp-fct WP uses lemmas and does not prove them: a run of their own does."""
    names = set(re.findall(r"^\[[^\]]*\] Lemma '(\w+)'", reports.log, re.M))
    if not names:
        return []
    with s.slots.taken(0):
        frama_c(unit.path, [], out + ".lemma", mode="update", cache=s.cache, timeout=s.timeout, par=s.par, report=False,
                extra=["-wp-prop=@lemma"])
    log = Path(out + ".lemma.log").read_text(encoding="utf-8", errors="replace")
    proved = set(re.findall(r"Goal typed_(?:ref_)?lemma_(\w+) : Valid", log))
    return [f"lemma {n}: used, not proved" for n in sorted(names - proved)]


def smoke_unit(unit, s):
    """Contradictory requires, dead code: tests that a solver must fail to refute."""
    began = time.monotonic()
    out = str(s.out / (unit.key + ".smoke"))
    names = [n for n in unit.names if n in s.only] if s.only else unit.names
    with s.slots.taken(len(names)):
        frama_c(unit.path, names, out, mode="update", cache=s.cache, timeout=1, par=s.par, provers="z3", report=False,
                extra=["-wp-smoke-tests", "-wp-smoke-timeout", "1",
                       "-wp-prop=-@ensures,-@assigns,-@assert,-@invariant,-@terminates,-@variant,-@lemma"])
    log = Path(out + ".log").read_text(encoding="utf-8", errors="replace")
    passed = re.findall(r"\[Passed\] Smoke-test (?:typed_)?(?:ref_)?(\S+)", log)
    failed = re.findall(r"\[Failed\] Smoke-test (?:typed_)?(?:ref_)?(\S+)", log)
    bad = [f"contradiction or dead code: {t}" for t in failed]
    if not passed and not failed and "No goal generated" not in log:
        bad.append("no smoke test ran; see " + os.path.relpath(out + ".log", ROOT))
    return dict(unit=unit, bad=bad, passed=len(passed), seconds=time.monotonic() - began)


def control(path, s):
    """A file that must fail, for the reason that it names: // must-fail: REGEX"""
    rel = str(path.relative_to(ROOT))
    m = re.search(r"must-fail: (.*?)(?:\*/)?\s*$", path.read_text(), re.M)
    if not m:
        return f"{rel}: no line `must-fail: REGEX`"
    unit = Unit(rel)
    out = str(s.out / unit.key)
    frama_c(rel, unit.names, out, mode="none", cache=None, timeout=1, par=3)
    bad = judge(unit, Reports(out, unit.names), set(unit.names), whole=True)
    if not any(re.search(m.group(1).strip(), b) for b in bad):
        return f"{rel}: expected to fail with /{m.group(1).strip()}/, got {bad or 'a proof'}"
    return None


# ---- the run ----

def versions():
    out = {}
    for tool, argv in (("frama-c", ["frama-c", "-version"]), ("z3", ["z3", "--version"]), ("cvc4", ["cvc4", "--version"]),
                       ("cvc5", ["cvc5", "--version"])):
        try:
            text = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
        except OSError:
            print(f"prove: {tool} is not installed (`.ci/setup prove` installs it)", file=sys.stderr)
            raise SystemExit(2)
        m = re.search(r"\d+\.\d+(\.\d+)?", text)
        out[tool] = m.group(0) if m else "?"
    return out


def table(done):
    width = max([28, *(len(n) for d in done for n in d["names"])]) + 2
    print(f"\n{'function':{width}} {'safety':>11} {'functional':>11} {'termination':>12}")
    for d in done:
        print(d["unit"].path)
        for n in d["names"]:
            p = d["per"][n]
            cells = [f'{p[k, "proved"]}/{p[k]}' for k in KINDS]
            print(f"  {n:{width - 2}} {cells[0]:>11} {cells[1]:>11} {cells[2]:>12}")


def progress(unit, figures, seconds, bad, more=""):
    print(f"  {unit.path:32} {figures:>11}  {len(unit.names):3} functions  {seconds:6.1f} s{more}{'  FAIL' if bad else ''}", flush=True)
    for b in bad[:12]:
        print(f"      ! {b}", flush=True)
    if len(bad) > 12:
        print(f"      ! and {len(bad) - 12} more", flush=True)


def select(args):
    paths, missing = unit_paths()
    if missing:
        print("prove: proofs/units names what is not there: " + ", ".join(missing), file=sys.stderr)
        raise SystemExit(2)
    if args.file:
        wanted = [re.sub(r"\.h$", ".c", os.path.normpath(p)) for p in args.file.replace(",", " ").split()]
        wrong = [p for p in wanted if not (ROOT / p).exists()]
        if wrong:
            print(f"prove: no such unit: {', '.join(wrong)}; expected some of {', '.join(paths)}", file=sys.stderr)
            raise SystemExit(2)
        paths = wanted
    units = [Unit(p) for p in paths]
    return [u for u in units if u.functions]


def sample_of(units, seed):
    order = sorted(units, key=lambda u: hashlib.sha256((seed + u.path).encode()).digest())
    return order[:(len(units) + 7) // 8]


def in_parallel(jobs, units, work):
    results = []
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(work, u) for u in units]
        try:
            for f in as_completed(futures):
                results.append(f.result())
                yield results[-1]
        except BaseException:
            for f in futures:
                f.cancel()
            Children.stop()
            raise


def stray_headers(units):
    """Functions with a body in a header that no unit of the same name takes in."""
    proved = {f.path for u in units for f in u.functions}
    return [f"{h.relative_to(ROOT)}: has functions with a body and no {h.stem}.c beside it that proves them"
            for h in sorted((ROOT / "core").glob("*.h"))
            if str(h.relative_to(ROOT)) not in proved and source.definitions(h.relative_to(ROOT), ROOT)]


def run_proofs(args, units, s, tools, began):
    done, failed = [], []
    largest_first = sorted(units, key=lambda u: -sum(chunks_of(u, u.names)[1].values()))
    for d in in_parallel(len(units), largest_first, lambda u: prove_unit(u, s)):
        done.append(d)
        more = f'  {d["solved"]} solved' if d["solved"] else ""
        goals = d["reports"].goals.values() if d["reports"] else []
        progress(d["unit"], f'{sum(g["verdict"] == "proved" for g in goals)}/{len(goals)}', d["seconds"], d["bad"], more)
        if args.verbose:
            for n in d["note"]:
                print(f"      {n}")
    done.sort(key=lambda d: units.index(d["unit"]))
    whole = not args.file and not args.fct and not s.sampled
    extra = []
    if whole:
        extra += link({d["unit"]: d["reports"] for d in done if d["reports"]})
        extra += stray_headers(units)
        for path in sorted(CONTROLS.glob("*.c")):
            complaint = control(path, s)
            if complaint:
                extra.append("control: " + complaint)
    goals = {g: v for d in done if d["reports"] for g, v in d["reports"].goals.items()}
    clauses = 0
    if whole:
        complaints, clauses = check_theorems(goals, s.update and not any(d["bad"] for d in done) and not extra)
        extra += complaints
    if args.verbose:
        table(done)
    for e in extra:
        print(f"  ! {e}")
    lines = [dict(unit=d["unit"].path, **v) for d in done if d["reports"] for v in d["reports"].goals.values()]
    if not s.sampled:
        report(lines, done, tools, time.monotonic() - began, extra)
    failed = [d for d in done if d["bad"]]
    proved = sum(l["verdict"] == "proved" for l in lines)
    solved = sum(d["solved"] for d in done)
    qed = sum(l["prover"] == "Qed" and l["verdict"] == "proved" for l in lines)
    if s.update:
        for d in done:
            if d["names"] == d["unit"].names and not d["bad"]:
                write_results(d["unit"], d["per"])
        old = {l.split()[0] for l in PACKED.read_text().splitlines() if l and l[0] != "#"} if PACKED.exists() and not whole else set()
        n = pack(s.cache, PACKED, lambda p, e, read: e["verdict"] == "valid" and (not s.reads_show or read or p.stem in old),
                 "Solved goals, replayed by `make prove`; written by `make prove-update`. Trusted input: see trusted.md.")
        print(f"prove: {len(done) - len(failed)} files in proofs/results and {n} cache entries written"
              + ("; theorems.tsv left as it was, since something failed" if failed or extra else ""))
    label = "prove-scratch" if s.scratch and not s.sampled else "prove sample" if s.sampled else "prove"
    print(f"{label}: {len(lines)} goals, {proved} proved, {len(lines) - proved} unproved, "
          f"{sum(len(d['names']) for d in done)} functions, {qed} by Qed, {proved - qed - solved} from cache, {solved} solved"
          + (f", {clauses} theorem clauses" if clauses else "")
          + (f", {len(failed)} units and {len(extra)} other checks FAILED" if failed or extra else "")
          + f", {time.monotonic() - began:.0f} s")
    return not failed and not extra


def report(lines, done, tools, seconds, extra):
    BUILD.mkdir(parents=True, exist_ok=True)
    functions = [dict(unit=d["unit"].path, function=n, model=d["unit"].model,
                      **{k: [d["per"][n][k, "proved"], d["per"][n][k]] for k in KINDS})
                 for d in done for n in d["names"]]
    complaints = [f'{d["unit"].path}: {b}' for d in done for b in d["bad"]] + extra
    with open(BUILD / "report.json", "w") as f:
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        f.write('{"tools": %s, "seconds": %.1f, "processor_seconds": %.1f,\n"complaints": %s,\n"functions": [\n' %
                (json.dumps(tools), seconds, cpu.ru_utime + cpu.ru_stime, json.dumps(complaints)))
        f.write(",\n".join(json.dumps(x) for x in functions) + '\n],\n"goals": [\n')
        f.write(",\n".join(json.dumps(x) for x in lines) + "\n]}\n")


def main():
    p = argparse.ArgumentParser(prog="prove.py", description="Proves the core; ends with one line of totals and status 0 only if "
                                "every obligation is proved. 1: something is not. 2: wrong use, or a tool is missing.")
    p.add_argument("--file", metavar="F", help="only these units, e.g. core/ring.c")
    p.add_argument("--fct", metavar="f,g", help="only these functions (no check of links, counts of other functions, theorems)")
    p.add_argument("--scratch", action="store_true", help="ignore the cache: solve every goal now")
    p.add_argument("--smoke", action="store_true", help="look for contradictions and dead code instead of proving")
    p.add_argument("--update", action="store_true", help="write proofs/results, proofs/cache.txt and the clauses' hashes anew")
    p.add_argument("--no-solve", action="store_true", help="replay only: what the cache lacks counts as unproved")
    p.add_argument("--sample", metavar="HASH", help="after the replay, prove one unit in eight from scratch, drawn by this hash")
    p.add_argument("--timeout", type=int, default=60, metavar="T", help="seconds a goal and solver (60)")
    p.add_argument("--jobs", type=int, default=0, metavar="N", help="units at a time (the number of processors)")
    p.add_argument("-v", "--verbose", action="store_true", help="a line per function: safety, functional, termination")
    args = p.parse_args()
    if args.timeout < 1 or args.jobs < 0:
        p.error("--timeout and --jobs want positive numbers")
    if args.scratch and args.update:
        p.error("--update keeps what it solves, --scratch throws it away: choose one")
    if args.no_solve and (args.scratch or args.update or args.sample):
        p.error("--no-solve only replays: leave --scratch, --update and --sample out")
    if args.fct and args.update:
        p.error("--update wants whole units: leave --fct out")
    began = time.monotonic()
    os.chdir(ROOT)
    tools = versions()
    units = select(args)
    cores = os.cpu_count() or 1
    s = Settings()
    s.jobs = args.jobs or cores
    s.slots = Slots(s.jobs)
    s.replay_slots = Slots(3 * s.jobs)          # a replay sleeps a while after each goal
    s.par = max(2, cores // s.jobs + 1)
    s.only = set(args.fct.replace(",", " ").split()) if args.fct else None
    if s.only:
        unknown = s.only - {n for u in units for n in u.names}
        if unknown:
            print(f"prove: no such function: {', '.join(sorted(unknown))}", file=sys.stderr)
            return 2
        units = [u for u in units if s.only & set(u.names)]
    s.timeout, s.update, s.scratch, s.sampled, s.reads_show = args.timeout, args.update, args.scratch, False, True
    s.replay_only = args.no_solve
    s.out = BUILD
    s.out.mkdir(parents=True, exist_ok=True)
    if not units:
        print("prove: no functions found", file=sys.stderr)
        return 1
    solvers()
    heap()
    print("prove: Frama-C %s, z3 %s, cvc4 %s, cvc5 %s, %d s a goal, %d units, %d functions" %
          (tools["frama-c"], tools["z3"], tools["cvc4"], tools["cvc5"], s.timeout, len(units), sum(len(u.names) for u in units)))
    if args.smoke:
        s.cache = ROOT / "build" / "wp-cache-smoke"
        unpack(PACKED_SMOKE, s.cache)
        n, wrong = 0, 0
        for d in in_parallel(s.jobs, units, lambda u: smoke_unit(u, s)):
            n, wrong = n + d["passed"], wrong + len(d["bad"])
            progress(d["unit"], f'{d["passed"]} passed', d["seconds"], d["bad"])
        if args.update and not wrong:
            pack(s.cache, PACKED_SMOKE, lambda p, e, read: True, "Smoke tests, replayed by `make prove-smoke`; a timeout is a test that passed.")
        print(f"prove-smoke: {n} tests passed, {wrong} failed, {time.monotonic() - began:.0f} s")
        return 0 if not wrong else 1
    if s.scratch:
        s.cache = ROOT / "build" / "wp-scratch"
        shutil.rmtree(s.cache, ignore_errors=True)
        s.cache.mkdir(parents=True)
    else:
        s.cache = ROOT / "build" / "wp-cache"
        shared = os.environ.get("CACHE")        # a directory that several checkouts share while working
        if shared and not s.update:
            s.cache = Path(shared)
        unpack(PACKED, s.cache)
        if s.update:                            # in a directory of our own the access times tell what this run used
            if shared:
                have = set(os.listdir(s.cache))
                for name in set(os.listdir(shared)) - have:
                    shutil.copyfile(Path(shared) / name, s.cache / name)
            s.reads_show = forget_reads(s.cache)
    good = run_proofs(args, units, s, tools, began)
    if args.sample and not s.scratch:
        chosen = sample_of(units, args.sample)
        print(f"prove sample: from scratch, one unit in eight drawn by {args.sample[:12]}: {', '.join(u.path for u in chosen)}")
        s.scratch, s.sampled, s.update, s.cache, s.out = True, True, False, ROOT / "build" / "wp-scratch", BUILD / "sample"
        shutil.rmtree(s.cache, ignore_errors=True)
        s.cache.mkdir(parents=True)
        s.out.mkdir(exist_ok=True)
        good = run_proofs(args, chosen, s, tools, time.monotonic()) and good
    return 0 if good else 1


def interrupted(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGINT, interrupted)       # also where a shell started us with it ignored
    signal.signal(signal.SIGTERM, interrupted)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        Children.stop()
        print("\nprove: interrupted", file=sys.stderr)
        os._exit(130)
