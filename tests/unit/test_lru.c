/* SPDX-License-Identifier: MIT */
/* A bounded memory: what was not asked for longest goes first. */
#include "base/lru.h"

#include "check.h"

#include <stdbool.h>

static void test_values(void)
{
    struct lru *lru = lru_new(sizeof(double), 10);
    char key[] = "a";
    double *value;

    CHECK(!lru_get(lru, "a"));
    value = lru_put(lru, key);
    CHECK(*value == 0);
    *value = 1.5;
    key[0] = 'z'; /* it was copied */
    CHECK(lru_get(lru, "a") == value && lru_put(lru, "a") == value);
    CHECK(*value == 1.5 && lru_count(lru) == 1);
    CHECK(!lru_get(lru, "z") && !lru_get(lru, ""));
    lru_drop(lru, "z");
    lru_drop(lru, "a");
    CHECK(!lru_get(lru, "a") && lru_count(lru) == 0);
    CHECK(*(double *)lru_put(lru, "") == 0);
    lru_free(lru);
    lru_free(NULL);
}

static void test_forgets(void)
{
    struct lru *lru = lru_new(1, 3);

    lru_put(lru, "a");
    lru_put(lru, "b");
    lru_put(lru, "c");
    lru_get(lru, "a");
    lru_put(lru, "d");
    CHECK(lru_count(lru) == 3 && !lru_get(lru, "b"));
    CHECK(lru_get(lru, "c") && lru_get(lru, "a") && lru_get(lru, "d"));
    lru_put(lru, "c"); /* asking is asking */
    lru_put(lru, "e");
    CHECK(!lru_get(lru, "a") && lru_get(lru, "c"));
    lru_free(lru);
}

static void test_bounded(void)
{
    struct lru *lru = lru_new(7, 100);
    char key[20];
    bool good = true;

    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof key, "host%d", i);
        memcpy(lru_put(lru, key), "1234567", 7);
        good = good && lru_count(lru) <= 100;
    }
    CHECK(good && lru_count(lru) == 100);
    for (int i = 9900; i < 10000; i++) {
        snprintf(key, sizeof key, "host%d", i);
        good = good && lru_get(lru, key);
    }
    CHECK(good);
    lru_free(lru);
}

int main(void)
{
    test_values();
    test_forgets();
    test_bounded();
    return check_end("lru");
}
