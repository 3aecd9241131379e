#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fuzz/parser.sh [THEIRS.so]: fuzzes a parser that claims to read TCP headers (fuzz/parser.h), from the committed corpora.
# Without one: a second parser of ours, which must pass, then the same with a defect, which must be caught. T= seconds.
set -uo pipefail
cd "$(dirname "$0")/.."
seconds=${T:-20}
[ "${1-}" != --help ] || { sed -n '3,4s/^# //p' "$0"; exit 0; }
run() { # $1: library, $2: log
    mkdir -p build/fuzz/corpus/parser build/fuzz/crash/parser
    FUZZ_PARSER_SO=$1 build/fuzz/libfuzzer/parser -max_total_time="$seconds" -print_final_stats=1 -timeout=10 -dict=fuzz/tcp.dict \
        -artifact_prefix=build/fuzz/crash/parser/ build/fuzz/corpus/parser fuzz/corpus/header >"$2" 2>&1
}
executions() { { grep -o 'number_of_executed_units: *[0-9]*' "$1" || grep -o '^#[0-9]*' "$1" | tail -n 1; } | grep -o '[0-9]*' | tail -n 1; }
why() { grep -o 'BROKEN [^ ]*' "$1" || grep -o 'ERROR: [A-Za-z]*: [a-z-]*' "$1" || grep -o 'timeout' "$1"; }
log=build/fuzz/parser.log
if [ -n "${1-}" ]; then
    [ -r "$1" ] || { echo "fuzz-parser: $1: no such file; SO= names a shared library that exports tcp_parse (fuzz/parser.h)" >&2; exit 2; }
    run "$(realpath "$1")" "$log"
    status=$?
    [ "$status" != 2 ] || { tail -n 3 "$log" >&2; exit 2; }
    if [ "$status" = 0 ]; then echo "fuzz-parser: $1: $(executions "$log") executions in $seconds s, nothing broken"; exit 0; fi
    echo "fuzz-parser: $1: $(why "$log" | head -n 1) after $(executions "$log") executions"
    grep -o 'Test unit written to .*' "$log" | sed 's/Test unit written to/  input:/'
    echo "  again: FUZZ_PARSER_SO=$(realpath "$1") build/fuzz/libfuzzer/parser INPUT; all: $log"
    exit 1
fi
run "$PWD/build/fuzz/parser_kernel.so" "$log" || { why "$log"; tail -n 5 "$log"; echo "fuzz-parser: FAIL, the second parser has no defect"; exit 1; }
clean=$(executions "$log")
if run "$PWD/build/fuzz/parser_defect.so" "$log"; then echo "fuzz-parser: FAIL, the planted defect was not seen in $(executions "$log") executions"; exit 1; fi
echo "fuzz-parser: Linux's rules: $clean executions in $seconds s, nothing broken; without the check of an option's end: $(why "$log" | head -n 1) after $(executions "$log") executions"
