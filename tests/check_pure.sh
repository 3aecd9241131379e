#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make pure OBJECT...: the core's objects call nothing outside themselves (the compiler's own memcpy, memset, memmove and
# memcmp excepted) and hold no writable data.
set -euo pipefail
export LC_ALL=C
[ $# -gt 0 ] || { echo "pure: FAIL, no objects given"; exit 1; }
bad=0
defined=$(nm --defined-only --extern-only "$@" | awk 'NF == 3 { print $3 }' | sort -u)
foreign=$(nm --undefined-only "$@" | awk '$1 == "U" { print $2 }' | sort -u |
    grep -vxE 'memcpy|memset|memmove|memcmp|_GLOBAL_OFFSET_TABLE_' | comm -23 - <(printf '%s\n' "$defined") || true)
for symbol in $foreign; do
    echo "pure: undefined outside the core: $symbol, wanted by $(nm -A --undefined-only "$@" | awk -v s="$symbol" '$NF == s { sub(/:.*/, "", $1); print $1 }' | sort -u | xargs)"
    bad=1
done
while read -r file section size; do
    echo "pure: $file: $size bytes of writable data in $section"
    bad=1
done < <(for o in "$@"; do
    objdump -h "$o" | awk -v f="$o" '$2 ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ { print f, $2, "0x" $3 }'
    nm "$o" | awk -v f="$o" 'NF == 3 && $2 ~ /^[CcDdBbGgSs]$/ { print f, "symbol:" $3, "some" }'
done)
[ $bad = 0 ] || { echo "pure: FAIL"; exit 1; }
echo "pure: ok, $# objects, $(size "$@" | awk 'NR > 1 { t += $1 } END { print t }') bytes of code and constants, no data, no foreign symbols"
