/* SPDX-License-Identifier: MIT */
/*
 * The gate between a user's words and a request's bytes. Knows the grammar of
 * RFC 9110; must not know where the words came from.
 */
#include "policy/wire.h"

#include "base/utf8.h"
#include "model/request.h"

#include <string.h>
#include <strings.h>

/* How much of a wrong word a message quotes. */
#define QUOTE_MAX 60

static int quote_len(const char *text, size_t len)
{
    return (int)utf8_valid_prefix(text, len < QUOTE_MAX ? len : QUOTE_MAX);
}

static bool is_token_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool wire_is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_token_byte(text[i]))
            return false;
    }
    return len > 0;
}

/* True when the name is one of the words, case aside. */
static bool is_one_of(const char *name, size_t len, const char *const words[],
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == len && strncasecmp(name, words[i], len) == 0)
            return true;
    }
    return false;
}

/* True when the word stands in the name, case aside. */
static bool holds(const char *name, size_t len, const char *word)
{
    size_t size = strlen(word);

    for (size_t at = 0; at + size <= len; at++) {
        if (strncasecmp(name + at, word, size) == 0)
            return true;
    }
    return false;
}

int wire_check_method(const char *method, size_t len, struct why *why)
{
    static const char *const refused[] = {"CONNECT"};

    if (!wire_is_token(method, len))
        return why_set(why, "\"%.*s\" is not a method", quote_len(method, len),
                       method);
    if (len > METHOD_MAX)
        return why_set(why, "longer than %d bytes", METHOD_MAX);
    if (is_one_of(method, len, refused, 1))
        return why_set(why, "CONNECT asks for a tunnel, not for a response");
    return 0;
}

int wire_check_header_name(const char *name, size_t len, struct why *why)
{
    static const char *const refused[] = {
        "Content-Length",   "Transfer-Encoding", "Connection", "Keep-Alive",
        "Proxy-Connection", "Upgrade",           "TE",         "Trailer",
    };

    if (!wire_is_token(name, len))
        return why_set(why, "\"%.*s\" is not a header name",
                       quote_len(name, len), name);
    if (is_one_of(name, len, refused, sizeof(refused) / sizeof(refused[0])))
        return why_set(why, "\"%.*s\" cannot be set: it is afetch's own",
                       (int)len, name);
    return 0;
}

int wire_check_header_value(const char *name, size_t name_len,
                            const char *value, size_t len, struct why *why)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)value[i];

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return why_set(why, "value of \"%.*s\" holds a control byte",
                           quote_len(name, name_len), name);
    }
    return 0;
}

int wire_check_text(const char *text, struct why *why)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return why_set(why, "control byte 0x%02x in it", byte);
    }
    return 0;
}

bool wire_is_condition(const char *name)
{
    return strncasecmp(name, "If-", 3) == 0;
}

int wire_check_user(const char *text, struct why *why)
{
    if (!strchr(text, ':'))
        return why_set(why, "must be NAME:PASSWORD (\"NAME:\" has none)");
    return wire_check_text(text, why);
}

int wire_check_bearer(const char *text, struct why *why)
{
    if (!*text)
        return why_set(why, "the token is empty");
    for (; *text; text++) {
        if (*text <= ' ' || *text >= 0x7f)
            return why_set(why, "a token holds visible ASCII only");
    }
    return 0;
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* True when the first number is the greater one; of any length. */
static bool is_above(const char *a, size_t a_len, const char *b, size_t b_len)
{
    for (; a_len > 0 && *a == '0'; a_len--)
        a++;
    for (; b_len > 0 && *b == '0'; b_len--)
        b++;
    return a_len != b_len ? a_len > b_len : memcmp(a, b, a_len) > 0;
}

int wire_check_range(const char *text, struct why *why)
{
    const char *at = text;

    do {
        size_t first = digits(at), last;

        if (at[first] != '-')
            break;
        last = digits(at + first + 1);
        /* RFC 9110 section 14.1.1: one that ends before it begins is none. */
        if (first + last == 0 ||
            (first && last && is_above(at, first, at + first + 1, last)))
            break;
        at += first + 1 + last;
        if (!*at)
            return 0;
    } while (*at++ == ',');
    return why_set(why, "\"%.60s\" is no list of byte ranges such as 0-499",
                   text);
}

bool wire_is_secret_answer(const char *name, size_t len)
{
    static const char *const secret[] = {"Set-Cookie", "Set-Cookie2", "Cookie",
                                         "Authorization",
                                         "Proxy-Authorization"};

    return is_one_of(name, len, secret, sizeof(secret) / sizeof(secret[0]));
}

bool wire_is_url(const char *name, size_t len)
{
    static const char *const urls[] = {"Location", "Content-Location",
                                       "Referer"};

    return is_one_of(name, len, urls, sizeof(urls) / sizeof(urls[0]));
}

bool wire_is_secret(const char *name, size_t len)
{
    static const char *const secret[] = {"Authorization", "Cookie",
                                         "Set-Cookie"};
    static const char *const parts[] = {"token", "secret", "api-key", "apikey",
                                        "password"};

    if (len >= 6 && strncasecmp(name, "Proxy-", 6) == 0)
        return true;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (holds(name, len, parts[i]))
            return true;
    }
    return is_one_of(name, len, secret, sizeof(secret) / sizeof(secret[0]));
}
