/* SPDX-License-Identifier: MIT */
/*
 * A line of input to a request: a URL, or a JSON object, or an afetch record
 * fed back. Strict: whatever could smuggle a second request or be read in two
 * ways is an `input` error. Pure: bytes in, request out.
 */
#ifndef POLICY_LINE_H
#define POLICY_LINE_H

#include "base/hash.h"
#include "model/config.h"
#include "model/opt.h"
#include "model/request.h"
#include "policy/hosts.h"

#include <stdbool.h>
#include <stddef.h>

/* Longest line that is read, its end of line not counted. */
#define LINE_MAX_BYTES (1024 * 1024)

enum line_result {
    LINE_REQUEST, /* a request was made */
    LINE_SKIP,    /* a blank line or a comment: no request */
    LINE_INVALID, /* an `input` error: the request names what it can */
};

struct line_reader;

/* A reader for the run; both are borrowed. The options that are settings
 * are keys of a JSON line. */
struct line_reader *line_reader_new(const struct config *config,
                                    const struct opt_table *options);
void line_reader_free(struct line_reader *reader);

/* What is said of single hosts holds for what is read from now on: their
 * settings instead of the run's, their header fields beside the line's (the
 * identity of a request has only the line's). Borrowed; NULL: nothing. */
void line_reader_set_hosts(struct line_reader *reader,
                           const struct hosts *hosts);

/* True for a line that line_read would read as JSON. */
bool line_is_json(const struct line_reader *reader, const char *text,
                  size_t len);

/*
 * Reads one line without its "\n" (a "\r" before it is dropped; the caller
 * drops a BOM from the first line of an input). On LINE_REQUEST and
 * LINE_INVALID *request is new and the caller's (index and line unset); on
 * LINE_INVALID *error says what is wrong, class `input`, and asked, id and key
 * are set as far as the line told them. A positional URL (is_argument) is never
 * blank, a comment or JSON.
 * Keys of a JSON line: url (needed), method, headers (object of string or
 * array of strings), body | body_base64 | json, id, priority (-2..2), group (a
 * string or a number), and each
 * setting of the options (durations also as a number of seconds, sets and
 * lists also as arrays). null is as good as no value, but for json and id.
 * Other keys are ignored; with --strict they are errors. \u0000 may stand in id
 * alone. An object with a boolean `ok` and an integer `index` is a record: url,
 * method, id and the members of its `request`, where present, count; all else
 * does not.
 */
enum line_result line_read(struct line_reader *reader, const char *text,
                           size_t len, bool is_argument,
                           struct request **request, struct error *error);

/* An invalid line that is too long to be read: its first bytes are given, and
 * its key is theirs. */
void line_too_long(struct line_reader *reader, const char *start, size_t len,
                   struct request **request, struct error *error);

#endif
