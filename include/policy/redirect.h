/* SPDX-License-Identifier: MIT */
/*
 * Where a 3xx leads (RFC 9110 section 15.4). 301 and 302 turn POST into GET,
 * 303 turns all but HEAD into GET, 307 and 308 keep method and body. A 3xx
 * without Location, or another status, is an ordinary response. User headers
 * and credentials go to the first origin only.
 */
#ifndef POLICY_REDIRECT_H
#define POLICY_REDIRECT_H

#include "model/error.h"
#include "policy/url.h"

#include <stdbool.h>

enum redirect_result {
    REDIRECT_NONE,   /* an ordinary response */
    REDIRECT_FOLLOW, /* *hop says where */
    REDIRECT_ERROR,  /* *error: too_many, bad_location, blocked scheme */
};

struct redirect_hop {
    struct url to;
    bool to_get;    /* the method becomes GET and the body is dropped */
    bool is_origin; /* `to` has the origin that the line named */
};

/* True for an answer that sends elsewhere, so is not what was asked for. */
bool redirect_leads(int status, const char *location);

/*
 * status and location (NULL without) are the response's; url is what was
 * asked, normalised; origin the host key that the line named; hops how many
 * were followed in this attempt, max how many may be.
 */
enum redirect_result redirect_decide(struct redirect_hop *hop,
                                     struct error *error, int status,
                                     const char *location, const char *method,
                                     const char *url, const char *origin,
                                     unsigned hops, unsigned max);

#endif
