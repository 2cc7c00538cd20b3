/* SPDX-License-Identifier: MIT */
/*
 * What is said on stderr, and memory that is there or the process is not.
 * Knows file descriptor 2, UTF-8 and the exit statuses. It uses no heap for
 * messages (it must be able to say that the heap is empty), and no stdio, so
 * that a line leaves by one write and does not mix with those of others.
 */
#include "base/msg.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Longest message; what is longer is cut and ends in an ellipsis. */
#define TEXT_MAX 4000

/* Worst case: an invalid byte becomes the four of "\xNN". */
#define LINE_MAX_SIZE (4 * TEXT_MAX + 32)

const struct exit_row exit_rows[] = {
    {"0", "every record is ok, or --exit-zero was given"},
    {"1", "some records are not ok"},
    {"2", "wrong usage or configuration, or wrong input with --strict"},
    {"3", "stopped by a failure budget"},
    {"4", "the deadline cut work short"},
    {"5", "output, state or another local fault"},
    {"128+n", "stopped by signal n, after its drain"},
    {NULL, NULL},
};

/* Drops a character that a cut at len has left in pieces at the end. */
static size_t trim_cut(const char *text, size_t len)
{
    size_t start = len;
    uint32_t cp;

    while (start > 0 && len - start < 3 &&
           ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0 &&
        utf8_decode(text + start - 1, len - start + 1, &cp) == 0)
        return start - 1;
    return len;
}

/* vsnprintf that cuts between characters; returns the length it left. */
static size_t format_cut(char *out, size_t size, bool *cut, const char *format,
                         va_list args)
{
    int wanted = vsnprintf(out, size, format, args);
    size_t len;

    *cut = false;
    if (wanted < 0) {
        /* Only an unformattable wide character or a length over INT_MAX. */
        out[0] = '\0';
        return 0;
    }
    if ((size_t)wanted < size)
        return (size_t)wanted;
    *cut = true;
    len = trim_cut(out, size - 1);
    out[len] = '\0';
    return len;
}

int why_set(struct why *why, const char *format, ...)
{
    va_list args;
    bool cut;

    if (!why)
        return -1;
    va_start(args, format);
    format_cut(why->text, sizeof(why->text), &cut, format, args);
    va_end(args);
    return -1;
}

/* A line in the making; room for the longest there can be. */
struct line {
    char text[LINE_MAX_SIZE];
    size_t len;
};

static void line_add(struct line *line, const char *bytes, size_t len)
{
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
}

static void line_add_bytes_visibly(struct line *line, const char *bytes,
                                   size_t len)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        char shown[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

        line_add(line, shown, sizeof(shown));
    }
}

/* Adds one character, in the form "\xNN" or "\u{N}" where it is unfit. */
static size_t line_add_safe(struct line *line, const char *text, size_t len)
{
    uint32_t cp;
    size_t took = utf8_decode(text, len, &cp);

    if (took == 0) {
        took = utf8_invalid_length(text, len);
        line_add_bytes_visibly(line, text, took);
    } else if (!utf8_unprintable(cp)) {
        line_add(line, text, took);
    } else if (took == 1) {
        line_add_bytes_visibly(line, text, 1);
    } else {
        char shown[16];
        int n = snprintf(shown, sizeof(shown), "\\u{%X}", (unsigned)cp);

        line_add(line, shown, (size_t)n);
    }
    return took;
}

/* Best effort: where stderr takes nothing, there is nobody to tell. */
static void write_stderr(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void say(const char *format, va_list args)
{
    int saved = errno; /* callers report, then go on with their errno */
    char text[TEXT_MAX];
    struct line line = {.len = 0};
    bool cut;
    size_t len = format_cut(text, sizeof(text), &cut, format, args);

    line_add(&line, "afetch: ", 8);
    for (size_t at = 0; at < len;)
        at += line_add_safe(&line, text + at, len - at);
    if (cut)
        line_add(&line, "...", 3);
    line_add(&line, "\n", 1);
    write_stderr(line.text, line.len);
    errno = saved;
}

void warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
}

void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    /* Not exit: its handlers would run in a state that is known to be bad. */
    _exit(STATUS_LOCAL);
}

static void *must_have(void *memory, size_t size)
{
    if (!memory)
        die("out of memory (%zu bytes)", size);
    return memory;
}

void *xmalloc(size_t size)
{
    return must_have(malloc(size > 0 ? size : 1), size);
}

void *xcalloc(size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
        die("out of memory (%zu times %zu bytes)", count, size);
    if (count == 0 || size == 0)
        count = size = 1;
    return must_have(calloc(count, size), count * size);
}

void *xrealloc(void *old, size_t size)
{
    return must_have(realloc(old, size > 0 ? size : 1), size);
}

char *xstrdup(const char *text)
{
    return xmemdup(text, strlen(text));
}

char *xmemdup(const void *bytes, size_t size)
{
    char *copy;

    if (size == SIZE_MAX)
        die("out of memory (%zu bytes)", size);
    copy = xmalloc(size + 1);
    if (size > 0)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}
