/* SPDX-License-Identifier: MIT */
/*
 * One request as an input line asks for it. Plain data; made by policy/line,
 * owned by exactly one task of the run, freed with request_free.
 */
#ifndef MODEL_REQUEST_H
#define MODEL_REQUEST_H

#include "model/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a request's identity (`key` in the record: 32 hex digits). */
#define REQUEST_KEY_SIZE 16

/* Longest method that is accepted. */
#define METHOD_MAX 32

/* A header field of a request, both strings owned by their request. */
struct request_header {
    char *name;  /* an RFC 9110 token, as written */
    char *value; /* no CR, LF, NUL or control byte but tab; trimmed */
};

struct request {
    uint64_t index; /* number in input order, from 0 */
    uint64_t line;  /* line in its input, from 1 */

    char *asked;    /* the URL as asked, userinfo removed; may be NULL in an
                       invalid line that names none */
    char *url;      /* normalised, without userinfo; NULL in an invalid line */
    char *host_key; /* "https://example.com:443": scheme, host, port */
    char *userinfo; /* "user:password", percent-decoded; NULL without */

    char method[METHOD_MAX + 1];
    struct request_header *headers; /* owned array */
    size_t header_count;
    size_t host_header_count; /* of them, the last: what a file says of the
                                 host; the line's are the others */
    char *body;               /* NULL without one; any bytes */
    size_t body_len;
    bool body_binary;   /* given as bytes, not as text */
    bool body_borrowed; /* it is the run's */

    char *id;     /* JSON text of the caller's id; NULL without */
    char *source; /* JSON text of the request's own line; NULL unless the
                     record is to carry `request` */
    char *group;  /* whom it races with (--race); NULL: nobody */
    int priority; /* -2 to 2 */

    const struct settings *run;      /* the run's settings; borrowed */
    const struct settings *settings; /* those that hold: run, or own */
    struct settings *own;            /* owned; NULL without any of its own */
    struct strings texts;            /* owned, each; what own's texts are */

    unsigned char key[REQUEST_KEY_SIZE];
};

/* An empty request: GET, with the run's settings, which it borrows. */
struct request *request_new(const struct settings *settings);

/* Frees it and all it owns; NULL is allowed. */
void request_free(struct request *request);

/* Appends a header field, copying both. */
void request_add_header(struct request *request, const char *name,
                        size_t name_len, const char *value, size_t value_len);

/* Settings of its own, which begin as a copy of the ones it has. */
struct settings *request_own_settings(struct request *request);

/* Keeps a text for as long as the request lives, and returns it. */
const char *request_keep_take(struct request *request, char *text);

/* Bytes of memory that it takes, roughly: what the window counts. */
size_t request_weight(const struct request *request);

/* True for GET, HEAD, PUT, DELETE, OPTIONS, TRACE (RFC 9110 9.2.2). */
bool method_idempotent(const char *method);

#endif
