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

/* Appends the text without the "user:password@" of the URLs in it. */
void redact_urls(const char *text, size_t len, struct buf *out);

/*
 * Appends a line of a head (without its end) to out, the value of a secret
 * field as "***", and URLs without their user and password. A line that is no field, as the first one, stays as it is.
 */
void redact_line(struct redact *redact, const char *line, size_t len,
                 struct buf *out);

#endif
