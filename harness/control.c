/* SPDX-License-Identifier: MIT */
/* Questions from `sequent status`. Answers are made piece by piece as the one who asked takes them, so that a million
   connections or a reader that sleeps cost no more than one piece. */
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "status.h"

#define PIECE 256u /* connections told of at once */

/* Who we are outside the user namespace that we may be in, where everybody is 0: both sides of it are to find the same
   folder. user_namespaces(7), "Defining user and group ID mappings" */
static unsigned outer_user(void)
{
    unsigned user = (unsigned)geteuid(), inside, outside, n;
    FILE *map = fopen("/proc/self/uid_map", "re");

    while (map != NULL && fscanf(map, "%u %u %u", &inside, &outside, &n) == 3) {
        if (user >= inside && user - inside < n) {
            user = outside + (user - inside);
            break;
        }
    }
    if (map != NULL)
        fclose(map);
    return user;
}

bool sq_control_folder(char *path, size_t room)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int n = runtime != NULL && runtime[0] == '/'
                ? snprintf(path, room, "%s/sequent", runtime)
                : snprintf(path, room, "/tmp/sequent-%u", outer_user());

    return n > 0 && (size_t)n < room;
}

static bool fail(struct sq_control *c, const char *what)
{
    snprintf(c->error, sizeof c->error, "status socket '%s': %s. Choose another path (--control)",
             c->path, what);
    return false;
}

/* The folder is ours, or nobody's whom we would trust. */
static bool make_folder(struct sq_control *c)
{
    char folder[sizeof c->path - 16u];
    struct stat st;

    if (!sq_control_folder(folder, sizeof folder))
        return fail(c, "the name of its folder is too long");
    snprintf(c->path, sizeof c->path, "%s/%ld", folder, (long)getpid());
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return fail(c, strerror(errno));
    if (lstat(folder, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        return fail(c, "its folder belongs to somebody else");
    return true;
}

static bool at_path(struct sq_control *c, const char *path)
{
    if (path == NULL)
        return make_folder(c);
    if (strlen(path) >= sizeof c->path) {
        snprintf(c->path, sizeof c->path, "%.80s...", path);
        return fail(c, "the path is longer than 107 bytes");
    }
    snprintf(c->path, sizeof c->path, "%s", path);
    return true;
}

/* What a killed endpoint left behind goes; a socket that answers stays. */
static bool in_use(const struct sockaddr_un *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct stat st;
    bool used;

    if (fd < 0)
        return true;
    used = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno != ECONNREFUSED ||
           lstat(a->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode) || unlink(a->sun_path) != 0;
    close(fd);
    return used;
}

bool sq_control_bind(struct sq_control *c, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd, done;

    memset(c, 0, sizeof *c);
    c->source.fd = -1;
    for (uint32_t i = 0u; i < SQ_CONTROL_CLIENTS; i++)
        c->client[i].source.fd = -1;
    if (!at_path(c, path))
        return false;
    memcpy(a.sun_path, c->path, sizeof a.sun_path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    c->source.fd = fd;
    if (fd < 0)
        return fail(c, strerror(errno));
    done = bind(fd, (const struct sockaddr *)&a, sizeof a);
    if (done != 0 && errno == EADDRINUSE) {
        if (in_use(&a))
            return fail(c, "it is in use, by another endpoint or for something else");
        done = bind(fd, (const struct sockaddr *)&a, sizeof a);
    }
    if (done != 0)
        return fail(c, strerror(errno));
    c->bound = true;
    if (chmod(c->path, 0600) != 0 || listen(fd, 64) != 0)
        return fail(c, strerror(errno));
    return true;
}

static void hang_up(struct sq_control_client *k)
{
    if (k->source.fd < 0)
        return;
    (void)sq_net_watch(k->control->net, &k->source, 0u);
    close(k->source.fd);
    free(k->text);
    memset(k, 0, sizeof *k);
    k->source.fd = -1;
}

/* The next piece of the answer into `text`. False: there is none. */
static bool next_piece(struct sq_control_client *k)
{
    const struct sq_net *net = k->control->net;
    FILE *out;

    free(k->text);
    k->text = NULL;
    k->sent = k->length = 0u;
    if (k->next >= net->stack.table.size || strstr(k->question, "status") == NULL)
        return false;
    out = open_memstream(&k->text, &k->length);
    if (out == NULL)
        return false;
    k->next = sq_status_connections(&net->stack, k->next, PIECE, sq_net_now(), out);
    return fclose(out) == 0;
}

static void answer(struct sq_control_client *k)
{
    for (;;) {
        ssize_t n;

        if (k->sent == k->length && !next_piece(k)) {
            hang_up(k);
            return;
        }
        if (k->length == 0u)
            continue;
        n = send(k->source.fd, k->text + k->sent, k->length - k->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            if (!sq_net_watch(k->control->net, &k->source, EPOLLOUT))
                hang_up(k);
            return;
        }
        if (n <= 0) {
            hang_up(k);
            return;
        }
        k->sent += (size_t)n;
    }
}

static void begin_answer(struct sq_control_client *k)
{
    struct sq_stack *stack = &k->control->net->stack;
    FILE *out = open_memstream(&k->text, &k->length);

    if (out == NULL) {
        hang_up(k);
        return;
    }
    k->answering = true;
    if (strstr(k->question, "counters") != NULL) {
        stack->counters.connections_now = stack->table.used;
        sq_counters_print(&stack->counters, out);
    }
    if (strstr(k->question, "status") != NULL)
        sq_status_summary(k->control->net, sq_net_now(), out);
    if (fclose(out) != 0)
        hang_up(k);
    else
        answer(k);
}

static void on_client(struct sq_net_source *source, uint32_t events)
{
    struct sq_control_client *k = (struct sq_control_client *)source;
    ssize_t n;

    (void)events;
    if (k->answering) {
        answer(k);
        return;
    }
    n = recv(source->fd, k->question + k->asked, sizeof k->question - 1u - k->asked, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        hang_up(k);
        return;
    }
    k->asked += (size_t)n;
    k->question[k->asked] = '\0';
    if (strchr(k->question, '\n') != NULL || k->asked == sizeof k->question - 1u)
        begin_answer(k);
}

static void on_listener(struct sq_net_source *source, uint32_t events)
{
    struct sq_control *c = (struct sq_control *)source;
    int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    for (uint32_t i = 0u; fd >= 0 && i < SQ_CONTROL_CLIENTS; i++) {
        struct sq_control_client *k = &c->client[i];

        if (k->source.fd >= 0)
            continue;
        k->control = c;
        k->source = (struct sq_net_source){.fd = fd, .ready = on_client};
        if (!sq_net_watch(c->net, &k->source, EPOLLIN))
            hang_up(k);
        return;
    }
    if (fd >= 0) /* too many ask at once */
        close(fd);
}

bool sq_control_start(struct sq_control *c, struct sq_net *net)
{
    c->net = net;
    c->source.ready = on_listener;
    return sq_net_watch(net, &c->source, EPOLLIN) || fail(c, strerror(errno));
}

void sq_control_close(struct sq_control *c)
{
    for (uint32_t i = 0u; i < SQ_CONTROL_CLIENTS; i++)
        hang_up(&c->client[i]);
    if (c->source.fd >= 0)
        close(c->source.fd);
    c->source.fd = -1;
    if (c->bound)
        unlink(c->path);
    c->bound = false;
}
