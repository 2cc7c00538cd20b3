/* SPDX-License-Identifier: MIT */
/*
 * Putting replies together. Knows the framing of HTTP/1.1; knows neither the
 * script nor the socket.
 */
#include "reply.h"

#include <inttypes.h>
#include <string.h>

#define PIECE ((size_t)64 << 10)

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {408, "Request Timeout"},
    {410, "Gone"},
    {418, "I'm a teapot"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Unnamed";
}

void reply_reset(struct reply *r)
{
    struct reply kept = {
        .fields = r->fields, .head = r->head, .tail = r->tail, .piece = PIECE};

    *r = kept;
    text_clear(&r->fields);
    text_clear(&r->head);
    text_clear(&r->tail);
}

void reply_release(struct reply *r)
{
    text_release(&r->fields);
    text_release(&r->head);
    text_release(&r->tail);
}

void reply_field(struct reply *r, const char *name, const char *value)
{
    text_printf(&r->fields, "%s: %s\r\n", name, value);
}

void reply_start(struct reply *r, int status)
{
    text_printf(&r->head, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
    if (r->end == END_CLOSE)
        text_puts(&r->head, "Connection: close\r\n");
    text_add(&r->head, r->fields.bytes, r->fields.len);
}

static bool bodiless(int status)
{
    return status < 200 || status == 204 || status == 304;
}

void reply_body(struct reply *r, const struct request *q, int status,
                const char *type, const char *bytes, size_t len)
{
    reply_start(r, status);
    if (bodiless(status)) {
        text_puts(&r->head, "\r\n");
        return;
    }
    if (!strcasestr(r->fields.bytes ? r->fields.bytes : "", "content-type:"))
        text_printf(&r->head, "Content-Type: %s\r\n", type);
    if (r->chunked)
        text_puts(&r->head, "Transfer-Encoding: chunked\r\n\r\n");
    else
        text_printf(&r->head, "Content-Length: %zu\r\n\r\n", len);
    if (q->is_head)
        return;
    if (r->chunked && len)
        text_printf(&r->head, "%zx\r\n", len);
    text_add(&r->head, bytes, len);
    if (r->chunked)
        text_puts(&r->head, len ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
}

void reply_text(struct reply *r, const struct request *q, int status,
                const char *text)
{
    reply_body(r, q, status, "text/plain; charset=utf-8", text, strlen(text));
}

void reply_generated(struct reply *r, const struct request *q, int status,
                     uint64_t len)
{
    reply_start(r, status);
    text_puts(&r->head, "Content-Type: text/plain; charset=utf-8\r\n");
    if (r->chunked || len == REPLY_ENDLESS) {
        r->chunked = true;
        text_puts(&r->head, "Transfer-Encoding: chunked\r\n\r\n");
        if (!q->is_head)
            text_puts(&r->tail, "0\r\n\r\n");
    } else {
        text_printf(&r->head, "Content-Length: %" PRIu64 "\r\n\r\n", len);
    }
    r->generated = q->is_head ? 0 : len;
}

void reply_generate(struct reply *r, struct text *out)
{
    static const char alphabet[64] = "abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-\n";
    size_t len = r->generated < r->piece ? (size_t)r->generated : r->piece;
    size_t done = 0;

    if (r->chunked)
        text_printf(out, "%zx\r\n", len);
    while (done < len) {
        size_t from = (size_t)(r->offset % sizeof alphabet);
        size_t take = sizeof alphabet - from;

        take = take < len - done ? take : len - done;
        text_add(out, alphabet + from, take);
        done += take;
        r->offset += take;
    }
    if (r->chunked)
        text_puts(out, "\r\n");
    if (r->generated != REPLY_ENDLESS)
        r->generated -= len;
}
