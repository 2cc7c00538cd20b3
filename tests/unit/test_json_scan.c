/* SPDX-License-Identifier: MIT */
/* The JSON scanner; most cases are of the kinds that JSONTestSuite has. */
#include "base/json.h"
#include "check.h"

#include <stdlib.h>

/* A text with its length, as it may hold NUL. */
struct text {
    const char *text;
    size_t len;
};

#define TEXT(LITERAL)                                                          \
    {                                                                          \
        LITERAL, sizeof(LITERAL) - 1                                           \
    }
#define COUNT_OF(ARRAY) (sizeof(ARRAY) / sizeof *(ARRAY))

static const struct text accepted[] = {
    TEXT("[]"),
    TEXT("{}"),
    TEXT("[[]   ]"),
    TEXT("[\"\"]"),
    TEXT("[\"a\"]"),
    TEXT("[false]"),
    TEXT("[null, 1, \"1\", {}]"),
    TEXT("[1\n]"),
    TEXT(" [1]"),
    TEXT("[2] "),
    TEXT("\t\r\n [ 1 , 2 ] \n"),
    TEXT("[1,null,null,null,2]"),
    TEXT("[123e65]"),
    TEXT("[0e+1]"),
    TEXT("[0e1]"),
    TEXT("[ 4]"),
    TEXT("[-0.000000000000000000000000000000000000000000000000000001]"),
    TEXT("[20e1]"),
    TEXT("[-0]"),
    TEXT("[-123]"),
    TEXT("[-1]"),
    TEXT("[1E22]"),
    TEXT("[1E-2]"),
    TEXT("[1E+2]"),
    TEXT("[123.456e78]"),
    TEXT("[123456789012345678901234567890]"),
    TEXT("[1e9999]"),
    TEXT("{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
    TEXT("{\"a\":\"b\",\"a\":\"c\"}"), /* the scanner of a value allows it */
    TEXT("{\"\":0}"),
    TEXT("{\"foo\\u0000bar\": 42}"),
    TEXT("{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"),
    TEXT("{\"a\":[]}"),
    TEXT("{\n\"a\": \"b\"\n}"),
    TEXT("[\"\\u0060\\u012a\\u12AB\"]"),
    TEXT("[\"\\uD801\\udc37\"]"),
    TEXT("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
    TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    TEXT("[\"\\\\u0000\"]"),
    TEXT("[\"\\\"\"]"),
    TEXT("[\"a/*b*/c/*d//e\"]"),
    TEXT("[\"\\\\a\"]"),
    TEXT("[\"\\u0012\"]"),
    TEXT("[\"\\uFFFF\"]"),
    TEXT("[\"\x7f\"]"),
    TEXT("[\"\xc2\x80\"]"),
    TEXT("[\"\xe2\x80\xa8\"]"),
    TEXT("[\"\xef\xbf\xbf\"]"),
    TEXT("[\"\xf4\x8f\xbf\xbf\"]"),
    TEXT("[\"\xef\xbb\xbf\"]"),
    TEXT("[\"new\\u00A0line\"]"),
    TEXT("[\"\\u0000\"]"),
    TEXT("\"lonely\""),
    TEXT("42"),
    TEXT("-0.1"),
    TEXT("true"),
    TEXT("false"),
    TEXT("null"),
    TEXT("\"\""),
    TEXT(" 0 "),
};

static const struct text rejected[] = {
    TEXT(""),
    TEXT(" "),
    TEXT("[1 true]"),
    TEXT("[\"\": 1]"),
    TEXT("[\"\"],"),
    TEXT("[,1]"),
    TEXT("[1,,2]"),
    TEXT("[\"x\",,]"),
    TEXT("[\"x\"]]"),
    TEXT("[\"\",]"),
    TEXT("[\"x\""),
    TEXT("[x"),
    TEXT("[3[4]]"),
    TEXT("[1:2]"),
    TEXT("[,]"),
    TEXT("[-]"),
    TEXT("[   , \"\"]"),
    TEXT("[\"a\",\n4\n,1,"),
    TEXT("[1,]"),
    TEXT("[\"\va\"\\f]"),
    TEXT("[*]"),
    TEXT("[\""),
    TEXT("[1,"),
    TEXT("[{}"),
    TEXT("[fals]"),
    TEXT("[nul]"),
    TEXT("[tru]"),
    TEXT("[True]"),
    TEXT("nul"),
    TEXT("123\0"),
    TEXT("[++1234]"),
    TEXT("[+1]"),
    TEXT("[-01]"),
    TEXT("[-1.0.]"),
    TEXT("[-2.]"),
    TEXT("[-NaN]"),
    TEXT("[.-1]"),
    TEXT("[.2e-3]"),
    TEXT("[0.1.2]"),
    TEXT("[0.3e+]"),
    TEXT("[0.3e]"),
    TEXT("[0.e1]"),
    TEXT("[0E+]"),
    TEXT("[0E]"),
    TEXT("[1.0e+]"),
    TEXT("[1.0e-]"),
    TEXT("[1 000.0]"),
    TEXT("[1eE2]"),
    TEXT("[2.e+3]"),
    TEXT("[2.e3]"),
    TEXT("[9.e+]"),
    TEXT("[Inf]"),
    TEXT("[NaN]"),
    TEXT("[-Infinity]"),
    TEXT("[1+2]"),
    TEXT("[0x1]"),
    TEXT("[0x42]"),
    TEXT("[- 1]"),
    TEXT("[-012]"),
    TEXT("[012]"),
    TEXT("[00]"),
    TEXT("[1.]"),
    TEXT("[1a]"),
    TEXT("[1.2a-3]"),
    TEXT("[1.8011670033376514H-308]"),
    TEXT("[\xef\xbc\x91]"),
    TEXT("-"),
    TEXT("1."),
    TEXT("1e"),
    TEXT("[\"x\", truth]"),
    TEXT("{[: \"x\"}"),
    TEXT("{\"x\", null}"),
    TEXT("{\"x\"::\"b\"}"),
    TEXT("{\"a\":\"a\" 123}"),
    TEXT("{key: 'value'}"),
    TEXT("{\"a\" b}"),
    TEXT("{:\"b\"}"),
    TEXT("{\"a\" \"b\"}"),
    TEXT("{\"a\":"),
    TEXT("{\"a\""),
    TEXT("{\"a\""),
    TEXT("{1:1}"),
    TEXT("{null:null,null:null}"),
    TEXT("{\"id\":0,,,,,}"),
    TEXT("{'a':0}"),
    TEXT("{\"id\":0,}"),
    TEXT("{\"a\":\"b\"}/**/"),
    TEXT("{\"a\":\"b\"}//"),
    TEXT("{\"a\":/*comment*/\"b\"}"),
    TEXT("{\"a\":\"b\",,\"c\":\"d\"}"),
    TEXT("{a: \"b\"}"),
    TEXT("{\"a\":\"a"),
    TEXT("{ \"foo\" : \"bar\", \"a\" }"),
    TEXT("{\"a\":\"b\"}#"),
    TEXT("[\"\\uD800\\\"]"),
    TEXT("[\"\\uD800\\u\"]"),
    TEXT("[\"\\uD800\\u1\"]"),
    TEXT("[\"\\uD800\\u1x\"]"),
    TEXT("[\"\\uD800\"]"),
    TEXT("[\"\\uD800\\uD800\"]"),
    TEXT("[\"\\uDC00\"]"),
    TEXT("[\"\\uDFAA\\uD800\"]"),
    TEXT("[\\u00e9]"),
    TEXT("[\"\\x00\"]"),
    TEXT("[\"\\\\\\\"]"),
    TEXT("[\"\\\t\"]"),
    TEXT("[\"\\\xf0\x9f\x8c\x80\"]"),
    TEXT("[\"\\\"]"),
    TEXT("[\"\\u00A\"]"),
    TEXT("[\"\\u00"),
    TEXT("[\"\\uqqqq\"]"),
    TEXT("[\"\\u 123\"]"),
    TEXT("[\"\\U0041\"]"),
    TEXT("[\"\\a\"]"),
    TEXT("[\"\\0\"]"),
    TEXT("[\"\\'\"]"),
    TEXT("[\"\\\0\"]"),
    TEXT("[\"\\"),
    TEXT("\""),
    TEXT("['single quote']"),
    TEXT("abc"),
    TEXT("[\"a\0a\"]"),
    TEXT("[\"new\nline\"]"),
    TEXT("[\"\t\"]"),
    TEXT("[\"\x1f\"]"),
    TEXT("\"\"x"),
    TEXT("[\xe2\x81\xa0]"),
    TEXT("\xef\xbb\xbf[]"),
    TEXT("\xef\xbb\xbf"),
    TEXT("<.>"),
    TEXT("[<null>]"),
    TEXT("[1]x"),
    TEXT("[1]]"),
    TEXT("[True"),
    TEXT("1]"),
    TEXT("{\"x\": true,"),
    TEXT("[][]"),
    TEXT("]"),
    TEXT("{]"),
    TEXT("[}"),
    TEXT("{}}"),
    TEXT("{\"\":"),
    TEXT("{"),
    TEXT("["),
    TEXT("[\f]"),
    TEXT("[\v1]"),
    TEXT("[\xc2\xa0]"),
    TEXT("*"),
    TEXT("2@"),
    TEXT("{}\0"),
    TEXT("[\"\xff\"]"),
    TEXT("[\"\xc0\xaf\"]"),
    TEXT("[\"\xe9\"]"),
    TEXT("[\"\xed\xa0\x80\"]"),
    TEXT("[\"\xf4\x90\x80\x80\"]"),
    TEXT("[\"\xf8\x88\x80\x80\x80\"]"),
    TEXT("[\"\xe2\x82\"]"),
    TEXT("[\"\x81\"]"),
    TEXT("[\"\xf0\x9f"),
    TEXT("[\xff]"),
    TEXT("{\"\xb9\":\"0\",}"),
    TEXT("[1,\xe5]"),
};

/* Scans a copy of exactly len bytes, so that a read too far is seen. */
static int scan_copy(const char *text, size_t len, struct why *why)
{
    char *copy = malloc(len > 0 ? len : 1);
    int result;

    if (len > 0)
        memcpy(copy, text, len);
    result = json_scan_value(copy, len, why);
    free(copy);
    return result;
}

static void test_grammar(void)
{
    struct why why;

    CHECK(COUNT_OF(accepted) >= 40);
    CHECK(COUNT_OF(rejected) >= 60);
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        why.text[0] = '\0';
        CHECK(scan_copy(accepted[i].text, accepted[i].len, &why) == 0);
        CHECK_STR(why.text, "");
    }
    for (size_t i = 0; i < COUNT_OF(rejected); i++) {
        why.text[0] = '\0';
        if (scan_copy(rejected[i].text, rejected[i].len, &why) != -1)
            printf("accepted: %s\n", rejected[i].text);
        CHECK(scan_copy(rejected[i].text, rejected[i].len, NULL) == -1);
        CHECK(strstr(why.text, " at byte ") != NULL);
    }
}

/* Every prefix of a text is safe to scan, and none but the whole is right. */
static void test_prefixes(void)
{
    static const char text[] =
        "{\"a\\n\":[1.5e+3,\"\\ud83d\\ude39\xf0\x9f\x98\xb9\",true,null]}";

    for (size_t len = 0; len < sizeof text - 1; len++)
        CHECK(scan_copy(text, len, NULL) == -1);
    CHECK(scan_copy(text, sizeof text - 1, NULL) == 0);
}

static void test_depth(void)
{
    char text[2 * (JSON_DEPTH_MAX + 1)];
    struct json_member members[JSON_MEMBERS_MAX];
    struct why why;

    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    CHECK(scan_copy(text + 1, 2 * JSON_DEPTH_MAX, NULL) == 0);
    CHECK(scan_copy(text, sizeof text, &why) == -1);
    CHECK_STR(why.text, "nested too deep at byte 65");

    /* The object itself is a level. */
    char object[2 * JSON_DEPTH_MAX + 16];
    int len = snprintf(object, sizeof object, "{\"a\":%.*s}",
                       2 * (JSON_DEPTH_MAX - 1), text + 2);

    CHECK(json_scan_object(object, (size_t)len, members, NULL) == 1);
    len = snprintf(object, sizeof object, "{\"a\":%.*s}", 2 * JSON_DEPTH_MAX,
                   text + 1);
    CHECK(json_scan_object(object, (size_t)len, members, NULL) == -1);

    /* A limit of the caller's own. */
    CHECK(json_scan_object_deep(object, (size_t)len, members,
                                JSON_DEPTH_MAX + 1, NULL) == 1);
    CHECK(json_scan_object_deep("{\"a\":[]}", 8, members, 2, NULL) == 1);
    CHECK(json_scan_object_deep("{\"a\":[]}", 8, members, 1, NULL) == -1);
}

static void test_messages(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "expected a value, but the text ends at byte 0"},
        {"[1", "expected ',' or ']', but the text ends at byte 2"},
        {"[1 2]", "expected ',' or ']' at byte 4"},
        {"{\"a\" 1}", "expected ':' at byte 6"},
        {"{1:1}", "expected a string at byte 2"},
        {"[01]", "a digit behind a leading zero at byte 3"},
        {"[1.]", "expected a digit at byte 4"},
        {"[\"\\x\"]", "an unknown escape at byte 3"},
        {"[\"\\ud800\"]", "a bad \\u escape at byte 3"},
        {"[\"\t\"]", "a raw control byte in a string at byte 3"},
        {"[\"\xff\"]", "invalid UTF-8 at byte 3"},
        {"\"abc", "a string without its closing quote at byte 5"},
        {"{} x", "something behind the end of the value at byte 4"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct why why = {{0}};

        CHECK(scan_copy(cases[i].text, strlen(cases[i].text), &why) == -1);
        CHECK_STR(why.text, cases[i].want);
    }
}

