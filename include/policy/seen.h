/* SPDX-License-Identifier: MIT */
/*
 * What was seen, by identity: a table from 16-byte keys to a number below
 * 2^48. As a set it gives the first request of each identity (--dedupe), as a
 * multiset it counts (--resume).
 *
 * Memory: at most 32 bytes for each key, and 4 KiB; while it grows, 64 KiB
 * more. The table is an extendible hash (Fagin, Nievergelt, Pippenger and
 * Strong, 1979): a directory of parts of about a thousand keys, so that growing
 * never holds more than one part twice, and never takes longer than moving one.
 * A part is made of small blocks of one size, so that the memory given back is
 * fit for the next part. Within a part: linear probing over one-byte tags,
 * between 77 and 91 per cent full. The hash is seeded, as a list's author may
 * choose keys.
 */
#ifndef POLICY_SEEN_H
#define POLICY_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_KEY_SIZE  16
#define SEEN_VALUE_MAX ((UINT64_C(1) << 48) - 1)

struct seen;

/* An empty table with a random seed. */
struct seen *seen_new(void);
void seen_free(struct seen *seen);

/*
 * True when the key is new: it then stands for value (at most SEEN_VALUE_MAX;
 * more is stored as that). Else false, and *earlier is the value it has.
 */
bool seen_first(struct seen *seen, const unsigned char key[SEEN_KEY_SIZE],
                uint64_t value, uint64_t *earlier);

/* Counts the key once more; its count, 1 at first. */
uint64_t seen_add(struct seen *seen, const unsigned char key[SEEN_KEY_SIZE]);

/* Counts the key once less; false where it was not there or is at 0. */
bool seen_take(struct seen *seen, const unsigned char key[SEEN_KEY_SIZE]);

/* Keys held (those at count 0 too); bytes of memory, the allocator's share
 * included as far as it is known; the most there ever were, in the midst of
 * growing too. */
uint64_t seen_count(const struct seen *seen);
size_t seen_bytes(const struct seen *seen);
size_t seen_peak(const struct seen *seen);

#endif
