/* SPDX-License-Identifier: MIT */
/*
 * --keep-order as a whole: policy/reorder, with what is too much for memory in
 * world/spill. Put each record when it ends, take lines while the sink has
 * room, and read no request for whose index it is full.
 */
#ifndef WORLD_ORDERED_H
#define WORLD_ORDERED_H

#include "base/buf.h"
#include "base/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of records that are held in memory. */
#define ORDERED_MEMORY ((size_t)16 * 1024 * 1024)

struct ordered;

/* A window of that many requests (--order-window), at most `memory` bytes in
 * memory, but for the record whose turn it is and some hundred bytes for each
 * one that is held; the rest in a file without a name in the folder (NULL: as
 * world/spill says). */
struct ordered *ordered_new(size_t window, size_t memory, const char *folder);
void ordered_free(struct ordered *ordered);

/* True while the request with this index must not be read yet. */
bool ordered_full(const struct ordered *ordered, uint64_t index);

/*
 * Takes the lines of an index (bytes from malloc; NULL and 0 for one that
 * prints nothing, as a request that an earlier run has done). Once for every
 * index, or the order waits for it for ever. 0, or -1 with why when what is
 * too much could not be put aside: nothing is lost, all is in memory.
 */
int ordered_put_take(struct ordered *ordered, uint64_t index, char *bytes,
                     size_t len, struct why *why);

/*
 * Appends the lines of the next index whose turn it is (and passes over those
 * that print nothing). 1; 0: its record is not there yet; -1 with why when
 * they could not be read back, or out has no room.
 */
int ordered_next(struct ordered *ordered, struct buf *out, struct why *why);

/* True when ordered_next would give something, or pass over something. */
bool ordered_due(const struct ordered *ordered);

/* Records that wait for their turn, and bytes on the disk. */
size_t ordered_held(const struct ordered *ordered);
uint64_t ordered_spilled(const struct ordered *ordered);

#endif
