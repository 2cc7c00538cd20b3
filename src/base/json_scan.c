/* SPDX-License-Identifier: MIT */
/*
 * The JSON scanner: says whether foreign bytes are one strict JSON text, and
 * slices the members of its top-level object. It knows grammar alone, not
 * what a key means; it copies nothing and allocates nothing.
 */
#include "base/json.h"
#include "base/utf8.h"

#include <string.h>

struct scan {
    const char *text; /* borrowed; not ended by a NUL */
    size_t len;
    size_t at;       /* the next byte to look at */
    bool nul;        /* a \u0000 was passed */
    unsigned depth;  /* levels allowed */
    struct why *why; /* borrowed; may be NULL */
};

/* The next byte, or -1 at the end. */
static int peek(const struct scan *scan)
{
    return scan->at < scan->len ? (unsigned char)scan->text[scan->at] : -1;
}

static int fail(const struct scan *scan, const char *what)
{
    return why_set(scan->why, "%s at byte %zu", what, scan->at + 1);
}

static int fail_expected(const struct scan *scan, const char *what)
{
    if (scan->at == scan->len)
        return why_set(scan->why, "expected %s, but the text ends at byte %zu",
                       what, scan->at);
    return why_set(scan->why, "expected %s at byte %zu", what, scan->at + 1);
}

static void scan_space(struct scan *scan)
{
    for (;; scan->at++) {
        int c = peek(scan);

        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return;
    }
}

/* True, and passes it, when the next byte is c. */
static bool scan_byte(struct scan *scan, char c)
{
    if (peek(scan) != c)
        return false;
    scan->at++;
    return true;
}

/* Reads four hex digits. */
static bool read_hex4(const char *text, size_t len, uint32_t *value)
{
    uint32_t sum = 0;

    if (len < 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return false;
        sum = sum << 4 | (uint32_t)digit;
    }
    *value = sum;
    return true;
}

static bool is_high_surrogate(uint32_t cp)
{
    return cp >= 0xD800 && cp <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t cp)
{
    return cp >= 0xDC00 && cp <= 0xDFFF;
}

/*
 * Reads "\uXXXX", or the two of a surrogate pair, at text. Returns the bytes
 * read; 0 for what is no such escape or half a pair.
 */
static size_t read_u_escape(const char *text, size_t len, uint32_t *cp)
{
    uint32_t low;

    if (len < 6 || !read_hex4(text + 2, len - 2, cp) || is_low_surrogate(*cp))
        return 0;
    if (!is_high_surrogate(*cp))
        return 6;
    if (len < 12 || text[6] != '\\' || text[7] != 'u' ||
        !read_hex4(text + 8, len - 8, &low) || !is_low_surrogate(low))
        return 0;
    *cp = 0x10000 + ((*cp - 0xD800) << 10) + (low - 0xDC00);
    return 12;
}

static int scan_escape(struct scan *scan)
{
    const char *text = scan->text + scan->at;
    size_t left = scan->len - scan->at, taken;
    uint32_t cp;

    if (left < 2)
        return fail(scan, "a string without its closing quote");
    if (text[1] != 'u') {
        if (memchr("\"\\/bfnrt", text[1], 8) == NULL)
            return fail(scan, "an unknown escape");
        scan->at += 2;
        return 0;
    }
    taken = read_u_escape(text, left, &cp);
    if (taken == 0)
        return fail(scan, "a bad \\u escape");
    if (cp == 0)
        scan->nul = true;
    scan->at += taken;
    return 0;
}

/* Passes one character above ASCII. */
static int scan_multibyte(struct scan *scan)
{
    uint32_t cp;
    size_t taken =
        utf8_decode(scan->text + scan->at, scan->len - scan->at, &cp);

    if (taken == 0)
        return fail(scan, "invalid UTF-8");
    scan->at += taken;
    return 0;
}

static int scan_string(struct scan *scan)
{
    int bad = 0;

    if (!scan_byte(scan, '"'))
        return fail_expected(scan, "a string");
    while (bad == 0) {
        int c = peek(scan);

        if (c == '"')
            break;
        if (c == '\\')
            bad = scan_escape(scan);
        else if (c >= 0x80)
            bad = scan_multibyte(scan);
        else if (c >= 0x20)
            scan->at++;
        else
            bad = fail(scan, c < 0 ? "a string without its closing quote"
                                   : "a raw control byte in a string");
    }
    scan->at++;
    return bad;
}

