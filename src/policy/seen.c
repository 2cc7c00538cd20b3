/* SPDX-License-Identifier: MIT */
/*
 * A table that is full, and grows smoothly. Knows 16-byte keys and numbers;
 * must not know what they stand for.
 */
#include "policy/seen.h"

#include "base/hash.h"
#include "base/msg.h"

#include <stdlib.h>
#include <string.h>

/* 40 slots and 8 bytes of the allocator are a multiple of 16 bytes. */
#define SLOTS      40
#define VALUE_SIZE 6

/* A part of more blocks is split in two. */
#define BLOCKS_MAX 32

/* Slots in a hundred that may be taken, and that are taken after growing. */
#define LOAD_MAX 91
#define LOAD_NEW 77

/* Longest prefix of the hash that leads to a part: the rest of its bits say
 * where in it, and are the tag. */
#define DEPTH_MAX 24

/* What an allocation takes beside its bytes, in the usual C libraries. */
#define ALLOCATION 8

/* Bytes alone, so that nothing is lost to alignment. */
struct block {
    unsigned char tags[SLOTS]; /* 0: the slot is free */
    unsigned char values[SLOTS][VALUE_SIZE];
    unsigned char keys[SLOTS][SEEN_KEY_SIZE];
};

struct part {
    unsigned depth; /* bits of the hash that its keys share */
    uint32_t count;
    uint32_t blocks;
    struct block *block[]; /* owned */
};

struct seen {
    struct hash_seed seed;
    struct part **parts; /* owned, 1 << depth; one part may stand in several
                            places, which are neighbours */
    unsigned depth;
    uint64_t count;
    size_t bytes, peak;
};

/* A slot, free or not. */
struct place {
    struct block *block;
    unsigned slot;
};

static struct part *part_new(struct seen *seen, unsigned depth, uint32_t blocks)
{
    size_t size = sizeof(struct part) + blocks * sizeof(struct block *);
    struct part *part = xcalloc(1, size);

    part->depth = depth;
    part->blocks = blocks;
    for (uint32_t i = 0; i < blocks; i++) {
        part->block[i] = xmalloc(sizeof(struct block));
        memset(part->block[i]->tags, 0, SLOTS);
    }
    seen->bytes += size + ALLOCATION;
    seen->bytes += blocks * (sizeof(struct block) + ALLOCATION);
    if (seen->bytes > seen->peak)
        seen->peak = seen->bytes;
    return part;
}

static void part_free(struct seen *seen, struct part *part)
{
    seen->bytes -= sizeof(struct part) + ALLOCATION;
    seen->bytes -= part->blocks *
                   (sizeof(struct block) + ALLOCATION + sizeof(struct block *));
    for (uint32_t i = 0; i < part->blocks; i++)
        free(part->block[i]);
    free(part);
}

struct seen *seen_new(void)
{
    struct seen *seen = xcalloc(1, sizeof(*seen));

    hash_seed_random(&seen->seed);
    seen->bytes = sizeof(*seen) + sizeof(*seen->parts) + 2 * ALLOCATION;
    seen->parts = xmalloc(sizeof(*seen->parts));
    seen->parts[0] = part_new(seen, 0, 1);
    return seen;
}

/* Places of the directory that lead to the part. */
static size_t share_of(const struct seen *seen, const struct part *part)
{
    return (size_t)1 << (seen->depth - part->depth);
}

void seen_free(struct seen *seen)
{
    size_t i = 0;

    if (!seen)
        return;
    while (i < (size_t)1 << seen->depth) {
        struct part *part = seen->parts[i];

        i += share_of(seen, part);
        part_free(seen, part);
    }
    free(seen->parts);
    free(seen);
}

static size_t directory_at(const struct seen *seen, uint64_t hash)
{
    return seen->depth == 0 ? 0 : (size_t)(hash >> (64 - seen->depth));
}

static unsigned char tag_of(uint64_t hash)
{
    unsigned char tag = (unsigned char)(hash >> 32 & 0xff);

    return tag == 0 ? 1 : tag;
}

