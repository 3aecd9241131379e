/* SPDX-License-Identifier: MIT */
/* The program `sequent`. Exit status: 0 done, 1 failed, 2 called in a wrong way; `connect` has more. */
#include <string.h>

#include "commands.h"
#include "options.h"
#include "value.h"

static void help(FILE *out)
{
    fputs("Usage: sequent serve SERVICE... [OPTION...]\n"
          "       sequent connect [OPTION...] HOST PORT\n"
          "       sequent status [OPTION...] [PID|PATH]\n"
          "       sequent COMMAND --help\n"
          "       sequent --help | --version\n"
          "\n",
          out);
    sq_help_serve(out);
    fputc('\n', out);
    sq_help_connect(out);
    fputc('\n', out);
    sq_help_status(out);
    fputc('\n', out);
    fputs(sq_options_help, out);
    fputs(
        "\n"
        "Signals: SIGUSR1 prints the counters, one `name value` a line. SIGINT, SIGTERM and SIGHUP "
        "reset what\n"
        "is open, remove the device and end the program; a second SIGINT ends it at once.\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage.\n",
        out);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } command[] = {{"serve", sq_command_serve},
                   {"connect", sq_command_connect},
                   {"status", sq_command_status}};

    setvbuf(stderr, NULL, _IOLBF, 0);
    if (argc < 2)
        sq_usage("expected a command: serve, connect or status");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("sequent " SQ_VERSION);
        return 0;
    }
    for (size_t i = 0u; i < sizeof command / sizeof command[0]; i++) {
        if (strcmp(argv[1], command[i].name) == 0)
            return command[i].run(argc - 1, argv + 1);
    }
    sq_usage("no command '%s': expected serve, connect or status", argv[1]);
}
