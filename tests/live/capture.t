#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --pcap and --trace: what tshark reads of a capture, what each frame's comment says, a disk that fills; the lines of a
# transfer that loses frames.
. "$(dirname "$0")/lib.sh"
plan 24 tshark nc

head -c 1000000 /dev/urandom >"$dir/www/large"
echo page >"$dir/www/index.html"
shark() { tshark -r "$dir/capture" "$@" 2>"$dir/tshark"; }
# Frames of ours in which tshark finds something of severity "warning" or worse (0x600000). A RST is always one to it.
ours='ip.src == 10.9.0.2 && !(tcp.flags.reset == 1)'
warnings() { shark -Y "$ours && _ws.expert.severity >= 6291456" -T fields -e frame.number -e _ws.expert.message | head -n 5; }

start --pcap "$dir/capture" --trace --verify --echo
fetch -o "$dir/got" "$url/large"
fetch -o /dev/null "$url:4444/" 2>/dev/null
echo echo | inside timeout 5 nc -N 10.9.0.2 7 >/dev/null
inside timeout 5 bash -c 'echo x >/dev/udp/10.9.0.2/9; sleep 0.2'
stop
cmp -s "$dir/got" "$dir/www/large"
ok $? "a capture does not spoil the transfer"
shark >"$dir/lines"
is "$? $(grep -cv 'Running as user' "$dir/tshark")" "0 0" "tshark reads the capture to its end and has nothing to say against it"
is "$(warnings)" "" "tshark finds nothing to warn of in our own segments"
is "$(shark | wc -l) $(counter capture_lost)" "$(counter capture_frames) 0" "every frame is there"
is "$(shark -Y 'frame.packet_flags_direction == 1' | wc -l) $(shark -Y 'frame.packet_flags_direction == 2' | wc -l)" \
    "$(counter frames_in) $(counter frames_out)" "each says whether it came or went"
# Linux writes 0xffff for a checksum of 0, as UDP wants it, and tshark calls that bad (RFC 1624): one of its segments in 65,536
kernels='ip.src == 10.9.0.1 && tcp.checksum == 0xffff'
is "$(shark -Y "tcp.port == 80 && !($kernels)" -T fields -e tcp.checksum.status -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE | sort -u)" 1 \
    "every checksum is right"
comments() { shark -Y "$1" -T fields -e frame.comment | grep . | tr '\n' '|'; }
is "$(comments "tcp.port == 80 && tcp.stream == 0")" \
    "LISTEN -> SYN-RECEIVED|SYN-RECEIVED -> ESTABLISHED|ESTABLISHED -> CLOSE-WAIT|CLOSE-WAIT -> LAST-ACK|LAST-ACK -> CLOSED|" \
    "comments name the changes of state, each once, on the segment that brought it"
is "$(comments "tcp.port == 4444")" "dropped: tcp_no_connection|no connection|" "a segment for nobody is said to be dropped, its RST to be for no connection"
is "$(comments "udp && ip.dst == 10.9.0.2 && !icmp")" "dropped: udp_in|" "a datagram for nobody names its counter"
is "$(shark -Y "ipv6" -T fields -e frame.comment | sort -u)" "dropped: frame_not_ours" "a frame for somebody else names its counter"
is "$(/usr/bin/python3 -c '
import re, sys
bad = [l for l in open(sys.argv[1]) if not re.match(r"^\d+\.\d{6} [\d.]+:\d+ [\d.]+:\d+ ((in|out) [A-Z,-]+ seq=\d+ ack=\d+ |state |timer )", l)]
print(len(bad), bad[:2])' "$dir/errors")" "0 []" "every line of the trace has its form"
is "$(grep ':80 .* in SYN ' "$dir/errors" | head -n 1 | grep -c 'seq=0 ack=0 .* isn=[0-9]')$(grep ':80 .* out SYN,ACK ' "$dir/errors" | head -n 1 | grep -c 'seq=0 ack=1 .* isn=[0-9]')" 11 \
    "sequence numbers count from each side's ISN, which the SYN names"

# tshark takes what NewReno sends again within a round trip for "out of order", and warns when the peer's window is full.
excused='tcp.analysis.window_full || (frame.comment contains "sent again" && tcp.analysis.out_of_order)'

# A transfer that loses frames: the trace names what was lost, what the timer did, what was sent again.
start --pcap "$dir/capture" --trace --verify --drop 5:7
fetch -o "$dir/got" "$url/large"
cmp -s "$dir/got" "$dir/www/large"
ok $? "with 5 % of the frames lost the file arrives whole"
stop
is "$(grep -c '^sequent: seed 7$' "$dir/errors")" 1 "the seed is printed"
lost=$(grep -cE ' (in|out) .*\((.*; )?lost on purpose\)$' "$dir/errors")
gone='(frame.comment contains "lost on purpose" || frame.comment contains "frames_dropped_by_option_in")'
is "$(shark -Y "$gone" | wc -l)" "$(($(counter frames_dropped_by_option_in) + $(counter frames_dropped_by_option_out)))" \
    "comments name every frame that was lost"
is "$lost" "$(shark -Y "tcp && $gone" | wc -l)" "so does the trace, every segment"
is "$(grep -c ' out .*(.*sent again' "$dir/errors") $(grep -c ' timer retransmission: nothing acknowledged for [0-9]* ms; RTO is [0-9]* ms now' "$dir/errors" | sed 's/^[1-9][0-9]*$/some/')" \
    "$(counter tcp_resent) some" "the trace names what was sent again, and each timer that fired"
ours="$ours && !($excused)"
is "$(warnings)" "" "tshark has nothing to warn of in what we sent, lost or not"

# A disk that fills: a limit on a file's size, and a disk of 300 KB. One line says so, whatever follows.
mkdir "$dir/disk"
fills() { # fills WHY: with a capture on the disk that is full for this reason
    start --pcap "$dir/disk/capture" --verify
    for _ in 1 2 3; do fetch -o "$dir/got" "$url/large"; done
    cp "/proc/$pid/root$dir/disk/capture" "$dir/capture"
    stop
    is "$(cmp "$dir/got" "$dir/www/large" && echo whole) $status $([ "$(counter capture_lost)" -gt 100 ] && echo counted)" \
        "whole 0 counted" "$1: ends the capture with a counter, and nothing else"
    is "$(sed 's/after [0-9]* bytes/after N bytes/' "$dir/errors")" \
        "sequent: --pcap '$dir/disk/capture': $1. The capture ends after N bytes; the endpoint goes on (counter capture_lost). Free some room or choose another file, then start again" \
        "$1: is said once, however many frames follow"
    is "$(shark | wc -l) $(grep -cv 'Running as user' "$dir/tshark")" "$(counter capture_frames) 0" "$1: what was written before is whole"
}
# shellcheck disable=SC2016 # for the shell inside
with=(bash -c 'ulimit -f 300 && exec "$@"' bash)
fills 'File too large'
own=(unshare --mount)
! unshare --user --map-root-user --mount true 2>/dev/null || own=(unshare --user --map-root-user --mount)
# shellcheck disable=SC2016
with=("${own[@]}" bash -c 'mount -t tmpfs -o size=300k none "$1" && shift && exec "$@"' bash "$dir/disk")
fills 'No space left on device'
finished
