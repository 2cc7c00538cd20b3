/* SPDX-License-Identifier: MIT */
/* The JSON writer, also against the scanner and against random bytes. */
#include "base/json.h"
#include "base/utf8.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>

/* What json_string_n makes of the bytes. */
static void check_string(const char *bytes, size_t len, const char *want)
{
    struct buf out;
    struct json json;

    buf_init(&out, 4096);
    json_init(&json, &out);
    json_string_n(&json, bytes, len);
    CHECK_STR(out.data, want);
    CHECK(json_scan_value(out.data, out.len, NULL) == 0);
    buf_release(&out);
}

static void test_strings(void)
{
    check_string("", 0, "\"\"");
    check_string(NULL, 0, "\"\"");
    check_string("plain /~ text", 13, "\"plain /~ text\"");
    check_string("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
    check_string("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
    check_string("\0x\x1f\x0b", 4, "\"\\u0000x\\u001f\\u000b\"");
    check_string("\x1b[31m", 5, "\"\\u001b[31m\"");
    check_string("\x7f", 1, "\"\\u007f\"");
    check_string("\xc2\x80\xc2\x9f\xc2\xa0", 6, "\"\\u0080\\u009f\xc2\xa0\"");
    check_string("\xe2\x80\xa8\xe2\x80\xa9", 6, "\"\\u2028\\u2029\"");
    check_string("\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\x8e", 11,
                 "\"\\u202e\\u2066\\u061c\\u200e\"");
    check_string("\xef\xbb\xbfx", 4, "\"\\ufeffx\"");
    check_string("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\xb9", 9,
                 "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\xb9\"");
}

#define FFFD "\xef\xbf\xbd"

static void test_invalid_utf8(void)
{
    check_string("\xff", 1, "\"" FFFD "\"");
    check_string("a\xff\xfe"
                 "b",
                 4, "\"a" FFFD FFFD "b\"");
    check_string("\xc0\xaf", 2, "\"" FFFD FFFD "\"");
    check_string("\xe2\x82", 2, "\"" FFFD "\"");
    check_string("\xe2\x82 ", 3, "\"" FFFD " \"");
    check_string("\xf0\x9f\x98", 3, "\"" FFFD "\"");
    check_string("\xed\xa0\x80", 3, "\"" FFFD FFFD FFFD "\"");
    check_string("\xf4\x90\x80\x80", 4, "\"" FFFD FFFD FFFD FFFD "\"");
    check_string("\x80\xc3\xa9", 3, "\"" FFFD "\xc3\xa9\"");
}

static void test_commas(void)
{
    struct buf out;
    struct json json;

    buf_init(&out, 4096);
    json_init(&json, &out);
    json_object_begin(&json);
    json_key(&json, "a");
    json_array_begin(&json);
    json_array_end(&json);
    json_key(&json, "b");
    json_object_begin(&json);
    json_object_end(&json);
    json_key_n(&json, "c\"d", 3);
    json_array_begin(&json);
    json_uint(&json, 1);
    json_string(&json, "x\n");
    json_object_begin(&json);
    json_key(&json, "k");
    json_null(&json);
    json_object_end(&json);
    json_array_begin(&json);
    json_bool(&json, true);
    json_bool(&json, false);
    json_array_end(&json);
    json_base64(&json, "x", 1);
    json_raw(&json, "{\"y\":1}", 7);
    json_seconds(&json, 1);
    json_int(&json, -1);
    json_array_end(&json);
    json_key(&json, "e");
    json_string(&json, "");
    json_object_end(&json);
    CHECK_STR(out.data, "{\"a\":[],\"b\":{},\"c\\\"d\":[1,\"x\\n\","
                        "{\"k\":null},[true,false],\"eA==\",{\"y\":1},"
                        "1.000000,-1],\"e\":\"\"}");
    CHECK(json_scan_value(out.data, out.len, NULL) == 0);
    buf_release(&out);
}

/* Begins a text; what one value writes is checked and the buf released. */
static struct json begin(struct buf *out)
{
    struct json json;

    buf_init(out, 4096);
    json_init(&json, out);
    return json;
}

static void check_uint(uint64_t value, const char *want)
{
    struct buf out;
    struct json json = begin(&out);

    json_uint(&json, value);
    CHECK_STR(out.data, want);
    buf_release(&out);
}

static void check_int(int64_t value, const char *want)
{
    struct buf out;
    struct json json = begin(&out);

    json_int(&json, value);
    CHECK_STR(out.data, want);
    buf_release(&out);
}

static void check_seconds(double value, const char *want)
{
    struct buf out;
    struct json json = begin(&out);

    json_seconds(&json, value);
    CHECK_STR(out.data, want);
    CHECK(json_scan_value(out.data, out.len, NULL) == 0);
    buf_release(&out);
}

static void test_numbers(void)
{
    char want[32];

    check_uint(0, "0");
    check_uint(UINT64_C(9223372036854775808), "9223372036854775808");
    check_uint(UINT64_MAX, "18446744073709551615");
    /* Both sides of each power of ten. */
    for (uint64_t ten = 1; ten <= UINT64_C(1000000000000000000); ten *= 10) {
        snprintf(want, sizeof want, "%llu", (unsigned long long)ten);
        check_uint(ten, want);
        snprintf(want, sizeof want, "%llu", (unsigned long long)ten - 1);
        check_uint(ten - 1, want);
    }
    check_int(0, "0");
    check_int(-7, "-7");
    check_int(-10, "-10");
    check_int(INT64_MAX, "9223372036854775807");
    check_int(INT64_MIN, "-9223372036854775808");
}

static void test_seconds(void)
{
    check_seconds(0, "0.000000");
    check_seconds(-0.0, "0.000000");
    check_seconds(-1.5, "0.000000");
    check_seconds((double)NAN, "0.000000");
    check_seconds((double)INFINITY, "0.000000");
    check_seconds(0.000001, "0.000001");
    check_seconds(0.0000004, "0.000000");
    check_seconds(0.0000006, "0.000001");
    check_seconds(0.25, "0.250000");
    check_seconds(12.345678, "12.345678");
    check_seconds(0.9999996, "1.000000");
    check_seconds(99.9999999, "100.000000");
    check_seconds(1234567.000001, "1234567.000001");
    check_seconds(1e300, "1000000000000.000000");
}

static void check_base64(const char *bytes, size_t len, const char *want)
{
    struct buf out;
    struct json json = begin(&out);

    json_base64(&json, bytes, len);
    CHECK_STR(out.data, want);
    buf_release(&out);
}

/* RFC 4648 section 10, and all the digits' corners. */
static void test_base64(void)
{
    check_base64("", 0, "\"\"");
    check_base64("f", 1, "\"Zg==\"");
    check_base64("fo", 2, "\"Zm8=\"");
    check_base64("foo", 3, "\"Zm9v\"");
    check_base64("foob", 4, "\"Zm9vYg==\"");
    check_base64("fooba", 5, "\"Zm9vYmE=\"");
    check_base64("foobar", 6, "\"Zm9vYmFy\"");
    check_base64("\xff\xff\xfe\xfb\xef\xbe", 6, "\"///+++++\"");
    check_base64("\0\0", 2, "\"AAA=\"");
    check_base64("\x69\xb7\x1d\x79\xf8\x21", 6, "\"abcdefgh\"");
}

static void check_raw(const char *text, const char *want)
{
    struct buf out;
    struct json json = begin(&out);

    CHECK(json_scan_value(text, strlen(text), NULL) == 0);
    json_raw(&json, text, strlen(text));
    CHECK_STR(out.data, want);
    CHECK(json_scan_value(out.data, out.len, NULL) == 0);
    buf_release(&out);
}

/* A raw value stays as written, but for what must not reach a terminal. */
static void test_raw(void)
{
    check_raw("12345678901234567890", "12345678901234567890");
    check_raw("{\"a\": [\"\\u0000\\\"\"]}", "{\"a\": [\"\\u0000\\\"\"]}");
    check_raw("\"\xc3\xa9\"", "\"\xc3\xa9\"");
    check_raw("\"\x7f\xc2\x9b\xe2\x80\xae\"", "\"\\u007f\\u009b\\u202e\"");
    check_raw("[1,\r\n\t2]", "[1,   2]");
}

static void write_some(struct json *json)
{
    json_object_begin(json);
    json_key(json, "a");
    json_string(json, "x\"\xff");
    json_key(json, "b\n");
    json_base64(json, "abcd", 4);
    json_key(json, "c");
    json_seconds(json, 2.5);
    json_key(json, "d");
    json_raw(json, "[\"\x7f\"]", 5);
    json_object_end(json);
}

/* However small the buf: never past it, over set, and exact when it fits. */
static void test_overflow(void)
{
    struct buf out;
    struct json json = begin(&out);
    size_t need;

    write_some(&json);
    need = out.len;
    CHECK(!out.over);
    buf_release(&out);
    for (size_t max = 0; max <= need; max++) {
        buf_init(&out, max);
        json_init(&json, &out);
        write_some(&json);
        CHECK(out.len <= max);
        CHECK(out.over == (max < need));
        buf_release(&out);
    }
}

/* xorshift64: the same bytes in every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* No byte of the text, decoded, is one that must be escaped. */
static bool all_printable(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t taken = utf8_decode(text + i, len - i, &cp);

        if (taken == 0 || utf8_unprintable(cp))
            return false;
        i += taken;
    }
    return true;
}

/* Random bytes, of all kinds or mostly of those that JSON treats apart. */
static size_t random_bytes(char *bytes, size_t size, uint64_t *state)
{
    static const char odd[] = "\"\\\x7f\x00\x1f\n\xc2\x85\xe2\x80\xa8\xae"
                              "\xf0\x9f\x98\xb9\xef\xbb\xbf\xed\xa0{}[]:,u0";
    size_t len = next_random(state) % size;
    bool mostly_odd = next_random(state) % 2 == 0;

    for (size_t i = 0; i < len; i++)
        bytes[i] = mostly_odd ? odd[next_random(state) % (sizeof odd - 1)]
                              : (char)next_random(state);
    return len;
}

static void test_random_strings(void)
{
    uint64_t state = 88172645463325252u;
    unsigned bad = 0, valid = 0;
    struct buf out;
    struct json json;

    buf_init(&out, 4096);
    for (int round = 0; round < 50000; round++) {
        char bytes[64], *copy;
        size_t len = random_bytes(bytes, sizeof bytes, &state);

        if (round % 8 == 0) /* else hardly any is valid UTF-8 */
            len = utf8_valid_prefix(bytes, len);
        buf_clear(&out);
        json_init(&json, &out);
        json_string_n(&json, bytes, len);
        if (json_scan_value(out.data, out.len, NULL) != 0 ||
            !all_printable(out.data, out.len))
            bad++;
        if (utf8_valid_prefix(bytes, len) != len)
            continue;
        copy = malloc(out.len);
        valid++;
        if (json_unquote(out.data, out.len, copy) != len ||
            memcmp(copy, bytes, len) != 0)
            bad++;
        free(copy);
    }
    CHECK(bad == 0);
    CHECK(valid > 5000);
    buf_release(&out);
}

int main(void)
{
    test_strings();
    test_invalid_utf8();
    test_commas();
    test_numbers();
    test_seconds();
    test_base64();
    test_raw();
    test_overflow();
    test_random_strings();
    return check_end("json_write");
}
