/* SPDX-License-Identifier: MIT */
/*
 * The scheduler. It knows hosts by their key, items, slots and times; it must
 * not know what an item asks for, what a name or an answer is, or a clock.
 *
 * Each operation ends in sched_host_settle, which puts the one host that it
 * touched where it belongs: into the rings of policy/sched_queue, or out of the
 * world.
 */
#include "policy/sched_priv.h"

#include "base/msg.h"

#include <math.h>
#include <stdlib.h>

struct sched *sched_new(unsigned slots, unsigned host_slots)
{
    struct sched *sched = xcalloc(1, sizeof *sched);

    sched->slots.max = slots;
    sched->host_limits.slots = host_slots;
    sched->now = -INFINITY;
    bucket_init(&sched->bucket, 0, 1);
    map_init(&sched->by_key);
    list_init(&sched->hosts);
    list_init(&sched->all);
    sched_rings_init(&sched->rings);
    heap_init(&sched->delays);
    heap_init(&sched->pauses);
    return sched;
}

/* Everything goes at once, so no level is unlinked from its ring. */
void sched_free(struct sched *sched)
{
    struct list *node;

    if (!sched)
        return;
    heap_release(&sched->delays);
    heap_release(&sched->pauses);
    while ((node = list_pop_front(&sched->hosts)))
        sched_host_free(container_of(node, struct sched_host, hosts));
    sched_rings_release(&sched->rings);
    map_release(&sched->by_key);
    free(sched);
}

static int clamp_priority(int priority)
{
    if (priority < SCHED_PRIORITY_MIN)
        return SCHED_PRIORITY_MIN;
    return priority > SCHED_PRIORITY_MAX ? SCHED_PRIORITY_MAX : priority;
}

/* An item begins to wait; the caller says where. */
static struct sched_host *item_enter(struct sched *sched,
                                     struct sched_item *item,
                                     const char *host_key, int priority)
{
    item->host = sched_host_of(sched, host_key);
    item->priority = (signed char)clamp_priority(priority);
    list_push_back(&sched->all, &item->all);
    item->host->waiting++;
    sched->waiting++;
    return item->host;
}

void sched_add(struct sched *sched, struct sched_item *item,
               const char *host_key, int priority)
{
    struct sched_host *host = item_enter(sched, item, host_key, priority);

    item->state = SCHED_QUEUED;
    sched_queue_fresh(&sched->rings, &host->queue, item);
    sched_host_settle(host);
}

/* Queues an item that is counted already behind those put back. */
static void item_requeue(struct sched_item *item)
{
    item->state = SCHED_QUEUED;
    sched_queue_again(&item->host->queue, item);
    sched_host_settle(item->host);
}

void sched_add_again(struct sched *sched, struct sched_item *item,
                     const char *host_key, int priority)
{
    item_enter(sched, item, host_key, priority);
    item_requeue(item);
}

void sched_add_at(struct sched *sched, struct sched_item *item,
                  const char *host_key, int priority, double at)
{
    item_enter(sched, item, host_key, priority);
    item->state = SCHED_DELAYED;
    heap_insert(&sched->delays, &item->delay, at);
}

/* What waited for a time that has come is ready. */
static void wake_due(struct sched *sched, double now)
{
    struct heap_node *node;

    sched->now = now;
    while ((node = heap_pop_due(&sched->pauses, now)))
        sched_host_wake(container_of(node, struct sched_host, pause));
    while ((node = heap_pop_due(&sched->delays, now)))
        item_requeue(container_of(node, struct sched_item, delay));
}

/* An item waits no longer. */
static void item_leave(struct sched *sched, struct sched_item *item)
{
    if (item->state == SCHED_QUEUED)
        sched_queue_remove(&item->host->queue, item);
    else
        heap_remove(&sched->delays, &item->delay);
    list_remove(&item->all);
    item->host->waiting--;
    sched->waiting--;
}

/* Counts a start in what limits starts over time, and notes what was so
 * before. */
static void pace(struct sched *sched, const struct sched_item *item, double now)
{
    struct sched_host *host = item->host;
    bool paced = host->bucket.rate > 0 || host->delay > 0;

    sched->undo.item = NULL;
    if (!paced && !(sched->bucket.rate > 0))
        return;
    sched->undo =
        (struct sched_undo){item, sched->bucket, host->bucket, host->gap_until};
    bucket_take(&sched->bucket, now, sched->late);
    if (paced)
        sched_host_pace(host, now);
}

/* The rate of all starts is the last thing that can be in the way: only then
 * does it make wait, and is the run late for it. */
static bool rate_allows(struct sched *sched, double now)
{
    bool wanted;

    if (!(sched->bucket.rate > 0))
        return true;
    wanted = !sched_rings_empty(&sched->rings);
    if (wanted && bucket_due(&sched->bucket) <= now)
        return true;
    sched->late = wanted;
    return false;
}

struct sched_item *sched_next(struct sched *sched, double now)
{
    struct sched_item *item;

    wake_due(sched, now);
    if (sched->paused || !slots_free(&sched->slots)) {
        sched->late = false;
        return NULL;
    }
    if (!rate_allows(sched, now))
        return NULL;
    item = sched_rings_turn(&sched->rings);
    if (!item)
        return NULL;
    item_leave(sched, item);
    item->state = SCHED_RUNNING;
    item->host->slots.used++;
    sched->slots.used++;
    pace(sched, item, now);
    sched_host_settle(item->host);
    return item;
}

/* Gives an item's slots back. */
static void item_stop(struct sched *sched, struct sched_item *item)
{
    sched->slots.used--;
    item->host->slots.used--;
}

