/* SPDX-License-Identifier: MIT */
/*
 * What a splitter made of a body, as one readable text, so that two ways of
 * feeding it can be compared: "[0 text]" for each item, in an event with its
 * id, type and retry before the data; what is wrong behind a "!". Bytes that
 * are no printable ASCII stand as \xNN.
 */
#ifndef TESTS_SPLIT_LOG_H
#define TESTS_SPLIT_LOG_H

#include "base/buf.h"
#include "base/msg.h"
#include "scrape/split.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct split_log {
    struct buf text;
    bool pauses; /* no item is followed by another in the same feed */
};

static inline void log_init(struct split_log *log)
{
    buf_init(&log->text, (size_t)16 * 1024 * 1024);
    log->pauses = false;
}

static inline void log_bytes(struct split_log *log, const char *bytes,
                             size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c >= 0x20 && c < 0x7f)
            buf_add_char(&log->text, (char)c);
        else
            buf_addf(&log->text, "\\x%02X", c);
    }
}

static inline bool log_item(void *to, const struct split_item *item)
{
    struct split_log *log = to;

    buf_addf(&log->text, "[%" PRIu64 " ", item->seq);
    if (item->kind == SPLIT_SSE) {
        log_bytes(log, item->id, item->id_len);
        buf_add_char(&log->text, '|');
        log_bytes(log, item->event, item->event_len);
        buf_addf(&log->text, "|%" PRIi64 "|", item->retry_ms);
    }
    log_bytes(log, item->text, item->len);
    buf_add_char(&log->text, ']');
    return !log->pauses;
}

/* Feeds a piece, in memory of just its size, and goes on after pauses. */
static inline void log_feed(struct split_log *log, struct split *split,
                            const char *bytes, size_t len)
{
    size_t at = 0;

    do {
        char *piece = xmalloc(len - at);

        if (len > at)
            memcpy(piece, bytes + at, len - at);
        at += split_feed(split, piece, len - at, log_item, log);
        free(piece);
    } while (log->pauses && at < len && split_fault(split, NULL) == SPLIT_FINE);
    if (at < len && split_fault(split, NULL) == SPLIT_FINE)
        buf_add_str(&log->text, "(bytes were left)");
}

/* Ends the body; the log then also tells what is wrong. */
static inline const char *log_end(struct split_log *log, struct split *split)
{
    struct why why;
    int status = split_end(split, log_item, log);

    if ((status == 0) != (split_fault(split, &why) == SPLIT_FINE))
        buf_add_str(&log->text, "(status and fault differ)");
    if (status != 0)
        buf_addf(&log->text, "!%s", why.text);
    return log->text.data != NULL ? log->text.data : "";
}

#endif
