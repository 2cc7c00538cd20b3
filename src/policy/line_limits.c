/* SPDX-License-Identifier: MIT */
/*
 * One number for every setting that is a limit, larger where it allows more.
 * Which ones are limits is the table's to say.
 */
#include "policy/line_limits.h"

#include <math.h>
#include <stdio.h>

/* "auto" is what it comes to, with the settings beside it. */
static double seconds_of(const struct settings *settings, const double *field)
{
    if (field == &settings->max_time)
        return settings_max_time(settings);
    if (field == &settings->speed_time)
        return settings_speed_time(settings);
    return *field;
}

static double number_of(const struct opt *row, const struct settings *settings)
{
    const void *field = opt_setting_field(row, (struct settings *)settings);

    switch (row->kind) {
    case OPT_KIND_FLAG:
        return *(const bool *)field;
    case OPT_KIND_UINT:
        return *(const unsigned *)field;
    case OPT_KIND_DURATION:
        return seconds_of(settings, field);
    default:
        return (double)*(const uint64_t *)field;
    }
}

static double limit_of(const struct opt *row, const struct settings *settings)
{
    double number = number_of(row, settings);

    return row->limit == OPT_LIMIT_OR_NONE && number <= 0.0 ? INFINITY : number;
}

static void write_limit(const struct opt *row, double limit, char text[32])
{
    if (row->kind == OPT_KIND_FLAG)
        snprintf(text, 32, "%s", limit > 0.0 ? "true" : "false");
    else if (isinf(limit))
        snprintf(text, 32, "no limit");
    else if (row->kind == OPT_KIND_DURATION)
        snprintf(text, 32, "%gs", limit);
    else
        snprintf(text, 32, "%.0f", limit);
}

static int above(const struct opt *row, double asked, double cap,
                 struct error *error)
{
    char key[40], asked_text[32], cap_text[32];

    snprintf(key, sizeof(key), "%s", row->name);
    for (char *c = key; *c; c++)
        *c = *c == '-' ? '_' : *c;
    write_limit(row, asked, asked_text);
    write_limit(row, cap, cap_text);
    error_set(error, CLASS_INPUT, CODE_BAD_VALUE, PHASE_QUEUE,
              "%s: %s is above the run's %s (--cap-lines)", key, asked_text,
              cap_text);
    return -1;
}

int line_limits_check(const struct opt_table *options,
                      const struct request *request, struct error *error)
{
    const struct opt *row;

    if (!request->own)
        return 0;
    for (size_t i = 0; (row = opt_row(options, i)); i++) {
        double asked, cap;

        if (!row->limit || !opt_is_setting(row))
            continue;
        asked = limit_of(row, request->own);
        cap = limit_of(row, request->run);
        if (asked > cap)
            return above(row, asked, cap, error);
    }
    return 0;
}
