/* SPDX-License-Identifier: MIT */
/*
 * A body on its way: to its file, through its digest. It knows what an answer
 * says of ranges and validators; it must not know libcurl, names of files, or
 * whether there will be another attempt.
 */
#include "world/body.h"

#include "base/hash.h"
#include "policy/content_range.h"
#include "policy/redirect.h"
#include "world/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From this size on a process that is killed leaves a body that can be
 * continued. Below it is not worth the small file that this takes. */
#define NOTE_BYTES (256 * 1024)

struct body {
    struct saves *saves;       /* borrowed; NULL: no file */
    const unsigned char *key;  /* borrowed; NULL: not to be continued */
    struct save *save;         /* owned; NULL: nothing is written yet */
    struct save_origin origin; /* owned; what the bytes of save are of */
    bool noted;                /* save_note was told */
    uint64_t from;             /* bytes that were there before this hop */
    struct digest *digest;     /* owned; NULL: none is asked for */
    uint64_t digested;         /* bytes in it */
    bool digests_file;         /* they are the first ones of the file */
    bool behind;               /* but not all, while the rest comes */
    bool wanted;               /* the answer is for the file */
    bool kept;                 /* the last attempt left something under key */
    int os_errno;              /* of the first trouble; 0: none */
    struct why why;
};

struct body *body_new(struct saves *saves, const unsigned char *key, bool hash)
{
    struct body *body = xcalloc(1, sizeof(*body));

    body->saves = saves;
    body->key = saves ? key : NULL;
    if (hash)
        body->digest = digest_new();
    return body;
}

/* Forgets what is written; its file was let go. */
static void forget(struct body *body)
{
    body->save = NULL;
    body->noted = body->wanted = body->behind = false;
    body->from = 0;
    save_origin_release(&body->origin);
}

static void drop(struct body *body)
{
    save_drop(body->save);
    body->digests_file = false;
    forget(body);
}

void body_free(struct body *body)
{
    if (!body)
        return;
    if (body->save && body->noted)
        save_keep(body->save);
    else
        save_drop(body->save);
    forget(body);
    digest_free(body->digest);
    free(body);
}

/* A control byte in a header field would smuggle in another one. */
static bool can_be_sent(const char *text)
{
    for (; text && *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    }
    return text != NULL;
}

/* A weak entity-tag is none for a range (RFC 9110 section 13.1.5). */
static bool is_strong(const char *etag)
{
    return can_be_sent(etag) && strncmp(etag, "W/", 2) != 0;
}

static const char *validator_of(const struct save_origin *origin)
{
    if (is_strong(origin->etag))
        return origin->etag;
    return can_be_sent(origin->last_modified) ? origin->last_modified : NULL;
}

/* Opens what an earlier attempt, or run, has left of the body. */
static void adopt(struct body *body)
{
    int os_errno;
    struct why why;

    if (body->save)
        return;
    body->kept = false;
    if (!body->key || !saves_kept(body->saves, body->key))
        return;
    body->save =
        save_begin(body->saves, body->key, &body->origin, &os_errno, &why);
    if (!body->save)
        return; /* the first byte will tell */
    body->from = save_size(body->save);
    body->noted = body->from > 0;
    if (body->from > 0 && !validator_of(&body->origin))
        drop(body);
}

void body_ask(struct body *body, struct body_rest *rest)
{
    body->wanted = false;
    body->os_errno = 0;
    body->why.text[0] = '\0';
    adopt(body);
    *rest = (struct body_rest){.from = body->from};
    if (body->from > 0)
        rest->validator = validator_of(&body->origin);
}

bool body_wants_validators(const struct body *body)
{
    return body->key != NULL;
}

/* An answer without a body of its own is none to save. */
static bool is_for_file(const struct body *body,
                        const struct settings *settings,
                        const struct response *response)
{
    const struct evidence *evidence = &response->evidence;

    if (!body->saves || evidence->head || evidence->status == 304)
        return false;
    if (settings->location &&
        redirect_leads(evidence->status, response->location))
        return false;
    return matchset_status(&settings->accept, evidence->status);
}

static void restart_digest(struct body *body)
{
    unsigned char unused[1];

    if (body->digest && body->digested > 0)
        digest_end(body->digest, unused, sizeof(unused));
    body->digested = 0;
    body->digests_file = body->behind = false;
}

static void digest_bytes(void *to, const void *bytes, size_t len)
{
    struct body *body = to;

    if (body->digest)
        digest_add(body->digest, bytes, len);
    body->digested += len;
}

static void note_trouble(struct body *body, int os_errno)
{
    body->os_errno = os_errno;
    why_set(&body->why, "cannot write the body to its file: %s",
            strerror(os_errno));
}

/* The bytes that are there belong into the digest: those of an earlier attempt
 * are in it, unless another answer came in between. */
static void continue_digest(struct body *body)
{
    if (!body->digest)
        return;
    if (!body->digests_file || body->digested > body->from)
        restart_digest(body);
    body->digests_file = true;
    body->behind = body->digested < body->from;
}

bool body_is_behind(const struct body *body)
{
    return body->behind;
}

bool body_catch_up(struct body *body, size_t most)
{
    if (save_reread(body->save, body->digested, most, digest_bytes, body) !=
        0) {
        note_trouble(body, save_errno(body->save));
        return false;
    }
    body->behind = body->digested < save_size(body->save);
    return true;
}

