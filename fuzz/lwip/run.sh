#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fuzz/lwip/run.sh: diff_lwip for T= seconds from its committed corpus. New inputs go to build/fuzz/corpus/lwip.
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=${T:-60} log=build/fuzz/lwip/diff.log
mkdir -p build/fuzz/corpus/lwip build/fuzz/crash/lwip fuzz/corpus/lwip
# lwIP itself adds 0 to null pointers; that is not what is looked for.
UBSAN_OPTIONS=halt_on_error=0:silence_unsigned_overflow=1 build/fuzz/libfuzzer/lwip_diff -max_total_time="$seconds" -print_final_stats=1 -timeout=10 \
    -artifact_prefix=build/fuzz/crash/lwip/ build/fuzz/corpus/lwip fuzz/corpus/lwip >"$log" 2>&1
status=$?
n=$(grep -o 'number_of_executed_units: *[0-9]*' "$log" | grep -o '[0-9]*$')
[ "$status" = 0 ] && { echo "fuzz-lwip: $n executions in $seconds s, no difference but those in fuzz/README.md"; exit 0; }
grep -m1 -o 'BROKEN [^ ]*\|ERROR: [A-Za-z]*: [a-z-]*' "$log"
grep -o 'Test unit written to .*' "$log"
echo "fuzz-lwip: FAIL after ${n:-?} executions, all: $log"
exit 1
