#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# OSS-Fuzz's form: builds every target into $OUT with the flags that the infrastructure sets, with its seeds, dictionary and
# options. By hand: CC=clang CXX=clang++ CFLAGS="-O1 -g -fsanitize=address,fuzzer-no-link" LIB_FUZZING_ENGINE=-fsanitize=fuzzer OUT=/tmp/out fuzz/build.sh
cd "$(dirname "$0")/.."
: "${CC:=clang}" "${CXX:=clang++}" "${CFLAGS:=-O1 -g -fsanitize=address,undefined,fuzzer-no-link}" "${CXXFLAGS:=$CFLAGS}"
: "${LIB_FUZZING_ENGINE:=-fsanitize=fuzzer}" "${OUT:?where the targets go}"
work=${WORK:-$OUT/work}
mkdir -p "$OUT" "$work"
parts=()
for source in $(make -s fuzz-parts); do
    object=$work/$(echo "$source" | tr / _).o
    # shellcheck disable=SC2086 # CFLAGS is a list of words
    $CC $CFLAGS -std=c11 -D_GNU_SOURCE -I. -c -o "$object" "$source"
    parts+=("$object")
done
for source in fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    target=${name#fuzz_}
    own=("$work/$name.o")
    # shellcheck disable=SC2086
    $CC $CFLAGS -std=c11 -D_GNU_SOURCE -I. -c -o "$work/$name.o" "$source"
    if [ "$target" = session ] || [ "$target" = pair ]; then
        # libFuzzer's hooks; other engines ignore them.
        # shellcheck disable=SC2086
        $CC $CFLAGS -std=c11 -I. -c -o "$work/mutator.o" fuzz/mutator.c
        own+=("$work/mutator.o")
    else
        cp fuzz/tcp.dict "$OUT/$name.dict"
    fi
    # shellcheck disable=SC2086
    $CXX $CXXFLAGS -o "$OUT/$name" "${own[@]}" "${parts[@]}" $LIB_FUZZING_ENGINE
    (cd "fuzz/corpus/$target" && find . -type f | LC_ALL=C sort | python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    for name in sys.stdin.read().split():
        z.write(name)' "$OUT/${name}_seed_corpus.zip")
    printf '[libfuzzer]\nmax_len = 4096\n' >"$OUT/$name.options"
done
echo "fuzz/build.sh: $(find "$OUT" -maxdepth 1 -name 'fuzz_*' -perm -100 -type f | wc -l) targets in $OUT"
