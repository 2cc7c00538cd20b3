/* SPDX-License-Identifier: MIT */
/*
 * The stream of one request: the bytes of its bodies go in as they come, the
 * lines of its items wait here until the caller moves them on. It lasts over
 * the request's attempts, so the numbers of items go on.
 *
 * What waits is bounded: from STREAM_FULL_BYTES on nothing more is split. The
 * bytes of one more call are kept as they came; then stream_full says that the
 * body must pause.
 */
#ifndef SCRAPE_STREAM_H
#define SCRAPE_STREAM_H

#include "base/buf.h"
#include "base/msg.h"
#include "model/request.h"
#include "model/split_item.h"
#include "scrape/split.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of waiting lines from which on a stream is full. */
#define STREAM_FULL_BYTES ((size_t)256 * 1024)

struct stream;

/* A stream of the request (borrowed), which asks for one. */
struct stream *stream_new(const struct request *request);
void stream_free(struct stream *stream); /* NULL is allowed */

enum split_kind stream_kind(const struct stream *stream);

/*
 * A body begins, on another connection than the last one. What was unfinished
 * is forgotten; see split_restart. All lines must have been moved on.
 */
void stream_begin(struct stream *stream);

/* The next bytes of the body. false: a fault, the body need not go on. */
bool stream_feed(struct stream *stream, const char *bytes, size_t len);

/* A whole message of a WebSocket: an item of a stream of lines, whatever is in
 * it; the values in it of a stream of JSON. False: a fault. */
bool stream_message(struct stream *stream, const char *bytes, size_t len);

/* The body is over: what it ended with is an item too when it came whole. */
void stream_end(struct stream *stream, bool whole);

/* Appends waiting lines to out, whole ones, about STREAM_FULL_BYTES of them;
 * splits what was kept. */
void stream_move(struct stream *stream, struct buf *out);

/* True while there is something for stream_move; while no more bytes should
 * be fed; bytes of memory that wait. */
bool stream_waits(const struct stream *stream);
bool stream_full(const struct stream *stream);
size_t stream_bytes(const struct stream *stream);

/* Items that were found so far. */
uint64_t stream_items(const struct stream *stream);

/* What is wrong with the body, with why; a fault is for good. */
enum split_fault stream_fault(const struct stream *stream, struct why *why);

/* Of server-sent events: what a reconnection sends as Last-Event-ID, NULL for
 * nothing or what cannot be sent; and the milliseconds that the server wants
 * to be left alone before, -1 without. */
const char *stream_last_event_id(const struct stream *stream);
int64_t stream_retry_ms(const struct stream *stream);

#endif
