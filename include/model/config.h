/* SPDX-License-Identifier: MIT */
/*
 * What the user asked for: one field for each option, filled by the table in
 * app/options (which holds the defaults too) and read-only afterwards.
 * Durations are seconds, sizes bytes. "0: none" means no limit.
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "model/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum input_format {
    INPUT_AUTO, /* line by line: `{` opens JSON */
    INPUT_URLS,
    INPUT_JSONL,
};

enum body_mode {
    BODY_NONE,
    BODY_INLINE,
};

/* The order of new requests within a priority. */
enum run_order {
    ORDER_FIFO,   /* as they came */
    ORDER_LIFO,   /* the latest first */
    ORDER_RANDOM, /* any ready host, then any of its requests */
};

/* How many failures are too many. All 0: no limit. */
struct budget_failures {
    uint64_t count;
    uint32_t millionths; /* of the records, 1 to 1000000; instead of a count */
};

struct config {
    /* input */
    struct strings urls;   /* positionals, in their order */
    struct strings inputs; /* -i, in their order */
    unsigned input_format; /* enum input_format */
    const char *default_scheme;
    bool glob;
    bool strict;
    unsigned queue; /* requests read ahead */

    /* requests, where their lines say nothing else */
    struct settings settings;

    /* proxies and guard */
    const char *proxy_list;    /* file; NULL: none */
    bool block_private;        /* refuse special-purpose addresses */
    struct strings allow_host; /* exempt from the other two */
    struct strings deny_host;

    /* scheduling */
    unsigned concurrency;
    unsigned host_concurrency; /* 0: none */
    double rate, host_rate;    /* starts a second; 0: none */
    unsigned burst;            /* starts that a rest is worth */
    double host_delay;         /* from one start to the next; 0: none */
    unsigned jitter;           /* the most it grows by, in percent */
    bool adaptive;
    unsigned host_max_errors; /* 0: never give a host up */
    double host_retry_after;
    uint64_t bandwidth;      /* bytes per second; 0: none */
    const char *host_config; /* file; NULL: none */
    unsigned order;          /* enum run_order */

    /* stopping */
    bool fail_fast;
    struct budget_failures max_failures;
    uint64_t min_sample;
    uint64_t first; /* 0: all */
    bool race;
    bool dry_run;

    /* time limits */
    double dns_ttl;      /* how long an address of a name is kept */
    double request_time; /* 0: none */
    double deadline;     /* 0: none */
    double grace;

    /* retries */
    double retry_delay, retry_max_delay;
    double retry_max_time; /* 0: none */
    bool retry_after;
    double max_retry_after;
    uint64_t seed; /* of the jitter; 0: from the system */

    /* records */
    const char *output; /* NULL: stdout */
    bool force;
    uint64_t fields; /* set of enum field (policy/fields) */
    bool headers;
    unsigned body;      /* enum body_mode */
    unsigned max_ratio; /* 0: none */
    bool raw;           /* leave coded bodies coded */
    bool exit_zero;

    /* messages */
    bool silent;
    bool verbose;
};

#endif
