/* SPDX-License-Identifier: MIT */
/* Heads of requests and responses as they may be shown: without secrets. */
#ifndef POLICY_REDACT_H
#define POLICY_REDACT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* What stands for a secret. */
#define REDACTED "***"

/* One head, from line to line; zero but for answer at first. */
struct redact {
    bool answer; /* a response's: see wire_is_secret_answer */
    bool hiding; /* the field read last is a secret: so is what continues it */
};

/*
 * Appends a line of a head (without its end) to out, the value of a secret
 * field as "***", a URL without its "user:password@". A line that is no field,
 * as the first one, stays as it is.
 */
void redact_line(struct redact *redact, const char *line, size_t len,
                 struct buf *out);

/* Appends what is shown of the value of a field that is no secret. */
void redact_value(const char *name, size_t name_len, const char *value,
                  size_t len, struct buf *out);

/*
 * Of a head that goes out in pieces: how many of the first bytes of this piece
 * are the rest of a line that an earlier one began. Nothing tells whether they
 * are a secret, for the cut may be within the field's name. *cut, false before
 * the first piece, then says whether this one ends within a line.
 */
size_t redact_rest(bool *cut, const char *bytes, size_t len);

#endif
