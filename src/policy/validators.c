/* SPDX-License-Identifier: MIT */
/*
 * What may be kept of a response and sent back. Knows the grammar of
 * validators and of a store's line; must not know where the lines are.
 */
#include "policy/validators.h"

#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Any will do: it only places two-digit years. */
#define SOME_TIME 0

bool etag_valid(const char *text, size_t len)
{
    if (len >= 2 && text[0] == 'W' && text[1] == '/') {
        text += 2;
        len -= 2;
    }
    if (len < 2 || text[0] != '"' || text[len - 1] != '"')
        return false;
    for (size_t i = 1; i < len - 1; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte <= 0x20 || byte == '"' || byte == 0x7f)
            return false;
    }
    return utf8_valid_prefix(text, len) == len;
}

static bool date_valid(const char *text, size_t len)
{
    int64_t when;

    return date_parse_http(text, len, SOME_TIME, &when) == 0;
}

/* Copies a value into room for max bytes and a NUL; "" where it is wrong. */
static void take(char *out, size_t max, const char *text, size_t len,
                 bool (*valid)(const char *, size_t))
{
    if (!text || len > max || !valid(text, len))
        len = 0;
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

bool validators_set(struct validators *validators, const char *etag,
                    size_t etag_len, const char *last_modified,
                    size_t last_modified_len)
{
    take(validators->etag, ETAG_MAX, etag, etag_len, etag_valid);
    take(validators->last_modified, LAST_MODIFIED_MAX, last_modified,
         last_modified_len, date_valid);
    return validators->etag[0] || validators->last_modified[0];
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_key(const struct json_member *member, unsigned char *key)
{
    if (member->type != JSON_STRING ||
        member->value_len != 2 * REQUEST_KEY_SIZE + 2)
        return -1;
    for (size_t i = 0; i < REQUEST_KEY_SIZE; i++) {
        int high = digit_of(member->value[1 + 2 * i]);
        int low = digit_of(member->value[2 + 2 * i]);

        if (high < 0 || low < 0)
            return -1;
        key[i] = (unsigned char)(high << 4 | low);
    }
    return 0;
}

/* A value into room for max bytes and a NUL. -1: not one that may be sent. */
static int read_value(const struct json_member *member, char *out, size_t max,
                      bool (*valid)(const char *, size_t))
{
    char text[6 * ETAG_MAX + 2]; /* every byte as \u00XX */
    size_t len;

    if (member->type != JSON_STRING || member->has_nul ||
        member->value_len > sizeof(text))
        return -1;
    len = json_unquote(member->value, member->value_len, text);
    take(out, max, text, len, valid);
    return *out ? 0 : -1;
}

int validators_read(const char *line, size_t len,
                    unsigned char key[REQUEST_KEY_SIZE],
                    struct validators *validators, struct why *why)
{
    struct json_member members[JSON_MEMBERS_MAX];
    int count = json_scan_object(line, len, members, why);
    bool has_key = false;

    *validators = (struct validators){.etag = "", .last_modified = ""};
    for (int i = 0; i < count; i++) {
        if (json_key_is(&members[i], "key")) {
            if (read_key(&members[i], key) != 0)
                return why_set(why, "key: not 32 lower-case hex digits");
            has_key = true;
        } else if (json_key_is(&members[i], "etag")) {
            if (read_value(&members[i], validators->etag, ETAG_MAX,
                           etag_valid) != 0)
                return why_set(why, "etag: not an entity-tag");
        } else if (json_key_is(&members[i], "last_modified")) {
            if (read_value(&members[i], validators->last_modified,
                           LAST_MODIFIED_MAX, date_valid) != 0)
                return why_set(why, "last_modified: not an HTTP-date");
        }
    }
    if (count < 0)
        return -1;
    if (!has_key)
        return why_set(why, "no key");
    if (!validators->etag[0] && !validators->last_modified[0])
        return why_set(why, "neither etag nor last_modified");
    return 0;
}

void validators_write(struct buf *out,
                      const unsigned char key[REQUEST_KEY_SIZE],
                      const struct validators *validators, const char *url)
{
    char hex[2 * REQUEST_KEY_SIZE + 1];
    struct json json;

    hex_encode(hex, key, REQUEST_KEY_SIZE);
    json_init(&json, out);
    json_object_begin(&json);
    json_key(&json, "key");
    json_string(&json, hex);
    if (validators->etag[0]) {
        json_key(&json, "etag");
        json_string(&json, validators->etag);
    }
    if (validators->last_modified[0]) {
        json_key(&json, "last_modified");
        json_string(&json, validators->last_modified);
    }
    if (url) {
        json_key(&json, "url");
        json_string(&json, url);
    }
    json_object_end(&json);
    buf_add_char(out, '\n');
}
