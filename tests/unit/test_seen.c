/* SPDX-License-Identifier: MIT */
/* policy/seen as a set and as a multiset, and the memory that it takes. */
#include "policy/seen.h"

#include "base/rng.h"
#include "check.h"

#include <stdlib.h>

#define MANY 300000

/* The nth key; any two differ. */
static void make_key(unsigned char key[SEEN_KEY_SIZE], uint64_t n)
{
    memset(key, 0, SEEN_KEY_SIZE);
    memcpy(key + 4, &n, sizeof(n));
}

static void test_set(void)
{
    struct seen *seen = seen_new();
    unsigned char key[SEEN_KEY_SIZE];
    uint64_t earlier = 77;

    make_key(key, 0);
    CHECK(!seen_take(seen, key));
    CHECK(seen_first(seen, key, 0, &earlier) && earlier == 77);
    CHECK(!seen_first(seen, key, 5, &earlier) && earlier == 0);
    make_key(key, 1);
    CHECK(seen_first(seen, key, SEEN_VALUE_MAX, &earlier));
    CHECK(!seen_first(seen, key, 5, &earlier) && earlier == SEEN_VALUE_MAX);
    make_key(key, 2);
    CHECK(seen_first(seen, key, UINT64_MAX, &earlier));
    CHECK(!seen_first(seen, key, 5, &earlier) && earlier == SEEN_VALUE_MAX);
    /* The last byte counts as much as the first. */
    memset(key, 0xff, sizeof(key));
    CHECK(seen_first(seen, key, 3, &earlier));
    key[15] = 0xfe;
    CHECK(seen_first(seen, key, 4, &earlier));
    CHECK(seen_count(seen) == 5);
    seen_free(seen);
    seen_free(NULL);
}

/* Every key keeps its value over all growing, and no other is there. */
static void test_many(void)
{
    struct seen *seen = seen_new();
    unsigned char key[SEEN_KEY_SIZE];
    uint64_t wrong = 0, earlier;

    for (uint64_t i = 0; i < MANY; i++) {
        make_key(key, i * 3);
        wrong += !seen_first(seen, key, i, &earlier);
        wrong += seen_count(seen) != i + 1;
    }
    for (uint64_t i = 0; i < MANY; i++) {
        make_key(key, i * 3);
        wrong += seen_first(seen, key, 0, &earlier) || earlier != i;
        make_key(key, i * 3 + 1);
        wrong += seen_take(seen, key);
    }
    CHECK(wrong == 0);
    CHECK(seen_count(seen) == MANY);
    seen_free(seen);
}

/* At every moment of growing. */
static void test_memory(void)
{
    struct seen *seen = seen_new();
    unsigned char key[SEEN_KEY_SIZE];
    uint64_t earlier, over = 0;

    for (uint64_t i = 0; i < MANY; i++) {
        make_key(key, i);
        seen_first(seen, key, i, &earlier);
        over += seen_bytes(seen) > 32 * (i + 1) + 4096;
        over += i > 1000 && seen_bytes(seen) > 32 * (i + 1);
        over += seen_peak(seen) > 32 * (i + 1) + 4096 + 65536;
    }
    CHECK(over == 0);
    seen_free(seen);
}

/* Counts against an array. */
static void test_multiset(void)
{
    enum { KEYS = 20000 };
    struct seen *seen = seen_new();
    unsigned *counts = calloc(KEYS, sizeof(*counts));
    unsigned char key[SEEN_KEY_SIZE];
    struct rng rng;
    uint64_t wrong = 0;

    rng_seed(&rng, 1);
    for (unsigned i = 0; i < 20 * KEYS; i++) {
        uint64_t at = rng_next(&rng) % KEYS;

        make_key(key, at * UINT64_C(0x9e3779b97f4a7c15));
        if (rng_next(&rng) % 2 == 0) {
            wrong += seen_add(seen, key) != ++counts[at];
        } else {
            wrong += seen_take(seen, key) != (counts[at] > 0);
            counts[at] -= counts[at] > 0;
        }
    }
    CHECK(wrong == 0);
    free(counts);
    seen_free(seen);
}

/* Two tables split their parts at other keys: nobody can choose keys that all
 * fall into one. */
static void test_seed(void)
{
    struct seen *seen = seen_new(), *other = seen_new();
    unsigned char key[SEEN_KEY_SIZE];
    uint64_t earlier, differ = 0;

    for (uint64_t i = 0; i < 50000; i++) {
        make_key(key, i);
        seen_first(seen, key, i, &earlier);
        seen_first(other, key, i, &earlier);
        differ += seen_bytes(seen) != seen_bytes(other);
    }
    CHECK(differ > 0);
    seen_free(seen);
    seen_free(other);
}

int main(void)
{
    test_set();
    test_many();
    test_memory();
    test_multiset();
    test_seed();
    return check_end("seen");
}
