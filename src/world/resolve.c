/* SPDX-License-Identifier: MIT */
/*
 * The resolver: carries names from policy/names to the threads and results
 * back, and makes do where the system gives no thread. It keeps no opinion on
 * names of its own.
 */
#include "world/resolve.h"

#include "base/msg.h"
#include "policy/url.h"
#include "world/lookup.h"

#include <math.h>
#include <stdlib.h>

/* How soon a thread is asked for again, and how often, while there is none,
 * before the loop's own thread looks up. */
#define THREAD_SECONDS 0.1
#define THREAD_TRIES   10

struct resolve {
    struct names *names;
    struct lookups *lookups;
    unsigned most;
    unsigned under_way; /* lookups on threads, their results not taken yet */
    double again_at;    /* when a thread is asked for again; 0: any time */
    unsigned refused;   /* times in a row that there was none at all */
    bool warned;
};

struct resolve *resolve_new(struct ev_loop *loop, unsigned threads, double ttl)
{
    struct resolve *resolve = xcalloc(1, sizeof(*resolve));

    resolve->names = names_new(threads, ttl);
    resolve->lookups = lookups_new(loop, threads);
    resolve->most = threads;
    return resolve;
}

void resolve_free(struct resolve *resolve)
{
    if (!resolve)
        return;
    lookups_free(resolve->lookups);
    names_free(resolve->names);
    free(resolve);
}

static void warn_once(struct resolve *resolve, unsigned threads)
{
    if (resolve->warned)
        return;
    resolve->warned = true;
    warn("out of threads: going on with fewer name lookups at once (%u)",
         threads ? threads : 1);
}

/* Blocks the loop, but is better than to fail: for this machine's trouble no
 * URL is to blame. */
static void look_up_here(struct resolve *resolve, double now)
{
    struct lookup_result result;
    const char *name;
    uint64_t id;

    name = names_next_lookup(resolve->names, now, &id);
    if (!name)
        return;
    lookup_here(name, &result);
    names_answer(resolve->names, id, &result, now);
}

/* The system gave no thread for a name. With others at work the name waits
 * for them. */
static void without_thread(struct resolve *resolve, double now)
{
    unsigned threads = lookups_threads(resolve->lookups);

    resolve->again_at = now + THREAD_SECONDS;
    if (threads < resolve->most)
        warn_once(resolve, threads);
    if (threads > 0 || ++resolve->refused < THREAD_TRIES)
        return;
    look_up_here(resolve, now);
    resolve->again_at = now;
}

static void begin_lookups(struct resolve *resolve, double now)
{
    const char *name;
    uint64_t id;

    if (now < resolve->again_at)
        return;
    while ((name = names_next_lookup(resolve->names, now, &id))) {
        if (!lookups_start(resolve->lookups, id, name)) {
            names_put_back(resolve->names, id);
            without_thread(resolve, now);
            return;
        }
        resolve->refused = 0;
        resolve->under_way++;
    }
}

void resolve_turn(struct resolve *resolve, double now)
{
    struct lookup_result result;
    uint64_t id;

    while (resolve->under_way > 0 &&
           lookups_reap(resolve->lookups, &id, &result)) {
        resolve->under_way--;
        names_answer(resolve->names, id, &result, now);
        resolve->again_at = 0.0; /* a thread is free */
    }
    names_expire(resolve->names, now);
    if (names_pending(resolve->names))
        begin_lookups(resolve, now);
}

enum names_say resolve_ask(struct resolve *resolve,
                           const struct names_question *question, double now,
                           struct names_reply *reply)
{
    enum names_say say;

    if (host_key_is_address(question->target ? question->target
                                             : question->host_key)) {
        *reply = (struct names_reply){0};
        return NAMES_GO;
    }
    say = names_ask(resolve->names, question, now, reply);
    if (say == NAMES_WAIT)
        begin_lookups(resolve, now);
    return say;
}

const char *resolve_next(struct resolve *resolve)
{
    return names_next_open(resolve->names);
}

double resolve_wake(const struct resolve *resolve)
{
    double wake = names_wake(resolve->names);

    if (resolve->again_at > 0.0 && names_pending(resolve->names) &&
        resolve->again_at < wake)
        wake = resolve->again_at;
    return wake;
}

void resolve_learn(struct resolve *resolve, const char *host_key,
                   const struct address *worked, const struct address *broken,
                   unsigned broken_count, double now)
{
    for (unsigned i = 0; i < broken_count; i++) {
        names_broke(resolve->names, host_key, &broken[i]);
        if (worked && worked->family != broken[i].family)
            names_family_broke(resolve->names, broken[i].family, now);
    }
    if (worked)
        names_worked(resolve->names, host_key, worked);
}
