#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make contracts: without running a prover, that each function of the proved units has a contract with
`terminates \\true`, `assigns` and named `ensures`, and each loop its variant, invariant and assigns;
and that no logic is admitted or stated as an axiom."""
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "proofs"))
os.chdir(ROOT)
import prove  # noqa: E402
import source  # noqa: E402

bad, functions, loops = [], 0, 0
paths, missing = prove.unit_paths()
bad += [f"proofs/units: {p} is not there" for p in missing]
exempt = prove.exempt_functions()
headers = sorted({p for u in paths for p in prove.includes(u) if p.endswith(".h")})
declared = source.prototypes(ROOT, headers)
files = paths + [h for h in headers if h.startswith("core/")]
for path in dict.fromkeys(files):
    text = Path(path).read_text(encoding="utf-8")
    for f in source.definitions(path):
        functions += 1
        where = f"{path}:{f.line} {f.name}"
        here = [d.contract for d in source.functions(path) if d.name == f.name and d.contract]
        contract = here[0] if here else declared[f.name].contract if f.name in declared else ""
        if here and f.name in declared and declared[f.name].path != path and not f.static:
            bad.append(f"{where}: a contract here and on the declaration in {declared[f.name].path}; one place is enough")
        if not contract:
            bad.append(f"{where}: no contract")
            continue
        kinds = {}
        for kind, name, clause in source.clauses(contract):
            kinds.setdefault(kind, []).append((name, clause))
        if not any(re.search(r"terminates \\true$", c) for _, c in kinds.get("terminates", [])):
            bad.append(f"{where}: no `terminates \\true`")
        if "assigns" not in kinds:
            bad.append(f"{where}: no `assigns`")
        if "ensures" not in kinds and f.name not in exempt:
            bad.append(f"{where}: no `ensures`; what does it do for its caller?")
        for name, clause in kinds.get("ensures", []):
            if not name:
                bad.append(f"{where}: a clause without a name: {clause[:70]}")
        for line, annotation in source.loops(text, f):
            loops += 1
            for word in ("loop variant", "loop invariant", "loop assigns"):
                if word not in annotation:
                    bad.append(f"{path}:{line} {f.name}: a loop without `{word}`")
logic = [p for d in ("spec", "core", "harness", "proofs") for p in sorted(Path(d).rglob("*"))
         if p.suffix in (".acsl", ".c", ".h") and "wrong" not in p.parts]
trusted = prove.TRUSTED.read_text() if prove.TRUSTED.exists() else ""
for p in logic:
    for start, _, comment in source.acsl_comments(p.read_text(encoding="utf-8")):
        for m in re.finditer(r"\b(admit|axiom)\b\s*(\w*)", re.sub(r"//[^\n]*", "", comment)):
            bad.append(f"{p}: {m.group(0).strip()}: nothing is admitted or taken as an axiom")
for b in bad:
    print(b)
print(f"contracts: {'FAIL' if bad else 'ok'}, {functions} functions, {loops} loops")
sys.exit(bool(bad))
