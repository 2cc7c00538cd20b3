/* SPDX-License-Identifier: MIT */
/*
 * curl's URL globbing, lazily: "[1-100]", "[001-100:5]", "[a-z:2]" and
 * "{one,two}" (everything.curl.dev, "URL globbing"); a backslash takes the
 * meaning of the next byte, and a bracketed IPv6 address is no range. The
 * rightmost pattern turns fastest, as in curl. Memory is the pattern's, not
 * the expansion's; more than 64 patterns are refused.
 */
#ifndef POLICY_GLOB_H
#define POLICY_GLOB_H

#include "base/buf.h"
#include "base/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct glob;

/* Reads a pattern, copying it; NULL with why (what and at which column). */
struct glob *glob_new(const char *text, size_t len, struct why *why);
void glob_free(struct glob *glob);

/* Writes the next expansion into out (cleared first); false at the end. */
bool glob_next(struct glob *glob, struct buf *out);

/* How many expansions there are in all; UINT64_MAX when that overflows. */
uint64_t glob_count(const struct glob *glob);

#endif
