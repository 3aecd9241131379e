/* SPDX-License-Identifier: MIT */
/* Addresses beside the first, and the ports of active opens. */
#include "options_ip.h"

#include <stdlib.h>

#include "value.h"

void sq_options_also(struct sq_options *o, const char *text)
{
    uint32_t *also = o->net.stack.wire.also;
    uint32_t i = 0u;

    while (i < SQ_WIRE_ALSO && also[i] != 0u)
        i++;
    if (i == SQ_WIRE_ALSO)
        sq_usage("--also '%s': expected at most %u further addresses", text, SQ_WIRE_ALSO);
    also[i] = sq_value_address("also", text);
    if (also[i] == 0u)
        sq_usage("--also '%s': expected the address of a host", text);
}

bool sq_options_own(const struct sq_options *o, uint32_t address)
{
    const struct sq_wire_options *w = &o->net.stack.wire;
    bool own = address == w->address;

    for (uint32_t i = 0u; i < SQ_WIRE_ALSO; i++)
        own = own || (address == w->also[i] && address != 0u);
    return own;
}

void sq_options_check_also(const struct sq_options *o)
{
    const struct sq_wire_options *w = &o->net.stack.wire;
    uint32_t size = 1u << (32u - w->prefix);

    for (uint32_t i = 0u; i < SQ_WIRE_ALSO && w->also[i] != 0u; i++) {
        uint32_t a = w->also[i];
        bool again = a == w->address || a == o->net.peer;

        for (uint32_t k = 0u; k < i; k++)
            again = again || w->also[k] == a;
        if (again || a / size != w->address / size || a % size == 0u || a % size == size - 1u)
            sq_usage(
                "--also %u.%u.%u.%u: expected another host's address in the network of --address",
                a >> 24, a >> 16 & 255u, a >> 8 & 255u, a & 255u);
    }
}

void sq_options_ports(struct sq_options *o, const char *text)
{
    struct sq_stack_options *s = &o->net.stack;
    char *end;
    unsigned long low = strtoul(text, &end, 10), high = 0u;
    bool good = text[0] >= '0' && text[0] <= '9' && end[0] == '-' && end[1] >= '0' && end[1] <= '9';

    if (good)
        high = strtoul(end + 1, &end, 10);
    if (!good || *end != '\0' || low == 0u || low > high || high > 65535u)
        sq_usage("--ports '%s': expected two numbers, 1..65535, such as 49152-65535", text);
    s->first_port = (uint32_t)low;
    s->last_port = (uint32_t)high;
}
