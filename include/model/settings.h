/* SPDX-License-Identifier: MIT */
/*
 * How a request is made: all that the command line gives a default for and a
 * line of input may say otherwise. The run has one; a request has the run's,
 * or one of its own that began as a copy. Plain data; texts and the arrays of
 * lists are borrowed (see model/request for those of a line).
 *
 * Durations are seconds, sizes bytes. "0: none" means no limit.
 */
#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H

#include "model/matchset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing list of texts; the texts are borrowed. */
struct strings {
    const char **items; /* owned array */
    size_t count;
};

/* Which HTTP is spoken. */
enum http_choice {
    HTTP_ANY, /* 2 where TLS negotiates it, else 1.1 */
    HTTP_1_1,
    HTTP_2,       /* also asked for by Upgrade on plain http */
    HTTP_2_PRIOR, /* at once, without asking */
    HTTP_3,
};

enum tls_version {
    TLS_1_2, /* the least that is spoken */
    TLS_1_3,
};

enum ip_choice {
    IP_ANY,
    IP_4,
    IP_6,
};

/* What an accepted body is split into, an output line for each. */
enum stream_choice {
    STREAM_NONE, /* it is not */
    STREAM_LINES,
    STREAM_SSE,
    STREAM_JSON,
};

/* Of a duration: what is sensible, see below. */
#define TIME_AUTO (-1.0)

struct settings {
    /* what is asked for */
    bool location; /* follow redirects */
    unsigned max_redirs;
    const char *user_agent;
    const char *referer; /* NULL: none */
    const char *range;   /* "0-499"; NULL: the whole */
    bool compressed;     /* ask for coded bodies */

    /* credentials, of the origin that the line names */
    const char *user;          /* "user:password"; NULL: none */
    bool digest;               /* answer a Digest challenge with it */
    const char *oauth2_bearer; /* NULL: none */
    struct strings cookie;     /* "a=1; b=2"; the run's without a "=" are
                                  files of cookies instead */
    const char *netrc_file;    /* NULL: none */

    /* proxies */
    const char *proxy; /* NULL: as the environment says; "": none */
    const char *noproxy;
    const char *proxy_user;

    /* TLS */
    bool insecure;
    const char *cacert; /* NULL: libcurl's own */
    const char *capath;
    const char *cert; /* "FILE[:PASSWORD]", of the client (policy/client_cert):
                         for the line's origin only */
    const char *key;  /* its file; NULL: that of the cert */
    const char *pass; /* of the key; NULL: the one in cert, if any */
    const char *pinnedpubkey;
    const char *ciphers;
    unsigned tls_min, tls_max; /* enum tls_version */

    /* connections */
    unsigned http;               /* enum http_choice */
    unsigned ip;                 /* enum ip_choice */
    struct strings resolve;      /* "HOST:PORT:ADDRESS" */
    struct strings connect_to;   /* "HOST1:PORT1:HOST2:PORT2" */
    const char *local_interface; /* name or address to send from */
    const char *unix_socket;

    /* limits */
    double connect_timeout;
    double max_time;      /* of an attempt; 0: none, or TIME_AUTO */
    uint64_t limit_rate;  /* bytes per second; 0: none */
    uint64_t speed_limit; /* bytes per second */
    double speed_time;    /* 0: none, or TIME_AUTO */
    uint64_t max_body;    /* 0: none; UINT64_MAX: not given */

    /* what becomes of it */
    unsigned stream; /* enum stream_choice */
    unsigned retry;
    struct matchset retry_on;
    bool retry_unsafe;
    struct matchset accept;
};

/* What TIME_AUTO comes to: 30 seconds, but no limit for a stream, which may be
 * quiet and has no end to wait for. Seconds; 0: none. */
double settings_max_time(const struct settings *settings);
double settings_speed_time(const struct settings *settings);

#endif
