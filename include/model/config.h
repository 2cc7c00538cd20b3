/* SPDX-License-Identifier: MIT */
/*
 * What the user asked for: one field for each option, filled by the table in
 * app/options (which holds the defaults too) and read-only afterwards.
 * Durations are seconds, sizes bytes. "0: none" means no limit.
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "model/request.h"
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
    BODY_FILE,
};

enum hash_choice {
    HASH_NONE,
    HASH_SHA256,
};

/* When the output is forced to the disk; above, after so many records. */
enum fsync_mode {
    FSYNC_NONE = 0,
    FSYNC_END = UINT32_MAX, /* at the end of the run */
};

/* What a text of -d and its kin, or of -F, is. */
enum piece_kind {
    PIECE_DATA,
    PIECE_DATA_RAW,
    PIECE_DATA_BINARY,
    PIECE_DATA_URLENCODE,
    PIECE_JSON,
    PIECE_FORM,
    PIECE_FORM_STRING,
};

/* A growing list of texts of several kinds, in their order. */
struct piece {
    unsigned kind;
    const char *text; /* borrowed */
};

struct pieces {
    struct piece *items; /* owned array */
    size_t count;
};

/*
 * What the command line asks for in every request, where its line says nothing
 * else. Made by app/asked of what the options say; requests borrow of it.
 */
struct asked {
    const char *method; /* borrowed; NULL: GET */
    bool method_given;  /* by an option, so for lines with a body too */
    /* Owned. A value that is NULL: none of this name goes out, also not one
     * that would go out by itself. */
    struct request_header *headers;
    size_t header_count;
    char *body; /* owned; NULL: none */
    size_t body_len;
    char *body_type; /* owned; its Content-Type, where no field says it */
    char *query;     /* owned; data for the query of every URL; NULL: none */
    size_t query_len;
    /* Owned; read from files, or from the terminal. */
    char *user, *oauth2_bearer, *proxy_user;
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
    /* where the rest comes from */
    const char *config_file; /* NULL: the default one */
    bool no_config;
    bool show_config;

    /* input */
    struct strings urls;   /* positionals, in their order */
    struct strings inputs; /* -i, in their order */
    unsigned input_format; /* enum input_format */
    const char *default_scheme;
    bool glob;
    bool strict;
    bool cap_lines;
    bool dedupe;    /* the same request is sent once */
    unsigned queue; /* requests read ahead */

    /* requests, where their lines say nothing else */
    struct settings settings;

    /* the same, as the options give it; see asked for what it comes to */
    const char *method; /* NULL: not given */
    bool head, get;
    struct strings header_texts; /* -H */
    struct pieces pieces;        /* -d and its kin, -F */
    const char *user_file, *oauth2_bearer_file;
    struct asked asked;
    bool show_secrets;

    /* what is kept from run to run */
    const char *cookie_jar; /* NULL: none */
    const char *etag_store; /* NULL: none */

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
    bool resume;        /* the output is the journal of an earlier run */
    bool retry_failed;
    unsigned fsync;        /* enum fsync_mode, or a number of records */
    bool keep_order;       /* records in the order of their requests */
    unsigned order_window; /* requests */
    bool force;
    uint64_t fields; /* set of enum field (policy/fields) */
    bool headers;
    unsigned body;          /* enum body_mode */
    const char *output_dir; /* of BODY_FILE */
    const char *name;       /* template of the files' names */
    bool skip_existing;     /* do not send what has its file */
    bool resume_bodies;     /* continue what was cut off */
    unsigned hash;          /* enum hash_choice: of bodies */
    unsigned max_ratio;     /* 0: none */
    bool raw;               /* leave coded bodies coded */
    bool exit_zero;

    /* messages */
    bool silent;
    bool verbose;
    bool debug;
    double slow_callback; /* a longer turn of the loop is told, with debug */

    /* while it runs */
    const char *control; /* file; NULL: none */
};

#endif
