/* SPDX-License-Identifier: MIT */
/* UTF-8: every code point there and back, and every way to be invalid. */
#include "base/utf8.h"

#include "check.h"

/* Decodes a literal; 0 when it is invalid, its length in *took else. */
static uint32_t decoded(const char *text, size_t len, size_t *took)
{
    uint32_t cp = 0;

    *took = utf8_decode(text, len, &cp);
    return cp;
}

static void test_round_trip(void)
{
    bool good = true;
    char bytes[4];
    size_t took;

    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        size_t len = utf8_encode(bytes, cp);
        size_t want = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
        uint32_t got = decoded(bytes, len, &took);

        if (cp >= 0xD800 && cp <= 0xDFFF)
            good &= took == 0;
        else
            good &= len == want && took == len && got == cp;
        for (size_t cut = 1; cut < len; cut++) {
            decoded(bytes, cut, &took);
            good &= took == 0;
        }
    }
    CHECK(good);
}

/* All sequences of three bytes, counted: 3.9 leaves exactly these valid. */
static void test_count(void)
{
    unsigned long valid[5] = {0};
    char bytes[4] = {0};
    size_t took;

    for (unsigned i = 0; i < 0x1000000; i++) {
        bytes[0] = (char)(i >> 16);
        bytes[1] = (char)(i >> 8);
        bytes[2] = (char)i;
        decoded(bytes, 3, &took);
        valid[took]++;
    }
    CHECK(valid[1] == 128UL * 65536);
    CHECK(valid[2] == 1920UL * 256);
    CHECK(valid[3] == 63488 - 2048);
    CHECK(valid[4] == 0);
}

static void test_invalid_length(void)
{
    /* One U+FFFD for each maximal subpart (Unicode 3.9, tables 3-8 to 3-11) */
    static const struct {
        const char *text;
        size_t want;
    } rows[] = {
        {"\x80", 1},
        {"\xBF\x80", 1},
        {"\xC0\xAF", 1},
        {"\xC1\xBF", 1},
        {"\xE0\x80\xBF", 1},
        {"\xE0\x9F", 1},
        {"\xED\xA0\x80", 1},
        {"\xED\xBF\xBF", 1},
        {"\xF0\x80\x80\x41", 1},
        {"\xF0\x8F", 1},
        {"\xF4\x91\x92\x93", 1},
        {"\xF5\x80", 1},
        {"\xFE", 1},
        {"\xFF", 1},
        {"\xC3", 1},
        {"\xC3\x41", 1},
        {"\xE1\x80\xE2", 2},
        {"\xE2\x41", 1},
        {"\xE2\x82", 2},
        {"\xF0\x91\x92", 3},
        {"\xF1\xBF\x41", 2},
        {"\xF0\x9F\x98", 3},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strlen(rows[i].text), took;

        decoded(rows[i].text, len, &took);
        CHECK(took == 0);
        CHECK(utf8_invalid_length(rows[i].text, len) == rows[i].want);
    }
}

static void test_valid_prefix(void)
{
    char text[64];
    bool good = true;

    CHECK(utf8_valid_prefix("", 0) == 0);
    CHECK(utf8_valid_prefix("a\0b", 3) == 3);
    CHECK(utf8_valid_prefix("h\xC3\xA9!\xE2\x82\xAC", 7) == 7);
    CHECK(utf8_valid_prefix("h\xC3\xA9!\xE2\x82\xAC", 6) == 4);
    /* A bad byte at every place, so that the fast path meets it everywhere. */
    for (size_t at = 0; at < sizeof(text); at++) {
        memset(text, 'a', sizeof(text));
        text[at] = (char)0xFF;
        good &= utf8_valid_prefix(text, sizeof(text)) == at;
        good &= utf8_valid_prefix(text, at) == at;
        if (at + 1 < sizeof(text)) {
            memcpy(text + at, "\xC3\xA9", 2);
            good &= utf8_valid_prefix(text, sizeof(text)) == sizeof(text);
        }
    }
    CHECK(good);
}

/* The set again, in the words of the header. */
static bool in_set(uint32_t cp)
{
    return cp < 0x20 || cp == 0x7F || (cp >= 0x80 && cp <= 0x9F) ||
           cp == 0x2028 || cp == 0x2029 || cp == 0x061C || cp == 0x200E ||
           cp == 0x200F || (cp >= 0x202A && cp <= 0x202E) ||
           (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

static void test_unprintable(void)
{
    bool good = true;

    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++)
        good &= utf8_unprintable(cp) == in_set(cp);
    CHECK(good);
}

int main(void)
{
    test_round_trip();
    test_count();
    test_invalid_length();
    test_valid_prefix();
    test_unprintable();
    return check_end("utf8");
}
