/* SPDX-License-Identifier: MIT */
/*
 * Values of a JSON line's members, each read strictly as its type: for
 * policy/line_json alone. All but value_strings return 0, or -1 with why,
 * which begins with the member's key.
 */
#ifndef POLICY_LINE_VALUE_H
#define POLICY_LINE_VALUE_H

#include "base/json.h"
#include "base/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string, decoded; *text is the caller's and ends with a NUL. */
int value_text(const struct json_member *member, char **text, size_t *len,
               struct why *why);

/* A string of base64 (RFC 4648 section 4, padded, nothing else in it). */
int value_base64(const struct json_member *member, char **bytes, size_t *len,
                 struct why *why);

/* Decodes base64 in place; false for what is not as above. */
bool value_decode_base64(char *text, size_t *len);

/* A whole number from min to max. */
int value_int(const struct json_member *member, int min, int max, int *out,
              struct why *why);

/*
 * The value of a setting as the text that its option takes; the caller's. A
 * flag is true or false; a whole number and a set are given as such or as
 * text, durations (seconds) and sizes (bytes) likewise; a set also as an array
 * of both. Ranges and meanings are the option's affair, but for the number.
 */
int value_bool_text(const struct json_member *member, char **text,
                    struct why *why);
int value_uint_text(const struct json_member *member, uint64_t min,
                    uint64_t max, char **text, struct why *why);
int value_seconds_text(const struct json_member *member, char **text,
                       struct why *why);
int value_size_text(const struct json_member *member, char **text,
                    struct why *why);
int value_list_text(const struct json_member *member, char **text,
                    struct why *why);
int value_plain_text(const struct json_member *member, char **text,
                     struct why *why);

/*
 * Calls `each` for a string, or for every string of an array, decoded. Stops
 * when it returns -1 and returns that; -1 with why (the key is not in it) for
 * a value of another type. `each` fills why itself.
 */
int value_strings(const struct json_member *member,
                  int (*each)(void *context, const char *text, size_t len,
                              struct why *why),
                  void *context, struct why *why);

#endif
