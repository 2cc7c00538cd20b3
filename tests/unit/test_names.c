/* SPDX-License-Identifier: MIT */
/* Names: one lookup for many, how long answers last, whose patience ends
 * when, and which address is tried first. */
#include "policy/names.h"

#include "check.h"

#include <math.h>

#define A  "http://a.test:80"
#define A2 "https://a.test:443"
#define B  "http://b.test:80"
#define C  "http://c.test:80"

static const struct address one = {4, {127, 0, 0, 1}};
static const struct address two = {4, {127, 0, 0, 2}};
static const struct address six = {6, {[15] = 1}};

/* Asks as a request that was told to wait at `asked`, if ever. */
static enum names_say ask_as(struct names *names, const char *host_key,
                             double asked, double since, double now,
                             struct names_reply *reply)
{
    const struct names_question question = {
        .host_key = host_key, .patience = 10, .asked = asked, .since = since};

    return names_ask(names, &question, now, reply);
}

static enum names_say ask(struct names *names, const char *host_key, double now)
{
    struct names_reply reply;

    return ask_as(names, host_key, 0, 0, now, &reply);
}

static void answer(struct names *names, uint64_t id, enum lookup lookup,
                   double now)
{
    struct lookup_result result = {.lookup = lookup};

    if (lookup == LOOKUP_FINE)
        result.addresses = (struct addresses){2, {two, one}};
    names_answer(names, id, &result, now);
}

static void one_lookup_for_all_who_wait(void)
{
    struct names *names = names_new(8, 60);
    struct names_reply reply;
    uint64_t id;

    CHECK(ask(names, A, 1) == NAMES_WAIT);
    CHECK(ask(names, A2, 1) == NAMES_WAIT);
    CHECK(names_pending(names));
    CHECK_STR(names_next_lookup(names, 2, &id), "a.test");
    CHECK(!names_pending(names));
    CHECK(names_next_lookup(names, 2, &id) == NULL);
    CHECK(ask(names, A, 3) == NAMES_WAIT);
    CHECK(names_next_open(names) == NULL);
    answer(names, id, LOOKUP_FINE, 4);
    CHECK(names_wake(names) == 0.0);
    CHECK_STR(names_next_open(names), A);
    CHECK_STR(names_next_open(names), A2);
    CHECK(names_next_open(names) == NULL);
    CHECK(isinf(names_wake(names)));
    CHECK(ask_as(names, A, 1, 0, 4, &reply) == NAMES_GO);
    CHECK(reply.count == 2 && address_equal(&reply.addresses[0], &two));
    CHECK(reply.began == 2 && reply.ended == 4);
    names_free(names);
}

static void most_bounds_the_lookups(void)
{
    struct names *names = names_new(1, 60);
    uint64_t a, b;

    ask(names, A, 1);
    ask(names, B, 1);
    CHECK_STR(names_next_lookup(names, 1, &a), "a.test");
    CHECK(names_next_lookup(names, 1, &b) == NULL);
    CHECK(names_pending(names));
    answer(names, a, LOOKUP_FINE, 2);
    CHECK_STR(names_next_lookup(names, 2, &b), "b.test");
    /* No thread for it: first again, and with a new id. */
    ask(names, C, 2);
    names_put_back(names, b);
    CHECK(isinf(names_wake(names)) || names_wake(names) == 0.0);
    CHECK_STR(names_next_lookup(names, 3, &a), "b.test");
    CHECK(a != b);
    names_free(names);
}

static void an_answer_lasts_for_its_time(void)
{
    struct names *names = names_new(8, 60);
    struct names_reply reply;
    uint64_t id;

    ask(names, A, 1);
    names_next_lookup(names, 1, &id);
    answer(names, id, LOOKUP_FINE, 10);
    CHECK(ask(names, A, 69.9) == NAMES_GO);
    /* Who waited for it gets it whenever there is a slot. */
    CHECK(ask_as(names, A, 1, 0, 500, &reply) == NAMES_GO);
    CHECK(ask(names, A, 70) == NAMES_WAIT);
    CHECK_STR(names_next_lookup(names, 70, &id), "a.test");
    names_free(names);
}

