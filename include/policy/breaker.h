/* SPDX-License-Identifier: MIT */
/*
 * The circuit breaker (--host-max-errors): after so many connection-level
 * failures of a host in a row it is given up, and only a probe now and then
 * may find it well again. Pure: `now` is an argument (monotonic seconds).
 *
 * It keeps its own memory of hosts, because the scheduler forgets those with
 * nothing to do. Only hosts whose last exchange failed are in it, at most
 * BREAKER_HOSTS of them; beyond that the one asked for longest ago is
 * forgotten, that is, trusted again.
 *
 * For the caller: ask before an item is queued and again when the scheduler
 * gives it (undo and remove it when the answer is BREAKER_SKIP, so that it
 * costs no rate); tell how each exchange ended; when the host was given up,
 * take its queue with sched_take_host. Delayed items stay: they are the probes
 * to come.
 */
#ifndef POLICY_BREAKER_H
#define POLICY_BREAKER_H

#include "model/error.h"

#include <stdbool.h>
#include <stddef.h>

#define BREAKER_HOSTS 65536

struct breaker;

enum breaker_say {
    BREAKER_GO,
    BREAKER_PROBE, /* go, and nothing else of this host for now */
    BREAKER_SKIP,  /* fail at once */
};

/* max_errors: failures in a row that give a host up; 0: never. retry_after:
 * seconds until a probe, and from one probe to the next. */
struct breaker *breaker_new(unsigned max_errors, double retry_after);
void breaker_free(struct breaker *breaker);

/*
 * May the host be asked something? `start`: it starts now, so that it may be
 * the probe; false only looks (BREAKER_PROBE then says that a start would be
 * one). On BREAKER_SKIP *error is what the request ends with: class and code of
 * the host's last failure, phase queue, not retryable.
 */
enum breaker_say breaker_ask(struct breaker *breaker, const char *host_key,
                             bool start, double now, struct error *error);

/*
 * An exchange with the host has ended (CLASS_NONE: with a whole answer).
 * Classes dns, connect, tls, and timeout before any of the answer came, are
 * failures; whatever shows that the host answered clears it; what the host
 * has no part in (io, blocked, cancelled, ...) changes nothing. A probe of
 * which nothing else is heard is followed by another after retry_after.
 * Returns true when this gave the host up (also when a probe failed).
 */
bool breaker_ended(struct breaker *breaker, const char *host_key,
                   const struct error *error, double now);

/* Hosts that are given up or on the way to it. */
size_t breaker_hosts(const struct breaker *breaker);

#endif
