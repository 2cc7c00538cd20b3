/* SPDX-License-Identifier: MIT */
/*
 * A JSON line to a request. Knows which of the line's members count and what
 * a record may tell of them; grammar is the scanner's affair, the keys are
 * policy/line_keys'.
 */
#include "policy/line_json.h"

#include "base/json.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "policy/fields.h"
#include "policy/line_check.h"
#include "policy/line_keys.h"
#include "policy/wire.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How much of an unknown key a message quotes. */
#define QUOTE_MAX 40

struct line_json {
    struct json_member members[JSON_MEMBERS_MAX]; /* of the line */
    struct json_member inner[JSON_MEMBERS_MAX];   /* of a record's request */
    const struct opt_table *options;              /* borrowed */
    const struct hosts *hosts;                    /* borrowed; NULL: none */
    const struct json_member *refused; /* a key that lines may not have */
    struct line_draft draft;
};

/* ---- which members count ---- */

/* The member of the name; NULL when there is none. */
static const struct json_member *find(const struct json_member *members,
                                      int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (json_key_is(&members[i], name))
            return &members[i];
    }
    return NULL;
}

static enum key key_of(const struct json_member *member)
{
    int key = 0;

    while (key < KEY_COUNT && !json_key_is(member, line_keys[key].name))
        key++;
    return (enum key)key;
}

/* Notes a member that is a setting; false for one that is none. */
static bool take_setting(struct line_json *json,
                         const struct json_member *member)
{
    struct line_draft *draft = &json->draft;
    size_t len;
    char *text = line_key_text(member, &len);
    const struct opt *row = opt_setting(json->options, text, len);

    free(text);
    if (row && member->type != JSON_NULL)
        draft->settings[draft->setting_count++] =
            (struct line_setting){row, member, draft};
    return row != NULL;
}

/* True for what is the command line's alone. A column "key" is common, though,
 * and a record has it: it is ignored as other keys are. */
static bool is_for_run(const struct line_json *json,
                       const struct json_member *member)
{
    size_t len;
    char *text = line_key_text(member, &len);
    const struct opt *row = opt_run_only(json->options, text, len);

    free(text);
    return row && member->type != JSON_NULL && !json_key_is(member, "key");
}

/* A null is as good as none, where it is not a value of its own. */
static bool is_given(const struct json_member *member, enum key key)
{
    return member->type != JSON_NULL || key == KEY_ID || key == KEY_JSON;
}

/* An option's name as a key. */
static const char *with_underscores(const char *name, char text[QUOTE_MAX])
{
    snprintf(text, QUOTE_MAX, "%s", name);
    for (char *c = text; *c; c++)
        *c = *c == '-' ? '_' : *c;
    return text;
}

static int unknown_key(struct line_json *json, const struct json_member *member)
{
    char key_text[QUOTE_MAX];
    const struct opt *row;
    size_t len;
    char *text = line_key_text(member, &len);
    struct nearest nearest;
    const char *found;

    text[utf8_valid_prefix(text, len < QUOTE_MAX ? len : QUOTE_MAX)] = '\0';
    nearest_init(&nearest, text);
    for (int key = 0; key < KEY_COUNT; key++)
        nearest_offer(&nearest, line_keys[key].name);
    for (size_t i = 0; (row = opt_row(json->options, i)); i++) {
        if (opt_is_setting(row))
            nearest_offer(&nearest, row->alias ? row->alias : row->name);
    }
    found = nearest_found(&nearest);
    if (found)
        line_bad(&json->draft, CODE_UNKNOWN_KEY,
                 "unknown key \"%s\"; did you mean \"%s\"?", text,
                 with_underscores(found, key_text));
    else
        line_bad(&json->draft, CODE_UNKNOWN_KEY, "unknown key \"%s\"", text);
    free(text);
    return -1;
}

/* Notes the members that are keys; the first unknown one is *unknown. */
static void take_members(struct line_json *json,
                         const struct json_member *members, int count,
                         const struct json_member **unknown)
{
    for (int i = 0; i < count; i++) {
        enum key key = key_of(&members[i]);

        if (key != KEY_COUNT && is_given(&members[i], key))
            json->draft.given[key] = &members[i];
        if (key != KEY_COUNT || take_setting(json, &members[i]))
            continue;
        if (!json->refused && is_for_run(json, &members[i]))
            json->refused = &members[i];
        else if (!*unknown)
            *unknown = &members[i];
    }
}

