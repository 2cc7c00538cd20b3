/* SPDX-License-Identifier: MIT */
/*
 * One function for each key of a JSON line, and the table of them. Knows what
 * a key sets; types are policy/line_value's affair, what may be sent is
 * policy/wire's.
 */
#include "policy/line_keys.h"

#include "base/utf8.h"
#include "policy/credentials.h"
#include "policy/defaults.h"
#include "policy/line_body.h"
#include "policy/line_value.h"
#include "policy/url.h"
#include "policy/wire.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Header fields of a request: more than any server takes. */
#define HEADERS_MAX      256
#define HEADER_BYTES_MAX (256 * 1024)

/* Longest name of a group, as JSON. */
#define GROUP_MAX 256

int line_bad(struct line_draft *draft, enum error_code code, const char *format,
             ...)
{
    char text[sizeof(draft->error->message)];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    error_set(draft->error, CLASS_INPUT, code, PHASE_QUEUE, "%s", text);
    return -1;
}

char *line_key_text(const struct json_member *member, size_t *len)
{
    char *text = xmalloc(member->key_len + 2);

    /* The key's quotes stand around it in the scanned text. */
    *len = json_unquote(member->key - 1, member->key_len + 2, text);
    return text;
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f;
}

/*
 * A copy of a JSON text without bytes that must not reach a terminal raw.
 * They stand in strings, where an escape means the same, or are white space.
 */
char *line_copy_json(const char *text, size_t len)
{
    struct buf out;
    uint32_t cp;

    buf_init(&out, SIZE_MAX / 2);
    for (size_t at = 0, taken; at < len; at += taken) {
        for (taken = 0; at + taken < len && is_plain(text[at + taken]);)
            taken++;
        if (taken == 0)
            taken = utf8_decode(text + at, len - at, &cp);
        else
            cp = ' ';
        if (cp == '\t' || cp == '\r' || cp == '\n')
            buf_add_char(&out, ' ');
        else if (utf8_unprintable(cp))
            buf_addf(&out, "\\u%04x", (unsigned)cp);
        else
            buf_add(&out, text + at, taken);
    }
    return buf_detach(&out, NULL);
}

static int read_id(struct line_draft *draft, const struct json_member *member)
{
    draft->request->id = line_copy_json(member->value, member->value_len);
    return 0;
}

static int read_url(struct line_draft *draft, const struct json_member *member)
{
    struct request *request = draft->request;
    enum error_code code;
    struct url url;
    struct why why;
    char *text;
    size_t len;
    int status;

    if (value_text(member, &text, &len, &why) != 0)
        return line_bad(draft, CODE_BAD_VALUE, "%s", why.text);
    status =
        url_parse(&url, text, len, draft->config->default_scheme, &code, &why);
    request->asked = draft->config->show_secrets ? xmemdup(text, len)
                     : status == 0 ? url_without_userinfo(text, len)
                                   : url_censored(text, len);
    free(text);
    if (status != 0)
        return line_bad(draft, code, "url: %s", why.text);
    request->url = url.text;
    request->host_key = url.host_key;
    request->userinfo = url.userinfo;
    return 0;
}

static int read_method(struct line_draft *draft,
                       const struct json_member *member)
{
    struct why why;
    char *text;
    size_t len;
    int status;

    if (value_text(member, &text, &len, &why) != 0)
        return line_bad(draft, CODE_BAD_METHOD, "%s", why.text);
    status = wire_check_method(text, len, &why);
    if (status == 0)
        memcpy(draft->request->method, text, len + 1);
    free(text);
    return status == 0
               ? 0
               : line_bad(draft, CODE_BAD_METHOD, "method: %s", why.text);
}

/* A header's name, while its values are read. */
struct header_name {
    struct line_draft *draft;
    char *text;
    size_t len;
};

static int add_value(void *context, const char *value, size_t len,
                     struct why *why)
{
    const struct header_name *name = context;

    while (len > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        len--;
    }
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        len--;
    if (wire_check_header_value(name->text, name->len, value, len, why) != 0)
        return -1;
    /* Sending the stars would look like a credential that is wrong. */
    if (name->draft->is_record && len == sizeof(LINE_HIDDEN) - 1 &&
        memcmp(value, LINE_HIDDEN, len) == 0 &&
        wire_is_secret(name->text, name->len))
        return why_set(why, "\"%s\" is not in the record: it is secret",
                       name->text);
    if (name->draft->request->header_count == HEADERS_MAX)
        return why_set(why, "more than %d fields", HEADERS_MAX);
    name->draft->header_bytes += name->len + len;
    if (name->draft->header_bytes > HEADER_BYTES_MAX)
        return why_set(why, "names and values of more than %d KiB",
                       HEADER_BYTES_MAX / 1024);
    request_add_header(name->draft->request, name->text, name->len, value, len);
    return 0;
}

