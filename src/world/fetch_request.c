/* SPDX-License-Identifier: MIT */
/*
 * The request of a hop, for libcurl: method, header fields, credentials, and
 * which of them go along to another origin. Knows no connections.
 */
#include "world/fetch_priv.h"

#include "base/buf.h"
#include "base/msg.h"
#include "policy/url.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_named(const struct request_header *header, const char *name)
{
    return strcasecmp(header->name, name) == 0;
}

static bool is_of_body(const struct request_header *header)
{
    return strncasecmp(header->name, "Content-", 8) == 0;
}

/*
 * User headers belong to the origin that the line names (they may be
 * credentials); those of a body go along with it, and only with it (RFC 9110
 * section 15.4). One that is left away is so everywhere.
 */
static bool goes_out(const struct fetch_hop *hop,
                     const struct request_header *header)
{
    if (!header->value)
        return true;
    if (is_of_body(header))
        return !hop->body_dropped && (!hop->elsewhere || hop->body);
    return !hop->elsewhere;
}

/* The line's field of the name; NULL without one. */
static const struct request_header *of_line(const struct fetch_hop *hop,
                                            const char *name)
{
    for (size_t i = 0; i < hop->header_count; i++) {
        if (is_named(&hop->headers[i], name))
            return &hop->headers[i];
    }
    return NULL;
}

/* The same of one of the run's fields, which the line may say otherwise. What
 * describes the run's body is of no other. */
static bool goes_out_of_run(const struct transfer *transfer,
                            const struct request_header *header)
{
    const struct fetch_hop *hop = &transfer->hop;

    if (of_line(hop, header->name))
        return false;
    if (hop->own_credentials && is_named(header, "Authorization"))
        return false;
    if (transfer->fetch->config->asked.body && !hop->body_is_runs &&
        is_of_body(header))
        return false;
    return goes_out(hop, header);
}

/* True when the user says this field, be it that it is left away. */
static bool has_header(const struct transfer *transfer, const char *name)
{
    const struct asked *asked = &transfer->fetch->config->asked;
    const struct request_header *own = of_line(&transfer->hop, name);

    if (own)
        return goes_out(&transfer->hop, own);
    for (size_t i = 0; i < asked->header_count; i++) {
        if (is_named(&asked->headers[i], name) &&
            goes_out_of_run(transfer, &asked->headers[i]))
            return true;
    }
    return false;
}

bool request_has_header(const struct transfer *transfer, const char *name)
{
    return has_header(transfer, name);
}

/* True when the line itself says which way its host is reached. */
static bool has_own_way(const struct fetch_hop *hop)
{
    const struct settings *own = hop->settings, *users = hop->users;

    return own->resolve.items != users->resolve.items ||
           own->connect_to.items != users->connect_to.items ||
           own->proxy != users->proxy;
}

bool request_may_know(const struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;
    bool proven = transfer->tls && !hop->settings->insecure;
    bool own_risk = transfer->tls && !proven && !hop->users->insecure;

    return proven || (!own_risk && !has_own_way(hop));
}

bool request_may_use_jar(const struct transfer *transfer)
{
    const struct request_header *host = of_line(&transfer->hop, "Host");

    return request_may_know(transfer) &&
           !(host && goes_out(&transfer->hop, host));
}

/* A body, or the announcement of none: RFC 9110 section 8.6 wants
 * "Content-Length: 0" where the method gives a body a meaning. */
static bool has_content(const struct fetch_hop *hop)
{
    bool says = hop->body || strcmp(hop->method, "POST") == 0 ||
                strcmp(hop->method, "PUT") == 0 ||
                strcmp(hop->method, "PATCH") == 0;

    return says && !url_is_websocket(hop->url); /* its is a message */
}

static void append(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (!longer)
        die("no memory for a header");
    *list = longer;
}

/* CURLOPT_HTTPHEADER: "Name: value", "Name;" for an empty value, "Name:" to
 * leave one of libcurl's own away. */