static int scan_object(const char *text, struct json_member *members,
                       struct why *why)
{
    return json_scan_object(text, strlen(text), members, why);
}

/* Compares a slice with a C string. */
static bool slice_is(const char *slice, size_t len, const char *want)
{
    return len == strlen(want) && memcmp(slice, want, len) == 0;
}

static void test_members(void)
{
    struct json_member m[JSON_MEMBERS_MAX];

    CHECK(scan_object(" { } ", m, NULL) == 0);
    CHECK(scan_object("{\"url\" : \"http://a\" ,\"n\":-1.5e3,\"o\":{\"x\":[1]},"
                      "\"a\":[ ],\"t\":true,\"f\":false,\"z\":null}\r",
                      m, NULL) == 7);
    CHECK(slice_is(m[0].key, m[0].key_len, "url"));
    CHECK(slice_is(m[0].value, m[0].value_len, "\"http://a\""));
    CHECK(slice_is(m[1].value, m[1].value_len, "-1.5e3"));
    CHECK(slice_is(m[2].value, m[2].value_len, "{\"x\":[1]}"));
    CHECK(slice_is(m[3].value, m[3].value_len, "[ ]"));
    CHECK(slice_is(m[6].key, m[6].key_len, "z"));
    CHECK(slice_is(m[6].value, m[6].value_len, "null"));
    CHECK_STR(json_type_name(m[0].type), "a string");
    CHECK_STR(json_type_name(m[1].type), "a number");
    CHECK_STR(json_type_name(m[2].type), "an object");
    CHECK_STR(json_type_name(m[3].type), "an array");
    CHECK_STR(json_type_name(m[4].type), "true");
    CHECK_STR(json_type_name(m[5].type), "false");
    CHECK_STR(json_type_name(m[6].type), "null");
}

