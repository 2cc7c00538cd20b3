/* SPDX-License-Identifier: MIT */
/*
 * The identity of a request: a hash of all that is sent. Knows the request's
 * parts and their order in the sum; must not know who asks for the key.
 */
#include "policy/identity.h"

#include "base/msg.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Takes a part in, its length first: no two lists of parts look the same. */
static void add_part(struct digest *digest, const void *bytes, size_t len)
{
    unsigned char size[8];
    uint64_t rest = len;

    for (size_t i = 0; i < sizeof(size); i++, rest >>= 8)
        size[i] = (unsigned char)(rest & 0xff);
    digest_add(digest, size, sizeof(size));
    if (len > 0)
        digest_add(digest, bytes, len);
}

/* An empty body may be sent otherwise than none: it has a length that no part
 * can have. */
static void add_body(struct digest *digest, const struct request *request)
{
    static const unsigned char mark[8] = {0xff, 0xff, 0xff, 0xff,
                                          0xff, 0xff, 0xff, 0xff};

    if (request->body && request->body_len == 0)
        digest_add(digest, mark, sizeof(mark));
    else
        add_part(digest, request->body, request->body_len);
}

static void add_text(struct digest *digest, const char *text)
{
    add_part(digest, text, text ? strlen(text) : 0);
}

/* By name without case; fields of the same name keep their order. */
static int by_name(const void *a, const void *b)
{
    const struct request_header *const *x = a, *const *y = b;
    int order = strcasecmp((*x)->name, (*y)->name);

    return order ? order : (*x > *y) - (*x < *y);
}

static void add_name(struct digest *digest, const char *name)
{
    char *lower = xstrdup(name);

    for (char *c = lower; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    }
    add_text(digest, lower);
    free(lower);
}

static void add_headers(struct digest *digest, const struct request *request)
{
    size_t count = request->header_count;
    const struct request_header **sorted;

    if (count == 0)
        return;
    sorted = xmalloc(count * sizeof(*sorted));
    for (size_t i = 0; i < count; i++)
        sorted[i] = &request->headers[i];
    qsort(sorted, count, sizeof(*sorted), by_name);
    for (size_t i = 0; i < count; i++) {
        add_name(digest, sorted[i]->name);
        add_text(digest, sorted[i]->value);
    }
    free(sorted);
}

/* A setting that the line itself gives, as the field that it becomes. */
static void add_own(struct digest *digest, const char *name, const char *own,
                    const char *run)
{
    if (!own || own == run)
        return;
    add_text(digest, name);
    add_text(digest, own);
}

static void add_settings(struct digest *digest, const struct request *request)
{
    const struct settings *own = request->own, *run = request->run;

    if (!own)
        return;
    add_own(digest, "range", own->range, run->range);
    add_own(digest, "referer", own->referer, run->referer);
    add_own(digest, "user", own->user, run->user);
    add_own(digest, "oauth2_bearer", own->oauth2_bearer, run->oauth2_bearer);
    for (size_t i = 0; i < own->cookie.count; i++)
        if (own->cookie.items != run->cookie.items)
            add_own(digest, "cookie", own->cookie.items[i], NULL);
}

void identity_of_request(struct request *request, struct digest *digest)
{
    add_text(digest, "request");
    add_text(digest, request->method);
    add_text(digest, request->url);
    add_text(digest, request->userinfo);
    add_body(digest, request);
    add_headers(digest, request);
    add_settings(digest, request);
    digest_end(digest, request->key, sizeof(request->key));
}

void identity_of_line(struct request *request, struct digest *digest,
                      const char *line, size_t len)
{
    add_text(digest, "line");
    add_part(digest, line, len);
    digest_end(digest, request->key, sizeof(request->key));
}
