/* SPDX-License-Identifier: MIT */
/*
 * libcurl's callbacks of one transfer. Each notes a fact in the transfer's
 * evidence or appends to its bounded buffers; none decides, none frees.
 */
#include "world/fetch_priv.h"

#include "base/msg.h"
#include "policy/url.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

void transfer_begin(struct transfer *transfer, const struct fetch_hop *hop)
{
    transfer->hop = *hop;
    transfer->websocket = url_is_websocket(hop->url);
    transfer->tls = host_key_is_tls(hop->host_key);
    transfer->paused = false;
    transfer->paused_for = 0.0;
    transfer->started = transfer->fetch->now;
    address_begin(transfer);
    transfer_reset(transfer);
}

void transfer_reset(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;

    transfer->body_sent = 0;
    transfer->code = CURLE_OK;
    transfer->over = false;
    transfer->socket = CURL_SOCKET_BAD;
    transfer->peer.family = 0;
    transfer->connected = false;
    transfer->opened = transfer->sent_fresh = transfer->sent_again = false;
    transfer->in_block = false;
    transfer->shown = (struct redact){.answer = true};
    transfer->head_cut = false;
    transfer->header_fields = 0;
    transfer->has_length = transfer->has_coding = false;
    transfer->plan = (struct decode_plan){0};
    transfer->streams = transfer->stream_ended = false;
    transfer->error_text[0] = '\0';
    response_init(&transfer->response);
    evidence->phase = transfer->address_known ? PHASE_CONNECT : PHASE_DNS;
    evidence->length = -1;
    evidence->head = strcmp(transfer->hop.method, "HEAD") == 0;
    buf_init(&transfer->response.headers, HEADER_BYTES_MAX);
    buf_init(&transfer->response.body, SIZE_MAX / 2);
}

/* Asks the guard about a peer; false: refused, and noted why. */
static bool guard_lets(struct transfer *transfer, const struct address *address)
{
    struct evidence *evidence = &transfer->response.evidence;
    struct why why;

    if (guard_check_address(transfer->fetch->guard, address_target(transfer),
                            address, &why))
        return true;
    evidence->ender = ENDED_BY_GUARD;
    snprintf(evidence->text, sizeof(evidence->text), "%.*s",
             (int)sizeof(evidence->text) - 1, why.text);
    return false;
}

/* False: neither IPv4 nor IPv6. */
static bool read_peer(const struct curl_sockaddr *peer, struct address *address,
                      int *port)
{
    const struct sockaddr_in *in = (const void *)&peer->addr;
    const struct sockaddr_in6 *in6 = (const void *)&peer->addr;

    *address = (struct address){0};
    if (peer->family == AF_INET) {
        address->family = 4;
        memcpy(address->bytes, &in->sin_addr, 4);
        *port = ntohs(in->sin_port);
    } else if (peer->family == AF_INET6) {
        address->family = 6;
        memcpy(address->bytes, &in6->sin6_addr, 16);
        *port = ntohs(in6->sin6_port);
    }
    return address->family != 0;
}

/* CURLOPT_OPENSOCKETFUNCTION: an address is known and is about to be tried. */
curl_socket_t transfer_on_socket(void *data, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct transfer *transfer = data;
    struct evidence *evidence = &transfer->response.evidence;
    int fd;

    (void)purpose;
    evidence->phase = PHASE_CONNECT;
    transfer->connected = false;
    /* A Unix socket was refused beforehand. */
    if (read_peer(address, &transfer->peer, &transfer->peer_port) &&
        transfer->fetch->guard && !guard_lets(transfer, &transfer->peer))
        return CURL_SOCKET_BAD;
    if (address->socktype != SOCK_STREAM)
        transfer->peer.family = 0;
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
    /* Each address is tried anew: the trouble of the last one counts. */
    evidence->no_socket = false;
    evidence->os_errno = 0;
    transfer->socket = fd >= 0 ? fd : CURL_SOCKET_BAD;
    transfer->opened = true;
    if (fd >= 0)
        return fd;
    /* libcurl would call this "couldn't connect"; it is our own trouble. */
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
        errno == ENOMEM)
        evidence->no_socket = true;
    evidence->os_errno = errno;
    return CURL_SOCKET_BAD;
}

/* Until there is a connection, libcurl only waits to write. */
void transfer_on_wait(struct transfer *transfer, curl_socket_t fd)
{
    if (fd == transfer->socket && transfer->peer.family != 0)
        transfer->connected = true;
}

/*
 * libcurl sends by itself once more what a kept connection lost; and what an
 * HTTP/2 server refused (RFC 9113 section 8.7), five times and at once. Of
 * those one may be: it is how a server asks for HTTP/1.1, too. Any further one
 * is a retry, so it waits and counts as one. False: this is one.
 */
static bool may_send(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;
    bool refused = transfer->sent_fresh && evidence->status == 0;

    if (refused && transfer->sent_again) {
        evidence->ender = ENDED_BY_REFUSAL;
        evidence->phase = PHASE_WAIT;
        return false;
    }
    transfer->sent_again = refused;
    transfer->sent_fresh = transfer->opened;
    transfer->opened = false;
    return true;
}

