/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's rates, delays, orders and limits of single hosts, each by
 * itself. tests/unit/test_sched_random.c tries them with all the rest.
 */
#include "sched_scene.h"

#include <math.h>
#include <stdlib.h>

/* Everything that may run now, as letters: 'a' is item 0. */
static void check_order(struct scene *scene, double now, const char *want)
{
    char got[COUNT + 1];
    struct sched_item *item;
    int len = 0;

    while ((item = sched_next(scene->sched, now)))
        got[len++] = (char)('a' + (item - scene->items));
    got[len] = '\0';
    CHECK_STR(got, want);
}

static bool near(double got, double want)
{
    return fabs(got - want) < 1e-9;
}

static void host_limits(struct scene *scene, double rate, unsigned burst,
                        double delay)
{
    const struct sched_limits limits = {
        .rate = rate, .burst = burst, .delay = delay};

    sched_set_host_limits(scene->sched, &limits, 0);
}

static void test_rate(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    sched_set_rate(scene.sched, 2, 1, 0);
    scene_add(&scene, 0, "xyxyx", 0);
    check_order(&scene, 0, "a");
    CHECK(sched_running(scene.sched) == 1);
    CHECK(sched_wake(scene.sched) == 0.5);
    check_order(&scene, 0.4, "");
    check_order(&scene, 0.55, "b"); /* late, but not for long */
    CHECK(sched_wake(scene.sched) == 1);
    check_order(&scene, 1, "c");
    check_order(&scene, 1.5, "d");
    check_order(&scene, 2, "e");
    CHECK(isinf(sched_wake(scene.sched))); /* nothing waits for it */
    scene_add(&scene, 5, "zz", 0);
    check_order(&scene, 90, "f"); /* a rest is worth the burst */
    CHECK(sched_wake(scene.sched) == 90.5);
    sched_free(scene.sched);
}

/* A timer that is always late, for hours: the count is right all the same. */
static void check_long(double rate, double host_rate, double want)
{
    struct scene scene;
    double now = 100, last = now;
    unsigned long count = 0;

    scene_init(&scene, COUNT, 0);
    sched_set_rate(scene.sched, rate, 1, now);
    host_limits(&scene, host_rate, 1, 0);
    scene_add(&scene, 0, "xyzxyzxyzxyz", 0);
    while (count < 100000) {
        struct sched_item *item;

        while ((item = sched_next(scene.sched, now))) {
            const char key[2] = {"xyz"[(item - scene.items) % 3], '\0'};

            sched_done(scene.sched, item);
            sched_add(scene.sched, item, key, 0);
            count++;
        }
        last = now;
        now = sched_wake(scene.sched) + 0.003;
    }
    CHECK(fabs((double)count / (want * (last - 100)) - 1) < 1e-4);
    sched_free(scene.sched);
}

static void test_long(void)
{
    check_long(333, 0, 333);
    check_long(0, 111, 333); /* three hosts */
    check_long(333, 7, 21);
    check_long(0.3, 0, 0.3);
}

static void test_rate_burst(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    sched_set_rate(scene.sched, 2, 3, 0);
    scene_add(&scene, 0, "xyzxyzxyz", 0);
    check_order(&scene, 0, "abc");
    check_order(&scene, 0.5, "d");
    sched_set_rate(scene.sched, 0, 1, 0.5);
    check_order(&scene, 0.5, "efghi");
    sched_free(scene.sched);
}

/* With the rate in the way neither a delay nor a slot is worth waking for. */
static void test_rate_wake(void)
{
    struct scene scene;

    scene_init(&scene, 2, 0);
    sched_set_rate(scene.sched, 0.5, 1, 0);
    scene_add(&scene, 0, "x", 0);
    sched_add_at(scene.sched, &scene.items[1], "x", 0, 1);
    sched_add_at(scene.sched, &scene.items[2], "x", 0, 5);
    check_order(&scene, 0, "a");
    CHECK(sched_wake(scene.sched) == 2);
    check_order(&scene, 2, "b");
    CHECK(isinf(sched_wake(scene.sched))); /* no slot */
    sched_done(scene.sched, &scene.items[0]);
    CHECK(sched_wake(scene.sched) == 5);
    sched_free(scene.sched);
}

