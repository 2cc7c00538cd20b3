/* SPDX-License-Identifier: MIT */
/*
 * Intrusive bag: nodes without an order, of which any can be taken out and a
 * random one can be drawn. A node is a member of the object that it stands
 * for, and belongs to one bag at a time; it may not move while it is in. All
 * operations are O(1) (adding: amortised).
 */
#ifndef BASE_BAG_H
#define BASE_BAG_H

#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>

struct bag_node {
    size_t place; /* position + 1 in the bag; 0 when in none */
};

struct bag {
    struct bag_node **nodes; /* owned array of borrowed nodes */
    size_t count, cap;
};

/* An empty bag; allocates nothing. */
void bag_init(struct bag *bag);

/* Frees the array (not the nodes, which are left as in no bag). */
void bag_release(struct bag *bag);

/* Adds a node that is in no bag. */
void bag_add(struct bag *bag, struct bag_node *node);

/* Takes a node out; harmless when it is in no bag. */
void bag_remove(struct bag *bag, struct bag_node *node);

/* A node, each as likely as any other, left in place; NULL when empty. Takes
 * one number from rng. */
struct bag_node *bag_draw(const struct bag *bag, struct rng *rng);

/* True while the node is in a bag. Zeroed nodes are in none. */
static inline bool bag_holds(const struct bag_node *node)
{
    return node->place != 0;
}

#endif
