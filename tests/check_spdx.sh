#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make spdx: every source file names the licence in its first three lines.
set -euo pipefail
cd "$(dirname "$0")/.."
n=0 bad=0
while IFS= read -r file; do
    n=$((n + 1))
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' || { echo "spdx: $file has no licence line"; bad=1; }
done < <(find $(ls -d core spec harness fuzz proofs tests 2>/dev/null) -type f \( -name '*.[ch]' -o -name '*.acsl' -o -name '*.py' -o -name '*.sh' -o -name '*.pkt' \) \
    -not -path '*/corpus/*' | sort)
[ "$bad" = 0 ] || { echo "spdx: FAIL"; exit 1; }
echo "spdx: ok, $n files"
