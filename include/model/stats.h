/* SPDX-License-Identifier: MIT */
/* Counts of a run, for its last line and its exit status. */
#ifndef MODEL_STATS_H
#define MODEL_STATS_H

#include "model/record.h"

#include <stdint.h>

struct stats {
    uint64_t done;                /* records printed */
    uint64_t ok;                  /* of them ok */
    uint64_t failed[CLASS_COUNT]; /* not ok, by class */
    uint64_t neutral;             /* not wanted any more: no failures */
    uint64_t duplicates;          /* not sent, and neither ok nor failed */
    uint64_t cancelled;           /* neutral ones too */
    uint64_t lost;                /* of them those that lost their race */
    uint64_t bytes;               /* body bytes received */
    uint64_t attempts;            /* sends */
};

/* Counts a finished record in. */
void stats_add(struct stats *stats, const struct record *record);

/* So many records that failed with this class are neutral after all: another
 * one of their race won. */
void stats_forgive(struct stats *stats, enum error_class error_class,
                   uint64_t count);

/* How many records count as failed: not ok and not neutral. */
uint64_t stats_failures(const struct stats *stats);

#endif
