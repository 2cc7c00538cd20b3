/* SPDX-License-Identifier: MIT */
/*
 * Stable min-heap: a binary heap in an array, and every node knows its place
 * in it, so that any node can be moved or removed in O(log n). Knows times
 * and turns; must not know what the nodes are part of, or what time it is.
 */
#include "base/heap.h"

#include "base/msg.h"

#include <stdlib.h>

void heap_init(struct heap *heap)
{
    *heap = (struct heap){0};
}

void heap_release(struct heap *heap)
{
    for (size_t i = 0; i < heap->count; i++)
        heap->nodes[i]->place = 0;
    free(heap->nodes);
    heap_init(heap);
}

static bool before(const struct heap_node *a, const struct heap_node *b)
{
    return a->at < b->at || (a->at == b->at && a->turn < b->turn);
}

static void put(struct heap *heap, size_t at, struct heap_node *node)
{
    heap->nodes[at] = node;
    node->place = at + 1;
}

static size_t sift_up(struct heap *heap, size_t at, struct heap_node *node)
{
    while (at > 0) {
        size_t parent = (at - 1) / 2;

        if (!before(node, heap->nodes[parent]))
            break;
        put(heap, at, heap->nodes[parent]);
        at = parent;
    }
    return at;
}

static size_t sift_down(struct heap *heap, size_t at, struct heap_node *node)
{
    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= heap->count)
            break;
        if (child + 1 < heap->count &&
            before(heap->nodes[child + 1], heap->nodes[child]))
            child++;
        if (!before(heap->nodes[child], node))
            break;
        put(heap, at, heap->nodes[child]);
        at = child;
    }
    return at;
}

/* Puts the node where it belongs, starting from the hole at `at`. */
static void settle(struct heap *heap, size_t at, struct heap_node *node)
{
    at = sift_up(heap, at, node);
    at = sift_down(heap, at, node);
    put(heap, at, node);
}

static void make_room(struct heap *heap)
{
    if (heap->count < heap->cap)
        return;
    heap->cap = heap->cap > 0 ? heap->cap * 2 : 16;
    heap->nodes = xrealloc(heap->nodes, heap->cap * sizeof(struct heap_node *));
}

void heap_insert(struct heap *heap, struct heap_node *node, double at)
{
    if (at != at)
        die("bug: a time in a heap is not a number");
    node->at = at;
    node->turn = heap->turns++;
    if (heap_holds(node)) {
        settle(heap, node->place - 1, node);
        return;
    }
    make_room(heap);
    settle(heap, heap->count++, node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    size_t at = node->place - 1;
    struct heap_node *last;

    if (!heap_holds(node))
        return;
    node->place = 0;
    last = heap->nodes[--heap->count];
    if (last != node)
        settle(heap, at, last);
}

struct heap_node *heap_min(const struct heap *heap)
{
    return heap->count > 0 ? heap->nodes[0] : NULL;
}

struct heap_node *heap_pop_due(struct heap *heap, double now)
{
    struct heap_node *node = heap_min(heap);

    if (!node || !(node->at <= now))
        return NULL;
    heap_remove(heap, node);
    return node;
}
