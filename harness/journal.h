/* SPDX-License-Identifier: MIT */
/* Who is told what happens: the trace (a line for each segment, timer and change of state) and the capture (each frame,
   with a comment that names the change of state, or why it was dropped). Costs nothing where nobody asked for either. */
#ifndef SQ_JOURNAL_H
#define SQ_JOURNAL_H

#include "capture.h"
#include "trace.h"

#include "core/connection.h"

struct sq_journal_block {
    uint32_t shown; /* the state that a frame's comment last told */
    struct sq_origin origin;
};

struct sq_journal {
    FILE *trace; /* NULL: none */
    bool capturing;
    struct sq_capture capture;
    struct sq_counters *counters;
    struct sq_counters before;        /* of the frame at hand */
    char note[2][SQ_CAPTURE_COMMENT]; /* of the frame that arrived, and of the next to leave */
    char kept[SQ_CAPTURE_COMMENT];    /* of the last frame that waits for its neighbour's address */
    struct sq_journal_block *block;
    uint64_t zero; /* times in the trace count from then */
};

/* False: no memory. blocks: connections there can be. */
bool sq_journal_open(struct sq_journal *j, FILE *trace, uint32_t blocks,
                     struct sq_counters *counters, uint64_t now);
void sq_journal_close(struct sq_journal *j);

/* True: somebody wants to know. */
static inline bool sq_journal_wanted(const struct sq_journal *j)
{
    return j->trace != NULL || j->capturing;
}

/* Between these two calls a frame that arrived is worked on. */
void sq_journal_arrives(struct sq_journal *j);
void sq_journal_arrived(struct sq_journal *j, const uint8_t *frame, uint32_t n, uint64_t now);
/* A frame leaves, or is lost on purpose. */
void sq_journal_leaves(struct sq_journal *j, const struct iovec *part, int parts, bool lost,
                       uint64_t now);

enum sq_way { SQ_WAY_IN, SQ_WAY_OUT };
/* Words for the comment of the frame that arrived, or of the next to leave. */
void sq_journal_note(struct sq_journal *j, enum sq_way way, const char *text);
/* The same: block i is in this state now, if no comment has told so yet. */
void sq_journal_note_state(struct sq_journal *j, enum sq_way way, uint32_t i, uint32_t state);
/* The frame that was to leave does not leave now. kept: it does when its neighbour's address is known. */
void sq_journal_stays(struct sq_journal *j, bool kept);
/* Block i begins anew in this state. */
void sq_journal_begins(struct sq_journal *j, uint32_t i, uint32_t state);
/* Where the numbers of block i begin: what the connection knows now, or knew before it was closed. */
const struct sq_origin *sq_journal_origin(struct sq_journal *j, uint32_t i,
                                          const struct sq_conn *c);

#endif
