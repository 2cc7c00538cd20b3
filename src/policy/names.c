/* SPDX-License-Identifier: MIT */
/*
 * What is known of names. It knows names, the hosts that wait for them and
 * times; it must not know threads, sockets or what a request is.
 */
#include "policy/names.h"

#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "base/msg.h"
#include "policy/host.h"
#include "policy/url.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How long a failure is good for those that did not wait for it. */
#define FAILURE_SECONDS 1.0

/* How long a dead family goes last. */
#define DEAD_SECONDS 60.0

/* Most names remembered: bounds memory, not correctness. */
#define NAMES_MAX 16384

enum name_state {
    NAME_WAITING, /* for its lookup to begin */
    NAME_LOOKING,
    NAME_ANSWERED, /* in the order of the answers */
    NAME_STATES
};

/* A host that waits for a name; expired when its patience is over. */
struct asker {
    struct list place;      /* in name->askers */
    struct list notice;     /* in names->notices while its hold is to end */
    struct heap_node limit; /* armed while the lookup is under way */
    struct name *name;      /* borrowed; NULL: answered, only to be noticed */
    double patience;
    double began;   /* waiting for the lookup itself, since */
    double expired; /* 0: not */
    size_t key_len;
    char key[]; /* its host key; a NUL and the target behind it, if any */
};

struct name {
    struct list place;  /* in the list of its state */
    struct list askers; /* owns them */
    enum name_state state;
    uint64_t id;         /* of its lookup */
    double began, ended; /* of its lookup */
    double until;        /* the answer is good until */
    struct lookup_result result;
    bool proved; /* the first address has worked */
    size_t len;
    char text[];
};

struct names {
    size_t most;
    double ttl;
    struct map by_name;             /* struct name */
    struct list lists[NAME_STATES]; /* owns the names */
    size_t counts[NAME_STATES];
    struct map by_host;    /* host_key -> struct asker that has a name */
    struct list notices;   /* for names_next_open */
    struct heap limits;    /* of asker.limit */
    struct asker *noticed; /* owned; what names_next_open gave last */
    double dead_until[2];  /* family 4, family 6 */
    uint64_t ids;
};

struct names *names_new(unsigned most, double ttl)
{
    struct names *names = xcalloc(1, sizeof(*names));

    names->most = most;
    names->ttl = ttl;
    map_init(&names->by_name);
    map_init(&names->by_host);
    heap_init(&names->limits);
    list_init(&names->notices);
    for (int i = 0; i < NAME_STATES; i++)
        list_init(&names->lists[i]);
    return names;
}

/* Takes an asker from its name; what is left of it is its notice. */
static void asker_detach(struct names *names, struct asker *asker)
{
    heap_remove(&names->limits, &asker->limit);
    list_remove(&asker->place);
    map_remove(&names->by_host, asker->key, asker->key_len);
    asker->name = NULL;
}

static void asker_notify(struct names *names, struct asker *asker)
{
    list_remove(&asker->notice);
    list_push_back(&names->notices, &asker->notice);
}

static struct asker *asker_new(struct names *names, struct name *name,
                               const char *key, size_t len)
{
    struct asker *asker = xcalloc(1, sizeof(*asker) + len + 1);

    memcpy(asker->key, key, len);
    asker->key_len = len;
    asker->name = name;
    list_init(&asker->notice);
    list_push_back(&name->askers, &asker->place);
    map_put(&names->by_host, asker->key, len, asker);
    return asker;
}

static void asker_arm(struct names *names, struct asker *asker, double now)
{
    asker->began = now;
    heap_insert(&names->limits, &asker->limit, now + asker->patience);
}

static void name_enter(struct names *names, struct name *name,
                       enum name_state state)
{
    names->counts[name->state]--;
    list_remove(&name->place);
    name->state = state;
    names->counts[state]++;
    list_push_back(&names->lists[state], &name->place);
}

static struct name *name_new(struct names *names, const char *text, size_t len)
{
    struct name *name = xcalloc(1, sizeof(*name) + len + 1);

    memcpy(name->text, text, len);
    name->len = len;
    list_init(&name->askers);
    list_init(&name->place);
    names->counts[NAME_WAITING]++;
    list_push_back(&names->lists[NAME_WAITING], &name->place);
    map_put(&names->by_name, name->text, len, name);
    return name;
}

static void name_forget(struct names *names, struct name *name)
{
    struct list *node;

    while ((node = list_pop_front(&name->askers))) {
        struct asker *asker = container_of(node, struct asker, place);

        asker_detach(names, asker);
        list_remove(&asker->notice);
        free(asker);
    }
    names->counts[name->state]--;
    list_remove(&name->place);
    map_remove(&names->by_name, name->text, name->len);
    free(name);
}

static struct name *name_first(struct names *names, enum name_state state)
{
    struct list *head = &names->lists[state];

    return list_empty(head) ? NULL
                            : container_of(head->next, struct name, place);
}

