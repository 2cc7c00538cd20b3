/* SPDX-License-Identifier: MIT */
/*
 * The table of a record's fields, and the reading of --fields. It knows their
 * names, types and meanings; how a value is written is policy/encode's.
 */
#include "policy/fields.h"
#include "base/nearest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(FIELD_COUNT <= 64, "a set of fields is one uint64_t");

const struct field_row field_rows[FIELD_COUNT] = {
    [FIELD_INDEX] = {.name = "index",
                     .type = "int",
                     .text = "number of the request in input order, from 0"},
    [FIELD_KEY] = {.name = "key",
                   .type = "string",
                   .text = "identity of the request, 32 hex digits"},
    [FIELD_ID] = {.name = "id",
                  .type = "any",
                  .text = "the id of a JSON request, copied through",
                  .may_be_absent = true},
    [FIELD_LINE] = {.name = "line",
                    .type = "int",
                    .text = "line in its input, from 1; of input errors",
                    .may_be_absent = true},
    [FIELD_URL] = {.name = "url",
                   .type = "string or null",
                   .text = "as asked, without user and password"},
    [FIELD_METHOD] = {.name = "method", .type = "string", .text = "as asked"},
    [FIELD_OK] = {.name = "ok",
                  .type = "bool",
                  .text = "the response came whole and is accepted"},
    [FIELD_STATUS] = {.name = "status",
                      .type = "int or null",
                      .text = "last status received"},
    [FIELD_NOT_MODIFIED] = {.name = "not_modified",
                            .type = "bool",
                            .text = "true: as an earlier run of --etag-store "
                                    "had it",
                            .may_be_absent = true},
    [FIELD_FINAL_URL] = {.name = "final_url",
                         .type = "string",
                         .text = "the URL that answered last",
                         .may_be_absent = true},
    [FIELD_HTTP_VERSION] = {.name = "http_version",
                            .type = "string",
                            .text = "1.0, 1.1, 2 or 3",
                            .may_be_absent = true},
    [FIELD_REMOTE_IP] = {.name = "remote_ip",
                         .type = "string",
                         .text = "address of the server",
                         .may_be_absent = true},
    [FIELD_REMOTE_PORT] = {.name = "remote_port",
                           .type = "int",
                           .text = "port of the server",
                           .may_be_absent = true},
    [FIELD_CONTENT_TYPE] = {.name = "content_type",
                            .type = "string",
                            .text = "the Content-Type header field",
                            .may_be_absent = true},
    [FIELD_REDIRECTS] = {.name = "redirects",
                         .type = "array",
                         .text = "{status, url} of each hop",
                         .may_be_absent = true},
    [FIELD_SIZE] = {.name = "size",
                    .type = "int",
                    .text = "bytes of the body after content decoding"},
    [FIELD_SIZE_DOWNLOAD] = {.name = "size_download",
                             .type = "int",
                             .text = "bytes of the body before it"},
    [FIELD_ATTEMPTS] = {.name = "attempts",
                        .type = "int",
                        .text = "how many times it was sent"},
    [FIELD_TRIES] = {.name = "tries",
                     .type = "array",
                     .text = "{status or error, at, wait} when sent again",
                     .may_be_absent = true},
    [FIELD_TIME] = {.name = "time",
                    .type = "object",
                    .text = "seconds: queue, dns, connect, tls, ttfb, total"},
    [FIELD_STARTED_AT] = {.name = "started_at",
                          .type = "string",
                          .text = "time of the first send, RFC 3339, UTC",
                          .may_be_absent = true},
    [FIELD_HEADERS] = {.name = "headers",
                       .type = "object",
                       .text = "lower-case name to array of values",
                       .asked_for = true,
                       .may_be_absent = true},
    [FIELD_BODY] = {.name = "body",
                    .type = "string",
                    .text = "the response body: text, or else base64",
                    .asked_for = true,
                    .may_be_absent = true},
    [FIELD_BODY_ENCODING] = {.name = "body_encoding",
                             .type = "string",
                             .text = "utf-8 or base64; always beside body",
                             .asked_for = true,
                             .may_be_absent = true},
    [FIELD_BODY_FILE] = {.name = "body_file",
                         .type = "string",
                         .text = "the body's file, below --output-dir",
                         .asked_for = true,
                         .may_be_absent = true},
    [FIELD_SHA256] = {.name = "sha256",
                      .type = "string",
                      .text = "of the body after content decoding, in hex",
                      .asked_for = true,
                      .may_be_absent = true},
    [FIELD_TRUNCATED] = {.name = "truncated",
                         .type = "bool",
                         .text = "true: what came is kept for --continue",
                         .asked_for = true,
                         .may_be_absent = true},
    [FIELD_SKIPPED] = {.name = "skipped",
                       .type = "bool",
                       .text = "true: it was not sent, on purpose",
                       .may_be_absent = true},
    [FIELD_REQUEST] = {.name = "request",
                       .type = "object",
                       .text = "the request's own JSON",
                       .asked_for = true,
                       .may_be_absent = true},
    [FIELD_WOULD_SEND] = {.name = "would_send",
                          .type = "object",
                          .text = "{method, url, headers, body_size, proxy} of "
                                  "--dry-run",
                          .may_be_absent = true},
    [FIELD_DUPLICATE_OF] = {.name = "duplicate_of",
                            .type = "int",
                            .text = "index of the same request, which was sent",
                            .may_be_absent = true},
    [FIELD_NOTES] = {.name = "notes",
                     .type = "array",
                     .text = "oddities that did not fail it",
                     .may_be_absent = true},
    [FIELD_ERROR] = {.name = "error",
                     .type = "object or null",
                     .text = "{class, code, phase, message, errno, retryable}"},
};

uint64_t fields_default(void)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        if (!field_rows[i].asked_for)
            set |= FIELD_BIT(i);
    }
    return set;
}

/* The field of that name; -1 with why. */
static int find_field(const char *name, struct why *why)
{
    struct nearest nearest;
    const char *near;

    nearest_init(&nearest, name);
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(field_rows[i].name, name) == 0)
            return i;
        nearest_offer(&nearest, field_rows[i].name);
    }
    near = nearest_found(&nearest);
    if (near != NULL)
        return why_set(why, "unknown field '%s'; did you mean '%s'?", name,
                       near);
    return why_set(why, "unknown field '%s' (--list-fields shows them)", name);
}

/* One word of the list: a name, with a sign when the list has signs. */
static int parse_word(uint64_t *set, const char *word, bool has_signs,
                      struct why *why)
{
    bool has_sign = *word == '+' || *word == '-';
    int field;

    if (*word == '\0')
        return why_set(why, "an empty field name");
    if (has_sign != has_signs)
        return why_set(why, "'%s': either every field has a + or -, or none",
                       word);
    field = find_field(word + has_sign, why);
    if (field < 0)
        return -1;
    if (*word == '-')
        *set &= ~FIELD_BIT(field);
    else
        *set |= FIELD_BIT(field);
    return 0;
}

int fields_parse(uint64_t *set, const char *text, struct why *why)
{
    bool has_signs = *text == '+' || *text == '-';
    uint64_t result = has_signs ? fields_default() : 0;
    char *copy = xstrdup(text), *rest = copy, *word;
    int bad = 0;

    while (bad == 0 && (word = strsep(&rest, ",")) != NULL)
        bad = parse_word(&result, word, has_signs, why);
    if (bad == 0)
        *set = result;
    free(copy);
    return bad;
}
