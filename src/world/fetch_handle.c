/* SPDX-License-Identifier: MIT */
/*
 * The only place where an easy handle is configured. Handles are pooled:
 * what holds for the run is set once, handle_prepare sets every option that
 * any hop may set, so that nothing of an earlier hop stays.
 */
#include "world/fetch_priv.h"

#include "base/buf.h"
#include "base/msg.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void init_callbacks(CURL *easy, struct transfer *transfer)
{
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error_text);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, transfer_on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, transfer_on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    /* No SEEKFUNCTION on purpose: libcurl then cannot silently send a body
     * again over a new connection, it fails with CURLE_SEND_FAIL_REWIND. */
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, transfer_on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, transfer_on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, transfer_on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

static void set_tls(CURL *easy, const struct settings *settings)
{
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* A CAPATH (Debian's default) disables libcurl's cache of the CA store:
     * 50 connections then cost 1.09 s of CPU instead of 0.10 s. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, settings->capath);
    if (settings->cacert)
        curl_easy_setopt(easy, CURLOPT_CAINFO, settings->cacert);
    if (settings->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static void set_limits(CURL *easy, const struct settings *settings)
{
    if (settings->speed_time <= 0.0 || settings->speed_limit == 0)
        return;
    /* libcurl refuses more than these. */
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
                     (long)(settings->speed_limit < INT_MAX
                                ? settings->speed_limit
                                : INT_MAX));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                     (long)fmin(ceil(settings->speed_time), 65535.0));
}

/* What holds for every hop. */
static void init(struct transfer *transfer)
{
    CURL *easy = transfer->easy;

    init_callbacks(easy, transfer);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Else a lookup that timed out blocks the loop until getaddrinfo ends. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    /* Without a proxy in the environment libcurl need not look for one in
     * each transfer. */
    if (!transfer->fetch->environment_proxy) {
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    }
}

/* What the settings of a request say. Most have the run's, so a handle keeps
 * what it was set to; one that changes begins anew, so nothing stays. */
static void prepare_settings(struct transfer *transfer)
{
    const struct settings *settings = transfer->hop.settings;
    const struct settings *run = &transfer->fetch->config->settings;
    CURL *easy = transfer->easy;

    if (transfer->set_as_run && settings == run)
        return;
    curl_easy_reset(easy);
    transfer->connecting_to = false;
    init(transfer);
    transfer->set_as_run = settings == run;
    curl_easy_setopt(easy, CURLOPT_USERAGENT, settings->user_agent);
    set_tls(easy, settings);
    set_limits(easy, settings);
}

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

static struct curl_slist *ask_for_codings(struct curl_slist *list)
{
    char line[64];

    snprintf(line, sizeof(line), "Accept-Encoding: %s", decode_codings());
    return append_to(list, line);
}

struct curl_slist *handle_headers(const struct config *config)
{
    return config->settings.compressed ? ask_for_codings(NULL) : NULL;
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
        transfer->headers = ask_for_codings(transfer->headers);
}

/* CURLOPT_HTTPHEADER: "Name: value", "Name;" for an empty value, "Name:" to
 * leave one of libcurl's own away. */
static void prepare_headers(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;
    struct buf line;

    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    if (hop->header_count == 0 && !has_content(hop) &&
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

void handle_prepare(struct transfer *transfer, bool forbid_reuse)
{
    const struct fetch_hop *hop = &transfer->hop;
    CURL *easy = transfer->easy;
    /* libcurl sends a request again by itself when a reused connection turns
     * out to be dead. A body stops that (see READFUNCTION), an idempotent
     * method does not mind; what is left gets a connection of its own. */
    bool fresh = hop->body_len == 0 && !method_idempotent(hop->method);

    prepare_settings(transfer);
    curl_easy_setopt(easy, CURLOPT_URL, hop->url);
    prepare_method(easy, hop);
    prepare_headers(transfer);
    prepare_user(easy, hop->userinfo);
    address_prepare(transfer);
    /* For plain http, asking for 2 would only make libcurl wait for the first
     * connection before it opens a second one. */
    curl_easy_setopt(
        easy, CURLOPT_HTTP_VERSION,
        (long)(transfer->tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)transfer->tls);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)fresh);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)forbid_reuse);
}
