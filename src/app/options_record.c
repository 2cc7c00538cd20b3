/* SPDX-License-Identifier: MIT */
/* Options: what is printed, and what counts as ok. */
#include "app/options_rows.h"

#include "base/units.h"
#include "policy/fields.h"

#include <stdint.h>
#include <string.h>

static int parse_fields(void *field, const char *value, struct why *why)
{
    uint64_t set;

    if (fields_parse(&set, value, why) != 0)
        return -1;
    if (set == 0)
        return why_set(why, "\"%.60s\" leaves no field", value);
    *(uint64_t *)field = set;
    return 0;
}

static int parse_fsync(void *field, const char *value, struct why *why)
{
    unsigned *when = field;
    uint64_t count;

    *when = strcmp(value, "end") == 0 ? FSYNC_END : FSYNC_NONE;
    if (*when == FSYNC_END || strcmp(value, "none") == 0)
        return 0;
    if (unit_uint(value, 1, UINT32_MAX - 1, &count, why) != 0)
        return why_set(why, "\"%.60s\" is neither none, end nor a number",
                       value);
    *when = (unsigned)count;
    return 0;
}

static const struct opt rows[] = {
    {.name = "output",
     .letter = 'o',
     OPT_STRING(output),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "write records to FILE instead of stdout"},
    {.name = "force",
     OPT_FLAG(force),
     .help = "overwrite an --output that is not empty"},
    {.name = "resume",
     OPT_FLAG(resume),
     .help = "go on with the run whose records --output holds",
     .excludes = "force"},
    {.name = "retry-failed",
     OPT_FLAG(retry_failed),
     .help = "with --resume: send again also what was not ok"},
    {.name = "fsync",
     OPT_CUSTOM(fsync, parse_fsync),
     .arg = "WHEN",
     .def = "none",
     .help = "force --output to disk: none, end, or each N records"},
    {.name = "keep-order",
     OPT_FLAG(keep_order),
     .help = "print records in the order of their requests"},
    {.name = "order-window",
     OPT_UINT(order_window),
     .arg = "N",
     .def = "10000",
     .min = 1,
     .max = 10000000,
     .help = "read at most N requests past the one that is due"},
    {.name = "fields",
     OPT_CUSTOM(fields, parse_fields),
     .arg = "LIST",
     .help = "fields to print; +NAME, -NAME change the default"},
    {.name = "list-fields",
     OPT_ACTION(ACTION_LIST_FIELDS),
     .help = "show the fields that there are"},
    {.name = "headers",
     OPT_FLAG(headers),
     .help = "put the response headers into records"},
    {.name = "accept",
     OPT_MATCHSET(settings.accept),
     .arg = "LIST",
     .def = "200-399",
     .help = "statuses (404, 5xx) and errors that are ok"},
    {.name = "exit-zero",
     OPT_FLAG(exit_zero),
     .help = "exit 0 even when records are not ok"},
};

const struct opt_group options_record = OPT_GROUP("Records", rows);
