/* SPDX-License-Identifier: MIT */
/* What the tests of input lines share: a reader, and what it made of the line
 * that was read last. */
#ifndef LINE_READING_H
#define LINE_READING_H

#include "app/options.h"
#include "check.h"
#include "policy/line.h"

#include "base/msg.h"
#include "policy/fields.h"

#include <stdlib.h>
#include <strings.h>

static struct config config;
static struct line_reader *reader;
static struct request *request; /* of the line read last */
static struct error error;

static inline enum line_result read_n(const char *text, size_t len,
                                      bool is_argument)
{
    /* A copy without a NUL behind it: a read too far is then seen. */
    char *copy = xmalloc(len ? len : 1);
    enum line_result result;

    memcpy(copy, text, len);
    request_free(request);
    request = NULL;
    memset(&error, 0, sizeof(error));
    result = line_read(reader, copy, len, is_argument, &request, &error);
    free(copy);
    return result;
}

static inline enum line_result read_text(const char *text)
{
    return read_n(text, strlen(text), false);
}

static inline bool good(const char *text)
{
    bool is_good = read_text(text) == LINE_REQUEST;

    if (!is_good)
        printf("%s: %s\n", text, error.message);
    return is_good;
}

/* The line is invalid, with this code and this in the message. */
static inline bool bad(const char *text, enum error_code code, const char *part)
{
    enum line_result result = read_text(text);

    if (result == LINE_INVALID && error.error_class == CLASS_INPUT &&
        error.code == code && strstr(error.message, part))
        return true;
    printf("%s: %s \"%s\"\n", text, error_code_name(error.code), error.message);
    return false;
}

static inline const char *header(const char *name)
{
    for (size_t i = 0; request && i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    }
    return NULL;
}

static inline void begin_lines(void)
{
    config.default_scheme = "https";
    CHECK(matchset_parse(&config.settings.accept, NULL, "200-399", NULL) == 0);
    reader = line_reader_new(&config, &options_table);
}

static inline int end_lines(const char *name)
{
    request_free(request);
    line_reader_free(reader);
    return check_end(name);
}

#define URL "{\"url\":\"http://a/\","

#endif
