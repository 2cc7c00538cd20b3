/* SPDX-License-Identifier: MIT */
/*
 * The fields of a record: one table for --fields, --list-fields, the encoder
 * and the check of the documents. The order of the table is the order in
 * every line.
 */
#ifndef POLICY_FIELDS_H
#define POLICY_FIELDS_H

#include "base/msg.h"

#include <stdbool.h>
#include <stdint.h>

enum field {
    FIELD_INDEX,
    FIELD_KEY,
    FIELD_ID,
    FIELD_LINE,
    FIELD_URL,
    FIELD_METHOD,
    FIELD_OK,
    FIELD_STATUS,
    FIELD_NOT_MODIFIED,
    FIELD_FINAL_URL,
    FIELD_HTTP_VERSION,
    FIELD_REMOTE_IP,
    FIELD_REMOTE_PORT,
    FIELD_CONTENT_TYPE,
    FIELD_REDIRECTS,
    FIELD_SIZE,
    FIELD_SIZE_DOWNLOAD,
    FIELD_ATTEMPTS,
    FIELD_TRIES,
    FIELD_TIME,
    FIELD_STARTED_AT,
    FIELD_HEADERS,
    FIELD_BODY,
    FIELD_BODY_ENCODING,
    FIELD_BODY_FILE,
    FIELD_SHA256,
    FIELD_TRUNCATED,
    FIELD_SKIPPED,
    FIELD_REQUEST,
    FIELD_WOULD_SEND,
    FIELD_DUPLICATE_OF,
    FIELD_NOTES,
    FIELD_ERROR,
    FIELD_COUNT
};

struct field_row {
    const char *name;
    const char *type;   /* "int", "string", "object or null", ... */
    const char *text;   /* what it means; no final stop, <= 60 columns */
    bool asked_for;     /* only there when an option or --fields asks for it */
    bool may_be_absent; /* absent where it has nothing to say */
};

extern const struct field_row field_rows[FIELD_COUNT];

/* The bit of a field in a set. */
#define FIELD_BIT(FIELD) (UINT64_C(1) << (FIELD))

/* The fields of a record when nothing was asked: all but asked_for ones. */
uint64_t fields_default(void);

/*
 * Reads a comma list of names into *set; "+name" adds to and "-name" takes
 * from the default set instead. Returns 0, or -1 with why naming the
 * word and the nearest field.
 */
int fields_parse(uint64_t *set, const char *text, struct why *why);

#endif