/* Who waits for its host's rate holds no slot, and nobody waits for it. */
static void test_host_rate(void)
{
    struct scene scene;

    scene_init(&scene, 3, 0);
    host_limits(&scene, 1, 1, 0);
    scene_add(&scene, 0, "xxxyyz", 0);
    check_order(&scene, 0, "adf");
    sched_done(scene.sched, &scene.items[0]);
    sched_done(scene.sched, &scene.items[3]);
    CHECK(sched_running(scene.sched) == 1);
    CHECK(sched_wake(scene.sched) == 1);
    scene_add(&scene, 6, "w", 0);
    check_order(&scene, 0.5, "g");
    sched_done(scene.sched, &scene.items[6]);
    check_order(&scene, 1, "be");
    CHECK(isinf(sched_wake(scene.sched))); /* no slot free */
    sched_done(scene.sched, &scene.items[1]);
    CHECK(sched_wake(scene.sched) == 1.5); /* w is remembered until then */
    check_order(&scene, 2, "c");
    sched_free(scene.sched);
}

/* A host that is idle is known until its bucket is full again. */
static void test_host_rate_is_remembered(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    host_limits(&scene, 1, 2, 0);
    scene_add(&scene, 0, "xx", 0);
    check_order(&scene, 0, "ab");
    sched_done(scene.sched, &scene.items[0]);
    sched_done(scene.sched, &scene.items[1]);
    check_order(&scene, 1.5, "");
    CHECK(sched_hosts(scene.sched) == 1);
    scene_add(&scene, 2, "xx", 0);
    check_order(&scene, 1.5, "c");
    check_order(&scene, 2, "d");
    sched_done(scene.sched, &scene.items[2]);
    sched_done(scene.sched, &scene.items[3]);
    check_order(&scene, 4, "");
    CHECK(sched_hosts(scene.sched) == 0);
    sched_free(scene.sched);
}

static void test_host_delay(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    host_limits(&scene, 0, 1, 2);
    scene_add(&scene, 0, "xxxy", 0);
    check_order(&scene, 0, "ad");
    CHECK(sched_wake(scene.sched) == 2);
    check_order(&scene, 1.9, "");
    check_order(&scene, 2.5, "b"); /* never sooner: no haste after a late one */
    CHECK(sched_wake(scene.sched) == 4.5);
    sched_cool(scene.sched, "x", 9);
    check_order(&scene, 5, "");
    check_order(&scene, 9, "c");
    sched_free(scene.sched);
}

/* Each gap is drawn anew, between the delay and its most. */
static void test_jitter(void)
{
    const struct sched_limits limits = {.delay = 2, .jitter = 0.5};
    struct scene scene;
    double last = 0, least = 9, most = 0, sum = 0;

    scene_init(&scene, COUNT, 0);
    sched_set_order(scene.sched, SCHED_FIFO, 7);
    sched_set_host_limits(scene.sched, &limits, 0);
    scene_add(&scene, 0, "x", 0);
    CHECK(sched_next(scene.sched, 0) == &scene.items[0]);
    for (int i = 0; i < 1000; i++) {
        sched_done(scene.sched, &scene.items[0]);
        scene_add(&scene, 0, "x", 0);
        double wake = sched_wake(scene.sched);

        least = fmin(least, wake - last);
        most = fmax(most, wake - last);
        sum += wake - last;
        last = wake;
        CHECK(sched_next(scene.sched, wake) == &scene.items[0]);
    }
    CHECK(least >= 2 && least < 2.02 && most < 3 && most > 2.98);
    CHECK(fabs(sum / 1000 - 2.5) < 0.05);
    sched_free(scene.sched);
}

/* A start that did not happen costs neither rate nor delay. */
static void test_undo(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    sched_set_rate(scene.sched, 1, 1, 0);
    host_limits(&scene, 0.5, 1, 3);
    scene_add(&scene, 0, "xxy", 0);
    CHECK(sched_next(scene.sched, 0) == &scene.items[0]);
    sched_hold(scene.sched, &scene.items[0]);
    check_order(&scene, 0, "c");
    sched_open(scene.sched, "x");
    check_order(&scene, 1, "a");
    CHECK(sched_wake(scene.sched) == 3);
    sched_undo(scene.sched, &scene.items[0]);
    check_order(&scene, 1, "a");
    check_order(&scene, 3.9, "");
    check_order(&scene, 4, "b");
    /* Not the last that was given: what it cost stays paid. */
    scene_add(&scene, 3, "y", 0);
    check_order(&scene, 5, "d");
    sched_undo(scene.sched, &scene.items[1]);
    check_order(&scene, 6, "");
    check_order(&scene, 7, "b");
    sched_free(scene.sched);
}

