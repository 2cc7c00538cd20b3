/* SPDX-License-Identifier: MIT */
/*
 * Ranges by their gaps. Knows numbers alone; must not know what space they
 * are of.
 */
#include "base/extents.h"

#include "base/msg.h"

#include <stdlib.h>
#include <string.h>

void extents_init(struct extents *extents)
{
    *extents = (struct extents){.gaps = NULL};
}

void extents_release(struct extents *extents)
{
    free(extents->gaps);
    extents_init(extents);
}

static void remove_gap(struct extents *extents, size_t i)
{
    extents->count--;
    memmove(&extents->gaps[i], &extents->gaps[i + 1],
            (extents->count - i) * sizeof(extents->gaps[0]));
}

static void insert_gap(struct extents *extents, size_t i, struct extent gap)
{
    if (extents->count == extents->cap) {
        extents->cap = extents->cap > 0 ? 2 * extents->cap : 16;
        extents->gaps =
            xrealloc(extents->gaps, extents->cap * sizeof(extents->gaps[0]));
    }
    memmove(&extents->gaps[i + 1], &extents->gaps[i],
            (extents->count - i) * sizeof(extents->gaps[0]));
    extents->gaps[i] = gap;
    extents->count++;
}

uint64_t extents_take(struct extents *extents, uint64_t len)
{
    uint64_t at = extents->end;

    for (size_t i = 0; i < extents->count; i++) {
        struct extent *gap = &extents->gaps[i];

        if (gap->len < len)
            continue;
        at = gap->at;
        gap->at += len;
        gap->len -= len;
        if (gap->len == 0)
            remove_gap(extents, i);
        return at;
    }
    extents->end += len;
    return at;
}

/* The first gap behind that byte. */
static size_t gap_behind(const struct extents *extents, uint64_t at)
{
    size_t low = 0, high = extents->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (extents->gaps[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void extents_give(struct extents *extents, uint64_t at, uint64_t len)
{
    size_t i = gap_behind(extents, at);
    struct extent gap = {.at = at, .len = len};

    if (i < extents->count && at + len == extents->gaps[i].at) {
        gap.len += extents->gaps[i].len;
        remove_gap(extents, i);
    }
    if (i > 0 && extents->gaps[i - 1].at + extents->gaps[i - 1].len == at) {
        i--;
        gap.at = extents->gaps[i].at;
        gap.len += extents->gaps[i].len;
        remove_gap(extents, i);
    }
    if (gap.at + gap.len == extents->end)
        extents->end = gap.at;
    else
        insert_gap(extents, i, gap);
}
