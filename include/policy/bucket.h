/* SPDX-License-Identifier: MIT */
/*
 * Token buckets: so many starts a second, and at most a burst at once. Pure:
 * `now` is an argument (monotonic seconds, never going back).
 *
 * Exact over time. Times are multiples of 1/rate from an anchor, so nothing
 * is ever summed up and no rounding error grows. And a loop wakes late, never
 * early: whoever waited for a token gets those that came due meanwhile, up to
 * BUCKET_LATE seconds' worth, as if it had been on time. What nobody waited for
 * is worth the burst and no more. So in any span of t seconds at most
 * burst + rate * (t + BUCKET_LATE) tokens are taken, and while somebody
 * always waits, rate * t, give or take the burst.
 */
#ifndef POLICY_BUCKET_H
#define POLICY_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#define BUCKET_LATE 0.1

struct bucket {
    double rate;    /* tokens a second; 0: no limit */
    unsigned burst; /* tokens that a rest of any length is worth (>= 1) */
    double anchor;  /* where the count begins */
    uint64_t taken; /* tokens since then */
};

/* A full bucket. rate 0 is no limit; a burst of 0 is taken as 1. */
void bucket_init(struct bucket *bucket, double rate, unsigned burst);

/* When the next token may be taken; in the past when there is one (-INFINITY
 * when there always is). */
double bucket_due(const struct bucket *bucket);

/* When the bucket is full again, that is, as good as a new one. */
double bucket_full(const struct bucket *bucket);

/* Takes a token that is due. `waited`: somebody has wanted it ever since it
 * came due. */
void bucket_take(struct bucket *bucket, double now, bool waited);

/* Changes rate and burst; tokens that are owed stay owed. */
void bucket_set(struct bucket *bucket, double rate, unsigned burst, double now);

#endif
