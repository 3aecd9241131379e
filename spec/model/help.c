/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "spec/model/world.h"

/* clang-format off */
static const char words[] =
    "words (NAME=VALUE; ends are a, b, c):\n"
    "  a= b= c=PROGRAM  o OPEN active, l listen, e wait until it stands, s SEND a byte, r RECEIVE a byte,\n"
    "                   R RECEIVE to the end of the stream, f wait for the peer's FIN, c CLOSE, a ABORT,\n"
    "                   C wait until CLOSED, x release, z crash (all forgotten)\n"
    "  net=N            segments on their way at once (1..7, default 4); an event that makes more waits, unless\n"
    "                   they may be lost\n"
    "  loss= dup=N|any  segments that may be lost, delivered twice (default 0)\n"
    "  lose=a:KINDS     only these may be lost; drop=a:KINDS: these always are\n"
    "                   KINDS of S SYN, T SYN,ACK, A pure ACK, D text, F FIN, R RST, or * for all\n"
    "  timers=LETTERS   that may fire: r retransmission, p persist, u R2, w 2 MSL, h R2 of a half-open end\n"
    "                   only, d delayed ACK, k keepalive (default: all but u)\n"
    "  tw=any|quiet     2 MSL may pass at any time; only when nothing of the connection is on its way and the\n"
    "                   peer has nothing to send again (default)\n"
    "  ring= limit=N    bytes of each ring (1..8, default 2), of text in a segment (default 1)\n"
    "  step=N           from one incarnation's ISS to the next (default 65536)\n"
    "  iss=A,B[,C]      the first ISS of each end\n"
    "  self=1           the first end talks to itself\n"
    "  forge=LIST forges=N   what an attacker may send, and how often: FROM>TO:FLAGS:SEQ[:ACK], FLAGS of SARFD\n"
    "                   (D: a byte of text), SEQ and ACK relative to the first ISS of FROM and of TO\n"
    "  backlog=1        a listener whose only entry is half-open drops what else calls (sq_arrival), else it refuses\n"
    "  stands=1         forgeries only hit an end that is ESTABLISHED or later\n"
    "  check=[+-]NAME,..     add or leave out: valid prefix agreement asked window edge replies release\n"
    "                   clean time-wait complete deadlock\n"
    "  live=1           find states from which the programs' end is out of reach\n"
    "  limits=1         for live=: R2 or the half-open limit passing counts as fair (timers= must have u or h)\n"
    "  reach=a:[FROM>]STATE[/REASON],b:...   look for such a state or arrow\n"
    "  set.NAME=N       a setting of the connection: challenge time_wait tw_ignore_rst nodelay shift\n"
    "                   delayed_ack keepalive keep_probes\n";
/* clang-format on */

void model_help(void)
{
    fputs(words, stdout);
}