static bool is_record(const struct json_member *members, int count)
{
    const struct json_member *ok = find(members, count, "ok");
    const struct json_member *index = find(members, count, "index");

    if (!ok || (ok->type != JSON_TRUE && ok->type != JSON_FALSE) || !index ||
        index->type != JSON_NUMBER)
        return false;
    for (size_t i = 0; i < index->value_len; i++) {
        if (strchr(".eE", index->value[i]))
            return false;
    }
    return true;
}

/* Of a record its own url, method and id count, and all of its request. */
static int take_record(struct line_json *json, int count,
                       const struct json_member **unknown)
{
    static const enum key own[] = {KEY_ID, KEY_URL, KEY_METHOD};
    const struct json_member *request = find(json->members, count, "request");
    struct why why;
    int inner;

    if (request && request->type == JSON_OBJECT) {
        inner = json_scan_object(request->value, request->value_len,
                                 json->inner, &why);
        if (inner < 0)
            return line_bad(&json->draft, CODE_BAD_VALUE, "request: %s",
                            why.text);
        take_members(json, json->inner, inner, unknown);
    } else if (request && request->type != JSON_NULL) {
        return line_bad(&json->draft, CODE_BAD_VALUE,
                        "request: must be an object, not %s",
                        json_type_name(request->type));
    }
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        const struct json_member *member =
            find(json->members, count, line_keys[own[i]].name);

        if (member && !json->draft.given[own[i]] && is_given(member, own[i]))
            json->draft.given[own[i]] = member;
    }
    return 0;
}

/* ---- the request's own text, for records ---- */

static bool has_secret(const struct line_json *json)
{
    const struct request *request = json->draft.request;

    for (size_t i = 0; i < request->header_count; i++) {
        if (wire_is_secret(request->headers[i].name,
                           strlen(request->headers[i].name)))
            return true;
    }
    return false;
}

/* The headers as given, but for values that are secret. */
static void write_headers(struct json *out, const struct line_json *json)
{
    char *name;
    size_t len;

    json_object_begin(out);
    for (int i = 0; i < json->draft.field_count; i++) {
        const struct json_member *field = &json->draft.fields[i];

        name = line_key_text(field, &len);
        json_key_n(out, name, len);
        if (wire_is_secret(name, len) && !json->draft.config->show_secrets)
            json_string(out, LINE_HIDDEN);
        else
            json_raw(out, field->value, field->value_len);
        free(name);
    }
    json_object_end(out);
}

static void set_source(struct line_json *json)
{
    char key_text[QUOTE_MAX];
    struct buf text;
    struct json out;

    buf_init(&text, SIZE_MAX / 2);
    json_init(&out, &text);
    json_object_begin(&out);
    for (int key = KEY_URL; key < KEY_COUNT; key++) {
        const struct json_member *member = json->draft.given[key];

        if (!member)
            continue;
        json_key(&out, line_keys[key].name);
        if (key == KEY_URL)
            json_string(&out, json->draft.request->asked);
        else if (key == KEY_HEADERS && has_secret(json))
            write_headers(&out, json);
        else
            json_raw(&out, member->value, member->value_len);
    }
    for (int i = 0; i < json->draft.setting_count; i++) {
        const struct line_setting *setting = &json->draft.settings[i];

        json_key(&out, with_underscores(setting->row->name, key_text));
        if (setting->row->secret && !json->draft.config->show_secrets)
            json_string(&out, LINE_HIDDEN);
        else
            json_raw(&out, setting->member->value, setting->member->value_len);
    }
    json_object_end(&out);
    json->draft.request->source = line_copy_json(text.data, text.len);
    buf_release(&text);
}

/* ---- the line ---- */

struct line_json *line_json_new(const struct config *config,
                                const struct opt_table *options)
{
    struct line_json *json = xcalloc(1, sizeof(*json));

    json->options = options;

    json->draft.config = config;
    return json;
}

void line_json_free(struct line_json *json)
{
    free(json);
}

