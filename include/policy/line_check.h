/* SPDX-License-Identifier: MIT */
/*
 * What a line asks for, once all of it is read: whether that can be together,
 * and of this libcurl, and what a WebSocket's URL asks for without saying so.
 */
#ifndef POLICY_LINE_CHECK_H
#define POLICY_LINE_CHECK_H

#include "model/config.h"
#include "model/error.h"
#include "model/opt.h"
#include "model/request.h"

#include <stdbool.h>

/*
 * Checks a request that has a URL. One of ws or wss becomes a stream of lines,
 * one for each message, unless it is one of another kind already; its method
 * is GET (RFC 6455 section 4.1), whatever body it sends. Returns 0, or -1 with
 * the error: a stream beside bodies in records, a WebSocket of events or with
 * a method (method_given) of its own, HTTP/3 where there is none, a limit that
 * is lifted where --cap-lines forbids it (policy/line_limits).
 */
int line_check(const struct config *config, const struct opt_table *options,
               struct request *request, bool method_given, struct error *error);

#endif
