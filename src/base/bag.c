/* SPDX-License-Identifier: MIT */
/*
 * Intrusive bag: an array whose hole the last node fills, and every node knows
 * its place. It must not know what the nodes are part of.
 */
#include "base/bag.h"

#include "base/msg.h"

#include <stdlib.h>

void bag_init(struct bag *bag)
{
    *bag = (struct bag){0};
}

void bag_release(struct bag *bag)
{
    for (size_t i = 0; i < bag->count; i++)
        bag->nodes[i]->place = 0;
    free(bag->nodes);
    bag_init(bag);
}

void bag_add(struct bag *bag, struct bag_node *node)
{
    if (bag->count == bag->cap) {
        bag->cap = bag->cap > 0 ? bag->cap * 2 : 8;
        bag->nodes = xrealloc(bag->nodes, bag->cap * sizeof(struct bag_node *));
    }
    bag->nodes[bag->count++] = node;
    node->place = bag->count;
}

void bag_remove(struct bag *bag, struct bag_node *node)
{
    struct bag_node *last;

    if (!bag_holds(node))
        return;
    last = bag->nodes[--bag->count];
    bag->nodes[node->place - 1] = last;
    last->place = node->place;
    node->place = 0;
}

/* The bias of the remainder is below count / 2^64. */
struct bag_node *bag_draw(const struct bag *bag, struct rng *rng)
{
    return bag->count > 0 ? bag->nodes[rng_next(rng) % bag->count] : NULL;
}
