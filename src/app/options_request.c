/* SPDX-License-Identifier: MIT */
/* Options: what is asked for, and with whose credentials. */
#include "app/options_rows.h"

static const struct opt rows[] = {
    {.name = "location",
     .letter = 'L',
     OPT_FLAG(settings.location),
     .def = "true",
     .help = "follow redirects"},
    {.name = "max-redirs",
     OPT_UINT(settings.max_redirs),
     .arg = "N",
     .def = "10",
     .max = 1000,
     .help = "follow at most N redirects in an attempt"},
    {.name = "user-agent",
     .letter = 'A',
     OPT_STRING(settings.user_agent),
     .arg = "TEXT",
     .help = "User-Agent to send instead of afetch/VERSION"},
    {.name = "compressed",
     OPT_FLAG(settings.compressed),
     .def = "true",
     .help = "ask for compressed bodies"},
};

const struct opt_group options_request = OPT_GROUP("Requests", rows);
