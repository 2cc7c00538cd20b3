/* SPDX-License-Identifier: MIT */
/*
 * One HTTP/1.x request: its head, parsed once it has come whole, and its
 * body, fed in as it comes (Content-Length or chunked).
 */
#ifndef ORIGIN_REQUEST_H
#define ORIGIN_REQUEST_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* A header field or a query argument; points into the request's texts. */
struct field {
    char *name, *value;
    size_t value_len; /* a decoded argument may hold NUL bytes */
};

struct fields {
    struct field *items;
    size_t count, room;
};

enum body_step {
    BODY_LENGTH,
    BODY_CHUNK_SIZE,
    BODY_CHUNK_DATA,
    BODY_CHUNK_END,
    BODY_TRAILER,
};

/* All zero is a valid empty request. */
struct request {
    struct text head, words; /* what the pointers below point into */
    const char *method, *target;
    const char *path;  /* decoded; without scheme and authority */
    const char *query; /* as sent, "" when there is none */
    const char *host;  /* the Host field, "" when there is none */
    bool is_head, http11, keep_alive, expects_continue;
    struct fields headers, args;

    struct text body;  /* the first MiB of it */
    uint64_t body_len; /* all of it */
    enum body_step step;
    uint64_t left; /* of the body, or of the chunk under way */
};

/* The length of the head with its blank line, or 0 while it is not whole. */
size_t request_head_length(const char *bytes, size_t len);

/* Starts a new request from its whole head. -1: malformed. */
int request_parse(struct request *r, const char *head, size_t len);

/*
 * Eats body bytes; *used says how many. 1: the body is whole, 0: more is
 * needed, -1: malformed chunks.
 */
int request_feed(struct request *r, const char *bytes, size_t len,
                 size_t *used);

void request_release(struct request *r);

/* The argument's value; NULL, the fallback, 0 when it is not there. */
const struct field *request_arg(const struct request *r, const char *name);
double request_number(const struct request *r, const char *name,
                      double fallback);
const char *request_word(const struct request *r, const char *name,
                         const char *fallback);

#endif
