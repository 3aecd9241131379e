/* SPDX-License-Identifier: MIT */
/* What libhttp_parser tells of a request, kept as far as it is needed. RFC 9112 2 to 6 */
#include "http_parts.h"

#include <string.h>
#include <strings.h>

#define HEADER_MAX 16384u /* bytes of a request's header; a longer one is answered by 431 */

static int on_url(http_parser *p, const char *text, size_t n)
{
    struct sq_http_client *c = p->data;

    if (n > SQ_HTTP_URL_MAX - c->url_length) {
        c->url_long = true;
        return 0;
    }
    memcpy(c->url + c->url_length, text, n);
    c->url_length += (uint32_t)n;
    return 0;
}

static int on_field(http_parser *p, const char *text, size_t n)
{
    struct sq_http_client *c = p->data;

    c->field = SQ_HTTP_FIELDS;
    for (size_t i = 0u; i < n && c->name_length < sizeof c->name; i++)
        c->name[c->name_length++] = text[i];
    return 0;
}

static enum sq_http_field field_of(const struct sq_http_client *c)
{
    static const char *const name[SQ_HTTP_FIELDS] = {"Host", "Range", "If-Range",
                                                     "If-Modified-Since"};

    for (uint32_t i = 0u; i < SQ_HTTP_FIELDS; i++) {
        if (c->name_length == strlen(name[i]) && strncasecmp(c->name, name[i], c->name_length) == 0)
            return (enum sq_http_field)i;
    }
    return SQ_HTTP_FIELDS;
}

/* A value may come in pieces; one that is too long counts as not there, but for its length. */
static int on_value(http_parser *p, const char *text, size_t n)
{
    struct sq_http_client *c = p->data;

    if (c->name_length > 0u)
        c->field = field_of(c);
    c->name_length = 0u;
    if (c->field == SQ_HTTP_FIELDS)
        return 0;
    if (n <= SQ_HTTP_FIELD_MAX - c->value_length[c->field]) {
        memcpy(c->value[c->field] + c->value_length[c->field], text, n);
        c->value_length[c->field] += (uint32_t)n;
        c->value[c->field][c->value_length[c->field]] = '\0';
    } else {
        c->value[c->field][0] = '\0';
        c->value_length[c->field] = SQ_HTTP_FIELD_MAX;
    }
    return 0;
}

static int on_complete(http_parser *p)
{
    struct sq_http_client *c = p->data;

    c->complete = true;
    http_parser_pause(p, 1);
    return 0;
}

void sq_http_next_request(struct sq_http_client *c)
{
    http_parser_init(&c->parser, HTTP_REQUEST);
    c->parser.data = c;
    c->complete = false;
    memset(c->value_length, 0, sizeof c->value_length);
    for (uint32_t i = 0u; i < SQ_HTTP_FIELDS; i++)
        c->value[i][0] = '\0';
    c->field = SQ_HTTP_FIELDS;
    c->url_long = false;
    c->url_length = 0u;
    c->name_length = 0u;
    c->phase = SQ_HTTP_READING;
}

void sq_http_parser_settings(http_parser_settings *settings)
{
    http_parser_set_max_header_size(HEADER_MAX);
    http_parser_settings_init(settings);
    settings->on_url = on_url;
    settings->on_header_field = on_field;
    settings->on_header_value = on_value;
    settings->on_message_complete = on_complete;
}
