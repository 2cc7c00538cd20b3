/* SPDX-License-Identifier: MIT */
/* What the user sees on stderr of a run under way and at its end. */
#ifndef WORLD_PROGRESS_H
#define WORLD_PROGRESS_H

#include "model/stats.h"

#include <stdio.h>

/* Prints the last line: done, ok, failed by class, seconds, requests/s. */
void progress_summary(FILE *out, const struct stats *stats, double seconds);

#endif
