/* SPDX-License-Identifier: MIT */
/* Intrusive bag: nothing lost, and every node as likely as any other. */
#include "base/bag.h"

#include "check.h"

#define COUNT 100

static void test_empty(void)
{
    struct bag bag;
    struct bag_node node = {0};
    struct rng rng;

    rng_seed(&rng, 1);
    bag_init(&bag);
    CHECK(!bag_draw(&bag, &rng));
    bag_remove(&bag, &node); /* in none: harmless */
    bag_add(&bag, &node);
    CHECK(bag_holds(&node) && bag.count == 1);
    CHECK(bag_draw(&bag, &rng) == &node && bag_holds(&node));
    bag_release(&bag);
    CHECK(!bag_holds(&node) && bag.count == 0);
}

/* Random adds and removals beside a plain set. */
static void test_any(void)
{
    struct bag bag;
    struct bag_node nodes[COUNT] = {{0}};
    bool in[COUNT] = {false};
    size_t count = 0;
    struct rng rng;
    bool good = true;

    rng_seed(&rng, 2);
    bag_init(&bag);
    for (int i = 0; i < 20000; i++) {
        size_t n = rng_next(&rng) % COUNT;

        if (in[n])
            bag_remove(&bag, &nodes[n]);
        else
            bag_add(&bag, &nodes[n]);
        in[n] = !in[n];
        count += in[n] ? 1 : (size_t)-1;
        good = good && bag.count == count && bag_holds(&nodes[n]) == in[n];
        if (count > 0)
            good = good && in[bag_draw(&bag, &rng) - nodes];
    }
    CHECK(good);
    bag_release(&bag);
}

static void test_fair(void)
{
    struct bag bag;
    struct bag_node nodes[COUNT] = {{0}};
    unsigned drawn[COUNT] = {0};
    struct rng rng;
    bool fair = true;

    rng_seed(&rng, 3);
    bag_init(&bag);
    for (int i = 0; i < COUNT; i++)
        bag_add(&bag, &nodes[i]);
    for (int i = 0; i < COUNT * 1000; i++)
        drawn[bag_draw(&bag, &rng) - nodes]++;
    for (int i = 0; i < COUNT; i++)
        fair = fair && drawn[i] > 850 && drawn[i] < 1150; /* 4.7 sigma */
    CHECK(fair);
    bag_release(&bag);
}

int main(void)
{
    test_empty();
    test_any();
    test_fair();
    return check_end("bag");
}
