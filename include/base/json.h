/* SPDX-License-Identifier: MIT */
/*
 * JSON, both ways. The writer makes what afetch prints; the scanner says
 * whether a line of input is a JSON text and slices its top-level members.
 * (Values are then read by cJSON in policy/line; the reasons for both parts
 * being ours are in the README.)
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The writer appends one JSON text to a buf. Commas are its own affair:
 * inside an object each value follows a json_key, inside an array it stands
 * alone. Errors are the buf's (`over`), checked once at the end. It never
 * writes a newline, and whatever bytes it is given, the text is valid UTF-8
 * and valid JSON: invalid UTF-8 becomes U+FFFD (one for each maximal
 * subpart); C0, DEL, C1, U+2028/9, bidi controls and U+FEFF are escaped.
 */
struct json {
    struct buf *out; /* borrowed */
    bool comma;      /* the next value of this level needs a comma first */
};

void json_init(struct json *json, struct buf *out);
void json_object_begin(struct json *json);
void json_object_end(struct json *json);
void json_array_begin(struct json *json);
void json_array_end(struct json *json);

/* A member's name: one of ours, in which nothing is to be escaped; and any
 * other, escaped like a string. */
void json_key(struct json *json, const char *name);
void json_key_n(struct json *json, const char *name, size_t len);

/* A string of len bytes (any bytes, NUL included), or of a C string. */
void json_string_n(struct json *json, const char *text, size_t len);
void json_string(struct json *json, const char *text);

/* A string that holds the bytes in base64 (RFC 4648 section 4, padded). */
void json_base64(struct json *json, const void *bytes, size_t len);

void json_uint(struct json *json, uint64_t value);
void json_int(struct json *json, int64_t value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

/* Seconds with six decimals, rounded; not finite or negative is written 0. */
void json_seconds(struct json *json, double seconds);

/* Bytes that are a JSON value already (json_scan_value said so). */
void json_raw(struct json *json, const char *text, size_t len);

/* What a value is, by its first byte. */
enum json_type {
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

/* The name of a type as messages say it: "a string", "an object", ... */
const char *json_type_name(enum json_type type);

/* A member of the scanned object; all slices point into the scanned text. */
struct json_member {
    const char *key; /* between the quotes, escapes as they stand */
    size_t key_len;
    const char *value; /* from its first to its last byte, quotes included */
    size_t value_len;
    enum json_type type;
    bool has_nul; /* \u0000 occurs somewhere inside the value */
};

/* Most members of a top-level object, most nesting. */
#define JSON_MEMBERS_MAX 256
#define JSON_DEPTH_MAX   64

/*
 * Scans len bytes that must be exactly one JSON object (RFC 8259; white space
 * around it is allowed): valid UTF-8, no raw control byte in strings, no lone
 * surrogate escape, strict numbers, nothing behind the object, at most
 * JSON_DEPTH_MAX levels, no top-level key twice (compared with their escapes
 * decoded), no \u0000 in a key. Allocates nothing.
 * Returns the number of members, written to members[0..]; -1 with why (what
 * was wrong, and at which byte, from 1).
 */
int json_scan_object(const char *text, size_t len,
                     struct json_member members[JSON_MEMBERS_MAX],
                     struct why *why);

/*
 * As json_scan_object, with another limit of nesting (1 to JSON_DEPTH_MOST): a
 * line of ours may hold, deeper by a level, what was a line of input.
 */
int json_scan_object_deep(const char *text, size_t len,
                          struct json_member members[JSON_MEMBERS_MAX],
                          unsigned depth, struct why *why);
#define JSON_DEPTH_MOST 1024

/*
 * As json_scan_object for exactly one JSON value of any type, inside which the
 * RFC alone holds: names may come twice, and \u0000 may be in them. Returns 0
 * or -1.
 */
int json_scan_value(const char *text, size_t len, struct why *why);

/* True when a member's key, its escapes decoded, is the C string name. */
bool json_key_is(const struct json_member *member, const char *name);

/*
 * Decodes a scanned string value (quotes included) into out, which must have
 * room for value_len bytes; returns the decoded length. A NUL is put behind.
 */
size_t json_unquote(const char *value, size_t value_len, char *out);

#endif
