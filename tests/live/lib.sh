# SPDX-License-Identifier: MIT
# Sourced by the live tests: starts `sequent serve` in its namespace, runs clients there, prints TAP.
# A test file calls `plan N`, then ok/is for each of its N tests; where no namespace can be had, all N are skipped.
# shellcheck shell=bash
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

self=$(pwd)/tests/live/$(basename "$0")
program=${SEQUENT:-build/sequent}
url=http://10.9.0.2
dir=$(mktemp -d)
pid=
tests=0
failed=0

cleanup() {
    stop
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# plan N [COMMAND...]: N tests, which need these commands.
plan() {
    local n=$1 why='' c
    shift
    [ -x "$program" ] || { echo "Bail out! '$program' is not there: make program"; exit 1; }
    [ -r /dev/net/tun ] && [ -w /dev/net/tun ] || why='no /dev/net/tun that can be opened'
    if [ -z "$why" ] && ! unshare --user --map-root-user --net true 2>/dev/null && ! unshare --net true 2>/dev/null; then
        why='user namespaces are off and this is not root'
    fi
    for c in nsenter curl "$@"; do
        command -v "$c" >/dev/null || why="no $c"
    done
    if [ -n "$why" ]; then
        echo "1..0 # SKIP $why ($n tests not run)"
        exit 0
    fi
    echo "1..$n"
    mkdir "$dir/www"
}

# own_namespace: runs the rest of the test inside a network namespace where it is root, so that servers of the kernel
# can stand beside the endpoint's device.
own_namespace() {
    [ -z "${SEQUENT_TEST_INSIDE-}" ] || { ip link set lo up; return 0; }
    rm -rf "$dir"
    export SEQUENT_TEST_INSIDE=1
    if unshare --user --map-root-user --net true 2>/dev/null; then
        exec unshare --user --map-root-user --net "$self"
    elif unshare --net true 2>/dev/null; then
        exec unshare --net "$self"
    fi
    unset SEQUENT_TEST_INSIDE # plan says why it is skipped
}

# start OPTION...: serves $dir/www; its output is in $dir/out and $dir/errors
start() { serve --http "$dir/www" "$@"; }
# serve OPTION...: the same, with just these services. with: words before the program, which end in exec of what follows
with=()
serve() {
    : >"$dir/out" # the words of one before would be taken for this one's
    "${with[@]}" "$program" serve "$@" >"$dir/out" 2>"$dir/errors" &
    pid=$!
    for _ in $(seq 200); do
        # shellcheck disable=SC2207 # words of one line
        enter=($(sed -n 's/^ *\(nsenter .*\) \(curl\|nc\) .*/\1/p' "$dir/out"))
        [ ${#enter[@]} -eq 0 ] || return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    echo "Bail out! the endpoint did not start: $(head -n 5 "$dir/errors" | tr '\n' ' ')"
    exit 1
}
# Ends it; `status` is its exit status then.
stop() {
    status=0
    if [ -n "$pid" ]; then
        kill -INT "$pid" 2>/dev/null
        wait "$pid" || status=$?
    fi
    pid=
}
inside() { "${enter[@]}" "$@"; }
fetch() { inside curl -sS -m 30 "$@" 2>"$dir/curl"; }
# What `sequent status` says of the one that runs: a value by name; `state NAME`: connections in that state.
now() { "$program" status --all "$pid" | sed -n "s/^$1 //p"; }
state() { "$program" status "$pid" | grep -c "^$1 "; }
# until_is COMMAND EXPECTED: waits up to five seconds for the command to print that; prints what it printed last.
until_is() {
    local got
    for _ in $(seq 50); do
        got=$($1)
        [ "$got" != "$2" ] || break
        sleep 0.1
    done
    echo "$got"
}
counter() { sed -n "s/^$1 //p" "$dir/out" | tail -n 1; }

ok() { # ok STATUS NAME
    tests=$((tests + 1))
    if [ "$1" = 0 ]; then
        echo "ok $tests - $2"
    else
        echo "not ok $tests - $2"
        failed=1
    fi
}
is() { # is GOT EXPECTED NAME
    if [ "$1" = "$2" ]; then
        ok 0 "$3"
    else
        ok 1 "$3"
        printf '#      got: %s\n# expected: %s\n' "${1//$'\n'/ }" "${2//$'\n'/ }"
    fi
}
skip() { # skip NAME REASON
    tests=$((tests + 1))
    echo "ok $tests - $1 # SKIP $2"
}
finished() { exit "$failed"; }