/* The key's slot, true; or the free slot where it would go. */
static bool find(const struct part *part, uint64_t hash,
                 const unsigned char *key, struct place *place)
{
    unsigned char tag = tag_of(hash);
    uint32_t slots = part->blocks * SLOTS;
    uint32_t at = (uint32_t)((hash & UINT32_MAX) * slots >> 32);
    uint32_t number = at / SLOTS;

    place->slot = at % SLOTS;
    place->block = part->block[number];
    for (;;) {
        unsigned char found = place->block->tags[place->slot];

        if (found == 0)
            return false;
        if (found == tag &&
            memcmp(place->block->keys[place->slot], key, SEEN_KEY_SIZE) == 0)
            return true;
        if (++place->slot == SLOTS) {
            place->slot = 0;
            if (++number == part->blocks)
                number = 0;
            place->block = part->block[number];
        }
    }
}

/* The slot for a key that the part does not hold; in a part that is being
 * filled anew no key needs to be compared. */
static void place_new(const struct part *part, uint64_t hash,
                      struct place *place)
{
    uint32_t slots = part->blocks * SLOTS;
    uint32_t at = (uint32_t)((hash & UINT32_MAX) * slots >> 32);

    while (part->block[at / SLOTS]->tags[at % SLOTS] != 0) {
        if (++at == slots)
            at = 0;
    }
    place->block = part->block[at / SLOTS];
    place->slot = at % SLOTS;
}

