/* SPDX-License-Identifier: MIT */
/* Requests in, files out. RFC 9110 9.3.1, 9.3.2, 15; RFC 9112 3, 6, 9 */
#include "http.h"

#include <errno.h>
#include <fcntl.h>
#include <http_parser.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define URL_MAX 4096u     /* bytes of a request target; a longer one is answered by 414 */
#define HEADER_MAX 16384u /* bytes of a request's header; a longer one is answered by 431 */
#define IDLE_SECONDS 60u  /* without progress, then the connection ends */
#define LINGER_SECONDS 5u /* for the peer to close once it has our last answer. RFC 9112 9.6 */
#define CHUNK 16384u      /* room worth a read from the disk, unless less is left */

enum phase { FREE, READING, ANSWERING, LINGERING };

struct client {
    struct sq_http *http;
    struct client *next; /* free */
    sq_socket socket;
    http_parser parser;
    enum phase phase;
    uint64_t deadline; /* seconds */
    bool complete, host, url_long, last, body;
    uint32_t url_length, name_length;
    uint32_t head_length, head_sent;
    uint32_t
        unconfirmed; /* bytes of our last answer that the peer did not have yet when last looked */
    int file;        /* -1: none */
    uint64_t at, left;
    char name[5]; /* of the header field at hand, as far as "host" needs */
    char url[URL_MAX + 1u];
    char head[URL_MAX + 1024u];
};

struct sq_http {
    struct sq_net *net;
    sq_socket listener;
    int directory;
    uint64_t now; /* seconds */
    uint32_t clients;
    struct client *client, *free;
    http_parser_settings settings;
};

/* ---- what the parser tells ---- */

static int on_url(http_parser *p, const char *text, size_t n)
{
    struct client *c = p->data;

    if (n > URL_MAX - c->url_length) {
        c->url_long = true;
        return 0;
    }
    memcpy(c->url + c->url_length, text, n);
    c->url_length += (uint32_t)n;
    return 0;
}

static int on_field(http_parser *p, const char *text, size_t n)
{
    struct client *c = p->data;

    for (size_t i = 0u; i < n && c->name_length < sizeof c->name; i++)
        c->name[c->name_length++] = text[i];
    return 0;
}

static int on_value(http_parser *p, const char *text, size_t n)
{
    struct client *c = p->data;

    (void)text;
    (void)n;
    if (c->name_length == 4u && strncasecmp(c->name, "host", 4u) == 0)
        c->host = true;
    c->name_length = 0u;
    return 0;
}

static int on_complete(http_parser *p)
{
    struct client *c = p->data;

    c->complete = true;
    http_parser_pause(p, 1);
    return 0;
}

/* ---- files ---- */

/* Without openat2 (Linux before 5.6): step by step, through no symbolic link and never upwards. */
static int walk(int directory, const char *path)
{
    int at = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (at >= 0 && *path != '\0') {
        char name[256];
        size_t n = strcspn(path, "/");
        int next;

        if (n >= sizeof name || (n == 2u && path[0] == '.' && path[1] == '.')) {
            close(at);
            errno = ENOENT;
            return -1;
        }
        memcpy(name, path, n);
        name[n] = '\0';
        path += n + strspn(path + n, "/");
        if (n == 0u || strcmp(name, ".") == 0)
            continue;
        next = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        close(at);
        at = next;
    }
    return at;
}

