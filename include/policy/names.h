/* SPDX-License-Identifier: MIT */
/*
 * Names: which are known and for how long, which are being looked up, and who
 * waits for them. Pure: it looks nothing up, and `now` is an argument
 * (monotonic seconds, never going back).
 *
 * Rules. A name is looked up once however many hosts (scheme, name, port) and
 * requests wait for it, and most so many names at a time; further names wait
 * in the order they came. What was found is good for ttl seconds. A failure is
 * good for a second: long enough for all that waited for it, and for the rest
 * of a list; a request that failed by it wants a newer one for its next try.
 *
 * A lookup that takes longer than the patience of a request has failed for
 * the host of that request, but goes on: what it gives in the end counts.
 *
 * Of a name's addresses the first is tried first: one that worked stays
 * there, one that did not goes to the end, and one of a family that is dead
 * lets the other family go first.
 */
#ifndef POLICY_NAMES_H
#define POLICY_NAMES_H

#include "model/address.h"

#include <stdbool.h>
#include <stdint.h>

struct names;

enum names_say {
    NAMES_GO,     /* start: here are the addresses */
    NAMES_WAIT,   /* hold the host: names_next_open will name it */
    NAMES_FAILED, /* the lookup failed, and so has the hop */
};

/* A request asks for the name in its host_key. */
struct names_question {
    const char *host_key; /* who waits; copied where needed */
    const char *target;   /* host key of the name; NULL: host_key itself */
    double patience;      /* seconds that the lookup may take */
    double asked;         /* when it was first told to wait; 0: never */
    double since;         /* a failure must be newer than this; 0: need not */
};

struct names_reply {
    /* GO: until the next call on the names. NULL: the host is an address, or
     * somebody else looks the name up. */
    const struct address *addresses;
    unsigned count;
    struct lookup_result failure; /* FAILED: how; it has no addresses */
    double began, ended;          /* of the lookup, when not WAIT; 0: none */
};

/* most: names looked up at once (> 0); ttl: seconds. */
struct names *names_new(unsigned most, double ttl);
void names_free(struct names *names);

enum names_say names_ask(struct names *names,
                         const struct names_question *question, double now,
                         struct names_reply *reply);

/*
 * The next name to be looked up, valid until the next call, and the id by
 * which its answer is given; NULL when none waits or most are under way. Its
 * lookup begins now.
 */
const char *names_next_lookup(struct names *names, double now, uint64_t *id);

/* The lookup could not begin: the name waits again, before all others. */
void names_put_back(struct names *names, uint64_t id);

/* A lookup has ended; harmless for one that is not known. */
void names_answer(struct names *names, uint64_t id,
                  const struct lookup_result *result, double now);

/* Ends the patience of those that have waited long enough. */
void names_expire(struct names *names, double now);

/* The next host_key whose hold is to end, valid until the next call on these
 * names; NULL when there is none. */
const char *names_next_open(struct names *names);

/* When names_expire or names_next_open have something to do; INFINITY: only
 * after an answer. */
double names_wake(const struct names *names);

/* True while a name waits for its lookup to begin. */
bool names_pending(const struct names *names);

/* A connection to the host was made, or could not be made, at this address. */
void names_worked(struct names *names, const char *host_key,
                  const struct address *address);
void names_broke(struct names *names, const char *host_key,
                 const struct address *address);

/* A host that could not be reached by this family (4 or 6) was reached by the
 * other: the other goes first for the next minute. */
void names_family_broke(struct names *names, unsigned family, double now);

#endif