static int read_header(struct line_draft *draft,
                       const struct json_member *field)
{
    struct header_name name = {.draft = draft};
    struct why why;
    int status;

    name.text = line_key_text(field, &name.len);
    status = wire_check_header_name(name.text, name.len, &why);
    if (status == 0 && field->type != JSON_STRING && field->type != JSON_ARRAY)
        status = why_set(&why,
                         "value of \"%.60s\" must be a string or an array of "
                         "strings, not %s",
                         name.text, json_type_name(field->type));
    else if (status == 0)
        status = value_strings(field, add_value, &name, &why);
    free(name.text);
    if (status != 0)
        line_bad(draft, CODE_BAD_REQUEST_HEADER, "headers: %s", why.text);
    return status;
}

static unsigned count_headers(const struct request *request, const char *name)
{
    unsigned count = 0;

    for (size_t i = 0; i < request->header_count; i++)
        count += strcasecmp(request->headers[i].name, name) == 0;
    return count;
}

static int read_headers(struct line_draft *draft,
                        const struct json_member *member)
{
    struct why why;

    if (member->type != JSON_OBJECT)
        return line_bad(draft, CODE_BAD_REQUEST_HEADER,
                        "headers: must be an object, not %s",
                        json_type_name(member->type));
    draft->field_count =
        json_scan_object(member->value, member->value_len, draft->fields, &why);
    if (draft->field_count < 0)
        return line_bad(draft, CODE_BAD_REQUEST_HEADER, "headers: %s",
                        why.text);
    draft->header_bytes = 0;
    for (int i = 0; i < draft->field_count; i++) {
        if (read_header(draft, &draft->fields[i]) != 0)
            return -1;
    }
    if (count_headers(draft->request, "Host") > 1)
        return line_bad(draft, CODE_BAD_REQUEST_HEADER,
                        "headers: \"Host\" is given more than once");
    return 0;
}

static int check_only_body(struct line_draft *draft, enum key key)
{
    for (int other = KEY_BODY; other <= KEY_DATA_URLENCODE; other++) {
        if (other != (int)key && draft->given[other])
            return line_bad(draft, CODE_BAD_VALUE,
                            "only one of %s and %s can be given",
                            line_keys[key].name, line_keys[other].name);
    }
    if (defaults_bodiless(draft->request->method))
        return line_bad(draft, CODE_BAD_VALUE, "%s takes no body",
                        draft->request->method);
    if (!draft->given[KEY_METHOD] && !draft->config->asked.method_given)
        memcpy(draft->request->method, "POST", sizeof("POST"));
    return 0;
}

static int read_body(struct line_draft *draft, const struct json_member *member)
{
    struct why why;

    if (check_only_body(draft, KEY_BODY) != 0)
        return -1;
    if (value_text(member, &draft->request->body, &draft->request->body_len,
                   &why) != 0)
        return line_bad(draft, CODE_BAD_VALUE, "%s", why.text);
    return 0;
}

static int read_body_base64(struct line_draft *draft,
                            const struct json_member *member)
{
    struct request *request = draft->request;
    struct why why;
    char *bytes;

    if (check_only_body(draft, KEY_BODY_BASE64) != 0)
        return -1;
    if (value_base64(member, &bytes, &request->body_len, &why) != 0) {
        request->body_len = 0;
        return line_bad(draft, CODE_BAD_VALUE, "%s", why.text);
    }
    request->body = bytes;
    request->body_binary = true;
    return 0;
}

/* The type of the body, where the line does not say it itself. */
static void add_type(struct request *request, const char *type)
{
    static const char name[] = "Content-Type";

    if (count_headers(request, name) == 0)
        request_add_header(request, name, sizeof(name) - 1, type, strlen(type));
}

static int read_json(struct line_draft *draft, const struct json_member *member)
{
    struct request *request = draft->request;

    if (check_only_body(draft, KEY_JSON) != 0)
        return -1;
    /* What the record's `request` shows, and so what it asks for again. */
    request->body = line_copy_json(member->value, member->value_len);
    request->body_len = strlen(request->body);
    add_type(request, "application/json");
    return 0;
}

static int read_form(struct line_draft *draft, const struct json_member *member)
{
    struct request *request = draft->request;
    char type[FORM_TYPE_SIZE];
    struct why why;

    if (check_only_body(draft, KEY_FORM) != 0)
        return -1;
    if (line_form(member, &request->body, &request->body_len, type, &why) != 0)
        return line_bad(draft, CODE_BAD_VALUE, "form: %s", why.text);
    add_type(request, type);
    return 0;
}

static int read_data_urlencode(struct line_draft *draft,
                               const struct json_member *member)
{
    struct request *request = draft->request;
    struct why why;

    if (check_only_body(draft, KEY_DATA_URLENCODE) != 0)
        return -1;
    if (line_urlencoded(member, &request->body, &request->body_len, &why) != 0)
        return line_bad(draft, CODE_BAD_VALUE, "data_urlencode: %s", why.text);
    add_type(request, "application/x-www-form-urlencoded");
    return 0;
}

