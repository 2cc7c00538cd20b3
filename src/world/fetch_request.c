/* SPDX-License-Identifier: MIT */
/*
 * The request of a hop, for libcurl: method, header fields, credentials, and
 * which of them go along to another origin. Knows no connections.
 */
#include "world/fetch_priv.h"

#include "base/buf.h"
#include "base/msg.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * User headers belong to the origin that the line names (they may be
 * credentials); those of a body go along with it, and only with it (RFC 9110
 * section 15.4).
 */
static bool goes_out(const struct fetch_hop *hop, const char *name)
{
    if (strncasecmp(name, "Content-", 8) == 0)
        return !hop->body_dropped && (!hop->elsewhere || hop->body);
    return !hop->elsewhere;
}

static bool has_header(const struct fetch_hop *hop, const char *name)
{
    for (size_t i = 0; i < hop->header_count; i++)
        if (strcasecmp(hop->headers[i].name, name) == 0)
            return goes_out(hop, name);
    return false;
}

/* A body, or the announcement of none: RFC 9110 section 8.6 wants
 * "Content-Length: 0" where the method gives a body a meaning. */
static bool has_content(const struct fetch_hop *hop)
{
    return hop->body || strcmp(hop->method, "POST") == 0 ||
           strcmp(hop->method, "PUT") == 0 || strcmp(hop->method, "PATCH") == 0;
}

static struct curl_slist *append_to(struct curl_slist *list, const char *line)
{
    list = curl_slist_append(list, line);
    if (!list)
        die("no memory for a header");
    return list;
}

static void append(struct transfer *transfer, const char *line)
{
    transfer->headers = append_to(transfer->headers, line);
}

static struct curl_slist *ask_for_codings(struct curl_slist *list,
                                          const struct config *config)
{
    char line[64];

    /* The rest of a coded body cannot be asked for. */
    snprintf(line, sizeof(line), "Accept-Encoding: %s",
             config->resume_bodies ? "identity" : decode_codings());
    return append_to(list, line);
}

struct curl_slist *request_headers(const struct config *config)
{
    return config->settings.compressed ? ask_for_codings(NULL, config) : NULL;
}

/* libcurl is never told of codings: it would decode them itself, and take a
 * body that was cut short for a whole one. */
static void prepare_codings(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;

    if (!hop->settings->compressed || has_header(hop, "Accept-Encoding"))
        return;
    /* A range is one of coded bytes, which cannot be decoded alone. */
    if (has_header(hop, "Range"))
        append(transfer, "Accept-Encoding: identity");
    else
        transfer->headers =
            ask_for_codings(transfer->headers, transfer->fetch->config);
}

/* The rest of a body that was cut off, if it still is that body. */
static void append_rest(struct transfer *transfer, const struct body_rest *rest)
{
    struct buf line;

    buf_init(&line, (size_t)1 << 22);
    buf_addf(&line, "Range: bytes=%" PRIu64 "-", rest->from);
    append(transfer, line.data);
    buf_clear(&line);
    buf_addf(&line, "If-Range: %s", rest->validator);
    append(transfer, line.data);
    buf_release(&line);
}

/* CURLOPT_HTTPHEADER: "Name: value", "Name;" for an empty value, "Name:" to
 * leave one of libcurl's own away. */
static void prepare_headers(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;
    struct body_rest rest = {0};
    struct buf line;

    if (hop->answer)
        body_ask(hop->answer, &rest);
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    if (hop->header_count == 0 && !has_content(hop) && rest.from == 0 &&
        hop->settings == &transfer->fetch->config->settings) {
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER,
                         transfer->fetch->headers);
        return;
    }
    buf_init(&line, (size_t)1 << 22);
    for (size_t i = 0; i < hop->header_count; i++) {
        const struct request_header *header = &hop->headers[i];

        if (!goes_out(hop, header->name))
            continue;
        buf_clear(&line);
        if (*header->value)
            buf_addf(&line, "%s: %s", header->name, header->value);
        else
            buf_addf(&line, "%s;", header->name);
        append(transfer, line.data);
    }
    buf_release(&line);
    if (has_content(hop)) {
        /* Waiting a second for "100 Continue" helps no list of requests; and
         * the type of a body is the line's to say, not libcurl's to guess. */
        if (!has_header(hop, "Expect"))
            append(transfer, "Expect:");
        if (!has_header(hop, "Content-Type"))
            append(transfer, "Content-Type:");
    }
    prepare_codings(transfer);
    if (rest.from > 0)
        append_rest(transfer, &rest);
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
}

static void prepare_method(CURL *easy, const struct fetch_hop *hop)
{
    const char *plain = "GET"; /* what libcurl would say by itself */

    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L); /* also undoes the others */
    if (strcmp(hop->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        plain = "HEAD";
    } else if (has_content(hop)) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(hop->body ? hop->body_len : 0));
        plain = "POST";
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                     strcmp(hop->method, plain) == 0 ? NULL : hop->method);
}

static void prepare_user(CURL *easy, const char *userinfo)
{
    const char *colon = userinfo ? strchr(userinfo, ':') : NULL;
    char *user = NULL;

    if (colon)
        user = xmemdup(userinfo, (size_t)(colon - userinfo));
    curl_easy_setopt(easy, CURLOPT_USERNAME, user ? user : userinfo);
    curl_easy_setopt(easy, CURLOPT_PASSWORD,
                     colon ? colon + 1 : (userinfo ? "" : NULL));
    free(user);
}

void request_prepare(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;

    curl_easy_setopt(transfer->easy, CURLOPT_URL, hop->url);
    prepare_method(transfer->easy, hop);
    prepare_headers(transfer);
    prepare_user(transfer->easy, hop->userinfo);
}
