/* SPDX-License-Identifier: MIT */
/*
 * When a run has seen enough: --fail-fast, --max-failures, --first. Pure
 * functions of the counts of records so far.
 */
#ifndef POLICY_BUDGET_H
#define POLICY_BUDGET_H

#include "base/msg.h"
#include "model/config.h"
#include "model/error.h"

#include <stdbool.h>
#include <stdint.h>

/* What the options ask for. All 0: never stop. */
struct budget {
    bool fail_fast;
    struct budget_failures max_failures;
    uint64_t min_sample; /* records before a share of them counts */
    uint64_t first;      /* ok records that are enough; 0: no such number */
};

/* Records that have ended. Neutral ones (cancelled by enough or race,
 * duplicates) are neither ok nor failed here. */
struct budget_counts {
    uint64_t ok, failed;
    uint64_t ok_before; /* ok in earlier runs (--resume): of `first` alone, as
                           a run that failed too often may be gone on with */
};

/*
 * CODE_NONE to go on, else why to stop, which is the code of what is then
 * cancelled: CODE_FAIL_FAST at the first failure, CODE_MAX_FAILURES when the
 * failures reach the count, or their share of at least min_sample records the
 * limit, CODE_ENOUGH when `first` records are ok. Failures go before enough.
 */
enum error_code budget_judge(const struct budget *budget,
                             const struct budget_counts *counts);

/* Reads "N" (from 1 up) or "P%" (above 0, up to 100, at most four decimals);
 * returns 0, or -1 with why. */
int budget_parse(struct budget_failures *failures, const char *text,
                 struct why *why);

#endif
