/* SPDX-License-Identifier: MIT */
/*
 * Takes the secrets out of a head. It knows the syntax of a field; which ones
 * are secret is policy/wire's to say.
 */
#include "policy/redact.h"

#include "policy/wire.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_secret(const struct redact *redact, const char *name, size_t len)
{
    return redact->answer ? wire_is_secret_answer(name, len)
                          : wire_is_secret(name, len);
}

/* The bytes up to the end of the authority of a URL that it is, or that is
 * relative; 0: it has none. */
static size_t authority_end(const char *url, size_t len)
{
    const char *slashes = memmem(url, len, "//", 2);
    size_t at = slashes ? (size_t)(slashes - url) + 2 : 0;

    while (slashes && at < len && !strchr("/?#", url[at]))
        at++;
    return at;
}

void redact_value(const char *name, size_t name_len, const char *value,
                  size_t len, struct buf *out)
{
    size_t end = wire_is_url(name, name_len) ? authority_end(value, len) : 0;
    const char *at = end ? memrchr(value, '@', end) : NULL;
    const char *slashes = at ? memmem(value, len, "//", 2) : NULL;

    if (slashes && slashes < at) {
        buf_add(out, value, (size_t)(slashes - value) + 2);
        len -= (size_t)(at + 1 - value);
        value = at + 1;
    }
    buf_add(out, value, len);
}

void redact_line(struct redact *redact, const char *line, size_t len,
                 struct buf *out)
{
    const char *colon = memchr(line, ':', len);
    size_t name = colon ? (size_t)(colon - line) : 0;

    /* RFC 9112 section 5.2: a line that goes on with the one before. */
    if (len > 0 && is_blank(*line)) {
        if (redact->hiding)
            buf_add_str(out, " " REDACTED);
        else
            buf_add(out, line, len);
        return;
    }
    while (name > 0 && is_blank(line[name - 1]))
        name--;
    redact->hiding = wire_is_token(line, name) && is_secret(redact, line, name);
    if (!redact->hiding) {
        size_t from = colon ? (size_t)(colon - line) : 0;

        buf_add(out, line, from);
        redact_value(line, name, line + from, len - from, out);
        return;
    }
    buf_add(out, line, name);
    buf_add_str(out, ": " REDACTED);
}

size_t redact_rest(bool *cut, const char *bytes, size_t len)
{
    const char *newline = memchr(bytes, '\n', len);
    size_t rest = 0;

    if (*cut)
        rest = newline ? (size_t)(newline - bytes) + 1 : len;
    if (newline || !*cut)
        *cut = len > 0 && bytes[len - 1] != '\n';
    return rest;
}
