/* SPDX-License-Identifier: MIT */
/*
 * What the command line asks for in every request: into one request, around
 * the reading of its line, which has the last word. Header fields of the run
 * are not copied: see world/fetch.
 */
#ifndef POLICY_DEFAULTS_H
#define POLICY_DEFAULTS_H

#include "model/config.h"
#include "model/request.h"

/* Of a new request, before its line is read: the method. */
void defaults_begin(struct request *request, const struct asked *asked);

/*
 * Of a valid request: the run's data for the query of its URL; and the run's
 * body, borrowed, where it has none of its own and its method (which is the
 * line's then: HEAD, TRACE) does not forbid one. asked outlives the request.
 */
void defaults_end(struct request *request, const struct asked *asked);

/* True for the methods that take no body (RFC 9110 sections 9.3.2, 9.3.8). */
bool defaults_bodiless(const char *method);

#endif
