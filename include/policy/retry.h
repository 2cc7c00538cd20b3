/* SPDX-License-Identifier: MIT */
/*
 * Whether and when to try again: exponential backoff with full jitter (wait =
 * random in [0, min(cap, base * 2^n))), Retry-After as a floor, itself capped,
 * limits on attempts and on total time. Pure: time and chance are arguments.
 */
#ifndef POLICY_RETRY_H
#define POLICY_RETRY_H

#include "model/config.h"
#include "model/error.h"

#include <stdbool.h>
#include <stdint.h>

/* What is known when an attempt has ended. */
struct retry_facts {
    const char *method;              /* of the request */
    const struct settings *settings; /* of the request */
    unsigned attempts;         /* sends so far, this one included (>= 1) */
    int status;                /* 0 without */
    const struct error *error; /* CLASS_NONE or CLASS_HTTP: judge the status */
    bool request_sent;         /* the server may have acted on it */
    double elapsed;            /* seconds since the first send */
    double request_left;       /* seconds of --request-time; INFINITY */
    double retry_after;        /* seconds the server asked for; < 0 none */
    double reconnect; /* seconds that a stream's server is left alone */
    double draw;      /* random in [0, 1) */
};

/*
 * True when the request should be sent again, *wait seconds from now.
 * Not when: no re-sends are left; the outcome is not in the settings' retry_on;
 * the method is not idempotent, the request may have been sent and not
 * retry_unsafe; the wait would pass retry_max_time or the request's
 * time. A Retry-After above max_retry_after is capped to it, a reconnection
 * time above retry_max_delay to that.
 */
bool retry_decide(const struct config *config, const struct retry_facts *facts,
                  double *wait);

/*
 * Reads Retry-After (RFC 9110 section 10.2.3: seconds or an HTTP-date) at the
 * wall-clock second `now`. Returns seconds from now (0 for a date past), or
 * -1 for text that is neither.
 */
double retry_after_parse(const char *text, int64_t now);

#endif
