/* SPDX-License-Identifier: MIT */
/*
 * Content coding undone as the bytes come (RFC 9110 section 8.4): gzip and
 * deflate by zlib, br by brotli, zstd by zstd; the last two where they are
 * built in. Bytes go in as they were received, and come out decoded by a
 * function of the caller, in pieces of bounded size; nothing else is kept.
 *
 * Several gzip members and several zstd frames behind each other are one
 * body. Zeros behind the end are padding, anything else there is a fault.
 */
#ifndef WORLD_DECODE_H
#define WORLD_DECODE_H

#include "base/buf.h"
#include "model/response.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most codings of a body, one upon the other. */
#define DECODE_LAYERS_MAX 5

/* What the Content-Encoding of a response says. All zero: nothing. */
struct decode_plan {
    unsigned char count;                      /* codings held */
    unsigned char codings[DECODE_LAYERS_MAX]; /* in the order of the field */
    enum coding_fault fault; /* FINE, UNKNOWN or LAYERS: not to be decoded */
    char unknown[CODING_NAME_MAX]; /* the first unknown one, made printable */
};

/* Adds the codings of a Content-Encoding field; of several fields in their
 * order. "identity" and empty elements add nothing. */
void decode_plan_add(struct decode_plan *plan, const char *value, size_t len);

/* Takes decoded bytes; false: no more are wanted. */
typedef bool decode_put(void *to, const char *bytes, size_t len);

struct decode;

/*
 * A decoder of one body; the plan has a coding at least, and no fault.
 * max_ratio is the most that any coding may make of the bytes received, above
 * a MiB; 0: no limit.
 */
struct decode *decode_new(const struct decode_plan *plan, unsigned max_ratio);
void decode_free(struct decode *decode); /* NULL is allowed */

/*
 * Decodes the next bytes of the body. true: all were taken. false, now and
 * ever after: `put` wanted no more, or decode_fault says what is wrong.
 */
bool decode_feed(struct decode *decode, const char *bytes, size_t len,
                 decode_put *put, void *to);

/* CODING_FINE, or what is wrong with the bytes so far. */
enum coding_fault decode_fault(const struct decode *decode);

/* The same once the body is over: CODING_CUT when it ends before its end. A
 * body of no bytes is fine. */
enum coding_fault decode_end(const struct decode *decode);

/* The most bytes that one of the codings made: what the ratio looks at. */
uint64_t decode_peak(const struct decode *decode);

/* The codings that are built in, as Accept-Encoding lists them. */
const char *decode_codings(void);

/* Adds a line for each library, "zlib 1.2.13", without the last newline. */
void decode_versions(struct buf *out);

#endif
