/* SPDX-License-Identifier: MIT */
/*
 * Evidence to error: the one place that names what went wrong with a hop. A
 * pure function. One CURLcode cannot name an error (56 is a reset, a bad
 * chunk, a header flood), so errno, phase, bytes and who ended it count too.
 * CURLcodes are stable numbers; the table in classify.c names each.
 */
#ifndef POLICY_CLASSIFY_H
#define POLICY_CLASSIFY_H

#include "model/error.h"
#include "model/response.h"

/*
 * Fills *error from the evidence; CLASS_NONE when the response came whole
 * (whatever its status). `retryable` says whether the trouble is passing.
 */
void classify(struct error *error, const struct evidence *evidence);

/* True when the system, not the peer, was short of something (sockets,
 * threads): the run lowers its concurrency and the URL is tried again. */
bool classify_is_local(const struct evidence *evidence);

#endif
