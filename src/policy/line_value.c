/* SPDX-License-Identifier: MIT */
/*
 * Values of a JSON line: the scanner has said that they are JSON, this says
 * what they are. Knows types and ranges; must not know what a request does
 * with them.
 */
#include "policy/line_value.h"

#include "base/buf.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cJSON reads the first 63 bytes of a number, whatever follows. */
#define NUMBER_MAX 60

/* Most seconds, as in base/units. */
#define SECONDS_MAX 1e9

/* A key for "%.*s"; those that come here are known ones, so it is short. */
#define KEY(MEMBER) (int)(MEMBER)->key_len, (MEMBER)->key

static int wrong_type(const struct json_member *member, const char *want,
                      struct why *why)
{
    return why_set(why, "%.*s: must be %s, not %s", KEY(member), want,
                   json_type_name(member->type));
}

int value_text(const struct json_member *member, char **text, size_t *len,
               struct why *why)
{
    if (member->type != JSON_STRING)
        return wrong_type(member, "a string", why);
    *text = xmalloc(member->value_len);
    *len = json_unquote(member->value, member->value_len, *text);
    return 0;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/*
 * Decodes in place; returns the length, or -1. Bits that stand for no byte
 * must be zero, so that no two texts mean the same body.
 */
static ptrdiff_t base64_decode(char *text, size_t len)
{
    size_t digits = len, out = 0;
    uint32_t bits = 0;
    unsigned held = 0;

    while (digits > 0 && len - digits < 2 && text[digits - 1] == '=')
        digits--;
    if (len % 4 != 0)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        int value = base64_value(text[i]);

        if (value < 0)
            return -1;
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            text[out++] = (char)(bits >> held & 0xff);
        }
    }
    if ((bits & ((1u << held) - 1)) != 0)
        return -1;
    text[out] = '\0';
    return (ptrdiff_t)out;
}

bool value_decode_base64(char *text, size_t *len)
{
    ptrdiff_t decoded = base64_decode(text, *len);

    if (decoded < 0)
        return false;
    *len = (size_t)decoded;
    return true;
}

int value_base64(const struct json_member *member, char **bytes, size_t *len,
                 struct why *why)
{
    if (value_text(member, bytes, len, why) != 0)
        return -1;
    if (!value_decode_base64(*bytes, len)) {
        free(*bytes);
        return why_set(why, "%.*s: not valid base64 (RFC 4648, padded)",
                       KEY(member));
    }
    return 0;
}

/* Reads a number; false for another type or one of absurd length. */
static bool read_number(const struct json_member *member, double *out)
{
    cJSON *value;

    if (member->type != JSON_NUMBER || member->value_len > NUMBER_MAX)
        return false;
    value = cJSON_ParseWithLengthOpts(member->value, member->value_len, NULL,
                                      false);
    if (!value)
        return false;
    *out = value->valuedouble;
    cJSON_Delete(value);
    return true;
}

int value_int(const struct json_member *member, int min, int max, int *out,
              struct why *why)
{
    double number;

    if (!read_number(member, &number) || !(number >= min && number <= max) ||
        number != (double)(int)number)
        return why_set(why, "%.*s: must be %d to %d", KEY(member), min, max);
    *out = (int)number;
    return 0;
}

int value_bool_text(const struct json_member *member, char **text,
                    struct why *why)
{
    if (member->type != JSON_TRUE && member->type != JSON_FALSE)
        return wrong_type(member, "true or false", why);
    *text = xmemdup(member->value, member->value_len);
    return 0;
}

int value_uint_text(const struct json_member *member, uint64_t min,
                    uint64_t max, char **text, struct why *why)
{
    struct buf out;
    double number;

    if (!read_number(member, &number) ||
        !(number >= (double)min && number <= (double)max) ||
        number != (double)(uint64_t)number)
        return why_set(why, "%.*s: must be %" PRIu64 " to %" PRIu64,
                       KEY(member), min, max);
    buf_init(&out, 32);
    buf_addf(&out, "%" PRIu64, (uint64_t)number);
    *text = buf_detach(&out, NULL);
    return 0;
}

int value_seconds_text(const struct json_member *member, char **text,
                       struct why *why)
{
    struct buf out;
    double number;

