/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: each rule by itself. tests/unit/test_sched_random.c tries
 * them all at once. That picking takes the same time however many wait is not
 * measured: the scheduler has no loop over hosts or items.
 */
#include "sched_scene.h"

#include <math.h>

/* The number of the next item; -1 when there is none. */
static int scene_next(struct scene *scene, double now)
{
    struct sched_item *item = sched_next(scene->sched, now);

    return item ? (int)(item - scene->items) : -1;
}

static void scene_done(struct scene *scene, int number)
{
    sched_done(scene->sched, &scene->items[number]);
}

/* Everything that may run now, as letters: 'a' is item 0. */
static void check_order(struct scene *scene, double now, const char *want)
{
    char got[COUNT + 1];
    int number, len = 0;

    while ((number = scene_next(scene, now)) >= 0)
        got[len++] = (char)('a' + number);
    got[len] = '\0';
    CHECK_STR(got, want);
}

static void test_empty(void)
{
    struct scene scene;

    scene_init(&scene, 4, 2);
    CHECK(scene_next(&scene, 0) < 0);
    CHECK(!sched_take(scene.sched));
    CHECK(isinf(sched_wake(scene.sched)));
    CHECK(sched_waiting(scene.sched) == 0);
    CHECK(sched_running(scene.sched) == 0);
    CHECK(sched_hosts(scene.sched) == 0);
    CHECK(sched_slots(scene.sched) == 4);
    sched_open(scene.sched, "unknown");
    sched_remove(scene.sched, &scene.items[0]); /* out: harmless */
    sched_free(scene.sched);
    sched_free(NULL);
}

static void test_turns(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "xxxyyz", 0);
    check_order(&scene, 0, "adfbec");
    sched_free(scene.sched);
}

/* A host that had its turn comes after all others, a new one at the end. */
static void test_turn_is_kept(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "xxyy", 0);
    CHECK(scene_next(&scene, 0) == 0);
    scene_add(&scene, 4, "zxy", 0);
    check_order(&scene, 0, "cbedfg");
    sched_free(scene.sched);
}

static void test_priorities(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 1);
    scene_add(&scene, 0, "a", -2);
    scene_add(&scene, 1, "b", 0);
    scene_add(&scene, 2, "c", 2);
    scene_add(&scene, 3, "d", 1);
    scene_add(&scene, 4, "e", -1);
    scene_add(&scene, 5, "f", 99); /* as 2 */
    scene_add(&scene, 6, "g", -99);
    check_order(&scene, 0, "cfdbeag");
    sched_free(scene.sched);
}

/* A busy host of a high level does not keep others waiting. */
static void test_priority_needs_ready(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 1);
    scene_add(&scene, 0, "xx", 2);
    scene_add(&scene, 2, "x", 0);
    scene_add(&scene, 3, "y", -2);
    check_order(&scene, 0, "ad");
    scene_done(&scene, 0);
    check_order(&scene, 0, "b");
    scene_done(&scene, 1);
    check_order(&scene, 0, "c");
    sched_free(scene.sched);
}

static void test_limits(void)
{
    struct scene scene;

    scene_init(&scene, 3, 2);
    scene_add(&scene, 0, "xxxyyy", 0);
    check_order(&scene, 0, "adb");
    CHECK(sched_running(scene.sched) == 3);
    CHECK(sched_waiting(scene.sched) == 3);
    CHECK(sched_host_running(&scene.items[0]) == 2);
    CHECK(sched_host_waiting(&scene.items[0]) == 1);
    CHECK(sched_host_running(&scene.items[3]) == 1);
    scene_done(&scene, 3);
    check_order(&scene, 0, "e");
    scene_done(&scene, 0);
    check_order(&scene, 0, "f");
    sched_free(scene.sched);

    scene_init(&scene, COUNT, 0); /* no limit of a host */
    scene_add(&scene, 0, "xxxxxxxx", 0);
    check_order(&scene, 0, "abcdefgh");
    sched_free(scene.sched);
}

