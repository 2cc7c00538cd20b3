/* SPDX-License-Identifier: MIT */
/*
 * The cap on name lookups. It knows which hosts are being looked up, which
 * wait for a place, and which were found lately; it looks nothing up itself.
 */
#include "world/resolve.h"

#include "base/list.h"
#include "base/map.h"
#include "base/msg.h"
#include "policy/url.h"

#include <stdlib.h>
#include <string.h>

/* As long as libcurl keeps a name by default (CURLOPT_DNS_CACHE_TIMEOUT). */
#define KNOWN_SECONDS 60.0

/* Most names remembered as known: bounds memory, not correctness. */
#define KNOWN_MAX 16384

enum host_state {
    HOST_LOOKING, /* its lookup is under way */
    HOST_KNOWN,   /* found; its list is in the order of finding */
    HOST_WAITING, /* for a place among the lookups */
    HOST_CALLED,  /* waited or was not found: may look before the waiting */
    HOST_STATES
};

struct host {
    struct list place;  /* in the list of its state */
    struct list notice; /* in resolve->notices while its hold is to end */
    enum host_state state;
    bool wanted;  /* while looking: others are held for it */
    double until; /* known until */
    char key[];
};

struct resolve {
    size_t cap;
    struct map hosts;               /* key -> struct host */
    struct list lists[HOST_STATES]; /* owns the hosts */
    size_t counts[HOST_STATES];
    struct list notices; /* for resolve_next */
};

struct resolve *resolve_new(unsigned cap)
{
    struct resolve *resolve = xcalloc(1, sizeof(*resolve));

    resolve->cap = cap;
    map_init(&resolve->hosts);
    list_init(&resolve->notices);
    for (int i = 0; i < HOST_STATES; i++)
        list_init(&resolve->lists[i]);
    return resolve;
}

static void host_enter(struct resolve *resolve, struct host *host,
                       enum host_state state)
{
    resolve->counts[host->state]--;
    list_remove(&host->place);
    host->state = state;
    resolve->counts[state]++;
    list_push_back(&resolve->lists[state], &host->place);
}

static struct host *host_make(struct resolve *resolve, const char *key,
                              enum host_state state)
{
    size_t len = strlen(key);
    struct host *host = xcalloc(1, sizeof(*host) + len + 1);

    memcpy(host->key, key, len + 1);
    host->state = state;
    resolve->counts[state]++;
    list_push_back(&resolve->lists[state], &host->place);
    list_init(&host->notice);
    map_put(&resolve->hosts, host->key, len, host);
    return host;
}

static void host_forget(struct resolve *resolve, struct host *host)
{
    resolve->counts[host->state]--;
    list_remove(&host->place);
    list_remove(&host->notice);
    map_remove(&resolve->hosts, host->key, strlen(host->key));
    free(host);
}

static struct host *host_first(struct resolve *resolve, enum host_state state)
{
    struct list *head = &resolve->lists[state];

    return list_empty(head) ? NULL
                            : container_of(head->next, struct host, place);
}

static struct host *host_find(struct resolve *resolve, const char *key)
{
    return map_get(&resolve->hosts, key, strlen(key));
}

void resolve_free(struct resolve *resolve)
{
    struct host *host;

    if (!resolve)
        return;
    for (int i = 0; i < HOST_STATES; i++)
        while ((host = host_first(resolve, (enum host_state)i)))
            host_forget(resolve, host);
    map_release(&resolve->hosts);
    free(resolve);
}

/* Known names are in the order they were found, so the old ones come first. */
static void forget_old(struct resolve *resolve, double now)
{
    struct host *host;

    while ((host = host_first(resolve, HOST_KNOWN)) &&
           (host->until <= now || resolve->counts[HOST_KNOWN] > KNOWN_MAX))
        host_forget(resolve, host);
}

/*
 * A name may be looked up while there is a place. One that waited and was
 * called goes before those that still wait, a new one behind them.
 */
static bool may_look(struct resolve *resolve, const struct host *host)
{
    if (resolve->counts[HOST_LOOKING] >= resolve->cap)
        return false;
    return (host && host->state == HOST_CALLED) ||
           resolve->counts[HOST_WAITING] == 0;
}

enum resolve_answer resolve_ask(struct resolve *resolve, const char *host_key,
                                double now)
{
    struct host *host;
    enum host_state state;

    if (host_key_is_address(host_key))
        return RESOLVE_GO;
    forget_old(resolve, now);
    host = host_find(resolve, host_key);
    if (host && host->state == HOST_KNOWN)
        return RESOLVE_GO;
    if (host && host->state == HOST_LOOKING) {
        host->wanted = true;
        return RESOLVE_WAIT;
    }
    state = may_look(resolve, host) ? HOST_LOOKING : HOST_WAITING;
    if (host)
        host_enter(resolve, host, state);
    else
        host = host_make(resolve, host_key, state);
    host->wanted = false;
    return state == HOST_LOOKING ? RESOLVE_GO : RESOLVE_WAIT;
}

static void host_announce(struct resolve *resolve, struct host *host)
{
    list_remove(&host->notice);
    list_push_back(&resolve->notices, &host->notice);
}

void resolve_done(struct resolve *resolve, const char *host_key, bool found,
                  double now)
{
    struct host *host = host_find(resolve, host_key);
    bool wanted;

    if (!host || host->state != HOST_LOOKING)
        return;
    wanted = host->wanted;
    host->until = now + KNOWN_SECONDS;
    host_enter(resolve, host, found ? HOST_KNOWN : HOST_CALLED);
    if (wanted)
        host_announce(resolve, host);
    else if (!found)
        host_forget(resolve, host);

    if (resolve->counts[HOST_LOOKING] < resolve->cap &&
        (host = host_first(resolve, HOST_WAITING))) {
        host_enter(resolve, host, HOST_CALLED);
        host_announce(resolve, host);
    }
}

const char *resolve_next(struct resolve *resolve)
{
    struct list *node = list_pop_front(&resolve->notices);

    return node ? container_of(node, struct host, notice)->key : NULL;
}
