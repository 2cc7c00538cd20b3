/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: which request goes next. Global slots, slots for each host,
 * five priorities, turns of hosts, delays. Pure: `now` is an argument
 * (monotonic seconds, never going back).
 *
 * Rules. The highest priority that has a ready host goes first; hosts of a
 * priority take turns; a host's own requests go in the order they came, those
 * put back (hops, retries) before new ones. A host is ready while it has a
 * free slot, is not held (its name is being looked up) and not cooling. An
 * item that waits holds no slot. Every operation is O(1) in hosts and items,
 * but for delays and cool-downs, which are O(log of those that wait).
 *
 * The scheduler owns its hosts, never its items: an item is a member of the
 * caller's object. An item is in exactly one state: out (not known here),
 * queued (ready list or delay heap), or running (it holds its slots).
 */
#ifndef POLICY_SCHED_H
#define POLICY_SCHED_H

#include "base/heap.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>

#define SCHED_PRIORITY_MIN (-2)
#define SCHED_PRIORITY_MAX 2

struct sched;
struct sched_host;

enum sched_state {
    SCHED_OUT,
    SCHED_QUEUED,
    SCHED_DELAYED,
    SCHED_RUNNING,
};

/* A zeroed item is out. Only sched.c touches the members. */
struct sched_item {
    struct list place;       /* in its host's queue */
    struct list all;         /* in the list of all that wait */
    struct heap_node delay;  /* in the heap of delays */
    struct sched_host *host; /* borrowed; NULL when out */
    signed char priority;
    enum sched_state state;
};

/* slots: running items at once (> 0); host_slots: of one host, 0 no limit. */
struct sched *sched_new(unsigned slots, unsigned host_slots);

/* Frees the scheduler; items that it still knows are left alone. */
void sched_free(struct sched *sched);

/* Adds an item that is out, behind the others of its host. The host_key is
 * copied where needed. */
void sched_add(struct sched *sched, struct sched_item *item,
               const char *host_key, int priority);

/* The same before the new ones of its host, behind those put back earlier. */
void sched_add_again(struct sched *sched, struct sched_item *item,
                     const char *host_key, int priority);

/* As sched_add_again, but not before time `at`. */
void sched_add_at(struct sched *sched, struct sched_item *item,
                  const char *host_key, int priority, double at);

/*
 * The next item to run, now holding its slots; NULL when none may. Delays and
 * cool-downs that are over by `now` count.
 */
struct sched_item *sched_next(struct sched *sched, double now);

/* Gives a running item's slots back; it is out. */
void sched_done(struct sched *sched, struct sched_item *item);

/* Gives a running item's slots back and puts it first in its host's queue. */
void sched_undo(struct sched *sched, struct sched_item *item);

/* As sched_undo, and holds the item's host until sched_open. */
void sched_hold(struct sched *sched, struct sched_item *item);

/* Ends the hold of a host; harmless when it is unknown or not held. */
void sched_open(struct sched *sched, const char *host_key);

/* Nothing of the host starts before `until` (never shortens a cool-down). */
void sched_cool(struct sched *sched, const char *host_key, double until);

/* Takes any waiting item out, in the order they came; NULL when none waits.
 * For stopping. */
struct sched_item *sched_take(struct sched *sched);

/* Takes one waiting item out (its request ends while it waits). */
void sched_remove(struct sched *sched, struct sched_item *item);

/*
 * When sched_next could give something that it cannot give now without a
 * slot being given back, a hold ended or an item added: the earliest delay or
 * cool-down; INFINITY when there is none.
 */
double sched_wake(const struct sched *sched);

/* Changes the number of global slots (> 0); running items are not touched. */
void sched_set_slots(struct sched *sched, unsigned slots);

unsigned sched_slots(const struct sched *sched);
size_t sched_waiting(const struct sched *sched); /* queued or delayed */
unsigned sched_running(const struct sched *sched);
size_t sched_hosts(const struct sched *sched); /* with any item or cooling */

/* Of the host of a running item: items running, items waiting. */
unsigned sched_host_running(const struct sched_item *item);
size_t sched_host_waiting(const struct sched_item *item);

#endif
