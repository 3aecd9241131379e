/* SPDX-License-Identifier: MIT */
/* The TAP device and its namespaces, by system calls alone: unshare, ioctl. */
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUEUE \
    10000 /* frames that wait for us in the kernel; its default of 500 is less than one round of 50 clients */

__attribute__((format(printf, 2, 3))) static bool fail(struct sq_tap *t, const char *format, ...)
{
    va_list a;

    va_start(a, format);
    vsnprintf(t->error, sizeof t->error, format, a);
    va_end(a);
    return false;
}

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    size_t n = strlen(text);
    bool done;

    if (fd < 0)
        return false;
    done = write(fd, text, n) == (ssize_t)n;
    close(fd);
    return done;
}

/* Root of a user namespace of our own, where the network is ours to set up; else, as root, a network namespace only. */
static bool enter(struct sq_tap *t)
{
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int why;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
        t->user_namespace = true;
        snprintf(map, sizeof map, "0 %u 1", (unsigned)uid);
        if (!put("/proc/self/uid_map", map))
            return fail(t, "cannot write /proc/self/uid_map: %s", strerror(errno));
        if (!put("/proc/self/setgroups", "deny"))
            return fail(t, "cannot write /proc/self/setgroups: %s", strerror(errno));
        snprintf(map, sizeof map, "0 %u 1", (unsigned)gid);
        if (!put("/proc/self/gid_map", map))
            return fail(t, "cannot write /proc/self/gid_map: %s", strerror(errno));
        return true;
    }
    why = errno;
    if (unshare(CLONE_NEWNET) == 0)
        return true;
    return fail(
        t,
        "no network namespace: %s. User namespaces seem to be off: run as root, or allow them "
        "(sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=1000)",
        strerror(why));
}

static bool make(struct sq_tap *t, const char *name)
{
    struct ifreq r;

    memset(&r, 0, sizeof r);
    t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (t->fd < 0)
        return fail(t,
                    "cannot open /dev/net/tun: %s. Load it (modprobe tun) and make it readable and "
                    "writable",
                    strerror(errno));
    r.ifr_flags = IFF_TAP | IFF_NO_PI;
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    if (ioctl(t->fd, TUNSETIFF, &r) < 0)
        return fail(t, "cannot make the TAP device '%s': %s. %s", name, strerror(errno),
                    errno == EBUSY ? "Another process has it: choose another name (--tap)"
                    : errno == EPERM
                        ? "Run as root, or have it made for you (ip tuntap add mode tap user ... "
                          "name ...), or leave --tap out: then it stands in a namespace of its own"
                        : "Choose another name (--tap)");
    snprintf(t->name, sizeof t->name, "%s", r.ifr_name);
    return true;
}

static void set_address(struct ifreq *r, uint32_t address)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};

    memcpy(&r->ifr_addr, &in, sizeof in);
}

/* One request about the interface; the rest of `r` is filled in. */
static bool tell(struct sq_tap *t, int s, struct ifreq *r, const char *name, unsigned long request,
                 const char *what)
{
    snprintf(r->ifr_name, sizeof r->ifr_name, "%s", name);
    if (ioctl(s, request, r) == 0)
        return true;
    return fail(t, "cannot set the %s of the interface '%s': %s", what, name, strerror(errno));
}

/* The queue's length: only over netlink may a namespace's own root set it. */
static bool lengthen(struct sq_tap *t)
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg link;
        struct rtattr attribute;
        uint32_t value;
    } m;
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        uint8_t rest[256];
    } answer;
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    bool done;

    memset(&m, 0, sizeof m);
    memset(&answer, 0, sizeof answer);
    m.head.nlmsg_len = sizeof m;
    m.head.nlmsg_type = RTM_SETLINK;
    m.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    m.link.ifi_index = (int)if_nametoindex(t->name);
    m.attribute.rta_len = sizeof m.attribute + sizeof m.value;
    m.attribute.rta_type = IFLA_TXQLEN;
    m.value = QUEUE;
    done = s >= 0 && send(s, &m, sizeof m, 0) == (ssize_t)sizeof m &&
           recv(s, &answer, sizeof answer, 0) > 0 && answer.head.nlmsg_type == NLMSG_ERROR;
    if (done && answer.error.error != 0) {
        errno = -answer.error.error;
        done = false;
    }
    if (s >= 0)
        close(s);
    return done || fail(t, "cannot set the queue length of the interface '%s': %s", t->name,
                        strerror(errno));
}