/* CURLOPT_PREREQFUNCTION: connected, TLS done, the request goes out now. */
int transfer_on_request(void *data, char *remote_ip, char *local_ip,
                        int remote_port, int local_port)
{
    struct transfer *transfer = data;
    struct address peer;

    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    /* A kept connection opened no socket now. */
    if (transfer->fetch->guard && remote_ip &&
        address_parse(remote_ip, strlen(remote_ip), &peer) &&
        !guard_lets(transfer, &peer))
        return CURL_PREREQFUNC_ABORT;
    if (!may_send(transfer))
        return CURL_PREREQFUNC_ABORT;
    /* libcurl may ask again within a transfer (after 417, on a dead kept
     * connection): then another answer comes. */
    transfer->in_block = false;
    transfer->response.evidence.headers_whole = false;
    transfer->response.evidence.request_sent = true;
    transfer->response.evidence.phase =
        transfer->hop.body_len ? PHASE_SEND : PHASE_WAIT;
    return CURL_PREREQFUNC_OK;
}

/* CURLOPT_READFUNCTION: the next piece of the request's body. */
size_t transfer_on_read(char *room, size_t size, size_t count, void *data)
{
    struct transfer *transfer = data;
    size_t left = transfer->hop.body_len - transfer->body_sent;
    size_t len = size * count < left ? size * count : left;

    if (len)
        memcpy(room, transfer->hop.body + transfer->body_sent, len);
    transfer->body_sent += len;
    if (transfer->body_sent == transfer->hop.body_len &&
        transfer->response.evidence.phase == PHASE_SEND)
        transfer->response.evidence.phase = PHASE_WAIT;
    return len;
}

/* True while this transfer may not take more into memory. */
static bool must_pause(const struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;

    if (transfer->streams)
        return stream_must_pause(transfer);
    if (!transfer->hop.want_body)
        return false;
    if (fetch->hold == FETCH_FLOW && fetch->body_bytes >= fetch->body_most)
        fetch->hold = FETCH_PAUSE_KEPT;
    if (fetch->hold == FETCH_FLOW)
        return false;
    return fetch->hold == FETCH_PAUSE_KEPT || fetch->granted != transfer->id;
}

/* Takes bytes of the body as they are to be; false: no more of them. */
static bool keep_body(void *to, const char *bytes, size_t len)
{
    struct transfer *transfer = to;
    struct response *response = &transfer->response;
    struct evidence *evidence = &response->evidence;

    uint64_t most = transfer->hop.max_body;
    uint64_t had = evidence->decoded_bytes; /* an earlier run may allow more */
    uint64_t left = !most ? UINT64_MAX : most > had ? most - had : 0;

    evidence->decoded_bytes += len;
    if (len > left)
        evidence->ender = ENDED_BY_MAX_BODY;
    if (transfer->streams &&
        !stream_take(transfer, bytes, len < left ? len : (size_t)left))
        return false;
    if (len > left)
        return false;
    if (transfer->hop.want_body) {
        size_t cap = response->body.cap;

        buf_add(&response->body, bytes, len);
        transfer->fetch->body_bytes += response->body.cap - cap;
    }
    return answer_take(transfer, bytes, len);
}

/* The first byte of a body that is said to be coded. Only now: an answer
 * without a body may say so too. */
static void begin_decoding(struct transfer *transfer)
{
    const struct decode_plan *plan = &transfer->plan;
    struct evidence *evidence = &transfer->response.evidence;
    const struct config *config = transfer->fetch->config;

    /* A part of a coded body cannot be decoded alone. */
    if (config->raw || evidence->status == 206)
        return;
    evidence->coding = plan->fault;
    memcpy(evidence->coding_name, plan->unknown, sizeof(plan->unknown));
    if (!plan->fault)
        transfer->decode = decode_new(plan, config->max_ratio);
}

/* false: the transfer is not to go on. */
static bool decode_body(struct transfer *transfer, const char *bytes,
                        size_t len)
{
    struct evidence *evidence = &transfer->response.evidence;

    if (decode_feed(transfer->decode, bytes, len, keep_body, transfer))
        return true;
    evidence->coding = decode_fault(transfer->decode);
    if (evidence->coding) /* else keep_body has said why */
        evidence->ender = ENDED_BY_DECODE;
    return false;
}

/* CURLOPT_WRITEFUNCTION: a piece of the body. */
size_t transfer_on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct transfer *transfer = data;
    struct evidence *evidence = &transfer->response.evidence;
    size_t len = size * count;
    bool goes_on, full;

    if (evidence->upgraded)
        return websocket_take(transfer, bytes, len) ? len : 0;
    /* Before anything is counted or decoded: the same bytes come again. */
    full = must_pause(transfer);
    if (full || !bandwidth_lets(transfer, len)) {
        transfer->paused = true;
        transfer->stalled = !full; /* the peer has no part in it */
        transfer->paused_at = transfer->fetch->now;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (evidence->body_bytes == 0 &&
        (transfer->plan.count || transfer->plan.fault))
        begin_decoding(transfer);
    evidence->body_bytes += len;
    goes_on = transfer->decode ? decode_body(transfer, bytes, len)
                               : keep_body(transfer, bytes, len);
    return goes_on ? len : 0;
}
