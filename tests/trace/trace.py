#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make trace: spec/requirements.tsv against the tree, both ways, and how much of each RFC is covered.

A row names the code that fulfils a requirement (file:function), the clauses that prove it (function.clause, or a predicate
of spec/) and the tests that show it (file:name, or a file that is one test). Every name must be there; a requirement that
the tree cites must have a row.
proved: a clause in a header of a proved unit says it. tested, modelled: a test, a model says it. missing and not applicable
give a reason; what stands before the reason's first colon is the feature that is missing.

trace.py                 check, coverage; status 0, or 1 with every fault on a line of its own
trace.py --missing       every missing row, by feature
trace.py --mend          correct the file of each function that moved to another file
trace.py --self-test     plant each kind of fault in a copy of the tree: each must be found
"""
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "proofs"))
import source  # noqa: E402

TABLE = "spec/requirements.tsv"
COLUMNS = ("id", "rfc", "section", "level", "requirement", "code", "clause", "test", "status")
LABELS = {"MUST": 69, "SHLD": 31, "MAY": 18, "REC": 1}          # of RFC 9293
KINDS = ("proved", "tested", "modelled", "not applicable", "missing")
LEVELS = ("MUST", "SHOULD", "MAY")
CITED = re.compile(r"\b(?:(?:MUST|SHLD|MAY|REC)-\d+|R\d{3,4}-[\w.]+-\d+)\b")
FOLDERS = ("core", "harness", "spec", "fuzz", "tests")
TEXTS = {".c", ".h", ".acsl", ".py", ".t", ".tsv", ".csv", ".pkt", ".sh", ".md"}
_known = {}


def once(kind, text, make):
    """make(text), computed once for each text."""
    if (kind, text) not in _known:
        _known[kind, text] = make(text)
    return _known[kind, text]


def logic_in(text):
    return [m.group(1) for _, _, c in source.acsl_comments(text)
            for m in re.finditer(r"\b(?:predicate|logic\s[\w\s*]*?)\s*\b([A-Z]\w*)\s*[({]", c)]


def tests_in_c(text):
    """Those that are there and in a list that main runs."""
    return set(re.findall(r"^(?:static )?void\s+(\w+)\(", text, re.M)) & set(re.findall(r"unit_test\w*\(\s*(\w+)\s*[,)]", text))


def rows_in_tsv(text):
    return {i for line in text.splitlines() if line and line[0] != "#" for i in line.split("\t")[0].split()}


def citations_in(text):
    return [(n, i) for n, line in enumerate(text.splitlines(), 1) for i in sorted(set(CITED.findall(line)))]


class Tree:
    """What a checkout has: functions with contracts, predicates, tests. Files are read once."""

    def __init__(self, root):
        self.root = Path(root)
        self.files = sorted(str(p.relative_to(self.root)) for d in FOLDERS for p in (self.root / d).rglob("*")
                            if p.is_file() and p.suffix in TEXTS and "__pycache__" not in p.parts)
        self.functions, self.bodies, self.logic = {}, {}, {}   # name -> [Function]; name -> paths; name -> path
        for path in self.files:
            if path.startswith(("core/", "harness/", "spec/")) and path.endswith((".c", ".h", ".acsl")):
                functions, logic = self.parse(path)
                for f in functions:
                    self.functions.setdefault(f.name, []).append(f)
                    if f.defined:
                        self.bodies.setdefault(f.name, set()).add(path)
                for name in logic:
                    self.logic.setdefault(name, path)
        self.proved = set()
        for p in (self.root / "proofs/results").glob("*.tsv"):
            self.proved |= {line.split("\t")[0] for line in p.read_text().splitlines() if line[:1] != "#"}

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def parse(self, path):
        text = self.text(path)
        functions = [] if path.endswith(".acsl") else once(path, text, lambda t: source.functions_in(t, path))
        return functions, once("logic", text, logic_in)

    def clause(self, function, name):
        """The paths in which a contract of this function has a clause of this name."""
        return [f.path for f in self.functions.get(function, ())
                if any(k == "ensures" and n == name for k, n, _ in source.clauses(f.contract))]

    def test(self, path, name):
        """True if this test is there and is run, else what is wrong."""
        if path not in self.files:
            return "no such file"
        if not name:                                    # the file is one test
            return True
        text = self.text(path)
        if path.endswith(".c"):
            return name in once("tests", text, tests_in_c) or "no such test, or it is not in the list that main runs"
        if path.endswith(".tsv"):
            return name in once("rows", text, rows_in_tsv) or "no such row is run"
        n = len(re.findall(r"[\"']" + re.escape(name), text))
        return n == 1 or f"{n} tests begin so, expected one"


def rows_of(tree, faults):
    rows = []
    for n, line in enumerate(tree.text(TABLE).splitlines(), 1):
        if not line or line[0] == "#":
            continue
        fields = line.split("\t")
        if len(fields) != len(COLUMNS) or not all(fields):
            faults.append(f"{TABLE}:{n}: {len(fields)} fields or an empty one, expected {len(COLUMNS)}: {', '.join(COLUMNS)}; - for none")
            continue
        row = dict(zip(COLUMNS, fields), line=n)
        for c in ("code", "clause", "test"):
            row[c] = [] if row[c] == "-" else row[c].split("; ")
        row["kind"], _, row["reason"] = row["status"].partition(": ")
        rows.append(row)
    return rows


def check_row(tree, row, say):
    for c in row["code"]:
        path, _, name = c.partition(":")
        where = tree.bodies.get(name, set())
        if path not in where:
            say(f"code {c}: no such function" + (f", it is in {', '.join(sorted(where))} (trace.py --mend)" if where else ""))
    in_header = False
    for c in row["clause"]:
        function, dot, name = c.partition(".")
        if not dot:
            if c not in tree.logic:
                say(f"clause {c}: no such predicate or logic function")
            continue
        paths = tree.clause(function, name)
        if not paths:
            say(f"clause {c}: no such clause")
        in_header |= function in tree.proved and any(p.endswith(".h") for p in paths)
    for t in row["test"]:
        path, _, name = t.partition(":")
        there = tree.test(path, name)
        if there is not True:
            say(f"test {t}: {there}")
    check_status(row, in_header, say)


def check_status(row, in_header, say):
    kind = row["kind"]
    if kind not in KINDS:
        say(f"status '{row['status']}': expected one of {', '.join(KINDS)}, then ': ' and a reason")
    elif kind == "proved" and not in_header:
        say("status proved: no clause of a proved function in a header")
    elif kind == "tested" and not row["test"]:
        say("status tested: no test")
    elif kind == "modelled" and not any(t.startswith("spec/model/") for t in row["test"]):
        say("status modelled: no test in spec/model/")
    elif kind in ("missing", "not applicable") and not row["reason"]:
        say(f"status {kind}: no reason")
    elif kind in KINDS[:3] and not row["code"]:
        say(f"status {kind}: no code")
    if row["level"].replace(" NOT", "") not in LEVELS:
        say(f"level '{row['level']}': expected MUST, SHOULD or MAY, or one of them NOT")


def check(root):
    """The rows, and every fault as a line of text."""
    tree, faults = Tree(root), []
    rows = rows_of(tree, faults)
    known = {}
    for row in rows:
        where = f"{TABLE}:{row['line']}: {row['id']}"
        if row["id"] in known:
            faults.append(f"{where}: stands in line {known[row['id']]} already")
        known.setdefault(row["id"], row["line"])
        check_row(tree, row, lambda what: faults.append(f"{where}: {what}"))
    for label, count in LABELS.items():
        faults += [f"{TABLE}: {label}-{n} has no row" for n in range(1, count + 1) if f"{label}-{n}" not in known]
    for path in tree.files:
        if path != TABLE:
            faults += [f"{path}:{n}: cites {i}, which {TABLE} lacks"
                       for n, i in once("cited", tree.text(path), citations_in) if i not in known]
    return rows, faults


def covered(rows):
    return sum(r["kind"] in KINDS[:4] for r in rows)


def coverage(rows):
    print(f"{'RFC':6}{'level':8}{'rows':>6}" + "".join(f"{k:>16}" for k in KINDS))
    for rfc in dict.fromkeys(r["rfc"] for r in rows):
        for level in LEVELS:
            some = [r for r in rows if r["rfc"] == rfc and r["level"].startswith(level)]
            if some:
                print(f"{rfc:6}{level:8}{len(some):6}" + "".join(f"{sum(r['kind'] == k for r in some):16}" for k in KINDS))
    for label, count in LABELS.items():
        some = [r for r in rows if re.fullmatch(label + r"-\d+", r["id"])]
        print(f"RFC 9293's {count} {label} labels: {covered(some)} covered, {len(some) - covered(some)} missing")
    print(f"all {len(rows)} rows: " + ", ".join(f"{sum(r['kind'] == k for r in rows)} {k}" for k in KINDS))


def missing(rows):
    features = {}
    for r in rows:
        if r["kind"] == "missing":
            features.setdefault(r["reason"].partition(": ")[0], []).append(r)
    for feature, some in sorted(features.items(), key=lambda f: -len(f[1])):
        print(f"{len(some):4}  {feature}: {' '.join(r['id'] for r in some)}")


def mend(root):
    """Functions that moved: where a name is in just one file, that is the file."""
    tree = Tree(root)
    text, count = tree.text(TABLE), 0
    for c in sorted(set(re.findall(r"(?:core|harness)/\w+\.[ch]:\w+", text))):
        path, _, name = c.partition(":")
        where = tree.bodies.get(name, set())
        if path not in where and len(where) == 1:
            text, n = re.subn(re.escape(c) + r"\b", f"{min(where)}:{name}", text)
            count += n
    (tree.root / TABLE).write_text(text, encoding="utf-8")
    print(f"trace: {count} places corrected")


def main():
    p = argparse.ArgumentParser(prog="trace.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--missing", action="store_true")
    p.add_argument("--mend", action="store_true")
    p.add_argument("--self-test", action="store_true")
    args = p.parse_args()
    if args.self_test:
        import faults as plants
        return plants.run()
    if args.mend:
        mend(ROOT)
    rows, faults = check(ROOT)
    import mutants
    faults += mutants.stale(ROOT, {r["id"]: r for r in rows})
    if args.missing:
        missing(rows)
    else:
        coverage(rows)
    for f in faults:
        print(f)
    print(f"trace: {'FAIL, ' + str(len(faults)) + ' faults' if faults else 'ok'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
