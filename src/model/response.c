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

void response_drop_fields(struct response *response)
{
    free(response->content_type);
    free(response->location);
    free(response->retry_after);
    free(response->etag);
    free(response->last_modified);
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
