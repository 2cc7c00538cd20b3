/* SPDX-License-Identifier: MIT */
/*
 * One item of a streamed body: what scrape/split finds and policy/encode_item
 * prints. Plain data that points into others' memory.
 */
#ifndef MODEL_SPLIT_ITEM_H
#define MODEL_SPLIT_ITEM_H

#include <stddef.h>
#include <stdint.h>

/* What a body is split into. */
enum split_kind {
    SPLIT_LINES, /* lines of text */
    SPLIT_SSE,   /* server-sent events */
    SPLIT_JSON,  /* JSON values */
};

/*
 * All bytes are borrowed, as they came, and may hold NUL; no pointer is NULL
 * but id and event of other kinds. Only a value is known to be valid UTF-8.
 */
struct split_item {
    enum split_kind kind;
    uint64_t seq;     /* number in its body, from 0 */
    const char *text; /* the line without its end, the event's data, or the
                         value from its first to its last byte */
    size_t len;

    /* Of an event alone. */
    const char *id; /* the last event id by then; empty when none was set */
    size_t id_len;
    const char *event; /* its type, "message" by default */
    size_t event_len;
    int64_t retry_ms; /* the reconnection time by then; -1: none was set */
};

#endif
