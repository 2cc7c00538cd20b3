/* SPDX-License-Identifier: MIT */
/*
 * The parts of a line against each other. Must not know how lines are read.
 */
#include "policy/line_check.h"

#include "policy/line_limits.h"
#include "policy/url.h"

#include <string.h>

static int bad(struct error *error, enum error_code code, const char *text)
{
    error_set(error, CLASS_INPUT, code, PHASE_QUEUE, "%s", text);
    return -1;
}

static int check_websocket(struct request *request, bool method_given,
                           struct error *error)
{
    if (method_given && strcmp(request->method, "GET") != 0)
        return bad(error, CODE_BAD_METHOD,
                   "method: a WebSocket is opened by GET");
    memcpy(request->method, "GET", sizeof("GET"));
    if (request->settings->stream == STREAM_SSE)
        return bad(error, CODE_BAD_VALUE,
                   "stream: a WebSocket has messages, no server-sent events");
    if (request->settings->stream == STREAM_NONE)
        request_own_settings(request)->stream = STREAM_LINES;
    return 0;
}

int line_check(const struct config *config, const struct opt_table *options,
               struct request *request, bool method_given, struct error *error)
{
    if (url_is_websocket(request->url) &&
        check_websocket(request, method_given, error) != 0)
        return -1;
    if (request->settings->http == HTTP_3 && !url_has_http3())
        return bad(error, CODE_BAD_VALUE, "http3: this libcurl has no HTTP/3");
    /* Items are the body: a record cannot hold it too. */
    if (config->body == BODY_INLINE && request->settings->stream != STREAM_NONE)
        return bad(error, CODE_BAD_VALUE,
                   "stream: cannot stand beside --body inline");
    if (config->keep_order && request->settings->stream != STREAM_NONE)
        return bad(error, CODE_BAD_VALUE,
                   "stream: cannot stand beside --keep-order");
    return config->cap_lines ? line_limits_check(options, request, error) : 0;
}