static void test_set_slots(void)
{
    struct scene scene;

    scene_init(&scene, 4, 0);
    scene_add(&scene, 0, "xxxxxx", 0);
    check_order(&scene, 0, "abcd");
    sched_set_slots(scene.sched, 2);
    CHECK(sched_slots(scene.sched) == 2 && sched_running(scene.sched) == 4);
    scene_done(&scene, 0);
    scene_done(&scene, 1);
    check_order(&scene, 0, "");
    scene_done(&scene, 2);
    check_order(&scene, 0, "e");
    sched_set_slots(scene.sched, 3);
    check_order(&scene, 0, "f");
    sched_free(scene.sched);
}

static void test_put_back(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "xx", 0);
    sched_add_again(scene.sched, &scene.items[2], "x", 0);
    sched_add_again(scene.sched, &scene.items[3], "x", 0);
    CHECK(scene_next(&scene, 0) == 2);
    sched_undo(scene.sched, &scene.items[2]); /* to the very front */
    CHECK(scene.items[2].state == SCHED_QUEUED);
    CHECK(sched_running(scene.sched) == 0);
    check_order(&scene, 0, "cdab");
    sched_undo(scene.sched, &scene.items[0]); /* a new one too */
    sched_add_again(scene.sched, &scene.items[4], "x", 0);
    sched_undo(scene.sched, &scene.items[1]);
    check_order(&scene, 0, "bae");
    sched_free(scene.sched);
}

static void test_delays(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "x", 0);
    sched_add_at(scene.sched, &scene.items[1], "x", 0, 5);
    sched_add_at(scene.sched, &scene.items[2], "x", 0, 3);
    sched_add_at(scene.sched, &scene.items[3], "x", 0, 3);
    CHECK(sched_wake(scene.sched) == 3);
    CHECK(sched_waiting(scene.sched) == 4);
    CHECK(scene.items[1].state == SCHED_DELAYED);
    check_order(&scene, 2.9, "a");
    check_order(&scene, 3, "cd");
    CHECK(sched_wake(scene.sched) == 5);
    scene_add(&scene, 4, "x", 0);
    check_order(&scene, 5, "be"); /* before the new one */
    CHECK(isinf(sched_wake(scene.sched)));
    sched_free(scene.sched);
}

/* What waits for a time holds no slot; what waits for a slot, no timer. */
static void test_wake_without_slots(void)
{
    struct scene scene;

    scene_init(&scene, 1, 0);
    sched_add_at(scene.sched, &scene.items[0], "x", 0, 5);
    scene_add(&scene, 1, "y", 0);
    CHECK(sched_wake(scene.sched) == 5);
    CHECK(scene_next(&scene, 0) == 1);
    CHECK(isinf(sched_wake(scene.sched)));
    CHECK(scene_next(&scene, 9) < 0);
    scene_done(&scene, 1);
    CHECK(scene_next(&scene, 9) == 0);
    sched_free(scene.sched);
}

static void test_hold(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "xxy", 0);
    CHECK(scene_next(&scene, 0) == 0);
    sched_hold(scene.sched, &scene.items[0]);
    scene_add(&scene, 3, "x", 2);
    check_order(&scene, 0, "c");
    CHECK(sched_waiting(scene.sched) == 3);
    sched_open(scene.sched, "y"); /* not held: harmless */
    check_order(&scene, 0, "");
    sched_open(scene.sched, "x");
    check_order(&scene, 0, "dab");
    sched_free(scene.sched);
}

static void test_cooling(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "xxy", 0);
    CHECK(scene_next(&scene, 0) == 0);
    sched_cool(scene.sched, "x", 4);
    sched_cool(scene.sched, "x", 2); /* never shorter */
    CHECK(sched_wake(scene.sched) == 4);
    check_order(&scene, 3, "c");
    check_order(&scene, 4, "b");
    CHECK(isinf(sched_wake(scene.sched)));

    scene_done(&scene, 0);
    scene_done(&scene, 1);
    scene_done(&scene, 2);
    CHECK(sched_hosts(scene.sched) == 0);
    /* A host without items is remembered until it is over. */
    sched_cool(scene.sched, "x", 9);
    CHECK(sched_hosts(scene.sched) == 1);
    scene_add(&scene, 3, "x", 0);
    check_order(&scene, 8, "");
    sched_cool(scene.sched, "x", 10);
    check_order(&scene, 9, "");
    check_order(&scene, 10, "d");
    sched_cool(scene.sched, "z", 11);
    CHECK(sched_hosts(scene.sched) == 2);
    check_order(&scene, 11, "");
    CHECK(sched_hosts(scene.sched) == 1);
    sched_free(scene.sched);
}

