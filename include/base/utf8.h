/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the code point at text (len > 0 bytes). Returns how many bytes it
 * takes (1 to 4) and sets *cp; 0 when the bytes there are not valid UTF-8.
 */
size_t utf8_decode(const char *text, size_t len, uint32_t *cp);

/*
 * After utf8_decode returned 0: how many bytes (at least 1) one replacement
 * character stands for: the maximal subpart of the Unicode Standard, 3.9.
 */
size_t utf8_invalid_length(const char *text, size_t len);

/* How many leading bytes are valid; == len when all are. */
size_t utf8_valid_prefix(const char *text, size_t len);

/* Writes the code point (a scalar value); returns its 1 to 4 bytes. */
size_t utf8_encode(char out[4], uint32_t cp);

/*
 * True for what must not reach a terminal or a log raw: C0, DEL, C1,
 * U+2028/9, bidi controls (U+061C, U+200E/F, U+202A-E, U+2066-9), U+FEFF.
 */
bool utf8_unprintable(uint32_t cp);

#endif
