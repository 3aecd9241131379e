/* SPDX-License-Identifier: MIT */
/* The values of --also and --ports; options.c has the rest. */
#ifndef SQ_OPTIONS_IP_H
#define SQ_OPTIONS_IP_H

#include "options.h"

void sq_options_also(struct sq_options *o, const char *text);
void sq_options_ports(struct sq_options *o, const char *text);
/* Each --also is a host of --address's network and there only once. */
void sq_options_check_also(const struct sq_options *o);

#endif
