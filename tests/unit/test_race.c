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

int main(void)
{
    test_first_wins();
    test_all_fail();
    test_memory();
    return check_end("race");
}
