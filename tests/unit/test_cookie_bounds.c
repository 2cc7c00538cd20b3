/* SPDX-License-Identifier: MIT */
/* Which cookies a jar keeps: who has the most gives most. */
#include "check.h"
#include "policy/cookie_bounds.h"

#include <stdlib.h>

#define PLACES 20000

struct jar {
    struct cookie_place *places;
    size_t count;
    char *names[PLACES];
    size_t name_count;
};

static void jar_init(struct jar *jar)
{
    jar->places = calloc(PLACES, sizeof(*jar->places));
    jar->count = jar->name_count = 0;
    CHECK(jar->places != NULL);
}

static void jar_release(struct jar *jar)
{
    for (size_t i = 0; i < jar->name_count; i++)
        free(jar->names[i]);
    free(jar->places);
}

/* Cookies of hosts 0, 1, ... of a form such as "a%u.test", each `each`. */
static void add(struct jar *jar, const char *form, unsigned hosts,
                unsigned each)
{
    for (unsigned i = 0; i < hosts; i++) {
        char *name = calloc(1, 64);

        snprintf(name, 64, form, i);
        jar->names[jar->name_count++] = name;
        for (unsigned j = 0; j < each && jar->count < PLACES; j++)
            jar->places[jar->count++] =
                (struct cookie_place){.host = name, .len = strlen(name)};
    }
}

/* How many stay of hosts whose names end so. */
static size_t kept(const struct jar *jar, const char *end)
{
    size_t count = 0;

    for (size_t i = 0; i < jar->count; i++) {
        const struct cookie_place *place = &jar->places[i];

        count += !place->drop && place->len >= strlen(end) &&
                 strcmp(place->host + place->len - strlen(end), end) == 0;
    }
    return count;
}

static void test_within(void)
{
    struct jar jar;

    CHECK(cookie_bounds(NULL, 0) == 0);
    jar_init(&jar);
    add(&jar, "a%u.test", 20, 150);
    CHECK(cookie_bounds(jar.places, jar.count) == 0);
    CHECK(kept(&jar, "") == COOKIES_MAX);
    jar_release(&jar);
}

static void test_host(void)
{
    struct jar jar;

    jar_init(&jar);
    add(&jar, "a.test", 1, COOKIES_HOST_MAX + 5);
    add(&jar, "b.a.test", 1, 5);
    CHECK(cookie_bounds(jar.places, jar.count) == 5);
    for (size_t i = 0; i < 5; i++)
        CHECK(jar.places[i].drop); /* the oldest */
    CHECK(!jar.places[5].drop);
    CHECK(kept(&jar, "b.a.test") == 5);
    jar_release(&jar);
}

/* A site of many names takes its own place only. */
static void test_site(void)
{
    struct jar jar;

    jar_init(&jar);
    add(&jar, "good%u.test", 20, 100);
    add(&jar, "h%u.evil.test", 100, 100);
    CHECK(cookie_bounds(jar.places, jar.count) > 0);
    CHECK(kept(&jar, ".evil.test") == COOKIES_SITE_MAX);
    CHECK(kept(&jar, "") == COOKIES_MAX);
    jar_release(&jar);

    /* Each name has a part of it. */
    jar_init(&jar);
    add(&jar, "evil.test", 1, 150);
    add(&jar, "h%u.evil.test", 2000, 1);
    cookie_bounds(jar.places, jar.count);
    CHECK(kept(&jar, "evil.test") == COOKIES_SITE_MAX);
    CHECK(!jar.places[149].drop);
    CHECK(jar.places[148].drop);
    jar_release(&jar);
}

/* What is too much falls on the largest; small ones keep all. */
static void test_all(void)
{
    struct jar jar;

    jar_init(&jar);
    add(&jar, "small%u.test", 30, 10);
    add(&jar, "large%u.test", 27, 150);
    cookie_bounds(jar.places, jar.count);
    CHECK(kept(&jar, "large0.test") == 100);
    CHECK(kept(&jar, "") == COOKIES_MAX);
    jar_release(&jar);

    jar_init(&jar);
    add(&jar, "a%u.test", COOKIES_MAX + 10, 1);
    CHECK(cookie_bounds(jar.places, jar.count) == 10);
    jar_release(&jar);
}

static void check_site(const char *host, const char *want)
{
    CHECK_STR(cookie_site(host, strlen(host)), want);
}

static void test_names(void)
{
    check_site("a.b.example.org", "example.org");
    check_site("example.org", "example.org");
    check_site("localhost", "localhost");
    check_site(".example.org", "example.org");
    check_site("127.0.0.1", "127.0.0.1");
    check_site("::1", "::1");
    check_site("fe80::1.2", "fe80::1.2");
    check_site("a..", ".");
    check_site("", "");
}

int main(void)
{
    test_within();
    test_host();
    test_site();
    test_all();
    test_names();
    return check_end("cookie_bounds");
}
