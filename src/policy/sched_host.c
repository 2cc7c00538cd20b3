/* SPDX-License-Identifier: MIT */
/*
 * A host of the scheduler: when it may start something, and when it may be
 * forgotten. It knows its limits and times; it must not know which items there
 * are, or in which order they go.
 */
#include "policy/sched_priv.h"

#include "base/msg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What holds for the host, by the lookup too. */
static void host_limits(const struct sched_host *host,
                        struct sched_limits *limits)
{
    *limits = host->sched->host_limits;
    if (host->sched->lookup)
        host->sched->lookup(host->sched->lookup_arg, host->key, limits);
}

static struct sched_host *host_new(struct sched *sched, const char *key,
                                   size_t len)
{
    struct sched_host *host = xcalloc(1, sizeof *host + len + 1);
    struct sched_limits limits;

    host->sched = sched;
    memcpy(host->key, key, len);
    host_limits(host, &limits);
    host->slots.max = limits.slots;
    host->delay = limits.delay;
    host->jitter = limits.jitter;
    host->cool_until = host->gap_until = -INFINITY;
    bucket_init(&host->bucket, limits.rate, limits.burst);
    list_push_back(&sched->hosts, &host->hosts);
    map_put(&sched->by_key, host->key, len, host);
    return host;
}

void sched_host_free(struct sched_host *host)
{
    list_remove(&host->hosts);
    map_remove(&host->sched->by_key, host->key, strlen(host->key));
    sched_queue_release(&host->queue);
    free(host);
}

/* NULL when the host is unknown. */
struct sched_host *sched_host_find(const struct sched *sched, const char *key)
{
    return map_get(&sched->by_key, key, strlen(key));
}

/* The host of the key, made when it is new. */
struct sched_host *sched_host_of(struct sched *sched, const char *key)
{
    struct sched_host *host = sched_host_find(sched, key);

    return host ? host : host_new(sched, key, strlen(key));
}

static bool host_ready(const struct sched_host *host)
{
    return !host->held && !host->paused && slots_free(&host->slots);
}

/*
 * True when nothing speaks of the host any more. A bucket that is not full is
 * a reason to remember it: a new one would be.
 */
static bool host_forgotten(struct sched_host *host)
{
    struct sched *sched = host->sched;

    if (host->waiting > 0 || host->slots.used > 0 || host->held ||
        heap_holds(&host->pause))
        return false;
    if (bucket_full(&host->bucket) <= sched->now)
        return true;
    heap_insert(&sched->pauses, &host->pause, bucket_full(&host->bucket));
    return false;
}

/*
 * Puts the host into the rings where it belongs now and takes it out of the
 * others; frees it when nothing speaks of it any more, so that a long list
 * leaves no trace. A host that was and stays in a ring keeps its turn.
 */
void sched_host_settle(struct sched_host *host)
{
    bool ready = host_ready(host);

    sched_queue_settle(&host->sched->rings, &host->queue, ready);
    if (!ready || host->queue.queued == 0)
        host->late = false;
    if (host_forgotten(host))
        sched_host_free(host);
}

/* Nothing of the host starts before `at`. */
void sched_host_pause(struct sched_host *host, double at)
{
    host->paused = true;
    heap_insert(&host->sched->pauses, &host->pause, at);
}

/* When the next item of the host may start, by all that makes it wait. */
static double host_at(const struct sched_host *host)
{
    return fmax(bucket_due(&host->bucket),
                fmax(host->gap_until, host->cool_until));
}

/* The same once something has changed that may have moved it. */
void sched_host_pause_anew(struct sched_host *host)
{
    double at = host_at(host);

    if (at > host->sched->now) {
        sched_host_pause(host, at);
    } else if (host->paused) {
        host->paused = false;
        heap_remove(&host->sched->pauses, &host->pause);
    }
}

/* The time of a host's pause has come. It is late for what waited for a token
 * alone; after a cool-down or a delay nobody has missed one. */
void sched_host_wake(struct sched_host *host)
{
    bool paused = host->paused;

    host->paused = false;
    host->late = paused && host->queue.queued > 0 &&
                 bucket_due(&host->bucket) >= host->pause.at;
    sched_host_settle(host);
}

/* An item of the host starts. */
void sched_host_pace(struct sched_host *host, double now)
{
    double draw;

    bucket_take(&host->bucket, now, host->late);
    if (host->delay > 0) {
        draw = rng_unit(&host->sched->rings.rng);
        host->gap_until = now + host->delay * (1 + host->jitter * draw);
    }
    if (host_at(host) > now)
        sched_host_pause(host, host_at(host));
}

/* Also what the host waits for already changes; the old delay at most as far
 * as the new one goes. */
void sched_host_set_limits(struct sched_host *host)
{
    struct sched_limits limits;
    double now = host->sched->now;

    host_limits(host, &limits);
    host->slots.max = limits.slots;
    host->delay = limits.delay;
    host->jitter = limits.jitter;
    host->gap_until = fmin(host->gap_until, now + limits.delay);
    bucket_set(&host->bucket, limits.rate, limits.burst, now);
    sched_host_pause_anew(host);
    sched_host_settle(host);
}
