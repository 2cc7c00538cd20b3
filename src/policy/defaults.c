/* SPDX-License-Identifier: MIT */
/*
 * Defaults of the command line into requests. Knows what a line may override;
 * must not know how lines are read.
 */
#include "policy/defaults.h"

#include "base/buf.h"
#include "policy/data.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void defaults_begin(struct request *request, const struct asked *asked)
{
    if (asked->method)
        memcpy(request->method, asked->method, strlen(asked->method) + 1);
}

bool defaults_bodiless(const char *method)
{
    return strcmp(method, "HEAD") == 0 || strcmp(method, "TRACE") == 0;
}

static void add_query(struct request *request, const struct asked *asked)
{
    struct buf url;

    buf_init(&url, SIZE_MAX / 2);
    buf_add_str(&url, request->url);
    data_add_query(&url, asked->query, asked->query_len, NULL);
    free(request->url);
    request->url = buf_detach(&url, NULL);
}

void defaults_end(struct request *request, const struct asked *asked)
{
    if (asked->query)
        add_query(request, asked);
    if (!asked->body || request->body || defaults_bodiless(request->method))
        return;
    request->body = asked->body;
    request->body_len = asked->body_len;
    request->body_borrowed = true;
}
