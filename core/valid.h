/* SPDX-License-Identifier: MIT */
/* The executable twin of ConnectionValid (spec/connection.acsl): tests, fuzzers and debug builds ask it after every
   call. It may be asked of any bytes. */
#ifndef SQ_VALID_H
#define SQ_VALID_H

#include "connection.h"

/* 1: settings that a connection may have (their ranges: core/connection.h). */
/*@ requires block: \valid_read(s);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> SettingsValid(*s);
    ensures complete: SettingsValid(*s) ==> \result == 1; */
uint32_t sq_settings_valid(const struct sq_settings *s);

/* 1: the block is valid; 0: it is not, and no other function of the core may be given it. */
/*@ requires block: \valid_read(c);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> ConnectionValid(*c);
    ensures complete: ConnectionValid(*c) ==> \result == 1; */
uint32_t sq_valid(const struct sq_conn *c);

#endif
