/* SPDX-License-Identifier: MIT */
/*
 * The addresses of a hop's name: which one libcurl is told to connect to, how
 * long it gets while there is another, and what was learnt of them. libcurl
 * keeps the name for everything else (Host, SNI, the certificate's check).
 */
#include "world/fetch_priv.h"

#include "base/msg.h"
#include "policy/url.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* What an address gets to answer while there is another one to try. */
#define PROBE_SECONDS 0.3

static void on_probe(struct ev_loop *loop, ev_timer *timer, int events);

void address_init(struct transfer *transfer)
{
    ev_timer_init(&transfer->probe, on_probe, PROBE_SECONDS, 0.0);
    transfer->probe.data = transfer;
}

const char *address_target(const struct transfer *transfer)
{
    return *transfer->target ? transfer->target : transfer->hop.host_key;
}

void address_begin(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;

    transfer->addresses.count = hop->address_count;
    for (unsigned i = 0; i < hop->address_count; i++)
        transfer->addresses.list[i] = hop->addresses[i];
    transfer->target[0] = '\0';
    if (hop->target)
        snprintf(transfer->target, sizeof(transfer->target), "%s", hop->target);
    transfer->address_known =
        hop->address_count > 0 || hop->settings->unix_socket ||
        (!hop->proxy && host_key_is_address(address_target(transfer)));
    transfer->address_at = 0;
    transfer->fell_back = 0.0;
    transfer->last_address = false;
}

static const struct address *current(const struct transfer *transfer)
{
    return &transfer->addresses.list[transfer->address_at];
}

static bool has_next(const struct transfer *transfer)
{
    return transfer->address_at + 1 < transfer->addresses.count;
}

static double connect_left(const struct transfer *transfer)
{
    return transfer->hop.connect_timeout - transfer->fell_back;
}

static void set_connect_to(struct transfer *transfer, const char *entry)
{
    curl_slist_free_all(transfer->connect_to);
    transfer->connect_to = curl_slist_append(NULL, entry);
    if (!transfer->connect_to)
        die("no memory for an address");
}

/* CURLOPT_CONNECT_TO: "from any host and port, to this address". Kept while a
 * handle goes on to the same one. */
static void connect_to_address(struct transfer *transfer)
{
    const struct address *address = current(transfer);
    char text[ADDRESS_TEXT], entry[ADDRESS_TEXT + 8];

    if (transfer->connect_to &&
        address_equal(address, &transfer->connect_to_address))
        return;
    address_print(address, text);
    snprintf(entry, sizeof(entry),
             address->family == 6 ? "::[%s]:" : "::%s:", text);
    set_connect_to(transfer, entry);
    transfer->connect_to_address = *address;
}

/* The same to another host and port than the URL's, at its address where that
 * is known. */
static void connect_to_target(struct transfer *transfer)
{
    char text[ADDRESS_TEXT], entry[HOST_KEY_TEXT + 8];
    size_t len;
    const char *host = host_key_host(transfer->target, &len);
    const char *port = host + len; /* ":8443" */

    if (transfer->addresses.count == 0) {
        snprintf(entry, sizeof(entry), "::%s", host);
    } else {
        address_print(current(transfer), text);
        snprintf(entry, sizeof(entry),
                 current(transfer)->family == 6 ? "::[%s]%s" : "::%s%s", text,
                 port);
    }
    set_connect_to(transfer, entry);
    transfer->connect_to_address = (struct address){0};
}

/* 0 would mean libcurl's own 300 s, and what is over INT_MAX is refused. */
static long milliseconds(double seconds)
{
    double ms = ceil(seconds * 1000.0);

    return ms < 1.0 ? 1L : ms > INT_MAX ? (long)INT_MAX : (long)ms;
}

void address_prepare(struct transfer *transfer)
{
    struct given *given = &transfer->given;
    CURL *easy = transfer->easy;
    long connect_ms = milliseconds(connect_left(transfer));

    if (transfer->addresses.count > 0 || *transfer->target) {
        if (*transfer->target)
            connect_to_target(transfer);
        else
            connect_to_address(transfer);
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->connect_to);
        given->connect_to = true;
    } else if (given->connect_to) {
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, NULL);
        given->connect_to = false;
    }
    /* libcurl walks its name cache after every transfer: an address need not
     * be in it. */
    if (transfer->address_known != given->no_names)
        curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT,
                         transfer->address_known ? 0L : 60L);
    if (connect_ms != given->connect_ms)
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    given->no_names = transfer->address_known;
    given->connect_ms = connect_ms;
}

void address_watch(struct transfer *transfer)
{
    if (has_next(transfer))
        ev_timer_start(transfer->fetch->loop, &transfer->probe);
}

void address_unwatch(struct transfer *transfer)
{
    ev_timer_stop(transfer->fetch->loop, &transfer->probe);
}

/* True while a connection of this transfer's own is being made. One that only
 * waits for another's connection has opened no socket. */
static bool is_connecting(const struct transfer *transfer)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof(peer);

    return !transfer->over && transfer->socket != CURL_SOCKET_BAD &&
           transfer->response.evidence.phase == PHASE_CONNECT &&
           getpeername(transfer->socket, (struct sockaddr *)&peer, &len) != 0;
}

/* The address has had its time: the hop ends, and goes on when it is reaped.
 * A handshake that has begun may take longer. */
static void on_probe(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct transfer *transfer = timer->data;
    double had =
        pulse_read(transfer->fetch->pulse, PULSE_OTHER) - transfer->launched;

    (void)events;
    if (had < PROBE_SECONDS / 2) { /* the process stood still */
        ev_timer_set(timer, PROBE_SECONDS, 0.0);
        ev_timer_start(loop, timer);
        return;
    }
    if (!is_connecting(transfer))
        return;
    transfer->code = CURLE_OPERATION_TIMEDOUT;
    transfer->over = true;
    list_remove(&transfer->place);
    list_push_back(&transfer->fetch->ended, &transfer->place);
}

/* No connection came about, and that is the address's fault, not ours. */
static bool is_broken(const struct transfer *transfer)
{
    const struct evidence *evidence = &transfer->response.evidence;

    return evidence->ender == ENDED_BY_PEER && !evidence->no_socket &&
           evidence->phase == PHASE_CONNECT &&
           transfer->socket != CURL_SOCKET_BAD &&
           (transfer->code == CURLE_COULDNT_CONNECT ||
            transfer->code == CURLE_OPERATION_TIMEDOUT);
}

static void learn(const struct transfer *transfer, const struct address *worked,
                  unsigned broken)
{
    const struct fetch *fetch = transfer->fetch;

    resolve_learn(fetch->resolve, address_target(transfer), worked,
                  transfer->addresses.list, broken, fetch->now);
}

bool address_next(struct transfer *transfer)
{
    const struct evidence *evidence = &transfer->response.evidence;
    bool broken = is_broken(transfer);

    if (transfer->addresses.count < 2)
        return false;
    if (!broken) {
        if (evidence->phase > PHASE_CONNECT)
            learn(transfer, current(transfer), transfer->address_at);
        return false;
    }
    learn(transfer, NULL, transfer->address_at + 1);
    transfer->fell_back = transfer->fetch->now - transfer->started;
    if (!has_next(transfer) || transfer->last_address ||
        connect_left(transfer) <= 0.0)
        return false;
    transfer->address_at++;
    return true;
}