/* Opens a path that stays beneath the directory, symbolic links included. */
static int open_beneath(int directory, const char *path)
{
    struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long fd;

    if (*path == '\0')
        path = ".";
    fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return walk(directory, path);
    return (int)fd;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* RFC 3986 2.1. False: not an encoding, or of a zero byte. */
static bool decode(char *to, const char *from, size_t n)
{
    for (size_t i = 0u; i < n; i++) {
        if (from[i] == '%') {
            int high = i + 1u < n ? digit(from[i + 1u]) : -1,
                low = i + 2u < n ? digit(from[i + 2u]) : -1;

            if (high < 0 || low < 0 || high + low == 0)
                return false;
            *to++ = (char)(high * 16 + low);
            i += 2u;
        } else {
            *to++ = from[i];
        }
    }
    *to = '\0';
    return true;
}

static const char *type_of(const char *path)
{
    static const char *const type[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"htm", "text/html; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/markdown; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"xml", "application/xml"},
        {"csv", "text/csv; charset=utf-8"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"ico", "image/vnd.microsoft.icon"},
        {"pdf", "application/pdf"},
        {"wasm", "application/wasm"},
        {"woff2", "font/woff2"},
        {"mp4", "video/mp4"},
        {"mp3", "audio/mpeg"},
        {"gz", "application/gzip"},
        {"zip", "application/zip"},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0u; dot != NULL && i < sizeof type / sizeof type[0]; i++) {
        if (strcasecmp(dot + 1, type[i][0]) == 0)
            return type[i][1];
    }
    return "application/octet-stream";
}

/* ---- answers ---- */

static void count(struct sq_counters *c, unsigned status)
{
    switch (status) {
    case 200u:
        c->http_200++;
        break;
    case 301u:
        c->http_301++;
        break;
    case 400u:
        c->http_400++;
        break;
    case 403u:
        c->http_403++;
        break;
    case 404u:
        c->http_404++;
        break;
    case 405u:
        c->http_405++;
        break;
    case 414u:
        c->http_414++;
        break;
    case 431u:
        c->http_431++;
        break;
    default:
        c->http_500++;
        break;
    }
}

static const char *phrase(unsigned status)
{
    switch (status) {
    case 200u:
        return "OK";
    case 301u:
        return "Moved Permanently";
    case 400u:
        return "Bad Request";
    case 403u:
        return "Forbidden";
    case 404u:
        return "Not Found";
    case 405u:
        return "Method Not Allowed";
    case 414u:
        return "URI Too Long";
    case 431u:
        return "Request Header Fields Too Large";
    default:
        return "Internal Server Error";
    }
}

/* The header of an answer, in front of `length` bytes of body; extra: further fields, each with its CRLF. */
static void head(struct client *c, unsigned status, const char *type, uint64_t length,
                 const char *extra)
{
    char date[64];
    time_t now = time(NULL);
    struct tm tm;
    int n;

    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    n = snprintf(c->head, sizeof c->head,
                 "HTTP/1.1 %u %s\r\nDate: %s\r\nServer: sequent/" SQ_VERSION "\r\n%s"
                 "Content-Type: %s\r\nContent-Length: %" PRIu64 "\r\nConnection: %s\r\n\r\n",
                 status, phrase(status), date, extra, type, length,
                 c->last ? "close" : "keep-alive");
    c->head_length = n > 0 && (size_t)n < sizeof c->head ? (uint32_t)n : 0u;
    c->head_sent = 0u;
    c->phase = ANSWERING;
    count(&c->http->net->stack.counters, status);
}

/* A status with its own words as the body. */
static void say(struct client *c, unsigned status, const char *extra)
{
    char body[64];
    int n = snprintf(body, sizeof body, "%u %s\n", status, phrase(status));

    head(c, status, "text/plain; charset=utf-8", (uint64_t)n, extra);
    if (c->body && c->head_length + (uint32_t)n <= sizeof c->head) {
        memcpy(c->head + c->head_length, body, (size_t)n);
        c->head_length += (uint32_t)n;
    }
}

static void say_missing(struct client *c, int why)
{
    if (why == EACCES)
        say(c, 403u, "");
    else if (why == EMFILE || why == ENFILE || why == ENOMEM)
        say(c, 500u, "");
    else
        say(c, 404u, "");
}

/* A directory is asked for with a slash at the end, so that its page's links work. */
static void say_moved(struct client *c, const char *path, size_t n)
{
    char extra[URL_MAX + 32u];

    while (n > 1u && path[0] == '/' && path[1] == '/') {
        path++;
        n--;
    }
    snprintf(extra, sizeof extra, "Location: %.*s/\r\n", (int)n, path);
    say(c, 301u, extra);
}

static void answer_path(struct client *c, const char *raw, size_t n)
{
    char path[URL_MAX + 16u];
    const char *relative;
    struct stat st;
    int fd;

    if (n == 0u || n > URL_MAX || raw[0] != '/' || !decode(path, raw, n)) {
        say(c, 400u, "");
        return;
    }
    relative = path + strspn(path, "/");
    fd = open_beneath(c->http->directory, relative);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        if (raw[n - 1u] != '/') {
            say_moved(c, raw, n);
            return;
        }
        strcat(path, "index.html");
        fd = open_beneath(c->http->directory, relative);
    }
    if (fd < 0) {
        say_missing(c, errno);
        return;
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        say(c, 404u, "");
        return;
    }
    head(c, 200u, type_of(path), (uint64_t)st.st_size, "");
    if (!c->body) {
        close(fd);
        return;
    }
    c->file = fd;
    c->at = 0u;
    c->left = (uint64_t)st.st_size;
}