static struct name *name_of(struct names *names, const char *host_key)
{
    size_t len;
    const char *text = host_key_host(host_key, &len);

    return map_get(&names->by_name, text, len);
}

void names_free(struct names *names)
{
    struct name *name;
    struct list *node;

    if (!names)
        return;
    for (int i = 0; i < NAME_STATES; i++)
        while ((name = name_first(names, (enum name_state)i)))
            name_forget(names, name);
    while ((node = list_pop_front(&names->notices)))
        free(container_of(node, struct asker, notice));
    free(names->noticed);
    heap_release(&names->limits);
    map_release(&names->by_name);
    map_release(&names->by_host);
    free(names);
}

/* Moves the address at `from` to the place `to`. */
static void move_address(struct addresses *addresses, unsigned from,
                         unsigned to)
{
    struct address moved = addresses->list[from];
    struct address *list = addresses->list;

    if (from > to)
        memmove(&list[to + 1], &list[to], (from - to) * sizeof(*list));
    else
        memmove(&list[from], &list[from + 1], (to - from) * sizeof(*list));
    list[to] = moved;
}

/* Where the address is in the list; its count when it is not. */
static unsigned find_address(const struct addresses *addresses,
                             const struct address *address)
{
    unsigned i = 0;

    while (i < addresses->count && !address_equal(&addresses->list[i], address))
        i++;
    return i;
}

static double *dead_until(struct names *names, unsigned family)
{
    return &names->dead_until[family == 6];
}

/* An address of a dead family that has not worked itself is no first one. */
static void avoid_dead(struct names *names, struct name *name, double now)
{
    struct addresses *addresses = &name->result.addresses;
    unsigned family = addresses->list[0].family;

    if (name->proved || *dead_until(names, family) <= now)
        return;
    for (unsigned i = 1; i < addresses->count; i++) {
        if (addresses->list[i].family != family) {
            move_address(addresses, i, 0);
            return;
        }
    }
}

/* An answer is good for those who waited for it, and else for its time; that
 * of a failure does not reach those who failed by it. */
static bool answer_good(const struct name *name,
                        const struct names_question *question, double now)
{
    if (question->asked > 0.0 && name->ended >= question->asked)
        return true;
    return now < name->until && (name->result.lookup == LOOKUP_FINE ||
                                 name->ended > question->since);
}

static enum names_say tell_answer(struct names *names, struct name *name,
                                  double now, struct names_reply *reply)
{
    reply->began = name->began;
    reply->ended = name->ended;
    if (name->result.lookup != LOOKUP_FINE) {
        reply->failure = name->result;
        return NAMES_FAILED;
    }
    avoid_dead(names, name, now);
    reply->addresses = name->result.addresses.list;
    reply->count = name->result.addresses.count;
    return NAMES_GO;
}

/* The same for a lookup that took too long, which is a host's failure. */
static bool expiry_good(const struct asker *asker,
                        const struct names_question *question, double now)
{
    if (asker->expired <= 0.0)
        return false;
    if (question->asked > 0.0 && asker->expired >= question->asked)
        return true;
    return now < asker->expired + FAILURE_SECONDS &&
           asker->expired > question->since;
}

/* Requests of a host may wait for several names: see target. */
static size_t asker_key(const struct names_question *question,
                        char key[2 * HOST_KEY_TEXT])
{
    size_t len = strlen(question->host_key);

    memcpy(key, question->host_key, len);
    if (!question->target)
        return len;
    key[len++] = '\0';
    memcpy(key + len, question->target, strlen(question->target));
    return len + strlen(question->target);
}

static enum names_say wait_for(struct names *names, struct name *name,
                               const struct names_question *question,
                               double now, struct names_reply *reply)
{
    char key[2 * HOST_KEY_TEXT];
    size_t len = asker_key(question, key);
    struct asker *asker = map_get(&names->by_host, key, len);

    if (!asker)
        asker = asker_new(names, name, key, len);
    if (expiry_good(asker, question, now)) {
        reply->failure.lookup = LOOKUP_TIMEOUT;
        reply->began = asker->began;
        reply->ended = asker->expired;
        return NAMES_FAILED;
    }
    list_remove(&asker->notice);
    asker->expired = 0.0;
    if (!heap_holds(&asker->limit)) {
        asker->patience = question->patience;
        if (name->state == NAME_LOOKING)
            asker_arm(names, asker, now);
    }
    return NAMES_WAIT;
}

enum names_say names_ask(struct names *names,
                         const struct names_question *question, double now,
                         struct names_reply *reply)
{
    size_t len;
    const char *text = host_key_host(
        question->target ? question->target : question->host_key, &len);
    struct name *name = map_get(&names->by_name, text, len);

    *reply = (struct names_reply){0};
    if (!name) {
        name = name_new(names, text, len);
    } else if (name->state == NAME_ANSWERED) {
        if (answer_good(name, question, now))
            return tell_answer(names, name, now, reply);
        name_enter(names, name, NAME_WAITING);
    }
    return wait_for(names, name, question, now, reply);
}