/* Forgets an item that holds nothing any more. */
static void item_out(struct sched_item *item)
{
    struct sched_host *host = item->host;

    item->host = NULL;
    item->state = SCHED_OUT;
    sched_host_settle(host);
}

void sched_done(struct sched *sched, struct sched_item *item)
{
    item_stop(sched, item);
    item_out(item);
}

/* As if the item, the last that was given, had not been. */
static void pace_undo(struct sched *sched, struct sched_host *host)
{
    sched->bucket = sched->undo.all;
    host->bucket = sched->undo.host;
    host->gap_until = sched->undo.gap_until;
    sched->undo.item = NULL;
    sched_host_pause_anew(host);
}

/* Puts a running item back where it came from: before all others. */
static void item_undo(struct sched *sched, struct sched_item *item)
{
    struct sched_host *host = item->host;

    item_stop(sched, item);
    item->state = SCHED_QUEUED;
    sched_queue_first(&host->queue, item);
    list_push_front(&sched->all, &item->all);
    host->waiting++;
    sched->waiting++;
    if (sched->undo.item == item)
        pace_undo(sched, host);
}

void sched_undo(struct sched *sched, struct sched_item *item)
{
    item_undo(sched, item);
    sched_host_settle(item->host);
}

void sched_hold(struct sched *sched, struct sched_item *item)
{
    item_undo(sched, item);
    item->host->held = true;
    sched_host_settle(item->host);
}

void sched_open(struct sched *sched, const char *host_key)
{
    struct sched_host *host = sched_host_find(sched, host_key);

    if (!host || !host->held)
        return;
    host->held = false;
    sched_host_settle(host);
}

void sched_cool(struct sched *sched, const char *host_key, double until)
{
    struct sched_host *host = sched_host_of(sched, host_key);

    host->cool_until = fmax(host->cool_until, until);
    if (!host->paused || host->pause.at < until)
        sched_host_pause(host, until);
    sched_host_settle(host);
}

void sched_remove(struct sched *sched, struct sched_item *item)
{
    if (item->state != SCHED_QUEUED && item->state != SCHED_DELAYED)
        return;
    item_leave(sched, item);
    item_out(item);
}

struct sched_item *sched_take(struct sched *sched)
{
    struct sched_item *item;

    if (list_empty(&sched->all))
        return NULL;
    item = container_of(sched->all.next, struct sched_item, all);
    sched_remove(sched, item);
    return item;
}

struct sched_item *sched_take_host(struct sched *sched, const char *host_key)
{
    const struct sched_host *host = sched_host_find(sched, host_key);
    struct sched_item *item = host ? sched_queue_any(&host->queue) : NULL;

    if (item)
        sched_remove(sched, item);
    return item;
}

/* With no slot free a time that comes changes nothing: saying it would only
 * make the caller's timer fire in vain. Nor does one before the next token. */
double sched_wake(const struct sched *sched)
{
    const struct heap_node *delay = heap_min(&sched->delays);
    const struct heap_node *pause = heap_min(&sched->pauses);
    double due = bucket_due(&sched->bucket);
    double wake = INFINITY;

    if (sched->paused || !slots_free(&sched->slots))
        return wake;
    if (delay)
        wake = delay->at;
    if (pause && pause->at < wake)
        wake = pause->at;
    if (due <= sched->now)
        return wake;
    return sched_rings_empty(&sched->rings) ? fmax(wake, due) : due;
}

void sched_set_order(struct sched *sched, enum sched_order order, uint64_t seed)
{
    sched_rings_order(&sched->rings, order, seed);
}

void sched_set_slots(struct sched *sched, unsigned slots)
{
    sched->slots.max = slots;
}

void sched_set_rate(struct sched *sched, double rate, unsigned burst,
                    double now)
{
    sched->now = now;
    sched->undo.item = NULL;
    bucket_set(&sched->bucket, rate, burst, now);
}

void sched_set_host_limits(struct sched *sched,
                           const struct sched_limits *limits, double now)
{
    struct list *next;

    sched->now = now;
    sched->undo.item = NULL;
    sched->host_limits = *limits;
    for (struct list *node = sched->hosts.next; node != &sched->hosts;
         node = next) {
        next = node->next; /* settling may free the host */
        sched_host_set_limits(container_of(node, struct sched_host, hosts));
    }
}

void sched_set_lookup(struct sched *sched, sched_lookup *lookup, void *arg)
{
    sched->lookup = lookup;
    sched->lookup_arg = arg;
}

void sched_host_set_slots(struct sched *sched, const char *host_key,
                          unsigned slots)
{
    struct sched_host *host = sched_host_find(sched, host_key);

    if (!host)
        return;
    host->slots.max = slots;
    sched_host_settle(host);
}

void sched_host_set_rate(struct sched *sched, const char *host_key, double rate,
                         double now)
{
    struct sched_host *host = sched_host_find(sched, host_key);

    if (!host)
        return;
    sched->now = now;
    sched->undo.item = NULL;
    bucket_set(&host->bucket, rate, host->bucket.burst, now);
    sched_host_pause_anew(host);
    sched_host_settle(host);
}

void sched_pause(struct sched *sched, bool paused)
{
    sched->paused = paused;
}

unsigned sched_slots(const struct sched *sched)
{
    return sched->slots.max;
}

size_t sched_waiting(const struct sched *sched)
{
    return sched->waiting;
}

unsigned sched_running(const struct sched *sched)
{
    return sched->slots.used;
}

size_t sched_hosts(const struct sched *sched)
{
    return sched->by_key.count;
}

unsigned sched_host_running(const struct sched_item *item)
{
    return item->host->slots.used;
}

size_t sched_host_waiting(const struct sched_item *item)
{
    return item->host->waiting;
}
