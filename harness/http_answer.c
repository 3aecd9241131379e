/* SPDX-License-Identifier: MIT */
/* What is answered to a request. RFC 9110 8.8, 9.3.1, 9.3.2, 13, 14, 15; RFC 9112 3.2, 9.3 */
#include "http_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DATE 32u /* room for a date. RFC 9110 5.6.7 */

static const struct {
    unsigned status;
    const char *phrase;
    size_t counter; /* in struct sq_counters */
} known[] = {
#define STATUS(status, phrase)                                      \
    {                                                               \
        status, phrase, offsetof(struct sq_counters, http_##status) \
    }
    STATUS(200, "OK"),
    STATUS(206, "Partial Content"),
    STATUS(301, "Moved Permanently"),
    STATUS(304, "Not Modified"),
    STATUS(400, "Bad Request"),
    STATUS(403, "Forbidden"),
    STATUS(404, "Not Found"),
    STATUS(405, "Method Not Allowed"),
    STATUS(414, "URI Too Long"),
    STATUS(416, "Range Not Satisfiable"),
    STATUS(431, "Request Header Fields Too Large"),
    STATUS(500, "Internal Server Error"), /* the last: for whatever else */
#undef STATUS
};

static size_t place(unsigned status)
{
    size_t i = 0u;

    while (i + 1u < sizeof known / sizeof known[0] && known[i].status != status)
        i++;
    return i;
}

static void count(struct sq_counters *c, unsigned status)
{
    uint64_t *counter = (uint64_t *)((char *)c + known[place(status)].counter);

    (*counter)++;
}

static const char *phrase(unsigned status)
{
    return known[place(status)].phrase;
}

/* RFC 9110 5.6.7 */
static void date(char text[DATE], time_t t)
{
    struct tm tm;

    text[0] = '\0';
    if (gmtime_r(&t, &tm) != NULL)
        strftime(text, DATE, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* The header of an answer, in front of `length` bytes of body; extra: further fields, each with its CRLF. */
static void head(struct sq_http_client *c, unsigned status, const char *type, uint64_t length,
                 const char *extra)
{
    char now[DATE];
    int n;

    date(now, time(NULL));
    n = snprintf(c->head, sizeof c->head,
                 "HTTP/1.1 %u %s\r\nDate: %s\r\nServer: sequent/" SQ_VERSION "\r\n%s"
                 "Content-Type: %s\r\nContent-Length: %" PRIu64 "\r\nConnection: %s\r\n\r\n",
                 status, phrase(status), now, extra, type, length,
                 c->last ? "close" : "keep-alive");
    c->head_length = n > 0 && (size_t)n < sizeof c->head ? (uint32_t)n : 0u;
    c->head_sent = 0u;
    c->phase = SQ_HTTP_ANSWERING;
    count(&c->http->net->stack.counters, status);
}

/* A status with its own words as the body. */
static void say(struct sq_http_client *c, unsigned status, const char *extra)
{
    char body[64];
    int n = snprintf(body, sizeof body, "%u %s\n", status, phrase(status));

    head(c, status, "text/plain; charset=utf-8", (uint64_t)n, extra);
    if (c->body && c->head_length + (uint32_t)n <= sizeof c->head) {
        memcpy(c->head + c->head_length, body, (size_t)n);
        c->head_length += (uint32_t)n;
    }
}

static void say_missing(struct sq_http_client *c, int why)
{
    if (why == EACCES)
        say(c, 403u, "");
    else if (why == EMFILE || why == ENFILE || why == ENOMEM)
        say(c, 500u, "");
    else
        say(c, 404u, "");
}

/* A directory is asked for with a slash at the end, so that its page's links work. */
static void say_moved(struct sq_http_client *c, const char *path, size_t n)
{
    char extra[SQ_HTTP_URL_MAX + 32u];

    while (n > 1u && path[0] == '/' && path[1] == '/') {
        path++;
        n--;
    }
    snprintf(extra, sizeof extra, "Location: %.*s/\r\n", (int)n, path);
    say(c, 301u, extra);
}

/* A regular file: whole, a part of it, or the word that the client's copy is still good. */
static void answer_file(struct sq_http_client *c, int fd, const struct stat *st, const char *type)
{
    uint64_t size = (uint64_t)st->st_size, first = 0u, n = size;
    enum sq_http_range range = SQ_HTTP_WHOLE;
    const char *condition = c->value[SQ_HTTP_IF_RANGE];
    char modified[DATE], extra[256];
    unsigned status = 200u;

    date(modified, st->st_mtime);
    /* Equal dates only: a copy that is newer than the file is no copy of it. RFC 9110 13.1.3, 13.1.5 */
    if (c->value[SQ_HTTP_RANGE][0] != '\0' && c->body &&
        (condition[0] == '\0' || strcmp(condition, modified) == 0))
        range = sq_http_range(c->value[SQ_HTTP_RANGE], size, &first, &n);
    n = range == SQ_HTTP_UNSATISFIABLE ? 0u : n;
    snprintf(extra, sizeof extra, "Last-Modified: %s\r\nAccept-Ranges: bytes\r\n", modified);
    if (strcmp(c->value[SQ_HTTP_IF_MODIFIED_SINCE], modified) == 0) {
        status = 304u;
        n = 0u;
    } else if (range == SQ_HTTP_PART) {
        status = 206u;
        snprintf(extra + strlen(extra), sizeof extra - strlen(extra),
                 "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n", first,
                 first + n - 1u, size);
    } else if (range == SQ_HTTP_UNSATISFIABLE) {
        status = 416u;
        snprintf(extra + strlen(extra), sizeof extra - strlen(extra),
                 "Content-Range: bytes */%" PRIu64 "\r\n", size);
    }
    head(c, status, type, n, extra);
    if (!c->body || n == 0u) {
        close(fd);
        return;
    }
    c->file = fd;
    c->at = first;
    c->left = n;
}

/* A directory: its index.html, or else a list of what it holds. The descriptor becomes that of the page. */
static int open_index(struct sq_http_client *c, int fd, char *path)
{
    size_t n = strlen(path);
    int index;

    memcpy(path + n, "index.html", sizeof "index.html");
    index = sq_http_open_beneath(c->http->directory, path + strspn(path, "/"));
    if (index >= 0 || errno != ENOENT) {
        close(fd);
        return index;
    }
    path[n] = '\0';
    index = sq_http_list(fd, path);
    memcpy(path + n, "index.html", sizeof "index.html"); /* its type */
    return index;
}

static void answer_path(struct sq_http_client *c, const char *raw, size_t n)
{
    char path[SQ_HTTP_URL_MAX + 16u];
    struct stat st;
    int fd;

    if (n == 0u || n > SQ_HTTP_URL_MAX || raw[0] != '/' || !sq_http_decode(path, raw, n)) {
        say(c, 400u, "");
        return;
    }
    fd = sq_http_open_beneath(c->http->directory, path + strspn(path, "/"));
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (raw[n - 1u] != '/') {
            close(fd);
            say_moved(c, raw, n);
            return;
        }
        fd = open_index(c, fd, path);
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
    answer_file(c, fd, &st, sq_http_type(path));
}

void sq_http_answer(struct sq_http_client *c)
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
    if ((c->parser.http_major == 1u && c->parser.http_minor >= 1u &&
         c->value_length[SQ_HTTP_HOST] == 0u) ||
        http_parser_parse_url(c->url, c->url_length, 0, &u) != 0 ||
        (u.field_set & 1u << UF_PATH) == 0u) {
        say(c, 400u, "");
        return;
    }
    answer_path(c, c->url + u.field_data[UF_PATH].off, u.field_data[UF_PATH].len);
}

void sq_http_answer_error(struct sq_http_client *c)
{
    bool too_long = HTTP_PARSER_ERRNO(&c->parser) == HPE_HEADER_OVERFLOW;

    c->http->net->stack.counters.http_requests++;
    c->last = true;
    c->body = true;
    say(c, too_long ? (c->url_long ? 414u : 431u) : 400u, "");
}
