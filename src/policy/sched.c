/* SPDX-License-Identifier: MIT */
/*
 * The scheduler. It knows hosts by their key, items, slots and times; it must
 * not know what an item asks for, what a name or an answer is, or a clock.
 *
 * A host is in the ring of a priority exactly while it is ready and has a
 * queued item of that priority: so the head of the highest ring that is not
 * empty is the answer, and nothing is ever searched. Each operation ends in
 * host_settle, which restores that rule for the one host it touched.
 */
#include "policy/sched.h"

#include "base/map.h"
#include "base/msg.h"
#include "policy/limit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS (SCHED_PRIORITY_MAX - SCHED_PRIORITY_MIN + 1)

/* A host's items of one priority. Made when the first one comes, because most
 * hosts only ever use one of the five. */
struct level {
    struct list ring;        /* its place among the ready hosts */
    struct list again;       /* put back: these go first */
    struct list fresh;       /* new ones */
    struct sched_host *host; /* borrowed: the owner */
};

struct sched_host {
    struct sched *sched;          /* borrowed */
    struct list hosts;            /* in the list of all hosts */
    struct heap_node cooling;     /* in a heap while nothing may start */
    struct level *levels[LEVELS]; /* owned; NULL until used */
    struct slots slots;
    unsigned waiting; /* items queued or delayed */
    bool held;
    char key[]; /* NUL-terminated; the map borrows it */
};

struct sched {
    struct slots slots;
    unsigned host_slots;
    size_t waiting;
    struct map by_key;
    struct list hosts;
    struct list rings[LEVELS]; /* of level.ring, the next turn first */
    struct list all;           /* of sched_item.all, in the order they came */
    struct heap delays;        /* of sched_item.delay */
    struct heap coolings;      /* of sched_host.cooling */
};

struct sched *sched_new(unsigned slots, unsigned host_slots)
{
    struct sched *sched = xcalloc(1, sizeof *sched);

    sched->slots.max = slots;
    sched->host_slots = host_slots;
    map_init(&sched->by_key);
    list_init(&sched->hosts);
    list_init(&sched->all);
    for (int i = 0; i < LEVELS; i++)
        list_init(&sched->rings[i]);
    heap_init(&sched->delays);
    heap_init(&sched->coolings);
    return sched;
}

static struct sched_host *host_new(struct sched *sched, const char *key,
                                   size_t len)
{
    struct sched_host *host = xcalloc(1, sizeof *host + len + 1);

    host->sched = sched;
    host->slots.max = sched->host_slots;
    memcpy(host->key, key, len);
    list_push_back(&sched->hosts, &host->hosts);
    map_put(&sched->by_key, host->key, len, host);
    return host;
}

static void host_free(struct sched_host *host)
{
    list_remove(&host->hosts);
    map_remove(&host->sched->by_key, host->key, strlen(host->key));
    for (int i = 0; i < LEVELS; i++)
        free(host->levels[i]);
    free(host);
}

/* Everything goes at once, so no level is unlinked from its ring. */
void sched_free(struct sched *sched)
{
    struct list *node;

    if (!sched)
        return;
    heap_release(&sched->delays);
    heap_release(&sched->coolings);
    while ((node = list_pop_front(&sched->hosts)))
        host_free(container_of(node, struct sched_host, hosts));
    map_release(&sched->by_key);
    free(sched);
}

/* The host of the key, made when it is new. */
static struct sched_host *host_of(struct sched *sched, const char *key)
{
    size_t len = strlen(key);
    struct sched_host *host = map_get(&sched->by_key, key, len);

    return host ? host : host_new(sched, key, len);
}

static struct level *level_of(struct sched_host *host, int priority)
{
    int number = priority - SCHED_PRIORITY_MIN;
    struct level *level = host->levels[number];

    if (level)
        return level;
    level = xmalloc(sizeof *level);
    list_init(&level->ring);
    list_init(&level->again);
    list_init(&level->fresh);
    level->host = host;
    host->levels[number] = level;
    return level;
}

static bool host_ready(const struct sched_host *host)
{
    return !host->held && !heap_holds(&host->cooling) &&
           slots_free(&host->slots);
}

static bool host_idle(const struct sched_host *host)
{
    return host->waiting == 0 && host->slots.used == 0 && !host->held &&
           !heap_holds(&host->cooling);
}

/*
 * Puts the host into the rings where it belongs now and takes it out of the
 * others; frees it when nothing speaks of it any more, so that a long list
 * leaves no trace. A host that was and stays in a ring keeps its turn.
 */
