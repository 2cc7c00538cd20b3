/* SPDX-License-Identifier: MIT */
/*
 * A line of input to a request. Knows the forms that a line may have and
 * reads the form that is a bare URL; JSON is policy/line_json's affair. Must
 * not know where lines come from or what becomes of requests.
 */
#include "policy/line.h"

#include "base/buf.h"
#include "base/json.h"
#include "policy/defaults.h"
#include "policy/fields.h"
#include "policy/identity.h"
#include "policy/line_check.h"
#include "policy/line_json.h"
#include "policy/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How much of an invalid line its record shows. */
#define SHOWN_MAX 2048

struct line_reader {
    const struct config *config;     /* borrowed */
    const struct opt_table *options; /* borrowed */
    struct digest *digest;           /* owned; scratch */
    struct line_json *json;          /* owned */
    const struct hosts *hosts;       /* borrowed; NULL: none */
};

/* A line without the white space around it; points into it. */
struct slice {
    const char *text;
    size_t len;
};

struct line_reader *line_reader_new(const struct config *config,
                                    const struct opt_table *options)
{
    struct line_reader *reader = xcalloc(1, sizeof(*reader));

    reader->config = config;
    reader->options = options;
    reader->digest = digest_new();
    reader->json = line_json_new(config, options);
    return reader;
}

void line_reader_free(struct line_reader *reader)
{
    if (!reader)
        return;
    digest_free(reader->digest);
    line_json_free(reader->json);
    free(reader);
}

void line_reader_set_hosts(struct line_reader *reader,
                           const struct hosts *hosts)
{
    reader->hosts = hosts;
    line_json_set_hosts(reader->json, hosts);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice trim(const char *text, size_t len)
{
    if (len > 0 && text[len - 1] == '\r')
        len--;
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    while (len > 0 && is_blank(*text)) {
        text++;
        len--;
    }
    return (struct slice){text, len};
}

bool line_is_json(const struct line_reader *reader, const char *text,
                  size_t len)
{
    struct slice line = trim(text, len);

    switch ((enum input_format)reader->config->input_format) {
    case INPUT_JSONL:
        return line.len > 0;
    case INPUT_URLS:
        return false;
    case INPUT_AUTO:
        break;
    }
    return line.len > 0 && *line.text == '{';
}

/* True for a text that looks like JSON read as a URL: its secrets may stand
 * anywhere. */
static bool is_unsafe(const char *text, size_t len)
{
    if (len > 0 && (*text == '[' || *text == '"'))
        return true;
    return memchr(text, '"', len) &&
           (memchr(text, '{', len) || memchr(text, '[', len));
}

/* An invalid line as its record shows it: cut, without a password or a NUL;
 * NULL where that cannot be told. */
static char *shown(const char *text, size_t len)
{
    char *whole, *copy;
    size_t cut = SHOWN_MAX;

    if (is_unsafe(text, len))
        return NULL;
    whole = xmemdup(text, len);
    for (size_t i = 0; i < len; i++) {
        if (whole[i] == '\0')
            whole[i] = '?';
    }
    copy = url_censored(whole, len);
    free(whole);
    if (strlen(copy) > SHOWN_MAX) {
        /* Not inside a character. */
        while (cut > SHOWN_MAX - 4 && ((unsigned char)copy[cut] & 0xC0) == 0x80)
            cut--;
        copy[cut] = '\0';
    }
    return copy;
}

/* The text of a list line's request, as if it had been JSON. */
static char *source_of(const char *asked)
{
    struct buf text;
    struct json json;

    buf_init(&text, SIZE_MAX / 2);
    json_init(&json, &text);
    json_object_begin(&json);
    json_key(&json, "url");
    json_string(&json, asked);
    json_object_end(&json);
    return buf_detach(&text, NULL);
}

/* Reads a bare URL into the empty request. */
static int read_url(const struct line_reader *reader, struct slice line,
                    struct request *request, struct error *error)
{
    const struct config *config = reader->config;
    enum error_code code;
    struct url url;
    struct why why;

    if (url_parse(&url, line.text, line.len, config->default_scheme, &code,
                  &why) != 0) {
        request->asked = shown(line.text, line.len);
        error_set(error, CLASS_INPUT, code, PHASE_QUEUE, "%s", why.text);
        return -1;
    }
    request->asked = config->show_secrets
                         ? xmemdup(line.text, line.len)
                         : url_without_userinfo(line.text, line.len);
    request->url = url.text;
    request->host_key = url.host_key;
    request->userinfo = url.userinfo;
    hosts_settle(reader->hosts, request);
    if (config->fields & FIELD_BIT(FIELD_REQUEST))
        request->source = source_of(request->asked);
    return line_check(config, reader->options, request, false, error);
}

enum line_result line_read(struct line_reader *reader, const char *text,
                           size_t len, bool is_argument,
                           struct request **request, struct error *error)
{
    struct slice line = trim(text, len);
    bool json = !is_argument && line_is_json(reader, line.text, line.len);
    int status;

    if (!is_argument && (line.len == 0 || (!json && *line.text == '#')))
        return LINE_SKIP;
    if (line.len > LINE_MAX_BYTES) {
        line_too_long(reader, line.text, line.len, request, error);
        return LINE_INVALID;
    }
    *request = request_new(&reader->config->settings);
    defaults_begin(*request, &reader->config->asked);
    if (json)
        status =
            line_json_read(reader->json, line.text, line.len, *request, error);
    else
        status = read_url(reader, line, *request, error);
    if (status != 0) {
        identity_of_line(*request, reader->digest, line.text, line.len);
        return LINE_INVALID;
    }
    defaults_end(*request, &reader->config->asked);
    identity_of_request(*request, reader->digest);
    hosts_add_headers(reader->hosts, *request);
    return LINE_REQUEST;
}

void line_too_long(struct line_reader *reader, const char *start, size_t len,
                   struct request **request, struct error *error)
{
    *request = request_new(&reader->config->settings);
    if (!line_is_json(reader, start, len))
        (*request)->asked = shown(start, len);
    identity_of_line(*request, reader->digest, start, len);
    error_set(error, CLASS_INPUT, CODE_LINE_TOO_LONG, PHASE_QUEUE,
              "the line is longer than %d bytes", LINE_MAX_BYTES);
}
