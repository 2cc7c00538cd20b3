/* SPDX-License-Identifier: MIT */
/*
 * Where an easy handle is configured. Handles are pooled: what holds for the
 * run is set once, handle_prepare sets every option that any hop may set and
 * that is not so yet, so nothing of an earlier hop stays. The request itself is
 * fetch_request's.
 */
#include "world/fetch_priv.h"

#include "policy/client_cert.h"
#include "policy/url.h"

#include <limits.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* Bytes received in a turn of the loop: with libcurl's 16 KiB a large body
 * costs a third more CPU, but many at once would need much memory for more,
 * and of buffers of many sizes that come and go the heap keeps gaps. So they
 * share RECEIVE_ALL as if the most that ever ran at once always did. */
#define RECEIVE_LEAST (16L * 1024)
#define RECEIVE_MOST  (128L * 1024)
#define RECEIVE_ALL   (2L * 1024 * 1024)

/* The least that it may be (CURLOPT_BUFFERSIZE). */
#define BUFFER_LEAST 1024

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
    if (!transfer->fetch->config->verbose)
        return;
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, verbose_on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

/* What holds for every hop. */
static void init(struct transfer *transfer)
{
    CURL *easy = transfer->easy;

    init_callbacks(easy, transfer);
    if (transfer->fetch->cookies && request_may_use_jar(transfer))
        cookies_attach(transfer->fetch->cookies, easy);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                     url_has_websocket() ? "http,https,ws,wss" : "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Else a lookup that timed out blocks the loop until getaddrinfo ends. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    /* The proxy is ours to choose: libcurl looks at no variable. */
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
}

/* Said to have any greatest version, OpenSSL's QUIC does not start. */
static long tls_range(const struct settings *settings)
{
    return (settings->tls_min == TLS_1_3 ? CURL_SSLVERSION_TLSv1_3
                                         : CURL_SSLVERSION_TLSv1_2) |
           (settings->tls_max == TLS_1_2 ? CURL_SSLVERSION_MAX_TLSv1_2
                                         : CURL_SSLVERSION_MAX_NONE);
}

/* The client's certificate is for the origin that the line names. */
static void set_client(CURL *easy, const struct settings *settings)
{
    struct client_cert cert = {0};

    if (settings->cert)
        client_cert_init(&cert, settings->cert);
    curl_easy_setopt(easy, CURLOPT_SSLCERT, cert.file);
    curl_easy_setopt(easy, CURLOPT_SSLKEY, settings->key);
    curl_easy_setopt(easy, CURLOPT_KEYPASSWD,
                     settings->pass ? settings->pass : cert.password);
    client_cert_release(&cert);
}

static void set_tls(CURL *easy, const struct settings *settings)
{
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, tls_range(settings));
    curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION,
                     (long)CURL_SSLVERSION_TLSv1_2);
    /* A CAPATH (Debian's default) disables libcurl's cache of the CA store:
     * 50 connections then cost 1.09 s of CPU instead of 0.10 s. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, settings->capath);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, settings->capath);
    if (settings->cacert) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, settings->cacert);
        curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, settings->cacert);
    }
    curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, settings->pinnedpubkey);
    curl_easy_setopt(easy, CURLOPT_SSL_CIPHER_LIST, settings->ciphers);
    if (settings->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static long ip_resolve(unsigned ip)
{
    return ip == IP_4   ? CURL_IPRESOLVE_V4
           : ip == IP_6 ? CURL_IPRESOLVE_V6
                        : CURL_IPRESOLVE_WHATEVER;
}

/* The credentials of the run's proxy are not for one that a line names. */
static const char *proxy_user(const struct settings *settings,
                              const struct settings *run)
{
    if (settings->proxy != run->proxy &&
        settings->proxy_user == run->proxy_user)
        return NULL;
    return settings->proxy_user;
}

static void set_connection(CURL *easy, const struct settings *settings,
                           const struct settings *run)
{
    curl_easy_setopt(easy, CURLOPT_IPRESOLVE, ip_resolve(settings->ip));
    curl_easy_setopt(easy, CURLOPT_INTERFACE, settings->local_interface);
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, settings->unix_socket);
    curl_easy_setopt(easy, CURLOPT_PROXYUSERPWD, proxy_user(settings, run));
}

static void set_credentials(CURL *easy, const struct settings *settings)
{
    curl_easy_setopt(
        easy, CURLOPT_HTTPAUTH,
        (long)(settings->digest ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
    curl_easy_setopt(easy, CURLOPT_NETRC_FILE, settings->netrc_file);
}

static void set_limits(CURL *easy, const struct settings *settings)
{
    double seconds = settings_speed_time(settings);
    curl_off_t rate = (curl_off_t)settings->limit_rate;

    curl_easy_setopt(easy, CURLOPT_MAX_RECV_SPEED_LARGE, rate);
    curl_easy_setopt(easy, CURLOPT_MAX_SEND_SPEED_LARGE, rate);
    if (seconds <= 0.0 || settings->speed_limit == 0)
        return;
    /* libcurl refuses more than these. */
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
                     (long)(settings->speed_limit < INT_MAX
                                ? settings->speed_limit
                                : INT_MAX));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                     (long)fmin(ceil(seconds), 65535.0));
}

