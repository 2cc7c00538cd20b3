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

/* When the output is forced to the disk; above, after so many records. */
enum fsync_mode {
    FSYNC_NONE = 0,
    FSYNC_END = UINT32_MAX, /* at the end of the run */
};

struct config {
    /* input */
    struct strings urls;   /* positionals, in their order */
    struct strings inputs; /* -i, in their order */
    unsigned input_format; /* enum input_format */
    const char *default_scheme;
    bool glob;
    bool strict;
    bool dedupe;    /* the same request is sent once */
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
    bool resume;        /* the output is the journal of an earlier run */
    bool retry_failed;
    unsigned fsync;        /* enum fsync_mode, or a number of records */
    bool keep_order;       /* records in the order of their requests */
    unsigned order_window; /* requests */
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
