# SPDX-License-Identifier: MIT
"""trace.py --self-test: each kind of fault planted in a copy of the tree, one at a time; the check must find it and nothing else."""
import re
import shutil
import tempfile
from pathlib import Path

import mutants
import trace

TABLE, MUTANTS = trace.TABLE, mutants.TABLE


def row(text, i):
    return next(l for l in text.splitlines() if l.startswith(i + "\t"))


def field(i, column, new):
    """A plant: this field of row i becomes `new`, or new(old)."""
    def change(text):
        line = row(text, i)
        fields = line.split("\t")
        at = trace.COLUMNS.index(column)
        fields[at] = new(fields[at]) if callable(new) else new
        return text.replace(line + "\n", "\t".join(fields) + "\n")
    return TABLE, change


def drop(path, pattern):
    return path, lambda text: re.sub(pattern, "", text, count=1, flags=re.M)


def add(path, line):
    return path, lambda text: text + line + "\n"


# What is planted, where, how; a part of each fault that must be found.
PLANTS = (
    ("a citation without a row", add("core/config.h", "/* MUST" "-99 */"), ["core/config.h:", "cites MUST" "-99"]),
    ("a citation without a row, other RFC", add("tests/live/lib.sh", "# R5961" "-9-9"), ["cites R5961" "-9-9"]),
    ("a label without a row", drop(TABLE, r"^SHLD-30\t.*\n"), ["SHLD-30 has no row"]),
    ("a row twice", (TABLE, lambda t: t + row(t, "MUST-7") + "\n"), ["MUST-7: stands in line"]),
    ("a row with a field too few", field("MUST-7", "section", lambda old: old + "\t\t"), ["fields or an empty one", "MUST-7 has no row"]),
    ("code that is not there", field("MUST-1", "code", "core/header.c:no_such"), ["code core/header.c:no_such: no such function"]),
    ("code that is elsewhere", field("MUST-1", "code", "core/ring.c:sq_header_parse"), ["it is in core/header.c"]),
    ("a function that was renamed", ("core/send.c", lambda t: t.replace("sq_send_ready(", "sq_send_able(")),
     ["code core/send.c:sq_send_ready: no such function"]),
    ("a clause that is not there", field("MUST-6", "clause", "sq_header_parse.exact; sq_header_parse.no_such"),
     ["clause sq_header_parse.no_such: no such clause"]),
    ("a clause that was renamed", ("core/acceptability.h", lambda t: t.replace("ensures table: \\result == 1 <==> Acceptable",
     "ensures tables: \\result == 1 <==> Acceptable")), ["clause sq_acceptable.table: no such clause"]),
    ("a predicate that is not there", field("MUST-6", "clause", "sq_header_parse.exact; NoSuch"), ["clause NoSuch: no such predicate"]),
    ("a test that is not there", field("MUST-6", "test", "tests/unit/test_header.c:no_such"), ["no such test"]),
    ("a test file that is not there", field("MUST-6", "test", "tests/unit/test_no.c:no_such"), ["no such file"]),
    ("a test that is not run", drop("tests/requirements/test_core.c", r"^\s*cmocka_unit_test\(reserved_bits.*\n"), ["reserved_bits"]),
    ("a row of fsm.csv that is not run", field("MUST-6", "test", "tests/fsm/rows.tsv:F001"), ["no such row is run"]),
    ("a live test that is not there", field("MUST-6", "test", "tests/live/hostile.t:Z1 no such"), ["0 tests begin so"]),
    ("a live test's title that is two", field("MUST-6", "test", "tests/live/hostile.t:A15 a datagram"), ["2 tests begin so"]),
    ("proved without a clause", field("MUST-7", "clause", "-"), ["status proved: no clause"]),
    ("proved by a clause outside a header", field("MUST-18", "clause", "ack_measure.karn"), ["status proved: no clause"]),
    ("proved by a function that is not proved", drop("proofs/results/core-acceptability.tsv", r"^sq_acceptable\t.*\n"),
     ["R9293-3.4-2: status proved: no clause"]),
    ("tested without a test", field("MUST-9", "test", "-"), ["status tested: no test"]),
    ("modelled without a model", field("MUST-8", "status", "modelled"), ["status modelled: no test in spec/model/"]),
    ("covered without code", field("MUST-9", "code", "-"), ["status tested: no code"]),
    ("missing without a reason", field("MUST-38", "status", "missing"), ["status missing: no reason"]),
    ("a status that does not exist", field("MUST-8", "status", "done"), ["status 'done'"]),
    ("a level that does not exist", field("MUST-8", "level", "OUGHT"), ["level 'OUGHT'"]),
    ("a mutant of a row that is not there", add(MUTANTS, "MUST" "-98\tx\ty"), ["no such row"]),
    ("a mutant's fragment that is not there", add(MUTANTS, "MUST-7\tno such code();\ty"), ["found 0 times"]),
    ("a mutant's fragment that is not alone", add(MUTANTS, "MUST-7\treturn 0u;\treturn 1u;"), ["times, expected once"]),
    ("a mutant that changes nothing", add(MUTANTS, "MUST-7\tx = 1;\tx = 1;"), ["changes nothing"]),
    ("a mutant of a row that is missing", add(MUTANTS, "MAY-18\tn = n % 7;\tn = 8;"), ["nothing covers it"]),
)


def faults_of(root):
    rows, faults = trace.check(root)
    return faults + mutants.stale(root, {r["id"]: r for r in rows})


def run():
    bad = 0
    with tempfile.TemporaryDirectory(prefix="sequent-trace.") as folder:
        copy = Path(folder)
        for d in (*trace.FOLDERS, "proofs/results"):
            if (trace.ROOT / d).exists():
                shutil.copytree(trace.ROOT / d, copy / d, ignore=shutil.ignore_patterns("__pycache__"))
        before = set(faults_of(copy))
        for what, (path, change), wanted in PLANTS:
            text = (copy / path).read_text(encoding="utf-8")
            planted = change(text)
            (copy / path).write_text(planted, encoding="utf-8")
            found = [f for f in faults_of(copy) if f not in before]
            (copy / path).write_text(text, encoding="utf-8")
            lost = [w for w in wanted if not any(w in f for f in found)]
            if planted == text or lost:
                bad += 1
                print(f"trace --self-test: {what}: {'not planted' if planted == text else 'not found: ' + '; '.join(lost)}")
    print(f"trace --self-test: {len(PLANTS) - bad} of {len(PLANTS)} planted faults found{', FAIL' if bad else ''}")
    return 1 if bad else 0
