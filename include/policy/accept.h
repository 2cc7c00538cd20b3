/* SPDX-License-Identifier: MIT */
/* What counts as ok: the set of --accept against what a request ended with. */
#ifndef POLICY_ACCEPT_H
#define POLICY_ACCEPT_H

#include "model/error.h"
#include "model/matchset.h"

#include <stdbool.h>

/*
 * Judges the end of a request. error->error_class CLASS_NONE means that the
 * response came whole: then ok is whether its status is in the set, and where
 * it is not, *error becomes class http (retryable is left false: policy/retry
 * knows statuses). Otherwise ok is whether the set holds the error.
 */
bool accept_outcome(const struct matchset *accept, int status,
                    struct error *error);

#endif
