/* SPDX-License-Identifier: MIT */
/*
 * Token buckets, told by the time at which they are full again (the "virtual
 * scheduling" form of the leaky bucket, ITU-T I.371). It must not know who
 * takes the tokens, or a clock.
 */
#include "policy/bucket.h"

#include <math.h>

void bucket_init(struct bucket *bucket, double rate, unsigned burst)
{
    *bucket = (struct bucket){
        .rate = rate,
        .burst = burst > 0 ? burst : 1,
        .anchor = -INFINITY,
    };
}

double bucket_full(const struct bucket *bucket)
{
    if (!(bucket->rate > 0))
        return -INFINITY;
    return bucket->anchor + (double)bucket->taken / bucket->rate;
}

double bucket_due(const struct bucket *bucket)
{
    if (!(bucket->rate > 0))
        return -INFINITY;
    return bucket->anchor +
           ((double)bucket->taken - (double)(bucket->burst - 1)) / bucket->rate;
}

void bucket_take(struct bucket *bucket, double now, bool waited)
{
    double full = bucket_full(bucket);
    double oldest = waited && full > -INFINITY ? now - BUCKET_LATE : now;

    if (!(bucket->rate > 0))
        return;
    if (full < oldest) {
        bucket->anchor = oldest;
        bucket->taken = 0;
    }
    bucket->taken++;
}

void bucket_set(struct bucket *bucket, double rate, unsigned burst, double now)
{
    double owed = fmax(0, (bucket_full(bucket) - now) * bucket->rate);

    bucket_init(bucket, rate, burst);
    if (rate > 0 && owed > 0)
        bucket->anchor = now + fmin(owed, bucket->burst) / rate;
}
