/* SPDX-License-Identifier: MIT */
#include "spec/model/raw.h"

#include <stddef.h>
#include <string.h>

void raw_begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    for (uint32_t i = 0u; i < model.ends; i++) {
        end_begin(&w->end[i], i);
    }
    w->loss = model.loss;
    w->dup = model.dup;
    w->forge = model.forges;
}

static void ends_of(const struct world *w, const struct end *e[ENDS])
{
    for (uint32_t i = 0u; i < ENDS; i++) {
        e[i] = i < WORLD_ENDS ? &w->end[i] : NULL;
    }
}

static bool touches(const struct world *w, uint32_t i)
{
    for (uint32_t k = 0u; k < w->n; k++) {
        if (w->net[k].from == i || w->net[k].to == i) {
            return true;
        }
    }
    return false;
}

static bool slot_enabled(const struct world *w, uint32_t slot, uint32_t what)
{
    const struct seg *s = &w->net[slot];

    if (slot >= w->n || (slot > 0u && memcmp(s, s - 1, sizeof *s) == 0)) {
        return false;
    }
    return what == EV_DELIVER || (what == EV_TWICE && w->dup > 0u) ||
           (what == EV_LOSE && w->loss > 0u &&
            ((uint32_t)model.lose[s->from] >> seg_kind(s) & 1u) != 0u);
}

static bool timer_enabled(const struct world *w, uint32_t i, uint32_t timer)
{
    const struct end *e[ENDS];

    if (i >= model.ends || (end_timers(&w->end[i]) & 1u << timer) == 0u) {
        return false;
    }
    ends_of(w, e);
    return world_lets_fire(e, i, timer, touches(w, i));
}

bool raw_enabled(const struct world *w, uint32_t event)
{
    if (event < RAW_TIMER) {
        return slot_enabled(w, event / 3u, event % 3u);
    }
    if (event < RAW_STEP) {
        return timer_enabled(w, (event - RAW_TIMER) / RAW_TIMERS, (event - RAW_TIMER) % RAW_TIMERS);
    }
    if (event < RAW_FORGE) {
        return event - RAW_STEP < model.ends &&
               end_may_step(&w->end[event - RAW_STEP], event - RAW_STEP);
    }
    return event - RAW_FORGE < model.forgeries && w->forge > 0u &&
           forge_possible(event - RAW_FORGE, &w->end[model.forgery[event - RAW_FORGE].to]);
}

/* ---- the bag, sorted by bytes ---- */

static void spend(uint8_t *budget)
{
    *budget = (uint8_t)(*budget - (*budget == MODEL_ANY ? 0u : 1u));
}

static void take_out(struct world *w, uint32_t slot)
{
    memmove(&w->net[slot], &w->net[slot + 1u], (size_t)(w->n - slot - 1u) * sizeof *w->net);
    w->n--;
    memset(&w->net[w->n], 0, sizeof *w->net);
}

static bool put_in(struct world *w, const struct seg *s, uint32_t room)
{
    uint32_t k = 0u;

    if (w->n >= room) {
        if (w->loss == 0u || ((uint32_t)model.lose[s->from] >> seg_kind(s) & 1u) == 0u) {
            return false;
        }
        spend(&w->loss);
        return true;
    }
    while (k < w->n && memcmp(&w->net[k], s, sizeof *s) < 0) {
        k++;
    }
    memmove(&w->net[k + 1u], &w->net[k], (size_t)(w->n - k) * sizeof *w->net);
    w->net[k] = *s;
    w->n++;
    return true;
}

static bool send_all(struct world *w, const struct effect *f, bool deliver, enum bad *to)
{
    uint8_t bad = (model.checks >> f->bad & 1u) != 0u ? f->bad : (uint8_t)BAD_NONE;
    uint32_t room = world_room(deliver, w->n, f->n);

    for (uint32_t k = 0u; k < f->n; k++) {
        const struct seg *s = &f->out[k];

        if (bad == BAD_NONE && s->to < model.ends) {
            bad = (uint8_t)check_text(s, &w->end[s->from], &w->end[s->to]);
        }
        if (!put_in(w, s, room) && bad == BAD_NONE) {
            return false;
        }
    }
    *to = (enum bad)bad;
    return true;
}

static bool slot_event(struct world *w, uint32_t slot, uint32_t what, struct effect *f)
{
    struct seg s = w->net[slot];

    if (what == EV_TWICE) {
        spend(&w->dup);
    } else {
        take_out(w, slot);
    }
    if (what == EV_LOSE) {
        spend(&w->loss);
        return false;
    }
    end_deliver(&w->end[s.to], s.to, &s, f);
    return true;
}

bool raw_apply(struct world *w, uint32_t event, enum bad *bad)
{
    struct effect f;

    *bad = BAD_NONE;

    if (event < RAW_TIMER) {
        if (!slot_event(w, event / 3u, event % 3u, &f)) {
            return true;
        }
    } else if (event < RAW_STEP) {
        uint32_t i = (event - RAW_TIMER) / RAW_TIMERS;

        end_timer(&w->end[i], i, (event - RAW_TIMER) % RAW_TIMERS, &f);
    } else if (event < RAW_FORGE) {
        end_step(&w->end[event - RAW_STEP], event - RAW_STEP, &f);
    } else {
        const struct seg *s = &model.forgery[event - RAW_FORGE];

        spend(&w->forge);
        end_deliver(&w->end[s->to], s->to, s, &f);
    }
    return send_all(w, &f, event < RAW_TIMER && event % 3u == EV_DELIVER, bad);
}

enum bad raw_look(const struct world *w)
{
    const struct end *e[ENDS];

    ends_of(w, e);
    return check_pair(e);
}

bool raw_wanted(const struct world *was, const struct world *w)
{
    const struct end *before[ENDS], *e[ENDS];

    ends_of(was, before);
    ends_of(w, e);
    return check_wanted(before, e);
}

bool raw_done(const struct world *w)
{
    for (uint32_t i = 0u; i < model.ends; i++) {
        if (!end_ended(&w->end[i], i)) {
            return false;
        }
    }
    return true;
}
