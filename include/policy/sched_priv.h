/* SPDX-License-Identifier: MIT */
/*
 * What the files of the scheduler share, for the family policy/sched* alone:
 * sched_queue has the orders (in which a host's items go, and in which hosts
 * have their turns), sched_host the limits and times of a host, sched the
 * operations.
 */
#ifndef POLICY_SCHED_PRIV_H
#define POLICY_SCHED_PRIV_H

#include "base/bag.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "base/rng.h"
#include "policy/bucket.h"
#include "policy/limit.h"
#include "policy/sched.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHED_LEVELS (SCHED_PRIORITY_MAX - SCHED_PRIORITY_MIN + 1)

/*
 * sched_queue. A host is in the ring of a priority exactly while it is ready
 * and has a queued item of that priority: so the highest ring that is not
 * empty has the answer, and nothing is ever searched.
 */

/* The ready hosts of a priority. */
struct sched_ring {
    struct list turns; /* of sched_level.turn, the next first */
    struct bag lots;   /* of sched_level.lot: the same with SCHED_RANDOM */
};

/* The ready hosts of a scheduler. */
struct sched_rings {
    enum sched_order order;
    struct rng rng;
    struct sched_ring rings[SCHED_LEVELS];
};

/* A host's items of one priority. */
struct sched_level;

/* A host's items; the levels are made when they are first needed, because
 * most hosts only ever use one of the five. */
struct sched_queue {
    struct sched_level *levels[SCHED_LEVELS]; /* owned */
    unsigned queued;                          /* items in them */
};

void sched_rings_init(struct sched_rings *rings);

/* The hosts' queues must have been released before, or go with them. */
void sched_rings_release(struct sched_rings *rings);

/* Sets the order; no item may be queued. The seed is of SCHED_RANDOM. */
void sched_rings_order(struct sched_rings *rings, enum sched_order order,
                       uint64_t seed);

/* Frees the levels; they and the items must be in no ring that lives on. */
void sched_queue_release(struct sched_queue *queue);

/*
 * Queue an item as a new one, as one put back, or before all others. The
 * host's place in the rings follows with sched_queue_settle; a new item also
 * brings a host that is in the ring to its front with SCHED_LIFO.
 */
void sched_queue_fresh(struct sched_rings *rings, struct sched_queue *queue,
                       struct sched_item *item);
void sched_queue_again(struct sched_queue *queue, struct sched_item *item);
void sched_queue_first(struct sched_queue *queue, struct sched_item *item);

/* Takes a queued item out of its queue. */
void sched_queue_remove(struct sched_queue *queue, struct sched_item *item);

/* Puts a host into the rings where it belongs and takes it out of others. A
 * host that was and stays in a ring keeps its turn. */
void sched_queue_settle(struct sched_rings *rings, struct sched_queue *queue,
                        bool ready);

/* True when no ring holds a host. */
bool sched_rings_empty(const struct sched_rings *rings);

/*
 * The item whose turn it is, or NULL; it stays in its queue, but its host
 * leaves the ring: settling it again puts it behind all others.
 */
struct sched_item *sched_rings_turn(struct sched_rings *rings);

/* The first item of a queue, whether the host is ready or not; NULL when it is
 * empty. */
struct sched_item *sched_queue_any(const struct sched_queue *queue);

/* sched_host and sched. */

struct sched_host {
    struct sched *sched; /* borrowed */
    struct list hosts;   /* in the list of all hosts */
    struct sched_queue queue;
    struct slots slots;
    unsigned waiting; /* items queued or delayed */
    bool held;

    bool paused;            /* nothing may start before pause.at */
    bool late;              /* an item has waited since a token came due */
    struct heap_node pause; /* in a heap while paused, or while the host must
                               not be forgotten */
    double cool_until, gap_until;
    double delay, jitter;
    struct bucket bucket;
    char key[]; /* NUL-terminated; the map borrows it */
};

/* What was so before the last item was given. */
struct sched_undo {
    const struct sched_item *item;
    struct bucket all, host;
    double gap_until;
};

struct sched {
    struct slots slots;
    struct bucket bucket;
    struct sched_limits host_limits;
    sched_lookup *lookup;
    void *lookup_arg;
    double now; /* the latest that was told */
    bool paused;
    bool late; /* a ready host has waited since a token came due */
    size_t waiting;
    struct map by_key;
    struct list hosts;
    struct sched_rings rings;
    struct list all;    /* of sched_item.all, in the order they came */
    struct heap delays; /* of sched_item.delay */
    struct heap pauses; /* of sched_host.pause */
    struct sched_undo undo;
};

/* The host of the key, or NULL. */
struct sched_host *sched_host_find(const struct sched *sched, const char *key);

/* The same, made when it is new, with the limits that hold for it. */
struct sched_host *sched_host_of(struct sched *sched, const char *key);

/* Frees a host that is in no heap, or whose heap goes too. */
void sched_host_free(struct sched_host *host);

/*
 * Puts the host into the rings where it belongs now and takes it out of the
 * others; frees it when nothing speaks of it any more, so that a long list
 * leaves no trace.
 */
void sched_host_settle(struct sched_host *host);

/* Nothing of the host starts before `at`. */
void sched_host_pause(struct sched_host *host, double at);

/* The same once something has changed that may have moved the time. */
void sched_host_pause_anew(struct sched_host *host);

/* The time of a host's pause, just taken out of its heap, has come. */
void sched_host_wake(struct sched_host *host);

/* An item of the host starts: counts it in its rate and delay. */
void sched_host_pace(struct sched_host *host, double now);

/* Takes over limits that have changed. Settles the host. */
void sched_host_set_limits(struct sched_host *host);

#endif
