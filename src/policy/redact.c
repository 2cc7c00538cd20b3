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

/* Where the authority of a URL ends (RFC 3986 section 3.2), or the URL. */
static size_t authority_length(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && text[at] && !strchr("/?#\\ \t<>\"'", text[at]))
        at++;
    return at;
}

void redact_urls(const char *text, size_t len, struct buf *out)
{
    const char *end = text + len;

    while (text < end) {
        const char *mark = memmem(text, (size_t)(end - text), "://", 3);
        const char *at;
        size_t authority;

        if (!mark)
            break;
        mark += 3;
        authority = authority_length(mark, (size_t)(end - mark));
        at = memrchr(mark, '@', authority);
        buf_add(out, text, (size_t)(mark - text));
        text = at ? at + 1 : mark;
    }
    buf_add(out, text, (size_t)(end - text));
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
            redact_urls(line, len, out);
        return;
    }
    while (name > 0 && is_blank(line[name - 1]))
        name--;
    redact->hiding = wire_is_token(line, name) && is_secret(redact, line, name);
    if (!redact->hiding) {
        redact_urls(line, len, out);
        return;
    }
    buf_add(out, line, name);
    buf_add_str(out, ": " REDACTED);
}
