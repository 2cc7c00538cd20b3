/* SPDX-License-Identifier: MIT */
/*
 * The run: one loop, one struct that owns everything, from the first line to
 * the last record. RUNNING, then perhaps DRAINING (a signal: what is in flight
 * may finish) or ABORTING (deadline, second signal, strict, output error:
 * everything gets its record now).
 */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "model/config.h"

/*
 * Runs to the end and returns the exit status (base/msg). Usage errors that
 * only show here (an input or output file) are said on stderr, status 2.
 */
int run(const struct config *config);

#endif
