/* SPDX-License-Identifier: MIT */
/* Random numbers: the published sequence, and the shape of the unit ones. */
#include "base/rng.h"

#include "check.h"

#include <stdbool.h>

/* The state 1, 2, 3, 4 is the one whose numbers other authors list. */
static void test_sequence(void)
{
    static const uint64_t want[] = {
        UINT64_C(41943041),
        UINT64_C(58720359),
        UINT64_C(3588806011781223),
        UINT64_C(3591011842654386),
        UINT64_C(9228616714210784205),
        UINT64_C(9973669472204895162),
    };
    struct rng rng = {{1, 2, 3, 4}};

    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
        CHECK(rng_next(&rng) == want[i]);
}

static void test_seed(void)
{
    struct rng rng, again;

    rng_seed(&rng, 0); /* splitmix64 of 0, as its authors list it */
    CHECK(rng.s[0] == UINT64_C(0xe220a8397b1dcdaf));
    CHECK(rng.s[1] == UINT64_C(0x6e789e6aa1b965f4));
    CHECK(rng.s[2] == UINT64_C(0x06c45d188009454f));
    CHECK(rng.s[3] == UINT64_C(0xf88bb8a8724c81ec));
    CHECK(rng_next(&rng) == UINT64_C(0x53175d61490b23df));
    rng_seed(&rng, 1234567);
    CHECK(rng_next(&rng) == UINT64_C(0x0610e053dd55ab68));
    CHECK(rng_next(&rng) == UINT64_C(0x70c979e26e27fbac));
    rng_seed(&again, 1234567);
    CHECK(rng_next(&again) == UINT64_C(0x0610e053dd55ab68));
    rng_seed(&again, 1234568);
    CHECK(rng_next(&again) != UINT64_C(0x0610e053dd55ab68));
}

static void test_unit(void)
{
    struct rng rng, whole;
    unsigned tenths[10] = {0};
    bool good = true;

    rng_seed(&rng, 42);
    rng_seed(&whole, 42);
    for (int i = 0; i < 100000; i++) {
        double unit = rng_unit(&rng);

        good &= unit >= 0 && unit < 1;
        good &= unit == (double)(rng_next(&whole) >> 11) / 9007199254740992.0;
        tenths[(int)(unit * 10)]++;
    }
    CHECK(good);
    for (int i = 0; i < 10; i++)
        CHECK(tenths[i] > 9500 && tenths[i] < 10500);
}

/* The largest 64 bits still give less than 1. */
static void test_unit_edges(void)
{
    struct rng rng = {{0, 1, 1, UINT64_MAX}};
    double unit = rng_unit(&rng); /* rotate(MAX, 23) + 0 == MAX */

    CHECK(unit < 1 && unit == 1 - 0x1.0p-53);
    rng = (struct rng){{0, 1, 1, 0}};
    CHECK(rng_unit(&rng) == 0);
}

int main(void)
{
    test_sequence();
    test_seed();
    test_unit();
    test_unit_edges();
    return check_end("rng");
}