static void a_failure_lasts_a_second_but_not_for_its_retry(void)
{
    struct names *names = names_new(8, 60);
    struct names_reply reply;
    uint64_t id;

    ask(names, A, 1);
    names_next_lookup(names, 1, &id);
    answer(names, id, LOOKUP_TEMPORARY, 2);
    CHECK(ask_as(names, A, 1, 0, 2, &reply) == NAMES_FAILED);
    CHECK(reply.failure.lookup == LOOKUP_TEMPORARY);
    CHECK(ask(names, A, 2.9) == NAMES_FAILED);
    CHECK(ask_as(names, A, 0, 2, 2.5, &reply) == NAMES_WAIT);
    names_next_lookup(names, 2.5, &id);
    answer(names, id, LOOKUP_TEMPORARY, 2.6);
    CHECK(ask_as(names, A, 0, 2, 2.7, &reply) == NAMES_FAILED);
    CHECK(ask(names, A, 3.7) == NAMES_WAIT);
    names_free(names);
}

static void patience_ends_but_the_lookup_goes_on(void)
{
    struct names *names = names_new(8, 60);
    struct names_reply reply;
    uint64_t id;

    ask(names, A, 1);
    CHECK(isinf(names_wake(names))); /* no thread yet: the clock stands */
    names_next_lookup(names, 5, &id);
    CHECK(names_wake(names) == 15);
    names_expire(names, 14.9);
    CHECK(names_next_open(names) == NULL);
    names_expire(names, 15);
    CHECK_STR(names_next_open(names), A);
    CHECK(ask_as(names, A, 1, 0, 15, &reply) == NAMES_FAILED);
    CHECK(reply.failure.lookup == LOOKUP_TIMEOUT);
    CHECK(reply.began == 5 && reply.ended == 15);
    CHECK(ask(names, A, 15.5) == NAMES_FAILED); /* the rest of the list */
    CHECK(ask(names, A2, 15.5) == NAMES_WAIT);  /* has its own patience */
    CHECK(ask_as(names, A, 0, 15, 15.6, &reply) == NAMES_WAIT); /* a retry */
    CHECK(names_next_lookup(names, 15.6, &id) == NULL);
    CHECK(names_wake(names) == 25.5);
    answer(names, id, LOOKUP_FINE, 16); /* late, but it counts */
    CHECK_STR(names_next_open(names), A);
    CHECK_STR(names_next_open(names), A2);
    CHECK(names_next_open(names) == NULL);
    CHECK(ask(names, A, 17) == NAMES_GO);
    answer(names, id, LOOKUP_NOT_FOUND, 18); /* of nobody */
    CHECK(ask(names, A, 19) == NAMES_GO);
    names_free(names);
}

static enum names_say ask_target(struct names *names, const char *host_key,
                                 const char *target, double asked, double now,
                                 struct names_reply *reply)
{
    const struct names_question question = {
        .host_key = host_key, .target = target, .patience = 10, .asked = asked};

    return names_ask(names, &question, now, reply);
}

