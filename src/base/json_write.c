/* SPDX-License-Identifier: MIT */
/*
 * The JSON writer: values to text at the end of a buf. It knows bytes and
 * UTF-8, nothing of records, and must stay cheap: every record passes here,
 * and most of its bytes are plain ASCII that one memcpy can take.
 */
#include "base/json.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

/*
 * 1 for a byte that stands for itself in a string. Every other byte is looked
 * at by escape_at: quote, backslash, C0, DEL, and all above ASCII.
 */
/* clang-format off */
static const unsigned char plain[256] = {
    [0x20] = 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* no quote */
             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, /* no backslash */
             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, /* no DEL */
};
/* clang-format on */

static const char hex_digits[] = "0123456789abcdef";

static const char digit_pairs[] = "00010203040506070809"
                                  "10111213141516171819"
                                  "20212223242526272829"
                                  "30313233343536373839"
                                  "40414243444546474849"
                                  "50515253545556575859"
                                  "60616263646566676869"
                                  "70717273747576777879"
                                  "80818283848586878889"
                                  "90919293949596979899";

/* Longest text of a uint64_t: "18446744073709551615". */
#define UINT_DIGITS 20

void json_init(struct json *json, struct buf *out)
{
    json->out = out;
    json->comma = false;
}

/* Writes the comma that is due; whatever comes next needs one before it. */
static void begin_value(struct json *json)
{
    if (json->comma)
        buf_add_char(json->out, ',');
    json->comma = true;
}

/* Adds a value of plain bytes, its comma included, in one go. */
static void add_token(struct json *json, const char *text, size_t len)
{
    char *room = buf_room(json->out, len + json->comma);

    if (room == NULL)
        return;
    if (json->comma)
        *room++ = ',';
    memcpy(room, text, len);
    buf_grown(json->out, len + json->comma);
    json->comma = true;
}

static void begin_level(struct json *json, const char *bracket)
{
    add_token(json, bracket, 1);
    json->comma = false;
}

static void end_level(struct json *json, char bracket)
{
    buf_add_char(json->out, bracket);
    json->comma = true;
}

void json_object_begin(struct json *json)
{
    begin_level(json, "{");
}

void json_object_end(struct json *json)
{
    end_level(json, '}');
}

void json_array_begin(struct json *json)
{
    begin_level(json, "[");
}

void json_array_end(struct json *json)
{
    end_level(json, ']');
}

static size_t plain_prefix(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len && plain[(unsigned char)text[i]])
        i++;
    return i;
}

/* "\u" and four digits; all that is escaped lies in the first plane. */
static size_t write_u_escape(char out[6], uint32_t cp)
{
    out[0] = '\\';
    out[1] = 'u';
    out[2] = hex_digits[cp >> 12 & 15];
    out[3] = hex_digits[cp >> 8 & 15];
    out[4] = hex_digits[cp >> 4 & 15];
    out[5] = hex_digits[cp & 15];
    return 6;
}

/* The letter of a two-byte escape; 0 where JSON has none for the byte. */
static char escape_letter(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

/*
 * What to write instead of the character at text (len > 0), which takes
 * *taken bytes. Returns how many bytes of out it fills; 0: it stands as it is.
 */
static size_t escape_at(const char *text, size_t len, size_t *taken,
                        char out[6])
{
    char letter = escape_letter(*text);
    uint32_t cp;

    if (letter != 0) {
        *taken = 1;
        out[0] = '\\';
        out[1] = letter;
        return 2;
    }
    *taken = utf8_decode(text, len, &cp);
    if (*taken == 0) {
        *taken = utf8_invalid_length(text, len);
        return utf8_encode(out, 0xFFFD);
    }
    return utf8_unprintable(cp) ? write_u_escape(out, cp) : 0;
}

/* The inside of a string: runs of what stands as it is, escapes between. */
static void add_escaped(struct buf *out, const char *text, size_t len)
{
    size_t start = 0, i = 0;

    for (;;) {
        char instead[6];
        size_t taken, n;

        i += plain_prefix(text + i, len - i);
        if (i == len)
            break;
        n = escape_at(text + i, len - i, &taken, instead);
        if (n > 0) {
            if (i > start)
                buf_add(out, text + start, i - start);
            buf_add(out, instead, n);
            start = i + taken;
        }
        i += taken;
    }
    if (i > start)
        buf_add(out, text + start, i - start);
}

/* Plain bytes in quotes with what is due before them, and a byte after them if
 * not 0. */
static void add_plain(struct json *json, const char *text, size_t len,
                      char after)
{
    size_t extra = 2u + json->comma + (after != 0);
    char *room = buf_room(json->out, len + extra);

    if (room == NULL)
        return;
    if (json->comma)
        *room++ = ',';
    *room++ = '"';
    if (len > 0)
        memcpy(room, text, len);
    room[len] = '"';
    if (after != 0)
        room[len + 1] = after;
    buf_grown(json->out, len + extra);
    json->comma = true;
}

/* The same of any bytes. */
static void add_quoted(struct json *json, const char *text, size_t len,
                       char after)
{
    if (plain_prefix(text, len) == len) {
        add_plain(json, text, len, after);
        return;
    }
    begin_value(json);
    buf_add_char(json->out, '"');
    add_escaped(json->out, text, len);
    buf_add_char(json->out, '"');
    if (after != 0)
        buf_add_char(json->out, after);
}

void json_key_n(struct json *json, const char *name, size_t len)
{
    add_quoted(json, name, len, ':');
    json->comma = false;
}

void json_key(struct json *json, const char *name)
{
    add_plain(json, name, strlen(name), ':');
    json->comma = false;
}

void json_string_n(struct json *json, const char *text, size_t len)
{
    add_quoted(json, text, len, 0);
}

void json_string(struct json *json, const char *text)
{
    json_string_n(json, text, strlen(text));
}

/* Three bytes (those missing at the end are 0) to four digits of base64. */
static char *write_base64(char *out, const unsigned char *in)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | in[2];

    *out++ = digits[bits >> 18];
    *out++ = digits[bits >> 12 & 63];
    *out++ = digits[bits >> 6 & 63];
    *out++ = digits[bits & 63];
    return out;
}

