/* SPDX-License-Identifier: MIT */
/*
 * Names to addresses: policy/names decides, the threads of world/lookup look
 * up. The caller asks before it starts a hop, and pulls: once in each turn
 * resolve_turn, then resolve_next for the hosts whose wait is over.
 *
 * Where the system gives no thread there are fewer lookups at once, and where
 * it gives none at all names are looked up one by one on the loop's own
 * thread: slow, but no URL fails by it.
 */
#ifndef WORLD_RESOLVE_H
#define WORLD_RESOLVE_H

#include "model/address.h"
#include "policy/names.h"

#include <stdbool.h>

struct ev_loop;
struct resolve;

/* threads: lookups at once (> 0); ttl: seconds that a result is kept. The loop
 * is borrowed and outlives the resolver. */
struct resolve *resolve_new(struct ev_loop *loop, unsigned threads, double ttl);

/* Does not wait for lookups that are under way. */
void resolve_free(struct resolve *resolve);

/* Takes the results that have come, ends the patience of those who waited too
 * long, begins lookups. */
void resolve_turn(struct resolve *resolve, double now);

/* As names_ask, but that an address needs no lookup. */
enum names_say resolve_ask(struct resolve *resolve,
                           const struct names_question *question, double now,
                           struct names_reply *reply);

/* The next host_key whose hold is to end, valid until the next call on this
 * resolver; NULL when there is none. */
const char *resolve_next(struct resolve *resolve);

/* When resolve_turn and resolve_next have something to do, if no lookup ends
 * before; INFINITY: nothing. */
double resolve_wake(const struct resolve *resolve);

/* What connections to a host showed of its addresses: it was reached at
 * `worked` (NULL: it was not), but not at the `broken` ones. */
void resolve_learn(struct resolve *resolve, const char *host_key,
                   const struct address *worked, const struct address *broken,
                   unsigned broken_count, double now);

#endif
