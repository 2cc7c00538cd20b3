/* SPDX-License-Identifier: MIT */
/*
 * A body split into items as it arrives: bytes go in by pieces of any size,
 * items come out by a function of the caller, the same ones whatever the
 * pieces. An item is handed over with its last byte, so none waits for the
 * bytes behind it (but see numbers below). Nothing is kept but the item that
 * is being read.
 *
 * SPLIT_LINES: lines end with LF or CRLF, and are given without it; a CR
 * elsewhere is text. What is behind the last LF is a line too, unless it is
 * empty.
 *
 * SPLIT_SSE: server-sent events as WHATWG HTML 9.2.6 interprets them. A byte
 * order mark is passed over, lines end with LF, CRLF or CR, comments and
 * unknown fields mean nothing, an event without a data field is none (its id
 * counts), one without its blank line neither (nor does its id). Bytes are
 * given as they came: who needs text replaces invalid UTF-8 by U+FFFD.
 *
 * SPLIT_JSON: the values at the top level, one behind the other: JSON Lines,
 * values with nothing or any white space between them, or RFC 7464 sequences,
 * where RS (0x1E) may stand before each. Each is checked strictly
 * (json_scan_value) once it is whole. An array at the top level is one value,
 * whatever its length: JSON Lines may well consist of arrays, and nothing in
 * its first bytes tells such a body from one long array. A number, true,
 * false or null ends with the byte behind it; in a sequence that has to be
 * white space, else it may be a part of what was sent (RFC 7464 section 2.4).
 * A byte order mark is passed over (RFC 8259 section 8.1).
 *
 * One file for each kind, all of them behind this header.
 */
#ifndef SCRAPE_SPLIT_H
#define SCRAPE_SPLIT_H

#include "base/msg.h"
#include "model/split_item.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of an item that are enough unless somebody says otherwise. */
#define SPLIT_ITEM_MAX ((size_t)1024 * 1024)

/* What was wrong with the bytes. */
enum split_fault {
    SPLIT_FINE,
    SPLIT_TOO_LARGE, /* an item of more than item_max bytes */
    SPLIT_BAD_JSON,  /* no JSON value, or a part of one */
};

/*
 * Takes an item; what it points to is good until this returns. false: no more
 * for now.
 */
typedef bool split_put(void *to, const struct split_item *item);

struct split;

/*
 * A splitter of one body. item_max (1 to SIZE_MAX / 4) is the most bytes of an
 * item: of a line without its end; of a value; of an event's data, type and id
 * together with the line that is being read (comments do not count).
 */
struct split *split_new(enum split_kind kind, size_t item_max);
void split_free(struct split *split); /* NULL is allowed */

/*
 * Reads the next bytes of the body. Returns how many it took: all; or those
 * up to the end of an item after which `put` wanted no more (the rest is to
 * be fed later, nothing is lost; none when the first byte only showed that a
 * number before it was over); or fewer because of a fault. After a fault
 * nothing is taken any more; the items before it have been put.
 */
size_t split_feed(struct split *split, const char *bytes, size_t len,
                  split_put *put, void *to);

/*
 * The body is over: puts the item that its end completes, if any. Returns 0,
 * or -1 when there is a fault, now or earlier (a JSON value without its end).
 */
int split_end(struct split *split, split_put *put, void *to);

/*
 * The body begins anew, on another connection: what was read of an unfinished
 * item is forgotten. seq goes on, and so do the reconnection time and the last
 * event id, also for events that set none (by the letter of 9.2.6 they would
 * empty it, and the place that was reached would be lost). A fault stays.
 */
void split_restart(struct split *split);

/* SPLIT_FINE, or what is wrong, with why (may be NULL) naming the item's seq
 * and, for JSON, where in the body and in the value. */
enum split_fault split_fault(const struct split *split, struct why *why);

/*
 * What a reconnection sends as Last-Event-ID; empty: nothing. Without NUL, CR
 * and LF; other control bytes may be in it. Good until the next call with this
 * splitter. Empty for other kinds than SPLIT_SSE.
 */
const char *split_last_event_id(const struct split *split);

/*
 * The reconnection time that the server asked for, in milliseconds; -1 when it
 * did not. Any number it likes (INT64_MAX stands for all above): cap it.
 */
int64_t split_retry_ms(const struct split *split);

#endif
