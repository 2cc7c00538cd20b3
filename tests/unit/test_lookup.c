/* SPDX-License-Identifier: MIT */
/* Lookups on threads: results come back by id, no more threads than allowed,
 * and the pool may go while a lookup is under way. Addresses only, so nothing
 * is asked of any server. */
#include "world/lookup.h"

#include "check.h"

#include <ev.h>

static void results_come_back_by_id(struct ev_loop *loop)
{
    struct lookups *lookups = lookups_new(loop, 4);
    struct lookup_result result;
    unsigned seen = 0, wrong = 0;
    uint64_t id, next = 1;

    while (seen < 2000) {
        char name[32];

        snprintf(name, sizeof(name), "10.0.%u.%u", (unsigned)(next >> 8),
                 (unsigned)(next & 255));
        while (next <= 2000 && lookups_start(lookups, next, name)) {
            next++;
            snprintf(name, sizeof(name), "10.0.%u.%u", (unsigned)(next >> 8),
                     (unsigned)(next & 255));
        }
        ev_run(loop, EVRUN_ONCE);
        while (lookups_reap(lookups, &id, &result)) {
            seen++;
            wrong += result.lookup != LOOKUP_FINE ||
                     result.addresses.count != 1 ||
                     result.addresses.list[0].bytes[2] != id >> 8 ||
                     result.addresses.list[0].bytes[3] != (id & 255);
        }
    }
    CHECK(wrong == 0);
    CHECK(lookups_threads(lookups) >= 1 && lookups_threads(lookups) <= 4);
    CHECK(!lookups_reap(lookups, &id, &result));
    lookups_free(lookups);
}

static void a_pool_goes_with_lookups_under_way(struct ev_loop *loop)
{
    for (int i = 0; i < 50; i++) {
        struct lookups *lookups = lookups_new(loop, 3);

        for (uint64_t id = 0; id < 3; id++)
            CHECK(lookups_start(lookups, id, "127.0.0.1"));
        lookups_free(lookups);
    }
}

static void localhost_is_asked_of_nobody(void)
{
    static const char *const names[] = {"localhost", "LocalHost.",
                                        "never-asked.localhost"};
    struct lookup_result result;
    char text[ADDRESS_TEXT];

    for (int i = 0; i < 3; i++) {
        lookup_here(names[i], &result);
        CHECK(result.lookup == LOOKUP_FINE && result.addresses.count == 2);
        address_print(&result.addresses.list[0], text);
        CHECK_STR(text, "127.0.0.1");
        address_print(&result.addresses.list[1], text);
        CHECK_STR(text, "::1");
    }
}

static void results_here(void)
{
    struct lookup_result result;
    char text[ADDRESS_TEXT];

    lookup_here("192.0.2.7", &result);
    CHECK(result.lookup == LOOKUP_FINE && result.addresses.count == 1);
    address_print(&result.addresses.list[0], text);
    CHECK_STR(text, "192.0.2.7");
    lookup_here("2001:db8::1", &result);
    CHECK(result.lookup == LOOKUP_FINE && result.addresses.count == 1);
    address_print(&result.addresses.list[0], text);
    CHECK_STR(text, "2001:db8::1");
    lookup_here("not a name", &result);
    CHECK(result.lookup != LOOKUP_FINE && result.addresses.count == 0);
    CHECK(result.text && *result.text);
}

int main(void)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV);

    results_come_back_by_id(loop);
    a_pool_goes_with_lookups_under_way(loop);
    localhost_is_asked_of_nobody();
    results_here();
    ev_loop_destroy(loop);
    return check_end("lookup");
}
