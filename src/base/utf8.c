/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 by table 3-7 of the Unicode Standard: the lead byte says the length
 * and the range of the second byte; all later bytes are 80..BF. Knows bytes
 * and code points only; what to do about invalid bytes is the caller's.
 */
#include "base/utf8.h"

#include <string.h>

/* What a lead byte promises. */
struct lead {
    size_t length;             /* 0: no sequence starts with this byte */
    unsigned char first, last; /* range of the second byte */
    unsigned char bits;        /* the lead's share of the code point */
};

static struct lead lead_of(unsigned char byte)
{
    struct lead lead = {.length = 0, .first = 0x80, .last = 0xBF};

    if (byte < 0x80) {
        lead.length = 1;
        lead.bits = byte;
    } else if (byte >= 0xC2 && byte <= 0xDF) {
        lead.length = 2;
        lead.bits = byte & 0x1F;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
        lead.length = 3;
        lead.bits = byte & 0x0F;
        /* E0 80..9F would be overlong, ED A0..BF are surrogates. */
        if (byte == 0xE0)
            lead.first = 0xA0;
        if (byte == 0xED)
            lead.last = 0x9F;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
        lead.length = 4;
        lead.bits = byte & 0x07;
        /* F0 80..8F would be overlong, F4 90..BF is above U+10FFFF. */
        if (byte == 0xF0)
            lead.first = 0x90;
        if (byte == 0xF4)
            lead.last = 0x8F;
    }
    return lead;
}

/*
 * Reads one sequence as far as it is well-formed; returns how many bytes that
 * is, and sets *whole when it is a complete sequence (of *cp).
 */
static size_t read_sequence(const char *text, size_t len, uint32_t *cp,
                            bool *whole)
{
    struct lead lead = lead_of((unsigned char)text[0]);
    unsigned char first = lead.first, last = lead.last;
    size_t at = 1;

    *cp = lead.bits;
    *whole = false;
    if (lead.length == 0)
        return 0;
    for (; at < lead.length && at < len; at++) {
        unsigned char byte = (unsigned char)text[at];

        if (byte < first || byte > last)
            return at;
        *cp = *cp << 6 | (byte & 0x3F);
        first = 0x80;
        last = 0xBF;
    }
    *whole = at == lead.length;
    return at;
}

size_t utf8_decode(const char *text, size_t len, uint32_t *cp)
{
    uint32_t got;
    bool whole;
    size_t took = read_sequence(text, len, &got, &whole);

    if (!whole)
        return 0;
    *cp = got;
    return took;
}

size_t utf8_invalid_length(const char *text, size_t len)
{
    uint32_t cp;
    bool whole;
    size_t took = read_sequence(text, len, &cp, &whole);

    return took > 0 ? took : 1;
}

/* Most of what is checked is ASCII: eight bytes at a time. */
static size_t ascii_prefix(const char *text, size_t len)
{
    size_t at = 0;
    uint64_t word;

    for (; len - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text + at, sizeof(word));
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < len && (unsigned char)text[at] < 0x80)
        at++;
    return at;
}

size_t utf8_valid_prefix(const char *text, size_t len)
{
    size_t at = 0;
    uint32_t cp;

    while (at < len) {
        size_t took;

        if ((unsigned char)text[at] < 0x80) {
            at += ascii_prefix(text + at, len - at);
            continue;
        }
        took = utf8_decode(text + at, len - at, &cp);
        if (took == 0)
            break;
        at += took;
    }
    return at;
}

size_t utf8_encode(char out[4], uint32_t cp)
{
    static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t length = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

    for (size_t at = length - 1; at > 0; at--) {
        out[at] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    out[0] = (char)(marks[length] | cp);
    return length;
}

bool utf8_unprintable(uint32_t cp)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0x61C, 0x61C},   {0x200E, 0x200F},
        {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (cp < ranges[i].first)
            return false;
        if (cp <= ranges[i].last)
            return true;
    }
    return false;
}