static char *copy_of(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

/* Notes what the body is of, where it is one that can be continued: its bytes
 * are those that a range counts. */
static void note_origin(struct body *body, const struct response *response,
                        bool coded)
{
    const struct evidence *evidence = &response->evidence;

    save_origin_release(&body->origin);
    if (!body->key || coded || evidence->status != 200)
        return;
    if (is_strong(response->etag))
        body->origin.etag = copy_of(response->etag);
    if (can_be_sent(response->last_modified))
        body->origin.last_modified = copy_of(response->last_modified);
    if (evidence->length > 0 && evidence->framing == FRAMING_PLAIN)
        body->origin.total = (uint64_t)evidence->length;
}

/* A whole body begins, in place of what there is. */
static bool begin(struct body *body, const struct response *response,
                  bool coded)
{
    restart_digest(body);
    if (body->save && save_restart(body->save) != 0) {
        note_trouble(body, save_errno(body->save));
        return false;
    }
    body->noted = false;
    body->digests_file = true;
    body->from = 0;
    note_origin(body, response, coded);
    return true;
}

/* The rest, as it was asked for? */
static bool fits(struct body *body, const struct response *response, bool coded)
{
    struct content_range range;

    if (coded || !content_range_read(&range, response->content_range) ||
        range.first != body->from)
        return false;
    /* Without a total nobody can tell whether the rest came whole. */
    if (range.total == 0)
        return body->origin.total > 0;
    if (body->origin.total > 0 && body->origin.total != range.total)
        return false;
    body->origin.total = range.total;
    return true;
}

static bool go_on(struct body *body, struct response *response, bool coded)
{
    struct evidence *evidence = &response->evidence;

    if (!fits(body, response, coded)) {
        evidence->range = RANGE_OTHER;
        drop(body);
        return false;
    }
    evidence->continued = true;
    evidence->decoded_bytes = body->from;
    body->wanted = true;
    continue_digest(body);
    return true;
}

bool body_head(struct body *body, const struct settings *settings,
               struct response *response, bool coded)
{
    struct evidence *evidence = &response->evidence;

    body->wanted = false;
    if (body->from > 0 && evidence->status == 206)
        return go_on(body, response, coded);
    if (body->from > 0 && evidence->status == 416) {
        evidence->range = RANGE_REFUSED;
        drop(body);
        return false;
    }
    body->wanted = is_for_file(body, settings, response);
    if (body->wanted)
        return begin(body, response, coded);
    restart_digest(body);
    return true;
}

static bool open_file(struct body *body)
{
    struct save_origin found = {0}; /* since it was asked: too late */

    if (body->save)
        return true;
    body->save =
        save_begin(body->saves, body->key, &found, &body->os_errno, &body->why);
    save_origin_release(&found);
    if (!body->save)
        return false;
    if (save_size(body->save) == 0 || save_restart(body->save) == 0)
        return true;
    note_trouble(body, save_errno(body->save));
    return false;
}

static void note(struct body *body)
{
    if (body->noted || !validator_of(&body->origin))
        return;
    save_note(body->save, &body->origin);
    body->noted = true;
}

bool body_take(struct body *body, const char *bytes, size_t len)
{
    if (!body->behind)
        digest_bytes(body, bytes, len);
    if (!body->wanted)
        return true;
    if (!open_file(body))
        return false;
    if (save_write(body->save, bytes, len) != 0) {
        note_trouble(body, save_errno(body->save));
        return false;
    }
    if (save_size(body->save) >= NOTE_BYTES)
        note(body);
    return true;
}

int body_trouble(const struct body *body, const char **text)
{
    *text = body->why.text;
    return body->os_errno;
}

void body_end(const struct body *body, struct evidence *evidence)
{
    if (!evidence->continued || body->origin.total == 0)
        return;
    if (evidence->decoded_bytes < body->origin.total)
        evidence->range = RANGE_SHORT;
    else if (evidence->decoded_bytes > body->origin.total)
        evidence->range = RANGE_OTHER;
}

bool body_is_wanted(const struct body *body)
{
    return body->wanted;
}

bool body_sha256(struct body *body, char out[BODY_SHA256_SIZE])
{
    unsigned char sum[(BODY_SHA256_SIZE - 1) / 2];

    if (!body->digest)
        return false;
    digest_end(body->digest, sum, sizeof(sum));
    body->digested = 0;
    body->digests_file = false;
    hex_encode(out, sum, sizeof(sum));
    return true;
}

int body_commit(struct body *body, const char *name, int *os_errno,
                struct why *why)
{
    int status;

    if (!open_file(body)) { /* an empty one */
        *os_errno = body->os_errno;
        *why = body->why;
        return -1;
    }
    status = save_commit(body->save, name, os_errno, why);
    forget(body);
    return status;
}

/* Whether what was received before the error is what the server has. */
static bool is_good(const struct error *error)
{
    switch (error->error_class) {
    case CLASS_TRUNCATED:
    case CLASS_TIMEOUT:
    case CLASS_CANCELLED:
    case CLASS_IO:
        return true;
    default:
        return error->retryable;
    }
}

bool body_cut(struct body *body, const struct error *error)
{
    if (!body->save)
        return body->kept;
    /* What an answer that was not for the file has left alone stays. */
    if (!body->wanted || is_good(error)) {
        note(body);
        body->kept = save_keep(body->save);
    } else {
        save_drop(body->save);
    }
    forget(body);
    return body->kept;
}
