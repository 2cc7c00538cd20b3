/* SPDX-License-Identifier: MIT */
/* Limits: slots, of which at most so many are taken at once. */
#ifndef POLICY_LIMIT_H
#define POLICY_LIMIT_H

#include <stdbool.h>

struct slots {
    unsigned used;
    unsigned max; /* 0: no limit */
};

/* True when one more may be taken. */
static inline bool slots_free(const struct slots *slots)
{
    return slots->max == 0 || slots->used < slots->max;
}

#endif
