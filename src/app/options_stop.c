/* SPDX-License-Identifier: MIT */
/* Options: when a run has seen enough. */
#include "app/options_rows.h"

#include "policy/budget.h"

static int parse_failures(void *field, const char *value, struct why *why)
{
    return budget_parse(field, value, why);
}

static const struct opt rows[] = {
    {.name = "fail-fast",
     OPT_FLAG(fail_fast),
     .help = "stop at the first record that is not ok; exit 3"},
    {.name = "max-failures",
     OPT_CUSTOM(max_failures, parse_failures),
     .arg = "LIMIT",
     .help = "stop when N records, or P% of them, fail; exit 3"},
    {.name = "min-sample",
     OPT_U64(min_sample),
     .arg = "N",
     .def = "20",
     .help = "records before a share of them counts"},
    {.name = "first",
     OPT_U64(first),
     .arg = "N",
     .help = "stop when N records are ok; exit 0"},
    {.name = "race",
     OPT_FLAG(race),
     .help = "of lines with the same group, the first ok one wins"},
    {.name = "dry-run",
     OPT_FLAG(dry_run),
     .help = "print what would be sent, and send nothing"},
};

const struct opt_group options_stop = OPT_GROUP("Stopping", rows);
