/* SPDX-License-Identifier: MIT */
/*
 * A bounded memory: a map from a key to a value of a fixed size that, when it
 * is full, forgets the value that was not asked for longest. For what is worth
 * knowing of many hosts but must not grow with them. All operations are O(1).
 */
#ifndef BASE_LRU_H
#define BASE_LRU_H

#include <stddef.h>

struct lru;

/* Holds at most `most` (> 0) values of value_size bytes each. */
struct lru *lru_new(size_t value_size, size_t most);
void lru_free(struct lru *lru);

/* The value of the key, or NULL; it was then asked for last. It lives until it
 * is dropped, or forgotten by an lru_put of another key. */
void *lru_get(struct lru *lru, const char *key);

/* The same, but a value that is not there is made, zeroed. Copies the key. */
void *lru_put(struct lru *lru, const char *key);

/* Forgets the key; harmless when it is unknown. */
void lru_drop(struct lru *lru, const char *key);

size_t lru_count(const struct lru *lru);

#endif
