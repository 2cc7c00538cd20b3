/* SPDX-License-Identifier: MIT */
/*
 * Queues and rings. With SCHED_RANDOM bags stand for lists, so that a draw is
 * no search. It must not know hosts, limits or time.
 */
#include "policy/sched_priv.h"

#include "base/msg.h"

#include <stdlib.h>

struct sched_level {
    struct list turn;    /* in the list of its ring */
    struct bag_node lot; /* or in its bag */
    struct list again;   /* put back: these go first */
    struct list fresh;   /* new ones */
    struct bag drawn;    /* new ones with SCHED_RANDOM */
};

void sched_rings_init(struct sched_rings *rings)
{
    for (int i = 0; i < SCHED_LEVELS; i++) {
        list_init(&rings->rings[i].turns);
        bag_init(&rings->rings[i].lots);
    }
    sched_rings_order(rings, SCHED_FIFO, 0);
}

void sched_rings_release(struct sched_rings *rings)
{
    /* The levels may be gone already: only the arrays are ours. */
    for (int i = 0; i < SCHED_LEVELS; i++)
        free(rings->rings[i].lots.nodes);
}

void sched_rings_order(struct sched_rings *rings, enum sched_order order,
                       uint64_t seed)
{
    rings->order = order;
    rng_seed(&rings->rng, seed);
}

void sched_queue_release(struct sched_queue *queue)
{
    for (int i = 0; i < SCHED_LEVELS; i++) {
        if (!queue->levels[i])
            continue;
        bag_release(&queue->levels[i]->drawn);
        free(queue->levels[i]);
        queue->levels[i] = NULL;
    }
}

static int number_of(const struct sched_item *item)
{
    return item->priority - SCHED_PRIORITY_MIN;
}

static struct sched_level *level_new(void)
{
    struct sched_level *level = xcalloc(1, sizeof(*level));

    list_init(&level->turn);
    list_init(&level->again);
    list_init(&level->fresh);
    bag_init(&level->drawn);
    return level;
}

static struct sched_level *level_of(struct sched_queue *queue,
                                    const struct sched_item *item)
{
    int number = number_of(item);

    if (!queue->levels[number])
        queue->levels[number] = level_new();
    return queue->levels[number];
}

void sched_queue_fresh(struct sched_rings *rings, struct sched_queue *queue,
                       struct sched_item *item)
{
    struct sched_level *level = level_of(queue, item);

    queue->queued++;
    switch (rings->order) {
    case SCHED_FIFO:
        list_push_back(&level->fresh, &item->place);
        break;
    case SCHED_LIFO:
        list_push_front(&level->fresh, &item->place);
        /* Also into the ring of a host that is not ready: settling it, which
         * follows, takes it out again. */
        list_remove(&level->turn);
        list_push_front(&rings->rings[number_of(item)].turns, &level->turn);
        break;
    case SCHED_RANDOM:
        list_init(&item->place);
        bag_add(&level->drawn, &item->lot);
        break;
    }
}

void sched_queue_again(struct sched_queue *queue, struct sched_item *item)
{
    queue->queued++;
    list_push_back(&level_of(queue, item)->again, &item->place);
}

void sched_queue_first(struct sched_queue *queue, struct sched_item *item)
{
    queue->queued++;
    list_push_front(&level_of(queue, item)->again, &item->place);
}

void sched_queue_remove(struct sched_queue *queue, struct sched_item *item)
{
    queue->queued--;
    list_remove(&item->place);
    if (bag_holds(&item->lot))
        bag_remove(&queue->levels[number_of(item)]->drawn, &item->lot);
}

static bool level_empty(const struct sched_level *level)
{
    return list_empty(&level->again) && list_empty(&level->fresh) &&
           level->drawn.count == 0;
}

static void ring_leave(struct sched_ring *ring, struct sched_level *level)
{
    list_remove(&level->turn);
    bag_remove(&ring->lots, &level->lot);
}

static void ring_join(const struct sched_rings *rings, struct sched_ring *ring,
                      struct sched_level *level)
{
    if (rings->order == SCHED_RANDOM) {
        if (!bag_holds(&level->lot))
            bag_add(&ring->lots, &level->lot);
    } else if (list_empty(&level->turn)) {
        list_push_back(&ring->turns, &level->turn);
    }
}

void sched_queue_settle(struct sched_rings *rings, struct sched_queue *queue,
                        bool ready)
{
    for (int i = 0; i < SCHED_LEVELS; i++) {
        struct sched_level *level = queue->levels[i];

        if (!level)
            continue;
        if (ready && !level_empty(level))
            ring_join(rings, &rings->rings[i], level);
        else
            ring_leave(&rings->rings[i], level);
    }
}

static bool ring_empty(const struct sched_ring *ring)
{
    return list_empty(&ring->turns) && ring->lots.count == 0;
}

bool sched_rings_empty(const struct sched_rings *rings)
{
    for (int i = SCHED_LEVELS - 1; i >= 0; i--) {
        if (!ring_empty(&rings->rings[i]))
            return false;
    }
    return true;
}

/* The item of a level that goes next; the level is not empty. */
static struct sched_item *level_first(const struct sched_level *level,
                                      struct rng *rng)
{
    const struct list *queue =
        list_empty(&level->again) ? &level->fresh : &level->again;

    if (!list_empty(queue))
        return container_of(queue->next, struct sched_item, place);
    return container_of(bag_draw(&level->drawn, rng), struct sched_item, lot);
}

struct sched_item *sched_rings_turn(struct sched_rings *rings)
{
    for (int i = SCHED_LEVELS - 1; i >= 0; i--) {
        struct sched_ring *ring = &rings->rings[i];
        struct sched_level *level;

        if (ring_empty(ring))
            continue;
        if (rings->order == SCHED_RANDOM)
            level = container_of(bag_draw(&ring->lots, &rings->rng),
                                 struct sched_level, lot);
        else
            level = container_of(ring->turns.next, struct sched_level, turn);
        ring_leave(ring, level);
        return level_first(level, &rings->rng);
    }
    return NULL;
}

struct sched_item *sched_queue_any(const struct sched_queue *queue)
{
    for (int i = SCHED_LEVELS - 1; i >= 0; i--) {
        const struct sched_level *level = queue->levels[i];

        if (!level || level_empty(level))
            continue;
        if (level->drawn.count > 0)
            return container_of(level->drawn.nodes[0], struct sched_item, lot);
        return level_first(level, NULL);
    }
    return NULL;
}
