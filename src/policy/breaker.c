/* SPDX-License-Identifier: MIT */
/*
 * Failures in a row, by host. It knows how exchanges ended; it must not know
 * queues, retries, or who is asked next.
 */
#include "policy/breaker.h"

#include "base/lru.h"
#include "base/msg.h"

#include <stdlib.h>

/* A host whose last exchange failed. */
struct failing {
    unsigned count; /* failures in a row */
    enum error_class error_class;
    enum error_code code;
    double probe_at; /* given up: nothing before */
};

struct breaker {
    unsigned max_errors;
    double retry_after;
    struct lru *hosts; /* of struct failing */
};

struct breaker *breaker_new(unsigned max_errors, double retry_after)
{
    struct breaker *breaker = xcalloc(1, sizeof(*breaker));

    breaker->max_errors = max_errors;
    breaker->retry_after = retry_after;
    breaker->hosts = lru_new(sizeof(struct failing), BREAKER_HOSTS);
    return breaker;
}

void breaker_free(struct breaker *breaker)
{
    if (!breaker)
        return;
    lru_free(breaker->hosts);
    free(breaker);
}

static bool given_up(const struct breaker *breaker,
                     const struct failing *failing)
{
    return failing && failing->count >= breaker->max_errors;
}

enum breaker_say breaker_ask(struct breaker *breaker, const char *host_key,
                             bool start, double now, struct error *error)
{
    struct failing *failing = lru_get(breaker->hosts, host_key);

    if (!given_up(breaker, failing))
        return BREAKER_GO;
    if (now >= failing->probe_at) {
        if (start)
            failing->probe_at = now + breaker->retry_after;
        return BREAKER_PROBE;
    }
    error_set(error, failing->error_class, failing->code, PHASE_QUEUE,
              "not tried: its host failed %u times in a row (%s)",
              failing->count, error_code_name(failing->code));
    return BREAKER_SKIP;
}

enum meaning {
    MEANS_NOTHING,
    MEANS_ALIVE,
    MEANS_FAILURE,
};

static enum meaning meaning_of(const struct error *error)
{
    switch (error->error_class) {
    case CLASS_DNS:
    case CLASS_CONNECT:
    case CLASS_TLS:
        return MEANS_FAILURE;
    case CLASS_TIMEOUT:
        if (error->phase == PHASE_QUEUE)
            return MEANS_NOTHING;
        return error->phase < PHASE_HEADERS ? MEANS_FAILURE : MEANS_ALIVE;
    case CLASS_BLOCKED:
    case CLASS_IO:
    case CLASS_INPUT:
    case CLASS_INTERNAL:
    case CLASS_CANCELLED:
        return MEANS_NOTHING;
    default: /* bad as it may be, it is an answer */
        return MEANS_ALIVE;
    }
}

bool breaker_ended(struct breaker *breaker, const char *host_key,
                   const struct error *error, double now)
{
    enum meaning meaning = meaning_of(error);
    struct failing *failing;

    if (breaker->max_errors == 0 || meaning == MEANS_NOTHING)
        return false;
    if (meaning == MEANS_ALIVE) {
        lru_drop(breaker->hosts, host_key);
        return false;
    }
    failing = lru_put(breaker->hosts, host_key);
    failing->count++;
    failing->error_class = error->error_class;
    failing->code = error->code;
    if (!given_up(breaker, failing))
        return false;
    failing->probe_at = now + breaker->retry_after;
    return true;
}

size_t breaker_hosts(const struct breaker *breaker)
{
    return lru_count(breaker->hosts);
}
