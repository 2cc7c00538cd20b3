/* SPDX-License-Identifier: MIT */
/*
 * Puts together what the command line asks for. It knows the options and
 * their files; what may be sent is policy's to say, and what a line makes of
 * it too.
 */
#include "app/asked.h"

#include "policy/data.h"
#include "policy/defaults.h"
#include "policy/form_parse.h"
#include "policy/wire.h"
#include "world/slurp.h"
#include "world/source.h"
#include "world/terminal.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_MAX   ((size_t)1 << 30)
#define QUERY_MAX  ((size_t)1 << 20) /* it goes into every URL */
#define HEADER_MAX ((size_t)256 * 1024)
#define FIELDS_MAX 256

/* The files of one run of options. */
struct reading {
    struct config *config;
    struct asked *asked;
    struct slurp slurp;
    size_t header_bytes;
    struct why *why;
};

/* ---- header fields ---- */

static const struct request_header *find(const struct asked *asked,
                                         const char *name)
{
    for (size_t i = 0; i < asked->header_count; i++) {
        if (strcasecmp(asked->headers[i].name, name) == 0)
            return &asked->headers[i];
    }
    return NULL;
}

/* Takes both. */
static void add_header(struct asked *asked, char *name, char *value)
{
    asked->headers = xrealloc(asked->headers, (asked->header_count + 1) *
                                                  sizeof(*asked->headers));
    asked->headers[asked->header_count++] =
        (struct request_header){name, value};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A field as it is written; points into the text. */
struct field {
    const char *name, *value; /* value NULL: it is to be left away */
    size_t name_len, value_len;
};

/* "Name: value", "Name:" and "Name;". Nothing of a text that is none of them
 * is quoted: it may be a secret. */
static int split(const char *text, size_t len, struct field *field,
                 struct why *why)
{
    const char *colon = memchr(text, ':', len);
    const char *end = text + len;

    *field = (struct field){.name = text, .name_len = len - 1, .value = ""};
    if (!colon && len > 1 && end[-1] == ';')
        return 0;
    if (!colon)
        return why_set(why, "neither \"Name: value\" nor \"Name;\" (empty) "
                            "nor \"Name:\" (none)");
    field->name_len = (size_t)(colon - text);
    for (colon++; colon < end && is_blank(*colon);)
        colon++;
    while (end > colon && is_blank(end[-1]))
        end--;
    field->value = end > colon ? colon : NULL;
    field->value_len = (size_t)(end - colon);
    return 0;
}

/* Bounds, and what no server would make sense of. */
static int check_header(struct reading *reading, const char *name,
                        const char *value, size_t len, struct why *why)
{
    reading->header_bytes += strlen(name) + len;
    if (reading->asked->header_count == FIELDS_MAX)
        return why_set(why, "more than %d fields", FIELDS_MAX);
    if (reading->header_bytes > HEADER_MAX)
        return why_set(why, "names and values of more than %zu KiB",
                       HEADER_MAX / 1024);
    if (strcasecmp(name, "Host") != 0)
        return 0;
    if (!value)
        return why_set(why, "\"Host\" cannot be left away");
    if (find(reading->asked, name))
        return why_set(why, "\"Host\" is given more than once");
    return 0;
}

static int read_field(struct reading *reading, const char *text, size_t len,
                      struct why *why)
{
    struct field field;
    char *name;

    if (split(text, len, &field, why) != 0 ||
        wire_check_header_name(text, field.name_len, why) != 0)
        return -1;
    if (field.value &&
        wire_check_header_value(text, field.name_len, field.value,
                                field.value_len, why) != 0)
        return -1;
    name = xmemdup(text, field.name_len);
    if (check_header(reading, name, field.value, field.value_len, why) != 0) {
        free(name);
        return -1;
    }
    add_header(reading->asked, name,
               field.value ? xmemdup(field.value, field.value_len) : NULL);
    return 0;
}

static int read_field_file(struct reading *reading, const char *name,
                           struct why *why)
{
    struct slurp_line line = {0};
    struct why inner;
    struct buf file;
    int status;

    buf_init(&file, 2 * HEADER_MAX);
    status = slurp_file(&reading->slurp, name, &file, why);
    while (status == 0 && slurp_next_line(&file, &line)) {
        status = read_field(reading, line.text, line.len, &inner);
        if (status != 0)
            why_set(why, "%.60s, line %zu: %s", name, line.number, inner.text);
    }
    buf_release(&file);
    return status;
}

static int read_headers(struct reading *reading)
{
    const struct strings *texts = &reading->config->header_texts;
    struct why inner;

    for (size_t i = 0; i < texts->count; i++) {
        const char *text = texts->items[i];
        int status = *text == '@'
                         ? read_field_file(reading, text + 1, &inner)
                         : read_field(reading, text, strlen(text), &inner);

        if (status != 0)
            return why_set(reading->why, "--header: %s", inner.text);
    }
    return 0;
}

/* ---- the body ---- */

static const struct {
    const char *option;
    enum data_kind kind;
} pieces[] = {
    [PIECE_DATA] = {"data", DATA_PLAIN},
    [PIECE_DATA_RAW] = {"data-raw", DATA_RAW},
    [PIECE_DATA_BINARY] = {"data-binary", DATA_BINARY},
    [PIECE_DATA_URLENCODE] = {"data-urlencode", DATA_URLENCODE},
    [PIECE_JSON] = {"json", DATA_JSON},
    [PIECE_FORM] = {"form", DATA_RAW},
    [PIECE_FORM_STRING] = {"form-string", DATA_RAW},
};

static bool is_form(const struct piece *piece)
{
    return piece->kind == PIECE_FORM || piece->kind == PIECE_FORM_STRING;
}

static int in_piece(struct reading *reading, const struct piece *piece,
                    const struct why *inner)
{
    return why_set(reading->why, "--%s: %s", pieces[piece->kind].option,
                   inner->text);
}

static int read_data(struct reading *reading, struct buf *data)
{
    const struct pieces *given = &reading->config->pieces;
    struct reader reader = slurp_reader(&reading->slurp);
    struct why inner;

    for (size_t i = 0; i < given->count; i++) {
        const struct piece *piece = &given->items[i];

        if (data_add(data, pieces[piece->kind].kind, piece->text, &reader,
                     &inner) != 0)
            return in_piece(reading, piece, &inner);
    }
    return 0;
}

static int read_parts(struct reading *reading, struct form *form)
{
    const struct pieces *given = &reading->config->pieces;
    struct reader reader = slurp_reader(&reading->slurp);
    struct why inner;

    for (size_t i = 0; i < given->count; i++) {
        const struct piece *piece = &given->items[i];
        int status = piece->kind == PIECE_FORM
                         ? form_parse(form, piece->text, &reader, &inner)
                         : form_parse_string(form, piece->text, &inner);

        if (status != 0)
            return in_piece(reading, piece, &inner);
    }
    return 0;
}

static int read_form(struct reading *reading, struct buf *body)
{
    struct form *form = form_new(BODY_MAX);
    char type[FORM_TYPE_SIZE];
    int status = read_parts(reading, form);

    if (status == 0)
        status = form_finish(form, body, type, reading->why);
    if (status == 0)
        reading->asked->body_type = xstrdup(type);
    form_free(form);
    return status;
}

static bool any_json(const struct pieces *given)
{
    for (size_t i = 0; i < given->count; i++) {
        if (given->items[i].kind == PIECE_JSON)
            return true;
    }
    return false;
}

/* What curl sends beside the data of --json, where -H does not say it. */
static void tell_types(struct reading *reading)
{
    struct asked *asked = reading->asked;
    bool json = any_json(&reading->config->pieces);

    if (json && !find(asked, "Accept"))
        add_header(asked, xstrdup("Accept"), xstrdup("application/json"));
    if (asked->body && !asked->body_type)
        asked->body_type = xstrdup(json ? "application/json"
                                        : "application/x-www-form-urlencoded");
}

static int check_pieces(const struct reading *reading)
{
    const struct pieces *given = &reading->config->pieces;

    for (size_t i = 1; i < given->count; i++) {
        if (is_form(&given->items[i]) != is_form(&given->items[0]))
            return why_set(reading->why,
                           "--%s and --%s cannot stand side by side",
                           pieces[given->items[0].kind].option,
                           pieces[given->items[i].kind].option);
    }
    if (reading->config->get && given->count > 0 && is_form(&given->items[0]))
        return why_set(reading->why, "--get and --%s cannot stand side by side",
                       pieces[given->items[0].kind].option);
    return 0;
}

static int read_body(struct reading *reading)
{
    const struct config *config = reading->config;
    struct asked *asked = reading->asked;
    struct buf bytes;
    int status;

    if (config->pieces.count == 0)
        return 0;
    if (check_pieces(reading) != 0)
        return -1;
    buf_init(&bytes, config->get ? QUERY_MAX : BODY_MAX);
    status = is_form(&config->pieces.items[0]) ? read_form(reading, &bytes)
                                               : read_data(reading, &bytes);
    if (status == 0 && config->get)
        asked->query = buf_detach(&bytes, &asked->query_len);
    else if (status == 0)
        asked->body = buf_detach(&bytes, &asked->body_len);
    buf_release(&bytes);
    return status;
}

/* ---- method and credentials ---- */

static int settle_method(struct reading *reading)
{
    const struct config *config = reading->config;
    struct asked *asked = reading->asked;

    if (config->head && config->method)
        return why_set(reading->why,
                       "--head and --request cannot stand side by side");
    asked->method_given = config->head || config->method;
    asked->method = config->head     ? "HEAD"
                    : config->method ? config->method
                    : asked->body    ? "POST"
                                     : "GET";
    if (asked->body && defaults_bodiless(asked->method))
        return why_set(reading->why,
                       "%s takes no body (--get puts data into the URL)",
                       asked->method);
    return 0;
}

/* The first line of a file, which *text is then; it is the caller's. */
static int read_secret(struct reading *reading, const char *option,
                       const char *file, const char **setting, char **text,
                       int (*check)(const char *text, struct why *why))
{
    struct why inner;
    struct buf secret;
    int status;

    if (!file)
        return 0;
    if (*setting)
        return why_set(reading->why,
                       "--%s and --%s-file cannot stand side by "
                       "side",
                       option, option);
    buf_init(&secret, SLURP_SECRET_MAX);
    status = slurp_secret(&reading->slurp, file, &secret, &inner);
    if (status == 0)
        status = check(secret.data, &inner);
    if (status != 0)
        why_set(reading->why, "--%s-file: %s", option, inner.text);
    else
        *setting = *text = buf_detach(&secret, NULL);
    buf_release(&secret);
    return status;
}

static int read_credentials(struct reading *reading)
{
    struct config *config = reading->config;
    struct settings *settings = &config->settings;
    struct asked *asked = reading->asked;

    if (read_secret(reading, "user", config->user_file, &settings->user,
                    &asked->user, wire_check_user) != 0 ||
        read_secret(reading, "oauth2-bearer", config->oauth2_bearer_file,
                    &settings->oauth2_bearer, &asked->oauth2_bearer,
                    wire_check_bearer) != 0)
        return -1;
    if (settings->user && settings->oauth2_bearer)
        return why_set(reading->why, "a user and a bearer token (--user, "
                                     "--oauth2-bearer) cannot both be shown");
    return 0;
}

/* A name without a password: that is asked for, as curl does. *text is then
 * both, and the caller's. */
static int ask_password(struct reading *reading, const char *option,
                        const char *file_option, const char *whose,
                        const char **setting, char **text)
{
    char prompt[300];
    struct buf both, password;
    struct why inner;
    int status;

    if (!*setting || strchr(*setting, ':'))
        return 0;
    snprintf(prompt, sizeof(prompt), "afetch: %s of \"%.200s\": ", whose,
             *setting);
    buf_init(&password, SLURP_SECRET_MAX);
    status = terminal_ask(prompt, &password, &inner);
    if (status == 0) {
        buf_init(&both, SIZE_MAX / 2);
        buf_addf(&both, "%s:%s", *setting, password.len ? password.data : "");
        *setting = *text = buf_detach(&both, NULL);
    } else {
        why_set(reading->why, "--%s: no password behind the name, and %s%s",
                option, inner.text, file_option);
    }
    buf_release(&password);
    return status;
}

static int ask_passwords(struct reading *reading)
{
    struct settings *settings = &reading->config->settings;
    struct asked *asked = reading->asked;

    if (ask_password(reading, "user", " (see --user-file)", "password",
                     &settings->user, &asked->user) != 0)
        return -1;
    return ask_password(reading, "proxy-user", "", "password for the proxy",
                        &settings->proxy_user, &asked->proxy_user);
}

int asked_read(struct config *config, struct why *why)
{
    struct reading reading = {
        .config = config,
        .asked = &config->asked,
        .slurp = {.stdin_taken = source_takes_stdin(config)},
        .why = why,
    };

    if (read_headers(&reading) != 0 || read_body(&reading) != 0 ||
        settle_method(&reading) != 0 || read_credentials(&reading) != 0 ||
        ask_passwords(&reading) != 0)
        return -1;
    tell_types(&reading);
    return 0;
}

void asked_release(struct config *config)
{
    struct asked *asked = &config->asked;

    for (size_t i = 0; i < asked->header_count; i++) {
        free(asked->headers[i].name);
        free(asked->headers[i].value);
    }
    free(asked->headers);
    free(asked->body);
    free(asked->body_type);
    free(asked->query);
    free(asked->user);
    free(asked->oauth2_bearer);
    free(asked->proxy_user);
    *asked = (struct asked){0};
}
