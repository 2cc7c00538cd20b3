/* SPDX-License-Identifier: MIT */
/*
 * Adds records up. It knows which ends are no failures, not what exit status
 * or which words follow from the sums.
 */
#include "model/stats.h"

/* Another request made this one needless: nobody failed. */
static bool is_neutral(const struct record *record)
{
    const struct error *error = &record->error;

    return error->error_class == CLASS_CANCELLED &&
           (error->code == CODE_ENOUGH || error->code == CODE_RACE);
}

void stats_add(struct stats *stats, const struct record *record)
{
    stats->done++;
    stats->bytes += record->response.size_download;
    stats->attempts += record->attempts;
    stats->cancelled += record->error.error_class == CLASS_CANCELLED;
    stats->lost += record->error.code == CODE_RACE;
    if (record->is_duplicate)
        stats->duplicates++;
    else if (is_neutral(record))
        stats->neutral++;
    else if (record->ok)
        stats->ok++;
    else
        stats->failed[record->error.error_class]++;
}

void stats_forgive(struct stats *stats, enum error_class error_class,
                   uint64_t count)
{
    stats->failed[error_class] -= count;
    stats->neutral += count;
}

uint64_t stats_failures(const struct stats *stats)
{
    return stats->done - stats->ok - stats->neutral - stats->duplicates;
}
