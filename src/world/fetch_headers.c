/* SPDX-License-Identifier: MIT */
/*
 * The header block of a response, line by line as libcurl hands it over: what
 * its fields say that we must know ourselves, and whether its framing may
 * stand (RFC 9112 section 6.3). Notes facts; decides nothing.
 */
#include "world/fetch_priv.h"

#include "base/msg.h"
#include "policy/cooldown.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "HTTP/1.1 200 OK": three digits behind the version; -1 when there are not. */
static int status_of(const char *line, size_t len)
{
    const char *end = line + len;
    const char *digits = memchr(line, ' ', len);
    int status = 0;

    if (!digits || end - digits < 4)
        return -1;
    for (int i = 1; i <= 3; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return -1;
        status = status * 10 + (digits[i] - '0');
    }
    if (end - digits > 4 && digits[4] >= '0' && digits[4] <= '9')
        return -1;
    return status >= 100 ? status : -1;
}

/* A new header block begins: an interim one, or the final one. */
static void on_status_line(struct transfer *transfer, const char *line,
                           size_t len)
{
    struct response *response = &transfer->response;
    struct evidence *evidence = &response->evidence;
    int status = status_of(line, len);

    transfer->in_block = true;
    evidence->phase = PHASE_HEADERS;
    evidence->headers_whole = false;
    evidence->header_bytes = 0;
    evidence->length = -1;
    evidence->framing = FRAMING_PLAIN;
    transfer->header_fields = 0;
    transfer->has_length = transfer->has_coding = false;
    transfer->plan = (struct decode_plan){0};
    buf_clear(&response->headers);
    response_drop_fields(response);
    if (status > 0)
        evidence->status = status;
    if (status < 0 ||
        (status == 101 && !transfer->upgrades && !transfer->websocket))
        evidence->framing = FRAMING_BAD_STATUS;
}

/* The blank line: whether what it ends may stand. */
static size_t on_headers_end(struct transfer *transfer, size_t len)
{
    struct evidence *evidence = &transfer->response.evidence;

    transfer->in_block = false;
    if (evidence->status == 101 && evidence->framing == FRAMING_PLAIN) {
        if (transfer->websocket)
            websocket_open(transfer);
        return len; /* else HTTP/2 follows, in place of HTTP/1.1 */
    }
    if (evidence->status < 200 && evidence->framing == FRAMING_PLAIN)
        return len; /* an interim response: the final one follows */
    evidence->headers_whole = true;
    evidence->phase = PHASE_BODY;
    if (transfer->has_length && transfer->has_coding &&
        evidence->framing == FRAMING_PLAIN)
        evidence->framing = FRAMING_AMBIGUOUS;
    if (evidence->framing == FRAMING_PLAIN ||
        evidence->framing == FRAMING_AMBIGUOUS)
        return stream_open(transfer) && answer_begin(transfer) ? len : 0;
    evidence->ender = ENDED_BY_HEADERS;
    return 0;
}

/* RFC 9110 section 8.6: digits only; a list of equal values may pass. */
static void on_content_length(struct transfer *transfer, const char *value,
                              size_t len)
{
    struct evidence *evidence = &transfer->response.evidence;
    int64_t length = 0;

    if (len == 0)
        evidence->framing = FRAMING_BAD_LENGTH;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9' ||
            length > (INT64_MAX - (value[i] - '0')) / 10) {
            evidence->framing = FRAMING_BAD_LENGTH;
            return;
        }
        length = length * 10 + (value[i] - '0');
    }
    if (transfer->has_length && evidence->length != length)
        evidence->framing = FRAMING_TWO_LENGTHS;
    transfer->has_length = true;
    evidence->length = length;
}

/* True when the field's name is `name` (which is in lower case). */
static bool name_is(const char *line, size_t len, const char *name)
{
    size_t n = strlen(name);

    return len == n && strncasecmp(line, name, n) == 0;
}

static void keep(char **place, const char *value, size_t len)
{
    free(*place);
    *place = xmemdup(value, len);
}

static_assert(RATE_FIELDS == COOLDOWN_FIELDS, "each has its place");

