/* SPDX-License-Identifier: MIT */
/*
 * Which bytes of a space are in use: gives out ranges and takes them back.
 * The space ends behind its last range in use; before a longer end the first
 * gap that is wide enough is given (first fit), and gaps that meet become
 * one. A call costs time linear in the gaps: fit for some ten thousand ranges.
 */
#ifndef BASE_EXTENTS_H
#define BASE_EXTENTS_H

#include <stddef.h>
#include <stdint.h>

struct extent {
    uint64_t at, len;
};

struct extents {
    struct extent *gaps; /* owned; by place, none touching another */
    size_t count, cap;
    uint64_t end; /* behind the last range in use; 0 when none is */
};

/* No range in use; allocates nothing. */
void extents_init(struct extents *extents);
void extents_release(struct extents *extents);

/* A range of len bytes (not 0), in use from now on; its first byte. */
uint64_t extents_take(struct extents *extents, uint64_t len);

/* Gives a range back that was taken, whole. */
void extents_give(struct extents *extents, uint64_t at, uint64_t len);

#endif
