/* SPDX-License-Identifier: MIT */
/* The sockets of the endpoint under test, and the rings beside their connections. */
#include "tests/script/script.h"

#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("script: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

struct script_socket *script_socket_new(struct script_endpoint *e, int32_t fd)
{
    for (uint32_t i = 0u; i < SCRIPT_SOCKETS; i++) {
        struct script_socket *k = &e->socket[i];

        if (k->use == SCRIPT_FREE) {
            memset(k, 0, sizeof *k);
            k->use = SCRIPT_FRESH;
            k->fd = fd;
            k->settings = e->settings;
            k->send_ring = e->send_ring;
            k->receive_ring = e->receive_ring;
            sq_init(&k->c);
            return k;
        }
    }
    return NULL;
}

struct script_socket *script_socket_find(struct script_endpoint *e, int32_t fd)
{
    for (uint32_t i = 0u; i < SCRIPT_SOCKETS; i++) {
        if (e->socket[i].use != SCRIPT_FREE && e->socket[i].fd == fd) {
            return &e->socket[i];
        }
    }
    return NULL;
}

void script_socket_free(struct script_socket *k)
{
    free(k->send_memory);
    free(k->receive_memory);
    memset(k, 0, sizeof *k);
}

bool script_socket_rings(struct script_socket *k)
{
    if (k->send_ring < 1u || k->send_ring > SQ_WINDOW_MAX || k->receive_ring < 1u ||
        k->receive_ring > SQ_WINDOW_MAX) {
        return false;
    }
    k->send_memory = must(calloc(1u, k->send_ring));
    k->receive_memory = must(calloc(1u, k->receive_ring));
    return true;
}

/* A block in LISTEN takes the next SYN; accept gives it its number. */
void script_listener_wait(struct script_endpoint *e, const struct script_socket *listener)
{
    struct script_socket *k = script_socket_new(e, -1);

    if (k == NULL) {
        script_fault(e, "more than %u sockets", SCRIPT_SOCKETS);
        return;
    }
    k->use = SCRIPT_CONNECTION;
    k->settings = listener->settings;
    k->send_ring = listener->send_ring;
    k->receive_ring = listener->receive_ring;
    if (!script_socket_rings(k) ||
        sq_open_passive(&k->c, &k->settings, k->send_ring, k->receive_ring) != SQ_OK) {
        script_fault(e, "the settings or a ring's size are out of their range");
    }
    e->current = k;
}
