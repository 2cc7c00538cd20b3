/* SPDX-License-Identifier: MIT */
/*
 * The limits of hosts and what changes them while the run goes on. It must not
 * know how tasks start or end, only that they did.
 */
#include "app/pace.h"

#include "base/lru.h"
#include "base/msg.h"
#include "policy/adapt.h"
#include "policy/breaker.h"
#include "policy/cooldown.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* What was learnt of a host. */
struct host_pace {
    struct adapt adapt; /* with --adaptive */
    bool adapts;        /* adapt holds something */
    bool slowed;        /* its rate is less than its own */
    double slowed_until;
};

struct pace {
    const struct config *config; /* borrowed */
    const struct hosts *hosts;   /* borrowed; NULL: none */
    struct sched *sched;         /* borrowed */
    struct breaker *breaker;     /* owned; NULL: hosts are never given up */
    struct lru *known;           /* owned; of struct host_pace */
    struct control control;      /* goes before the config */
    unsigned cuts, most;         /* of --adaptive, for the summary */
};

static_assert((int)ORDER_FIFO == (int)SCHED_FIFO &&
                  (int)ORDER_LIFO == (int)SCHED_LIFO &&
                  (int)ORDER_RANDOM == (int)SCHED_RANDOM,
              "the scheduler's orders are the option's");

/* What the options, and the file of --control, say of every host. */
static struct sched_limits common_limits(const struct pace *pace)
{
    const struct config *config = pace->config;
    const struct control *control = &pace->control;

    return (struct sched_limits){
        .slots = control->has_host_concurrency ? control->host_concurrency
                                               : config->host_concurrency,
        .rate = control->has_host_rate ? control->host_rate : config->host_rate,
        .burst = config->burst,
        .delay = config->host_delay,
        .jitter = config->jitter / 100.0,
    };
}

/* What options and --host-config say of a host. */
static struct sched_limits told_limits(const struct pace *pace,
                                       const char *host_key)
{
    struct sched_limits limits = common_limits(pace);

    hosts_limits(pace->hosts, host_key, &limits);
    return limits;
}

/* The most that --adaptive may come to. */
static unsigned most_slots(const struct pace *pace,
                           const struct sched_limits *limits)
{
    if (limits->slots)
        return limits->slots;
    return pace->control.has_concurrency ? pace->control.concurrency
                                         : pace->config->concurrency;
}

/* What is known of how much the host bears; made where nothing is. */
static struct adapt *adapt_of(struct pace *pace, const char *host_key,
                              unsigned most)
{
    struct host_pace *host = lru_put(pace->known, host_key);

    if (host->adapts)
        adapt_set_most(&host->adapt, most);
    else
        adapt_init(&host->adapt, most);
    host->adapts = true;
    return &host->adapt;
}

/* The scheduler meets a host, perhaps not for the first time. */
static void on_host(void *arg, const char *host_key,
                    struct sched_limits *limits)
{
    struct pace *pace = arg;
    unsigned most;

    hosts_limits(pace->hosts, host_key, limits);
    if (!pace->config->adaptive)
        return;
    most = most_slots(pace, limits);
    limits->slots = adapt_slots(adapt_of(pace, host_key, most));
}

struct pace *pace_new(const struct config *config, const struct hosts *hosts,
                      struct sched *sched, uint64_t seed, double now)
{
    struct pace *pace = xcalloc(1, sizeof(*pace));
    struct sched_limits limits;

    pace->config = config;
    pace->hosts = hosts;
    pace->sched = sched;
    pace->known = lru_new(sizeof(struct host_pace), PACE_HOSTS);
    if (config->host_max_errors > 0)
        pace->breaker =
            breaker_new(config->host_max_errors, config->host_retry_after);
    sched_set_order(sched, (enum sched_order)config->order, seed);
    limits = common_limits(pace);
    sched_set_host_limits(sched, &limits, now);
    if (config->rate > 0)
        sched_set_rate(sched, config->rate, config->burst, now);
    if (hosts || config->adaptive)
        sched_set_lookup(sched, on_host, pace);
    return pace;
}

void pace_free(struct pace *pace)
{
    if (!pace)
        return;
    breaker_free(pace->breaker);
    lru_free(pace->known);
    free(pace);
}

void pace_control(struct pace *pace, const struct control *control, double now)
{
    const struct config *config = pace->config;
    bool same = !control->has_rate && !pace->control.has_rate;
    struct sched_limits limits;

    pace->control = *control;
    limits = common_limits(pace);
    sched_set_host_limits(pace->sched, &limits, now);
    if (!same)
        sched_set_rate(pace->sched,
                       control->has_rate ? control->rate : config->rate,
                       config->burst, now);
}

