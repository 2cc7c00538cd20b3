/* SPDX-License-Identifier: MIT */
/*
 * Additive increase, multiplicative decrease. It knows how exchanges of one
 * host ended and how long they took; it must not know queues or other hosts.
 */
#include "policy/adapt.h"

#include <math.h>

#define CUT         0.7
#define SLOW        2.0  /* times the best: too many at once */
#define SLOWER      1.5  /* times the best: enough at once */
#define NOISE       0.02 /* seconds that a loaded machine may add */
#define ROUND_LEAST 8    /* answers whose mean says something */
#define GROW_LEAST  16   /* answers that earn one more */

void adapt_init(struct adapt *adapt, unsigned most)
{
    *adapt = (struct adapt){
        .most = most,
        .limit = 1,
        .cut_at = -INFINITY,
        .round_at = -INFINITY,
        .wanted = ROUND_LEAST,
    };
}

unsigned adapt_slots(const struct adapt *adapt)
{
    return (unsigned)adapt->limit;
}

void adapt_set_most(struct adapt *adapt, unsigned most)
{
    adapt->most = most;
    adapt->limit = fmin(adapt->limit, most);
}

enum adapt_sign adapt_sign(const struct error *error, int status)
{
    switch (error->error_class) {
    case CLASS_NONE:
    case CLASS_HTTP:
        return status == 429 || status == 503 ? ADAPT_TROUBLE : ADAPT_GOOD;
    case CLASS_TIMEOUT:
        /* In the queue it is not the host that was slow. */
        return error->phase == PHASE_QUEUE ? ADAPT_NOTHING : ADAPT_TROUBLE;
    default:
        return ADAPT_NOTHING;
    }
}

/* A new round: only what starts from now on shows what the limit does. */
static void round_begin(struct adapt *adapt, double now)
{
    adapt->round_at = now;
    adapt->sum = adapt->load = 0;
    adapt->answers = 0;
    adapt->wanted = (unsigned)fmax(ROUND_LEAST, adapt->limit);
}

static void cut(struct adapt *adapt, double now)
{
    adapt->limit = fmax(1, adapt->limit * CUT);
    adapt->seen_limit = true;
    adapt->cut_at = now;
    round_begin(adapt, now);
}

static void trouble(struct adapt *adapt, double started, double now)
{
    if (started < adapt->cut_at)
        return;
    cut(adapt, now);
    adapt->cut_mean = 0;
}

/*
 * Whether the cut before this round was for nothing. Where requests wait for
 * each other, so many fewer at once take that much less time; half of it is
 * enough. Means of both are compared, as either may change within a round.
 */
static bool cut_in_vain(const struct adapt *adapt, double mean, double load)
{
    if (adapt->limit < 2)
        return true;
    return adapt->cut_mean > 0 && load < adapt->cut_load &&
           1 - mean / adapt->cut_mean < (1 - load / adapt->cut_load) / 2;
}

/* A whole round: mean is that of the times, load that of what ran. */
static void judge(struct adapt *adapt, double mean, double load, double now)
{
    bool slow;

    if (!(adapt->best > 0) || mean < adapt->best)
        adapt->best = mean;
    slow = mean > SLOW * adapt->best + NOISE;
    if (slow && cut_in_vain(adapt, mean, load)) {
        adapt->best = mean;
        slow = false;
    }
    adapt->slower = mean > SLOWER * adapt->best + NOISE;
    /* While it doubled, what ran at the end of an exchange is more than what
     * made it slow: no measure for the next round. */
    adapt->cut_mean = slow && adapt->seen_limit ? mean : 0;
    adapt->cut_load = load;
    if (slow)
        cut(adapt, now);
    else
        round_begin(adapt, now);
}

static void look_at_latency(struct adapt *adapt, double ttfb, double started,
                            unsigned running, double now)
{
    if (!(ttfb > 0) || started < adapt->round_at)
        return;
    adapt->sum += ttfb;
    adapt->load += running;
    adapt->answers++;
    if (adapt->answers >= adapt->wanted)
        judge(adapt, adapt->sum / adapt->answers, adapt->load / adapt->answers,
              now);
}

static void grow(struct adapt *adapt, unsigned running)
{
    if (adapt->slower || running < adapt_slots(adapt))
        return;
    adapt->limit += adapt->seen_limit ? 1 / fmax(adapt->limit, GROW_LEAST) : 1;
    adapt->limit = fmin(adapt->limit, adapt->most);
}

bool adapt_ended(struct adapt *adapt, enum adapt_sign sign, double ttfb,
                 double started, unsigned running, double now)
{
    unsigned before = adapt_slots(adapt);

    switch (sign) {
    case ADAPT_NOTHING:
        break;
    case ADAPT_GOOD:
        grow(adapt, running);
        look_at_latency(adapt, ttfb, started, running, now);
        break;
    case ADAPT_TROUBLE:
        trouble(adapt, started, now);
        break;
    }
    return adapt_slots(adapt) != before;
}
