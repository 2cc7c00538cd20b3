/* SPDX-License-Identifier: MIT */
/*
 * Header fields out of their block. It knows the syntax of RFC 9112 section 5
 * and is lenient, as it only shows what came: judging it is done elsewhere.
 */
#include "policy/headers.h"

#include <string.h>

static bool is_ows(char c)
{
    return c == ' ' || c == '\t';
}

/* Narrows the slice to what is between its white space. */
static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_ows(**text)) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && is_ows((*text)[*len - 1]))
        (*len)--;
}

/* The length of a line without its end of line. */
static size_t line_length(const char *line, const char *next)
{
    size_t len = (size_t)(next - line);

    if (len > 0 && line[len - 1] == '\n')
        len--;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    return len;
}

/*
 * Passes the line at `line` and the lines that continue it (RFC 9112 section
 * 5.2), and joins them in place: one space for each fold and the white space
 * around it. Sets *len; returns where the next field begins.
 */
static char *unfold(char *line, char *end, size_t *len)
{
    char *next = line;

    *len = 0;
    do {
        char *start = next, *newline;
        const char *part = start;
        size_t part_len;

        newline = memchr(start, '\n', (size_t)(end - start));
        next = newline != NULL ? newline + 1 : end;
        part_len = line_length(start, next);
        if (start != line) {
            trim(&part, &part_len);
            while (*len > 0 && is_ows(line[*len - 1]))
                (*len)--;
            line[(*len)++] = ' ';
        }
        memmove(line + *len, part, part_len);
        *len += part_len;
    } while (next < end && is_ows(*next));
    return next;
}

/* A name as a record has it; ASCII only, whatever the locale. */
static void normalise_name(char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (name[i] >= 'A' && name[i] <= 'Z')
            name[i] = (char)(name[i] - 'A' + 'a');
        else if ((unsigned char)name[i] >= 0x80)
            name[i] = '?';
    }
}

/* Splits an unfolded line; false for one that is no header field. */
static bool split_line(struct header_slice *header, char *line, size_t len)
{
    char *colon = memchr(line, ':', len);

    if (colon == NULL)
        return false;
    normalise_name(line, (size_t)(colon - line));
    *header = (struct header_slice){
        .name = line,
        .name_len = (size_t)(colon - line),
        .value = colon + 1,
        .value_len = len - (size_t)(colon - line) - 1,
        .next_same = HEADERS_MAX,
    };
    trim(&header->name, &header->name_len);
    trim(&header->value, &header->value_len);
    return header->name_len > 0;
}

/* Chains the last field to the nearest earlier one of its name. */
static void chain(struct header_slice *headers, size_t last)
{
    struct header_slice *new = &headers[last];

    for (size_t i = last; i-- > 0;) {
        if (headers[i].name_len == new->name_len &&
            memcmp(headers[i].name, new->name, new->name_len) == 0) {
            headers[i].next_same = last;
            new->of_earlier = true;
            return;
        }
    }
}

size_t headers_split(struct header_slice headers[HEADERS_MAX], char *block,
                     size_t len)
{
    char *line = block, *end = block + len;
    size_t count = 0;

    while (line < end && count < HEADERS_MAX) {
        size_t line_len;
        char *next = unfold(line, end, &line_len);

        if (split_line(&headers[count], line, line_len))
            chain(headers, count++);
        line = next;
    }
    return count;
}