/* Held and cooling are two things: both must end. */
static void test_hold_and_cool(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "x", 0);
    CHECK(scene_next(&scene, 0) == 0);
    sched_hold(scene.sched, &scene.items[0]);
    sched_cool(scene.sched, "x", 5);
    check_order(&scene, 6, "");
    sched_cool(scene.sched, "x", 8);
    sched_open(scene.sched, "x");
    check_order(&scene, 7, "");
    check_order(&scene, 8, "a");
    sched_free(scene.sched);
}

static void test_hosts_are_freed(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "xy", 0);
    CHECK(sched_hosts(scene.sched) == 2);
    sched_remove(scene.sched, &scene.items[0]);
    CHECK(sched_hosts(scene.sched) == 1);
    CHECK(scene.items[0].state == SCHED_OUT && !scene.items[0].host);
    CHECK(scene_next(&scene, 0) == 1);
    CHECK(sched_hosts(scene.sched) == 1);
    scene_done(&scene, 1);
    CHECK(sched_hosts(scene.sched) == 0);
    scene_add(&scene, 1, "x", 0); /* an item can be used again */
    CHECK(scene_next(&scene, 0) == 1);
    sched_hold(scene.sched, &scene.items[1]);
    sched_remove(scene.sched, &scene.items[1]);
    CHECK(sched_hosts(scene.sched) == 1); /* held, so not forgotten */
    sched_open(scene.sched, "x");
    CHECK(sched_hosts(scene.sched) == 0);
    sched_free(scene.sched);
}

static void test_take(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 1);
    scene_add(&scene, 0, "xxy", 2);
    sched_add_at(scene.sched, &scene.items[3], "z", -2, 99);
    scene_add(&scene, 4, "x", 0);
    CHECK(scene_next(&scene, 0) == 0);
    CHECK(scene_next(&scene, 0) == 2);
    sched_hold(scene.sched, &scene.items[2]);
    CHECK(sched_take(scene.sched) == &scene.items[2]);
    CHECK(sched_take(scene.sched) == &scene.items[1]);
    CHECK(sched_take(scene.sched) == &scene.items[3]);
    CHECK(sched_take(scene.sched) == &scene.items[4]);
    CHECK(!sched_take(scene.sched));
    CHECK(sched_waiting(scene.sched) == 0 && sched_running(scene.sched) == 1);
    CHECK(isinf(sched_wake(scene.sched)));
    scene_done(&scene, 0);
    sched_free(scene.sched);
}

static void test_remove(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "xxx", 0);
    sched_add_at(scene.sched, &scene.items[3], "x", 0, 5);
    sched_remove(scene.sched, &scene.items[1]);
    sched_remove(scene.sched, &scene.items[3]);
    CHECK(sched_waiting(scene.sched) == 2);
    check_order(&scene, 9, "ac");
    sched_remove(scene.sched, &scene.items[0]); /* running: not waiting */
    CHECK(scene.items[0].state == SCHED_RUNNING);
    sched_free(scene.sched);
}

/* The key is copied: the caller's bytes may go at once. */
static void test_key_is_copied(void)
{
    struct scene scene;
    char key[] = "http://a.test:8";

    scene_init(&scene, COUNT, 1);
    sched_add(scene.sched, &scene.items[0], key, 0);
    memset(key, 'z', sizeof key - 1);
    sched_add(scene.sched, &scene.items[1], "http://a.test:8", 0);
    CHECK(sched_hosts(scene.sched) == 1);
    check_order(&scene, 0, "a");
    sched_free(scene.sched);
}

int main(void)
{
    test_empty();
    test_turns();
    test_turn_is_kept();
    test_priorities();
    test_priority_needs_ready();
    test_limits();
    test_set_slots();
    test_put_back();
    test_delays();
    test_wake_without_slots();
    test_hold();
    test_cooling();
    test_hold_and_cool();
    test_hosts_are_freed();
    test_take();
    test_remove();
    test_key_is_copied();
    return check_end("sched");
}
