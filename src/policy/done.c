/* SPDX-License-Identifier: MIT */
/*
 * What a line of an earlier run says. Knows the members of a record by which
 * work is known again; must not know of files, nor how many lines there are.
 */
#include "policy/done.h"

#include "base/hash.h"
#include "base/json.h"
#include "model/error.h"
#include "model/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(DONE_KEY_SIZE == REQUEST_KEY_SIZE, "a key is an identity");

struct done_reader {
    bool retry_failed;
    struct digest *digest;
    struct buf id; /* scratch */
    struct json_member members[JSON_MEMBERS_MAX];
};

/* The members that count; NULL: not there. */
struct found {
    const struct json_member *index, *key, *id, *ok, *seq, *error, *duplicate,
        *dry, *file;
};

struct done_reader *done_reader_new(bool retry_failed)
{
    struct done_reader *reader = xcalloc(1, sizeof(*reader));

    reader->retry_failed = retry_failed;
    reader->digest = digest_new();
    buf_init(&reader->id, SIZE_MAX);
    return reader;
}

void done_reader_free(struct done_reader *reader)
{
    if (!reader)
        return;
    digest_free(reader->digest);
    buf_release(&reader->id);
    free(reader);
}

static void fold(struct done_reader *reader, const unsigned char *key,
                 const char *id, size_t len, bool duplicate, unsigned char *out)
{
    struct json json;

    memcpy(out, key, DONE_KEY_SIZE);
    if (id) {
        buf_clear(&reader->id);
        json_init(&json, &reader->id);
        json_raw(&json, id, len);
        digest_add(reader->digest, key, DONE_KEY_SIZE);
        digest_add(reader->digest, reader->id.data, reader->id.len);
        digest_end(reader->digest, out, DONE_KEY_SIZE);
    }
    if (duplicate) {
        digest_add(reader->digest, out, DONE_KEY_SIZE);
        digest_end(reader->digest, out, DONE_KEY_SIZE);
    }
}

void done_identity(struct done_reader *reader, const unsigned char *key,
                   const char *id, bool duplicate,
                   unsigned char out[DONE_KEY_SIZE])
{
    fold(reader, key, id, id ? strlen(id) : 0, duplicate, out);
}

static const struct json_member **place_of(struct found *found,
                                           const struct json_member *member)
{
    if (json_key_is(member, "index"))
        return &found->index;
    if (json_key_is(member, "key"))
        return &found->key;
    if (json_key_is(member, "id"))
        return &found->id;
    if (json_key_is(member, "ok"))
        return &found->ok;
    if (json_key_is(member, "seq"))
        return &found->seq;
    if (json_key_is(member, "duplicate_of"))
        return &found->duplicate;
    if (json_key_is(member, "would_send"))
        return &found->dry;
    if (json_key_is(member, "body_file"))
        return &found->file;
    return json_key_is(member, "error") ? &found->error : NULL;
}

/* Of a record's many members few have such a length and start. */
static void find_members(const struct json_member *members, int count,
                         struct found *found)
{
    *found = (struct found){0};
    for (int i = 0; i < count; i++) {
        const struct json_member **place = NULL;

        if (members[i].key_len == sizeof("duplicate_of") - 1 ||
            members[i].key_len == sizeof("would_send") - 1 ||
            members[i].key_len == sizeof("body_file") - 1 ||
            (members[i].key_len <= 5 &&
             memchr("ikose", members[i].key[0], 5) != NULL))
            place = place_of(found, &members[i]);
        if (place)
            *place = &members[i];
    }
}

/* A whole number as we write it. */
static bool read_index(const struct json_member *member, uint64_t *out)
{
    uint64_t value = 0;

    if (!member || member->type != JSON_NUMBER || member->value_len > 19)
        return false;
    for (size_t i = 0; i < member->value_len; i++) {
        char c = member->value[i];

        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (uint64_t)(c - '0');
    }
    *out = value;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_key(const struct json_member *member, unsigned char *out)
{
    if (!member || member->type != JSON_STRING ||
        member->value_len != 2 * DONE_KEY_SIZE + 2)
        return false;
    for (size_t i = 0; i < DONE_KEY_SIZE; i++) {
        int high = hex_digit(member->value[2 * i + 1]);
        int low = hex_digit(member->value[2 * i + 2]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* The value of a member that is a string without escapes. */
static bool string_is(const struct json_member *member, const char *text)
{
    size_t len = strlen(text);

    return member->type == JSON_STRING && member->value_len == len + 2 &&
           memcmp(member->value + 1, text, len) == 0;
}

/* How a record ended, as far as that says whether it is done. */
enum end {
    END_OWN, /* by itself, well or not */
    END_CANCELLED,
    END_LOST,    /* its race: cancelled too */
    END_UNKNOWN, /* that cannot be told */
};

static enum end read_end(const struct json_member *error)
{
    struct json_member members[JSON_MEMBERS_MAX];
    enum end end = END_UNKNOWN;
    bool lost = false;
    int count;

    if (!error || (error->type != JSON_NULL && error->type != JSON_OBJECT))
        return END_UNKNOWN;
    if (error->type == JSON_NULL)
        return END_OWN;
    count = json_scan_object_deep(error->value, error->value_len, members,
                                  JSON_DEPTH_MOST, NULL);
    for (int i = 0; i < count; i++) {
        if (json_key_is(&members[i], "class"))
            end = string_is(&members[i], error_class_name(CLASS_CANCELLED))
                      ? END_CANCELLED
                      : END_OWN;
        else if (json_key_is(&members[i], "code"))
            lost = string_is(&members[i], error_code_name(CODE_RACE));
    }
    return end == END_CANCELLED && lost ? END_LOST : end;
}

static bool is_done(const struct done_reader *reader, enum end end, bool ok,
                    bool dry)
{
    if (end == END_LOST)
        return true;
    return end == END_OWN && !dry && (ok || !reader->retry_failed);
}

static enum done_kind foreign(struct why *why, const char *member)
{
    why_set(why, "no record of afetch: no fit \"%s\"", member);
    return DONE_FOREIGN;
}

enum done_kind done_read(struct done_reader *reader, const char *line,
                         size_t len, struct done_line *out, struct why *why)
{
    unsigned char key[DONE_KEY_SIZE];
    struct found found;
    int count =
        json_scan_object_deep(line, len, reader->members, JSON_DEPTH_MOST, why);
    enum end end;

    if (count < 0)
        return DONE_BROKEN;
    find_members(reader->members, count, &found);
    if (!read_index(found.index, &out->index))
        return foreign(why, "index");
    if (found.seq && !found.ok)
        return DONE_ITEM;
    if (!read_key(found.key, key))
        return foreign(why, "key");
    if (!found.ok ||
        (found.ok->type != JSON_TRUE && found.ok->type != JSON_FALSE))
        return foreign(why, "ok");
    end = read_end(found.error);
    if (end == END_UNKNOWN)
        return foreign(why, "error");
    fold(reader, key, found.id ? found.id->value : NULL,
         found.id ? found.id->value_len : 0, found.duplicate != NULL, out->key);
    out->ok = found.ok->type == JSON_TRUE;
    out->duplicate = found.duplicate != NULL;
    out->lost = end == END_LOST;
    out->file = NULL;
    if (found.file && found.file->type == JSON_STRING && !found.file->has_nul) {
        out->file = found.file->value;
        out->file_len = found.file->value_len;
    }
    return is_done(reader, end, out->ok, found.dry != NULL) ? DONE_YES
                                                            : DONE_NO;
}
