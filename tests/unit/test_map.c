/* SPDX-License-Identifier: MIT */
/* Hash table: keys as bytes, replacement, and churn against a naive model. */
#include "base/map.h"

#include "base/rng.h"
#include "check.h"

#include <stdbool.h>

static void test_basics(void)
{
    struct map map;
    int one = 1, two = 2;
    char key[] = "key";

    map_init(&map);
    CHECK(!map.slots && map.count == 0);
    CHECK(!map_get(&map, "a", 1));
    CHECK(!map_remove(&map, "a", 1));
    CHECK(!map_put(&map, key, 3, &one));
    CHECK(map_get(&map, "key", 3) == &one);
    CHECK(!map_get(&map, "key", 2) && !map_get(&map, "kex", 3));
    CHECK(map_put(&map, "key", 3, &two) == &one);
    CHECK(map.count == 1);
    key[0] = 'X'; /* the old key stayed: it is the one that is compared */
    CHECK(!map_get(&map, "key", 3));
    key[0] = 'k';
    CHECK(map_remove(&map, "key", 3) == &two);
    CHECK(!map_remove(&map, "key", 3) && map.count == 0);
    map_release(&map);
    CHECK(!map_get(&map, "key", 3));
    CHECK(!map_put(&map, key, 3, &one));
    CHECK(map_get(&map, "key", 3) == &one);
    map_release(&map);
}

/* Keys are bytes with a length: empty, with NULs, prefixes of each other. */
static void test_keys(void)
{
    struct map map;
    int values[4];

    map_init(&map);
    CHECK(!map_put(&map, NULL, 0, &values[0]));
    CHECK(!map_put(&map, "\0", 1, &values[1]));
    CHECK(!map_put(&map, "\0\0", 2, &values[2]));
    CHECK(!map_put(&map, "\0a", 2, &values[3]));
    CHECK(map_get(&map, "", 0) == &values[0]);
    CHECK(map_get(&map, "\0", 1) == &values[1]);
    CHECK(map_get(&map, "\0\0", 2) == &values[2]);
    CHECK(map_get(&map, "\0a", 2) == &values[3]);
    CHECK(map_remove(&map, NULL, 0) == &values[0] && map.count == 3);
    map_release(&map);
}

/* Two tables have two seeds. */
static void test_seeds(void)
{
    struct map a, b;

    map_init(&a);
    map_init(&b);
    CHECK(a.seed.k0 != b.seed.k0 || a.seed.k1 != b.seed.k1);
    map_release(&a);
    map_release(&b);
}

#define KEYS 400

/* The model: which value each of the keys has. */
struct model {
    char keys[KEYS][8];
    int *values[KEYS];
    size_t count;
};

static bool agree(const struct map *map, const struct model *model)
{
    bool good = map->count == model->count;

    for (size_t i = 0; i < KEYS; i++)
        good &= map_get(map, model->keys[i], strlen(model->keys[i])) ==
                model->values[i];
    return good;
}

/* One random put or removal, to both; span says how many keys are in use. */
static bool step(struct map *map, struct model *model, struct rng *rng,
                 size_t span)
{
    static int pool[16];
    size_t i = rng_next(rng) % span;
    int *old = model->values[i], *value = NULL;
    size_t len = strlen(model->keys[i]);

    if (rng_next(rng) % 2) {
        value = &pool[rng_next(rng) % 16];
        model->values[i] = value;
        model->count += !old;
        return map_put(map, model->keys[i], len, value) == old;
    }
    model->values[i] = NULL;
    model->count -= old != NULL;
    return map_remove(map, model->keys[i], len) == old;
}

/* seed also picks the table's own, so that a failure can be repeated. */
static void test_random(uint64_t seed)
{
    struct map map;
    struct model model = {.count = 0};
    struct rng rng;
    bool good = true;

    rng_seed(&rng, seed);
    for (size_t i = 0; i < KEYS; i++)
        snprintf(model.keys[i], sizeof(model.keys[i]), "h%u", (unsigned)i);
    map_init(&map);
    map.seed = (struct hash_seed){rng_next(&rng), rng_next(&rng)};
    for (int i = 0; i < 4000; i++) {
        /* Few keys make crowded small tables, many make it grow. */
        good &= step(&map, &model, &rng, i < 2000 ? 14 : KEYS);
        if (i % 20 == 0)
            good &= agree(&map, &model);
    }
    CHECK(good);
    CHECK(agree(&map, &model));
    CHECK(map.count * 4 <= map.cap * 3 && (map.cap & (map.cap - 1)) == 0);
    map_release(&map);
}

/* Steady churn of ever new keys must not make the table grow. */
static void test_churn(void)
{
    static char keys[8][16];
    struct map map;
    bool good = true;

    map_init(&map);
    for (unsigned i = 0; i < 100000; i++) {
        char *key = keys[i % 8];

        if (i >= 8)
            good &= map_remove(&map, key, strlen(key)) == key;
        snprintf(key, sizeof(keys[0]), "%u", i);
        good &= !map_put(&map, key, strlen(key), key);
    }
    CHECK(good);
    CHECK(map.count == 8 && map.cap == 16);
    map_release(&map);
}

int main(void)
{
    test_basics();
    test_keys();
    test_seeds();
    for (uint64_t seed = 0; seed < 20; seed++)
        test_random(seed);
    test_churn();
    return check_end("map");
}
