/* SPDX-License-Identifier: MIT */
/*
 * Rate limits as servers tell them. The structured field is parsed strictly
 * (RFC 9651 section 4.2: one fault and the whole field is ignored), as far as
 * the items go that it may hold. It must not know hosts or what time it is.
 */
#include "policy/cooldown.h"

#include "base/date.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define EPOCH        1e9  /* a reset from here on is a time, not a duration */
#define MILLISECONDS 1e11 /* and from here on it is in milliseconds */
#define DIGITS       15   /* of a number of RFC 9651; a double holds them */

static const char *const names[COOLDOWN_FIELDS] = {
    [COOLDOWN_RATELIMIT] = "ratelimit",
    [COOLDOWN_REMAINING] = "ratelimit-remaining",
    [COOLDOWN_RESET] = "ratelimit-reset",
    [COOLDOWN_X_REMAINING] = "x-ratelimit-remaining",
    [COOLDOWN_X_RESET] = "x-ratelimit-reset",
    [COOLDOWN_X_RATE_REMAINING] = "x-rate-limit-remaining",
    [COOLDOWN_X_RATE_RESET] = "x-rate-limit-reset",
};

enum cooldown_field cooldown_field(const char *name, size_t len)
{
    int field = 0;

    while (field < COOLDOWN_FIELDS && (strlen(names[field]) != len ||
                                       strncasecmp(names[field], name, len)))
        field++;
    return (enum cooldown_field)field;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alpha(char c)
{
    return is_lower((char)(c | 0x20));
}

/* The bytes of a token behind its first (RFC 9651 section 3.3.4). */
static bool is_token(char c)
{
    return is_alpha(c) || is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~:/", c));
}

static bool is_key(char c)
{
    return is_lower(c) || is_digit(c) || (c && strchr("_-.*", c));
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/*
 * Reads a number that is not negative, "12" or "12.5"; returns what is behind
 * it, or NULL. *whole says that it has no point.
 */
static const char *read_number(const char *at, double *value, bool *whole)
{
    const char *start = at;
    double unit = 1;

    if (!is_digit(*at))
        return NULL;
    for (*value = 0; is_digit(*at); at++)
        *value = *value * 10 + (*at - '0');
    if (at - start > DIGITS)
        return NULL;
    *whole = *at != '.';
    if (*whole)
        return at;
    if (!is_digit(*++at))
        return NULL;
    for (; is_digit(*at); at++) {
        unit /= 10;
        *value += (*at - '0') * unit;
    }
    return at;
}

/* Each of these returns what is behind the item, or NULL when it is none. */

static const char *skip_string(const char *at)
{
    for (at++; *at != '"'; at++) {
        if (*at == '\\' && *++at != '"' && *at != '\\')
            return NULL;
        if (*at < 0x20 || *at > 0x7e) /* the NUL at the end too */
            return NULL;
    }
    return at + 1;
}

static const char *skip_bytes(const char *at)
{
    for (at++; *at != ':'; at++) {
        if (!is_alpha(*at) && !is_digit(*at) && !(*at && strchr("+/=", *at)))
            return NULL;
    }
    return at + 1;
}

static const char *skip_token(const char *at)
{
    if (!is_alpha(*at) && *at != '*')
        return NULL;
    while (is_token(*at))
        at++;
    return at;
}

/* A bare item. *number is its value where it is a whole one, else -1. */
static const char *read_item(const char *at, double *number)
{
    bool negative = *at == '-';
    bool whole;

    *number = -1;
    if (*at == '"')
        return skip_string(at);
    if (*at == ':')
        return skip_bytes(at);
    if (*at == '?')
        return at[1] == '0' || at[1] == '1' ? at + 2 : NULL;
    if (!negative && !is_digit(*at))
        return skip_token(at);
    at = read_number(at + negative, number, &whole);
    if (negative || !whole)
        *number = -1;
    return at;
}

/* A key and, behind a "=", its value; *len is the key's length. */
static const char *read_pair(const char *at, size_t *len, double *number)
{
    const char *key = at;

    *number = -1;
    if (!is_lower(*at) && *at != '*')
        return NULL;
    while (is_key(*at))
        at++;
    *len = (size_t)(at - key);
    return *at == '=' ? read_item(at + 1, number) : at;
}

/* What a field says; each -1 where it does not. */
struct quota {
    double remaining, reset;
};

static void note(struct quota *quota, const char *key, size_t len,
                 double number, const char *remaining, const char *reset)
{
    if (len == strlen(remaining) && memcmp(key, remaining, len) == 0)
        quota->remaining = number;
    else if (len == strlen(reset) && memcmp(key, reset, len) == 0)
        quota->reset = number;
}

/* Parameters of an item: ";r=50;t=30". */
static const char *read_params(const char *at, struct quota *quota)
{
    double number;
    size_t len;

    while (at && *at == ';') {
        const char *key = at + 1;

        while (*key == ' ')
            key++;
        at = read_pair(key, &len, &number);
        if (at)
            note(quota, key, len, number, "r", "t");
    }
    return at;
}

/* What one quota asks for, added to the rest. */
static bool heed(struct cooldown *cooldown, const struct quota *quota)
{
    double rate;

    if (quota->remaining < 0 || quota->reset < 0)
        return false;
    if (!(quota->reset > 0))
        return true;
    if (quota->remaining < 1) {
        cooldown->pause = fmax(cooldown->pause, quota->reset);
        return true;
    }
    rate = quota->remaining / quota->reset;
    if (!(cooldown->rate > 0) || rate < cooldown->rate) {
        cooldown->rate = rate;
        cooldown->remaining = quota->remaining;
    }
    return true;
}

/* A member of the list: an item with parameters, or a pair of draft 07, which
 * is gathered in *pairs. */
static const char *read_member(const char *at, struct cooldown *cooldown,
                               bool *told, struct quota *pairs)
{
    struct quota own = {-1, -1}, none = {-1, -1};
    const char *key = at;
    double number;
    size_t len;

    at = read_pair(key, &len, &number);
    if (at && key[len] == '=') {
        note(pairs, key, len, number, "remaining", "reset");
        return read_params(at, &none);
    }
    at = read_item(key, &number);
    if (at)
        at = read_params(at, &own);
    if (at)
        *told |= heed(cooldown, &own);
    return at;
}

static bool read_ratelimit(struct cooldown *cooldown, const char *text)
{
    struct quota pairs = {-1, -1};
    const char *at = skip_blanks(text);
    bool told = false;

    for (;;) {
        at = read_member(at, cooldown, &told, &pairs);
        if (!at)
            return false;
        at = skip_blanks(at);
        if (*at == '\0')
            break;
        if (*at != ',')
            return false;
        at = skip_blanks(at + 1);
    }
    return heed(cooldown, &pairs) || told;
}

/* The number that a whole field is; -1 when it is none. */
static double read_alone(const char *text)
{
    double value;
    bool whole;
    const char *end = read_number(skip_blanks(text), &value, &whole);

    return end && *skip_blanks(end) == '\0' ? value : -1;
}

/* Seconds until a reset; -1 when the text is none. */
static double read_reset(const char *text, int64_t wall)
{
    double value = read_alone(text);
    int64_t then;

    if (value >= MILLISECONDS)
        value /= 1000;
    if (value >= EPOCH)
        return fmax(0, value - (double)wall);
    if (value >= 0)
        return value;
    text = skip_blanks(text);
    if (date_parse_http(text, strlen(text), wall, &then) != 0)
        return -1;
    return then > wall ? (double)then - (double)wall : 0;
}

static bool read_plain(struct cooldown *cooldown, const char *remaining,
                       const char *reset, bool refused, int64_t wall)
{
    struct quota quota;

    if (!reset || (!remaining && !refused))
        return false;
    quota.remaining = remaining ? read_alone(remaining) : 0;
    quota.reset = read_reset(reset, wall);
    return heed(cooldown, &quota);
}

static bool read_any(struct cooldown *cooldown,
                     const char *const values[COOLDOWN_FIELDS], bool refused,
                     int64_t wall)
{
    const char *text = values[COOLDOWN_RATELIMIT];

    if (text && read_ratelimit(cooldown, text))
        return true;
    *cooldown = (struct cooldown){0}; /* what came before a fault */
    for (int i = COOLDOWN_REMAINING; i < COOLDOWN_FIELDS; i += 2) {
        if (read_plain(cooldown, values[i], values[i + 1], refused, wall))
            return true;
    }
    return false;
}

bool cooldown_read(struct cooldown *cooldown,
                   const char *const values[COOLDOWN_FIELDS], bool refused,
                   int64_t wall, double most)
{
    *cooldown = (struct cooldown){0};
    if (!(most > 0) || !read_any(cooldown, values, refused, wall))
        return false;
    cooldown->pause = fmin(cooldown->pause, most);
    if (cooldown->rate > 0)
        cooldown->rate = fmax(cooldown->rate, 1 / most);
    return true;
}
