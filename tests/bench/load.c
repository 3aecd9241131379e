/* SPDX-License-Identifier: MIT */
/* The client of `make bench`: the kernel's sockets, the same for every stack that it measures.
   usage: load in|out|open|trip ADDRESS PORT AMOUNT; prints one figure.
   in: AMOUNT milliseconds of text to discard, until the end is acknowledged; megabytes a second.
   out: AMOUNT milliseconds of text from chargen; megabytes a second.
   open: AMOUNT connections by WORKERS clients, each with one byte to echo and back, closed in order; connections a second.
   trip: AMOUNT round trips of one byte to echo and back, one at a time; their median, microseconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 65536, WORKERS = 4 };

static struct sockaddr_in server;
static uint8_t block[BLOCK];

__attribute__((format(printf, 1, 2), noreturn)) static void stop(const char *format, ...)
{
    va_list a;

    va_start(a, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, a);
    fputc('\n', stderr);
    va_end(a);
    exit(1);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int client(void)
{
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (s < 0 || connect(s, (const struct sockaddr *)&server, sizeof server) != 0)
        stop("no connection to %s: %s", inet_ntoa(server.sin_addr), strerror(errno));
    (void)setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return s;
}

static void trip(int s)
{
    if (send(s, block, 1, 0) != 1 || recv(s, block, 1, 0) != 1)
        stop("echo said nothing: %s", strerror(errno));
}

/* Our end, then the peer's. */
static void end(int s)
{
    ssize_t n = shutdown(s, SHUT_WR);

    while (n >= 0 && (n = recv(s, block, sizeof block, 0)) > 0) {
    }
    if (n < 0)
        stop("the connection did not end in order: %s", strerror(errno));
    close(s);
}

static double in(long milliseconds)
{
    int s = client();
    double began = seconds(), until = began + (double)milliseconds / 1e3, bytes = 0.0;

    while (seconds() < until) {
        ssize_t n = send(s, block, sizeof block, 0);

        if (n <= 0)
            stop("sending: %s", strerror(errno));
        bytes += (double)n;
    }
    end(s);
    return bytes / (seconds() - began) / 1e6;
}

static double out(long milliseconds)
{
    int s = client();
    double began = seconds(), until = began + (double)milliseconds / 1e3, bytes = 0.0;

    while (seconds() < until) {
        ssize_t n = recv(s, block, sizeof block, 0);

        if (n <= 0)
            stop("receiving: %s", n == 0 ? "chargen came to an end" : strerror(errno));
        bytes += (double)n;
    }
    until = seconds();
    close(s);
    return bytes / (until - began) / 1e6;
}

static void some_connections(long n)
{
    for (long i = 0; i < n; i++) {
        int s = client();

        trip(s);
        end(s);
    }
}

static double connections(long n)
{
    double began = seconds();
    int status, failed = 0;

    for (int i = 0; i < WORKERS; i++) {
        pid_t pid = fork();

        if (pid < 0)
            stop("fork: %s", strerror(errno));
        if (pid == 0) {
            some_connections(n / WORKERS);
            _exit(0);
        }
    }
    while (wait(&status) > 0)
        failed |= status;
    if (failed != 0)
        exit(1);
    return (double)(n / WORKERS * WORKERS) / (seconds() - began);
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double trips(long n)
{
    int s = client();
    double *each = calloc((size_t)n, sizeof *each), median;

    if (each == NULL)
        stop("no memory for %ld round trips", n);
    for (long i = 0; i < n; i++) {
        double began = seconds();

        trip(s);
        each[i] = (seconds() - began) * 1e6;
    }
    end(s);
    qsort(each, (size_t)n, sizeof *each, by_size);
    median = each[n / 2];
    free(each);
    return median;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        double (*run)(long amount);
    } mode[] = {{"in", in}, {"out", out}, {"open", connections}, {"trip", trips}};
    long port = argc == 5 ? strtol(argv[3], NULL, 10) : 0;
    long amount = argc == 5 ? strtol(argv[4], NULL, 10) : 0;

    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)port);
    if (port < 1 || port > 65535 || amount < WORKERS || amount > 10000000 ||
        inet_pton(AF_INET, argv[2], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: load in|out|open|trip ADDRESS PORT AMOUNT (4..10000000)\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof mode / sizeof mode[0]; i++) {
        if (strcmp(argv[1], mode[i].name) == 0) {
            printf("%.2f\n", mode[i].run(amount));
            return 0;
        }
    }
    fprintf(stderr, "load: no mode '%s': in, out, open or trip\n", argv[1]);
    return 2;
}
