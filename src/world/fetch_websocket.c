/* SPDX-License-Identifier: MIT */
/*
 * WebSockets (RFC 6455): the pieces of frames that libcurl hands over become
 * messages, the body of the request is sent as one, and a close is answered.
 * What a piece is libcurl tells only within its callback, and sending from
 * there blocks: so the callback notes, and the pump does.
 */
#include "world/fetch_priv.h"

#include <stdio.h>
#include <string.h>

#if LIBCURL_VERSION_NUM >= 0x080b00

/* Seconds until a message is tried again that the connection did not take. */
#define AGAIN_SECONDS 0.01

/* The loop turns, and with it the pump. */
static void on_again(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
}

void websocket_init(struct fetch *fetch)
{
    list_init(&fetch->due);
    ev_timer_init(&fetch->again, on_again, AGAIN_SECONDS, 0.0);
}

void websocket_release(struct fetch *fetch)
{
    ev_timer_stop(fetch->loop, &fetch->again);
}

static void be_due(struct transfer *transfer)
{
    list_remove(&transfer->due_place);
    list_push_back(&transfer->fetch->due, &transfer->due_place);
}

void websocket_open(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;

    evidence->headers_whole = true;
    evidence->upgraded = true;
    evidence->phase = PHASE_BODY;
    transfer->streams = true;
    transfer->body_sent = 0;
    transfer->message_done = !transfer->hop.body;
    buf_clear(&transfer->message);
    stream_begin(transfer->hop.stream);
    be_due(transfer);
}

/* The peer closes: a code of two bytes and a reason, or nothing. */
static void note_close(struct transfer *transfer, const char *bytes, size_t len)
{
    struct evidence *evidence = &transfer->response.evidence;

    evidence->closed = true;
    if (len >= 2) {
        evidence->close_code =
            ((unsigned char)bytes[0] << 8) | (unsigned char)bytes[1];
        snprintf(evidence->stream_text, sizeof(evidence->stream_text), "%.*s",
                 (int)(len - 2), bytes + 2);
    }
    be_due(transfer);
}

static bool give_message(struct transfer *transfer)
{
    struct buf *message = &transfer->message;
    bool fine = stream_message(
        transfer->hop.stream, message->data ? message->data : "", message->len);

    buf_clear(message);
    stream_note(transfer);
    if (stream_full(transfer->hop.stream))
        be_due(transfer); /* a pause from here would join its frames */
    if (!fine)
        transfer->response.evidence.ender = ENDED_BY_STREAM;
    return fine;
}

/* More than an item may have. */
static bool give_up(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;

    evidence->ender = ENDED_BY_STREAM;
    evidence->stream = STREAM_BIG_ITEM;
    snprintf(evidence->stream_text, sizeof(evidence->stream_text),
             "a message is larger than %zu bytes", SPLIT_ITEM_MAX);
    return false;
}

static bool count_bytes(struct transfer *transfer, size_t len)
{
    struct evidence *evidence = &transfer->response.evidence;

    evidence->body_bytes += len;
    evidence->decoded_bytes += len;
    if (!transfer->hop.max_body ||
        evidence->decoded_bytes <= transfer->hop.max_body)
        return true;
    evidence->ender = ENDED_BY_MAX_BODY;
    return false;
}

bool websocket_take(struct transfer *transfer, const char *bytes, size_t len)
{
    const struct curl_ws_frame *frame = curl_ws_meta(transfer->easy);

    if (!frame || transfer->response.evidence.closed)
        return true;
    if (frame->flags & CURLWS_CLOSE) {
        note_close(transfer, bytes, len);
        return true;
    }
    if (!(frame->flags & (CURLWS_TEXT | CURLWS_BINARY)))
        return true;
    if (!count_bytes(transfer, len))
        return false;
    if (buf_add(&transfer->message, bytes, len) != 0)
        return give_up(transfer);
    if (frame->bytesleft > 0 || (frame->flags & CURLWS_CONT))
        return true;
    return give_message(transfer);
}

/* Sends the request's body as one message. False: not all of it yet. */
static bool send_message(struct transfer *transfer)
{
    const struct fetch_hop *hop = &transfer->hop;
    unsigned kind = hop->body_binary ? CURLWS_BINARY : CURLWS_TEXT;
    size_t sent = 0;
    CURLcode code =
        curl_ws_send(transfer->easy, hop->body + transfer->body_sent,
                     hop->body_len - transfer->body_sent, &sent, 0, kind);

    transfer->body_sent += sent;
    if (code == CURLE_AGAIN ||
        (code == CURLE_OK && transfer->body_sent < hop->body_len))
        return false;
    transfer->message_done = true;
    if (code != CURLE_OK)
        transfer_end(transfer, code);
    return true;
}

void websocket_leave(struct transfer *transfer)
{
    static const char done[] = "\x03\xe8"; /* 1000 */
    size_t sent;

    curl_ws_send(transfer->easy, done, sizeof(done) - 1, &sent, 0,
                 CURLWS_CLOSE);
}

static void pause_it(struct transfer *transfer)
{
    transfer->paused = true;
    transfer->stalled = false;
    transfer->paused_at = transfer->fetch->now;
    curl_easy_pause(transfer->easy, CURLPAUSE_RECV);
}

/* False: look again soon. */
static bool do_due(struct transfer *transfer)
{
    if (transfer->over)
        return true;
    if (transfer->response.evidence.closed) {
        websocket_leave(transfer);
        transfer_end(transfer, CURLE_OK);
        return true;
    }
    if (!transfer->message_done && !send_message(transfer))
        return false;
    if (!transfer->over && !transfer->paused &&
        stream_full(transfer->hop.stream))
        pause_it(transfer);
    return true;
}

void websocket_turn(struct fetch *fetch)
{
    struct list *node, *next;

    ev_timer_stop(fetch->loop, &fetch->again);
    for (node = fetch->due.next; node != &fetch->due; node = next) {
        next = node->next;
        if (do_due(container_of(node, struct transfer, due_place)))
            list_remove(node);
    }
    if (list_empty(&fetch->due))
        return;
    ev_timer_set(&fetch->again, AGAIN_SECONDS, 0.0);
    ev_timer_start(fetch->loop, &fetch->again);
}

#else /* url_parse lets no such URL through */

void websocket_init(struct fetch *fetch)
{
    list_init(&fetch->due);
}

void websocket_release(struct fetch *fetch)
{
    (void)fetch;
}

void websocket_open(struct transfer *transfer)
{
    (void)transfer;
}

bool websocket_take(struct transfer *transfer, const char *bytes, size_t len)
{
    (void)transfer;
    (void)bytes;
    (void)len;
    return false;
}

void websocket_turn(struct fetch *fetch)
{
    (void)fetch;
}

void websocket_leave(struct transfer *transfer)
{
    (void)transfer;
}

#endif