static void test_object_errors(void)
{
    struct json_member m[JSON_MEMBERS_MAX];
    struct why why;

    CHECK(scan_object("[]", m, &why) == -1);
    CHECK_STR(why.text, "expected an object at byte 1");
    CHECK(scan_object("", m, &why) == -1);
    CHECK(scan_object("\"a\"", m, NULL) == -1);
    CHECK(scan_object("{\"a\":1}{}", m, &why) == -1);
    CHECK_STR(why.text, "something behind the end of the value at byte 8");
    CHECK(scan_object("{\"a\":1,}", m, NULL) == -1);
    CHECK(scan_object("{,}", m, NULL) == -1);
    CHECK(scan_object("{\"a\":}", m, NULL) == -1);
    CHECK(scan_object("{\"a\"}", m, NULL) == -1);
    CHECK(scan_object("{", m, NULL) == -1);
    CHECK(scan_object("{\"a\":1", m, NULL) == -1);
}

static void test_same_keys(void)
{
    struct json_member m[JSON_MEMBERS_MAX];
    struct why why;

    CHECK(scan_object("{\"a\":1,\"b\":2,\"a\":3}", m, &why) == -1);
    CHECK_STR(why.text, "a key for the second time at byte 14");
    CHECK(scan_object("{\"url\":1,\"\\u0075rl\":2}", m, NULL) == -1);
    CHECK(scan_object("{\"\\/\":1,\"/\":2}", m, NULL) == -1);
    CHECK(scan_object("{\"\":1,\"\":2}", m, NULL) == -1);
    CHECK(scan_object("{\"\xc3\xa9\":1,\"\\u00E9\":2}", m, NULL) == -1);
    CHECK(scan_object("{\"\xf0\x9f\x98\xb9\":1,\"\\ud83d\\ude39\":2}", m,
                      NULL) == -1);
    /* Case counts, a prefix is another key, deeper levels may repeat. */
    CHECK(scan_object("{\"URL\":1,\"url\":2,\"ur\":3,\"\":4}", m, NULL) == 4);
    CHECK(scan_object("{\"o\":{\"a\":1,\"a\":2},\"a\":3}", m, NULL) == 2);
}

