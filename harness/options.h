/* SPDX-License-Identifier: MIT */
/* The options that all commands with an endpoint share. A wrong one ends the program, as in value.h. */
#ifndef SQ_OPTIONS_H
#define SQ_OPTIONS_H

#include <getopt.h>

#include "net.h"

struct sq_options {
    struct sq_net_options net;
    const char *control; /* path of the status socket; NULL: the usual one */
    bool seeded;
    uint64_t seed;
    bool lossy; /* --drop */
};

/* Whether it is one of --address and --also. */
bool sq_options_own(const struct sq_options *o, uint32_t address);

/* What holds without an option. */
void sq_options_defaults(struct sq_options *o);
/* Reads the options of a command. own: those beside the shared ones, NULL: none, ended by an entry without a name; take
   is told of each with its val (1000 or more) and value. Returns the index of the first argument that is no option. */
int sq_options_read(struct sq_options *o, int argc, char **argv, const struct option *own,
                    void (*take)(void *to, int option, const char *value), void *to);
/* What one option alone cannot say; then the secrets, from the seed or from the system. */
void sq_options_settle(struct sq_options *o);

/* The shared options, for --help. */
extern const char sq_options_help[];

#endif
