/* SPDX-License-Identifier: MIT */
/*
 * What a line of an earlier run says: that a request is done, or that it is
 * not, or that it is an item of a body that was split. Reads only what our own
 * encoders write, by the strict scanner: what stands inside a value is never
 * taken for a member.
 *
 * The identity of a piece of work is its `key` and its `id`: two lines with
 * the same request and different ids were asked for apart, and are answered
 * apart. Of a request without id it is the key; with one, the first 16 bytes
 * of the SHA-256 of key and id, the id's text as a record shows it (base/json,
 * json_raw). Ids are compared as text: 1 and 1.0 are two.
 * The record of a duplicate, which was not sent, never stands for one that
 * was: its identity is the request's, hashed once more.
 */
#ifndef POLICY_DONE_H
#define POLICY_DONE_H

#include "base/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DONE_KEY_SIZE 16

enum done_kind {
    DONE_YES,     /* a record of what need not be sent again */
    DONE_NO,      /* a record of what is to be sent again */
    DONE_ITEM,    /* an item; the record with its index follows it */
    DONE_BROKEN,  /* no whole JSON object: perhaps torn */
    DONE_FOREIGN, /* an object, but no line of ours */
};

struct done_line {
    uint64_t index;                   /* DONE_YES, DONE_NO, DONE_ITEM */
    unsigned char key[DONE_KEY_SIZE]; /* identity; DONE_YES, DONE_NO */
    bool ok;                          /* DONE_YES, DONE_NO */
    bool duplicate;   /* DONE_YES, DONE_NO: of --dedupe, nothing was sent */
    const char *file; /* DONE_YES, DONE_NO: JSON string of the body's file; NULL
                         without; borrowed, of the line */
    size_t file_len;
    bool lost; /* DONE_YES: a race, so it is neither ok nor failed */
};

struct done_reader;

/*
 * Done is a record whose error is not of class `cancelled`; with retry_failed
 * it must be ok as well. Either way done is what lost its race (code `race`):
 * nobody wants it any more. The record of a dry run never is.
 */
struct done_reader *done_reader_new(bool retry_failed);
void done_reader_free(struct done_reader *reader);

/*
 * Reads a line without its "\n". A record has index, key, ok and error (and an
 * id, perhaps); an item has index and seq, and no ok. On DONE_BROKEN and
 * DONE_FOREIGN why says what is wrong.
 */
enum done_kind done_read(struct done_reader *reader, const char *line,
                         size_t len, struct done_line *out, struct why *why);

/* The identity of a request with this key, and the JSON text of its id (NULL
 * without), as above; or of its record as a duplicate. */
void done_identity(struct done_reader *reader, const unsigned char *key,
                   const char *id, bool duplicate,
                   unsigned char out[DONE_KEY_SIZE]);

#endif
