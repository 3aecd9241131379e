/* SPDX-License-Identifier: MIT */
/* sequent status: asks a running endpoint through its status socket. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "commands.h"
#include "control.h"
#include "value.h"

enum { COUNTERS = 256, ALL, WATCH, HELP };

struct command {
    const char *question;
    uint32_t watch; /* seconds between two looks; 0: once */
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

void sq_help_status(FILE *out)
{
    fputs(
        "status: what a running endpoint holds: sums, then each connection as `ss -tino` shows it "
        "(state,\n"
        "queues, timers, rtt, rto, windows; times in milliseconds but for timers)\n"
        "  --counters         what happened so far, `name value` lines, instead; --all: both\n"
        "  --watch[=N]        again every N seconds (1), until Ctrl-C\n"
        "  PID or PATH        which endpoint, where several run\n",
        out);
}

/* Whether an endpoint answers there; what a killed one left behind is removed. */
static int reach(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), why;

    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return -1;
}

/* The only endpoint of this user that answers. */
static void find(struct command *c, const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    char others[512] = "";
    uint32_t n = 0u;

    while (d != NULL && (e = readdir(d)) != NULL) {
        char path[sizeof c->path];
        int fd;

        if (e->d_name[0] == '.' ||
            (size_t)snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= sizeof path)
            continue;
        fd = reach(path);
        if (fd < 0) {
            if (errno == ECONNREFUSED)
                unlink(path);
            continue;
        }
        close(fd);
        n++;
        memcpy(c->path, path, sizeof path);
        if (strlen(others) + strlen(e->d_name) + 2u < sizeof others)
            strcat(strcat(others, " "), e->d_name);
    }
    if (d != NULL)
        closedir(d);
    if (n == 0u) {
        fprintf(stderr,
                "sequent: no endpoint runs (none answers in '%s'); start one: sequent serve\n",
                folder);
        exit(1);
    }
    if (n > 1u) {
        fprintf(stderr, "sequent: %u endpoints run; say which:%s\n", n, others);
        exit(2);
    }
}

static void which(struct command *c, const char *text)
{
    char folder[sizeof c->path - 16u];

    if (!sq_control_folder(folder, sizeof folder))
        sq_usage("XDG_RUNTIME_DIR is too long a path");
    if (text == NULL)
        find(c, folder);
    else if (strchr(text, '/') != NULL)
        snprintf(c->path, sizeof c->path, "%s", text);
    else
        snprintf(c->path, sizeof c->path, "%s/%u", folder,
                 sq_value_number("PID", text, 1u, UINT32_MAX));
}

/* Copies one answer to standard output. */
static bool look(const struct command *c)
{
    char text[65536];
    int fd = reach(c->path);
    ssize_t n = 0;

    if (fd < 0 || send(fd, c->question, strlen(c->question), MSG_NOSIGNAL) < 0) {
        fprintf(stderr, "sequent: '%s': %s; expected the status socket of a running endpoint\n",
                c->path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    while ((n = recv(fd, text, sizeof text, 0)) > 0) {
        if (fwrite(text, 1u, (size_t)n, stdout) != (size_t)n)
            break;
    }
    close(fd);
    return fflush(stdout) == 0 && n == 0;
}

int sq_command_status(int argc, char **argv)
{
    static const struct option known[] = {
        {"counters", no_argument, NULL, COUNTERS},
        {"all", no_argument, NULL, ALL},
        {"watch", optional_argument, NULL, WATCH},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    struct command c = {.question = "status\n"};
    int k;

    opterr = 0;
    while ((k = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        if (k == COUNTERS) {
            c.question = "counters\n";
        } else if (k == ALL) {
            c.question = "counters status\n";
        } else if (k == WATCH) {
            c.watch = optarg == NULL ? 1u : sq_value_number("watch", optarg, 1u, 86400u);
        } else if (k == HELP) {
            fputs("Usage: sequent status [OPTION...] [PID|PATH]\n\n", stdout);
            sq_help_status(stdout);
            return 0;
        } else {
            sq_usage("no option '%s'", argv[optind - 1]);
        }
    }
    if (argc - optind > 1)
        sq_usage("'%s' is one argument too many", argv[optind + 1]);
    which(&c, argv[optind]);
    if (c.watch == 0u)
        return look(&c) ? 0 : 1;
    for (;;) {
        if (isatty(STDOUT_FILENO) == 1)
            fputs("\033[H\033[2J", stdout);
        if (!look(&c))
            return 1;
        sleep(c.watch);
    }
}