static void test_nul(void)
{
    struct json_member m[JSON_MEMBERS_MAX];
    struct why why;

    CHECK(scan_object("{\"a\\u0000\":1}", m, &why) == -1);
    CHECK_STR(why.text, "\\u0000 in a key at byte 2");
    CHECK(scan_object("{\"a\":\"x\\u0000\",\"b\":\"\\\\u0000\",\"c\":"
                      "[{\"\\u0000\":1}],\"d\":\"\\u0001\"}",
                      m, NULL) == 4);
    CHECK(m[0].has_nul);
    CHECK(!m[1].has_nul);
    CHECK(m[2].has_nul);
    CHECK(!m[3].has_nul);
}

/* An object of so many members into text; returns its length. */
static size_t many_members(char *text, size_t size, int count)
{
    size_t len = 0;

    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, size - len, "%s\"k%d\":%d",
                                i == 0 ? "{" : ",", i, i);
    len += (size_t)snprintf(text + len, size - len, "}");
    return len;
}

static void test_most_members(void)
{
    static char text[JSON_MEMBERS_MAX * 16];
    struct json_member m[JSON_MEMBERS_MAX];
    struct why why;
    size_t len = many_members(text, sizeof text, JSON_MEMBERS_MAX);

    CHECK(json_scan_object(text, len, m, NULL) == JSON_MEMBERS_MAX);
    CHECK(json_key_is(&m[JSON_MEMBERS_MAX - 1], "k255"));
    len = many_members(text, sizeof text, JSON_MEMBERS_MAX + 1);
    CHECK(json_scan_object(text, len, m, &why) == -1);
    CHECK(strstr(why.text, "too many members") != NULL);
}

