/* SPDX-License-Identifier: MIT */
/* Everything of a pair drawn from its seed: network, rings, numbers, settings, plans. */
#include "harness/sim_user.h"

static uint32_t one_of(struct sim *s, const uint32_t *values, uint32_t n)
{
    return values[sim_below(s, n)];
}

#define ONE_OF(s, array) one_of(s, array, (uint32_t)(sizeof(array) / sizeof(array)[0]))

static void draw_link(struct sim *s, struct sim_link *l)
{
    static const uint32_t delays[] = {0u, 1u, 500u, 5000u, 20000u, 100000u, 300000u};
    static const uint32_t losses[] = {0u, 0u, 10u, 50u, 100u, 200u, 300u};
    static const uint32_t shares[] = {0u, 0u, 10u, 50u, 200u};
    static const uint32_t rates[] = {0u, 0u, 0u, 20000u, 100000u, 1000000u};

    l->delay = ONE_OF(s, delays);
    l->jitter = sim_below(s, 2u) == 0u ? 0u : sim_below(s, l->delay + 1000u);
    l->loss = ONE_OF(s, losses);
    l->duplicate = ONE_OF(s, shares);
    l->reorder = ONE_OF(s, shares);
    l->corrupt = ONE_OF(s, shares);
    l->rate = ONE_OF(s, rates);
    l->queue = 3000u + sim_below(s, 20000u);
}

static void draw_end(struct sim *s, uint32_t i)
{
    static const uint32_t rings[] = {1u,    2u,    3u,    47u,   97u,    536u,   1000u,
                                     1460u, 2921u, 4096u, 9999u, 16384u, 65535u, 70001u};
    static const uint32_t numbers[] = {0u,          1u,          0xffffffffu,
                                       0xfffffffeu, 0xffffff00u, 0x7fffffffu,
                                       0x7ffffff0u, 0x80000000u, 0x12345678u};
    static const uint32_t sizes[] = {48u, 100u, 536u, 1000u, 1460u, 8960u};
    static const uint32_t tops[] = {2000000u, 8000000u, 60000000u};
    struct sim_end *e = &s->end[i];
    uint32_t send = ONE_OF(s, rings), receive = ONE_OF(s, rings);

    sim_rings(s, i, send, receive);
    e->iss =
        sim_below(s, 4u) == 0u ? (uint32_t)sim_draw(s) : ONE_OF(s, numbers) - sim_below(s, 2000u);
    e->offset = sim_below(s, 2u) == 0u ? 0u : sim_draw(s) % (SQ_TIME_MAX / 2u);
    e->limit = sim_below(s, 4u) == 0u ? 20u + sim_below(s, 300u) : SQ_TEXT_MAX;
    e->settings.mss = ONE_OF(s, sizes);
    e->settings.nodelay = sim_below(s, 2u);
    e->settings.initial_window = 1u + sim_below(s, 10u);
    e->settings.rto_max = ONE_OF(s, tops);
    e->settings.rto_after_syn = e->settings.rto_max < 3000000u ? 2000000u : 3000000u;
    e->settings.rto_min = sim_below(s, 2u) == 0u ? 200000u : 1000u;
    e->settings.tw_ignore_rst = sim_below(s, 4u) > 0u;
}

static void draw_plan(struct sim *s, struct sim_plan *plan, const struct sim_end *me,
                      const struct sim_end *peer)
{
    /* Small rings mean many segments; the stream is as long as is worth waiting for. */
    uint32_t narrow =
        me->send_capacity < peer->receive_capacity ? me->send_capacity : peer->receive_capacity;
    uint32_t most = narrow < 100u ? 30u * narrow : 20000u;

    plan->total = sim_below(s, 8u) == 0u ? 0u : sim_below(s, most + 1u);
    plan->write = 1u + sim_below(s, 3000u);
    plan->gap = sim_below(s, 2u) == 0u ? 0u : sim_below(s, 200000u);
    plan->read = 1u + sim_below(s, 3000u);
    plan->rest = sim_below(s, 2u) == 0u ? 0u : sim_below(s, 200000u);
    plan->stop_at = sim_below(s, 2u) == 0u ? SQ_NEVER : sim_below(s, most + 1u);
    plan->stop_for = sim_draw(s) % 30000000u;
    plan->closing = sim_below(s, 3u);
    plan->close_at = sim_draw(s) % 3000000u;
}

void sim_pair_draw(struct sim_pair *p, uint64_t seed)
{
    struct sim *s = &p->sim;

    sim_pair_begin(p, seed);
    for (uint32_t i = 0u; i < 2u; i++) {
        draw_link(s, &s->link[i]);
        draw_end(s, i);
    }
    for (uint32_t i = 0u; i < 2u; i++) {
        draw_plan(s, &p->user[i].plan, &s->end[i], &s->end[1u - i]);
    }
    /* Two that wait for each other's FIN would wait for ever. */
    if (p->user[0].plan.closing == SIM_CLOSE_PEER && p->user[1].plan.closing == SIM_CLOSE_PEER) {
        p->user[sim_below(s, 2u)].plan.closing = SIM_CLOSE_SENT;
    }
    if (sim_below(s, 16u) == 0u) {
        p->user[sim_below(s, 2u)].plan.abort_at = sim_draw(s) % 10000000u;
    }
}
