/* SPDX-License-Identifier: MIT */
/*
 * What a hop would send. Has the engine prepare a handle as for a real one, and
 * adds what libcurl adds by itself; nothing is started.
 */
#include "world/fetch_priv.h"

#include "policy/redact.h"
#include "policy/url.h"

#include <string.h>
#include <strings.h>

/* True when a line of the list sets or removes the field. */
static bool is_listed(const struct curl_slist *list, const char *name)
{
    size_t len = strlen(name);

    for (; list; list = list->next)
        if (strncasecmp(list->data, name, len) == 0 &&
            (list->data[len] == ':' || list->data[len] == ';'))
            return true;
    return false;
}

static void add(const struct transfer *transfer, struct buf *out,
                const char *name, const char *value)
{
    if (!is_listed(transfer->given.fields, name))
        buf_addf(out, "%s: %s\r\n", name, value);
}

static void add_host(const struct transfer *transfer, struct buf *out)
{
    const char *host = strstr(transfer->hop.url, "://") + 3;
    size_t len = strcspn(host, "/?#");

    if (!is_listed(transfer->given.fields, "Host"))
        buf_addf(out, "Host: %.*s\r\n", (int)len, host);
}

/* A line as CURLOPT_HTTPHEADER has it: "Name: value", "Name;" for an empty
 * value, "Name:" for one that is not sent. */
static void add_line(struct buf *out, const char *line)
{
    size_t len = strlen(line);

    if (len == 0 || line[len - 1] == ':')
        return;
    if (line[len - 1] == ';' && !strchr(line, ':'))
        buf_addf(out, "%.*s:\r\n", (int)len - 1, line);
    else
        buf_addf(out, "%s\r\n", line);
}

static void add_cookie(const struct transfer *transfer, struct buf *out)
{
    struct buf text;

    buf_init(&text, SIZE_MAX / 2);
    request_cookie(transfer, &text);
    if (text.len > 0)
        buf_addf(out, "Cookie: %s\r\n", text.data);
    buf_release(&text);
}

void fetch_preview(struct fetch *fetch, const struct fetch_hop *hop,
                   struct buf *out)
{
    struct transfer *transfer = transfer_borrow(fetch);
    bool content =
        !url_is_websocket(hop->url) &&
        (hop->body || strcmp(hop->method, "POST") == 0 ||
         strcmp(hop->method, "PUT") == 0 || strcmp(hop->method, "PATCH") == 0);

    transfer_begin(transfer, hop);
    handle_prepare(transfer, false);
    add_host(transfer, out);
    /* Digest waits for a challenge. */
    if (hop->userinfo && !hop->settings->digest)
        add(transfer, out, "Authorization", "Basic " REDACTED);
    add(transfer, out, "Accept", "*/*");
    for (const struct curl_slist *line = transfer->given.fields; line;
         line = line->next)
        add_line(out, line->data);
    add_cookie(transfer, out);
    if (content)
        buf_addf(out, "Content-Length: %zu\r\n", hop->body_len);
    transfer_return(transfer);
}
