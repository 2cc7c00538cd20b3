/* SPDX-License-Identifier: MIT */
/*
 * Names: whether a request to a host may start, or must wait for a lookup.
 * Here the lookups are libcurl's own threads and this module is their cap: at
 * most so many names are being looked up at once, one request for each name
 * that is not known; the name's other requests, and further names, wait
 * without a slot. Addresses and names that were found within the last 60
 * seconds never wait.
 */
#ifndef WORLD_RESOLVE_H
#define WORLD_RESOLVE_H

#include <stdbool.h>

struct resolve;

enum resolve_answer {
    RESOLVE_GO,   /* start: known, an address, or the lookup may begin */
    RESOLVE_WAIT, /* hold the host: resolve_next will name it */
};

/* cap: names looked up at once (> 0). */
struct resolve *resolve_new(unsigned cap);
void resolve_free(struct resolve *resolve);

/* Asks for the host of a host_key (copied where needed) at monotonic `now`. */
enum resolve_answer resolve_ask(struct resolve *resolve, const char *host_key,
                                double now);

/*
 * A lookup that resolve_ask let go has ended, found or not; harmless for a
 * host that had none. Only notes the fact: may be called in a callback.
 */
void resolve_done(struct resolve *resolve, const char *host_key, bool found,
                  double now);

/* The next host_key whose hold is to end, valid until the next call on this
 * resolver; NULL when there is none. */
const char *resolve_next(struct resolve *resolve);

#endif