/* A host that is connected to elsewhere waits for the name of that. */
static void a_host_may_wait_for_the_names_of_targets(void)
{
    struct names *names = names_new(8, 60);
    struct names_reply reply;
    uint64_t b, c;

    CHECK(ask_target(names, A, B, 0, 1, &reply) == NAMES_WAIT);
    CHECK_STR(names_next_lookup(names, 1, &b), "b.test");
    CHECK(ask_target(names, A, C, 0, 2, &reply) == NAMES_WAIT);
    CHECK_STR(names_next_lookup(names, 2, &c), "c.test");
    answer(names, c, LOOKUP_NOT_FOUND, 3);
    CHECK_STR(names_next_open(names), A); /* not the target */
    CHECK(names_next_open(names) == NULL);
    CHECK(ask_target(names, A, C, 2, 3, &reply) == NAMES_FAILED);
    CHECK(ask_target(names, A, B, 1, 3, &reply) == NAMES_WAIT);
    answer(names, b, LOOKUP_FINE, 4);
    CHECK_STR(names_next_open(names), A);
    CHECK(ask_target(names, A, B, 1, 4, &reply) == NAMES_GO);
    CHECK(ask(names, B, 4) == NAMES_GO);
    CHECK(ask(names, A, 4) == NAMES_WAIT); /* its own name is another */
    names_free(names);
}

/* The patience with one target says nothing about the others. */
static void targets_have_their_own_patience(void)
{
    struct names *names = names_new(8, 60);
    struct names_reply reply;
    uint64_t id;

    ask_target(names, A, B, 0, 1, &reply);
    names_next_lookup(names, 1, &id);
    ask_target(names, A, C, 0, 5, &reply);
    names_next_lookup(names, 5, &id);
    names_expire(names, 11);
    CHECK_STR(names_next_open(names), A);
    CHECK(ask_target(names, A, B, 1, 11, &reply) == NAMES_FAILED);
    CHECK(ask_target(names, A, C, 5, 11, &reply) == NAMES_WAIT);
    CHECK(ask(names, A, 11) == NAMES_WAIT);
    CHECK(ask(names, B, 11) == NAMES_WAIT);
    names_free(names);
}

/* Which address is first at `now`. */
static const struct address *first(struct names *names, double now)
{
    static struct address copy;
    struct names_reply reply;

    CHECK(ask_as(names, A, 0, 0, now, &reply) == NAMES_GO);
    copy = reply.addresses[0];
    return &copy;
}

static void the_address_that_works_is_first(void)
{
    struct names *names = names_new(8, 60);
    uint64_t id;

    ask(names, A, 1);
    names_next_lookup(names, 1, &id);
    answer(names, id, LOOKUP_FINE, 1);
    CHECK(address_equal(first(names, 2), &two));
    names_broke(names, A, &two);
    CHECK(address_equal(first(names, 2), &one));
    names_broke(names, A, &two); /* once is enough */
    CHECK(address_equal(first(names, 2), &one));
    names_worked(names, A, &one);
    names_worked(names, A, &two); /* no reason to change */
    CHECK(address_equal(first(names, 2), &one));
    /* The next lookup gives them in the old order. */
    ask(names, A, 100);
    names_next_lookup(names, 100, &id);
    answer(names, id, LOOKUP_FINE, 100);
    CHECK(address_equal(first(names, 101), &one));
    names_broke(names, A, &one);
    CHECK(address_equal(first(names, 101), &two));
    names_free(names);
}

static void a_dead_family_goes_last(void)
{
    struct names *names = names_new(8, 1000);
    struct lookup_result result = {.addresses = {2, {six, one}}};
    uint64_t id;

    ask(names, A, 1);
    names_next_lookup(names, 1, &id);
    names_answer(names, id, &result, 1);
    CHECK(address_equal(first(names, 2), &six));
    names_family_broke(names, 6, 2);
    CHECK(address_equal(first(names, 3), &one));
    names_worked(names, A, &six); /* of this name it is not dead */
    CHECK(address_equal(first(names, 3), &six));
    names_free(names);
}

int main(void)
{
    one_lookup_for_all_who_wait();
    most_bounds_the_lookups();
    an_answer_lasts_for_its_time();
    a_failure_lasts_a_second_but_not_for_its_retry();
    patience_ends_but_the_lookup_goes_on();
    a_host_may_wait_for_the_names_of_targets();
    targets_have_their_own_patience();
    the_address_that_works_is_first();
    a_dead_family_goes_last();
    return check_end("names");
}
