/* SPDX-License-Identifier: MIT */
/*
 * The set of names that a run gave. A table of its own, as base/map borrows
 * its keys, and keeping the names would take five times the memory.
 */
#include "policy/file_taken.h"

#include "base/hash.h"
#include "base/msg.h"
#include "policy/file_name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64

struct slot {
    uint64_t hash;   /* 0: nothing here */
    unsigned number; /* the next to try behind this name */
};

struct file_taken {
    struct slot *slots; /* owned */
    size_t cap, count;  /* cap: a power of two, never full */
    struct hash_seed seed;
};

struct file_taken *file_taken_new(void)
{
    struct file_taken *taken = xcalloc(1, sizeof(*taken));

    taken->cap = SLOTS_FIRST;
    taken->slots = xcalloc(taken->cap, sizeof(*taken->slots));
    hash_seed_random(&taken->seed);
    return taken;
}

void file_taken_free(struct file_taken *taken)
{
    if (!taken)
        return;
    free(taken->slots);
    free(taken);
}

static uint64_t hash_of(const struct file_taken *taken, const char *name)
{
    uint64_t hash = hash_bytes(&taken->seed, name, strlen(name));

    return hash ? hash : 1;
}

/* Where the hash is, or would be. */
static struct slot *find(const struct file_taken *taken, uint64_t hash)
{
    size_t at = (size_t)hash & (taken->cap - 1);

    while (taken->slots[at].hash != 0 && taken->slots[at].hash != hash)
        at = (at + 1) & (taken->cap - 1);
    return &taken->slots[at];
}

static void grow(struct file_taken *taken)
{
    struct slot *old = taken->slots;
    size_t old_cap = taken->cap;

    taken->cap *= 2;
    taken->slots = xcalloc(taken->cap, sizeof(*taken->slots));
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].hash != 0)
            *find(taken, old[i].hash) = old[i];
    }
    free(old);
}

/* False when it was there. */
static bool add(struct file_taken *taken, uint64_t hash)
{
    struct slot *slot = find(taken, hash);

    if (slot->hash != 0)
        return false;
    *slot = (struct slot){.hash = hash, .number = 2};
    if (++taken->count * 4 > taken->cap * 3)
        grow(taken);
    return true;
}

void file_taken_note(struct file_taken *taken, const char *name)
{
    add(taken, hash_of(taken, name));
}

bool file_taken_has(const struct file_taken *taken, const char *name)
{
    return find(taken, hash_of(taken, name))->hash != 0;
}

void file_taken_claim(struct file_taken *taken, const char *name,
                      struct buf *out)
{
    uint64_t hash = hash_of(taken, name);
    unsigned number;

    buf_clear(out);
    if (add(taken, hash)) {
        buf_add_str(out, name);
        return;
    }
    number = find(taken, hash)->number;
    do
        file_name_numbered(out, name, number++);
    while (!add(taken, hash_of(taken, out->data)));
    find(taken, hash)->number = number; /* the table may have grown */
}
