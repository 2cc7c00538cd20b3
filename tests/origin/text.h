/* SPDX-License-Identifier: MIT */
/*
 * Growing bytes, and the writing of JSON strings into them. All allocation of
 * the origin goes through here; without memory the process ends.
 */
#ifndef ORIGIN_TEXT_H
#define ORIGIN_TEXT_H

#include <stddef.h>

/* All zero is a valid empty text. bytes has a NUL behind it once it is set. */
struct text {
    char *bytes;
    size_t len, room;
};

void *text_grow(void *old, size_t size); /* realloc that never fails */

void text_add(struct text *t, const void *bytes, size_t len);
void text_puts(struct text *t, const char *string);
void text_printf(struct text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a JSON string: UTF-8 as it is, or each byte as one code point. */
void text_json(struct text *t, const char *bytes, size_t len);

/* Makes room for len more bytes behind the end and returns their place. */
char *text_reserve(struct text *t, size_t len);

void text_drop(struct text *t, size_t len); /* forgets the first len bytes */
void text_clear(struct text *t);            /* keeps the memory if small */
void text_release(struct text *t);

#endif
