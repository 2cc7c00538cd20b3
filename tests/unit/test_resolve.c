/* SPDX-License-Identifier: MIT */
/* The cap on lookups: who goes, who waits, whose hold ends, and when. */
#include "world/resolve.h"

#include "check.h"

#define A "http://a.test:80"
#define B "http://b.test:80"
#define C "http://c.test:80"

static void addresses_never_wait(void)
{
    struct resolve *resolve = resolve_new(1);

    CHECK(resolve_ask(resolve, A, 0) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, "http://127.0.0.1:80", 0) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, "http://[::1]:80", 0) == RESOLVE_GO);
    CHECK(resolve_next(resolve) == NULL);
    resolve_free(resolve);
}

static void one_lookup_for_a_name(void)
{
    struct resolve *resolve = resolve_new(8);

    CHECK(resolve_ask(resolve, A, 0) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, A, 0) == RESOLVE_WAIT);
    CHECK(resolve_ask(resolve, B, 0) == RESOLVE_GO);
    resolve_done(resolve, A, true, 1);
    CHECK_STR(resolve_next(resolve), A);
    CHECK(resolve_next(resolve) == NULL);
    CHECK(resolve_ask(resolve, A, 1) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, A, 1) == RESOLVE_GO);
    resolve_done(resolve, A, true, 2); /* known already: nothing happens */
    CHECK(resolve_next(resolve) == NULL);
    resolve_free(resolve);
}

static void cap_is_kept_first_come_first_called(void)
{
    struct resolve *resolve = resolve_new(1);

    CHECK(resolve_ask(resolve, A, 0) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, B, 0) == RESOLVE_WAIT);
    CHECK(resolve_ask(resolve, C, 0) == RESOLVE_WAIT);
    resolve_done(resolve, A, true, 1);
    CHECK_STR(resolve_next(resolve), B);
    CHECK(resolve_next(resolve) == NULL);
    CHECK(resolve_ask(resolve, "http://d.test:80", 1) == RESOLVE_WAIT);
    CHECK(resolve_ask(resolve, B, 1) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, A, 1) == RESOLVE_GO); /* known: no lookup */
    resolve_done(resolve, B, false, 2);
    CHECK_STR(resolve_next(resolve), C);
    resolve_free(resolve);
}

static void not_found_lets_the_next_try(void)
{
    struct resolve *resolve = resolve_new(2);

    CHECK(resolve_ask(resolve, A, 0) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, A, 0) == RESOLVE_WAIT);
    resolve_done(resolve, A, false, 1);
    CHECK_STR(resolve_next(resolve), A);
    CHECK(resolve_ask(resolve, A, 1) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, A, 1) == RESOLVE_WAIT);
    resolve_free(resolve);
}

static void known_for_a_minute(void)
{
    struct resolve *resolve = resolve_new(1);

    CHECK(resolve_ask(resolve, A, 0) == RESOLVE_GO);
    resolve_done(resolve, A, true, 10);
    CHECK(resolve_ask(resolve, B, 10) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, A, 69) == RESOLVE_GO);
    CHECK(resolve_ask(resolve, A, 71) == RESOLVE_WAIT);
    resolve_free(resolve);
}

int main(void)
{
    addresses_never_wait();
    one_lookup_for_a_name();
    cap_is_kept_first_come_first_called();
    not_found_lets_the_next_try();
    known_for_a_minute();
    return check_end("resolve");
}
