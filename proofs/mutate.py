# SPDX-License-Identifier: MIT
"""Copies of the tree in which functions have other bodies, and what the proof says of them. Used by wrong.py and edits.py."""
import hashlib
import re
import shutil
from pathlib import Path

import prove
import source

FOLDERS = ("spec", "core", "harness", "proofs")


def verdicts(log):
    """goal -> proved, for what a log has so far. A run-time error that cannot but happen makes no goal: it is in the log alone."""
    goals = {}
    for line in log.splitlines():
        if "guaranteed RTE: assert " in line:
            goals["guaranteed_" + line.split("assert ")[1].split(":")[0]] = False
        m = prove.GOAL.match(line)
        if m and not line.endswith("preprocessing"):
            rest = m.group(3) or ""
            goals[re.sub(r"^typed_(ref_)?", "", m.group(2))] = rest.startswith("Valid") and "Unreachable" not in rest
    return goals


def broken_already(log):
    return not all(verdicts(Path(log).read_text(encoding="utf-8", errors="replace")).values())


class Tree:
    """A copy of what a proof reads, under build/."""

    def __init__(self, where):
        self.root = Path(where)
        shutil.rmtree(self.root, ignore_errors=True)
        for d in FOLDERS:
            if (prove.ROOT / d).exists():
                shutil.copytree(prove.ROOT / d, self.root / d, ignore=shutil.ignore_patterns("__pycache__", "cache*.txt", "results"))

    def replace(self, changes):
        """changes: (path, start, end, new text), offsets in the project's own file; none may overlap."""
        by = {}
        for path, start, end, new in changes:
            by.setdefault(path, []).append((start, end, new))
        for path, edits in by.items():
            text = (prove.ROOT / path).read_text(encoding="utf-8")
            for start, end, new in sorted(edits, reverse=True):
                text = text[:start] + new + text[end:]
            (self.root / path).write_text(text, encoding="utf-8")

    def run(self, unit, functions, out, *, timeout, provers=prove.PROVERS, par=2, cache=None, props=None, first=False):
        """Goals by name of the given functions, or None with the reason if Frama-C did not get to them.
        first: the first goal that is not proved ends the run, and the goals that it did not get to are left out."""
        out = Path(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        extra = ["-wp-prop=" + ",".join(props)] if props else []
        prove.frama_c(unit.path, functions, str(out), mode="replay" if cache else "none", cache=cache, timeout=timeout, par=par,
                      root=self.root, provers=provers, extra=extra, report=False, enough=broken_already if first else None)
        log = Path(f"{out}.log").read_text(encoding="utf-8", errors="replace")
        goals = verdicts(log)
        done = "Proved goals:" in log or "No goal generated" in log or (first and not all(goals.values()))
        if not done:
            return None, "; ".join([l for l in log.splitlines() if "rror" in l or "Failure" in l][:3]) or "Frama-C stopped"
        return goals, ""

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)


def contract_of(function, unit):
    """The contract that holds for a function: on its definition, or on the prototype that its unit includes."""
    if function.contract:
        return function.contract
    for h in prove.includes(unit.path):
        if h.endswith(".h") or h == unit.path:
            for f in source.functions(h, prove.ROOT):
                if f.name == function.name and f.contract:
                    return f.contract
    return ""


def logic_of(unit):
    """name -> definition of every ACSL predicate and logic function that a unit can see."""
    found = {}
    for p in prove.includes(unit.path):
        text = (prove.ROOT / p).read_text(encoding="utf-8")
        for _, _, comment in source.acsl_comments(text):
            for m in re.finditer(r"\b(?:predicate|inductive|logic\s[\w\s*]*?)\s+([A-Z]\w*)\s*[({;=]", comment):
                found.setdefault(m.group(1), prove.definition_of(comment, m.group(1)) or "")
    return found


def meaning(contract, logic):
    """A contract with every definition that it rests on: what a body must satisfy, as one text."""
    seen, todo = {}, set(re.findall(r"\b[A-Z]\w*\b", contract))
    while todo:
        n = todo.pop()
        if n in logic and n not in seen:
            seen[n] = logic[n]
            todo |= set(re.findall(r"\b[A-Z]\w*\b", logic[n]))
    return " ".join((contract + " " + " ".join(seen[n] for n in sorted(seen))).split())


def fingerprint(*texts):
    return hashlib.sha256("\0".join(" ".join(t.split()) for t in texts).encode()).hexdigest()[:12]


def clause_of(goal, function, names):
    """The clause name of an `ensures` goal, or "" where the clause has none."""
    stem = function + "_ensures_"
    if not goal.startswith(stem):
        return ""
    rest = goal[len(stem):]
    return max((n for n in names if rest == n or re.fullmatch(re.escape(n) + r"(_part\d+|_\d+)*", rest)), key=len, default="")