static void host_settle(struct sched_host *host)
{
    bool ready = host_ready(host);

    for (int i = 0; i < LEVELS; i++) {
        struct level *level = host->levels[i];

        if (!level)
            continue;
        if (!ready || (list_empty(&level->again) && list_empty(&level->fresh)))
            list_remove(&level->ring);
        else if (list_empty(&level->ring))
            list_push_back(&host->sched->rings[i], &level->ring);
    }
    if (host_idle(host))
        host_free(host);
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
    item->host = host_of(sched, host_key);
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
    list_push_back(&level_of(host, item->priority)->fresh, &item->place);
    host_settle(host);
}

/* Queues an item that is counted already behind those put back. */
static void item_requeue(struct sched_item *item)
{
    item->state = SCHED_QUEUED;
    list_push_back(&level_of(item->host, item->priority)->again, &item->place);
    host_settle(item->host);
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
    list_init(&item->place);
    heap_insert(&sched->delays, &item->delay, at);
}

/* What waited for a time that has come is ready. */
static void wake_due(struct sched *sched, double now)
{
    struct heap_node *node;

    while ((node = heap_pop_due(&sched->coolings, now)))
        host_settle(container_of(node, struct sched_host, cooling));
    while ((node = heap_pop_due(&sched->delays, now)))
        item_requeue(container_of(node, struct sched_item, delay));
}

/* An item waits no longer. */
static void item_leave(struct sched *sched, struct sched_item *item)
{
    list_remove(&item->place);
    list_remove(&item->all);
    heap_remove(&sched->delays, &item->delay);
    item->host->waiting--;
    sched->waiting--;
}

/* The host at the head of a ring has its turn. */
static struct sched_item *take_turn(struct sched *sched, struct level *level)
{
    struct sched_host *host = level->host;
    struct list *queue =
        list_empty(&level->again) ? &level->fresh : &level->again;
    struct sched_item *item =
        container_of(queue->next, struct sched_item, place);

    item_leave(sched, item);
    item->state = SCHED_RUNNING;
    host->slots.used++;
    sched->slots.used++;
    list_remove(&level->ring); /* its next turn comes after all others */
    host_settle(host);
    return item;
}

struct sched_item *sched_next(struct sched *sched, double now)
{
    wake_due(sched, now);
    if (!slots_free(&sched->slots))
        return NULL;
    for (int i = LEVELS - 1; i >= 0; i--) {
        struct list *ring = &sched->rings[i];

        if (!list_empty(ring))
            return take_turn(sched,
                             container_of(ring->next, struct level, ring));
    }
    return NULL;
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
    host_settle(host);
}

void sched_done(struct sched *sched, struct sched_item *item)
{
    item_stop(sched, item);
    item_out(item);
}

/* Puts a running item back where it came from: before all others. */
static void item_undo(struct sched *sched, struct sched_item *item)
{
    struct sched_host *host = item->host;

    item_stop(sched, item);
    item->state = SCHED_QUEUED;
    list_push_front(&level_of(host, item->priority)->again, &item->place);
    list_push_front(&sched->all, &item->all);
    host->waiting++;
    sched->waiting++;
}

void sched_undo(struct sched *sched, struct sched_item *item)
{
    item_undo(sched, item);
    host_settle(item->host);
}

void sched_hold(struct sched *sched, struct sched_item *item)
{
    item_undo(sched, item);
    item->host->held = true;
    host_settle(item->host);
}

void sched_open(struct sched *sched, const char *host_key)
{
    struct sched_host *host =
        map_get(&sched->by_key, host_key, strlen(host_key));

    if (!host || !host->held)
        return;
    host->held = false;
    host_settle(host);
}

void sched_cool(struct sched *sched, const char *host_key, double until)
{
    struct sched_host *host = host_of(sched, host_key);

    if (!heap_holds(&host->cooling) || host->cooling.at < until)
        heap_insert(&sched->coolings, &host->cooling, until);
    host_settle(host);
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

/* With no slot free a time that comes changes nothing: saying it would only
 * make the caller's timer fire in vain. */
double sched_wake(const struct sched *sched)
{
    const struct heap_node *delay = heap_min(&sched->delays);
    const struct heap_node *cooling = heap_min(&sched->coolings);
    double wake = INFINITY;

    if (!slots_free(&sched->slots))
        return wake;
    if (delay)
        wake = delay->at;
    if (cooling && cooling->at < wake)
        wake = cooling->at;
    return wake;
}

void sched_set_slots(struct sched *sched, unsigned slots)
{
    sched->slots.max = slots;
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
