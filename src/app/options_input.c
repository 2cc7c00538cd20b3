/* SPDX-License-Identifier: MIT */
/* Options: where requests come from and how their lines are read. */
#include "app/options_rows.h"

static const char *const input_formats[] = {
    [INPUT_AUTO] = "auto",
    [INPUT_URLS] = "urls",
    [INPUT_JSONL] = "jsonl",
    NULL,
};

static const char *const schemes[] = {"http", "https", NULL};

static const struct opt rows[] = {
    {.name = "input",
     .letter = 'i',
     OPT_LIST(inputs),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .not_in_file = true,
     .help = "read requests from FILE, - is stdin; repeatable"},
    {.name = "input-format",
     OPT_CHOICE(input_format),
     .arg = "FORMAT",
     .def = "auto",
     .choices = input_formats,
     .help = "auto ({ opens JSON), urls or jsonl"},
    {.name = "default-scheme",
     OPT_STRING(default_scheme),
     .arg = "SCHEME",
     .def = "https",
     .choices = schemes,
     .help = "of URLs without one: http or https"},
    {.name = "glob",
     OPT_FLAG(glob),
     .help = "expand [1-100], [a-z:2] and {a,b} in URLs"},
    {.name = "strict",
     OPT_FLAG(strict),
     .help = "stop at the first invalid line, exit 2"},
    {.name = "cap-lines",
     OPT_FLAG(cap_lines),
     .help = "lines may lower the run's limits, not lift them"},
    {.name = "dedupe", OPT_FLAG(dedupe), .help = "send the same request once"},
    {.name = "queue",
     OPT_UINT(queue),
     .arg = "N",
     .def = "10000",
     .min = 1,
     .max = 1000000,
     .help = "read at most N requests ahead"},
};

const struct opt_group options_input = OPT_GROUP("Input", rows);
