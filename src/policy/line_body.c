/* SPDX-License-Identifier: MIT */
/*
 * Forms out of a JSON line. It knows how a line writes them down; what they
 * are sent as is policy/form's and policy/data's affair.
 */
#include "policy/line_body.h"

#include "policy/data.h"
#include "policy/line_value.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Calls `add` for each text of an object of texts and arrays of texts. */
static int each_text(const cJSON *object,
                     int (*add)(void *to, const char *name, const char *text,
                                struct why *why),
                     void *to, struct why *why)
{
    const cJSON *item, *text;

    cJSON_ArrayForEach(item, object)
    {
        bool many = cJSON_IsArray(item);

        for (text = many ? item->child : item; text; text = text->next) {
            if (!cJSON_IsString(text))
                return why_set(why,
                               "\"%.60s\" must be a string or an array of "
                               "strings",
                               item->string);
            if (add(to, item->string, text->valuestring, why) != 0)
                return -1;
            if (!many)
                break;
        }
    }
    return 0;
}

static int add_text(void *to, const char *name, const char *text,
                    struct why *why)
{
    struct form_part part = {
        .name = name,
        .name_len = strlen(name),
        .value = text,
        .value_len = strlen(text),
        .type = "",
    };

    return form_add(to, &part, why);
}

enum part_key { PART_NAME, PART_VALUE, PART_BASE64, PART_FILENAME, PART_TYPE };

#define PART_KEYS 5

/* Sorts the members of a part out; a text that is not given stays NULL. */
static int take_part(const cJSON *object, char *texts[PART_KEYS],
                     struct why *why)
{
    static const char *const names[PART_KEYS] = {"name", "value", "base64",
                                                 "filename", "type"};
    const cJSON *item;

    cJSON_ArrayForEach(item, object)
    {
        int key = 0;

        while (key < PART_KEYS && strcmp(item->string, names[key]) != 0)
            key++;
        if (key == PART_KEYS)
            return why_set(why, "unknown key \"%.40s\" of a part",
                           item->string);
        if (texts[key])
            return why_set(why, "\"%s\" is given twice", names[key]);
        if (!cJSON_IsString(item))
            return why_set(why, "\"%s\" of a part must be a string",
                           names[key]);
        texts[key] = item->valuestring;
    }
    if (!texts[PART_NAME])
        return why_set(why, "a part has no \"name\"");
    if (!texts[PART_VALUE] == !texts[PART_BASE64])
        return why_set(why, "a part has one of \"value\" and \"base64\"");
    return 0;
}

static int add_part(struct form *form, const cJSON *object, struct why *why)
{
    char *texts[PART_KEYS] = {NULL};
    struct form_part part = {0};

    if (!cJSON_IsObject(object))
        return why_set(why, "an array holds objects, one for each part");
    if (take_part(object, texts, why) != 0)
        return -1;
    part.name = texts[PART_NAME];
    part.name_len = strlen(part.name);
    part.value = texts[PART_VALUE] ? texts[PART_VALUE] : texts[PART_BASE64];
    part.value_len = strlen(part.value);
    part.filename = texts[PART_FILENAME];
    part.filename_len = part.filename ? strlen(part.filename) : 0;
    part.type = texts[PART_TYPE];
    if (texts[PART_BASE64] &&
        !value_decode_base64(texts[PART_BASE64], &part.value_len))
        return why_set(why, "\"base64\" is not valid (RFC 4648, padded)");
    return form_add(form, &part, why);
}

static int add_parts(struct form *form, const cJSON *value, struct why *why)
{
    const cJSON *item;

    if (cJSON_IsObject(value))
        return each_text(value, add_text, form, why);
    cJSON_ArrayForEach(item, value)
    {
        if (add_part(form, item, why) != 0)
            return -1;
    }
    return 0;
}

/* The parsed value; NULL with why: neither of the types, or a name twice. */
static cJSON *parse(const struct json_member *member, bool array,
                    struct why *why)
{
    struct json_member *members;
    int count = 0;

    if (member->type != JSON_OBJECT && !(array && member->type == JSON_ARRAY)) {
        why_set(why, "must be an object%s, not %s", array ? " or an array" : "",
                json_type_name(member->type));
        return NULL;
    }
    if (member->type == JSON_OBJECT) {
        members = xmalloc(JSON_MEMBERS_MAX * sizeof(*members));
        count =
            json_scan_object(member->value, member->value_len, members, why);
        free(members);
    }
    if (count < 0)
        return NULL;
    why_set(why, "too much for one value");
    return cJSON_ParseWithLengthOpts(member->value, member->value_len, NULL,
                                     false);
}

int line_form(const struct json_member *member, char **body, size_t *len,
              char type[FORM_TYPE_SIZE], struct why *why)
{
    cJSON *value = parse(member, true, why);
    struct form *form;
    struct buf bytes;
    int status;

    if (!value)
        return -1;
    form = form_new(SIZE_MAX / 2);
    buf_init(&bytes, SIZE_MAX / 2);
    status = add_parts(form, value, why);
    if (status == 0)
        status = form_finish(form, &bytes, type, why);
    if (status == 0)
        *body = buf_detach(&bytes, len);
    buf_release(&bytes);
    form_free(form);
    cJSON_Delete(value);
    return status;
}

static int add_pair(void *to, const char *name, const char *text,
                    struct why *why)
{
    (void)why;
    data_add_pair(to, name, text);
    return 0;
}

int line_urlencoded(const struct json_member *member, char **body, size_t *len,
                    struct why *why)
{
    cJSON *value = parse(member, false, why);
    struct buf bytes;
    int status;

    if (!value)
        return -1;
    buf_init(&bytes, SIZE_MAX / 2);
    status = each_text(value, add_pair, &bytes, why);
    if (status == 0)
        *body = buf_detach(&bytes, len);
    buf_release(&bytes);
    cJSON_Delete(value);
    return status;
}
