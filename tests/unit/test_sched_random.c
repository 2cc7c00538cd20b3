/* SPDX-License-Identifier: MIT */
/*
 * The scheduler against a slow and simple model, under random schedules of
 * all operations with thousands of hosts and items. What must hold: no limit
 * is passed, nothing is lost or given twice, no ready host of a higher
 * priority is passed over, every ready host has its turn between two turns of
 * another, a host's items come in their order, and nothing that could run is
 * kept back.
 */
#include "base/rng.h"
#include "policy/sched.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>

#define HOSTS  2000
#define ITEMS  4000
#define LEVELS 5

/* Ranks order the items of a host and priority: put back to the front, put
 * back, new. */
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

struct model_host {
    char key[32];
    unsigned running, waiting, queued[LEVELS];
    bool held, cooling;
    double cool_until;
    long since[LEVELS]; /* it is in the ring from here on; 0: it is not */
    long last_turn[LEVELS];
};

struct model {
    struct sched *sched;
    struct rng rng;
    unsigned slots, host_slots;
    double now;
    long tick, front, again, fresh, came, came_front;
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

static bool host_ready(const struct model *m, const struct model_host *host)
{
    return !host->held && !host->cooling &&
           (m->host_slots == 0 || host->running < m->host_slots);
}

/* Keeps account of which hosts stand in which ring, and since when. */
static void touch(struct model *m, struct model_host *host)
{
    bool ready = host_ready(m, host);

    m->tick++;
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
    host_of(m, item)->waiting++;
    m->waiting++;
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

static void op_add(struct model *m)
{
    struct model_item *item = &m->items[draw(m, ITEMS)];
    unsigned how = draw(m, 10);
    const char *key;

    if (item->state != SCHED_OUT)
        return;
    enter(m, item);
    key = host_of(m, item)->key;
    if (how < 7) {
        queue(m, item, RANK_FRESH + ++m->fresh);
        sched_add(m->sched, &item->item, key, item->level - 2);
    } else if (how < 8) {
        queue(m, item, ++m->again);
        sched_add_again(m->sched, &item->item, key, item->level - 2);
    } else {
        item->state = SCHED_DELAYED;
        item->at = m->now + draw(m, 50);
        item->delay_turn = ++m->tick;
        sched_add_at(m->sched, &item->item, key, item->level - 2, item->at);
    }
}

/* The item whose delay is over longest; NULL when none is. */
static struct model_item *first_due(struct model *m)
{
    struct model_item *first = NULL;

    for (int i = 0; i < ITEMS; i++) {
        struct model_item *item = &m->items[i];

        if (item->state == SCHED_DELAYED && item->at <= m->now &&
            (!first || item->at < first->at ||
             (item->at == first->at && item->delay_turn < first->delay_turn)))
            first = item;
    }
    return first;
}

/* Times that have come. */
static void wake(struct model *m)
{
    struct model_item *item;

    for (int i = 0; i < HOSTS; i++) {
        if (m->hosts[i].cooling && m->hosts[i].cool_until <= m->now) {
            m->hosts[i].cooling = false;
            touch(m, &m->hosts[i]);
        }
    }
    while ((item = first_due(m)))
        queue(m, item, ++m->again);
}

static int highest_ready(const struct model *m)
{
    for (int level = LEVELS - 1; level >= 0; level--) {
        if (m->ready[level] > 0)
            return level;
    }
    return -1;
}

/* Since this host's last turn all that stood in the ring had theirs. */
static void check_turn(struct model *m, const struct model_host *host,
                       int level)
{
    long last = host->last_turn[level];

    for (int i = 0; last > 0 && i < HOSTS; i++) {
        const struct model_host *other = &m->hosts[i];

        if (other == host || !other->since[level] || other->since[level] > last)
            continue;
        HOLDS(m, other->last_turn[level] > last);
    }
}

/* It is the first of its host and priority. */
static void check_first(struct model *m, const struct model_item *item)
{
    for (int i = 0; i < ITEMS; i++) {
        const struct model_item *other = &m->items[i];

        if (other->state == SCHED_QUEUED && other->host == item->host &&
            other->level == item->level)
            HOLDS(m, item->rank <= other->rank);
    }
}

static void given(struct model *m, struct model_item *item)
{
    struct model_host *host = host_of(m, item);

    HOLDS(m, item->state == SCHED_QUEUED); /* not lost, not twice */
    HOLDS(m, host_ready(m, host));
    HOLDS(m, item->level == highest_ready(m));
    check_turn(m, host, item->level);
    check_first(m, item);
    leave(m, item);
    item->state = SCHED_RUNNING;
    host->running++;
    m->running_items[m->running++] = (int)(item - m->items);
    touch(m, host);
    host->last_turn[item->level] = ++m->tick;
    m->given++;
    HOLDS(m, sched_host_running(&item->item) == host->running);
    HOLDS(m, sched_host_waiting(&item->item) == host->waiting);
}

static bool op_next(struct model *m)
{
    struct sched_item *next;

    wake(m);
    next = sched_next(m->sched, m->now);
    if (!next) {
        HOLDS(m, m->running >= m->slots || highest_ready(m) < 0);
        return false;
    }
    HOLDS(m, m->running < m->slots);
    given(m, container_of(next, struct model_item, item));
    return true;
}

/* A random running item stops; NULL when none runs. */
static struct model_item *stop_one(struct model *m)
{
    struct model_item *item;
    unsigned at;

    if (m->running == 0)
        return NULL;
    at = draw(m, m->running);
    item = &m->items[m->running_items[at]];
    m->running_items[at] = m->running_items[--m->running];
    host_of(m, item)->running--;
    return item;
}

static void op_done(struct model *m)
{
    struct model_item *item = stop_one(m);

    if (!item)
        return;
    item->state = SCHED_OUT;
    touch(m, host_of(m, item));
    sched_done(m->sched, &item->item);
}

static void op_undo(struct model *m, bool hold)
{
    struct model_item *item = stop_one(m);

    if (!item)
        return;
    item->came = --m->came_front;
    host_of(m, item)->waiting++;
    m->waiting++;
    host_of(m, item)->held |= hold;
    queue(m, item, --m->front);
    if (hold)
        sched_hold(m->sched, &item->item);
    else
        sched_undo(m->sched, &item->item);
}

static void open_host(struct model *m, struct model_host *host)
{
    host->held = false;
    touch(m, host);
    sched_open(m->sched, host->key);
}

static void op_open(struct model *m)
{
    unsigned start = draw(m, HOSTS);

    for (unsigned i = 0; i < HOSTS; i++) {
        struct model_host *host = &m->hosts[(start + i) % HOSTS];

        if (host->held) {
            open_host(m, host);
            return;
        }
    }
    open_host(m, &m->hosts[start]); /* of a host that is not held */
}

static void op_cool(struct model *m)
{
    struct model_host *host = &m->hosts[draw(m, HOSTS)];
    double until = m->now + draw(m, 30);

    if (!host->cooling || host->cool_until < until)
        host->cool_until = until;
    host->cooling = true;
    touch(m, host);
    sched_cool(m->sched, host->key, until);
}

static void taken(struct model *m, struct model_item *item)
{
    leave(m, item);
    item->state = SCHED_OUT;
    touch(m, host_of(m, item));
}

static void op_remove(struct model *m)
{
    struct model_item *item = &m->items[draw(m, ITEMS)];

    if (item->state != SCHED_QUEUED && item->state != SCHED_DELAYED)
        return;
    taken(m, item);
    sched_remove(m->sched, &item->item);
}

static bool op_take(struct model *m)
{
    struct sched_item *first = sched_take(m->sched);
    struct model_item *item;

    HOLDS(m, (first != NULL) == (m->waiting > 0));
    if (!first)
        return false;
    item = container_of(first, struct model_item, item);
    for (int i = 0; i < ITEMS; i++) {
        const struct model_item *other = &m->items[i];

        if (other->state == SCHED_QUEUED || other->state == SCHED_DELAYED)
            HOLDS(m, item->came <= other->came);
    }
    HOLDS(m, item->state == SCHED_QUEUED || item->state == SCHED_DELAYED);
    taken(m, item);
    return true;
}

static void op_set_slots(struct model *m, unsigned slots)
{
    m->slots = 1 + draw(m, slots * 2);
    sched_set_slots(m->sched, m->slots);
}

static void check_counts(struct model *m)
{
    HOLDS(m, sched_waiting(m->sched) == m->waiting);
    HOLDS(m, sched_running(m->sched) == m->running);
    HOLDS(m, sched_slots(m->sched) == m->slots);
}

/* The slow look: hosts that are known, the next time, states of items. */
static void check_all(struct model *m)
{
    double at = INFINITY;
    size_t known = 0;

    for (int i = 0; i < HOSTS; i++) {
        const struct model_host *host = &m->hosts[i];

        known += host->running || host->waiting || host->held || host->cooling;
        if (host->cooling)
            at = fmin(at, host->cool_until);
        HOLDS(m, m->host_slots == 0 || host->running <= m->host_slots);
    }
    for (int i = 0; i < ITEMS; i++) {
        const struct model_item *item = &m->items[i];

        HOLDS(m, item->item.state == item->state);
        if (item->state == SCHED_DELAYED)
            at = fmin(at, item->at);
    }
    HOLDS(m, sched_hosts(m->sched) == known);
    HOLDS(m, sched_wake(m->sched) == (m->running < m->slots ? at : INFINITY));
}

/* One random operation; `busy` of 100 say how often items come. */
static void step(struct model *m, unsigned slots, unsigned busy)
{
    unsigned rare = draw(m, 100);

    if (draw(m, 4) == 0)
        m->now += draw(m, 3);
    if (draw(m, 100) < busy)
        op_add(m);
    else if (draw(m, 2))
        op_next(m);
    else
        op_done(m);
    if (rare < 4)
        op_undo(m, false);
    else if (rare < 8)
        op_undo(m, true);
    else if (rare < 14)
        op_open(m);
    else if (rare < 18)
        op_cool(m);
    else if (rare < 21)
        op_remove(m);
    else if (rare < 22)
        op_take(m);
    else if (rare < 23)
        op_set_slots(m, slots);
}

/* Everything ends: what waits is given once all obstacles are gone. */
static void drain(struct model *m)
{
    for (int i = 0; i < HOSTS; i++) {
        if (m->hosts[i].held)
            open_host(m, &m->hosts[i]);
    }
    m->now += 1000;
    while (m->waiting > 0 && !m->broken) {
        while (op_next(m))
            continue;
        op_done(m);
    }
    while (m->running > 0)
        op_done(m);
    wake(m);
    CHECK(!sched_next(m->sched, m->now));
    CHECK(sched_hosts(m->sched) == 0);
    CHECK(isinf(sched_wake(m->sched)));
}

static void run(uint64_t seed, unsigned slots, unsigned host_slots, int steps)
{
    struct model *m = calloc(1, sizeof *m);

    CHECK(m != NULL);
    if (!m)
        return;
    rng_seed(&m->rng, seed);
    m->slots = slots;
    m->host_slots = host_slots;
    m->sched = sched_new(slots, host_slots);
    for (int i = 0; i < HOSTS; i++)
        snprintf(m->hosts[i].key, sizeof m->hosts[i].key, "http://h%d.test:80",
                 i);
    for (int i = 0; i < steps && !m->broken; i++) {
        /* Times of plenty, and times when the queue runs empty. */
        step(m, slots, i / 3000 % 2 ? 25 : 60);
        check_counts(m);
        if (i % 50 == 0)
            check_all(m);
    }
    CHECK(m->given > (unsigned long)steps / 10); /* the test tests something */
    if (seed % 2) {
        drain(m);
    } else {
        while (op_take(m) && !m->broken)
            continue;
    }
    check_counts(m);
    if (m->broken)
        printf("seed %d\n", (int)seed);
    CHECK(m->broken == 0);
    sched_free(m->sched);
    free(m);
}

int main(void)
{
    run(1, 64, 2, 40000);
    run(2, 10, 1, 40000);
    run(3, 1000, 0, 40000);
    run(4, 200, 1, 40000);
    run(5, 1, 8, 20000);
    return check_end("sched_random");
}
