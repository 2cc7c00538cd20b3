/* SPDX-License-Identifier: MIT */
/*
 * The engine: hops in, responses out. libcurl multi handles on a libev loop,
 * behind words of our own: no header above this floor sees libcurl.
 *
 * The caller pulls: fetch_start puts a hop under way, fetch_reap hands out
 * what has ended, nothing calls back. The engine wakes the loop; a prepare
 * watcher of the caller then reaps.
 */
#ifndef WORLD_FETCH_H
#define WORLD_FETCH_H

#include "model/address.h"
#include "model/config.h"
#include "model/request.h"
#include "model/response.h"
#include "policy/guard.h"
#include "scrape/stream.h"
#include "world/body.h"
#include "world/pulse.h"
#include "world/resolve.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cookies;
struct ev_loop;
struct fetch;

/* Names one hop under way. 0 names none. */
typedef uint64_t fetch_id;

/* One exchange with one server. All is borrowed and must stay as it is until
 * the hop is reaped. */
struct fetch_hop {
    const char *url;      /* normalised, http or https */
    const char *host_key; /* of that URL */
    const char *method;
    uint64_t index;       /* of the request, for messages */
    const char *userinfo; /* "user:password"; NULL: none */
    const char *bearer;   /* a token; NULL: none */
    bool own_credentials; /* the line's: an Authorization of the run stays */
    const struct settings *settings;      /* of the request */
    const struct request_header *headers; /* those of the line; the run's go
                                             out beside them */
    size_t header_count;
    bool body_dropped; /* a redirect dropped it: no Content-* fields go out */
    bool elsewhere;    /* not the line's origin: no others go out */
    const char *body;  /* NULL: none */
    size_t body_len;
    bool body_binary;   /* of a WebSocket: the kind of message that it is */
    bool body_is_runs;  /* the command line's, and so is its type */
    const char *proxy;  /* goes through it; NULL: none. Copied */
    const char *target; /* host key to connect to; NULL: host_key. Copied */
    /* Of the target, in the order in which they are tried; only looked at by
     * fetch_start. None: the target is an address, a proxy looks it up, or
     * the settings name a Unix socket. */
    const struct address *addresses;
    unsigned address_count; /* at most ADDRESSES_MAX */
    double connect_timeout; /* seconds; name lookup by libcurl included */
    bool no_http3;          /* even if the settings ask for it */
    unsigned host_running;  /* hops of this host under way, this included */
    size_t host_waiting;    /* hops of this host that wait */
    size_t hosts;           /* live hosts of the run */
    /* Sent as If-None-Match and If-Modified-Since; only looked at by
     * fetch_start. NULL: not. */
    const char *etag, *last_modified;
    bool want_validators;      /* keep ETag and Last-Modified */
    bool want_headers;         /* keep the header block */
    bool want_body;            /* keep the body */
    uint64_t max_body;         /* end the hop beyond it; 0: none */
    struct stream *stream;     /* takes the body, if it is to be; NULL: none */
    struct body *answer;       /* takes the body too; NULL: nobody does */
    const char *last_event_id; /* of events; NULL: none */
    void *tag;                 /* handed back by fetch_reap, never looked at */
};

/* When the memory for bodies is used up. */
enum fetch_hold {
    FETCH_FLOW,       /* all may receive */
    FETCH_ONE,        /* hops that keep bodies pause, but for one that moves */
    FETCH_PAUSE_KEPT, /* all hops that keep bodies pause */
};

/* Dies when libcurl cannot be initialised. All are borrowed and outlive the
 * engine; guard, which may be NULL, is asked about every connection. */
struct fetch *fetch_new(struct ev_loop *loop, const struct config *config,
                        struct pulse *pulse, struct resolve *resolve,
                        const struct guard *guard);
void fetch_free(struct fetch *fetch);

/* Before the first hop: all take and send the cookies of this jar, which is
 * borrowed and outlives the engine. */
void fetch_use_cookies(struct fetch *fetch, struct cookies *cookies);

/* Tells the engine the time of this turn (of the pulse); first call of each
 * pump. */
void fetch_turn(struct fetch *fetch, double now);

/* Puts a hop under way. Never fails: trouble is an ended hop. */
fetch_id fetch_start(struct fetch *fetch, const struct fetch_hop *hop);

/*
 * Hands out the next hop that has ended: its tag and its response, which is
 * the caller's (response_release). The id is then no more. false: none.
 */
bool fetch_reap(struct fetch *fetch, void **tag, struct response *response);

/*
 * Moves what the next stream has to `out`: whole lines. A hop is reaped only
 * once its stream has been moved to its end. false: none has anything.
 */
bool fetch_stream_next(struct fetch *fetch, struct buf *out);
bool fetch_stream_waits(const struct fetch *fetch);

/* The reader takes no more: for what streams have, and who is paused for it,
 * time stands still until it is moved on. Without this a pause only lasts
 * until the next turn, and is time of ours that counts. */
void fetch_stream_stall(struct fetch *fetch);

/* True while a hop has ended and can be reaped. */
bool fetch_has_ended(const struct fetch *fetch);

/* Ends a hop now; it will be reaped with this ender. Harmless when the hop has
 * ended already. */
void fetch_end(struct fetch *fetch, fetch_id id, enum ender ender);

/* How far a hop has come, and the bytes of its body so far. */
void fetch_state(const struct fetch *fetch, fetch_id id, enum phase *phase,
                 uint64_t *bytes);

/* Seconds that a hop was paused so far, for want of memory or because its
 * stream was not moved on. */
double fetch_paused(const struct fetch *fetch, fetch_id id);

/*
 * Says whether hops may receive; pauses happen as bytes come, resumes here.
 * FETCH_FLOW lasts until the bodies in memory have `most` bytes, and is then
 * FETCH_PAUSE_KEPT: one turn can decode a great deal.
 */
void fetch_set_hold(struct fetch *fetch, enum fetch_hold hold, size_t most);

/* When hops that --bandwidth holds back may go on: fetch_turn does it;
 * INFINITY: none waits for it. */
double fetch_wake(const struct fetch *fetch);

/* What the hop would send: its header fields, lines with their CRLF, appended
 * to out. Sends nothing and asks nobody. */
void fetch_preview(struct fetch *fetch, const struct fetch_hop *hop,
                   struct buf *out);

/* Hops under way; bytes of their bodies in memory. */
unsigned fetch_running(const struct fetch *fetch);
size_t fetch_body_bytes(const struct fetch *fetch);

/* Events that libcurl or the loop missed and the watchdog made good. */
unsigned fetch_stalls(const struct fetch *fetch);

/* How many hops may be under way at once within the limit on descriptors (at
 * least 1), and that limit. */
unsigned fetch_capacity(const struct fetch *fetch);
unsigned fetch_fd_limit(void);

/* Checks that libcurl can do what the config asks; -1 with why. */
int fetch_check(const struct config *config, struct why *why);

/* Libraries and capabilities for --version: "libcurl/7.88.1 OpenSSL/3.0 ...",
 * one line each, the last without its newline. Static storage: no. The caller
 * frees. */
char *fetch_versions(void);

#endif
