/* SPDX-License-Identifier: MIT */
/*
 * The keys of a JSON line and what each sets in the request: for
 * policy/line_json alone.
 */
#ifndef POLICY_LINE_KEYS_H
#define POLICY_LINE_KEYS_H

#include "base/json.h"
#include "model/config.h"
#include "model/error.h"
#include "model/opt.h"
#include "model/request.h"

#include <stdbool.h>
#include <stddef.h>

/* What stands for a secret in a record's `request`. */
#define LINE_HIDDEN "***"

/* In the order in which they are read: first what an invalid line's record
 * tells of it. */
enum key {
    KEY_ID,
    KEY_URL,
    KEY_METHOD,
    KEY_HEADERS,
    KEY_BODY,
    KEY_BODY_BASE64,
    KEY_JSON,
    KEY_FORM,
    KEY_DATA_URLENCODE, /* the last of the bodies */
    KEY_PRIORITY,
    KEY_GROUP,
    KEY_COUNT
};

/* A setting that a line gives. */
struct line_setting {
    const struct opt *row;            /* NULL: not a setting */
    const struct json_member *member; /* borrowed */
    struct line_draft *draft;         /* the line it is of */
};

/* A line that is being read. */
struct line_draft {
    const struct config *config;                /* borrowed */
    const struct json_member *given[KEY_COUNT]; /* NULL: not given */
    struct line_setting settings[JSON_MEMBERS_MAX];
    int setting_count;
    struct json_member fields[JSON_MEMBERS_MAX]; /* of the headers */
    int field_count;
    size_t header_bytes; /* names and values taken so far */
    bool is_record;      /* the line is a record fed back */
    struct request *request;
    struct error *error;
};

struct line_key {
    const char *name;
    /* Sets the request's part; -1 with the draft's error. */
    int (*read)(struct line_draft *draft, const struct json_member *member);
};

extern const struct line_key line_keys[KEY_COUNT];

/* Sets what a setting of the line says; -1 with the draft's error. */
int line_set(struct line_draft *draft, const struct line_setting *setting);

/* What one setting alone cannot see; -1 with the draft's error. */
int line_settle(struct line_draft *draft);

/* Sets the draft's error, class `input`; returns -1. */
int line_bad(struct line_draft *draft, enum error_code code, const char *format,
             ...) __attribute__((format(printf, 3, 4)));

/* A member's name, its escapes decoded; ends with a NUL, the caller's. */
char *line_key_text(const struct json_member *member, size_t *len);

/* A copy of a valid JSON text in which nothing that must not reach a terminal
 * stands raw; the caller's. */
char *line_copy_json(const char *text, size_t len);

#endif
