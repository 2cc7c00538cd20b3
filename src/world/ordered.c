/* SPDX-License-Identifier: MIT */
/*
 * Order and spill joined. Knows when a record goes to the disk and comes
 * back; whose turn it is, is policy/reorder's.
 */
#include "world/ordered.h"

#include "policy/reorder.h"
#include "world/spill.h"

#include <stdlib.h>

struct ordered {
    struct reorder *reorder; /* owned */
    struct spill *spill;     /* owned */
};

struct ordered *ordered_new(size_t window, size_t memory, const char *folder)
{
    struct ordered *ordered = xmalloc(sizeof(*ordered));

    ordered->reorder = reorder_new(window, memory);
    ordered->spill = spill_new(folder);
    return ordered;
}

void ordered_free(struct ordered *ordered)
{
    if (!ordered)
        return;
    reorder_free(ordered->reorder);
    spill_free(ordered->spill);
    free(ordered);
}

bool ordered_full(const struct ordered *ordered, uint64_t index)
{
    return reorder_full(ordered->reorder, index);
}

int ordered_put_take(struct ordered *ordered, uint64_t index, char *bytes,
                     size_t len, struct why *why)
{
    struct reorder_piece piece;
    uint64_t place;

    reorder_put_take(ordered->reorder, index, bytes, len);
    while (reorder_surplus(ordered->reorder, &piece)) {
        if (spill_put(ordered->spill, piece.bytes, piece.len, &place, why) != 0)
            return -1;
        reorder_moved(ordered->reorder, piece.index, place);
    }
    return 0;
}

static int append(struct ordered *ordered, const struct reorder_piece *piece,
                  struct buf *out, struct why *why)
{
    char *room = buf_room(out, piece->len);

    if (!room)
        return why_set(why, "no room for a record");
    if (!piece->bytes) {
        if (spill_take(ordered->spill, piece->place, room, piece->len, why) !=
            0) {
            buf_grown(out, 0);
            return -1;
        }
        buf_grown(out, piece->len);
        return 0;
    }
    return buf_add(out, piece->bytes, piece->len);
}

int ordered_next(struct ordered *ordered, struct buf *out, struct why *why)
{
    struct reorder_piece piece;

    while (reorder_due(ordered->reorder, &piece)) {
        if (piece.len > 0 && append(ordered, &piece, out, why) != 0)
            return -1;
        reorder_pop(ordered->reorder);
        if (piece.len > 0)
            return 1;
    }
    return 0;
}

bool ordered_due(const struct ordered *ordered)
{
    struct reorder_piece piece;

    return reorder_due(ordered->reorder, &piece);
}

size_t ordered_held(const struct ordered *ordered)
{
    return reorder_held(ordered->reorder);
}

uint64_t ordered_spilled(const struct ordered *ordered)
{
    return spill_size(ordered->spill);
}
