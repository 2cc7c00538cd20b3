/* SPDX-License-Identifier: MIT */
/*
 * A ring of pieces by index, and a heap of those in memory by which is due
 * last. Knows whose turn it is; must not know what a record is or where a
 * piece goes.
 */
#include "policy/reorder.h"

#include "base/heap.h"
#include "base/list.h"
#include "base/msg.h"

#include <stdlib.h>

struct held {
    struct heap_node node; /* in `last` while it is in memory */
    struct reorder_piece piece;
};

/* What a piece costs beside its bytes: two allocations and their overhead. */
#define PIECE_BYTES (sizeof(struct held) + 32)

struct reorder {
    struct held **ring; /* owned, by index modulo window; NULL: not there */
    size_t window;
    size_t memory_max;
    uint64_t turn;
    size_t count;
    size_t memory;
    struct heap last; /* of pieces in memory; the highest index first */
};

struct reorder *reorder_new(size_t window, size_t memory)
{
    struct reorder *reorder = xcalloc(1, sizeof(*reorder));

    reorder->window = window;
    reorder->memory_max = memory;
    reorder->ring = xcalloc(window, sizeof(reorder->ring[0]));
    heap_init(&reorder->last);
    return reorder;
}

static struct held **place_of(const struct reorder *reorder, uint64_t index)
{
    return &reorder->ring[index % reorder->window];
}

static size_t weight(const struct held *held)
{
    return PIECE_BYTES + (held->piece.bytes ? held->piece.len : 0);
}

static void forget(struct reorder *reorder, struct held *held)
{
    heap_remove(&reorder->last, &held->node);
    reorder->memory -= weight(held);
    reorder->count--;
    free(held->piece.bytes);
    free(held);
}

void reorder_free(struct reorder *reorder)
{
    if (!reorder)
        return;
    for (size_t i = 0; reorder->count > 0; i++) {
        if (reorder->ring[i])
            forget(reorder, reorder->ring[i]);
    }
    heap_release(&reorder->last);
    free(reorder->ring);
    free(reorder);
}

bool reorder_full(const struct reorder *reorder, uint64_t index)
{
    return index >= reorder->turn && index - reorder->turn >= reorder->window;
}

void reorder_put_take(struct reorder *reorder, uint64_t index, char *bytes,
                      size_t len)
{
    struct held **place = place_of(reorder, index);
    struct held *held;

    if (index < reorder->turn || reorder_full(reorder, index) || *place)
        die("bug: a record is not in the window of its order");
    if (len == 0) {
        free(bytes);
        bytes = NULL;
    }
    held = xcalloc(1, sizeof(*held));
    held->piece =
        (struct reorder_piece){.index = index, .bytes = bytes, .len = len};
    *place = held;
    reorder->count++;
    reorder->memory += weight(held);
    if (bytes)
        heap_insert(&reorder->last, &held->node, -(double)index);
}

bool reorder_surplus(const struct reorder *reorder, struct reorder_piece *piece)
{
    struct heap_node *node = heap_min(&reorder->last);
    struct held *held;

    if (!node || reorder->memory <= reorder->memory_max)
        return false;
    held = container_of(node, struct held, node);
    *piece = held->piece;
    return held->piece.index != reorder->turn;
}

void reorder_moved(struct reorder *reorder, uint64_t index, uint64_t place)
{
    struct held *held = *place_of(reorder, index);

    heap_remove(&reorder->last, &held->node);
    reorder->memory -= held->piece.len;
    free(held->piece.bytes);
    held->piece.bytes = NULL;
    held->piece.place = place;
}

bool reorder_due(const struct reorder *reorder, struct reorder_piece *piece)
{
    const struct held *held = *place_of(reorder, reorder->turn);

    if (!held)
        return false;
    *piece = held->piece;
    return true;
}

void reorder_pop(struct reorder *reorder)
{
    struct held **place = place_of(reorder, reorder->turn);

    forget(reorder, *place);
    *place = NULL;
    reorder->turn++;
}

uint64_t reorder_turn(const struct reorder *reorder)
{
    return reorder->turn;
}

size_t reorder_held(const struct reorder *reorder)
{
    return reorder->count;
}

size_t reorder_memory(const struct reorder *reorder)
{
    return reorder->memory;
}