static void append_field(struct curl_slist **list, const char *name,
                         const char *value)
{
    struct buf line;

    buf_init(&line, (size_t)1 << 22);
    buf_add_str(&line, name);
    if (!value)
        buf_add_char(&line, ':');
    else if (!*value)
        buf_add_char(&line, ';');
    else
        buf_addf(&line, ": %s", value);
    append(list, line.data);
    buf_release(&line);
}

/* Cookies go otherwise: see prepare_cookie. */
static void append_user(struct curl_slist **list,
                        const struct request_header *header)
{
    if (!is_named(header, "Cookie"))
        append_field(list, header->name, header->value);
}

/* Where the server of a stream has said more than the user could know. */
static bool is_outdated(const struct fetch_hop *hop,
                        const struct request_header *header)
{
    return hop->last_event_id && is_named(header, "Last-Event-ID");
}

static void append_users(const struct transfer *transfer,
                         struct curl_slist **list)
{
    const struct fetch_hop *hop = &transfer->hop;
    const struct asked *asked = &transfer->fetch->config->asked;

    for (size_t i = 0; i < hop->header_count; i++) {
        if (goes_out(hop, &hop->headers[i]) &&
            !is_outdated(hop, &hop->headers[i]))
            append_user(list, &hop->headers[i]);
    }
    for (size_t i = 0; i < asked->header_count; i++) {
        if (goes_out_of_run(transfer, &asked->headers[i]) &&
            !is_outdated(hop, &asked->headers[i]))
            append_user(list, &asked->headers[i]);
    }
}

/* A field of ours, "Name: " PREFIX VALUE, unless the user says it. */
static void append_ours(const struct transfer *transfer,
                        struct curl_slist **list, const char *name,
                        const char *prefix, const char *value)
{
    struct buf text;

    if (!value || has_header(transfer, name))
        return;
    buf_init(&text, (size_t)1 << 22);
    buf_addf(&text, "%s%s", prefix, value);
    append_field(list, name, text.data);
    buf_release(&text);
}

/* libcurl is never told of codings: it would decode them itself, and take a
 * body that was cut short for a whole one. A range is one of coded bytes,
 * which cannot be decoded alone; nor could the rest of a coded body be asked
 * for, once it was cut off. */
static void append_codings(const struct transfer *transfer,
                           struct curl_slist **list)
{
    const struct settings *settings = transfer->hop.settings;
    bool range = settings->range || has_header(transfer, "Range") ||
                 transfer->fetch->config->resume_bodies;

    if (settings->compressed)
        append_ours(transfer, list, "Accept-Encoding", "",
                    range ? "identity" : decode_codings());
}

/* Waiting a second for "100 Continue" helps no list of requests; and the type
 * of a body is the user's to say, not libcurl's to guess. */
static void append_of_body(const struct transfer *transfer,
                           struct curl_slist **list)
{
    const struct fetch_hop *hop = &transfer->hop;
    const char *type =
        hop->body_is_runs ? transfer->fetch->config->asked.body_type : NULL;

    if (!has_content(hop))
        return;
    if (!has_header(transfer, "Expect"))
        append(list, "Expect:");
    if (!has_header(transfer, "Content-Type"))
        append_field(list, "Content-Type", type);
}

/* What a reader of events says (WHATWG HTML 9.2.2). */
static void append_events(const struct transfer *transfer,
                          struct curl_slist **list)
{
    const struct fetch_hop *hop = &transfer->hop;

    if (hop->settings->stream == STREAM_SSE)
        append_ours(transfer, list, "Accept", "", "text/event-stream");
    if (hop->last_event_id)
        append_field(list, "Last-Event-ID", hop->last_event_id);
}

/* The rest of a body that was cut off, if it still is that body. */
static void append_rest(struct curl_slist **list, const struct body_rest *rest)
{
    char range[32];

    if (rest->from == 0)
        return;
    snprintf(range, sizeof(range), "bytes=%" PRIu64 "-", rest->from);
    append_field(list, "Range", range);
    append_field(list, "If-Range", rest->validator);
}

/* CURLOPT_USERAGENT would be written twice for each request. */
static void append_agent(const struct transfer *transfer,
                         struct curl_slist **list)
{
    const char *agent = transfer->hop.settings->user_agent;

    if (agent && *agent)
        append_ours(transfer, list, "User-Agent", "", agent);
}

