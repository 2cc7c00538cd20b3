/* SPDX-License-Identifier: MIT */
/* Options: how much goes on at once. */
#include "app/options_rows.h"

static const struct opt rows[] = {
    {.name = "concurrency",
     .letter = 'c',
     OPT_UINT(concurrency),
     .arg = "N",
     .def = "64",
     .min = 1,
     .max = 65535,
     .help = "run at most N requests at once"},
    {.name = "host-concurrency",
     OPT_UINT(host_concurrency),
     .arg = "N",
     .def = "8",
     .max = 65535,
     .help = "of them at most N to one host; 0: no limit"},
};

const struct opt_group options_schedule = OPT_GROUP("Scheduling", rows);
