#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fuzz/replay.sh FOLDER TARGET...: every committed input of the targets through the plain programs in FOLDER.
set -uo pipefail
cd "$(dirname "$0")/.."
programs=${1:?usage: fuzz/replay.sh FOLDER TARGET...}
shift
inputs=0 bad=0
for t in "$@"; do
    [ -d "fuzz/corpus/$t" ] || { echo "fuzz-replay: fuzz/corpus/$t is not there: no inputs for target $t"; bad=1; continue; }
    if line=$("$programs/replay_$t" "fuzz/corpus/$t" 2>&1); then
        n=$(grep -o '[0-9]* inputs' <<<"$line" | cut -d' ' -f1)
        [ "${n:-0}" -gt 0 ] || { echo "fuzz-replay: fuzz/corpus/$t is empty"; bad=1; }
        inputs=$((inputs + n))
    else
        bad=1
        printf 'fuzz-replay: target %s: %s\n' "$t" "$line"
        echo "  which input: FUZZ_VERBOSE=1 $programs/replay_$t fuzz/corpus/$t"
    fi
done
[ "$bad" = 0 ] || { echo "fuzz-replay: FAIL"; exit 1; }
echo "fuzz-replay: ok, $# targets, $inputs inputs ($programs)"
