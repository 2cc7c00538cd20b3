/* SPDX-License-Identifier: MIT */
/*
 * Adaptive concurrency: single rules, and simulated hosts that take so many
 * at once, that queue, that are slow now and then, or that just serve.
 */
#include "base/heap.h"
#include "base/list.h"
#include "base/rng.h"
#include "policy/adapt.h"

#include "check.h"

#include <math.h>

#define MOST 256

/* A host: how it answers a request when n are under way with it. */
struct host {
    unsigned bears;   /* over it: 429 at once; 0: any number */
    unsigned workers; /* over it requests share them; 0: any number */
    unsigned hangs;   /* over it: no answer, 30 s; 0: never */
    double time;      /* seconds to the first byte when it is idle */
    double spread;    /* times are up to so many times as long */
};

struct flight {
    struct heap_node end;
    double started, ttfb;
    enum adapt_sign sign;
    bool busy;
};

struct world {
    struct adapt adapt;
    const struct host *host;
    struct rng rng;
    struct heap ends;
    struct flight flights[MOST];
    unsigned running;
    double now;
    /* of the last part of a run */
    unsigned least, most;
    double sum;
    unsigned long count, trouble;
};

static void start(struct world *world, struct flight *flight)
{
    const struct host *host = world->host;
    double time = host->time * (1 + (host->spread - 1) * rng_unit(&world->rng));

    world->running++;
    if (host->workers > 0 && world->running > host->workers)
        time *= (double)world->running / host->workers;
    flight->sign = ADAPT_GOOD;
    if (host->bears > 0 && world->running > host->bears) {
        flight->sign = ADAPT_TROUBLE;
        time = host->time / 10;
    }
    if (host->hangs > 0 && world->running > host->hangs) {
        flight->sign = ADAPT_TROUBLE;
        time = 30;
    }
    flight->busy = true;
    flight->started = world->now;
    flight->ttfb = time;
    heap_insert(&world->ends, &flight->end, world->now + time);
}

static void fill(struct world *world)
{
    for (int i = 0; i < MOST; i++) {
        if (world->running >= adapt_slots(&world->adapt))
            return;
        if (!world->flights[i].busy)
            start(world, &world->flights[i]);
    }
}

static void end(struct world *world)
{
    struct flight *flight =
        container_of(heap_min(&world->ends), struct flight, end);
    unsigned slots;

    world->now = flight->end.at;
    heap_remove(&world->ends, &flight->end);
    adapt_ended(&world->adapt, flight->sign, flight->ttfb, flight->started,
                world->running, world->now);
    flight->busy = false;
    world->running--;
    slots = adapt_slots(&world->adapt);
    world->least = slots < world->least ? slots : world->least;
    world->most = slots > world->most ? slots : world->most;
    world->sum += slots;
    world->count++;
    world->trouble += flight->sign == ADAPT_TROUBLE;
}

static void look_anew(struct world *world)
{
    world->least = MOST;
    world->most = 0;
    world->sum = 0;
    world->count = world->trouble = 0;
}

static void run(struct world *world, const struct host *host, unsigned most,
                int warm, int requests)
{
    memset(world, 0, sizeof *world);
    rng_seed(&world->rng, 1);
    heap_init(&world->ends);
    adapt_init(&world->adapt, most);
    world->host = host;
    world->now = 1000;
    for (int i = 0; i < warm + requests; i++) {
        if (i == warm)
            look_anew(world);
        fill(world);
        end(world);
    }
}

static void stop(struct world *world)
{
    heap_release(&world->ends);
}

/* A healthy host: up to the limit, at once, and there it stays. */
static void test_healthy(void)
{
    const struct host host = {.time = 0.05, .spread = 3};
    struct world world;

    for (unsigned most = 1; most <= MOST; most *= 2) {
        run(&world, &host, most, 3 * (int)most, 5000);
        CHECK(world.least == most && world.most == most);
        stop(&world);
    }
}

/* 429 above N at once: near N, never back to 1, few refused. */
static void test_refuses(void)
{
    struct world world;

    for (unsigned bears = 2; bears <= 64; bears *= 2) {
        const struct host host = {.bears = bears, .time = 0.1, .spread = 2};

        run(&world, &host, MOST, 2000, 20000);
        CHECK(world.most <= bears + 1);
        CHECK(world.least >= (bears + 1) / 2);
        CHECK(world.sum / (double)world.count > 0.7 * bears);
        CHECK(world.trouble < world.count / 8);
        stop(&world);
    }
}

/* One that bears one at a time: never below it. */
static void test_bears_one(void)
{
    const struct host host = {.bears = 1, .time = 0.1, .spread = 1};
    struct world world;

    run(&world, &host, 8, 100, 1000);
    CHECK(world.least == 1 && world.most == 2);
    stop(&world);
}

