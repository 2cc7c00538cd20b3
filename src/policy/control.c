/* SPDX-License-Identifier: MIT */
/* The file of --control: its members, strictly. */
#include "policy/control.h"

#include "base/json.h"
#include "base/nearest.h"
#include "base/units.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONCURRENCY_MAX 65535

enum kind {
    KIND_COUNT,
    KIND_RATE,
    KIND_FLAG,
};

/* A member: where its value goes, and that it was there. */
struct row {
    const char *name;
    enum kind kind;
    uint64_t min; /* of KIND_COUNT */
    size_t field, has;
};

#define FIELD(NAME) offsetof(struct control, NAME)

static const struct row rows[] = {
    {"concurrency", KIND_COUNT, 1, FIELD(concurrency), FIELD(has_concurrency)},
    {"host_concurrency", KIND_COUNT, 0, FIELD(host_concurrency),
     FIELD(has_host_concurrency)},
    {"rate", KIND_RATE, 0, FIELD(rate), FIELD(has_rate)},
    {"host_rate", KIND_RATE, 0, FIELD(host_rate), FIELD(has_host_rate)},
    {"pause", KIND_FLAG, 0, FIELD(pause), FIELD(has_pause)},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int wrong_type(const struct json_member *member, const char *want,
                      struct why *why)
{
    return why_set(why, "%s, not %s", json_type_name(member->type), want);
}

static int read_count(unsigned *field, const struct row *row,
                      const struct json_member *member, const char *text,
                      struct why *why)
{
    uint64_t number;

    if (member->type != JSON_NUMBER)
        return wrong_type(member, "a number", why);
    if (unit_uint(text, row->min, CONCURRENCY_MAX, &number, why) != 0)
        return -1;
    *field = (unsigned)number;
    return 0;
}

/* A text is a rate as options have it. */
static int read_rate(double *field, const struct json_member *member,
                     char *text, struct why *why)
{
    char *end = NULL;

    *field = 0.0;
    if (member->type == JSON_NULL)
        return 0;
    if (member->type == JSON_STRING) {
        json_unquote(member->value, member->value_len, text);
        return unit_rate(text, field, why);
    }
    if (member->type != JSON_NUMBER)
        return wrong_type(member, "a number or a text like \"30/m\"", why);
    *field = strtod(text, &end);
    if (*end || !(*field >= 0.0 && *field <= 1e9))
        return why_set(why, "%.40s is not from 0 to 1e9", text);
    return 0;
}

static int read_flag(bool *field, const struct json_member *member,
                     struct why *why)
{
    if (member->type != JSON_TRUE && member->type != JSON_FALSE)
        return wrong_type(member, "true or false", why);
    *field = member->type == JSON_TRUE;
    return 0;
}

static int read_member(struct control *control, const struct row *row,
                       const struct json_member *member, struct why *why)
{
    char *text = xmemdup(member->value, member->value_len);
    void *field = (char *)control + row->field;
    int result = -1;

    switch (row->kind) {
    case KIND_COUNT:
        result = read_count(field, row, member, text, why);
        break;
    case KIND_RATE:
        result = read_rate(field, member, text, why);
        break;
    case KIND_FLAG:
        result = read_flag(field, member, why);
        break;
    }
    *(bool *)((char *)control + row->has) = true;
    free(text);
    return result;
}

static int unknown(const struct json_member *member, struct why *why)
{
    char *name = xmemdup(member->key, member->key_len);
    struct nearest nearest;
    const char *found;

    nearest_init(&nearest, name);
    for (size_t i = 0; i < ROWS; i++)
        nearest_offer(&nearest, rows[i].name);
    found = nearest_found(&nearest);
    why_set(why, "unknown member \"%.40s\"%s%s%s", name,
            found ? "; did you mean \"" : "", found ? found : "",
            found ? "\"?" : "");
    free(name);
    return -1;
}

static int take_member(struct control *control,
                       const struct json_member *member, struct why *why)
{
    struct why inner;

    for (size_t i = 0; i < ROWS; i++) {
        if (!json_key_is(member, rows[i].name))
            continue;
        if (read_member(control, &rows[i], member, &inner) != 0)
            return why_set(why, "%s: %s", rows[i].name, inner.text);
        return 0;
    }
    return unknown(member, why);
}

int control_parse(struct control *control, const char *text, size_t len,
                  struct why *why)
{
    struct json_member members[JSON_MEMBERS_MAX];
    int count = json_scan_object(text, len, members, why);

    *control = (struct control){0};
    if (count < 0)
        return -1;
    for (int i = 0; i < count; i++)
        if (take_member(control, &members[i], why) != 0)
            return -1;
    return 0;
}
