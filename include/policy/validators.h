/* SPDX-License-Identifier: MIT */
/*
 * Validators (RFC 9110 section 8.8): the ETag and Last-Modified that a
 * response came with, to be sent back as If-None-Match and If-Modified-Since
 * when the same request is made again; which of them may be, and how a line
 * of an ETag store says them:
 *
 *   {"key":"32 hex digits","etag":"\"abc\"","last_modified":"...","url":"..."}
 *
 * etag or last_modified may be missing; url is there for people. Pure.
 */
#ifndef POLICY_VALIDATORS_H
#define POLICY_VALIDATORS_H

#include "base/buf.h"
#include "base/msg.h"
#include "model/request.h"

#include <stdbool.h>
#include <stddef.h>

/* Longest of each that is kept. */
#define ETAG_MAX          1024
#define LAST_MODIFIED_MAX 40

/* "" where there is none. What is there may be sent as the value of a header
 * field as it stands. */
struct validators {
    char etag[ETAG_MAX + 1];
    char last_modified[LAST_MODIFIED_MAX + 1];
};

/*
 * True for an entity-tag (section 8.8.3), weak ones (W/"...") included, as
 * If-None-Match compares weakly (section 13.1.2). Stricter than there: bytes
 * above ASCII must be UTF-8, as a store could not say them otherwise.
 */
bool etag_valid(const char *text, size_t len);

/*
 * Takes over the values of a response's fields (NULL: it has none); a value
 * that is too long, no entity-tag, or no HTTP-date (a server would have to
 * ignore that, section 13.1.3) counts as none. True when any is left.
 */
bool validators_set(struct validators *validators, const char *etag,
                    size_t etag_len, const char *last_modified,
                    size_t last_modified_len);

/*
 * Reads a line of a store, without its end. Members of other names are passed
 * over. 0; -1 with why (without the line's number) when it is no such line,
 * or a value may not be sent.
 */
int validators_read(const char *line, size_t len,
                    unsigned char key[REQUEST_KEY_SIZE],
                    struct validators *validators, struct why *why);

/* Appends such a line, its end included; url without userinfo, or NULL. */
void validators_write(struct buf *out,
                      const unsigned char key[REQUEST_KEY_SIZE],
                      const struct validators *validators, const char *url);

#endif
