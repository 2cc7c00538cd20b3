/* SPDX-License-Identifier: MIT */
/*
 * Birth and death of a response. It knows who owns which of its strings, not
 * what any of them means.
 */
#include "model/response.h"

#include <stdlib.h>
#include <string.h>

void response_init(struct response *response)
{
    memset(response, 0, sizeof *response);
    response->evidence.length = -1;
}

void response_clear_rate_fields(struct response *response)
{
    if (!response->rate_fields)
        return;
    for (int i = 0; i < RATE_FIELDS; i++)
        free(response->rate_fields[i]);
    free(response->rate_fields);
    response->rate_fields = NULL;
}

void response_drop_fields(struct response *response)
{
    free(response->content_type);
    free(response->location);
    free(response->retry_after);
    response_clear_rate_fields(response);
    free(response->etag);
    free(response->last_modified);
    free(response->content_range);
    response->content_range = NULL;
    response->content_type = response->location = response->retry_after = NULL;
    response->etag = response->last_modified = NULL;
}

void response_release(struct response *response)
{
    response_drop_fields(response);
    buf_release(&response->headers);
    buf_release(&response->body);
    response_init(response);
}
