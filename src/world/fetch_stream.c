/* SPDX-License-Identifier: MIT */
/*
 * Bodies that go on while they come: which ones do, when they pause for their
 * reader, and what is wrong with them. How they are split is scrape/stream's
 * affair.
 */
#include "world/fetch_priv.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Bytes of all streams from which on none gets more than it moves on. */
#define STREAMS_BYTES ((size_t)64 * 1024 * 1024)

/* An error page is no stream, and a redirect's body is not what was asked
 * for. */
static bool is_wanted(const struct transfer *transfer)
{
    int status = transfer->response.evidence.status;

    return transfer->hop.stream && !transfer->websocket &&
           (status < 300 || status > 399) &&
           matchset_status(&transfer->hop.settings->accept, status);
}

/* WHATWG HTML 9.2.3: any other type is no event stream, whatever is in it. */
static bool has_event_type(const struct response *response)
{
    static const char type[] = "text/event-stream";
    size_t len = sizeof(type) - 1;
    const char *text = response->content_type;

    return text && strncasecmp(text, type, len) == 0 &&
           (text[len] == '\0' || strchr("; \t", text[len]));
}

bool stream_open(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;
    const char *type = transfer->response.content_type;

    if (!is_wanted(transfer))
        return true;
    if (stream_kind(transfer->hop.stream) == SPLIT_SSE && !evidence->head &&
        evidence->status != 204 && !has_event_type(&transfer->response)) {
        evidence->stream = STREAM_NO_EVENTS;
        evidence->ender = ENDED_BY_STREAM;
        snprintf(evidence->stream_text, sizeof(evidence->stream_text), "%.*s",
                 100, type ? type : "");
        return false;
    }
    transfer->streams = true;
    stream_begin(transfer->hop.stream);
    return true;
}

void stream_note(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;
    size_t bytes = stream_bytes(transfer->hop.stream);

    fetch->stream_bytes += bytes - transfer->stream_bytes;
    transfer->stream_bytes = bytes;
    list_remove(&transfer->stream_place);
    if (stream_waits(transfer->hop.stream))
        list_push_back(&fetch->streams, &transfer->stream_place);
}

bool stream_take(struct transfer *transfer, const char *bytes, size_t len)
{
    bool fine = stream_feed(transfer->hop.stream, bytes, len);

    stream_note(transfer);
    if (!fine)
        transfer->response.evidence.ender = ENDED_BY_STREAM;
    return fine;
}

bool stream_must_pause(const struct transfer *transfer)
{
    return stream_full(transfer->hop.stream) ||
           (transfer->fetch->stream_bytes >= STREAMS_BYTES &&
            stream_waits(transfer->hop.stream));
}

/* What is wrong with the items; what ended the transfer before that stays. */
static void collect(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;
    struct why why = {""};

    switch (stream_fault(transfer->hop.stream, &why)) {
    case SPLIT_FINE:
        return;
    case SPLIT_TOO_LARGE:
        evidence->stream = STREAM_BIG_ITEM;
        break;
    case SPLIT_BAD_JSON:
        evidence->stream = STREAM_BAD_JSON;
        break;
    }
    snprintf(evidence->stream_text, sizeof(evidence->stream_text), "%.*s",
             (int)sizeof(evidence->stream_text) - 1, why.text);
}

bool stream_is_done(struct transfer *transfer)
{
    struct stream *stream = transfer->hop.stream;
    struct evidence *evidence = &transfer->response.evidence;

    if (!transfer->streams)
        return true;
    if (!transfer->stream_ended) {
        transfer->stream_ended = true;
        stream_end(stream, transfer->code == CURLE_OK &&
                               evidence->coding == CODING_FINE);
        stream_note(transfer);
    }
    if (stream_waits(stream))
        return false;
    collect(transfer);
    return true;
}

void stream_leave(struct transfer *transfer)
{
    transfer->fetch->stream_bytes -= transfer->stream_bytes;
    transfer->stream_bytes = 0;
    list_remove(&transfer->stream_place);
    list_remove(&transfer->due_place);
    buf_release(&transfer->message);
}

bool fetch_stream_waits(const struct fetch *fetch)
{
    return !list_empty(&fetch->streams);
}

void fetch_stream_stall(struct fetch *fetch)
{
    list_foreach (node, &fetch->streams) {
        struct transfer *transfer =
            container_of(node, struct transfer, stream_place);

        if (!transfer->paused || transfer->stalled)
            continue;
        transfer->stalled = true;
        transfer->paused_at = fetch->now;
    }
}

bool fetch_stream_next(struct fetch *fetch, struct buf *out)
{
    struct list *node = list_pop_front(&fetch->streams);
    struct transfer *transfer;

    if (!node)
        return false;
    transfer = container_of(node, struct transfer, stream_place);
    stream_move(transfer->hop.stream, out);
    stream_note(transfer);
    if (transfer->stream_ended && !stream_waits(transfer->hop.stream)) {
        list_remove(&transfer->place);
        list_push_back(&fetch->ended, &transfer->place);
    } else if (transfer->paused && !transfer->over &&
               !stream_must_pause(transfer)) {
        transfer_resume(transfer);
    }
    return true;
}
