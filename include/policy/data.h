/* SPDX-License-Identifier: MIT */
/*
 * Request data as curl's -d and its family give it (curl.1: --data,
 * --data-raw, --data-binary, --data-urlencode, --json, --get), to bytes.
 */
#ifndef POLICY_DATA_H
#define POLICY_DATA_H

#include "base/buf.h"
#include "base/msg.h"
#include "policy/reader.h"

#include <stddef.h>

enum data_kind {
    DATA_PLAIN,     /* -d: @FILE is read, without its CR, LF and NUL bytes */
    DATA_RAW,       /* --data-raw: as it stands */
    DATA_BINARY,    /* --data-binary: @FILE is read, as it is */
    DATA_URLENCODE, /* --data-urlencode: content, =content, name=content,
                       @FILE, name@FILE; a "=" anywhere goes before an "@" */
    DATA_JSON,      /* --json: @FILE is read, as it is; nothing between it and
                       the data before it */
};

/*
 * Appends one option's argument to data, behind an "&" when there is data
 * already (but for DATA_JSON). What is encoded has "+" for a space, and %XX
 * for all that is not unreserved (RFC 3986 section 2.3); names are taken as
 * encoded already. 0, or -1 with why: the file cannot be read, or the data
 * would pass data's max; data is then of no more use.
 */
int data_add(struct buf *data, enum data_kind kind, const char *argument,
             const struct reader *reader, struct why *why);

/* Appends name=value, both encoded as above, behind an "&" when there is data
 * already. An over-run shows in data. */
void data_add_pair(struct buf *data, const char *name, const char *value);

/*
 * -G: appends len bytes of data to the query of a normalised URL, behind "?",
 * or behind "&" when it has a query; the URL stays normalised. Bytes that can
 * stand in no query (white space, control bytes, "#", what is not ASCII)
 * become %XX, where curl refuses them or cuts the URL there. Without data the
 * URL stays as it is. 0, or -1 with why when url's max would be passed.
 */
int data_add_query(struct buf *url, const char *data, size_t len,
                   struct why *why);

#endif
