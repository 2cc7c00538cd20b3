/* SPDX-License-Identifier: MIT */
/*
 * Growing bytes. Knows memory and JSON's string syntax, nothing of HTTP.
 */
#include "text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A buffer that grew beyond this is given back when it is cleared. */
#define KEEP_ROOM ((size_t)64 << 10)

void *text_grow(void *old, size_t size)
{
    void *grown = realloc(old, size ? size : 1);

    if (!grown) {
        fputs("origin: no memory\n", stderr);
        abort();
    }
    return grown;
}

char *text_reserve(struct text *t, size_t len)
{
    size_t need = t->len + len + 1;

    if (need > t->room) {
        t->room = need > 2 * t->room ? need : 2 * t->room;
        t->bytes = text_grow(t->bytes, t->room);
    }
    return t->bytes + t->len;
}

void text_add(struct text *t, const void *bytes, size_t len)
{
    char *end = text_reserve(t, len);

    if (len)
        memcpy(end, bytes, len);
    end[len] = '\0';
    t->len += len;
}

void text_puts(struct text *t, const char *string)
{
    text_add(t, string, strlen(string));
}

void text_printf(struct text *t, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return;
    text_reserve(t, (size_t)len);
    va_start(args, format);
    vsnprintf(t->bytes + t->len, (size_t)len + 1, format, args);
    va_end(args);
    t->len += (size_t)len;
}

/* The length of the UTF-8 sequence at s, or 0 when there is no valid one. */
static size_t utf8_length(const unsigned char *s, size_t len)
{
    size_t n = *s < 0x80                 ? 1
               : *s >= 0xc2 && *s < 0xe0 ? 2
               : *s >= 0xe0 && *s < 0xf0 ? 3
               : *s >= 0xf0 && *s < 0xf5 ? 4
                                         : 0;

    if (n == 0 || n > len)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    /* overlong forms, surrogates, beyond U+10FFFF */
    if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
        (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

static bool is_utf8(const unsigned char *s, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) {
        n = utf8_length(s + i, len - i);
        if (n == 0)
            return false;
    }
    return true;
}

void text_json(struct text *t, const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    bool utf8 = is_utf8(s, len);

    text_puts(t, "\"");
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"' || s[i] == '\\')
            text_printf(t, "\\%c", s[i]);
        else if (s[i] < 0x20 || s[i] == 0x7f || (s[i] >= 0x80 && !utf8))
            text_printf(t, "\\u%04x", s[i]);
        else
            text_add(t, s + i, 1);
    }
    text_puts(t, "\"");
}

void text_drop(struct text *t, size_t len)
{
    if (len >= t->len) {
        text_clear(t);
        return;
    }
    memmove(t->bytes, t->bytes + len, t->len - len + 1);
    t->len -= len;
}

void text_clear(struct text *t)
{
    if (t->room > KEEP_ROOM) {
        text_release(t);
        return;
    }
    t->len = 0;
    if (t->bytes)
        *t->bytes = '\0';
}

void text_release(struct text *t)
{
    free(t->bytes);
    *t = (struct text){0};
}