/* A whole request is there. */
static void answer(struct client *c)
{
    struct http_parser_url u;

    c->http->net->stack.counters.http_requests++;
    c->last = http_should_keep_alive(&c->parser) == 0;
    c->body = c->parser.method != HTTP_HEAD;
    if (c->parser.method != HTTP_GET && c->parser.method != HTTP_HEAD) {
        say(c, 405u, "Allow: GET, HEAD\r\n");
        return;
    }
    if (c->url_long) {
        say(c, 414u, "");
        return;
    }
    http_parser_url_init(&u);
    if ((c->parser.http_major == 1u && c->parser.http_minor >= 1u && !c->host) ||
        http_parser_parse_url(c->url, c->url_length, 0, &u) != 0 ||
        (u.field_set & 1u << UF_PATH) == 0u) {
        say(c, 400u, "");
        return;
    }
    answer_path(c, c->url + u.field_data[UF_PATH].off, u.field_data[UF_PATH].len);
}

/* The parser gave up on what arrived. */
static void answer_error(struct client *c)
{
    bool too_long = HTTP_PARSER_ERRNO(&c->parser) == HPE_HEADER_OVERFLOW;

    c->http->net->stack.counters.http_requests++;
    c->last = true;
    c->body = true;
    say(c, too_long ? (c->url_long ? 414u : 431u) : 400u, "");
}

/* ---- one connection ---- */

static void next_request(struct client *c)
{
    http_parser_init(&c->parser, HTTP_REQUEST);
    c->parser.data = c;
    c->complete = false;
    c->host = false;
    c->url_long = false;
    c->url_length = 0u;
    c->name_length = 0u;
    c->phase = READING;
}

static void drop(struct client *c)
{
    if (c->file >= 0)
        close(c->file);
    c->file = -1;
    c->phase = FREE;
    c->next = c->http->free;
    c->http->free = c;
}

static void finish(struct client *c)
{
    sq_socket_close(c->http->net, c->socket);
    drop(c);
}

static void cut(struct client *c)
{
    sq_socket_abort(c->http->net, c->socket);
    drop(c);
}

/* True: something moved. */
static bool receive_request(struct client *c)
{
    struct iovec part[2];
    int64_t there = sq_socket_text(c->http->net, c->socket, part);
    size_t used;

    if (there == SQ_SOCKET_AGAIN)
        return false;
    if (there <= 0) {
        finish(c);
        return false;
    }
    used = http_parser_execute(&c->parser, &c->http->settings, part[0].iov_base, part[0].iov_len);
    if (c->complete) {
        sq_socket_taken(c->http->net, c->socket, (uint32_t)used);
        answer(c);
    } else if (HTTP_PARSER_ERRNO(&c->parser) != HPE_OK) {
        sq_socket_taken(c->http->net, c->socket, (uint32_t)there);
        answer_error(c);
    } else {
        sq_socket_taken(c->http->net, c->socket, (uint32_t)part[0].iov_len);
    }
    return true;
}

/* From the file into the send ring, where it stays until acknowledged. */
static bool send_file(struct client *c)
{
    struct iovec part[2];
    int64_t room = sq_socket_room(c->http->net, c->socket, part);
    ssize_t n;

    if (room == SQ_SOCKET_AGAIN || (room > 0 && (uint64_t)room < CHUNK && (uint64_t)room < c->left))
        return false;
    if (room < 0) {
        finish(c);
        return false;
    }
    if (part[0].iov_len > c->left)
        part[0].iov_len = c->left;
    if (part[1].iov_len > c->left - part[0].iov_len)
        part[1].iov_len = c->left - part[0].iov_len;
    n = preadv(c->file, part, part[1].iov_len > 0u ? 2 : 1, (off_t)c->at);
    if (n <= 0) {
        /* The length is told already: only a reset says that the rest does not come. RFC 9112 8 */
        c->http->net->stack.counters.http_cut_short++;
        cut(c);
        return false;
    }
    c->at += (uint64_t)n;
    c->left -= (uint64_t)n;
    sq_socket_filled(c->http->net, c->socket, (uint32_t)n);
    return true;
}

static bool send_answer(struct client *c)
{
    if (c->head_sent < c->head_length) {
        int64_t n = sq_socket_send(c->http->net, c->socket, c->head + c->head_sent,
                                   c->head_length - c->head_sent);

        if (n == SQ_SOCKET_AGAIN)
            return false;
        if (n < 0) {
            finish(c);
            return false;
        }
        c->head_sent += (uint32_t)n;
        return true;
    }
    if (c->file >= 0 && c->left > 0u)
        return send_file(c);
    if (c->file >= 0)
        close(c->file);
    c->file = -1;
    if (!c->last) {
        next_request(c);
        return true;
    }
    (void)sq_socket_shutdown(c->http->net, c->socket);
    c->phase = LINGERING;
    c->unconfirmed = 0u;
    c->deadline = c->http->now + LINGER_SECONDS;
    return true;
}

