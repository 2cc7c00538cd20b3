/* SPDX-License-Identifier: MIT */
/*
 * Token buckets: exact over long simulated times, whatever the rate, the time
 * since the machine started, and how late the loop wakes; never more than the
 * burst after a rest.
 */
#include "base/rng.h"
#include "policy/bucket.h"

#include "check.h"

#include <math.h>

/* Takes what is due; somebody always waits. */
static unsigned long drink(struct bucket *bucket, double now)
{
    unsigned long count = 0;

    for (; bucket_due(bucket) <= now; count++)
        bucket_take(bucket, now, true);
    return count;
}

static bool within(unsigned long got, double want)
{
    return fabs((double)got - want) <= want / 10000 + 1;
}

/* A loop that wakes at the very time, or some time after it. */
static void check_woken(double rate, double start, double lateness)
{
    struct bucket bucket;
    struct rng rng;
    unsigned long count = 0;
    double now = start, last = start;

    rng_seed(&rng, 1);
    bucket_init(&bucket, rate, 1);
    while (now - start <= 100000 / rate) {
        count += drink(&bucket, now);
        last = now;
        now = bucket_due(&bucket) + lateness * rng_unit(&rng);
    }
    CHECK(within(count, rate * (last - start)));
}

/* A loop that turns at a beat of its own, which suits no rate. */
static void check_beat(double rate, double start, double beat)
{
    struct bucket bucket;
    unsigned long count = 0;
    double turns = fmin(fmax(ceil(100000 / (rate * beat)), 20), 200000);

    bucket_init(&bucket, rate, 1);
    for (double turn = 0; turn < turns; turn++)
        count += drink(&bucket, start + turn * beat);
    CHECK(within(count, rate * (turns - 1) * beat));
}

static void test_exact(void)
{
    static const double rates[] = {100.0 / 3600, 1, 7, 3.3, 1000, 99999};
    static const double starts[] = {0, 1234.567, 3e7};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        for (size_t j = 0; j < sizeof starts / sizeof *starts; j++) {
            check_woken(rates[i], starts[j], 0);
            check_woken(rates[i], starts[j], 0.003);
            check_woken(rates[i], starts[j], 0.09);
            check_beat(rates[i], starts[j], 0.0123);
            check_beat(rates[i], starts[j], 0.0777);
        }
    }
}

/* Ten thousand million tokens on: the same as at the start. */
static void test_no_drift(void)
{
    struct bucket bucket;
    double rate = 12345.678;

    bucket_init(&bucket, rate, 1);
    bucket_take(&bucket, 5, false);
    bucket.taken += UINT64_C(10000000000);
    CHECK(fabs(bucket_due(&bucket) - (5 + 10000000001.0 / rate)) < 1e-9);
    bucket_take(&bucket, bucket_due(&bucket), true);
    CHECK(fabs(bucket_due(&bucket) - (5 + 10000000002.0 / rate)) < 1e-9);
}

/* What is there after a rest, with nobody waiting. */
static unsigned rested(struct bucket *bucket, double now)
{
    unsigned count = 0;

    for (; bucket_due(bucket) <= now; count++)
        bucket_take(bucket, now, false);
    return count;
}

static void test_burst(void)
{
    struct bucket bucket;

    for (unsigned burst = 1; burst < 20; burst++) {
        bucket_init(&bucket, 2, burst);
        CHECK(rested(&bucket, 1000) == burst);
        CHECK(rested(&bucket, 1000) == 0);
        CHECK(rested(&bucket, 1000.5) == 1);
        CHECK(rested(&bucket, 1001.25) == 1);
        CHECK(rested(&bucket, 1001.5) == (burst > 1 ? 1 : 0));
        CHECK(rested(&bucket, 1e6) == burst);
        CHECK(bucket_full(&bucket) == 1e6 + burst / 2.0);
    }
    bucket_init(&bucket, 2, 0); /* as 1 */
    CHECK(rested(&bucket, 0) == 1);
}

/* Whoever waited makes good what a late loop missed, up to a limit. */
static void test_late(void)
{
    struct bucket bucket;

    bucket_init(&bucket, 100, 1);
    CHECK(drink(&bucket, 10) == 1); /* nobody can have waited for a new one */
    CHECK(drink(&bucket, 20) == 1 + 100 * BUCKET_LATE);
    bucket_init(&bucket, 100, 1);
    bucket_take(&bucket, 10, false);
    CHECK(drink(&bucket, 10.055) == 5);
    CHECK(drink(&bucket, 10.06) == 1);
    CHECK(drink(&bucket, 99) <= 1 + 100 * BUCKET_LATE);
    CHECK(rested(&bucket, 999) == 1); /* nobody waited */
}

/* However it is asked: no span has more than its due. */
static void test_never_more(void)
{
    struct bucket bucket;
    struct rng rng;
    double rate = 20, level, now = 50, before = 50;
    unsigned burst = 3;
    double most = burst + rate * BUCKET_LATE;

    rng_seed(&rng, 3);
    bucket_init(&bucket, rate, burst);
    level = most;
    for (int i = 0; i < 200000; i++) {
        now += rng_next(&rng) % 50 == 0 ? 10 * rng_unit(&rng)
                                        : 0.1 * rng_unit(&rng);
        level = fmin(most, level + rate * (now - before));
        before = now;
        while (bucket_due(&bucket) <= now && rng_next(&rng) % 4) {
            bucket_take(&bucket, now, rng_next(&rng) % 2);
            level -= 1;
        }
        if (level < -1e-6)
            break;
    }
    CHECK(level >= -1e-6);
}

static void test_no_limit(void)
{
    struct bucket bucket;

    bucket_init(&bucket, 0, 1);
    for (int i = 0; i < 100; i++)
        bucket_take(&bucket, 1, false);
    CHECK(bucket_due(&bucket) == -INFINITY);
    CHECK(bucket_full(&bucket) == -INFINITY);
}

/* A new rate: a token that was an hour away is not any more. */
static void test_set(void)
{
    struct bucket bucket;

    bucket_init(&bucket, 1.0 / 3600, 1);
    bucket_take(&bucket, 0, false);
    CHECK(fabs(bucket_due(&bucket) - 3600) < 1e-9);
    bucket_set(&bucket, 10, 1, 0);
    CHECK(fabs(bucket_due(&bucket) - 0.1) < 1e-9);
    bucket_set(&bucket, 1, 1, 0.05); /* half a token is owed */
    CHECK(fabs(bucket_due(&bucket) - 0.55) < 1e-9);
    bucket_set(&bucket, 0, 1, 0.05);
    CHECK(bucket_due(&bucket) == -INFINITY);
    bucket_set(&bucket, 4, 8, 1); /* as a new one */
    CHECK(rested(&bucket, 1) == 8);
    bucket_set(&bucket, 4, 2, 1); /* no more is owed than the burst */
    CHECK(fabs(bucket_due(&bucket) - 1.25) < 1e-9);
}

int main(void)
{
    test_exact();
    test_no_drift();
    test_burst();
    test_late();
    test_never_more();
    test_no_limit();
    test_set();
    return check_end("bucket");
}