/* What the settings of a request say. Most have the run's, so a handle keeps
 * what it was set to; one that changes begins anew, so nothing stays. At
 * another origin the settings are less than the run's. */
static void prepare_settings(struct transfer *transfer)
{
    const struct settings *settings = transfer->hop.settings;
    const struct settings *run = &transfer->fetch->config->settings;
    CURL *easy = transfer->easy;

    bool elsewhere = transfer->hop.elsewhere && settings->cert;
    /* A handle would answer the next host with the last one's challenge. */
    bool as_run = settings == run && !elsewhere && !settings->digest &&
                  !(transfer->fetch->cookies && !request_may_use_jar(transfer));

    if (transfer->given.as_run && as_run)
        return;
    cookies_detach(easy);
    curl_easy_reset(easy);
    transfer->given = (struct given){.as_run = as_run};
    init(transfer);
    set_tls(easy, settings);
    if (!elsewhere)
        set_client(easy, settings);
    set_connection(easy, settings, run);
    set_credentials(easy, settings);
    set_limits(easy, settings);
}

/* For plain http, asking for 2 would only make libcurl wait for the first
 * connection before it opens a second one. */
static long http_version(const struct transfer *transfer)
{
    if (transfer->websocket)
        return CURL_HTTP_VERSION_1_1; /* RFC 6455; 8441 libcurl has not */
    switch (transfer->hop.settings->http) {
    case HTTP_1_1:
        return CURL_HTTP_VERSION_1_1;
    case HTTP_2:
        return CURL_HTTP_VERSION_2_0;
    case HTTP_2_PRIOR:
        return CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    case HTTP_3:
        if (transfer->tls && !transfer->hop.no_http3)
            return CURL_HTTP_VERSION_3; /* or less, where that fails */
        /* fall through */
    default:
        return transfer->tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1;
    }
}

static void prepare_version(struct transfer *transfer)
{
    long version = http_version(transfer);

    transfer->upgrades = version == CURL_HTTP_VERSION_2_0 && !transfer->tls;
    if (version == transfer->given.version)
        return;
    transfer->given.version = version;
    curl_easy_setopt(transfer->easy, CURLOPT_HTTP_VERSION, version);
    curl_easy_setopt(transfer->easy, CURLOPT_PIPEWAIT,
                     (long)(version != CURL_HTTP_VERSION_1_1));
}

static void prepare_proxy(struct transfer *transfer)
{
    const char *proxy = transfer->hop.proxy;

    transfer->tunnels =
        proxy && transfer->tls && strncasecmp(proxy, "http", 4) == 0;
    if (!proxy && !transfer->given.proxy)
        return;
    curl_easy_setopt(transfer->easy, CURLOPT_PROXY, proxy ? proxy : "");
    /* Of a CONNECT; the request has it among its fields. */
    curl_easy_setopt(transfer->easy, CURLOPT_USERAGENT,
                     proxy ? transfer->hop.settings->user_agent : NULL);
    transfer->given.proxy = proxy != NULL;
}

/* libcurl sends a request again by itself when a reused connection turns out
 * to be dead. A body stops that (see READFUNCTION), an idempotent method does
 * not mind; what is left gets a connection of its own. */
static void prepare_reuse(struct transfer *transfer, bool single)
{
    const struct fetch_hop *hop = &transfer->hop;
    struct given *given = &transfer->given;
    bool fresh = transfer->websocket ||
                 (hop->body_len == 0 && !method_idempotent(hop->method));

    if (fresh != given->fresh)
        curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, (long)fresh);
    if (single != given->single)
        curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, (long)single);
    given->fresh = fresh;
    given->single = single;
}

static long buffer_bytes(const struct transfer *transfer)
{
    uint64_t rate = transfer->hop.settings->limit_rate;
    long running = (long)transfer->fetch->running_most;
    long bytes = RECEIVE_MOST;

    while (bytes > RECEIVE_LEAST && bytes * running > RECEIVE_ALL)
        bytes /= 2;
    /* libcurl looks at the rate after up to 100 buffers, and only then waits:
     * those of a slow transfer are to hold no more than a second's worth. */
    if (rate > 0 && rate / 100 < (uint64_t)bytes)
        bytes = rate / 100 < BUFFER_LEAST ? BUFFER_LEAST : (long)(rate / 100);
    return bytes;
}

static void prepare_buffer(struct transfer *transfer)
{
    long bytes = buffer_bytes(transfer);

    if (bytes != transfer->given.buffer)
        curl_easy_setopt(transfer->easy, CURLOPT_BUFFERSIZE, bytes);
    transfer->given.buffer = bytes;
}

void handle_prepare(struct transfer *transfer, bool forbid_reuse)
{
    prepare_settings(transfer);
    request_prepare(transfer);
    address_prepare(transfer);
    prepare_version(transfer);
    prepare_proxy(transfer);
    prepare_reuse(transfer, forbid_reuse);
    prepare_buffer(transfer);
}
