/* SPDX-License-Identifier: MIT */
/* What the parts of the HTTP server share: http.c (connections), http_request.c (what is asked), http_answer.c (what is answered), http_file.c (paths and
   types), http_list.c (pages for directories). */
#ifndef SQ_HTTP_PARTS_H
#define SQ_HTTP_PARTS_H

#include <http_parser.h>

#include "http.h"

#define SQ_HTTP_URL_MAX 4096u /* bytes of a request target; a longer one is answered by 414 */
#define SQ_HTTP_FIELD_MAX \
    128u /* bytes of a header field's value that we look at; a longer one is not */

/* The header fields that we look at. */
enum sq_http_field {
    SQ_HTTP_HOST,
    SQ_HTTP_RANGE,
    SQ_HTTP_IF_RANGE,
    SQ_HTTP_IF_MODIFIED_SINCE,
    SQ_HTTP_FIELDS
};

enum sq_http_phase {
    SQ_HTTP_FREE,
    SQ_HTTP_READING,
    SQ_HTTP_ANSWERING,
    SQ_HTTP_LINGERING /* our last answer is out; the peer's end is awaited. RFC 9112 9.6 */
};

struct sq_http_client {
    struct sq_handler handler;
    struct sq_http *http;
    struct sq_http_client *next; /* free */
    sq_socket socket;
    http_parser parser;
    enum sq_http_phase phase;
    uint64_t deadline; /* seconds */
    bool complete, url_long, last, body;
    uint32_t url_length, name_length, field; /* field: of the value at hand, SQ_HTTP_FIELDS: none */
    uint32_t value_length[SQ_HTTP_FIELDS];
    uint32_t head_length, head_sent;
    uint32_t
        unconfirmed; /* bytes of our last answer that the peer did not have yet when last looked */
    int file;        /* -1: none */
    uint64_t at, left;
    char name[24];                                      /* of the header field at hand */
    char value[SQ_HTTP_FIELDS][SQ_HTTP_FIELD_MAX + 1u]; /* "": not there */
    char url[SQ_HTTP_URL_MAX + 1u];
    char head[SQ_HTTP_URL_MAX + 1024u];
};

struct sq_http {
    struct sq_service service;
    struct sq_net *net;
    sq_socket listener;
    int directory;
    uint64_t now; /* seconds */
    uint32_t clients;
    struct sq_http_client *client, *free;
    http_parser_settings settings;
};

/* ---- http_request.c ---- */

/* The client's next request begins. */
void sq_http_next_request(struct sq_http_client *c);
void sq_http_parser_settings(http_parser_settings *settings);

/* ---- http_answer.c: each leaves a header in `head`, and perhaps a file to send ---- */

/* To a whole request. */
void sq_http_answer(struct sq_http_client *c);
/* To what the parser gave up on. */
void sq_http_answer_error(struct sq_http_client *c);

/* ---- http_file.c ---- */

/* Opens a path that stays beneath the directory, symbolic links included; -1: errno says why. */
int sq_http_open_beneath(int directory, const char *path);
/* RFC 3986 2.1. False: not an encoding, or of a zero byte. */
bool sq_http_decode(char *to, const char *from, size_t n);
/* The media type that a file's name tells. */
const char *sq_http_type(const char *path);

/* ---- http_list.c ---- */

/* A file in memory with a page that lists a directory, titled by the path; it takes over `directory`. -1: errno. */
int sq_http_list(int directory, const char *path);

/* ---- http_range.c ---- */

enum sq_http_range { SQ_HTTP_WHOLE, SQ_HTTP_PART, SQ_HTTP_UNSATISFIABLE };
/* Which bytes, [*first, *first + *n), of a file of `size` a Range field asks for. RFC 9110 14.1.2, 14.2 */
enum sq_http_range sq_http_range(const char *field, uint64_t size, uint64_t *first, uint64_t *n);

#endif
