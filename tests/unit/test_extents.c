/* SPDX-License-Identifier: MIT */
/* base/extents by hand, and at random against a map of bytes. */
#include "base/extents.h"

#include "base/rng.h"
#include "check.h"

#include <stdbool.h>

static void test_by_hand(void)
{
    struct extents extents;

    extents_init(&extents);
    CHECK(extents_take(&extents, 10) == 0);
    CHECK(extents_take(&extents, 20) == 10);
    CHECK(extents_take(&extents, 30) == 30);
    CHECK(extents.end == 60);
    /* A gap, filled from its start, then to its end. */
    extents_give(&extents, 10, 20);
    CHECK(extents.count == 1);
    CHECK(extents_take(&extents, 21) == 60);
    CHECK(extents_take(&extents, 5) == 10);
    CHECK(extents_take(&extents, 15) == 15);
    CHECK(extents.count == 0 && extents.end == 81);
    /* Gaps that meet are one; the last one is none. */
    extents_give(&extents, 10, 5);
    extents_give(&extents, 30, 30);
    CHECK(extents.count == 2);
    extents_give(&extents, 15, 15);
    CHECK(extents.count == 1 && extents.gaps[0].at == 10 &&
          extents.gaps[0].len == 50);
    extents_give(&extents, 60, 21);
    CHECK(extents.count == 0 && extents.end == 10);
    extents_give(&extents, 0, 10);
    CHECK(extents.count == 0 && extents.end == 0);
    extents_release(&extents);
}

/* No byte is given out twice, the end is behind the last one in use, and all
 * given back is nothing. */
static void test_random(void)
{
    enum { RANGES = 60, BYTES = 100000 };
    static bool used[BYTES];
    struct extent ranges[RANGES] = {{0, 0}};
    struct extents extents;
    struct rng rng;
    unsigned wrong = 0;

    rng_seed(&rng, 5);
    extents_init(&extents);
    for (unsigned turn = 0; turn < 20000 + RANGES; turn++) {
        size_t i = turn < 20000 ? rng_next(&rng) % RANGES : turn - 20000;
        struct extent *range = &ranges[i];
        uint64_t last = 0;

        if (range->len > 0) {
            extents_give(&extents, range->at, range->len);
            memset(used + range->at, false, range->len);
            range->len = 0;
        } else if (turn < 20000) {
            range->len = 1 + rng_next(&rng) % 100;
            range->at = extents_take(&extents, range->len);
            for (uint64_t j = range->at; j < range->at + range->len; j++)
                wrong += used[j];
            memset(used + range->at, true, range->len);
        }
        for (size_t j = 0; j < RANGES; j++) {
            if (ranges[j].len > 0 && ranges[j].at + ranges[j].len > last)
                last = ranges[j].at + ranges[j].len;
        }
        wrong += extents.end != last;
        for (size_t j = 1; j < extents.count; j++)
            wrong += extents.gaps[j - 1].at + extents.gaps[j - 1].len >=
                     extents.gaps[j].at;
    }
    CHECK(wrong == 0);
    CHECK(extents.count == 0 && extents.end == 0);
    extents_release(&extents);
}

int main(void)
{
    test_by_hand();
    test_random();
    return check_end("extents");
}
