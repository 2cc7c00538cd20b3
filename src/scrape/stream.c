/* SPDX-License-Identifier: MIT */
/*
 * Bodies to the lines of their items, held back while the reader is behind.
 * Knows when to split and when to wait; must not know where bytes come from,
 * nor where lines go.
 */
#include "scrape/stream.h"

#include "policy/encode_item.h"
#include "policy/wire.h"

#include <stdlib.h>
#include <string.h>

/* Longer ids fit into no server's header; they are not sent. */
#define EVENT_ID_MAX 8000

/* Memory of a queue that is kept while it is empty. */
#define KEEP_BYTES ((size_t)16 * 1024)

struct stream {
    const struct request *request; /* borrowed */
    enum split_kind kind;
    struct split *split; /* owned */
    struct buf lines;    /* finished */
    struct buf kept;     /* bytes not yet split; the first `at` are */
    size_t at;
    uint64_t items;
    bool ending; /* the body is over and came whole; its end is to be split */
};

static enum split_kind kind_of(const struct settings *settings)
{
    static const enum split_kind kinds[] = {
        [STREAM_LINES] = SPLIT_LINES,
        [STREAM_SSE] = SPLIT_SSE,
        [STREAM_JSON] = SPLIT_JSON,
    };

    return kinds[settings->stream];
}

struct stream *stream_new(const struct request *request)
{
    struct stream *stream = xcalloc(1, sizeof(*stream));

    stream->request = request;
    stream->kind = kind_of(request->settings);
    stream->split = split_new(stream->kind, SPLIT_ITEM_MAX);
    buf_init(&stream->lines, SIZE_MAX / 2);
    buf_init(&stream->kept, SIZE_MAX / 2);
    return stream;
}

void stream_free(struct stream *stream)
{
    if (!stream)
        return;
    split_free(stream->split);
    buf_release(&stream->lines);
    buf_release(&stream->kept);
    free(stream);
}

enum split_kind stream_kind(const struct stream *stream)
{
    return stream->kind;
}

void stream_begin(struct stream *stream)
{
    split_restart(stream->split);
    buf_release(&stream->kept);
    stream->at = 0;
    stream->ending = false;
}

/* split_put: no more of them once enough wait. */
static bool put(void *to, const struct split_item *item)
{
    struct stream *stream = to;

    stream->items++;
    encode_item(stream->request, item, &stream->lines);
    return stream->lines.len < STREAM_FULL_BYTES;
}

static bool faulty(const struct stream *stream)
{
    return split_fault(stream->split, NULL) != SPLIT_FINE;
}

/* Splits what was kept, as far as there is room for its lines. */
static void split_kept(struct stream *stream)
{
    size_t left = stream->kept.len - stream->at;

    if (stream->lines.len >= STREAM_FULL_BYTES)
        return;
    if (left > 0)
        stream->at += split_feed(stream->split, stream->kept.data + stream->at,
                                 left, put, stream);
    if (stream->at < stream->kept.len && !faulty(stream))
        return;
    if (stream->kept.cap > 0)
        buf_release(&stream->kept);
    stream->at = 0;
    if (stream->ending && stream->lines.len < STREAM_FULL_BYTES) {
        stream->ending = false;
        split_end(stream->split, put, stream);
    }
}

bool stream_feed(struct stream *stream, const char *bytes, size_t len)
{
    size_t taken = 0;

    if (stream->kept.len == 0 && stream->lines.len < STREAM_FULL_BYTES)
        taken = split_feed(stream->split, bytes, len, put, stream);
    if (faulty(stream))
        return false;
    buf_add(&stream->kept, bytes + taken, len - taken);
    return true;
}

bool stream_message(struct stream *stream, const char *bytes, size_t len)
{
    struct split_item item = {
        .kind = stream->kind,
        .seq = stream->items,
        .text = bytes,
        .len = len,
        .retry_ms = -1,
    };

    if (stream->kind == SPLIT_LINES) {
        put(stream, &item);
        return true;
    }
    return stream_feed(stream, bytes, len) && stream_feed(stream, "\n", 1);
}

void stream_end(struct stream *stream, bool whole)
{
    stream->ending = whole && !faulty(stream);
    split_kept(stream);
}

static void empty(struct buf *buf)
{
    if (buf->cap > KEEP_BYTES)
        buf_release(buf);
    else
        buf_clear(buf);
}

void stream_move(struct stream *stream, struct buf *out)
{
    buf_add(out, stream->lines.data, stream->lines.len);
    empty(&stream->lines);
    split_kept(stream);
}

bool stream_waits(const struct stream *stream)
{
    return stream->lines.len > 0 || stream->kept.len > 0 || stream->ending;
}

bool stream_full(const struct stream *stream)
{
    return stream->kept.len > 0 || stream->lines.len >= STREAM_FULL_BYTES;
}

size_t stream_bytes(const struct stream *stream)
{
    return stream->lines.cap + stream->kept.cap;
}

uint64_t stream_items(const struct stream *stream)
{
    return stream->items;
}

enum split_fault stream_fault(const struct stream *stream, struct why *why)
{
    return split_fault(stream->split, why);
}

const char *stream_last_event_id(const struct stream *stream)
{
    static const char name[] = "Last-Event-ID";
    const char *id = split_last_event_id(stream->split);
    size_t len = strlen(id);
    struct why why;

    if (len == 0 || len > EVENT_ID_MAX ||
        wire_check_header_value(name, sizeof(name) - 1, id, len, &why) != 0)
        return NULL;
    return id;
}

int64_t stream_retry_ms(const struct stream *stream)
{
    return split_retry_ms(stream->split);
}
