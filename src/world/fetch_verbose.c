/* SPDX-License-Identifier: MIT */
/*
 * -v: what goes out and comes in, head by head. libcurl says it; secrets are
 * taken out here, and base/msg makes the rest safe for a terminal.
 */
#include "world/fetch_priv.h"

#include "base/buf.h"
#include "base/msg.h"

#include <inttypes.h>
#include <string.h>

#define SHOWN_MAX ((size_t)1 << 20)

static void say_line(const struct transfer *transfer, struct redact *redact,
                     char mark, const char *line, size_t len)
{
    const char *text = line;
    struct buf shown;

    buf_init(&shown, SHOWN_MAX);
    if (!transfer->fetch->config->show_secrets) {
        redact_line(redact, line, len, &shown);
        text = shown.data ? shown.data : "";
        len = shown.len;
    }
    warn("[%" PRIu64 "] %c %.*s", transfer->hop.index, mark, (int)len, text);
    buf_release(&shown);
}

/* A head, or some lines of one. */
static void say_lines(const struct transfer *transfer, struct redact *redact,
                      char mark, const char *bytes, size_t len)
{
    while (len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        size_t whole = newline ? (size_t)(newline - bytes) + 1 : len;
        size_t line = whole;

        while (line > 0 && strchr("\r\n", bytes[line - 1]) && bytes[line - 1])
            line--;
        if (line > 0)
            say_line(transfer, redact, mark, bytes, line);
        bytes += whole;
        len -= whole;
    }
}

static void say_request(struct transfer *transfer, const char *bytes,
                        size_t len)
{
    size_t rest = redact_rest(&transfer->head_cut, bytes, len);
    struct redact request = {0};

    if (rest > 0 && !transfer->fetch->config->show_secrets) {
        warn("[%" PRIu64 "] > " REDACTED, transfer->hop.index);
        bytes += rest;
        len -= rest;
    }
    say_lines(transfer, &request, '>', bytes, len);
}

int verbose_on_debug(CURL *easy, curl_infotype type, char *bytes, size_t len,
                     void *data)
{
    struct transfer *transfer = data;

    (void)easy;
    if (type == CURLINFO_HEADER_OUT)
        say_request(transfer, bytes, len);
    else if (type == CURLINFO_HEADER_IN)
        say_lines(transfer, &transfer->shown, '<', bytes, len);
    return 0;
}
