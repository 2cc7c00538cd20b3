/* SPDX-License-Identifier: MIT */
/*
 * The scheduler against a slow and simple model, under random schedules of
 * all operations with thousands of hosts and items. What must hold: no limit
 * and no rate is passed, nothing is lost or given twice, no ready host of a
 * higher priority is passed over, every ready host has its turn between two
 * turns of another, a host's items come in their order, and nothing that could
 * run is kept back.
 *
 * Times are whole numbers and rates powers of two, so that the model's sums
 * are exact where the scheduler counts.
 */
#include "check.h"
#include "sched_model.h"

#include <math.h>
#include <stdlib.h>

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
        queue(m, item, fresh_rank(m));
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

    m->told = m->now;
    for (int i = 0; i < HOSTS; i++) {
        struct model_host *host = &m->hosts[i];

        if ((!host->paused && !host->remembered) || host->pause_at > m->now)
            continue;
        host->late = host->paused && any_queued(host) &&
                     rate_due(&host->rate) >= host->pause_at;
        host->paused = host->remembered = false;
        touch(m, host);
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

    if (m->order != SCHED_FIFO)
        return;
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

/* What is so after a start, and was before. */
static void pace(struct model *m, const struct model_item *item)
{
    struct model_host *host = host_of(m, item);

    m->last = NULL;
    if (m->rate.rate > 0 || host->rate.rate > 0 || host->delay > 0) {
        m->last = item;
        m->last_rate = m->rate;
        m->last_host_rate = host->rate;
        m->last_gap = host->gap_until;
    }
    rate_take(&m->rate, m->now, m->late);
    rate_take(&host->rate, m->now, host->late);
    if (host->delay > 0)
        host->gap_until = m->now + host->delay;
    if (host_at(host) > m->now)
        pause_host(host, host_at(host));
}

static void given(struct model *m, struct model_item *item)
{
    struct model_host *host = host_of(m, item);

    HOLDS(m, item->state == SCHED_QUEUED); /* not lost, not twice */
    HOLDS(m, host_ready(host));
    HOLDS(m, host_at(host) <= m->now && rate_due(&m->rate) <= m->now);
    HOLDS(m, item->level == highest_ready(m));
    check_turn(m, host, item->level);
    check_first(m, item);
    leave(m, item);
    item->state = SCHED_RUNNING;
    host->running++;
    m->running_items[m->running++] = (int)(item - m->items);
    pace(m, item);
    touch(m, host);
    host->last_turn[item->level] = ++m->tick;
    m->given++;
    HOLDS(m, sched_host_running(&item->item) == host->running);
    HOLDS(m, sched_host_waiting(&item->item) == host->waiting);
}

/* Whether something should be given now, and why not. */
static bool may_give(struct model *m)
{
    bool wanted = highest_ready(m) >= 0;

    if (m->paused || m->running >= m->slots) {
        m->late = false;
        return false;
    }
    if (wanted && rate_due(&m->rate) <= m->now)
        return true;
    m->late = wanted;
    return false;
}

static bool op_next(struct model *m)
{
    struct sched_item *next;
    bool may;

    wake(m);
    may = may_give(m);
    next = sched_next(m->sched, m->now);
    HOLDS(m, (next != NULL) == may);
    if (!next || m->broken)
        return false;
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
    if (m->last == item) {
        m->rate = m->last_rate;
        host_of(m, item)->rate = m->last_host_rate;
        host_of(m, item)->gap_until = m->last_gap;
        m->last = NULL;
        pause_anew(m, host_of(m, item));
    }
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

    meet(m, host);
    host->cool_until = fmax(host->cool_until, until);
    if (!host->paused || host->pause_at < until)
        pause_host(host, until);
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

static void op_take_host(struct model *m)
{
    unsigned number = draw(m, 20) * (HOSTS / 20);
    struct model_host *host = &m->hosts[number];
    bool any = any_queued(host);
    struct sched_item *taken_item = sched_take_host(m->sched, host->key);
    struct model_item *item;

    HOLDS(m, (taken_item != NULL) == any);
    if (!taken_item)
        return;
    item = container_of(taken_item, struct model_item, item);
    HOLDS(m, item->state == SCHED_QUEUED && host_of(m, item) == host);
    taken(m, item);
}

/* A rate of 0, 1/4, ..., 32. */
static double draw_rate(struct model *m)
{
    unsigned power = draw(m, 9);

    return power == 0 ? 0 : ldexp(1, (int)power - 3);
}

static void op_set_rate(struct model *m)
{
    double rate = draw_rate(m) * 16;
    unsigned burst = draw(m, 5);

    m->told = m->now;
    m->last = NULL;
    rate_set(&m->rate, rate, burst, m->now);
    sched_set_rate(m->sched, rate, burst, m->now);
}

static void op_set_host(struct model *m)
{
    struct model_host *host = &m->hosts[draw(m, 20) * (HOSTS / 20)];
    double rate = draw_rate(m);
    unsigned slots = draw(m, 4);
    bool known = host->running || host->waiting || host->held || host->paused ||
                 host->remembered;

    sched_host_set_slots(m->sched, host->key, slots);
    if (known) {
        host->slots = slots;
        touch(m, host);
    }
    if (!m->rates)
        return;
    if (known) {
        m->told = m->now;
        m->last = NULL;
        rate_set(&host->rate, rate, host->rate.burst, m->now);
        pause_anew(m, host);
        touch(m, host);
    }
    sched_host_set_rate(m->sched, host->key, rate, m->now);
}

/* Limits for all; what is unknown takes no harm. */
static void op_set_hosts(struct model *m)
{
    m->limits.slots = draw(m, 4);
    m->limits.rate = m->rates ? draw_rate(m) : 0;
    m->limits.burst = draw(m, 4);
    m->limits.delay = m->rates && draw(m, 3) == 0 ? 1 : 0;
    m->told = m->now;
    m->last = NULL;
    for (int i = 0; i < HOSTS; i++) {
        struct model_host *host = &m->hosts[i];
        struct sched_limits limits = m->limits;

        lookup(m, host->key, &limits);
        host->slots = limits.slots;
        host->delay = limits.delay;
        host->gap_until = fmin(host->gap_until, m->now + limits.delay);
        rate_set(&host->rate, limits.rate, limits.burst, m->now);
        pause_anew(m, host);
        touch(m, host);
    }
    sched_set_host_limits(m->sched, &m->limits, m->now);
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
    double at = INFINITY, wake;
    size_t known = 0;

    for (int i = 0; i < HOSTS; i++) {
        const struct model_host *host = &m->hosts[i];

        known += host->running || host->waiting || host->held || host->paused ||
                 host->remembered;
        if (host->paused || host->remembered)
            at = fmin(at, host->pause_at);
    }
    for (int i = 0; i < ITEMS; i++) {
        const struct model_item *item = &m->items[i];

        HOLDS(m, item->item.state == item->state);
        if (item->state == SCHED_DELAYED)
            at = fmin(at, item->at);
    }
    HOLDS(m, sched_hosts(m->sched) == known);
    if (rate_due(&m->rate) > m->told)
        at = highest_ready(m) >= 0 ? rate_due(&m->rate)
                                   : fmax(at, rate_due(&m->rate));
    if (m->paused || m->running >= m->slots)
        at = INFINITY;
    wake = sched_wake(m->sched);
    HOLDS(m, wake == at || fabs(wake - at) < 1e-6);
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
    else if (rare < 24)
        op_take_host(m);
    else if (rare < 25)
        op_set_host(m);
    if (draw(m, 300) == 0)
        sched_pause(m->sched, m->paused = draw(m, 4) == 0);
    if (m->rates && draw(m, 200) == 0)
        op_set_rate(m);
    if (draw(m, 1000) == 0)
        op_set_hosts(m);
}

/* Everything ends: what waits is given once all obstacles are gone. */
static void drain(struct model *m)
{
    for (int i = 0; i < HOSTS; i++) {
        if (m->hosts[i].held)
            open_host(m, &m->hosts[i]);
    }
    sched_pause(m->sched, m->paused = false);
    sched_set_rate(m->sched, 0, 1, m->now);
    m->rate.rate = 0;
    while (m->waiting > 0 && !m->broken) {
        m->now += 100;
        while (op_next(m))
            continue;
        while (m->running > 0)
            op_done(m);
    }
    while (m->running > 0)
        op_done(m);
    m->now += 1000;
    wake(m);
    CHECK(!sched_next(m->sched, m->now));
    CHECK(sched_hosts(m->sched) == 0);
    CHECK(isinf(sched_wake(m->sched)));
}

static void run(uint64_t seed, enum sched_order order, bool rates,
                unsigned slots, unsigned host_slots, int steps)
{
    struct model *m = calloc(1, sizeof *m);

    CHECK(m != NULL);
    if (!m)
        return;
    rng_seed(&m->rng, seed);
    m->order = order;
    m->rates = rates;
    m->slots = slots;
    m->limits.slots = host_slots;
    m->rate = (struct model_rate){0, -INFINITY, 1};
    m->sched = sched_new(slots, host_slots);
    sched_set_order(m->sched, order, seed);
    sched_set_lookup(m->sched, lookup, m);
    m->told = -INFINITY;
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
    CHECK(m->given > (unsigned long)steps / 20); /* the test tests something */
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
    run(1, SCHED_FIFO, false, 64, 2, 40000);
    run(2, SCHED_FIFO, false, 10, 1, 20000);
    run(3, SCHED_FIFO, true, 1000, 0, 40000);
    run(4, SCHED_FIFO, true, 200, 1, 40000);
    run(5, SCHED_FIFO, true, 1, 8, 20000);
    run(6, SCHED_LIFO, false, 64, 2, 20000);
    run(7, SCHED_LIFO, true, 200, 0, 20000);
    run(8, SCHED_RANDOM, false, 64, 2, 20000);
    run(9, SCHED_RANDOM, true, 200, 0, 20000);
    return check_end("sched_random");
}
