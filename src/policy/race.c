/* SPDX-License-Identifier: MIT */
/*
 * Who is in which group, and which groups are won. It must not know what a
 * racer does, or how it is stopped.
 */
#include "policy/race.h"

#include "base/map.h"
#include "base/msg.h"

#include <stdlib.h>
#include <string.h>

struct race {
    struct list racers;
    struct list place; /* in races->idle while nobody is in it, or ->busy */
    struct race_failures failed;
    bool won;
    char name[];
};

struct races {
    struct map by_name;
    struct list busy;
    struct list idle; /* the one that emptied first is the first */
    size_t idle_count;
};

struct races *races_new(void)
{
    struct races *races = xcalloc(1, sizeof(*races));

    map_init(&races->by_name);
    list_init(&races->busy);
    list_init(&races->idle);
    return races;
}

static void free_all(struct list *head)
{
    struct list *node;

    while ((node = list_pop_front(head)))
        free(container_of(node, struct race, place));
}

void races_free(struct races *races)
{
    if (!races)
        return;
    free_all(&races->busy);
    free_all(&races->idle);
    map_release(&races->by_name);
    free(races);
}

static struct race *race_of(struct races *races, const char *name)
{
    size_t len = strlen(name);
    struct race *race = map_get(&races->by_name, name, len);

    if (race)
        return race;
    race = xcalloc(1, sizeof(*race) + len + 1);
    memcpy(race->name, name, len);
    list_init(&race->racers);
    list_init(&race->place);
    map_put(&races->by_name, race->name, len, race);
    return race;
}

static void forget_first(struct races *races)
{
    struct race *race =
        container_of(list_pop_front(&races->idle), struct race, place);

    map_remove(&races->by_name, race->name, strlen(race->name));
    races->idle_count--;
    free(race);
}

/* Nobody is in the group any more. */
static void settle(struct races *races, struct race *race)
{
    if (!list_empty(&race->racers))
        return;
    list_remove(&race->place);
    list_push_back(&races->idle, &race->place);
    races->idle_count++;
    if (races->idle_count > RACES_IDLE)
        forget_first(races);
}

bool races_enter(struct races *races, struct racer *racer, const char *group)
{
    struct race *race = race_of(races, group);

    if (race->won)
        return false;
    if (list_empty(&race->racers)) {
        /* A new one is in no list yet. */
        races->idle_count -= !list_empty(&race->place);
        list_remove(&race->place);
        list_push_back(&races->busy, &race->place);
    }
    racer->race = race;
    list_push_back(&race->racers, &racer->place);
    return true;
}

static void leave(struct racer *racer)
{
    list_remove(&racer->place);
    racer->race = NULL;
}

void races_lose(struct races *races, struct racer *racer,
                enum error_class error_class)
{
    struct race *race = racer->race;

    if (!race)
        return;
    race->failed.of[error_class]++;
    leave(racer);
    settle(races, race);
}

/* All that are in the group leave it; its failures are told once. */
static void end(struct race *race, struct list *losers,
                struct race_failures *failed)
{
    struct list *node;

    race->won = true;
    *failed = race->failed;
    race->failed = (struct race_failures){{0}, 0};
    while ((node = list_pop_front(&race->racers))) {
        container_of(node, struct racer, place)->race = NULL;
        list_push_back(losers, node);
    }
}

void races_win(struct races *races, struct racer *racer, struct list *losers,
               struct race_failures *failed)
{
    struct race *race = racer->race;

    leave(racer);
    end(race, losers, failed);
    settle(races, race);
}

bool races_recall(struct races *races, const char *group, bool ok,
                  struct list *losers, struct race_failures *failed)
{
    struct race *race = race_of(races, group);
    bool won = ok || race->won;

    if (list_empty(&race->racers) && !list_empty(&race->place))
        races->idle_count--; /* settle counts it anew */
    race->failed.before += !ok;
    if (won)
        end(race, losers, failed);
    settle(races, race);
    return won;
}

size_t races_known(const struct races *races)
{
    return races->by_name.count;
}