struct table {
    unsigned asked;
};

static void look_up(void *arg, const char *host_key,
                    struct sched_limits *limits)
{
    struct table *table = arg;

    table->asked++;
    if (*host_key == 'x')
        limits->slots = 1;
    if (*host_key == 'y')
        limits->delay = 5;
}

static void test_lookup(void)
{
    struct scene scene;
    struct table table = {0};

    scene_init(&scene, COUNT, 2);
    sched_set_lookup(scene.sched, look_up, &table);
    scene_add(&scene, 0, "xxyyzzz", 0);
    CHECK(table.asked == 3);
    check_order(&scene, 0, "acef");
    sched_done(scene.sched, &scene.items[4]);
    check_order(&scene, 4, "g");
    check_order(&scene, 5, "d");
    sched_done(scene.sched, &scene.items[0]);
    check_order(&scene, 5, "b");
    sched_done(scene.sched, &scene.items[1]);
    scene_add(&scene, 0, "x", 0);
    CHECK(table.asked == 4); /* it had been forgotten */
    sched_free(scene.sched);
}

static void test_set_host_limits(void)
{
    struct sched_limits limits = {.slots = 1};
    struct table table = {0};
    struct scene scene;

    scene_init(&scene, COUNT, 3);
    scene_add(&scene, 0, "zzzzz", 0);
    check_order(&scene, 0, "abc");
    sched_set_host_limits(scene.sched, &limits, 0);
    sched_done(scene.sched, &scene.items[0]);
    sched_done(scene.sched, &scene.items[1]);
    check_order(&scene, 0, "");
    limits.slots = 0;
    limits.delay = 9;
    sched_set_lookup(scene.sched, look_up, &table);
    sched_set_host_limits(scene.sched, &limits, 0);
    CHECK(table.asked == 1); /* the one that is known */
    check_order(&scene, 0, "d");
    CHECK(sched_wake(scene.sched) == 9);
    limits.delay = 1; /* holds for the wait that began already */
    sched_set_host_limits(scene.sched, &limits, 0.5);
    CHECK(sched_wake(scene.sched) == 1.5);
    check_order(&scene, 1.5, "e");
    sched_free(scene.sched);
}

static void test_one_host(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 2);
    scene_add(&scene, 0, "xxxxyyy", 0);
    sched_host_set_slots(scene.sched, "x", 1);
    sched_host_set_slots(scene.sched, "unknown", 1);
    sched_host_set_rate(scene.sched, "unknown", 1, 0);
    CHECK(sched_hosts(scene.sched) == 2);
    check_order(&scene, 0, "aef");
    sched_host_set_slots(scene.sched, "x", 3);
    check_order(&scene, 0, "bc");
    sched_done(scene.sched, &scene.items[4]);
    sched_host_set_rate(scene.sched, "y", 0.5, 0);
    check_order(&scene, 0, "g");
    scene_add(&scene, 7, "y", 0);
    sched_done(scene.sched, &scene.items[5]);
    check_order(&scene, 1, "");
    sched_host_set_rate(scene.sched, "y", 0, 1);
    check_order(&scene, 1, "h");
    sched_free(scene.sched);
}

static void test_pause(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    scene_add(&scene, 0, "xy", 0);
    sched_add_at(scene.sched, &scene.items[2], "z", 0, 4);
    sched_pause(scene.sched, true);
    check_order(&scene, 1, "");
    CHECK(isinf(sched_wake(scene.sched)));
    check_order(&scene, 5, "");
    sched_pause(scene.sched, false);
    check_order(&scene, 5, "abc");
    sched_free(scene.sched);

    scene_init(&scene, COUNT, 0); /* a pause saves up nothing */
    sched_set_rate(scene.sched, 100, 1, 0);
    scene_add(&scene, 0, "xxxxxx", 0);
    check_order(&scene, 0, "a");
    sched_pause(scene.sched, true);
    check_order(&scene, 5, "");
    sched_pause(scene.sched, false);
    check_order(&scene, 5, "b");
    CHECK(near(sched_wake(scene.sched), 5.01));
    sched_free(scene.sched);
}