static bool up(struct sq_tap *t, int s, const char *name)
{
    struct ifreq r;

    memset(&r, 0, sizeof r);
    r.ifr_flags = IFF_UP | IFF_RUNNING;
    return tell(t, s, &r, name, SIOCSIFFLAGS, "state");
}

static bool configure(struct sq_tap *t, int s, uint32_t kernel, uint32_t prefix, uint32_t mtu)
{
    struct ifreq r;

    memset(&r, 0, sizeof r);
    r.ifr_mtu = (int)mtu;
    if (!tell(t, s, &r, t->name, SIOCSIFMTU, "MTU"))
        return false;
    if (!lengthen(t))
        return false;
    memset(&r, 0, sizeof r);
    set_address(&r, kernel);
    if (!tell(t, s, &r, t->name, SIOCSIFADDR, "address"))
        return false;
    memset(&r, 0, sizeof r);
    set_address(&r, UINT32_MAX << (32u - prefix));
    return tell(t, s, &r, t->name, SIOCSIFNETMASK, "network mask") && up(t, s, t->name) &&
           (t->here || up(t, s, "lo"));
}

/* Whether another interface here is in the network that ours is to have. */
static bool taken(struct sq_tap *t, const struct sq_tap_options *set)
{
    uint32_t size = 1u << (32u - set->prefix);
    struct ifaddrs *all;
    bool found = false;

    if (getifaddrs(&all) != 0)
        return false;
    for (const struct ifaddrs *a = all; a != NULL && !found; a = a->ifa_next) {
        struct sockaddr_in in;
        char text[INET_ADDRSTRLEN];

        if (a->ifa_addr == NULL || a->ifa_addr->sa_family != AF_INET ||
            strcmp(a->ifa_name, set->name) == 0)
            continue;
        memcpy(&in, a->ifa_addr, sizeof in);
        found = ntohl(in.sin_addr.s_addr) / size == set->kernel / size;
        if (found)
            (void)fail(t,
                       "the network of --address is in use: the interface '%s' has %s in it. "
                       "Choose --address and --peer from another network",
                       a->ifa_name, inet_ntop(AF_INET, &in.sin_addr, text, sizeof text));
    }
    freeifaddrs(all);
    return found;
}

bool sq_tap_open(struct sq_tap *t, const struct sq_tap_options *set)
{
    bool done;
    int s;

    memset(t, 0, sizeof *t);
    t->fd = -1;
    t->here = set->here;
    if (!set->here && !enter(t))
        return false;
    if (if_nametoindex(set->name) != 0u)
        return make(t, set->name);
    if (taken(t, set) || !make(t, set->name))
        return false;
    s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return fail(t, "no socket to set up the interface: %s", strerror(errno));
    done = configure(t, s, set->kernel, set->prefix, set->mtu);
    close(s);
    return done;
}

void sq_tap_close(struct sq_tap *t)
{
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
}

uint32_t sq_tap_read(struct sq_tap *t, uint8_t *frame, uint32_t room)
{
    ssize_t n = read(t->fd, frame, room);

    if (n < 0 && errno == EBADFD)
        t->gone = true;
    return n > 0 ? (uint32_t)n : 0u;
}

bool sq_tap_write(void *tap, const struct iovec *part, int parts)
{
    struct sq_tap *t = tap;

    return writev(t->fd, part, parts) > 0;
}
