/* SPDX-License-Identifier: MIT */
/*
 * The life of a request: made empty, filled by its maker, freed whole. Knows
 * who owns which string; must not know what any of them means.
 */
#include "model/request.h"

#include "base/msg.h"

#include <stdlib.h>
#include <string.h>

/* What the allocator adds to each block, roughly. */
#define BLOCK_BYTES 16

struct request *request_new(const struct settings *settings)
{
    struct request *request = xcalloc(1, sizeof(*request));

    memcpy(request->method, "GET", sizeof("GET"));
    request->run = request->settings = settings;
    return request;
}

void request_free(struct request *request)
{
    if (!request)
        return;
    for (size_t i = 0; i < request->header_count; i++) {
        free(request->headers[i].name);
        free(request->headers[i].value);
    }
    free(request->headers);
    free(request->asked);
    free(request->url);
    free(request->host_key);
    free(request->userinfo);
    if (!request->body_borrowed)
        free(request->body);
    free(request->id);
    free(request->group);
    free(request->source);
    free(request->own);
    for (size_t i = 0; i < request->texts.count; i++)
        free((char *)request->texts.items[i]);
    free(request->texts.items);
    free(request);
}

void request_add_header(struct request *request, const char *name,
                        size_t name_len, const char *value, size_t value_len)
{
    size_t count = request->header_count;
    struct request_header *header;

    /* The array grows when the count reaches a power of two. */
    if ((count & (count - 1)) == 0) {
        size_t cap = count ? count * 2 : 1;
        request->headers =
            xrealloc(request->headers, cap * sizeof(*request->headers));
    }
    header = &request->headers[request->header_count++];
    header->name = xmemdup(name, name_len);
    header->value = xmemdup(value, value_len);
}

struct settings *request_own_settings(struct request *request)
{
    if (!request->own) {
        request->own = xmalloc(sizeof(*request->own));
        *request->own = *request->settings;
        request->settings = request->own;
    }
    return request->own;
}

const char *request_keep_take(struct request *request, char *text)
{
    struct strings *texts = &request->texts;

    texts->items =
        xrealloc(texts->items, (texts->count + 1) * sizeof(*texts->items));
    texts->items[texts->count++] = text;
    return text;
}

static size_t weight_of(const char *text)
{
    return text ? strlen(text) + 1 + BLOCK_BYTES : 0;
}

size_t request_weight(const struct request *request)
{
    size_t weight = sizeof(*request) + BLOCK_BYTES;

    weight += weight_of(request->asked) + weight_of(request->url) +
              weight_of(request->host_key) + weight_of(request->userinfo) +
              weight_of(request->id) + weight_of(request->source) +
              weight_of(request->group);
    if (request->own)
        weight += sizeof(*request->own) + BLOCK_BYTES;
    for (size_t i = 0; i < request->texts.count; i++)
        weight += weight_of(request->texts.items[i]);
    if (request->body && !request->body_borrowed)
        weight += request->body_len + 1 + BLOCK_BYTES;
    for (size_t i = 0; i < request->header_count; i++) {
        weight += sizeof(request->headers[i]);
        weight += weight_of(request->headers[i].name);
        weight += weight_of(request->headers[i].value);
    }
    return weight;
}

bool method_idempotent(const char *method)
{
    static const char *const methods[] = {"GET",    "HEAD",    "PUT",
                                          "DELETE", "OPTIONS", "TRACE"};

    /* Methods are case-sensitive: "get" is another, unknown one. */
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}