static void test_lifo(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    sched_set_order(scene.sched, SCHED_LIFO, 0);
    scene_add(&scene, 0, "wxyz", 0);
    check_order(&scene, 0, "dcba");
    scene_add(&scene, 4, "xxxyy", 0);
    sched_add_again(scene.sched, &scene.items[9], "x", 0);
    sched_add(scene.sched, &scene.items[10], "x", -1);
    sched_add(scene.sched, &scene.items[11], "w", 1);
    check_order(&scene, 0, "lijhgfek"); /* y came last; hosts take turns */
    sched_free(scene.sched);
}

/* Every order of three hosts' and of one host's items comes up. */
static void check_random(const char *hosts)
{
    static const char *const all[] = {"abc", "acb", "bac", "bca", "cab", "cba"};
    unsigned seen[6] = {0};
    struct scene scene;

    scene_init(&scene, COUNT, 0);
    sched_set_order(scene.sched, SCHED_RANDOM, 5);
    for (int round = 0; round < 600; round++) {
        char got[4] = "";

        scene_add(&scene, 0, hosts, 0);
        for (int i = 0; i < 3; i++)
            got[i] = (char)('a' + (sched_next(scene.sched, 0) - scene.items));
        for (int i = 0; i < 6; i++)
            seen[i] += strcmp(got, all[i]) == 0;
        for (int i = 0; i < 3; i++)
            sched_done(scene.sched, &scene.items[i]);
    }
    for (int i = 0; i < 6; i++)
        CHECK(seen[i] > 60 && seen[i] < 140);
    sched_free(scene.sched);
}

static void test_random(void)
{
    struct scene scene;

    check_random("xyz");
    check_random("xxx");
    scene_init(&scene, COUNT, 0);
    sched_set_order(scene.sched, SCHED_RANDOM, 5);
    scene_add(&scene, 0, "xxxxxxx", 0);
    sched_add(scene.sched, &scene.items[10], "x", 1);
    sched_add_again(scene.sched, &scene.items[11], "x", 0);
    CHECK(sched_next(scene.sched, 0) == &scene.items[10]);
    CHECK(sched_next(scene.sched, 0) == &scene.items[11]);
    sched_remove(scene.sched, &scene.items[3]);
    CHECK(sched_take(scene.sched) == &scene.items[0]); /* as they came */
    CHECK(sched_waiting(scene.sched) == 5);
    sched_free(scene.sched);
}

/* The same seed gives the same order. */
static void test_random_seed(void)
{
    struct sched_item *first[COUNT];
    struct scene scene;
    unsigned same = 0, other = 0;

    for (int round = 0; round < 3; round++) {
        scene_init(&scene, COUNT, 0);
        sched_set_order(scene.sched, SCHED_RANDOM, round < 2 ? 1 : 2);
        scene_add(&scene, 0, "xyzxyzxyzxyzxyzxyzxyzxyz", 0);
        for (int i = 0; i < 24; i++) {
            struct sched_item *item = sched_next(scene.sched, 0);

            if (round == 0)
                first[i] = item;
            same += round == 1 && item == first[i];
            other += round == 2 && item == first[i];
        }
        sched_free(scene.sched);
    }
    CHECK(other < 12);
    CHECK(same == 24);
}

static void test_take_host(void)
{
    struct scene scene;

    scene_init(&scene, COUNT, 1);
    scene_add(&scene, 0, "xxxyx", 0);
    sched_add_at(scene.sched, &scene.items[5], "x", 0, 9);
    CHECK(sched_next(scene.sched, 0) == &scene.items[0]);
    sched_cool(scene.sched, "x", 5);
    CHECK(sched_take_host(scene.sched, "x") == &scene.items[1]);
    CHECK(sched_take_host(scene.sched, "x") == &scene.items[2]);
    CHECK(sched_take_host(scene.sched, "x") == &scene.items[4]);
    CHECK(!sched_take_host(scene.sched, "x")); /* one is delayed, one runs */
    CHECK(!sched_take_host(scene.sched, "unknown"));
    CHECK(sched_waiting(scene.sched) == 2);
    sched_free(scene.sched);
}

int main(void)
{
    test_rate();
    test_long();
    test_rate_burst();
    test_rate_wake();
    test_host_rate();
    test_host_rate_is_remembered();
    test_host_delay();
    test_jitter();
    test_undo();
    test_lookup();
    test_set_host_limits();
    test_one_host();
    test_pause();
    test_lifo();
    test_random();
    test_random_seed();
    test_take_host();
    return check_end("sched_limits");
}
