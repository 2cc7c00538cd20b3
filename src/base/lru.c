/* SPDX-License-Identifier: MIT */
/*
 * A map beside a list in the order of use. An entry, its value and its key are
 * one piece of memory. It must not know what the values are.
 */
#include "base/lru.h"

#include "base/list.h"
#include "base/map.h"
#include "base/msg.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct list use;
    size_t key_len;
    alignas(max_align_t) char value[]; /* the key, with its NUL, behind it */
};

struct lru {
    struct map map;  /* of entries; borrows their keys */
    struct list use; /* of entry.use, the latest first */
    size_t value_size, most;
};

struct lru *lru_new(size_t value_size, size_t most)
{
    struct lru *lru = xcalloc(1, sizeof(*lru));

    map_init(&lru->map);
    list_init(&lru->use);
    lru->value_size = value_size;
    lru->most = most;
    return lru;
}

static char *entry_key(const struct lru *lru, struct entry *entry)
{
    return entry->value + lru->value_size;
}

static void entry_free(struct lru *lru, struct entry *entry)
{
    map_remove(&lru->map, entry_key(lru, entry), entry->key_len);
    list_remove(&entry->use);
    free(entry);
}

void lru_free(struct lru *lru)
{
    if (!lru)
        return;
    while (!list_empty(&lru->use))
        entry_free(lru, container_of(lru->use.next, struct entry, use));
    map_release(&lru->map);
    free(lru);
}

void *lru_get(struct lru *lru, const char *key)
{
    struct entry *entry = map_get(&lru->map, key, strlen(key));

    if (!entry)
        return NULL;
    list_remove(&entry->use);
    list_push_front(&lru->use, &entry->use);
    return entry->value;
}

void *lru_put(struct lru *lru, const char *key)
{
    size_t len = strlen(key);
    void *value = lru_get(lru, key);
    struct entry *entry;

    if (value)
        return value;
    if (lru->map.count >= lru->most)
        entry_free(lru, container_of(lru->use.prev, struct entry, use));
    entry = xcalloc(1, sizeof(*entry) + lru->value_size + len + 1);
    entry->key_len = len;
    memcpy(entry_key(lru, entry), key, len);
    list_push_front(&lru->use, &entry->use);
    map_put(&lru->map, entry_key(lru, entry), len, entry);
    return entry->value;
}

void lru_drop(struct lru *lru, const char *key)
{
    struct entry *entry = map_get(&lru->map, key, strlen(key));

    if (entry)
        entry_free(lru, entry);
}

size_t lru_count(const struct lru *lru)
{
    return lru->map.count;
}
