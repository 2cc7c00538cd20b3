/* SPDX-License-Identifier: MIT */
/*
 * The one backward edge of the flow: what becomes of a request after a hop.
 * Puts classify, redirect, accept and retry together; a pure function, whose
 * value app/run carries out.
 */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include "model/config.h"
#include "model/error.h"
#include "model/request.h"
#include "model/response.h"
#include "policy/redirect.h"

#include <stdbool.h>
#include <stdint.h>

enum verdict_kind {
    VERDICT_FINAL, /* the record is complete: ok and error say how */
    VERDICT_AGAIN, /* send the request again in `wait` seconds */
    VERDICT_HOP,   /* go on to hop.to, now the caller's */
    VERDICT_LOCAL, /* this machine was short of something: the same hop again,
                      which counts as no attempt */
};

struct verdict {
    enum verdict_kind kind;
    bool ok;
    bool not_modified;  /* the 304 that a validator of ours asked for */
    struct error error; /* of this attempt; also set for AGAIN */
    double wait;
    struct redirect_hop hop;
    double cool; /* seconds that the host is to be left alone; 0: none */
};

/* What a further attempt would do to a stream. */
enum course_stream {
    COURSE_NO_ITEMS, /* nothing was given yet, or there is no stream */
    COURSE_RESUMES,  /* it would go on behind the last event */
    COURSE_REPEATS,  /* it would give items again */
};

/* Where a request is in its life when a hop of it ends. */
struct course {
    const struct request *request;
    const char *url;    /* of this hop, normalised */
    const char *method; /* of this hop */
    unsigned hops;      /* followed in this attempt before this hop */
    unsigned attempts;  /* sends so far, this one included; of a stream of
                           events: since the last one that brought some */
    bool request_sent;  /* in an earlier hop of this attempt */
    bool conditional;   /* this hop sent validators that we remembered */
    bool stopping;      /* the run drains: no retry any more */
    enum course_stream stream;
    double reconnect;    /* seconds that its server is left alone; 0: none */
    double elapsed;      /* seconds since the first send */
    double request_left; /* seconds left of --request-time; INFINITY */
    int64_t wall;        /* seconds since the epoch, for Retry-After */
    double draw;         /* random in [0, 1) */
};

void verdict_give(struct verdict *verdict, const struct config *config,
                  const struct course *course, const struct response *response);

#endif
