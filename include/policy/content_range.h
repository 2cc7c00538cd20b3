/* SPDX-License-Identifier: MIT */
/* The Content-Range field of a response (RFC 9110 section 14.4). Pure. */
#ifndef POLICY_CONTENT_RANGE_H
#define POLICY_CONTENT_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* "bytes FIRST-LAST/TOTAL": what a 206 holds. */
struct content_range {
    uint64_t first, last; /* first <= last */
    uint64_t total;       /* above last; 0: not known ("*") */
};

/* Reads the field's value; NULL is none. False for all that is not of that
 * form: another unit, an unsatisfied range, one that cannot be. */
bool content_range_read(struct content_range *range, const char *value);

#endif
