/* SPDX-License-Identifier: MIT */
/* Options: how much goes on at once, how fast, and in what order. */
#include "app/options_rows.h"

#include "base/units.h"

#include <stdio.h>
#include <string.h>

static int parse_rate(void *field, const char *value, struct why *why)
{
    return unit_rate(value, field, why);
}

/* "1M", and "1M/s" too. */
static int parse_bandwidth(void *field, const char *value, struct why *why)
{
    size_t len = strlen(value);
    char text[32];

    if (len > 2 && len < sizeof(text) && strcmp(value + len - 2, "/s") == 0) {
        snprintf(text, sizeof(text), "%.*s", (int)len - 2, value);
        if (unit_size(text, field, why) == 0)
            return 0;
    }
    return unit_size(value, field, why);
}

static const char *const orders[] = {"fifo", "lifo", "random", NULL};

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
    {.name = "rate",
     OPT_CUSTOM(rate, parse_rate),
     .arg = "RATE",
     .help = "start at most so many: N/s, N/m, N/h"},
    {.name = "host-rate",
     OPT_CUSTOM(host_rate, parse_rate),
     .arg = "RATE",
     .help = "the same for each host"},
    {.name = "burst",
     OPT_UINT(burst),
     .arg = "N",
     .def = "1",
     .min = 1,
     .max = 1000000,
     .help = "starts at once after a rest, within the rates"},
    {.name = "host-delay",
     OPT_DURATION(host_delay),
     .arg = "D",
     .help = "time from one start to the next of a host"},
    {.name = "jitter",
     OPT_UINT(jitter),
     .arg = "PERCENT",
     .def = "0",
     .max = 100,
     .help = "lengthen each --host-delay by up to so much"},
    {.name = "adaptive",
     OPT_FLAG(adaptive),
     .help = "find out how many at once each host bears"},
    {.name = "host-max-errors",
     OPT_UINT(host_max_errors),
     .arg = "N",
     .help = "give a host up after N failures to reach it; 0: never"},
    {.name = "host-retry-after",
     OPT_DURATION(host_retry_after),
     .arg = "D",
     .def = "30s",
     .positive = true,
     .help = "try a host that was given up again after D"},
    {.name = "bandwidth",
     OPT_CUSTOM(bandwidth, parse_bandwidth),
     .arg = "SIZE",
     .help = "receive at most SIZE/s in all transfers together"},
    {.name = "host-config",
     OPT_STRING(host_config),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "limits and settings by host, as JSON"},
    {.name = "order",
     OPT_CHOICE(order),
     .arg = "ORDER",
     .def = "fifo",
     .choices = orders,
     .help = "fifo, lifo or random, within a priority"},
};

const struct opt_group options_schedule = OPT_GROUP("Scheduling", rows);
