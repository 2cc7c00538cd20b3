/* SPDX-License-Identifier: MIT */
/*
 * What libcurl knows of a transfer at its end: times, the peer, what went
 * wrong; into the response.
 */
#include "world/fetch_priv.h"

#include "policy/classify_codes.h"

#include <stdio.h>
#include <string.h>

static double seconds_of(struct transfer *transfer, CURLINFO info)
{
    curl_off_t us = 0;

    curl_easy_getinfo(transfer->easy, info, &us);
    return (double)us / 1e6;
}

static double span(double from, double to)
{
    return to > from ? to - from : 0.0;
}

static void collect_connection(struct transfer *transfer,
                               struct hop_times *times)
{
    double dns = seconds_of(transfer, CURLINFO_NAMELOOKUP_TIME_T);
    double connect = seconds_of(transfer, CURLINFO_CONNECT_TIME_T);
    double tls = seconds_of(transfer, CURLINFO_APPCONNECT_TIME_T);

    times->dns = dns;
    times->connect = span(dns, connect) + transfer->fell_back;
    times->tls = span(connect, tls);
}

/* libcurl's clocks count from the start; the record has each phase's share. */
static void collect_times(struct transfer *transfer)
{
    struct hop_times *times = &transfer->response.times;
    long connections = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connections);
    if (connections > 0)
        collect_connection(transfer, times);
    times->ttfb = seconds_of(transfer, CURLINFO_STARTTRANSFER_TIME_T);
    if (times->ttfb > 0.0)
        times->ttfb += transfer->fell_back;
    times->total =
        transfer->over
            ? seconds_of(transfer, CURLINFO_TOTAL_TIME_T) + transfer->fell_back
            : span(transfer->started, transfer->fetch->now);
}

double transfer_pause(const struct transfer *transfer)
{
    if (!transfer->paused || (transfer->streams && !transfer->stalled))
        return 0.0;
    return transfer->fetch->now - transfer->paused_at;
}

/* Pauses were ours, not the peer's; and libcurl's clock runs on while the
 * process stands still. */
static double own_seconds(const struct transfer *transfer)
{
    double paused = transfer->paused_for + transfer_pause(transfer);

    if (transfer->over)
        paused += transfer->fetch->pulse->stopped - transfer->stopped_before;
    return span(paused, transfer->response.times.total);
}

/* A proxy was asked for a tunnel, and has given none. */
static bool lacks_tunnel(const struct transfer *transfer)
{
    long status = 0;

    if (!transfer->tunnels)
        return false;
    curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status / 100 != 2;
}

static bool has_address(const struct transfer *transfer)
{
    char *ip = NULL;

    curl_easy_getinfo(transfer->easy, CURLINFO_PRIMARY_IP, &ip);
    return ip && *ip;
}

/* Of a connection whose handshake goes on or has failed libcurl 8.14 tells
 * nothing, and 7.88 no more than the address. */
static bool has_connected(const struct transfer *transfer)
{
    return transfer->connected || has_address(transfer) ||
           ((unsigned)transfer->code < CURL_CODES &&
            classify_codes[transfer->code].error_class == CLASS_TLS);
}

enum phase transfer_phase(const struct transfer *transfer)
{
    enum phase phase = transfer->response.evidence.phase;

    if (phase == PHASE_CONNECT && transfer->tls && has_connected(transfer) &&
        !lacks_tunnel(transfer))
        return PHASE_TLS;
    return phase;
}

/* Cut where the room ends. */
static void copy(char *room, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);

    memcpy(room, text, len);
    room[len] = '\0';
}

static void collect_peer(struct transfer *transfer)
{
    struct response *response = &transfer->response;
    CURL *easy = transfer->easy;
    const char *version = "";
    char *ip = NULL;
    long port = 0, number = 0;

    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
    if (ip && *ip) {
        /* Of a Unix socket it is the path. */
        if (!transfer->hop.settings->unix_socket) {
            copy(response->remote_ip, sizeof(response->remote_ip), ip);
            response->remote_port = (int)port;
        }
    } else if (transfer->peer.family != 0 && has_connected(transfer)) {
        address_print(&transfer->peer, response->remote_ip);
        response->remote_port = transfer->peer_port;
    }
    response->evidence.phase = transfer_phase(transfer);
    if (response->evidence.status == 0)
        return;
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &number);
    switch (number) {
    case CURL_HTTP_VERSION_1_0:
        version = "1.0";
        break;
    case CURL_HTTP_VERSION_1_1:
        version = "1.1";
        break;
    case CURL_HTTP_VERSION_2_0:
        version = "2";
        break;
    case CURL_HTTP_VERSION_3:
        version = "3";
        break;
    }
    copy(response->http_version, sizeof(response->http_version), version);
}

static void collect_trouble(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;
    const char *text = transfer->error_text;
    long number = 0;

    if (evidence->os_errno == 0) {
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
        evidence->os_errno = (int)number;
    }
    curl_easy_getinfo(transfer->easy, CURLINFO_SSL_VERIFYRESULT,
                      &evidence->tls_verify);
    if (evidence->ender == ENDED_BY_WRITE)
        return; /* it has words of its own */
    if (!*text)
        text = curl_easy_strerror(transfer->code);
    snprintf(evidence->text, sizeof(evidence->text), "%.*s",
             (int)sizeof(evidence->text) - 1, text);
    evidence->no_thread = strstr(text, "thread failed to start") != NULL;
}

/* The body is over: whether what was decoded came to its end. */
static void end_decoding(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;

    evidence->coding = decode_end(transfer->decode);
    evidence->peak_bytes = decode_peak(transfer->decode);
    decode_free(transfer->decode);
    transfer->decode = NULL;
}

void transfer_collect(struct transfer *transfer)
{
    struct response *response = &transfer->response;
    struct evidence *evidence = &response->evidence;

    evidence->curl_code = (int)transfer->code;
    if (transfer->decode)
        end_decoding(transfer);
    collect_times(transfer);
    response->seconds = own_seconds(transfer);
    collect_peer(transfer);
    answer_end(transfer);
    if (transfer->code != CURLE_OK)
        collect_trouble(transfer);
    else
        evidence->length_unknown =
            evidence->headers_whole && !transfer->has_length &&
            !transfer->has_coding && response->http_version[0] == '1' &&
            !evidence->head && evidence->status != 204 &&
            evidence->status != 304;
    response->size = evidence->decoded_bytes;
    response->size_download = evidence->body_bytes;
}
