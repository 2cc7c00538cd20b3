/* SPDX-License-Identifier: MIT */
/*
 * Hash table with linear probing. Removal shifts the rest of the run back, so
 * there are no tombstones and a table under steady churn (hosts that come and
 * go) never slows down. Knows keys as bytes and values as pointers.
 */
#include "base/map.h"

#include "base/msg.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MIN 16

/* A slot is free while its value is NULL. */
struct map_slot {
    uint64_t hash;
    const char *key; /* borrowed */
    size_t len;
    void *value; /* borrowed */
};

void map_init(struct map *map)
{
    *map = (struct map){0};
    hash_seed_random(&map->seed);
}

void map_release(struct map *map)
{
    free(map->slots);
    map->slots = NULL;
    map->count = map->cap = 0;
}

static bool slot_is(const struct map_slot *slot, uint64_t hash, const char *key,
                    size_t len)
{
    return slot->hash == hash && slot->len == len &&
           (len == 0 || memcmp(slot->key, key, len) == 0);
}

/* The slot of the key, or the free one where it belongs; cap is not 0. */
static struct map_slot *find(const struct map *map, uint64_t hash,
                             const char *key, size_t len)
{
    size_t at = (size_t)hash & (map->cap - 1);

    while (map->slots[at].value && !slot_is(&map->slots[at], hash, key, len))
        at = (at + 1) & (map->cap - 1);
    return &map->slots[at];
}

/* The first free slot of a hash whose key is known not to be there. */
static struct map_slot *find_free(const struct map *map, uint64_t hash)
{
    size_t at = (size_t)hash & (map->cap - 1);

    while (map->slots[at].value)
        at = (at + 1) & (map->cap - 1);
    return &map->slots[at];
}

static void grow(struct map *map)
{
    struct map_slot *old = map->slots;
    size_t old_cap = map->cap;

    map->cap = old_cap > 0 ? old_cap * 2 : CAP_MIN;
    map->slots = xcalloc(map->cap, sizeof(*map->slots));
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].value)
            *find_free(map, old[i].hash) = old[i];
    }
    free(old);
}

void *map_get(const struct map *map, const char *key, size_t len)
{
    if (map->count == 0)
        return NULL;
    return find(map, hash_bytes(&map->seed, key, len), key, len)->value;
}

void *map_put(struct map *map, const char *key, size_t len, void *value)
{
    uint64_t hash = hash_bytes(&map->seed, key, len);
    struct map_slot *slot;
    void *old;

    if (!value)
        die("bug: a map was given no value");
    /* At most three quarters full: runs stay short, a free slot exists. */
    if (map->count >= map->cap / 4 * 3)
        grow(map);
    slot = find(map, hash, key, len);
    old = slot->value;
    if (old) {
        slot->value = value;
        return old;
    }
    *slot = (struct map_slot){hash, key, len, value};
    map->count++;
    return NULL;
}

/*
 * Closes the hole by moving back every later slot of the run that may stand
 * there, that is, whose home is not between the hole and itself.
 */
static void close_hole(struct map *map, size_t hole)
{
    size_t mask = map->cap - 1;

    for (size_t at = (hole + 1) & mask; map->slots[at].value;
         at = (at + 1) & mask) {
        size_t home = (size_t)map->slots[at].hash & mask;

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (struct map_slot){0};
}

void *map_remove(struct map *map, const char *key, size_t len)
{
    struct map_slot *slot;
    void *value;

    if (map->count == 0)
        return NULL;
    slot = find(map, hash_bytes(&map->seed, key, len), key, len);
    value = slot->value;
    if (!value)
        return NULL;
    close_hole(map, (size_t)(slot - map->slots));
    map->count--;
    return value;
}
