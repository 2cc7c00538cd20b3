/* SPDX-License-Identifier: MIT */
/*
 * A slow and simple model of the scheduler, for test_sched_random.c alone:
 * what each host and item should be doing, told without heaps and rings.
 */
#ifndef TESTS_SCHED_MODEL_H
#define TESTS_SCHED_MODEL_H

#include "base/rng.h"
#include "policy/bucket.h"
#include "policy/sched.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS  2000
#define ITEMS  4000
#define LEVELS 5

/* Ranks order the items of a host and priority: put back to the front, put
 * back, new. Of equal ranks any may go first. */
#define RANK_FRESH 1000000000L

struct model_item {
    struct sched_item item;
    enum sched_state state;
    int host, level;
    long rank;
    long came; /* order of all that wait */
    double at;
    long delay_turn;
};

/* A bucket told by the time at which it is full again. */
struct model_rate {
    double rate, full;
    unsigned burst;
};

struct model_host {
    char key[32];
    unsigned running, waiting, queued[LEVELS];
    unsigned slots;
    struct model_rate rate;
    double delay;
    double cool_until, gap_until;
    bool held, paused, late;
    bool remembered; /* until pause_at, though nothing waits for it */
    double pause_at;
    long since[LEVELS]; /* it is in the ring from here on; 0: it is not */
    long last_turn[LEVELS];
};

struct model {
    struct sched *sched;
    struct rng rng;
    enum sched_order order;
    bool rates;
    unsigned slots;
    struct sched_limits limits;
    struct model_rate rate;
    bool late, paused;
    double now, told; /* told: the latest that the scheduler knows */
    long tick, front, again, fresh, came, came_front;
    const struct model_item *last; /* given, and what was so before */
    struct model_rate last_rate, last_host_rate;
    double last_gap;
    unsigned waiting, running;
    int ready[LEVELS]; /* hosts in each ring */
    int running_items[ITEMS];
    struct model_host hosts[HOSTS];
    struct model_item items[ITEMS];
    unsigned long given;
    int broken; /* first line whose rule did not hold */
};

#define HOLDS(MODEL, COND)                                                     \
    do {                                                                       \
        if (!(COND) && !(MODEL)->broken) {                                     \
            (MODEL)->broken = __LINE__;                                        \
            printf("%s:%d: does not hold: %s\n", __FILE__, __LINE__, #COND);   \
        }                                                                      \
    } while (0)

static unsigned draw(struct model *m, unsigned below)
{
    return (unsigned)(rng_next(&m->rng) % below);
}

static bool any_queued(const struct model_host *host)
{
    for (int level = 0; level < LEVELS; level++) {
        if (host->queued[level] > 0)
            return true;
    }
    return false;
}

static double rate_due(const struct model_rate *rate)
{
    return rate->rate > 0 ? rate->full - (rate->burst - 1) / rate->rate
                          : -INFINITY;
}

static void rate_take(struct model_rate *rate, double now, bool late)
{
    if (late && isfinite(rate->full))
        now -= BUCKET_LATE;
    if (rate->rate > 0)
        rate->full = fmax(rate->full, now) + 1 / rate->rate;
}

static void rate_set(struct model_rate *rate, double r, unsigned burst,
                     double now)
{
    double owed = rate->full > now ? (rate->full - now) * rate->rate : 0;

    *rate = (struct model_rate){r, -INFINITY, burst > 0 ? burst : 1};
    if (r > 0 && owed > 0)
        rate->full = now + fmin(owed, rate->burst) / r;
}

/* When the host may start something, but for what it runs. */
static double host_at(const struct model_host *host)
{
    return fmax(rate_due(&host->rate), fmax(host->cool_until, host->gap_until));
}

static bool host_ready(const struct model_host *host)
{
    return !host->held && !host->paused &&
           (host->slots == 0 || host->running < host->slots);
}

/* Limits of its own for every host but those that end in 0; in a run
 * without rates only the slots of the others. */
static void lookup(void *arg, const char *key, struct sched_limits *limits)
{
    static const double rates[] = {0, 0.0625, 0.25, 1, 8};
    const struct model *m = arg;
    unsigned number = (unsigned)strtoul(key + strlen("http://h"), NULL, 10);

    if (number % 10 == 0)
        return;
    if (number % 10 == 1)
        limits->slots = 3;
    if (!m->rates)
        return;
    limits->rate = rates[number % 5];
    limits->burst = number % 4;
    limits->delay = number % 7 == 0 ? 2 : 0;
}

/* As the scheduler should, when it gets to know a host. */
static void meet(struct model *m, struct model_host *host)
{
    struct sched_limits limits = m->limits;

    if (host->running || host->waiting || host->held || host->paused ||
        host->remembered)
        return;
    lookup(m, host->key, &limits);
    host->slots = limits.slots;
    host->delay = limits.delay;
    host->cool_until = host->gap_until = -INFINITY;
    host->late = false;
    host->rate = (struct model_rate){limits.rate, -INFINITY,
                                     limits.burst > 0 ? limits.burst : 1};
}

/* Keeps account of which hosts stand in which ring, and since when. */
static void touch(struct model *m, struct model_host *host)
{
    bool ready = host_ready(host);

    m->tick++;
    if (!ready || !any_queued(host))
        host->late = false;
    if (!host->running && !host->waiting && !host->held && !host->paused &&
        !host->remembered && host->rate.full > m->told) {
        host->remembered = true;
        host->pause_at = host->rate.full;
    }
    for (int level = 0; level < LEVELS; level++) {
        bool in = ready && host->queued[level] > 0;

        if (in && !host->since[level]) {
            host->since[level] = m->tick;
            m->ready[level]++;
        } else if (!in && host->since[level]) {
            host->since[level] = 0;
            m->ready[level]--;
        }
    }
}

static struct model_host *host_of(struct model *m,
                                  const struct model_item *item)
{
    return &m->hosts[item->host];
}

/* An item enters, to be queued or to wait for a time. */
static void enter(struct model *m, struct model_item *item)
{
    /* Some hosts are much busier than others. */
    item->host =
        (int)(draw(m, 4) ? draw(m, HOSTS) : draw(m, 20) * (HOSTS / 20));
    item->level = (int)(draw(m, 3) ? 2 : draw(m, LEVELS));
    item->came = ++m->came;
    meet(m, host_of(m, item));
    host_of(m, item)->waiting++;
    m->waiting++;
}

/* The rank of a new item. */
static long fresh_rank(struct model *m)
{
    switch (m->order) {
    case SCHED_FIFO:
        return RANK_FRESH + ++m->fresh;
    case SCHED_LIFO:
        return 2 * RANK_FRESH - ++m->fresh;
    case SCHED_RANDOM:
        break;
    }
    return RANK_FRESH;
}

static void pause_host(struct model_host *host, double at)
{
    host->paused = true;
    host->remembered = false;
    host->pause_at = at;
}

/* Something has changed that a pause comes from. */
static void pause_anew(struct model *m, struct model_host *host)
{
    if (host_at(host) > m->told)
        pause_host(host, host_at(host));
    else
        host->paused = false;
}

static void queue(struct model *m, struct model_item *item, long rank)
{
    item->state = SCHED_QUEUED;
    item->rank = rank;
    host_of(m, item)->queued[item->level]++;
    touch(m, host_of(m, item));
}

/* It waits no longer. */
static void leave(struct model *m, struct model_item *item)
{
    struct model_host *host = host_of(m, item);

    if (item->state == SCHED_QUEUED)
        host->queued[item->level]--;
    host->waiting--;
    m->waiting--;
}

#endif
