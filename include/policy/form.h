/* SPDX-License-Identifier: MIT */
/*
 * A multipart/form-data body (RFC 7578, RFC 2046 section 5.1), part by part.
 * The same parts give the same bytes, the boundary included: so they give the
 * same identity of the request.
 */
#ifndef POLICY_FORM_H
#define POLICY_FORM_H

#include "base/buf.h"
#include "base/msg.h"

#include <stddef.h>

/* Room for the Content-Type that form_finish writes, its NUL included. */
#define FORM_TYPE_SIZE 96

/* One part; all borrowed, copied by form_add. */
struct form_part {
    const char *name; /* any bytes */
    size_t name_len;
    const char *value; /* any bytes */
    size_t value_len;
    const char *filename; /* any bytes; NULL: the part is not a file */
    size_t filename_len;
    const char *type; /* its Content-Type; NULL: that of the filename, without
                         one none is sent; "": none is sent */
};

struct form;

/* A form without parts, of at most max bytes in all. */
struct form *form_new(size_t max);

/* Frees it; NULL is allowed. */
void form_free(struct form *form);

/* The max that form_new got. */
size_t form_max(const struct form *form);

/*
 * Appends a part. Quotes and control bytes but tab of its name and filename
 * become %XX, as browsers send quotes, CR and LF (HTML, "multipart/form-data
 * encoding algorithm"): none of them can begin a line of its own.
 * 0, or -1 with why: the type is not a media type ("text/html; charset=x",
 * RFC 9110 section 8.3.1, parameters unchecked but for control bytes), or the
 * form passes its max, which ends it: later parts are refused too.
 */
int form_add(struct form *form, const struct form_part *part, struct why *why);

/*
 * Appends the whole body to body, and writes the request's Content-Type with
 * the boundary. The boundary is a hash of 128 bits (SHA-256) of all parts: a
 * part that held it would hold a hash of itself. The form is unchanged.
 * 0, or -1 with why when body's max would be passed.
 */
int form_finish(const struct form *form, struct buf *body,
                char content_type[FORM_TYPE_SIZE], struct why *why);

/*
 * The media type that the ending of a file's name tells, as curl knows them
 * (.gif .jpg .jpeg .png .svg .txt .htm .html .pdf .xml; case does not matter);
 * NULL for others.
 */
const char *form_guess_type(const char *filename, size_t len);

#endif