static struct curl_slist *make_headers(const struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;
    struct curl_slist *list = NULL;

    append_agent(transfer, &list);
    append_users(transfer, &list);
    /* Where one came from is nobody else's business. */
    if (!hop->elsewhere)
        append_ours(transfer, &list, "Referer", "", hop->settings->referer);
    append_ours(transfer, &list, "Range", "bytes=", hop->settings->range);
    append_rest(&list, &transfer->rest);
    append_ours(transfer, &list, "Authorization", "Bearer ", hop->bearer);
    append_ours(transfer, &list, "If-None-Match", "", hop->etag);
    append_ours(transfer, &list, "If-Modified-Since", "", hop->last_modified);
    append_of_body(transfer, &list);
    append_events(transfer, &list);
    append_codings(transfer, &list);
    return list;
}

/* The place of a hop's fields among those of the run, if nothing of them is
 * the line's; -1 else. With content, all such hops have the run's body, or
 * there is none. */
static int shape(const struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;

    if (hop->header_count > 0 || hop->own_credentials || hop->etag ||
        hop->last_modified || hop->last_event_id || transfer->rest.from > 0 ||
        hop->settings != &transfer->fetch->config->settings ||
        (hop->body && !hop->body_is_runs))
        return -1;
    return (hop->elsewhere ? 1 : 0) | (hop->body_dropped ? 2 : 0) |
           (has_content(hop) ? 4 : 0);
}

static void prepare_headers(struct transfer *transfer)
{
    int place;
    struct curl_slist **shared, *fields;

    transfer->rest = (struct body_rest){0};
    if (transfer->hop.answer)
        body_ask(transfer->hop.answer, &transfer->rest);
    place = shape(transfer);
    shared = place >= 0 ? &transfer->fetch->headers[place] : NULL;
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    if (shared && !*shared)
        *shared = make_headers(transfer);
    if (!shared)
        transfer->headers = make_headers(transfer);
    fields = shared ? *shared : transfer->headers;
    if (fields != transfer->given.fields)
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, fields);
    transfer->given.fields = fields;
}

static void add_cookie(struct buf *text, const char *cookie)
{
    if (cookie && *cookie)
        buf_addf(text, "%s%s", text->len ? "; " : "", cookie);
}

/* The Cookie fields that the user says; one that is left away is empty. */
static void add_cookie_fields(const struct transfer *transfer, struct buf *text)
{
    const struct fetch_hop *hop = &transfer->hop;
    const struct asked *asked = &transfer->fetch->config->asked;

    for (size_t i = 0; i < hop->header_count; i++)
        if (is_named(&hop->headers[i], "Cookie"))
            add_cookie(text, hop->headers[i].value);
    for (size_t i = 0; i < asked->header_count; i++)
        if (is_named(&asked->headers[i], "Cookie") &&
            goes_out_of_run(transfer, &asked->headers[i]))
            add_cookie(text, asked->headers[i].value);
}

/* A Cookie field stands instead of --cookie. */
void request_cookie(const struct transfer *transfer, struct buf *text)
{
    const struct strings *given = &transfer->hop.settings->cookie;

    if (transfer->hop.elsewhere)
        return; /* they are of the line's origin */
    if (has_header(transfer, "Cookie")) {
        add_cookie_fields(transfer, text);
        return;
    }
    for (size_t i = 0; i < given->count; i++)
        add_cookie(text, strchr(given->items[i], '=') ? given->items[i] : NULL);
}

/* By CURLOPT_COOKIE, never as a header field: that would be a second one
 * beside the jar's. */
static void prepare_cookie(struct transfer *transfer)
{
    struct buf text;

    buf_init(&text, (size_t)1 << 22);
    request_cookie(transfer, &text);
    if (text.len > 0 || transfer->given.cookie)
        curl_easy_setopt(transfer->easy, CURLOPT_COOKIE,
                         text.len > 0 ? text.data : NULL);
    transfer->given.cookie = text.len > 0;
    buf_release(&text);
}

