/* SPDX-License-Identifier: MIT */
/*
 * Hash table from bytes to a pointer. Open addressing, seeded hash; it never
 * copies keys: each key must live as long as its entry (it is usually a
 * member of the value). Lookups, puts and removals are O(1).
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/hash.h"

#include <stddef.h>

struct map_slot;

struct map {
    struct map_slot *slots; /* owned; NULL until the first put */
    size_t count;           /* entries held */
    size_t cap;             /* slots; 0 or a power of two */
    struct hash_seed seed;
};

/* An empty table with a random seed; allocates nothing. */
void map_init(struct map *map);

/* Frees the table, not the keys and values. */
void map_release(struct map *map);

/* The value of the key; NULL when there is none. */
void *map_get(const struct map *map, const char *key, size_t len);

/*
 * Sets the value (not NULL) of the key, borrowing both. Returns the value
 * that the key had before, or NULL; with an old value the old key stays.
 */
void *map_put(struct map *map, const char *key, size_t len, void *value);

/* Takes the entry out and returns its value; NULL when there was none. */
void *map_remove(struct map *map, const char *key, size_t len);

#endif