static void test_hangs(void)
{
    const struct host host = {.hangs = 20, .time = 0.1, .spread = 2};
    struct world world;

    run(&world, &host, MOST, 5000, 20000);
    CHECK(world.most <= 24 && world.least >= 8);
    CHECK(world.sum / (double)world.count > 12);
    stop(&world);
}

/* With 10 workers more at once is only longer queues. */
static void test_queues(void)
{
    const struct host host = {.workers = 10, .time = 0.1, .spread = 1.2};
    struct world world;

    run(&world, &host, 200, 3000, 20000);
    CHECK(world.least >= 8 && world.most <= 35);
    CHECK(world.sum / (double)world.count < 30);
    stop(&world);
}

/* Slower pages behind quick ones are no queue: back to the limit. */
static void test_other_pages(void)
{
    const struct host quick = {.time = 0.02, .spread = 2};
    const struct host slow = {.time = 0.5, .spread = 2};
    struct world world;

    run(&world, &quick, 32, 1000, 1000);
    CHECK(world.least == 32);
    world.host = &slow;
    for (int i = 0; i < 5000; i++) {
        if (i == 4000)
            look_anew(&world);
        fill(&world);
        end(&world);
    }
    CHECK(world.least == 32);
    stop(&world);
}

/* All that was under way at a cut is one sign. */
static void test_one_cut(void)
{
    struct adapt adapt;

    adapt_init(&adapt, 100);
    for (int i = 0; i < 9; i++)
        CHECK(adapt_ended(&adapt, ADAPT_GOOD, 0, 0, 100, 1));
    CHECK(adapt_slots(&adapt) == 10);
    CHECK(adapt_ended(&adapt, ADAPT_TROUBLE, 0, 1, 10, 2));
    for (int i = 0; i < 9; i++)
        CHECK(!adapt_ended(&adapt, ADAPT_TROUBLE, 0, 1.5, 10, 3));
    CHECK(adapt_slots(&adapt) == 7);
    CHECK(adapt_ended(&adapt, ADAPT_TROUBLE, 0, 2.5, 10, 4));
    CHECK(adapt_slots(&adapt) == 4);
    for (int i = 0; i < 20; i++)
        adapt_ended(&adapt, ADAPT_TROUBLE, 0, 5 + i, 1, 5 + i);
    CHECK(adapt_slots(&adapt) == 1);
}

/* What is not used up says nothing of more. */
static void test_unused(void)
{
    struct adapt adapt;

    adapt_init(&adapt, 8);
    for (int i = 0; i < 100; i++)
        adapt_ended(&adapt, ADAPT_GOOD, 0.1, i, 1, i + 0.1);
    CHECK(adapt_slots(&adapt) == 2); /* one at once was used up, two not */
    CHECK(!adapt_ended(&adapt, ADAPT_NOTHING, 0, 200, 8, 201));
    adapt_init(&adapt, 8);
    for (int i = 0; i < 100; i++)
        adapt_ended(&adapt, ADAPT_GOOD, 0.1, i, 8, i + 0.1);
    CHECK(adapt_slots(&adapt) == 8);
    adapt_set_most(&adapt, 3);
    CHECK(adapt_slots(&adapt) == 3);
}

static enum adapt_sign sign_of(enum error_class error_class, enum phase phase,
                               int status)
{
    const struct error error = {.error_class = error_class, .phase = phase};

    return adapt_sign(&error, status);
}

static void test_signs(void)
{
    CHECK(sign_of(CLASS_NONE, PHASE_BODY, 200) == ADAPT_GOOD);
    CHECK(sign_of(CLASS_HTTP, PHASE_BODY, 404) == ADAPT_GOOD);
    CHECK(sign_of(CLASS_HTTP, PHASE_BODY, 500) == ADAPT_GOOD);
    CHECK(sign_of(CLASS_HTTP, PHASE_BODY, 503) == ADAPT_TROUBLE);
    CHECK(sign_of(CLASS_NONE, PHASE_BODY, 429) == ADAPT_TROUBLE);
    CHECK(sign_of(CLASS_TIMEOUT, PHASE_WAIT, 0) == ADAPT_TROUBLE);
    CHECK(sign_of(CLASS_TIMEOUT, PHASE_BODY, 200) == ADAPT_TROUBLE);
    CHECK(sign_of(CLASS_TIMEOUT, PHASE_QUEUE, 0) == ADAPT_NOTHING);
    CHECK(sign_of(CLASS_CONNECT, PHASE_CONNECT, 0) == ADAPT_NOTHING);
    CHECK(sign_of(CLASS_CANCELLED, PHASE_WAIT, 0) == ADAPT_NOTHING);
}

int main(void)
{
    test_healthy();
    test_refuses();
    test_bears_one();
    test_hangs();
    test_queues();
    test_other_pages();
    test_one_cut();
    test_unused();
    test_signs();
    return check_end("adapt");
}