static void prepare_method(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;
    bool other = strcmp(hop->method, "GET") != 0 || has_content(hop);
    CURL *easy = transfer->easy;
    const char *plain = "GET"; /* what libcurl would say by itself */

    if (!other && !transfer->given.other_method)
        return;
    transfer->given.other_method = other;
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

static void prepare_user(struct transfer *transfer, const char *userinfo)
{
    CURL *easy = transfer->easy;
    const char *colon = userinfo ? strchr(userinfo, ':') : NULL;
    char *user = NULL;

    if (!userinfo && !transfer->given.user)
        return;
    transfer->given.user = userinfo != NULL;
    if (colon)
        user = xmemdup(userinfo, (size_t)(colon - userinfo));
    curl_easy_setopt(easy, CURLOPT_USERNAME, user ? user : userinfo);
    curl_easy_setopt(easy, CURLOPT_PASSWORD,
                     colon ? colon + 1 : (userinfo ? "" : NULL));
    free(user);
}

/* An Authorization that the user writes stands alone; a file of passwords is
 * asked only where nothing else is known, and for the line's origin: it knows
 * hosts, not ports. */
static void prepare_credentials(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;
    bool said = hop->bearer || has_header(transfer, "Authorization");
    bool file = hop->settings->netrc_file && !hop->elsewhere && !said &&
                !hop->userinfo && request_may_know(transfer);

    prepare_user(transfer, said ? NULL : hop->userinfo);
    if (hop->settings->netrc_file)
        curl_easy_setopt(
            transfer->easy, CURLOPT_NETRC,
            (long)(file ? CURL_NETRC_OPTIONAL : CURL_NETRC_IGNORED));
}

/* The parts of a normalised URL, whose text is cut into them. */
static bool take_apart(CURLU *parts, char *text)
{
    char *host = strstr(text, "://") + 3;
    char *path = host + strcspn(host, "/");
    char *query = strchr(path, '?');
    char *port;
    bool done;

    if (query)
        *query++ = '\0';
    done = curl_url_set(parts, CURLUPART_PATH, path, 0) == CURLUE_OK &&
           curl_url_set(parts, CURLUPART_QUERY, query, 0) == CURLUE_OK;
    *path = '\0';
    port = strchr(*host == '[' ? strchr(host, ']') : host, ':');
    if (port)
        *port++ = '\0';
    host[-3] = '\0';
    return done && curl_url_set(parts, CURLUPART_PORT, port, 0) == CURLUE_OK &&
           curl_url_set(parts, CURLUPART_HOST, host, 0) == CURLUE_OK &&
           curl_url_set(parts, CURLUPART_SCHEME, text, 0) == CURLUE_OK;
}

/* libcurl takes the text apart, puts it together and takes it apart again;
 * parts are used as they are. But their escapes it would write in lower case.
 */
static void prepare_url(struct transfer *transfer)
{
    const char *url = transfer->hop.url;
    char *text = xstrdup(url);
    bool apart = !strchr(url, '%') && take_apart(transfer->parts, text);

    /* In this order: with newer ones, parts or none take away the text. */
    curl_easy_setopt(transfer->easy, CURLOPT_CURLU,
                     apart ? transfer->parts : NULL);
    curl_easy_setopt(transfer->easy, CURLOPT_URL, url);
    free(text);
}

/* Newer libcurls leave out the "?" of an empty query, but not of a target that
 * they are told; of that a digest would know nothing. */
static void prepare_target(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;
    bool whole = hop->proxy && !transfer->tls && !transfer->websocket &&
                 strncasecmp(hop->proxy, "http", 4) == 0;
    const char *target = NULL;

    if (hop->url[strcspn(hop->url, "?")] &&
        !hop->url[strcspn(hop->url, "?") + 1] && !hop->settings->digest)
        target = whole ? hop->url : strchr(strstr(hop->url, "://") + 3, '/');
    if (!target && !transfer->given.target)
        return;
    curl_easy_setopt(transfer->easy, CURLOPT_REQUEST_TARGET, target);
    transfer->given.target = target != NULL;
}

void request_prepare(struct transfer *transfer)
{
    prepare_url(transfer);
    prepare_target(transfer);
    prepare_method(transfer);
    prepare_headers(transfer);
    prepare_cookie(transfer);
    prepare_credentials(transfer);
}