static int scan_digits(struct scan *scan)
{
    size_t start = scan->at;

    while (peek(scan) >= '0' && peek(scan) <= '9')
        scan->at++;
    return scan->at > start ? 0 : fail_expected(scan, "a digit");
}

static int scan_number(struct scan *scan)
{
    scan_byte(scan, '-');
    if (scan_byte(scan, '0')) {
        if (peek(scan) >= '0' && peek(scan) <= '9')
            return fail(scan, "a digit behind a leading zero");
    } else if (scan_digits(scan) < 0) {
        return -1;
    }
    if (scan_byte(scan, '.') && scan_digits(scan) < 0)
        return -1;
    if (scan_byte(scan, 'e') || scan_byte(scan, 'E')) {
        if (!scan_byte(scan, '+'))
            scan_byte(scan, '-');
        return scan_digits(scan);
    }
    return 0;
}

static int scan_word(struct scan *scan, const char *word)
{
    size_t len = strlen(word);

    if (scan->len - scan->at < len ||
        memcmp(scan->text + scan->at, word, len) != 0)
        return fail_expected(scan, "a value");
    scan->at += len;
    return 0;
}

static int scan_value(struct scan *scan, unsigned depth);

/* From behind a member's name to its value. */
static int scan_colon(struct scan *scan)
{
    scan_space(scan);
    if (!scan_byte(scan, ':'))
        return fail_expected(scan, "':'");
    scan_space(scan);
    return 0;
}

/* Behind an item: 1 when another follows, 0 at the closing bracket. */
static int scan_next(struct scan *scan, char close)
{
    scan_space(scan);
    if (scan_byte(scan, close))
        return 0;
    if (!scan_byte(scan, ','))
        return fail_expected(scan, close == '}' ? "',' or '}'" : "',' or ']'");
    scan_space(scan);
    return 1;
}

/* An array or an object; depth counts the levels around it. */
static int scan_level(struct scan *scan, unsigned depth)
{
    char close = scan->text[scan->at] == '{' ? '}' : ']';
    int more;

    if (depth >= scan->depth)
        return fail(scan, "nested too deep");
    scan->at++;
    scan_space(scan);
    if (scan_byte(scan, close))
        return 0;
    do {
        if (close == '}' && (scan_string(scan) < 0 || scan_colon(scan) < 0))
            return -1;
        if (scan_value(scan, depth + 1) < 0)
            return -1;
        more = scan_next(scan, close);
    } while (more > 0);
    return more;
}

static int scan_value(struct scan *scan, unsigned depth)
{
    int c = peek(scan);

    switch (c) {
    case '{':
    case '[':
        return scan_level(scan, depth);
    case '"':
        return scan_string(scan);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    case 'n':
        return scan_word(scan, "null");
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return scan_number(scan);
        return fail_expected(scan, "a value");
    }
}

/* Only white space may follow the value. */
static int scan_end(struct scan *scan)
{
    scan_space(scan);
    if (scan->at < scan->len)
        return fail(scan, "something behind the end of the value");
    return 0;
}

/*
 * Writes what the character or escape at *at stands for; text that was
 * scanned holds whole escapes only. Returns its 1 to 4 bytes.
 */
static size_t unescape(const char **at, const char *end, char out[4])
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *text = *at, *letter;
    uint32_t cp = 0;

    if (*text != '\\') {
        *at = text + 1;
        out[0] = *text;
        return 1;
    }
    if (text[1] == 'u') {
        *at = text + read_u_escape(text, (size_t)(end - text), &cp);
        return utf8_encode(out, cp);
    }
    *at = text + 2;
    letter = strchr(letters, text[1]);
    out[0] = letter != NULL ? meanings[letter - letters] : text[1];
    return 1;
}

/* FNV-1a of the decoded key: a first look, so that compares are rare. */
static uint32_t key_hash(const struct json_member *member)
{
    const char *at = member->key, *end = at + member->key_len;
    uint32_t hash = 2166136261u;

    while (at < end) {
        char bytes[4];
        size_t n = unescape(&at, end, bytes);

        for (size_t i = 0; i < n; i++)
            hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    }
    return hash;
}

