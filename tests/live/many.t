#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Many clients: nothing is lost, every connection comes back.
. "$(dirname "$0")/lib.sh"
plan 6 xargs

head -c 100000 /dev/urandom >"$dir/www/file"
want=$(sha256sum <"$dir/www/file" | tr -s " ")
start --verify

# shellcheck disable=SC2016 # for the shell inside
inside sh -c 'seq 1000 | xargs -P 50 -I {} sh -c "curl -sS -m 60 $0/file | sha256sum"' "$url" >"$dir/sums" 2>"$dir/curl"
is "$(sort "$dir/sums" | uniq -c | xargs)" "1000 $want" "1,000 fetches in waves of 50 lose nothing"
sleep 0.5
stop
is "$(counter http_200) $(counter connections_opened_passively)" "1000 1000" "1,000 connections were accepted and answered"
is "$(counter tcp_checksum) $(counter frames_unsent)" "0 0" "no frame was spoilt or refused on the way"

# Fewer blocks than clients: the SYNs that find none are sent again by their kernel, after one second.
start --verify --connections 8
# shellcheck disable=SC2016
inside bash -c 'for _ in $(seq 8); do exec {c}<>/dev/tcp/10.9.0.2/80; done; sleep 1.5' &
sleep 0.5
# shellcheck disable=SC2016
inside sh -c 'seq 24 | xargs -P 20 -I {} sh -c "curl -sS -m 60 --limit-rate 300k $0/file | sha256sum"' "$url" >"$dir/sums" 2>"$dir/curl"
is "$(sort "$dir/sums" | uniq -c | xargs)" "24 $want" "20 clients at once on 8 blocks lose nothing"
stop
is "$([ $(($(counter listen_overflow) + $(counter table_full))) -gt 0 ] && echo yes)" yes "what found no block was counted"

# I9: the server closes first, so its blocks stay in TIME-WAIT: the oldest gives way.
start --verify --connections 8
for _ in $(seq 40); do fetch -0 "$url/file" | sha256sum; done >"$dir/sums"
stop
# A client that has its bytes may be first to close, so how many gave way is not exact.
is "$(sort "$dir/sums" | uniq -c | xargs) $([ "$(counter time_wait_recycled)" -gt 0 ] && echo recycled)" "40 $want recycled" \
    "40 connections closed by the server on 8 blocks: TIME-WAIT gives way to new ones"
finished