const char *names_next_lookup(struct names *names, double now, uint64_t *id)
{
    struct name *name = name_first(names, NAME_WAITING);

    if (!name || names->counts[NAME_LOOKING] >= names->most)
        return NULL;
    name_enter(names, name, NAME_LOOKING);
    name->began = now;
    *id = name->id = ++names->ids;
    list_foreach (node, &name->askers)
        asker_arm(names, container_of(node, struct asker, place), now);
    return name->text;
}

/* The name of a lookup under way: there are few. */
static struct name *name_by_id(struct names *names, uint64_t id)
{
    list_foreach (node, &names->lists[NAME_LOOKING]) {
        struct name *name = container_of(node, struct name, place);

        if (name->id == id)
            return name;
    }
    return NULL;
}

void names_put_back(struct names *names, uint64_t id)
{
    struct name *name = name_by_id(names, id);

    if (!name)
        return;
    name_enter(names, name, NAME_WAITING);
    list_remove(&name->place);
    list_push_front(&names->lists[NAME_WAITING], &name->place);
    list_foreach (node, &name->askers)
        heap_remove(&names->limits,
                    &container_of(node, struct asker, place)->limit);
}

/* All who wait may go on; those who do not wait any more are forgotten. */
static void release_askers(struct names *names, struct name *name)
{
    while (!list_empty(&name->askers)) {
        struct asker *asker =
            container_of(name->askers.next, struct asker, place);
        bool told = asker->expired > 0.0 && list_empty(&asker->notice);

        asker_detach(names, asker);
        if (told)
            free(asker);
        else
            asker_notify(names, asker);
    }
}

/* How long an answer is good. What this machine lacked may be there again at
 * once. */
static double good_for(const struct names *names,
                       const struct lookup_result *result)
{
    if (result->lookup == LOOKUP_FINE)
        return names->ttl;
    return result->os_errno == 0 ? FAILURE_SECONDS : 0.0;
}

/* Takes the answer; an address that has worked stays the first. */
static void name_take(struct name *name, const struct lookup_result *result)
{
    struct address first = name->result.addresses.list[0];
    bool proved = name->proved;
    unsigned place;

    if (result->lookup != LOOKUP_FINE) {
        name->proved = false;
        name->result = *result;
        name->result.addresses.count = 0;
        return;
    }
    name->result = *result;
    place = find_address(&name->result.addresses, &first);
    name->proved = proved && place < name->result.addresses.count;
    if (name->proved)
        move_address(&name->result.addresses, place, 0);
}

void names_answer(struct names *names, uint64_t id,
                  const struct lookup_result *result, double now)
{
    struct name *name = name_by_id(names, id);

    if (!name)
        return;
    name_take(name, result);
    name->ended = now;
    name->until = now + good_for(names, result);
    name_enter(names, name, NAME_ANSWERED);
    release_askers(names, name);
    while (names->counts[NAME_ANSWERED] > NAMES_MAX)
        name_forget(names, name_first(names, NAME_ANSWERED));
}

void names_expire(struct names *names, double now)
{
    struct heap_node *node;

    while ((node = heap_pop_due(&names->limits, now))) {
        struct asker *asker = container_of(node, struct asker, limit);

        asker->expired = now;
        asker_notify(names, asker);
    }
}

const char *names_next_open(struct names *names)
{
    struct list *node = list_pop_front(&names->notices);
    struct asker *asker;

    free(names->noticed);
    names->noticed = NULL;
    if (!node)
        return NULL;
    asker = container_of(node, struct asker, notice);
    if (!asker->name)
        names->noticed = asker;
    return asker->key;
}

double names_wake(const struct names *names)
{
    const struct heap_node *limit = heap_min(&names->limits);

    if (!list_empty(&names->notices))
        return 0.0;
    return limit ? limit->at : INFINITY;
}

bool names_pending(const struct names *names)
{
    return names->counts[NAME_WAITING] > 0;
}

void names_worked(struct names *names, const char *host_key,
                  const struct address *address)
{
    struct name *name = name_of(names, host_key);
    unsigned place;

    if (!name)
        return;
    place = find_address(&name->result.addresses, address);
    if (place == name->result.addresses.count || (place > 0 && name->proved))
        return; /* two that work are no reason to change */
    move_address(&name->result.addresses, place, 0);
    name->proved = true;
}

void names_broke(struct names *names, const char *host_key,
                 const struct address *address)
{
    struct name *name = name_of(names, host_key);

    if (!name || name->result.addresses.count == 0 ||
        !address_equal(&name->result.addresses.list[0], address))
        return;
    move_address(&name->result.addresses, 0, name->result.addresses.count - 1);
    name->proved = false;
}

void names_family_broke(struct names *names, unsigned family, double now)
{
    *dead_until(names, family) = now + DEAD_SECONDS;
    *dead_until(names, family == 6 ? 4 : 6) = 0.0;
}
