/* SPDX-License-Identifier: MIT */
/*
 * The word of the script that answers ranges, rightly or not, and cuts bodies
 * short. Knows requests, replies and counters; knows no sockets.
 */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a request is about. */
struct resource {
    uint64_t size, from; /* from: where the requested range begins */
    bool renewed;        /* it is another one than at first */
    char etag[32], modified[40];
    const char *as; /* the argument */
};

static const char *header_of(const struct request *q, const char *name)
{
    for (size_t i = 0; i < q->headers.count; i++) {
        if (strcasecmp(q->headers.items[i].name, name) == 0)
            return q->headers.items[i].value;
    }
    return NULL;
}

/* Number of this request of its path, from 0. */
static uint64_t count(struct script *x)
{
    struct text name = {0};
    uint64_t number;

    text_puts(&name, x->req->path);
    number = table_at(&x->stats->keys, name.bytes)->counts.requests++;
    text_release(&name);
    return number;
}

/* The fields that name this version of the resource; "" is none of them. */
static void set_validators(struct script *x, struct resource *r)
{
    const char *kind = request_word(x->req, "validator", "etag");

    if (strstr(kind, "etag") || strstr(kind, "weak"))
        snprintf(r->etag, sizeof r->etag, "%s\"v%d\"", *kind == 'w' ? "W/" : "",
                 r->renewed ? 2 : 1);
    if (strstr(kind, "modified"))
        snprintf(r->modified, sizeof r->modified,
                 "Fri, 01 Jan 202%d 00:00:00 GMT", r->renewed ? 1 : 0);
    if (*r->etag)
        reply_field(x->reply, "ETag", r->etag);
    if (*r->modified)
        reply_field(x->reply, "Last-Modified", r->modified);
}

/* Whether the range that is asked for is one of this version. */
static bool wants_range(struct script *x, struct resource *r)
{
    const char *range = header_of(x->req, "Range");
    const char *of = header_of(x->req, "If-Range");

    if (!range || strncmp(range, "bytes=", 6) != 0 ||
        strcmp(r->as, "whole") == 0)
        return false;
    if (of && strcmp(of, r->etag) != 0 && strcmp(of, r->modified) != 0)
        return false;
    r->from = strtoull(range + 6, NULL, 10);
    return true;
}

static bool is(const struct resource *r, const char *word)
{
    return strcmp(r->as, word) == 0;
}

static void answer_range(struct script *x, const struct resource *r)
{
    struct reply *reply = x->reply;
    uint64_t from = r->from - (is(r, "other") ? 1 : 0);
    uint64_t total = r->size + (is(r, "grown") ? 1 : 0);
    uint64_t last = r->size - 1 - (is(r, "short") ? 5 : 0);

    if (r->from >= r->size || is(r, "refused")) {
        text_printf(&reply->fields, "Content-Range: bytes */%llu\r\n",
                    (unsigned long long)r->size);
        reply_text(reply, x->req, 416, "no such bytes\n");
        return;
    }
    if (is(r, "coded"))
        reply_field(reply, "Content-Encoding", "gzip");
    text_printf(&reply->fields, "Content-Range: bytes %llu-%llu/",
                (unsigned long long)from, (unsigned long long)last);
    if (is(r, "unknown"))
        text_puts(&reply->fields, "*\r\n");
    else
        text_printf(&reply->fields, "%llu\r\n", (unsigned long long)total);
    reply_generated(reply, x->req, 206, last - from + 1);
    reply->offset = from;
}

/* The whole body, whose end a failing request never sees. */
static void answer_whole(struct script *x, const struct resource *r, bool fails)
{
    uint64_t cut = (uint64_t)request_number(x->req, "cut", 0);
    struct reply *reply = x->reply;

    reply_generated(reply, x->req, 200, r->size);
    reply->offset = r->renewed ? 7 : 0;
    if (!fails)
        return;
    reply->generated = cut < r->size ? cut : r->size;
    text_clear(&reply->tail);
    reply->end = strcmp(request_word(x->req, "how", "close"), "hang") == 0
                     ? END_HANG
                     : END_CLOSE;
}

void script_ranges(struct script *x)
{
    uint64_t number = count(x);
    struct resource r = {
        .size = (uint64_t)request_number(x->req, "bytes", 1000),
        .renewed = (double)number >= request_number(x->req, "renew", 1e9),
        .as = request_word(x->req, "as", ""),
    };
    bool fails = (double)number < request_number(x->req, "fail", 0);

    set_validators(x, &r);
    if (wants_range(x, &r) && !fails)
        answer_range(x, &r);
    else
        answer_whole(x, &r, fails);
}
