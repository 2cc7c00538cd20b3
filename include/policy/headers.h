/* SPDX-License-Identifier: MIT */
/* A block of header fields, as a server sent it, to names and values. */
#ifndef POLICY_HEADERS_H
#define POLICY_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

/* Most fields that are read of a block; those behind them are left out. */
#define HEADERS_MAX 256

/* A field; its slices point into the block that was split. */
struct header_slice {
    const char *name; /* lower case, never empty; bytes below 0x80 */
    size_t name_len;
    const char *value; /* without the white space around it; any bytes */
    size_t value_len;
    bool of_earlier;  /* an earlier field has the same name */
    size_t next_same; /* the next field of this name; HEADERS_MAX: none */
};

/*
 * Splits a block of lines that end with CRLF (or a bare LF), changing it in
 * place: a field that goes on over several lines (RFC 9112 section 5.2) is
 * joined, with one space for each fold; names become lower case, their bytes
 * above ASCII "?" (a name is a token, and no two names may look alike in
 * JSON). Lines that are no field are passed over.
 * Returns the number of fields, at most HEADERS_MAX.
 */
size_t headers_split(struct header_slice headers[HEADERS_MAX], char *block,
                     size_t len);

#endif
