/* SPDX-License-Identifier: MIT */
/* What counts as ok, failed and neither. */
#include "check.h"
#include "model/stats.h"

/* Counts in a record that ended so, of two sends and ten bytes. */
static void add(struct stats *stats, bool ok, enum error_class error_class,
                enum error_code code)
{
    struct record record;

    record_init(&record, NULL);
    record.ok = ok;
    record.attempts = 2;
    record.response.size = 20;
    record.response.size_download = 10;
    record.error.error_class = error_class;
    record.error.code = code;
    stats_add(stats, &record);
    record_release(&record);
}

static void add_duplicate(struct stats *stats)
{
    struct record record;

    record_init(&record, NULL);
    record.ok = record.is_duplicate = true;
    stats_add(stats, &record);
    record_release(&record);
}

int main(void)
{
    struct stats stats = {0};

    CHECK(stats_failures(&stats) == 0);
    add(&stats, true, CLASS_NONE, CODE_NONE);
    CHECK(stats_failures(&stats) == 0);
    add(&stats, false, CLASS_HTTP, CODE_STATUS);
    add(&stats, false, CLASS_HTTP, CODE_STATUS);
    add(&stats, false, CLASS_CANCELLED, CODE_DEADLINE);
    CHECK(stats_failures(&stats) == 3);
    /* An accepted error is ok; a race lost is neither. */
    add(&stats, true, CLASS_TIMEOUT, CODE_SLOW);
    add(&stats, false, CLASS_CANCELLED, CODE_RACE);
    add(&stats, false, CLASS_CANCELLED, CODE_ENOUGH);
    /* The code alone does not make it neutral. */
    add(&stats, false, CLASS_IO, CODE_ENOUGH);
    CHECK(stats.done == 8);
    CHECK(stats.ok == 2);
    CHECK(stats.neutral == 2);
    CHECK(stats.failed[CLASS_HTTP] == 2);
    CHECK(stats.failed[CLASS_CANCELLED] == 1);
    CHECK(stats.failed[CLASS_IO] == 1);
    CHECK(stats.failed[CLASS_TIMEOUT] == 0);
    CHECK(stats_failures(&stats) == 4);
    CHECK(stats.attempts == 16);
    CHECK(stats.bytes == 80);
    /* What failed in a race that another one won. */
    stats_forgive(&stats, CLASS_HTTP, 2);
    CHECK(stats.failed[CLASS_HTTP] == 0 && stats.neutral == 4);
    CHECK(stats_failures(&stats) == 2);
    add_duplicate(&stats);
    CHECK(stats.done == 9 && stats.duplicates == 1);
    CHECK(stats.ok == 2 && stats.neutral == 4);
    CHECK(stats_failures(&stats) == 2);
    return check_end("stats");
}
