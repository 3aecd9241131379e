/* SPDX-License-Identifier: MIT */
/* [FIRST:END(LENGTH)] icmp TYPE CODE [mtu N]: an ICMP error about the segment quoted. RFC 792; RFC 9293 3.9.2.2 */
#include "tests/script/script.h"

#include <string.h>

enum { UNREACHABLE = 3, TIME_EXCEEDED = 11, PARAMETER_PROBLEM = 12, FRAG_NEEDED = 4, HEADERS = 40 };

/* packetdrill's names. */
static const struct {
    const char *type, *code;
    uint32_t number[2];
} errors[] = {
    {"unreachable", "net_unreachable", {UNREACHABLE, 0u}},
    {"unreachable", "host_unreachable", {UNREACHABLE, 1u}},
    {"unreachable", "protocol_unreachable", {UNREACHABLE, 2u}},
    {"unreachable", "port_unreachable", {UNREACHABLE, 3u}},
    {"unreachable", "frag_needed", {UNREACHABLE, FRAG_NEEDED}},
    {"unreachable", "source_route_failed", {UNREACHABLE, 5u}},
    {"time_exceeded", "exceeded_hop_limit", {TIME_EXCEEDED, 0u}},
    {"parameter_problem", "", {PARAMETER_PROBLEM, 0u}},
};

bool script_is_icmp(const struct script_cursor *c)
{
    const char *at = c->at + strspn(c->at, " ");

    return at[0] == '[' || strncmp(at, "icmp", 4u) == 0;
}

/* Stands before the type, as packetdrill has it, or behind it all. */
static bool quote(struct script_cursor *c, struct script_icmp *m, bool *quoted)
{
    uint32_t len;

    if (*quoted || !script_take(c, "[")) {
        return true;
    }
    *quoted = true;
    if (!script_read_numbers(c, &m->seq, &len)) {
        return false;
    }
    if (!script_take(c, "]")) {
        script_refuse(c->script, c->number, "] is missing behind the segment quoted");
        return false;
    }
    return true;
}

static bool kind(struct script_cursor *c, struct script_icmp *m)
{
    for (size_t i = 0u; i < sizeof errors / sizeof errors[0]; i++) {
        struct script_cursor next = *c;

        if (script_take(&next, errors[i].type) &&
            (errors[i].code[0] == '\0' || script_take(&next, errors[i].code))) {
            *c = next;
            m->type = errors[i].number[0];
            m->code = errors[i].number[1];
            return true;
        }
    }
    script_refuse(c->script, c->number, "no such ICMP error: \"%s\"", c->at);
    return false;
}

bool script_read_icmp(struct script_cursor *c, struct script_icmp *m)
{
    bool quoted = false;

    if (!quote(c, m, &quoted)) {
        return false;
    }
    if (!script_take(c, "icmp")) {
        script_refuse(c->script, c->number, "an ICMP error is [FIRST:END(LENGTH)] icmp TYPE CODE");
        return false;
    }
    if (!kind(c, m) || (script_take(c, "mtu") && !script_number(c, &m->mtu)) ||
        !quote(c, m, &quoted)) {
        return false;
    }
    if (!quoted) {
        script_refuse(c->script, c->number, "an ICMP error quotes a segment: [1:1001(1000)]");
    } else if ((m->type == UNREACHABLE && m->code == FRAG_NEEDED) != (m->mtu > HEADERS)) {
        script_refuse(c->script, c->number, "mtu N, more than %d, goes with frag_needed", HEADERS);
    }
    return c->script->error[0] == '\0';
}

void script_endpoint_icmp(struct script_endpoint *e, const struct script_icmp *m)
{
    uint32_t seq = e->numbers->iss + m->seq;
    bool hard = m->type == UNREACHABLE && (m->code == 2u || m->code == 3u);

    e->believed = 0u;
    if (e->current == NULL) {
        return;
    }
    if (m->type == UNREACHABLE && m->code == FRAG_NEEDED) {
        e->believed = sq_too_big(&e->current->c, seq, m->mtu - HEADERS);
    } else {
        e->believed = sq_unreachable(&e->current->c, seq, m->type * 256u + m->code, hard ? 1u : 0u);
    }
    script_endpoint_valid(e, "an ICMP error");
    script_endpoint_poll(e);
}
