/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: which request goes next. Global slots and rate, slots, rate
 * and delay for each host, five priorities, turns of hosts, delays. Pure: `now`
 * is an argument (monotonic seconds, never going back).
 *
 * Rules. The highest priority that has a ready host goes first; hosts of a
 * priority take turns; a host's own requests go in the order they came, those
 * put back (hops, retries) before new ones (other orders: sched_set_order). A
 * host is ready while it has a free slot, is not held (its name is being
 * looked up), not cooling, and its rate and delay allow a start. An item that
 * waits holds no slot, and no other host waits for it. Every operation is O(1)
 * in hosts and items, but for delays, cool-downs and rates, which are O(log of
 * those that wait), and for a change of what holds for all hosts.
 *
 * The scheduler owns its hosts, never its items: an item is a member of the
 * caller's object. An item is in exactly one state: out (not known here),
 * queued (ready list or delay heap), or running (it holds its slots). A host
 * is forgotten when it has no item, is not held, and nothing of its past
 * matters any more.
 */
#ifndef POLICY_SCHED_H
#define POLICY_SCHED_H

#include "base/bag.h"
#include "base/heap.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

enum sched_order {
    SCHED_FIFO, /* as they came */
    SCHED_LIFO, /* the latest first; a new item brings its host to the front */
    SCHED_RANDOM, /* any ready host, then any of its new items */
};

/* What one host may do. */
struct sched_limits {
    unsigned slots; /* running items at once; 0: no limit */
    double rate;    /* starts a second; 0: no limit */
    unsigned burst; /* starts that a rest of the host is worth; 0 is as 1 */
    double delay;   /* seconds from one start to the next, at least */
    double jitter;  /* 0 to 1: the delay grows by up to this part of it */
};

/* Changes the limits of a host, which hold what holds for all. */
typedef void sched_lookup(void *arg, const char *host_key,
                          struct sched_limits *limits);

/* A zeroed item is out. Only sched.c touches the members. */
struct sched_item {
    struct list place;       /* in its host's queue */
    struct bag_node lot;     /* or there with SCHED_RANDOM */
    struct list all;         /* in the list of all that wait */
    struct heap_node delay;  /* in the heap of delays */
    struct sched_host *host; /* borrowed; NULL when out */
    signed char priority;
    enum sched_state state;
};

/* slots: running items at once (> 0); host_slots: of one host, 0 no limit. */
struct sched *sched_new(unsigned slots, unsigned host_slots);

/* Frees the scheduler. Items that it still knows, which must still be there,
 * are left alone. */
void sched_free(struct sched *sched);

/*
 * The order of new items within a priority; those put back stay before them.
 * Only while no item waits. The seed is that of SCHED_RANDOM and of jitter;
 * without a call: SCHED_FIFO and 0.
 */
void sched_set_order(struct sched *sched, enum sched_order order,
                     uint64_t seed);

/* Changes the number of global slots (> 0); running items are not touched. */
void sched_set_slots(struct sched *sched, unsigned slots);

/* Changes the rate of all starts together; 0: no limit. */
void sched_set_rate(struct sched *sched, double rate, unsigned burst,
                    double now);

/* Changes what holds for every host, those that are known too: O(hosts). Asks
 * the lookup of each again. */
void sched_set_host_limits(struct sched *sched,
                           const struct sched_limits *limits, double now);

/* Has the lookup asked about each host when it becomes known: again when it
 * had been forgotten. For hosts with limits of their own. */
void sched_set_lookup(struct sched *sched, sched_lookup *lookup, void *arg);

/* Change one limit of one host until it is forgotten or what holds for all is
 * changed; harmless when it is unknown. A rate of 0: none. */
void sched_host_set_slots(struct sched *sched, const char *host_key,
                          unsigned slots);
void sched_host_set_rate(struct sched *sched, const char *host_key, double rate,
                         double now);

/* While paused nothing starts. */
void sched_pause(struct sched *sched, bool paused);

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
 * The next item to run, now holding its slots, and counted in the rates; NULL
 * when none may. Delays and cool-downs that are over by `now` count.
 */
struct sched_item *sched_next(struct sched *sched, double now);

/* Gives a running item's slots back; it is out. */
void sched_done(struct sched *sched, struct sched_item *item);

/* Gives a running item's slots back and puts it first in its host's queue. If
 * it is the last that sched_next gave, rates and delay forget it too. */
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

/* The same of a host's queued items, in any order, those whose delay is not
 * over left out. For a host that is given up. */
struct sched_item *sched_take_host(struct sched *sched, const char *host_key);

/* Takes one waiting item out (its request ends while it waits). */
void sched_remove(struct sched *sched, struct sched_item *item);

/*
 * When sched_next could give something that it cannot give now without a
 * slot being given back, a hold ended, an item added or a limit changed: the
 * earliest end of a delay, of a cool-down, or of a wait for a rate; INFINITY
 * when there is none. It may be too early, never too late.
 */
double sched_wake(const struct sched *sched);

unsigned sched_slots(const struct sched *sched);
size_t sched_waiting(const struct sched *sched); /* queued or delayed */
unsigned sched_running(const struct sched *sched);
size_t sched_hosts(const struct sched *sched); /* known hosts */

/* Of the host of a running item: items running, items waiting. */
unsigned sched_host_running(const struct sched_item *item);
size_t sched_host_waiting(const struct sched_item *item);

#endif
