/* SPDX-License-Identifier: MIT */
/*
 * The record of one request: what becomes its JSON line. Plain data, filled
 * by app/run over the request's attempts, printed by policy/encode.
 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "model/error.h"
#include "model/request.h"
#include "model/response.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One hop of the redirect chain: the answer that pointed onwards. */
struct record_redirect {
    int status;
    char *url; /* where it pointed, normalised, userinfo removed; owned */
};

/* One attempt before the last, or the last. */
struct record_try {
    int status;                   /* 0 when the attempt ended without one */
    enum error_class error_class; /* CLASS_NONE when a status tells it all */
    enum error_code code;
    double at;   /* seconds after the first send */
    double time; /* seconds it took, its hops summed */
    double wait; /* seconds waited afterwards; 0 behind the last */
};

/* Oddities that did not fail the request: bits of record.notes. */
enum record_note {
    NOTE_AMBIGUOUS_FRAMING = 1 << 0, /* Content-Length and chunked */
    NOTE_LENGTH_UNKNOWN = 1 << 1,    /* the end of the connection ended it */
    NOTE_UNASKED_RANGE = 1 << 2,     /* 206 to a request without Range */
};

struct record {
    const struct request *request; /* borrowed, outlives the record */
    bool ok;
    struct response response;          /* of the last hop that was made */
    char *final_url;                   /* owned; NULL when nothing was sent */
    struct record_redirect *redirects; /* owned array */
    size_t redirect_count;
    struct record_try *tries; /* owned array */
    size_t try_count;
    unsigned attempts;      /* how many times it was sent */
    double time_queue;      /* seconds of all waiting */
    struct hop_times times; /* of the last attempt, its hops summed */
    double started_at;      /* seconds since the epoch; 0 when never sent */
    bool skipped;           /* not sent, on purpose */
    bool dry;               /* nothing is sent: what would be is below */
    struct buf preview;     /* header block that would be sent; unless dry,
                               empty */
    char *preview_proxy;    /* owned; through which it would go, without a
                               password; NULL: none */
    bool is_duplicate;      /* of an earlier request, which alone was sent */
    uint64_t duplicate_of;  /* its index */
    unsigned notes;         /* bits of enum record_note */
    bool show_secrets;      /* of the header fields of the response */
    bool not_modified;      /* the 304 that a validator of ours asked for */
    struct error error;

    char *body_file; /* owned; relative to the folder; NULL: none */
    char sha256[65]; /* of the body, in hex; empty: none */
    bool truncated;  /* what came of the body is kept, to be continued */
};

/* An empty record of the request. */
void record_init(struct record *record, const struct request *request);

/* Frees what it owns (not the request). */
void record_release(struct record *record);

/* Appends a hop; takes the url. */
void record_add_redirect_take(struct record *record, int status, char *url);

/* Forgets the hops, as a new attempt begins. */
void record_clear_redirects(struct record *record);

/* Most attempts that are told; of a stream that is taken up again and again,
 * the last ones. More than --retry allows. */
#define RECORD_TRIES_MAX 1024

/* Appends an attempt; beyond RECORD_TRIES_MAX the first one is forgotten. */
void record_add_try(struct record *record, const struct record_try *attempt);

/* The published word of one note bit. */
const char *record_note_name(enum record_note note);

#endif