void line_json_set_hosts(struct line_json *json, const struct hosts *hosts)
{
    json->hosts = hosts;
}

/* \u0000 ends a string for many a reader; only the id is passed on unread. */
static int check_nul(struct line_json *json, const struct json_member *member)
{
    size_t len = member->key_len < QUOTE_MAX ? member->key_len : QUOTE_MAX;

    if (!member->has_nul)
        return 0;
    return line_bad(&json->draft, CODE_BAD_VALUE, "%.*s: holds \\u0000",
                    (int)utf8_valid_prefix(member->key, len), member->key);
}

/* A setting by its name and again by its alias. */
static int check_twice(struct line_json *json, int place)
{
    const struct line_setting *settings = json->draft.settings;

    for (int i = 0; i < place; i++) {
        if (settings[i].row == settings[place].row)
            return line_bad(
                &json->draft, CODE_BAD_VALUE, "%.*s: is the same as %.*s",
                (int)settings[place].member->key_len,
                settings[place].member->key, (int)settings[i].member->key_len,
                settings[i].member->key);
    }
    return 0;
}

static int read_keys(struct line_json *json)
{
    for (int key = 0; key < KEY_COUNT; key++) {
        const struct json_member *member = json->draft.given[key];

        if (!member)
            continue;
        if (key != KEY_ID && check_nul(json, member) != 0)
            return -1;
        if (line_keys[key].read(&json->draft, member) != 0)
            return -1;
    }
    if (json->draft.request->host_key)
        hosts_settle(json->hosts, json->draft.request);
    for (int i = 0; i < json->draft.setting_count; i++) {
        const struct line_setting *setting = &json->draft.settings[i];

        if (check_twice(json, i) != 0 ||
            check_nul(json, setting->member) != 0 ||
            line_set(&json->draft, setting) != 0)
            return -1;
    }
    return line_settle(&json->draft);
}

/* What is no key is not read, but must not hide a NUL either. A record's
 * members are the response's: they may. */
static int check_rest(struct line_json *json, int count)
{
    if (json->draft.is_record)
        return 0;
    for (int i = 0; i < count; i++) {
        if (key_of(&json->members[i]) == KEY_COUNT &&
            check_nul(json, &json->members[i]) != 0)
            return -1;
    }
    return 0;
}

/* Sorts the members out; *unknown is one that is no key, or NULL. */
static int take_line(struct line_json *json, int count,
                     const struct json_member **unknown)
{
    json->draft.is_record = is_record(json->members, count);
    *unknown = NULL;
    if (json->draft.is_record)
        return take_record(json, count, unknown);
    take_members(json, json->members, count, unknown);
    return 0;
}

int line_json_read(struct line_json *json, const char *text, size_t len,
                   struct request *request, struct error *error)
{
    const struct json_member *unknown;
    struct why why;
    int count;

    json->draft.request = request;
    json->draft.error = error;
    json->draft.field_count = 0;
    json->draft.setting_count = 0;
    json->refused = NULL;
    memset(json->draft.given, 0, sizeof(json->draft.given));
    count = json_scan_object(text, len, json->members, &why);
    if (count < 0 && utf8_valid_prefix(text, len) != len)
        return line_bad(&json->draft, CODE_BAD_UTF8, "%s", why.text);
    if (count < 0)
        return line_bad(&json->draft, CODE_BAD_JSON, "%s", why.text);
    if (take_line(json, count, &unknown) != 0)
        return -1;
    if (read_keys(json) != 0 || check_rest(json, count) != 0)
        return -1;
    if (json->refused)
        return line_bad(&json->draft, CODE_UNKNOWN_KEY,
                        "\"%.*s\" is for the command line only",
                        (int)json->refused->key_len, json->refused->key);
    if (unknown && json->draft.config->strict)
        return unknown_key(json, unknown);
    if (!request->url)
        return line_bad(&json->draft, CODE_NO_URL, "no url is given");
    if (line_check(json->draft.config, json->options, request,
                   json->draft.given[KEY_METHOD] != NULL, error) != 0)
        return -1;
    if (json->draft.config->fields & FIELD_BIT(FIELD_REQUEST))
        set_source(json);
    return 0;
}
