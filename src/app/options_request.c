/* SPDX-License-Identifier: MIT */
/* Options: what is asked for, and how it is said. */
#include "app/options_rows.h"

#include "policy/wire.h"

#include <string.h>

static int check_method(const char *value, struct why *why)
{
    return wire_check_method(value, strlen(value), why);
}

/* curl would send the last URL of a chain of redirects then. */
static int check_referer(const char *value, struct why *why)
{
    size_t len = strlen(value);

    if (len >= 5 && strcmp(value + len - 5, ";auto") == 0)
        return why_set(why, "\";auto\" is not supported");
    return wire_check_text(value, why);
}

static const struct opt rows[] = {
    {.name = "request",
     .letter = 'X',
     OPT_STRING(method),
     .arg = "METHOD",
     .check = check_method,
     .help = "method, where a line gives none"},
    {.name = "head",
     .letter = 'I',
     OPT_FLAG(head),
     .help = "ask for headers only: method HEAD"},
    {.name = "header",
     .letter = 'H',
     OPT_LIST(header_texts),
     .arg = "FIELD",
     .secret = true,
     .help = "send \"Name: value\", or each line of @FILE; repeatable"},
    {.name = "user-agent",
     .letter = 'A',
     OPT_STRING(settings.user_agent),
     .arg = "TEXT",
     .check = wire_check_text,
     .help = "User-Agent to send instead of afetch/VERSION"},
    {.name = "referer",
     .letter = 'e',
     OPT_STRING(settings.referer),
     .arg = "URL",
     .check = check_referer,
     .help = "Referer to send"},
    {.name = "range",
     .letter = 'r',
     OPT_STRING(settings.range),
     .arg = "RANGE",
     .check = wire_check_range,
     .help = "ask for these bytes only: 0-499, 500-, -500"},
    {.name = "location",
     .letter = 'L',
     OPT_FLAG(settings.location),
     .def = "true",
     .limit = OPT_LIMIT,
     .help = "follow redirects"},
    {.name = "max-redirs",
     OPT_UINT(settings.max_redirs),
     .arg = "N",
     .def = "10",
     .max = 1000,
     .limit = OPT_LIMIT,
     .help = "follow at most N redirects in an attempt"},
    {.name = "compressed",
     OPT_FLAG(settings.compressed),
     .def = "true",
     .help = "ask for compressed bodies"},
};

const struct opt_group options_request = OPT_GROUP("Requests", rows);