void json_base64(struct json *json, const void *bytes, size_t len)
{
    const unsigned char *in = bytes;
    size_t text_len = (len + 2) / 3 * 4, i = 0;
    char *room;

    begin_value(json);
    room = buf_room(json->out, text_len + 2);
    if (room == NULL)
        return;
    *room++ = '"';
    for (; len - i >= 3; i += 3)
        room = write_base64(room, in + i);
    if (i < len) {
        unsigned char last[3] = {in[i], i + 1 < len ? in[i + 1] : 0, 0};

        room = write_base64(room, last);
        room[-1] = '=';
        if (len - i == 1)
            room[-2] = '=';
    }
    *room = '"';
    buf_grown(json->out, text_len + 2);
}

/* Writes the digits so that they end before `end`; returns the first. */
static char *write_digits(char *end, uint64_t value)
{
    while (value >= 100) {
        end -= 2;
        memcpy(end, digit_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + value * 2, 2);
        return end;
    }
    *--end = (char)('0' + value);
    return end;
}

void json_uint(struct json *json, uint64_t value)
{
    char text[UINT_DIGITS];
    char *end = text + sizeof text, *start = write_digits(end, value);

    add_token(json, start, (size_t)(end - start));
}

void json_int(struct json *json, int64_t value)
{
    char text[UINT_DIGITS + 1];
    char *end = text + sizeof text, *start;

    /* Negated as unsigned: -INT64_MIN is no int64_t. */
    start = write_digits(end, value < 0 ? -(uint64_t)value : (uint64_t)value);
    if (value < 0)
        *--start = '-';
    add_token(json, start, (size_t)(end - start));
}

void json_bool(struct json *json, bool value)
{
    if (value)
        add_token(json, "true", 4);
    else
        add_token(json, "false", 5);
}

void json_null(struct json *json)
{
    add_token(json, "null", 4);
}

void json_seconds(struct json *json, double seconds)
{
    char text[UINT_DIGITS + 7];
    char *end = text + sizeof text, *start;
    uint64_t whole, micros;

    if (!isfinite(seconds) || seconds < 0)
        seconds = 0;
    else if (seconds > 1e12) /* keeps the integers below exact */
        seconds = 1e12;
    whole = (uint64_t)seconds;
    micros = (uint64_t)((seconds - (double)whole) * 1e6 + 0.5);
    if (micros == 1000000) {
        whole++;
        micros = 0;
    }
    start = end - 7;
    *start = '.';
    memcpy(start + 1, digit_pairs + micros / 10000 * 2, 2);
    memcpy(start + 3, digit_pairs + micros / 100 % 100 * 2, 2);
    memcpy(start + 5, digit_pairs + micros % 100 * 2, 2);
    start = write_digits(start, whole);
    add_token(json, start, (size_t)(end - start));
}

/*
 * What a raw value may hold that a record must not: white space that ends a
 * line (only between tokens: strings have no raw controls), and characters
 * that are legal in a JSON string but must not reach a terminal.
 */
static size_t raw_escape_at(const char *text, size_t len, size_t *taken,
                            char out[6])
{
    if ((unsigned char)*text < 0x20) {
        *taken = 1;
        *out = ' ';
        return 1;
    }
    if (*text == '"' || *text == '\\') {
        *taken = 1;
        return 0;
    }
    return escape_at(text, len, taken, out);
}

void json_raw(struct json *json, const char *text, size_t len)
{
    size_t start = 0, i = 0;

    begin_value(json);
    while ((i += plain_prefix(text + i, len - i)) < len) {
        char instead[6];
        size_t taken, n = raw_escape_at(text + i, len - i, &taken, instead);

        if (n > 0) {
            buf_add(json->out, text + start, i - start);
            buf_add(json->out, instead, n);
            start = i + taken;
        }
        i += taken;
    }
    buf_add(json->out, text + start, len - start);
}
