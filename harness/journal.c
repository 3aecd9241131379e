/* SPDX-License-Identifier: MIT */
/* Comments for frames, made of what the stack and the counters say. */
#include "journal.h"

#include "ethernet.h"
#include "ipv4.h"

#include <stdlib.h>
#include <string.h>

#define LOST "lost on purpose (--drop)"

bool sq_journal_open(struct sq_journal *j, FILE *trace, uint32_t blocks,
                     struct sq_counters *counters, uint64_t now)
{
    memset(j, 0, sizeof *j);
    j->trace = trace;
    j->counters = counters;
    j->capture.fd = -1;
    j->zero = now;
    j->block = calloc(blocks, sizeof *j->block);
    return j->block != NULL;
}

void sq_journal_close(struct sq_journal *j)
{
    if (j->capturing)
        sq_capture_close(&j->capture);
    j->capturing = false;
    free(j->block);
    j->block = NULL;
}

void sq_journal_note(struct sq_journal *j, enum sq_way way, const char *text)
{
    char *note = j->note[way];
    size_t n = strlen(note);

    if (j->capturing && text[0] != '\0')
        snprintf(note + n, sizeof j->note[way] - n, "%s%s", n > 0u ? "; " : "", text);
}

void sq_journal_note_state(struct sq_journal *j, enum sq_way way, uint32_t i, uint32_t state)
{
    char text[64];

    if (!j->capturing || j->block[i].shown == state)
        return;
    snprintf(text, sizeof text, "%s -> %s", sq_trace_state_name(j->block[i].shown),
             sq_trace_state_name(state));
    sq_journal_note(j, way, text);
    j->block[i].shown = state;
}

void sq_journal_begins(struct sq_journal *j, uint32_t i, uint32_t state)
{
    memset(&j->block[i], 0, sizeof j->block[i]);
    j->block[i].shown = state;
}

const struct sq_origin *sq_journal_origin(struct sq_journal *j, uint32_t i, const struct sq_conn *c)
{
    struct sq_origin *o = &j->block[i].origin;

    if (c->state > SQ_LISTEN) {
        o->ours_known = true;
        o->iss = c->send.iss;
    }
    if (c->receive.rx != SQ_RX_NONE) {
        o->theirs_known = true;
        o->irs = c->receive.irs;
    }
    return o;
}

void sq_journal_arrives(struct sq_journal *j)
{
    if (!j->capturing)
        return;
    j->before = *j->counters;
    j->note[SQ_WAY_IN][0] = '\0';
    sq_capture_begin(&j->capture);
}

void sq_journal_arrived(struct sq_journal *j, const uint8_t *frame, uint32_t n, uint64_t now)
{
    const char *why;

    if (!j->capturing)
        return;
    why = sq_counters_dropped(&j->before, j->counters);
    if (why != NULL) {
        char text[96];

        snprintf(text, sizeof text, "dropped: %s", why);
        sq_journal_note(j, SQ_WAY_IN, text);
    }
    sq_capture_in(&j->capture, frame, n, now, j->note[SQ_WAY_IN]);
    j->note[SQ_WAY_IN][0] = '\0';
}

void sq_journal_stays(struct sq_journal *j, bool kept)
{
    if (kept)
        memcpy(j->kept, j->note[SQ_WAY_OUT], sizeof j->kept);
    j->note[SQ_WAY_OUT][0] = '\0';
}

void sq_journal_leaves(struct sq_journal *j, const struct iovec *part, int parts, bool lost,
                       uint64_t now)
{
    static const uint8_t arp[2] = {SQ_ETHERNET_ARP >> 8, SQ_ETHERNET_ARP & 255u};
    const uint8_t *frame = part[0].iov_base;

    if (!j->capturing)
        return;
    /* The note is the datagram's, not that of the question for its next hop. */
    if (memcmp(frame + 12, arp, sizeof arp) == 0) {
        sq_capture_out(&j->capture, part, parts, now, lost ? "dropped: " LOST : "");
        return;
    }
    /* A segment that leaves without a word while a frame is worked on waited for that frame, an ARP reply. */
    if (j->note[SQ_WAY_OUT][0] == '\0' && j->capture.arriving && frame[23] == SQ_IPV4_TCP) {
        sq_journal_note(j, SQ_WAY_OUT, j->kept);
        j->kept[0] = '\0';
    }
    if (lost)
        sq_journal_note(j, SQ_WAY_OUT, "dropped: " LOST);
    sq_capture_out(&j->capture, part, parts, now, j->note[SQ_WAY_OUT]);
    j->note[SQ_WAY_OUT][0] = '\0';
}
