/* SPDX-License-Identifier: MIT */
/* The run's limits as caps that lines may lower, not lift (--cap-lines). */
#ifndef POLICY_LINE_LIMITS_H
#define POLICY_LINE_LIMITS_H

#include "model/error.h"
#include "model/opt.h"
#include "model/request.h"

/*
 * Compares each setting that is a limit (opt.limit) with the run's, or with
 * what a file says of the request's host: also one that the line lifts without
 * naming it, as a stream does that of time. 0, or -1 with the error: class
 * `input`, naming key and cap.
 */
int line_limits_check(const struct opt_table *options,
                      const struct request *request, struct error *error);

#endif
