/* SPDX-License-Identifier: MIT */
/* Content-Range out of its text. It knows the form, not what was asked for. */
#include "policy/content_range.h"

#include <stddef.h>
#include <strings.h>

/* Digits that make a number up to 2^63; *text moves behind them. */
static bool read_number(const char **text, uint64_t *number)
{
    const char *from = *text;

    *number = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        if (*number > INT64_MAX / 10 - 1)
            return false;
        *number = *number * 10 + (uint64_t)(**text - '0');
    }
    return *text > from;
}

static bool read_char(const char **text, char c)
{
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

/* "*" is 0. */
static bool read_total(const char **text, uint64_t *total)
{
    *total = 0;
    return read_char(text, '*') || (read_number(text, total) && *total > 0);
}

bool content_range_read(struct content_range *range, const char *value)
{
    if (!value || strncasecmp(value, "bytes ", 6) != 0)
        return false;
    value += 6;
    return read_number(&value, &range->first) && read_char(&value, '-') &&
           read_number(&value, &range->last) && read_char(&value, '/') &&
           read_total(&value, &range->total) && *value == '\0' &&
           range->first <= range->last &&
           (range->total == 0 || range->last < range->total);
}
