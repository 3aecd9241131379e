/* SPDX-License-Identifier: MIT */
/* The commands of the program. argv[0] is the command's name; the result is the program's exit status. */
#ifndef SQ_COMMANDS_H
#define SQ_COMMANDS_H

#include <stdio.h>

int sq_command_serve(int argc, char **argv);
int sq_command_connect(int argc, char **argv);
int sq_command_status(int argc, char **argv);

/* What the command is called with. */
void sq_help_serve(FILE *out);
void sq_help_connect(FILE *out);
void sq_help_status(FILE *out);

#endif
