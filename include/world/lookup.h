/* SPDX-License-Identifier: MIT */
/*
 * Lookups of names by getaddrinfo (so the hosts file and nsswitch are
 * respected), each on a helper thread because it blocks. Threads get a name
 * and give a result; they share nothing else, and are made as they are needed,
 * up to a fixed number. One that hangs in a lookup is never waited for, not
 * even at the end.
 */
#ifndef WORLD_LOOKUP_H
#define WORLD_LOOKUP_H

#include "model/address.h"

#include <stdbool.h>
#include <stdint.h>

struct ev_loop;
struct lookups;

/* most: threads (> 0). The loop turns when a lookup has ended. */
struct lookups *lookups_new(struct ev_loop *loop, unsigned most);
void lookups_free(struct lookups *lookups);

/* Begins a lookup; the id comes back with its result. False: no thread is
 * free, and the system or the limit allows no further one. */
bool lookups_start(struct lookups *lookups, uint64_t id, const char *name);

/* Takes the next result; false: none has come. */
bool lookups_reap(struct lookups *lookups, uint64_t *id,
                  struct lookup_result *result);

/* Threads that there are. */
unsigned lookups_threads(struct lookups *lookups);

/* Looks a name up on the thread that calls. "localhost" and names below it are
 * 127.0.0.1 and ::1 without asking anybody (RFC 6761 section 6.3). */
void lookup_here(const char *name, struct lookup_result *result);

#endif
