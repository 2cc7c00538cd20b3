/* SPDX-License-Identifier: MIT */
/*
 * A set of outcomes: HTTP statuses, error classes, error codes. A plain value:
 * copy it freely. --accept and --retry-on are such sets.
 *
 * The text is a comma list of: a status ("404"), a range ("200-399"), a
 * century ("5xx"), a class ("timeout"), a code ("reset"), "transient" (any
 * error that is retryable by its nature), each with an optional "!" that
 * takes it out. Where a word is a class and a code, it means the class.
 */
#ifndef MODEL_MATCHSET_H
#define MODEL_MATCHSET_H

#include "base/msg.h"
#include "model/error.h"

#include <stdbool.h>
#include <stdint.h>

struct matchset {
    uint64_t statuses[16]; /* bit n: status n, 0 to 1023 */
    uint64_t codes[2], not_codes[2];
    uint32_t classes, not_classes;
    bool transient;
};

/*
 * Reads the text into *set. A list whose first word begins with "!" changes
 * *base (borrowed; may be NULL for the empty set), any other starts empty.
 * Returns 0, or -1 with why naming the word (and the nearest known one);
 * *set is then untouched.
 */
int matchset_parse(struct matchset *set, const struct matchset *base,
                   const char *text, struct why *why);

/* True when the set holds the status. */
bool matchset_status(const struct matchset *set, int status);

/*
 * True when the set holds the error: its code, or its class, or it is
 * retryable and the set holds "transient", and neither its code nor (where
 * the code is not named) its class was taken out by "!".
 */
bool matchset_error(const struct matchset *set, const struct error *error);

#endif