/* In lock step: each side gives its next byte, or the bytes of an escape. */
static bool same_key(const struct json_member *a, const struct json_member *b)
{
    const char *at_a = a->key, *end_a = at_a + a->key_len;
    const char *at_b = b->key, *end_b = at_b + b->key_len;
    char bytes_a[4], bytes_b[4];
    size_t n_a = 0, n_b = 0, i_a = 0, i_b = 0;

    for (;;) {
        if (i_a == n_a && at_a < end_a) {
            n_a = unescape(&at_a, end_a, bytes_a);
            i_a = 0;
        }
        if (i_b == n_b && at_b < end_b) {
            n_b = unescape(&at_b, end_b, bytes_b);
            i_b = 0;
        }
        if (i_a == n_a || i_b == n_b)
            return i_a == n_a && i_b == n_b;
        if (bytes_a[i_a++] != bytes_b[i_b++])
            return false;
    }
}

static enum json_type type_of(char first)
{
    switch (first) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",  [JSON_NUMBER] = "a number",
        [JSON_TRUE] = "true",        [JSON_FALSE] = "false",
        [JSON_NULL] = "null",
    };

    return names[type];
}

/* One member of the top-level object into *member. */
static int scan_member(struct scan *scan, struct json_member *member)
{
    size_t start = scan->at;

    scan->nul = false;
    member->key = scan->text + start + 1;
    if (scan_string(scan) < 0)
        return -1;
    member->key_len = scan->at - start - 2;
    if (scan->nul) {
        scan->at = start;
        return fail(scan, "\\u0000 in a key");
    }
    if (scan_colon(scan) < 0)
        return -1;
    member->value = scan->text + scan->at;
    if (scan_value(scan, 1) < 0)
        return -1;
    member->value_len = (size_t)(scan->text + scan->at - member->value);
    member->type = type_of(*member->value);
    member->has_nul = scan->nul;
    return 0;
}

/* -1 when the last of the members has the key of an earlier one. */
static int check_new_key(struct scan *scan, const struct json_member *members,
                         uint32_t hashes[], size_t last)
{
    hashes[last] = key_hash(&members[last]);
    for (size_t i = 0; i < last; i++) {
        if (hashes[i] == hashes[last] &&
            same_key(&members[i], &members[last])) {
            scan->at = (size_t)(members[last].key - scan->text) - 1;
            return fail(scan, "a key for the second time");
        }
    }
    return 0;
}

int json_scan_object_deep(const char *text, size_t len,
                          struct json_member members[JSON_MEMBERS_MAX],
                          unsigned depth, struct why *why)
{
    struct scan scan = {.text = text, .len = len, .why = why, .depth = depth};
    uint32_t hashes[JSON_MEMBERS_MAX];
    int count = 0, more = 1;

    scan_space(&scan);
    if (!scan_byte(&scan, '{'))
        return fail_expected(&scan, "an object");
    scan_space(&scan);
    if (scan_byte(&scan, '}'))
        more = 0;
    while (more > 0) {
        if (count == JSON_MEMBERS_MAX)
            return fail(&scan, "too many members");
        if (scan_member(&scan, &members[count]) < 0 ||
            check_new_key(&scan, members, hashes, (size_t)count) < 0)
            return -1;
        count++;
        more = scan_next(&scan, '}');
    }
    if (more < 0 || scan_end(&scan) < 0)
        return -1;
    return count;
}

int json_scan_object(const char *text, size_t len,
                     struct json_member members[JSON_MEMBERS_MAX],
                     struct why *why)
{
    return json_scan_object_deep(text, len, members, JSON_DEPTH_MAX, why);
}

int json_scan_value(const char *text, size_t len, struct why *why)
{
    struct scan scan = {
        .text = text, .len = len, .why = why, .depth = JSON_DEPTH_MAX};

    scan_space(&scan);
    if (scan_value(&scan, 0) < 0)
        return -1;
    return scan_end(&scan);
}

bool json_key_is(const struct json_member *member, const char *name)
{
    const char *at = member->key, *end = at + member->key_len;

    while (at < end) {
        char bytes[4];
        size_t n = unescape(&at, end, bytes);

        if (strncmp(name, bytes, n) != 0)
            return false;
        name += n;
    }
    return *name == '\0';
}

size_t json_unquote(const char *value, size_t value_len, char *out)
{
    const char *at = value + 1, *end = value + value_len - 1;
    size_t len = 0;

    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t run = (size_t)((escape != NULL ? escape : end) - at);
        char bytes[4];

        memcpy(out + len, at, run);
        len += run;
        at += run;
        if (escape != NULL) {
            size_t n = unescape(&at, end, bytes);

            memcpy(out + len, bytes, n);
            len += n;
        }
    }
    out[len] = '\0';
    return len;
}