/* What still comes is read and dropped, so that our last answer is not lost in a reset. RFC 9112 9.6 */
static bool linger(struct client *c)
{
    struct iovec part[2];
    int64_t there = sq_socket_text(c->http->net, c->socket, part);

    if (there == SQ_SOCKET_AGAIN)
        return false;
    if (there <= 0) {
        finish(c);
        return false;
    }
    sq_socket_taken(c->http->net, c->socket, (uint32_t)there);
    return true;
}

static bool step(struct client *c)
{
    switch (c->phase) {
    case FREE:
        return false;
    case READING:
        return receive_request(c);
    case ANSWERING:
        return send_answer(c);
    case LINGERING:
        return linger(c);
    }
    return false;
}

static void serve(struct client *c)
{
    while (step(c)) {
        if (c->phase != LINGERING)
            c->deadline = c->http->now + IDLE_SECONDS;
    }
}

static void welcome(struct sq_http *http)
{
    for (;;) {
        sq_socket s = sq_socket_accept(http->net, http->listener);
        struct client *c = http->free;

        if (s == 0u)
            return;
        if (c == NULL) {
            sq_socket_abort(http->net, s);
            continue;
        }
        http->free = c->next;
        c->http = http;
        c->socket = s;
        c->file = -1;
        c->deadline = http->now + IDLE_SECONDS;
        next_request(c);
        sq_socket_data(http->net, s, c);
        serve(c); /* the request may be there already */
    }
}

void sq_http_event(struct sq_http *http, const struct sq_net_event *event)
{
    struct client *c = event->data;

    if (event->socket == http->listener)
        welcome(http);
    else if (c != NULL && c->socket == event->socket && c->phase != FREE)
        serve(c);
}

/* A slow peer may take long over the last answer, as long as it takes some of it. */
static bool still_taking(struct client *c)
{
    struct sq_status status = sq_socket_status(c->http->net, c->socket);
    uint32_t left = status.unacknowledged + status.unsent;

    if (c->phase != LINGERING || left == c->unconfirmed)
        return false;
    c->unconfirmed = left;
    c->deadline = c->http->now + (left == 0u ? LINGER_SECONDS : IDLE_SECONDS);
    return true;
}

void sq_http_sweep(struct sq_http *http, uint64_t now)
{
    http->now = now;
    for (uint32_t i = 0u; i < http->clients; i++) {
        struct client *c = &http->client[i];

        if (c->phase == FREE || still_taking(c) || c->deadline > now)
            continue;
        http->net->stack.counters.http_idle_closed++;
        if (c->phase == READING)
            finish(c);
        else
            cut(c);
    }
}

struct sq_http *sq_http_open(struct sq_net *net, const char *directory, uint32_t port,
                             uint32_t clients, char *error, size_t room)
{
    struct sq_http *http = calloc(1u, sizeof *http);

    if (http == NULL)
        return NULL;
    http->net = net;
    http->clients = clients;
    http->client = calloc(clients, sizeof *http->client);
    http->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (http->client == NULL || http->directory < 0) {
        snprintf(error, room, "cannot open the directory '%s': %s", directory,
                 http->client == NULL ? "no memory" : strerror(errno));
        sq_http_close(http);
        return NULL;
    }
    for (uint32_t i = clients; i-- > 0u;) {
        http->client[i].next = http->free;
        http->client[i].file = -1;
        http->free = &http->client[i];
    }
    http_parser_set_max_header_size(HEADER_MAX);
    http_parser_settings_init(&http->settings);
    http->settings.on_url = on_url;
    http->settings.on_header_field = on_field;
    http->settings.on_header_value = on_value;
    http->settings.on_message_complete = on_complete;
    http->listener = sq_socket_listen(net, port, clients);
    if (http->listener == 0u) {
        snprintf(error, room, "cannot listen on port %u: expected a free one, 1..65535", port);
        sq_http_close(http);
        return NULL;
    }
    return http;
}

void sq_http_close(struct sq_http *http)
{
    if (http == NULL)
        return;
    for (uint32_t i = 0u; http->client != NULL && i < http->clients; i++) {
        if (http->client[i].phase != FREE)
            cut(&http->client[i]);
    }
    if (http->listener != 0u)
        sq_socket_close(http->net, http->listener);
    if (http->directory >= 0)
        close(http->directory);
    free(http->client);
    free(http);
}
