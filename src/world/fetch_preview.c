/* SPDX-License-Identifier: MIT */
/*
 * What a hop would send. Has the engine prepare a handle as for a real one, and
 * adds what libcurl adds by itself; nothing is started.
 */
#include "world/fetch_priv.h"

#include <string.h>
#include <strings.h>

/* The list that the transfer was prepared with: its own, or the run's. */
static const struct curl_slist *list_of(const struct transfer *transfer)
{
    return transfer->headers ? transfer->headers : transfer->fetch->headers;
}

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
    if (!is_listed(list_of(transfer), name))
        buf_addf(out, "%s: %s\r\n", name, value);
}

static void add_host(const struct transfer *transfer, struct buf *out)
{
    const char *host = strstr(transfer->hop.url, "://") + 3;
    size_t len = strcspn(host, "/?#");

    if (!is_listed(list_of(transfer), "Host"))
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

void fetch_preview(struct fetch *fetch, const struct fetch_hop *hop,
                   struct buf *out)
{
    struct transfer *transfer = transfer_borrow(fetch);
    bool content = hop->body || strcmp(hop->method, "POST") == 0 ||
                   strcmp(hop->method, "PUT") == 0 ||
                   strcmp(hop->method, "PATCH") == 0;

    transfer_begin(transfer, hop);
    handle_prepare(transfer, false);
    add_host(transfer, out);
    if (hop->userinfo)
        add(transfer, out, "Authorization", "Basic");
    if (hop->settings->user_agent && *hop->settings->user_agent)
        add(transfer, out, "User-Agent", hop->settings->user_agent);
    add(transfer, out, "Accept", "*/*");
    for (const struct curl_slist *line = list_of(transfer); line;
         line = line->next)
        add_line(out, line->data);
    if (content)
        buf_addf(out, "Content-Length: %zu\r\n", hop->body_len);
    transfer_return(transfer);
}
