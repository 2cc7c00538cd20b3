/* SPDX-License-Identifier: MIT */
/*
 * What a server says of its rate limit, in the fields that are in use:
 *   RateLimit: "default";r=50;t=30           (draft-ietf-httpapi-ratelimit-
 *                                             headers-10, a structured field)
 *   RateLimit: limit=100, remaining=50, reset=30              (draft 07 of it)
 *   RateLimit-Remaining, RateLimit-Reset                      (drafts up to 06)
 *   X-RateLimit-Remaining, X-RateLimit-Reset, X-Rate-Limit-...      (custom)
 * A reset is a number of seconds, or of seconds (or milliseconds) since the
 * epoch, told apart by its size, or an HTTP-date. (Retry-After, which goes
 * beside all of these, is in policy/retry.) Pure; whatever is malformed is as
 * if it were not there.
 */
#ifndef POLICY_COOLDOWN_H
#define POLICY_COOLDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cooldown_field {
    COOLDOWN_RATELIMIT,
    COOLDOWN_REMAINING,
    COOLDOWN_RESET,
    COOLDOWN_X_REMAINING, /* X-RateLimit- */
    COOLDOWN_X_RESET,
    COOLDOWN_X_RATE_REMAINING, /* X-Rate-Limit- */
    COOLDOWN_X_RATE_RESET,
    COOLDOWN_FIELDS
};

/* Which of them a header field is, in any case; COOLDOWN_FIELDS: none. */
enum cooldown_field cooldown_field(const char *name, size_t len);

/* What to do with the host. */
struct cooldown {
    double pause;     /* nothing is left: seconds to leave it alone; 0: none */
    double rate;      /* starts a second that use up what is left just at the
                         reset; 0: nothing to slow down for */
    double remaining; /* requests that are left; meaningful with a rate */
};

/*
 * Reads the values of the fields, by their number, NULL for those that did
 * not come; each ends with a NUL, and lines of the same name were joined by
 * commas. `refused`: the answer was a 429 or 503, where a reset alone says that
 * nothing is left. `wall`: seconds since the epoch. No pause is longer than
 * `most` seconds, and no rate slower than one in `most` seconds. The first of
 * the four kinds that can be read counts; of several policies in RateLimit the
 * longest pause and the slowest rate. Returns false, and all 0, when there is
 * none.
 *
 * Mind that a rate is not yet a reason to slow down: with much left and little
 * to do nothing would be won. Keep to it while `remaining` is not well above
 * what is under way.
 */
bool cooldown_read(struct cooldown *cooldown,
                   const char *const values[COOLDOWN_FIELDS], bool refused,
                   int64_t wall, double most);

#endif
