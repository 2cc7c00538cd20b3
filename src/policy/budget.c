/* SPDX-License-Identifier: MIT */
/*
 * Budgets of failures and successes. It knows counts; it must not know what
 * stopping means.
 */
#include "policy/budget.h"

#include "base/units.h"

#include <string.h>

#define WHOLE 1000000 /* millionths */

static bool too_many(const struct budget *budget,
                     const struct budget_counts *counts)
{
    const struct budget_failures *most = &budget->max_failures;
    uint64_t sample = counts->ok + counts->failed;

    if (most->count > 0)
        return counts->failed >= most->count;
    if (most->millionths == 0 || counts->failed == 0 ||
        sample < budget->min_sample)
        return false;
    /* Exact below 2^44 records. */
    return counts->failed * WHOLE >= sample * most->millionths;
}

enum error_code budget_judge(const struct budget *budget,
                             const struct budget_counts *counts)
{
    if (budget->fail_fast && counts->failed > 0)
        return CODE_FAIL_FAST;
    if (too_many(budget, counts))
        return CODE_MAX_FAILURES;
    if (budget->first > 0 && counts->ok + counts->ok_before >= budget->first)
        return CODE_ENOUGH;
    return CODE_NONE;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads "12", "12.5" or "12.3456" up to the "%" at end; -1 for others. */
static int read_percent(const char *text, const char *end, uint32_t *out)
{
    uint32_t unit = WHOLE / 100;
    uint64_t sum = 0;

    if (!is_digit(*text))
        return -1;
    for (; is_digit(*text); text++) {
        sum = sum * 10 + (uint64_t)(*text - '0') * unit;
        if (sum > WHOLE)
            return -1;
    }
    if (*text == '.' && !is_digit(*++text))
        return -1;
    for (; is_digit(*text) && unit > 1; text++) {
        unit /= 10;
        sum += (uint64_t)(*text - '0') * unit;
    }
    if (text != end || sum == 0 || sum > WHOLE)
        return -1;
    *out = (uint32_t)sum;
    return 0;
}

int budget_parse(struct budget_failures *failures, const char *text,
                 struct why *why)
{
    size_t len = strlen(text);
    struct budget_failures read = {0};

    if (len == 0 || text[len - 1] != '%') {
        if (unit_uint(text, 1, UINT64_MAX, &read.count, why) != 0)
            return -1;
    } else if (read_percent(text, text + len - 1, &read.millionths) != 0) {
        return why_set(why,
                       "\"%.60s\" is not a percentage above 0 and up to 100%% "
                       "(such as 5%% or 0.25%%)",
                       text);
    }
    *failures = read;
    return 0;
}