static void test_key_is(void)
{
    struct json_member m[JSON_MEMBERS_MAX];

    CHECK(scan_object("{\"url\":1,\"\\u0069d\":2,\"\":3,\"a\\n\\\"\":4,"
                      "\"\\ud83d\\ude39\":5}",
                      m, NULL) == 5);
    CHECK(json_key_is(&m[0], "url"));
    CHECK(!json_key_is(&m[0], "ur"));
    CHECK(!json_key_is(&m[0], "urls"));
    CHECK(!json_key_is(&m[0], "URL"));
    CHECK(!json_key_is(&m[0], ""));
    CHECK(json_key_is(&m[1], "id"));
    CHECK(json_key_is(&m[2], ""));
    CHECK(!json_key_is(&m[2], "a"));
    CHECK(json_key_is(&m[3], "a\n\""));
    CHECK(json_key_is(&m[4], "\xf0\x9f\x98\xb9"));
}

static void check_unquote(const char *value, const char *want, size_t want_len)
{
    size_t len = strlen(value);
    char *out = malloc(len);

    CHECK(json_unquote(value, len, out) == want_len);
    CHECK(memcmp(out, want, want_len + 1) == 0);
    free(out);
}

static void test_unquote(void)
{
    check_unquote("\"\"", "", 0);
    check_unquote("\"plain\"", "plain", 5);
    check_unquote("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
    check_unquote("\"\\u0041b\\u00e9\\u20AC\"", "Ab\xc3\xa9\xe2\x82\xac", 7);
    check_unquote("\"\\ud83d\\ude39!\"", "\xf0\x9f\x98\xb9!", 5);
    check_unquote("\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf", 4);
    check_unquote("\"a\\u0000b\"", "a\0b", 3);
    check_unquote("\"\\\\u0041\"", "\\u0041", 6);
}

/* xorshift64: the same bytes in every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/*
 * Texts with a few bytes changed: no read outside, and the members of what is
 * accepted are JSON values themselves.
 */
static void test_random_texts(void)
{
    static const char seed[] = "{\"a\":[1,-2.5e3,\"\\u00e9\\n\"],\"b\":{"
                               "\"c\":null},\"\\ud83d\\ude39\":true, \"\":0}";
    uint64_t state = 2463534242u;
    struct json_member members[JSON_MEMBERS_MAX];
    unsigned bad = 0, good = 0;

    for (int round = 0; round < 50000; round++) {
        size_t len = 1 + next_random(&state) % (sizeof seed - 1);
        char *text;
        int count;

        if (round % 2 == 0)
            len = sizeof seed - 1;
        text = malloc(len);
        memcpy(text, seed, len);
        for (uint64_t n = next_random(&state) % 3; n > 0; n--)
            text[next_random(&state) % len] = (char)next_random(&state);
        count = json_scan_object(text, len, members, NULL);
        if (count >= 0 && json_scan_value(text, len, NULL) != 0)
            bad++;
        good += count >= 0;
        for (int i = 0; i < count; i++)
            bad += json_scan_value(members[i].value, members[i].value_len,
                                   NULL) != 0;
        free(text);
    }
    CHECK(bad == 0);
    CHECK(good > 1000);
}

int main(void)
{
    test_grammar();
    test_prefixes();
    test_depth();
    test_messages();
    test_members();
    test_object_errors();
    test_same_keys();
    test_nul();
    test_most_members();
    test_key_is();
    test_unquote();
    test_random_texts();
    return check_end("json_scan");
}