bool pace_lets(struct pace *pace, const char *host_key, double now,
               struct error *error)
{
    return !pace->breaker || breaker_ask(pace->breaker, host_key, false, now,
                                         error) != BREAKER_SKIP;
}

static void set_rate(struct pace *pace, const char *host_key, double rate,
                     double until, double now)
{
    struct host_pace *host = lru_put(pace->known, host_key);
    bool slowed = until > now;

    sched_host_set_rate(pace->sched, host_key, rate, now);
    if (slowed != host->slowed && pace->config->verbose) {
        if (slowed)
            warn("%s: slowed down to %.3g/s", host_key, rate);
        else
            warn("%s: no longer slowed down", host_key);
    }
    host->slowed = slowed;
    host->slowed_until = until;
}

/* As fast as its options say. */
static void set_own_rate(struct pace *pace, const char *host_key, double now)
{
    set_rate(pace, host_key, told_limits(pace, host_key).rate, now, now);
}

void pace_leaves(struct pace *pace, const char *host_key, double now)
{
    const struct host_pace *host = NULL;
    struct error error;

    if (pace->breaker)
        breaker_ask(pace->breaker, host_key, true, now, &error);
    /* A host that says no more of its quota has a new one at the reset. */
    if (lru_count(pace->known) > 0)
        host = lru_get(pace->known, host_key);
    if (host && host->slowed && now >= host->slowed_until)
        set_own_rate(pace, host_key, now);
}

static void adapt(struct pace *pace, const struct task *task,
                  const struct error *error, double now)
{
    const struct response *response = &task->record.response;
    const char *host_key = task_host_key(task);
    struct sched_limits limits = told_limits(pace, host_key);
    struct adapt *found = adapt_of(pace, host_key, most_slots(pace, &limits));
    unsigned before = adapt_slots(found), slots;

    if (!adapt_ended(found, adapt_sign(error, response->evidence.status),
                     response->times.ttfb, task->hop_began,
                     sched_host_running(&task->item), now))
        return;
    slots = adapt_slots(found);
    sched_host_set_slots(pace->sched, host_key, slots);
    pace->cuts += slots < before;
    pace->most = pace->most > slots ? pace->most : slots;
    if (pace->config->verbose)
        warn("%s: %u at once", host_key, slots);
}

/* The host asked to be left alone: other hosts are not. */
static void cool(struct pace *pace, const char *host_key, double seconds,
                 double now)
{
    sched_cool(pace->sched, host_key, now + seconds);
    if (pace->config->verbose)
        warn("%s: left alone for %g s", host_key, seconds);
}

/*
 * What is left of the host's quota is spread over the time until it is new,
 * but only while there is more to do than is left.
 */
static void slow_down(struct pace *pace, const struct task *task,
                      const struct cooldown *quota, double now)
{
    const char *host_key = task_host_key(task);
    const struct host_pace *host = lru_get(pace->known, host_key);
    double own = told_limits(pace, host_key).rate;
    double wanted = (double)sched_host_waiting(&task->item);

    if (quota->rate > 0 && quota->remaining < wanted &&
        (!(own > 0) || quota->rate < own))
        set_rate(pace, host_key, quota->rate,
                 now + quota->remaining / quota->rate, now);
    else if (host && host->slowed)
        set_own_rate(pace, host_key, now);
}

static void heed_quota(struct pace *pace, const struct task *task, double now,
                       int64_t wall)
{
    const struct response *response = &task->record.response;
    const struct config *config = pace->config;
    int status = response->evidence.status;
    struct cooldown quota;

    if (!response->rate_fields || !response->evidence.headers_whole ||
        !config->retry_after ||
        !cooldown_read(&quota, (const char *const *)response->rate_fields,
                       status == 429 || status == 503, wall,
                       config->max_retry_after))
        return;
    if (quota.pause > 0)
        cool(pace, task_host_key(task), quota.pause, now);
    else
        slow_down(pace, task, &quota, now);
}

bool pace_landed(struct pace *pace, const struct task *task,
                 const struct verdict *verdict, double now, int64_t wall)
{
    const char *host_key = task_host_key(task);

    if (verdict->cool > 0.0)
        cool(pace, host_key, verdict->cool, now);
    heed_quota(pace, task, now, wall);
    if (pace->config->adaptive)
        adapt(pace, task, &verdict->error, now);
    return pace->breaker &&
           breaker_ended(pace->breaker, host_key, &verdict->error, now);
}

void pace_tell(const struct pace *pace)
{
    if (pace->config->adaptive && pace->most > 0)
        warn("adaptive: at most %u at once of a host, cut down %u times",
             pace->most, pace->cuts);
}
