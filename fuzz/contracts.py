#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make fuzz-contracts: core/'s own contracts, compiled by Frama-C's E-ACSL into the code, run on the inputs of the corpora.

Only what E-ACSL 25 can compile: sequence numbers, the state relation, round trips, congestion window, what is owed, deadlines.
It refuses \\min and \\max, so a copy of the sources says Least and Greatest, defined there; logic that reads memory, `assigns`
and `terminates` it leaves out. As a control one clause is made wrong, and must be seen."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build/fuzz/contracts"
UNITS = ["congestion", "owed", "rtt", "state", "times"]
MAIN = r"""
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
void fuzz_contracts(const uint8_t *p, uint32_t n);
extern void __e_acsl_memory_init(int *, char ***, size_t);
extern void __e_acsl_globals_init(void) __attribute__((weak));
int main(int argc, char **argv)
{
    static uint8_t data[1 << 16];
    unsigned long n = 0;
    __e_acsl_memory_init(&argc, &argv, sizeof(void *));
    if (__e_acsl_globals_init) __e_acsl_globals_init();
    for (int i = 1; i < argc; i++) {
        DIR *d = opendir(argv[i]);
        struct dirent *e;
        while (d != NULL && (e = readdir(d)) != NULL) {
            char name[4096];
            FILE *f;
            snprintf(name, sizeof name, "%s/%s", argv[i], e->d_name);
            if (e->d_name[0] != '.' && (f = fopen(name, "rb")) != NULL) {
                fuzz_contracts(data, (uint32_t)fread(data, 1, sizeof data, f));
                fclose(f);
                n++;
            }
        }
        if (d != NULL) closedir(d);
    }
    printf("%lu\n", n);
    return 0;
}
"""


def run(command, **more):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, errors="replace", **more)


def tree(name, wrong):
    d = WORK / name
    shutil.rmtree(d, ignore_errors=True)
    for part in ("core", "spec"):
        shutil.copytree(ROOT / part, d / part)
    (d / "fuzz").mkdir()
    shutil.copy(ROOT / "fuzz/contracts.c", d / "fuzz")
    for p in [*(d / "core").glob("*.[ch]"), *(d / "spec").glob("*.acsl")]:
        text = p.read_text().replace("\\min(", "Least(").replace("\\max(", "Greatest(")
        if p.name == "config.h":
            text = text.replace("#include <stdint.h>", '#include <stdint.h>\n#include "../spec/sequence.acsl"', 1)
        if p.name == "sequence.acsl":
            text = text.replace("/*@", "/*@ logic integer Least(integer a, integer b) = a < b ? a : b;\n"
                                "    logic integer Greatest(integer a, integer b) = a < b ? b : a;\n*/\n/*@", 1)
        if wrong and p.name == "rtt.h":
            find = "ensures doubled: t->rto == Least(2 * \\old(t->rto), high);"
            if find not in text:
                sys.exit("fuzz-contracts: the control's clause is not in core/rtt.h any more: mend fuzz/contracts.py")
            text = text.replace(find, "ensures doubled: t->rto == Least(3 * \\old(t->rto), high);")
        p.write_text(text)
    return d


def build(name, wrong=False):
    d = tree(name, wrong)
    share = run(["frama-c", "-print-share-path"]).stdout.strip() + "/e-acsl"
    r = run(["frama-c", "-machdep", "x86_64", "-cpp-extra-args=-I. -D__FRAMAC__", "-e-acsl-full-mtracking", "-e-acsl", "fuzz/contracts.c",
             "-then-last", "-print", "-ocode", d / "checked.c"], cwd=d)
    if r.returncode or not (d / "checked.c").exists():
        sys.exit(f"fuzz-contracts: E-ACSL ended with status {r.returncode}:\n{(r.stdout + r.stderr)[-1500:]}")
    (d / "main.c").write_text(MAIN)
    r = run(["clang", "-std=gnu11", "-O1", "-w", "-fno-builtin", "-DE_ACSL_SEGMENT_MMODEL", f"-I{share}", "-o", "contracts", "checked.c", "main.c",
             f"{share}/e_acsl_rtl.c", "/usr/lib/frama-c/e-acsl/libeacsl-dlmalloc.a", "-lgmp", "-lm", "-lpthread"], cwd=d)
    if r.returncode:
        sys.exit(f"fuzz-contracts: does not compile:\n{r.stderr[-1500:]}")
    checks = len(re.findall(r"__e_acsl_assert\(", (d / "checked.c").read_text()))
    return d / "contracts", checks


def main():
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if not shutil.which("frama-c"):
        print("fuzz-contracts: frama-c is not installed: .ci/setup prove", file=sys.stderr)
        return 2
    corpora = sorted(p for p in (ROOT / "fuzz/corpus").iterdir() if p.is_dir())
    binary, checks = build("true")
    r = run([binary, *corpora])
    if r.returncode:
        print(r.stderr[-2000:])
        print("fuzz-contracts: FAIL, a contract does not hold")
        return 1
    inputs = int(r.stdout.split()[-1])
    wrong, _ = build("wrong", wrong=True)
    if run([wrong, *corpora]).returncode == 0:
        print("fuzz-contracts: FAIL, the control's wrong clause was not seen")
        return 1
    print(f"fuzz-contracts: {inputs} inputs, {checks} compiled checks in {', '.join(UNITS)}: none broken; the wrong clause is seen")
    return 0 if inputs else 1


if __name__ == "__main__":
    sys.exit(main())
