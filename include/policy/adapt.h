/* SPDX-License-Identifier: MIT */
/*
 * How many requests at once a host bears: found out by additive increase and
 * multiplicative decrease, as TCP does (RFC 5681; Chiu and Jain 1989). Pure:
 * `now` is an argument (monotonic seconds). A plain value for each host; keep
 * it in a base/lru.
 *
 * It starts at 1 and doubles in each round (a round is as many answers as
 * requests may run) until the first sign of trouble; from then on it grows by
 * one in a round, or in 16 answers where a round is shorter, so that a host
 * which bears only two is not asked for three all the time. A 429, a 503 or a
 * timeout cuts it to 7/10, but only once for all that was under way at the
 * cut: they are one sign. It only grows while it is used up; the rest knows
 * nothing of what more would do.
 *
 * Latency: the mean time to first byte of a round of at least 8 answers
 * against the best such mean of the host. Over twice the best (and 20 ms more)
 * it is cut too; over one and a half times it does not grow. When the round
 * after such a cut is not quicker by at least half of what so many fewer at
 * once should make (or the limit is 1), it was not our doing: other pages are
 * slower. Its mean is the best from then on.
 */
#ifndef POLICY_ADAPT_H
#define POLICY_ADAPT_H

#include "model/error.h"

#include <stdbool.h>

/* What the end of an exchange says of how much a host bears. */
enum adapt_sign {
    ADAPT_NOTHING,
    ADAPT_GOOD,    /* it answered */
    ADAPT_TROUBLE, /* it asked for less, or did not answer in time */
};

/* Only adapt.c touches the members. */
struct adapt {
    unsigned most;
    double limit;     /* 1 to most; the fraction is what a round has earned */
    bool seen_limit;  /* there was trouble: no more doubling */
    bool slower;      /* the last round was well over the best: no growth */
    double cut_at;    /* what started before was under way at the last cut */
    double round_at;  /* what started before is no answer of this round */
    unsigned answers; /* of this round */
    unsigned wanted;  /* answers that end it */
    double sum, load; /* of their times to first byte, of what ran then */
    double best;      /* mean time of a round; 0: none yet */
    double cut_mean;  /* of the round whose latency led to a cut; 0: none did */
    double cut_load;  /* mean of what ran in that round */
};

/* A host of which nothing is known. most: --host-concurrency, or what else
 * limits it where that is none (> 0). */
void adapt_init(struct adapt *adapt, unsigned most);

/* How many may run at once now: 1 to most. */
unsigned adapt_slots(const struct adapt *adapt);

/* Changes the most. */
void adapt_set_most(struct adapt *adapt, unsigned most);

/* What the end of an exchange with a host means. error: that of the exchange
 * (CLASS_NONE: a whole answer); status: 0 for none. */
enum adapt_sign adapt_sign(const struct error *error, int status);

/*
 * An exchange has ended. ttfb: seconds to the first byte of an answer (0:
 * unknown); started: when it began; running: exchanges with the host that were
 * under way, this one included. Returns true when adapt_slots has changed.
 */
bool adapt_ended(struct adapt *adapt, enum adapt_sign sign, double ttfb,
                 double started, unsigned running, double now);

#endif