    if (member->type == JSON_STRING)
        return value_plain_text(member, text, why);
    if (member->type != JSON_NUMBER)
        return wrong_type(member, "seconds or a duration such as \"1.5s\"",
                          why);
    if (!read_number(member, &number) ||
        !(number >= 0 && number <= SECONDS_MAX))
        return why_set(why, "%.*s: must be 0 to 1000000000 seconds",
                       KEY(member));
    buf_init(&out, 400);
    buf_addf(&out, "%.9f", number);
    *text = buf_detach(&out, NULL);
    return 0;
}

int value_size_text(const struct json_member *member, char **text,
                    struct why *why)
{
    if (member->type == JSON_NUMBER)
        return value_uint_text(member, 0, (uint64_t)1 << 53, text, why);
    if (member->type != JSON_STRING)
        return wrong_type(member, "bytes or a size such as \"10M\"", why);
    return value_plain_text(member, text, why);
}

int value_plain_text(const struct json_member *member, char **text,
                     struct why *why)
{
    size_t len;

    return value_text(member, text, &len, why);
}

/* Appends one word of an array to the comma list. */
static int add_word(struct buf *list, const cJSON *item)
{
    if (list->len > 0)
        buf_add_char(list, ',');
    if (cJSON_IsString(item))
        buf_add_str(list, item->valuestring);
    else if (cJSON_IsNumber(item))
        buf_addf(list, "%g", item->valuedouble);
    else
        return -1;
    return 0;
}

/* Appends the words of an array; -1 for one that holds something else. */
static int add_array(struct buf *list, const struct json_member *member)
{
    cJSON *array = cJSON_ParseWithLengthOpts(member->value, member->value_len,
                                             NULL, false);
    int status = array ? 0 : -1;
    const cJSON *item;

    cJSON_ArrayForEach(item, array)
    {
        if (status == 0)
            status = add_word(list, item);
    }
    cJSON_Delete(array);
    return status;
}

/* Appends the value as the comma list that matchset_parse reads. */
static int add_list(struct buf *list, const struct json_member *member)
{
    char *text;
    size_t len;

    switch (member->type) {
    case JSON_STRING:
        value_text(member, &text, &len, NULL);
        buf_add_str(list, text);
        free(text);
        return 0;
    case JSON_NUMBER:
        return buf_add(list, member->value, member->value_len);
    case JSON_ARRAY:
        return add_array(list, member);
    default:
        return -1;
    }
}

int value_list_text(const struct json_member *member, char **text,
                    struct why *why)
{
    struct buf list;

    buf_init(&list, SIZE_MAX / 2);
    buf_add_str(&list, "");
    if (add_list(&list, member) != 0) {
        buf_release(&list);
        return why_set(why, "%.*s: must be a list as --%.*s takes it",
                       KEY(member), KEY(member));
    }
    *text = list.data ? buf_detach(&list, NULL) : xstrdup("");
    return 0;
}

static int each_of_array(const struct json_member *member,
                         int (*each)(void *context, const char *text,
                                     size_t len, struct why *why),
                         void *context, struct why *why)
{
    cJSON *array = cJSON_ParseWithLengthOpts(member->value, member->value_len,
                                             NULL, false);
    int status = array ? 0 : why_set(why, "an array that cannot be read");
    const cJSON *item;

    cJSON_ArrayForEach(item, array)
    {
        if (status != 0)
            break;
        if (cJSON_IsString(item))
            status = each(context, item->valuestring, strlen(item->valuestring),
                          why);
        else
            status = why_set(why, "an array that holds more than strings");
    }
    cJSON_Delete(array);
    return status;
}

int value_strings(const struct json_member *member,
                  int (*each)(void *context, const char *text, size_t len,
                              struct why *why),
                  void *context, struct why *why)
{
    char *text;
    size_t len;
    int status;

    if (member->type == JSON_ARRAY)
        return each_of_array(member, each, context, why);
    if (value_text(member, &text, &len, NULL) != 0)
        return why_set(why, "neither a string nor an array of strings, but %s",
                       json_type_name(member->type));
    status = each(context, text, len, why);
    free(text);
    return status;
}