/* One that tells of a rate limit; lines of the same name are one list. */
static void on_rate_field(struct response *response, const char *name,
                          size_t name_len, const char *value, size_t value_len)
{
    enum cooldown_field field = cooldown_field(name, name_len);
    char **place, *joined;
    size_t before;

    if (field == COOLDOWN_FIELDS)
        return;
    if (!response->rate_fields)
        response->rate_fields = xcalloc(RATE_FIELDS, sizeof(char *));
    place = &response->rate_fields[field];
    if (!*place) {
        *place = xmemdup(value, value_len);
        return;
    }
    before = strlen(*place);
    joined = xrealloc(*place, before + value_len + 2);
    joined[before] = ',';
    memcpy(joined + before + 1, value, value_len);
    joined[before + 1 + value_len] = '\0';
    *place = joined;
}

static void on_field(struct transfer *transfer, const char *line, size_t len)
{
    struct response *response = &transfer->response;
    bool validators =
        transfer->hop.want_validators ||
        (transfer->hop.answer && body_wants_validators(transfer->hop.answer));
    const char *colon = memchr(line, ':', len);
    const char *value, *end = line + len;
    size_t name_len, value_len;

    if (!colon)
        return;
    name_len = (size_t)(colon - line);
    for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
        value++;
    while (end > value && strchr(" \t\r\n", end[-1]))
        end--;
    value_len = (size_t)(end - value);
    switch (line[0] | 0x20) {
    case 'c':
        if (name_is(line, name_len, "content-length"))
            on_content_length(transfer, value, value_len);
        else if (name_is(line, name_len, "content-type"))
            keep(&response->content_type, value, value_len);
        else if (name_is(line, name_len, "content-encoding"))
            decode_plan_add(&transfer->plan, value, value_len);
        else if (validators && name_is(line, name_len, "content-range"))
            keep(&response->content_range, value, value_len);
        break;
    case 'e':
        if (validators && name_is(line, name_len, "etag"))
            keep(&response->etag, value, value_len);
        break;
    case 'l':
        if (name_is(line, name_len, "location"))
            keep(&response->location, value, value_len);
        else if (validators && name_is(line, name_len, "last-modified"))
            keep(&response->last_modified, value, value_len);
        break;
    case 'r':
        if (name_is(line, name_len, "retry-after"))
            keep(&response->retry_after, value, value_len);
        else
            on_rate_field(response, line, name_len, value, value_len);
        break;
    case 's':
        if (transfer->fetch->cookies && name_is(line, name_len, "set-cookie"))
            transfer->fetch->cookie_fields++;
        break;
    case 't':
        if (name_is(line, name_len, "transfer-encoding"))
            transfer->has_coding = true;
        break;
    case 'x':
        on_rate_field(response, line, name_len, value, value_len);
        break;
    }
}

/* Counts a line against the bounds of a header block; false beyond them. */
static bool within_bounds(struct transfer *transfer, size_t len)
{
    struct evidence *evidence = &transfer->response.evidence;

    evidence->header_bytes += len;
    if (evidence->header_bytes <= HEADER_BYTES_MAX &&
        ++transfer->header_fields <= HEADER_FIELDS_MAX)
        return true;
    evidence->framing = FRAMING_HEADER_FLOOD;
    evidence->ender = ENDED_BY_HEADERS;
    return false;
}

/*
 * CURLOPT_HEADERFUNCTION: a line of a header block, or of the trailers behind
 * a chunked body, which say nothing here but count.
 */
size_t transfer_on_header(char *bytes, size_t size, size_t count, void *data)
{
    struct transfer *transfer = data;
    struct evidence *evidence = &transfer->response.evidence;
    size_t len = size * count;

    /* A field or a trailer may begin with "HTTP/" too, and begins nothing. */
    if (!transfer->in_block && !evidence->headers_whole && len >= 5 &&
        memcmp(bytes, "HTTP/", 5) == 0) {
        on_status_line(transfer, bytes, len);
        return len;
    }
    if (transfer->in_block && (bytes[0] == '\r' || bytes[0] == '\n'))
        return on_headers_end(transfer, len);
    if (!within_bounds(transfer, len))
        return 0;
    if (evidence->headers_whole)
        return len;
    if (transfer->hop.want_headers)
        buf_add(&transfer->response.headers, bytes, len);
    on_field(transfer, bytes, len);
    return len;
}
