/* SPDX-License-Identifier: MIT */
/* Groups that race: who wins, who is told, and what is remembered. */
#include "check.h"

#include "policy/race.h"

#include <stdio.h>

static void test_first_wins(void)
{
    struct races *races = races_new();
    struct racer a[4] = {{{0}, NULL}};
    struct race_failures failed;
    struct list losers;

    list_init(&losers);
    for (int i = 0; i < 4; i++)
        CHECK(races_enter(races, &a[i], "g"));
    races_lose(races, &a[1], CLASS_TIMEOUT);
    CHECK(a[1].race == NULL);
    races_win(races, &a[2], &losers, &failed);
    CHECK(list_pop_front(&losers) == &a[0].place);
    CHECK(list_pop_front(&losers) == &a[3].place);
    CHECK(list_empty(&losers));
    CHECK(!a[0].race && !a[2].race && !a[3].race);
    CHECK(failed.of[CLASS_TIMEOUT] == 1 && failed.of[CLASS_HTTP] == 0);
    CHECK(!races_enter(races, &a[0], "g"));
    CHECK(races_enter(races, &a[0], "h"));
    races_lose(races, &a[0], CLASS_HTTP);
    races_free(races);
}

static void test_all_fail(void)
{
    struct races *races = races_new();
    struct racer a = {{0}, NULL}, b = {{0}, NULL};
    struct race_failures failed;
    struct list losers;

    list_init(&losers);
    races_lose(races, &a, CLASS_HTTP); /* of no group */
    CHECK(races_enter(races, &a, "g"));
    races_lose(races, &a, CLASS_HTTP);
    /* One that comes later may still win. */
    CHECK(races_enter(races, &b, "g"));
    races_win(races, &b, &losers, &failed);
    CHECK(list_empty(&losers) && failed.of[CLASS_HTTP] == 1);
    CHECK(!races_enter(races, &a, "g"));
    CHECK(races_known(races) == 1);
    races_free(races);
}

static void test_memory(void)
{
    struct races *races = races_new();
    struct racer held = {{0}, NULL}, racer = {{0}, NULL};
    struct race_failures failed;
    struct list losers;
    char name[16];

    list_init(&losers);
    CHECK(races_enter(races, &held, "held"));
    for (int i = 0; i < RACES_IDLE + 10; i++) {
        snprintf(name, sizeof(name), "%d", i);
        if (races_enter(races, &racer, name))
            races_win(races, &racer, &losers, &failed);
    }
    CHECK(races_known(races) == RACES_IDLE + 1);
    CHECK(!races_enter(races, &racer, "10"));
    CHECK(races_enter(races, &racer, "9")); /* forgotten */
    CHECK(held.race != NULL);
    races_lose(races, &racer, CLASS_HTTP);
    races_lose(races, &held, CLASS_HTTP);
    races_free(races);
}

/* Of an earlier run: it may have won the race, before or behind the others. */
static void test_recall(void)
{
    struct races *races = races_new();
    struct racer a[2] = {{{0}, NULL}};
    struct race_failures failed;
    struct list losers;

    list_init(&losers);
    CHECK(!races_recall(races, "g", false, &losers, &failed));
    CHECK(!races_recall(races, "g", false, &losers, &failed));
    CHECK(races_enter(races, &a[0], "g") && races_enter(races, &a[1], "g"));
    races_lose(races, &a[0], CLASS_DNS);
    CHECK(!races_recall(races, "g", false, &losers, &failed));
    CHECK(races_recall(races, "g", true, &losers, &failed));
    CHECK(failed.before == 3 && failed.of[CLASS_DNS] == 1);
    CHECK(list_pop_front(&losers) == &a[1].place && list_empty(&losers));
    CHECK(!a[1].race && !races_enter(races, &a[1], "g"));
    /* Its failures are told once. */
    CHECK(races_recall(races, "g", true, &losers, &failed));
    CHECK(failed.before == 0 && failed.of[CLASS_DNS] == 0);
    CHECK(races_recall(races, "g", false, &losers, &failed));
    CHECK(failed.before == 1 && list_empty(&losers));
    /* One that wins now makes up for one that failed then. */
    CHECK(!races_recall(races, "h", false, &losers, &failed));
    CHECK(races_enter(races, &a[0], "h"));
    races_win(races, &a[0], &losers, &failed);
    CHECK(failed.before == 1 && races_known(races) == 2);
    races_free(races);
}

/* Recalled again and again a group is one of those that are remembered. */
static void test_recall_memory(void)
{
    struct races *races = races_new();
    struct race_failures failed;
    struct list losers;
    char name[16];

    list_init(&losers);
    for (int i = 0; i < RACES_IDLE; i++) {
        snprintf(name, sizeof(name), "%d", i);
        for (int j = 0; j < 3; j++)
            CHECK(races_recall(races, name, true, &losers, &failed));
    }
    CHECK(races_known(races) == RACES_IDLE);
    CHECK(races_recall(races, "more", true, &losers, &failed));
    CHECK(races_known(races) == RACES_IDLE);
    races_free(races);
}

int main(void)
{
    test_first_wins();
    test_all_fail();
    test_memory();
    test_recall();
    test_recall_memory();
    return check_end("race");
}
