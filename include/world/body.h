/* SPDX-License-Identifier: MIT */
/*
 * What becomes of the body of a request's answer as its bytes come: a file, a
 * digest, or both. One for a request, over all its hops and attempts; what is
 * kept in memory is the engine's affair.
 *
 * The engine calls body_ask, body_head, body_take and body_end, in this order,
 * for each hop; the run calls body_cut between attempts, and at last one of
 * body_commit, body_cut and body_free.
 *
 * Only the answer that is the final one and whose status is accepted goes to
 * the file, which is made when its first byte comes. With a key, a body that
 * was cut off stays under it (see world/save), and the next attempt, or a
 * later run, asks for the rest: RFC 9110 sections 13.1.5 and 14.
 */
#ifndef WORLD_BODY_H
#define WORLD_BODY_H

#include "base/msg.h"
#include "model/error.h"
#include "model/response.h"
#include "model/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hex digits of a SHA-256, and a NUL. */
#define BODY_SHA256_SIZE 65

struct body;
struct saves;

/* saves NULL: no file; key (borrowed) NULL: not to be continued. */
struct body *body_new(struct saves *saves, const unsigned char *key, bool hash);

/* Drops, or keeps, what was not committed. NULL is allowed. */
void body_free(struct body *body);

/* The rest of a body to ask for. */
struct body_rest {
    uint64_t from;         /* Range: bytes=FROM-; 0: ask for the whole */
    const char *validator; /* If-Range; the body's */
};

/* A hop is about to leave: what it is to ask for. */
void body_ask(struct body *body, struct body_rest *rest);

/* True when the validators of answers are wanted: see model/response. */
bool body_wants_validators(const struct body *body);

/*
 * The head of an answer has come, `coded` when its body has a content coding.
 * Sets what the evidence says of the range, and the bytes that there are.
 * False: the answer is of no use.
 */
bool body_head(struct body *body, const struct settings *settings,
               struct response *response, bool coded);

/* Takes the next bytes, decoded. False: they could not be written. */
bool body_take(struct body *body, const char *bytes, size_t len);

/*
 * True while the digest lacks bytes of the file, which an earlier run has left
 * there: body_catch_up reads up to `most` of them, a piece at a time as the
 * loop must not wait for the whole. Until then the body is not at its end.
 * body_catch_up is for a body that is behind; false: they cannot be read.
 */
bool body_is_behind(const struct body *body);
bool body_catch_up(struct body *body, size_t most);

/* What kept body_head, body_take or body_catch_up from it: an errno and a text;
 * 0 for nothing. */
int body_trouble(const struct body *body, const char **text);

/* The answer has come whole, as far as HTTP can tell: looks at the length. */
void body_end(const struct body *body, struct evidence *evidence);

/* True when the last answer is one that the file is for. */
bool body_is_wanted(const struct body *body);

/* The sha256 in hex of the last answer's body, which must be whole. False:
 * none was asked for. Once for each answer. */
bool body_sha256(struct body *body, char out[BODY_SHA256_SIZE]);

/* The wanted body is whole: gives its file the name. 0; else -1 with
 * *os_errno, why, and no file left. */
int body_commit(struct body *body, const char *name, int *os_errno,
                struct why *why);

/* The attempt ended otherwise: keeps what can be continued, unless the error
 * says that it is no good, and else drops it. True when it was kept. */
bool body_cut(struct body *body, const struct error *error);

#endif
