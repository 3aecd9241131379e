#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fuzz/lwip/get.sh: lwIP's source from Debian's archive into build/fuzz/lwip/src; nothing to do if it is there.
#   LWIP_SRC=folder   an unpacked source of your own instead
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/fuzz/lwip
[ ! -e "$out/src/core/tcp_in.c" ] || exit 0
mkdir -p "$out/apt/lists/partial" "$out/apt/cache/archives/partial"
if [ -n "${LWIP_SRC-}" ]; then
    [ -e "$LWIP_SRC/core/tcp_in.c" ] || { echo "fuzz-lwip: LWIP_SRC=$LWIP_SRC has no core/tcp_in.c" >&2; exit 2; }
    ln -sfn "$(realpath "$LWIP_SRC")" "$out/src"
    exit 0
fi
command -v apt-get >/dev/null || { echo "fuzz-lwip: no apt-get here: unpack lwIP's source and set LWIP_SRC to its src/" >&2; exit 2; }
# A list of its own, so that the system's stays as it is: the same archive, source packages.
uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m1 -v security || true)
echo "deb-src ${uri:-http://deb.debian.org/debian} $(. /etc/os-release; echo "${VERSION_CODENAME:-bookworm}") main" >"$out/apt/sources.list"
options=(-q -o "Dir::Etc::sourcelist=$PWD/$out/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$PWD/$out/apt/lists" -o "Dir::Cache=$PWD/$out/apt/cache" -o APT::Sandbox::User=)
log=$out/apt/log
apt-get "${options[@]}" update >"$log" 2>&1 && (cd "$out/apt" && apt-get "${options[@]}" source --download-only lwip >>"$PWD/log" 2>&1) ||
    { tail -n 5 "$log" >&2; echo "fuzz-lwip: lwIP's source package could not be fetched; unpack it yourself and set LWIP_SRC" >&2; exit 2; }
mkdir -p "$out/unpacked"
tar -C "$out/unpacked" --strip-components=1 -xf "$out"/apt/lwip_*.orig.tar.*
ln -sfn unpacked/src "$out/src"
echo "fuzz-lwip: $(basename "$out"/apt/lwip_*.dsc .dsc) in $out"
