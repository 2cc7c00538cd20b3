/* SPDX-License-Identifier: MIT */
/*
 * Stable min-heap of times. Nodes are members of the objects they order;
 * nodes of the same time leave in the order they came (an insertion counter
 * breaks ties). Insert, remove and pop are O(log n), the minimum O(1).
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    double at;     /* set by heap_insert; must not be NaN */
    uint64_t turn; /* insertion counter, the tie-break */
    size_t place;  /* position + 1 in the heap; 0 when in none */
};

struct heap {
    struct heap_node **nodes; /* owned array of borrowed nodes */
    size_t count, cap;
    uint64_t turns;
};

/* An empty heap; allocates nothing. */
void heap_init(struct heap *heap);

/* Frees the array (not the nodes, which are left as in no heap). */
void heap_release(struct heap *heap);

/* Adds a node, or moves one that is already in this heap to a new time. */
void heap_insert(struct heap *heap, struct heap_node *node, double at);

/* Takes a node out; harmless when it is in no heap. */
void heap_remove(struct heap *heap, struct heap_node *node);

/* The earliest node, left in place; NULL when empty. */
struct heap_node *heap_min(const struct heap *heap);

/* Takes out and returns the earliest node if its time <= now, else NULL. */
struct heap_node *heap_pop_due(struct heap *heap, double now);

/* True while the node is in a heap. Zeroed nodes are in none. */
static inline bool heap_holds(const struct heap_node *node)
{
    return node->place != 0;
}

#endif
