/* SPDX-License-Identifier: MIT */
/*
 * Reading of requests. Knows HTTP/1.x syntax and percent-encoding; knows
 * neither sockets nor what the request will be answered with.
 */
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_BODY_KEPT ((size_t)1 << 20)

size_t request_head_length(const char *bytes, size_t len)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);

    return end ? (size_t)(end - bytes) + 4 : 0;
}

static void fields_add(struct fields *f, struct field field)
{
    if (f->count == f->room) {
        f->room = f->room ? 2 * f->room : 16;
        f->items = text_grow(f->items, f->room * sizeof *f->items);
    }
    f->items[f->count++] = field;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX in place; gives the new length. */
static size_t percent_decode(char *s)
{
    char *to = s;

    for (char *from = s; *from; to++) {
        if (*from == '%' && hex_digit(from[1]) >= 0 &&
            hex_digit(from[2]) >= 0) {
            *to = (char)(hex_digit(from[1]) * 16 + hex_digit(from[2]));
            from += 3;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
    return (size_t)(to - s);
}

static void parse_args(struct request *r, char *query)
{
    char *next = query;

    while (next && *next) {
        char *name = next, *value;

        next = strchr(name, '&');
        if (next)
            *next++ = '\0';
        value = strchr(name, '=');
        if (value)
            *value++ = '\0';
        else
            value = name + strlen(name);
        percent_decode(name);
        fields_add(&r->args,
                   (struct field){name, value, percent_decode(value)});
    }
}

/* Cuts the target into path and arguments, on a copy of it in words. */
static void parse_target(struct request *r)
{
    const char *from = r->target, *authority = strstr(from, "://");
    const char *query;
    char *path;
    size_t at;

    if (*from != '/' && authority) { /* absolute form, as a proxy gets it */
        from = strchr(authority + 3, '/');
        from = from ? from : "/";
    }
    query = strchr(from, '?');
    at = query ? (size_t)(query - from) : strlen(from);
    text_add(&r->words, from, strlen(from) + 1);
    text_puts(&r->words, query ? query + 1 : ""); /* once more, kept raw */
    path = r->words.bytes;
    r->query = path + strlen(path) + 1;
    if (query) {
        path[at] = '\0';
        parse_args(r, path + at + 1);
    }
    percent_decode(path);
    r->path = path;
}

static int parse_request_line(struct request *r, char *line)
{
    char *target = strchr(line, ' ');
    char *version = target ? strchr(target + 1, ' ') : NULL;

    if (!version || target == line || version == target + 1)
        return -1;
    *target++ = *version++ = '\0';
    if (strncmp(version, "HTTP/1.", 7) != 0)
        return -1;
    r->http11 = version[7] != '0';
    r->keep_alive = r->http11;
    r->method = line;
    r->target = target;
    r->is_head = strcmp(line, "HEAD") == 0;
    return 0;
}

/* Takes what the framing and the connection depend on. -1: malformed. */
static int note_field(struct request *r, const struct field *f)
{
    char *end;

    if (!strcasecmp(f->name, "host")) {
        r->host = f->value;
    } else if (!strcasecmp(f->name, "connection")) {
        if (strcasestr(f->value, "close"))
            r->keep_alive = false;
    } else if (!strcasecmp(f->name, "expect")) {
        r->expects_continue = strcasestr(f->value, "100-continue") != NULL;
    } else if (!strcasecmp(f->name, "transfer-encoding")) {
        r->step = BODY_CHUNK_SIZE;
    } else if (!strcasecmp(f->name, "content-length")) {
        r->left = strtoull(f->value, &end, 10);
        if (*end || end == f->value)
            return -1;
    }
    return 0;
}

static int parse_field(struct request *r, char *line, char *end)
{
    char *colon = memchr(line, ':', (size_t)(end - line));
    char *value = colon ? colon + 1 : NULL;
    struct field field;

    if (!colon || colon == line)
        return -1;
    *colon = '\0';
    while (*value == ' ' || *value == '\t')
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    field = (struct field){line, value, (size_t)(end - value)};
    fields_add(&r->headers, field);
    return note_field(r, &field);
}

static void request_reset(struct request *r)
{
    struct request kept = {.head = r->head,
                           .words = r->words,
                           .headers = r->headers,
                           .args = r->args,
                           .body = r->body};

    *r = kept;
    text_clear(&r->head);
    text_clear(&r->words);
    text_clear(&r->body);
    r->headers.count = r->args.count = 0;
    r->host = "";
}

int request_parse(struct request *r, const char *head, size_t len)
{
    char *line, *end;

    request_reset(r);
    text_add(&r->head, head, len - 2); /* without the blank line */
    line = r->head.bytes;
    end = strstr(line, "\r\n");
    if (!end)
        return -1;
    *end = '\0';
    if (parse_request_line(r, line))
        return -1;
    for (line = end + 2; *line; line = end + 2) {
        end = strstr(line, "\r\n");
        if (!end || parse_field(r, line, end))
            return -1;
    }
    parse_target(r);
    return 0;
}

static void keep_body(struct request *r, const char *bytes, size_t len)
{
    size_t room = MAX_BODY_KEPT - r->body.len;

    text_add(&r->body, bytes, len < room ? len : room);
    r->body_len += len;
}

/* One line of the chunked framing has come, without its line end. */
static int chunk_line(struct request *r, const char *line, size_t len)
{
    if (r->step == BODY_CHUNK_END) {
        r->step = BODY_CHUNK_SIZE;
        return len == 0 ? 0 : -1;
    }
    if (r->step == BODY_TRAILER)
        return len == 0 ? 1 : 0;
    if (len == 0 || hex_digit(*line) < 0)
        return -1;
    r->left = strtoull(line, NULL, 16);
    r->step = r->left ? BODY_CHUNK_DATA : BODY_TRAILER;
    return 0;
}

int request_feed(struct request *r, const char *bytes, size_t len, size_t *used)
{
    int done = 0;

    *used = 0;
    while (done == 0) {
        const char *at = bytes + *used, *end;
        size_t rest = len - *used;

        if (r->step == BODY_LENGTH || r->step == BODY_CHUNK_DATA) {
            size_t take = rest < r->left ? rest : (size_t)r->left;

            keep_body(r, at, take);
            *used += take;
            r->left -= take;
            if (r->left)
                return 0;
            if (r->step == BODY_LENGTH)
                return 1;
            r->step = BODY_CHUNK_END;
            continue;
        }
        end = rest ? memchr(at, '\n', rest) : NULL;
        if (!end)
            return 0;
        *used += (size_t)(end - at) + 1;
        done = chunk_line(
            r, at, (size_t)(end - at) - (end > at && end[-1] == '\r' ? 1 : 0));
    }
    return done;
}

void request_release(struct request *r)
{
    text_release(&r->head);
    text_release(&r->words);
    text_release(&r->body);
    free(r->headers.items);
    free(r->args.items);
}

const struct field *request_arg(const struct request *r, const char *name)
{
    for (size_t i = 0; i < r->args.count; i++) {
        if (strcmp(r->args.items[i].name, name) == 0)
            return &r->args.items[i];
    }
    return NULL;
}

double request_number(const struct request *r, const char *name,
                      double fallback)
{
    const struct field *arg = request_arg(r, name);
    double number = arg ? strtod(arg->value, NULL) : fallback;

    return number >= 0 ? number : 0;
}

const char *request_word(const struct request *r, const char *name,
                         const char *fallback)
{
    const struct field *arg = request_arg(r, name);

    return arg ? arg->value : fallback;
}
