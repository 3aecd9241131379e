/* SPDX-License-Identifier: MIT */
/* The inputs of `session` and `pair` are programs: a prefix that sets the scene, then events of one size. The mutator inserts,
   deletes, swaps and splices events as units; each reads its own bytes and no others'. */
#ifndef FUZZ_EVENT_H
#define FUZZ_EVENT_H

#define FUZZ_PREFIX 32u  /* bytes */
#define FUZZ_EVENT 12u   /* bytes; the first says what happens */
#define FUZZ_EVENTS 240u /* at most */

#endif