static uint64_t value_at(const struct place *place)
{
    const unsigned char *bytes = place->block->values[place->slot];
    uint64_t value = 0;

    for (unsigned i = 0; i < VALUE_SIZE; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static void set_value(const struct place *place, uint64_t value)
{
    unsigned char *bytes = place->block->values[place->slot];

    if (value > SEEN_VALUE_MAX)
        value = SEEN_VALUE_MAX;
    for (unsigned i = 0; i < VALUE_SIZE; i++, value >>= 8)
        bytes[i] = (unsigned char)(value & 0xff);
}

/* Moves the keys of a part to others: to halves[0], or where a bit of the
 * hash says (shift; 64: none) to halves[1]. */
static void move_keys(const struct seen *seen, const struct part *from,
                      struct part *const halves[2], unsigned shift)
{
    for (uint32_t i = 0; i < from->blocks; i++) {
        const struct block *block = from->block[i];

        for (unsigned j = 0; j < SLOTS; j++) {
            struct place to;
            struct part *half;
            uint64_t hash;

            if (block->tags[j] == 0)
                continue;
            hash = hash_bytes(&seen->seed, block->keys[j], SEEN_KEY_SIZE);
            half = halves[shift < 64 ? hash >> shift & 1 : 0];
            place_new(half, hash, &to);
            to.block->tags[to.slot] = block->tags[j];
            memcpy(to.block->keys[to.slot], block->keys[j], SEEN_KEY_SIZE);
            memcpy(to.block->values[to.slot], block->values[j], VALUE_SIZE);
            half->count++;
        }
    }
}

/* Each place of the directory becomes two. */
static void double_directory(struct seen *seen)
{
    size_t old = (size_t)1 << seen->depth;

    seen->parts = xrealloc(seen->parts, 2 * old * sizeof(*seen->parts));
    for (size_t i = old; i-- > 0;)
        seen->parts[2 * i + 1] = seen->parts[2 * i] = seen->parts[i];
    seen->bytes += old * sizeof(*seen->parts);
    seen->depth++;
}

/* Blocks for that many keys, at the load of a part that has just grown. */
static uint32_t blocks_for(uint32_t count)
{
    return (uint32_t)(((uint64_t)count * 100 + SLOTS * LOAD_NEW - 1) /
                      (SLOTS * LOAD_NEW));
}

/* Keys that share the next bit with the part's other keys, and those that
 * do not: a half must have room for all that come to it. */
static void count_halves(const struct seen *seen, const struct part *part,
                         unsigned shift, uint32_t counts[2])
{
    for (uint32_t i = 0; i < part->blocks; i++) {
        const struct block *block = part->block[i];

        for (unsigned j = 0; j < SLOTS; j++) {
            if (block->tags[j] != 0)
                counts[hash_bytes(&seen->seed, block->keys[j], SEEN_KEY_SIZE) >>
                           shift &
                       1]++;
        }
    }
}

/* Puts part where the directory led to another, from the first place on. */
static void lead_to(struct seen *seen, size_t first, size_t places,
                    struct part *part)
{
    for (size_t i = first; i < first + places; i++)
        seen->parts[i] = part;
}

static void split(struct seen *seen, struct part *part, uint64_t hash)
{
    unsigned shift = 63 - part->depth;
    uint32_t counts[2] = {0, 0};
    struct part *halves[2];
    size_t first, share;

    if (part->depth == seen->depth)
        double_directory(seen);
    count_halves(seen, part, shift, counts);
    for (int i = 0; i < 2; i++)
        halves[i] = part_new(seen, part->depth + 1, blocks_for(counts[i] + 1));
    move_keys(seen, part, halves, shift);
    share = share_of(seen, part);
    first = directory_at(seen, hash) & ~(share - 1);
    lead_to(seen, first, share / 2, halves[0]);
    lead_to(seen, first + share / 2, share / 2, halves[1]);
    part_free(seen, part);
}

static void grow(struct seen *seen, struct part *part, uint64_t hash)
{
    uint32_t blocks = blocks_for(part->count + 1);
    struct part *halves[2] = {NULL, NULL};
    size_t first, share = share_of(seen, part);

    if (blocks > BLOCKS_MAX && part->depth < DEPTH_MAX) {
        split(seen, part, hash);
        return;
    }
    halves[0] = part_new(seen, part->depth, blocks);
    move_keys(seen, part, halves, 64);
    first = directory_at(seen, hash) & ~(share - 1);
    lead_to(seen, first, share, halves[0]);
    part_free(seen, part);
}

/* The key's slot; true when it was free and is the key's from now on. */
static bool claim(struct seen *seen, const unsigned char *key,
                  struct place *place)
{
    uint64_t hash = hash_bytes(&seen->seed, key, SEEN_KEY_SIZE);
    struct part *part = seen->parts[directory_at(seen, hash)];

    if (find(part, hash, key, place))
        return false;
    /* A half may be full at once, where a split is very uneven. */
    while ((uint64_t)(part->count + 1) * 100 >
           (uint64_t)part->blocks * SLOTS * LOAD_MAX) {
        grow(seen, part, hash);
        part = seen->parts[directory_at(seen, hash)];
        place_new(part, hash, place);
    }
    place->block->tags[place->slot] = tag_of(hash);
    memcpy(place->block->keys[place->slot], key, SEEN_KEY_SIZE);
    part->count++;
    seen->count++;
    return true;
}

bool seen_first(struct seen *seen, const unsigned char key[SEEN_KEY_SIZE],
                uint64_t value, uint64_t *earlier)
{
    struct place place;

    if (!claim(seen, key, &place)) {
        *earlier = value_at(&place);
        return false;
    }
    set_value(&place, value);
    return true;
}

uint64_t seen_add(struct seen *seen, const unsigned char key[SEEN_KEY_SIZE])
{
    struct place place;
    uint64_t count = claim(seen, key, &place) ? 1 : value_at(&place) + 1;

    set_value(&place, count);
    return count;
}

bool seen_take(struct seen *seen, const unsigned char key[SEEN_KEY_SIZE])
{
    uint64_t hash = hash_bytes(&seen->seed, key, SEEN_KEY_SIZE), count;
    struct place place;

    if (!find(seen->parts[directory_at(seen, hash)], hash, key, &place))
        return false;
    count = value_at(&place);
    if (count == 0)
        return false;
    set_value(&place, count - 1);
    return true;
}

uint64_t seen_count(const struct seen *seen)
{
    return seen->count;
}

size_t seen_bytes(const struct seen *seen)
{
    return seen->bytes;
}

size_t seen_peak(const struct seen *seen)
{
    return seen->peak;
}
