/* SPDX-License-Identifier: MIT */
/*
 * Numbers with units. Digits are read by hand: the C library's functions take
 * white space and signs, and strtod reads the locale's decimal point. Knows
 * the units; must not know which option a text came from.
 */
#include "base/units.h"

#include <stdbool.h>
#include <string.h>

/* How much of a wrong text a message quotes. */
#define QUOTE_MAX 60

/* Length of the quote; it does not end inside a UTF-8 character. */
static int quote_len(const char *text)
{
    size_t len = strnlen(text, QUOTE_MAX + 1);

    if (len <= QUOTE_MAX)
        return (int)len;
    len = QUOTE_MAX;
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
        len--;
    return (int)len;
}

static int why_not(struct why *why, const char *text, const char *want)
{
    return why_set(why, "\"%.*s\" is not %s", quote_len(text), text, want);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * Reads digits (at least one) into *value; returns what is behind them, or
 * NULL when there are none or they pass 2^64 - 1.
 */
static const char *read_digits(const char *text, uint64_t *value)
{
    const char *at = text;

    for (*value = 0; is_digit(*at); at++) {
        unsigned digit = (unsigned)(*at - '0');

        if (*value > (UINT64_MAX - digit) / 10)
            return NULL;
        *value = *value * 10 + digit;
    }
    return at > text ? at : NULL;
}

int unit_uint(const char *text, uint64_t min, uint64_t max, uint64_t *out,
              struct why *why)
{
    uint64_t value;
    const char *end = read_digits(text, &value);

    if (!end || *end != '\0' || value < min || value > max) {
        if (max >= INT64_MAX)
            return why_set(why, "\"%.*s\" is not a whole number from %llu up",
                           quote_len(text), text, (unsigned long long)min);
        return why_set(why, "\"%.*s\" is not a whole number from %llu to %llu",
                       quote_len(text), text, (unsigned long long)min,
                       (unsigned long long)max);
    }
    *out = value;
    return 0;
}

int unit_int(const char *text, int64_t min, int64_t max, int64_t *out,
             struct why *why)
{
    bool negative = *text == '-';
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    uint64_t size;
    int64_t value = 0;
    const char *end = read_digits(text + (negative || *text == '+'), &size);
    bool good = end && *end == '\0' && size <= limit;

    if (good && negative)
        value = size == 0 ? 0 : -(int64_t)(size - 1) - 1; /* -2^63 fits */
    else if (good)
        value = (int64_t)size;
    if (!good || value < min || value > max)
        return why_set(why, "\"%.*s\" is not a whole number from %lld to %lld",
                       quote_len(text), text, (long long)min, (long long)max);
    *out = value;
    return 0;
}

/* The number whole + part / scale. */
struct decimal {
    uint64_t whole, part, scale; /* scale: a power of ten up to 10^15 */
};

/* Reads "12", "1.5" or ".5"; returns what is behind it, or NULL. */
static const char *read_decimal(const char *text, struct decimal *out)
{
    const char *at = text;

    *out = (struct decimal){.scale = 1};
    if (*at != '.')
        at = read_digits(at, &out->whole);
    if (!at || *at != '.')
        return at;
    if (!is_digit(*++at))
        return NULL;
    for (; is_digit(*at); at++) {
        /* A 16th digit is beyond a double; it is checked and forgotten. */
        if (out->scale < UINT64_C(1000000000000000)) {
            out->part = out->part * 10 + (unsigned)(*at - '0');
            out->scale *= 10;
        }
    }
    return at;
}

static double decimal_double(const struct decimal *n)
{
    /* One division of exact integers rounds once, so 1.1 is 1.1. */
    if (n->whole < (UINT64_C(1) << 53) / n->scale)
        return (double)(n->whole * n->scale + n->part) / (double)n->scale;
    return (double)n->whole + (double)n->part / (double)n->scale;
}

/* A unit's name and what it multiplies and divides by. */
struct unit {
    const char *name;
    double times, by;
};

/* Reads a decimal and one of the units, up to one whose name is NULL. */
static int read_with_unit(const char *text, const struct unit *units,
                          double *out)
{
    struct decimal n;
    const char *end = read_decimal(text, &n);

    for (; end && units->name; units++) {
        if (strcmp(end, units->name) == 0) {
            *out = decimal_double(&n) * units->times / units->by;
            return 0;
        }
    }
    return -1;
}

int unit_duration(const char *text, double *out, struct why *why)
{
    static const struct unit units[] = {
        {"", 1, 1},   {"s", 1, 1},    {"ms", 1, 1000},
        {"m", 60, 1}, {"h", 3600, 1}, {NULL, 0, 0},
    };
    double value;

    if (read_with_unit(text, units, &value) != 0)
        return why_not(why, text,
                       "a duration (such as 1.5, 200ms, 30s, 10m or 2h)");
    if (value > 1e9)
        return why_not(why, text, "a duration of at most 1000000000 seconds");
    *out = value;
    return 0;
}

int unit_rate(const char *text, double *out, struct why *why)
{
    static const struct unit units[] = {
        {"", 1, 1}, {"/s", 1, 1}, {"/m", 1, 60}, {"/h", 1, 3600}, {NULL, 0, 0},
    };
    double value;

    /* What is too small to be told from 0 is not meant as no limit. */
    if (read_with_unit(text, units, &value) != 0 ||
        (!(value > 0) && strpbrk(text, "123456789")))
        return why_not(why, text, "a rate (such as 5, 5/s, 30/m or 100/h)");
    *out = value;
    return 0;
}

/* Reads "", "K", "kb", "MiB", ...; sets the power of two; -1 for others. */
static int read_size_unit(const char *text, unsigned *shift)
{
    static const char letters[] = "kmgt";
    const char *letter;

    *shift = 0;
    if (*text == '\0')
        return 0;
    letter = strchr(letters, *text | 0x20);
    if (!letter)
        return -1;
    *shift = 10 * (unsigned)(letter - letters + 1);
    text++;
    if ((text[0] | 0x20) == 'i' && (text[1] | 0x20) == 'b')
        text += 2;
    else if ((text[0] | 0x20) == 'b')
        text++;
    return *text == '\0' ? 0 : -1;
}

int unit_size(const char *text, uint64_t *out, struct why *why)
{
    struct decimal n;
    const char *end = read_decimal(text, &n);
    unsigned shift;
    uint64_t size;

    /* Without a letter a fraction would be a part of a byte. */
    if (!end || read_size_unit(end, &shift) != 0 || (shift == 0 && n.scale > 1))
        return why_not(why, text, "a size (such as 100, 10K, 1.5M or 2G)");
    if (n.whole > (uint64_t)INT64_MAX >> shift)
        return why_not(why, text, "a size below 2^63 bytes");
    /* The whole part stays exact; the part is below 2^40. */
    size = n.whole << shift;
    size += (uint64_t)((double)n.part / (double)n.scale *
                       (double)(UINT64_C(1) << shift));
    if (size > INT64_MAX)
        return why_not(why, text, "a size below 2^63 bytes");
    *out = size;
    return 0;
}
