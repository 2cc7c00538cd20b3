/* SPDX-License-Identifier: MIT */
/* Stable heap: order, ties, moves and removals, against a sorted model. */
#include "base/heap.h"

#include "base/rng.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>

static void test_small(void)
{
    struct heap heap;
    struct heap_node a = {0}, b = {0}, c = {0};

    heap_init(&heap);
    CHECK(!heap_min(&heap));
    CHECK(!heap_pop_due(&heap, INFINITY));
    heap_remove(&heap, &a); /* in none: harmless */
    heap_insert(&heap, &a, 3);
    heap_insert(&heap, &b, 1);
    heap_insert(&heap, &c, 2);
    CHECK(heap_holds(&a) && heap_holds(&b) && heap_holds(&c));
    CHECK(heap_min(&heap) == &b);
    CHECK(!heap_pop_due(&heap, 0.999));
    CHECK(heap_pop_due(&heap, 1) == &b); /* due means <= now */
    CHECK(!heap_holds(&b));
    heap_insert(&heap, &a, 0); /* moves forward */
    CHECK(heap.count == 2 && heap_min(&heap) == &a);
    heap_insert(&heap, &a, INFINITY); /* and back */
    CHECK(heap.count == 2 && heap_min(&heap) == &c);
    heap_remove(&heap, &c);
    heap_remove(&heap, &c);
    CHECK(heap.count == 1 && heap_min(&heap) == &a);
    CHECK(!heap_pop_due(&heap, 1e300));
    heap_release(&heap);
    CHECK(!heap_holds(&a) && heap.count == 0);
    heap_insert(&heap, &a, -1); /* usable again */
    CHECK(heap_pop_due(&heap, 0) == &a);
    heap_release(&heap);
}

/* Nodes of one time leave as they came; a node set anew goes behind. */
static void test_ties(void)
{
    struct heap heap;
    struct heap_node nodes[100] = {0};
    bool in_order = true;

    heap_init(&heap);
    for (size_t i = 0; i < 100; i++)
        heap_insert(&heap, &nodes[i], 7);
    heap_insert(&heap, &nodes[0], 7);
    for (size_t i = 1; i < 100; i++)
        in_order &= heap_pop_due(&heap, 7) == &nodes[i];
    CHECK(in_order);
    CHECK(heap_pop_due(&heap, 7) == &nodes[0]);
    heap_release(&heap);
}

#define NODES 500

static int by_time(const void *left, const void *right)
{
    const struct heap_node *a = *(struct heap_node *const *)left;
    const struct heap_node *b = *(struct heap_node *const *)right;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->turn < b->turn ? -1 : a->turn > b->turn;
}

/* True when parents come before children and each node knows its place. */
static bool sound(const struct heap *heap)
{
    for (size_t i = 0; i < heap->count; i++) {
        if (heap->nodes[i]->place != i + 1)
            return false;
        if (i > 0 && by_time(&heap->nodes[(i - 1) / 2], &heap->nodes[i]) > 0)
            return false;
    }
    return true;
}

/* Random inserts, moves and removals; what is left pops as sort has it. */
static void test_random(uint64_t seed)
{
    struct heap heap;
    struct heap_node nodes[NODES] = {0}, *sorted[NODES];
    struct rng rng;
    size_t held = 0;
    bool good = true;

    rng_seed(&rng, seed);
    heap_init(&heap);
    for (int step = 0; step < 3000; step++) {
        struct heap_node *node = &nodes[rng_next(&rng) % NODES];

        if (rng_next(&rng) % 3 == 0)
            heap_remove(&heap, node);
        else
            heap_insert(&heap, node, (double)(rng_next(&rng) % 50));
        if (step % 50 == 0)
            good &= sound(&heap);
    }
    for (size_t i = 0; i < NODES; i++) {
        if (heap_holds(&nodes[i]))
            sorted[held++] = &nodes[i];
    }
    CHECK(held == heap.count && held > 100);
    qsort(sorted, held, sizeof(sorted[0]), by_time);
    for (size_t i = 0; i < held; i++) {
        good &= heap_min(&heap) == sorted[i];
        good &= !heap_pop_due(&heap, sorted[i]->at - 0.5);
        good &= heap_pop_due(&heap, sorted[i]->at) == sorted[i];
        good &= sound(&heap);
    }
    CHECK(good);
    CHECK(heap.count == 0);
    heap_release(&heap);
}

int main(void)
{
    test_small();
    test_ties();
    for (uint64_t seed = 0; seed < 20; seed++)
        test_random(seed);
    return check_end("heap");
}