static int read_priority(struct line_draft *draft,
                         const struct json_member *member)
{
    struct why why;

    if (value_int(member, -2, 2, &draft->request->priority, &why) != 0)
        return line_bad(draft, CODE_BAD_VALUE, "%s", why.text);
    return 0;
}

/* A name may be a number: what the list's maker has at hand. */
static int read_group(struct line_draft *draft,
                      const struct json_member *member)
{
    if (member->type != JSON_STRING && member->type != JSON_NUMBER)
        return line_bad(draft, CODE_BAD_VALUE,
                        "group: must be a string or a number, not %s",
                        json_type_name(member->type));
    if (member->value_len > GROUP_MAX)
        return line_bad(draft, CODE_BAD_VALUE, "group: longer than %d bytes",
                        GROUP_MAX);
    draft->request->group = line_copy_json(member->value, member->value_len);
    return 0;
}

/* The value as the text that the option would take. */
static int setting_text(const struct line_setting *setting, char **text,
                        struct why *why)
{
    const struct json_member *member = setting->member;

    switch (setting->row->kind) {
    case OPT_KIND_FLAG:
    case OPT_KIND_VALUE:
        return value_bool_text(member, text, why);
    case OPT_KIND_UINT:
        return value_uint_text(member, setting->row->min,
                               setting->row->max ? setting->row->max : UINT_MAX,
                               text, why);
    case OPT_KIND_DURATION:
        return value_seconds_text(member, text, why);
    case OPT_KIND_SIZE:
    case OPT_KIND_CUSTOM:
        return value_size_text(member, text, why);
    case OPT_KIND_MATCHSET:
        return value_list_text(member, text, why);
    default:
        return value_plain_text(member, text, why);
    }
}

/* One text of a list. */
static int add_text(void *context, const char *text, size_t len,
                    struct why *why)
{
    const struct line_setting *setting = context;
    struct line_draft *draft = setting->draft;
    const char *kept = request_keep_take(draft->request, xmemdup(text, len));

    if (draft->is_record && setting->row->secret &&
        strcmp(kept, LINE_HIDDEN) == 0)
        return why_set(why, "is not in the record: it is secret");
    return opt_set_setting(setting->row, draft->request->own, kept, why);
}

/* A list of the line stands instead of the run's. */
static int set_list(struct line_draft *draft,
                    const struct line_setting *setting, struct why *why)
{
    struct strings *list = opt_setting_field(setting->row, draft->request->own);
    struct why inner;
    int status;

    *list = (struct strings){0};
    status = value_strings(setting->member, add_text, (void *)setting, &inner);
    if (list->items)
        request_keep_take(draft->request, (char *)list->items);
    if (status != 0)
        why_set(why, "%.*s: %s", (int)setting->member->key_len,
                setting->member->key, inner.text);
    return status;
}

static int set_one(struct line_draft *draft, const struct line_setting *setting,
                   struct why *why)
{
    struct why inner;
    char *text;

    if (setting_text(setting, &text, why) != 0)
        return -1;
    request_keep_take(draft->request, text);
    if (draft->is_record && setting->row->secret &&
        strcmp(text, LINE_HIDDEN) == 0)
        return why_set(why, "%.*s: is not in the record: it is secret",
                       (int)setting->member->key_len, setting->member->key);
    if (opt_set_setting(setting->row, draft->request->own, text, &inner) != 0)
        return why_set(why, "%.*s: %s", (int)setting->member->key_len,
                       setting->member->key, inner.text);
    return 0;
}

int line_set(struct line_draft *draft, const struct line_setting *setting)
{
    struct why why;
    int status;

    request_own_settings(draft->request);
    status = setting->row->kind == OPT_KIND_LIST
                 ? set_list(draft, setting, &why)
                 : set_one(draft, setting, &why);
    return status == 0 ? 0 : line_bad(draft, CODE_BAD_VALUE, "%s", why.text);
}

int line_settle(struct line_draft *draft)
{
    struct request *request = draft->request;

    if (!request->own || credentials_settle(request->own, request->run) == 0)
        return 0;
    return line_bad(draft, CODE_BAD_VALUE,
                    "only one of user and oauth2_bearer can be given");
}

const struct line_key line_keys[KEY_COUNT] = {
    [KEY_ID] = {"id", read_id},
    [KEY_URL] = {"url", read_url},
    [KEY_METHOD] = {"method", read_method},
    [KEY_HEADERS] = {"headers", read_headers},
    [KEY_BODY] = {"body", read_body},
    [KEY_BODY_BASE64] = {"body_base64", read_body_base64},
    [KEY_JSON] = {"json", read_json},
    [KEY_FORM] = {"form", read_form},
    [KEY_DATA_URLENCODE] = {"data_urlencode", read_data_urlencode},
    [KEY_PRIORITY] = {"priority", read_priority},
    [KEY_GROUP] = {"group", read_group},
};
