/* SPDX-License-Identifier: MIT */
/*
 * A body to the JSON values at its top level. Looks at each byte once, only to
 * find where a value ends; whether it is one is base/json's to say, who sees
 * it when it is whole, or when a byte came that no value can hold there.
 */
#include "base/buf.h"
#include "base/json.h"
#include "scrape/split_priv.h"

#include <inttypes.h>
#include <string.h>

#define RS 0x1E

struct json_split {
    struct split split; /* held: the value that is being read */
    enum {
        BETWEEN, /* before a value */
        NESTED,  /* in an array or object, or in any string */
        WORD,    /* in a number, true, false or null */
    } state;
    size_t depth;   /* arrays and objects that are open */
    bool string;    /* in a string */
    bool escaped;   /* behind a backslash */
    bool sequence;  /* an RS was seen */
    uint64_t start; /* the value's first byte in the body, from 1 */
};

/* What a byte means to the value that is being read. */
enum step {
    MORE,   /* it belongs to it */
    LAST,   /* it is its last */
    BEHIND, /* the value ended before it */
    BAD,    /* no value goes on with it */
};

static void json_restart(struct split *split)
{
    struct json_split *json = (struct json_split *)split;

    json->state = BETWEEN;
    json->depth = 0;
    json->string = json->escaped = json->sequence = false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum step step_string(struct json_split *json, char c)
{
    if ((unsigned char)c < 0x20)
        return BAD;
    if (json->escaped) {
        json->escaped = false;
    } else if (c == '\\') {
        json->escaped = true;
    } else if (c == '"') {
        json->string = false;
        return json->depth == 0 ? LAST : MORE;
    }
    return MORE;
}

static enum step step_nested(struct json_split *json, char c)
{
    switch (c) {
    case '"':
        json->string = true;
        return MORE;
    case '{':
    case '[':
        json->depth++;
        return MORE;
    case '}':
    case ']':
        return --json->depth == 0 ? LAST : MORE;
    default:
        return (unsigned char)c < 0x20 && !is_space(c) ? BAD : MORE;
    }
}

static enum step step_word(char c)
{
    return is_space(c) || c == RS || c == '{' || c == '[' || c == '"' ? BEHIND
                                                                      : MORE;
}

/* The first byte of a value. */
static enum step step_first(struct json_split *json, char c)
{
    if (c != '\0' && strchr("-0123456789tfn", c) != NULL) {
        json->state = WORD;
        return MORE;
    }
    json->state = NESTED;
    return c == '"' || c == '{' || c == '[' ? step_nested(json, c) : BAD;
}

static enum step step(struct json_split *json, char c)
{
    if (json->state == BETWEEN)
        return step_first(json, c);
    if (json->state == WORD)
        return step_word(c);
    return json->string ? step_string(json, c) : step_nested(json, c);
}

static bool bad_value(struct json_split *json, const char *what)
{
    struct split *split = &json->split;

    split->fault = SPLIT_BAD_JSON;
    why_set(&split->why,
            "the value of seq %" PRIu64 ", from byte %" PRIu64
            " of the body: %s",
            split->seq, json->start, what);
    return false;
}

/* Held and these bytes are the whole value, or have to be: if they are one.
 * `behind` is the byte after a word, -1 at the end of the body. */
static bool give(struct json_split *json, struct split_item *item,
                 const char *bytes, size_t len, int behind)
{
    bool cut = json->state == WORD && json->sequence &&
               (behind < 0 || !is_space((char)behind));
    struct why why;

    item->text = split_joined(&json->split, bytes, len, &item->len);
    json->state = BETWEEN;
    if (json_scan_value(item->text, item->len, &why) != 0)
        return bad_value(json, why.text);
    if (cut)
        return bad_value(json, "maybe cut short: no white space behind it");
    return true;
}

static size_t pass_separators(struct json_split *json, const char *bytes,
                              size_t len)
{
    size_t at = 0;

    while (at < len && (is_space(bytes[at]) || bytes[at] == RS))
        json->sequence |= bytes[at++] == RS;
    return at;
}

/* Reads on in the value: to its end, to a fault, or all. */
static size_t read_value(struct json_split *json, const char *bytes, size_t len,
                         struct split_item *item, bool *whole)
{
    struct split *split = &json->split;
    enum step now = MORE;
    size_t at = 0;

    while (now == MORE && at < len)
        now = step(json, bytes[at++]);
    if (now == BEHIND)
        at--;
    if (at > split->item_max - split->held.len)
        split_too_large(split);
    else if (now == MORE)
        split_hold(split, bytes, at);
    else
        *whole = give(json, item, bytes, at, now == BEHIND ? bytes[at] : 0);
    return at;
}

static size_t json_next(struct split *split, const char *bytes, size_t len,
                        struct split_item *item, bool *whole)
{
    struct json_split *json = (struct json_split *)split;
    size_t at = split_pass_bom(split, bytes, len);

    if (json->state == BETWEEN) {
        json->start = 1;
        if (split->held.len > 0) { /* a part of a byte order mark */
            give(json, item, "", 0, 0);
            return at;
        }
        at += pass_separators(json, bytes + at, len - at);
        json->start = split->offset + at + 1;
    }
    if (at < len)
        at += read_value(json, bytes + at, len - at, item, whole);
    return at;
}

static bool json_end(struct split *split, struct split_item *item)
{
    struct json_split *json = (struct json_split *)split;

    if (split->held.len == 0)
        return false;
    if (json->state == BETWEEN)
        json->start = 1;
    return give(json, item, "", 0, -1);
}

const struct split_type split_json = {
    .kind = SPLIT_JSON,
    .noun = "value",
    .size = sizeof(struct json_split),
    .restart = json_restart,
    .next = json_next,
    .end = json_end,
};
