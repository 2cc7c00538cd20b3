/* SPDX-License-Identifier: MIT */
/* Which validators may be sent back, and the lines that keep them. */
#include "check.h"
#include "policy/validators.h"

#include <stdlib.h>

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define KEY  "\"key\":\"000102030405060708090a0b0c0d0eff\""

static bool valid(const char *text)
{
    return etag_valid(text, strlen(text));
}

static void test_etag(void)
{
    CHECK(valid("\"\""));
    CHECK(valid("\"abc-1:2,3\""));
    CHECK(valid("W/\"abc\""));
    CHECK(valid("\"back\\slash\""));
    CHECK(valid("\"\xc3\xa9\""));
    CHECK(!valid(""));
    CHECK(!valid("\""));
    CHECK(!valid("W/"));
    CHECK(!valid("W/\""));
    CHECK(!valid("abc"));
    CHECK(!valid("w/\"abc\""));
    CHECK(!valid("\"a\"b\""));
    CHECK(!valid("\"a b\""));
    CHECK(!valid("\"a\r\nX: y\""));
    CHECK(!valid("\"a\x7f\""));
    CHECK(!valid("\"\xe9\""));
    CHECK(!valid("\"a\", \"b\""));
    CHECK(!etag_valid("\"a\0b\"", 5));
}

static void test_set(void)
{
    struct validators got;
    char longest[ETAG_MAX + 2];

    CHECK(validators_set(&got, "\"a\"", 3, DATE, strlen(DATE)));
    CHECK_STR(got.etag, "\"a\"");
    CHECK_STR(got.last_modified, DATE);
    CHECK(validators_set(&got, "junk", 4, DATE, strlen(DATE)));
    CHECK_STR(got.etag, "");
    CHECK(validators_set(&got, "W/\"a\"", 5, "yesterday", 9));
    CHECK_STR(got.etag, "W/\"a\"");
    CHECK_STR(got.last_modified, "");
    CHECK(!validators_set(&got, NULL, 0, NULL, 0));
    CHECK_STR(got.etag, "");
    memset(longest, 'x', sizeof(longest));
    longest[0] = longest[ETAG_MAX - 1] = '"';
    CHECK(validators_set(&got, longest, ETAG_MAX, NULL, 0));
    longest[ETAG_MAX - 1] = 'x';
    longest[ETAG_MAX] = '"';
    CHECK(!validators_set(&got, longest, ETAG_MAX + 1, NULL, 0));
}

static void test_read(void)
{
    static const struct {
        const char *line, *why, *etag, *date;
    } cases[] = {
        {"{" KEY ",\"etag\":\"\\\"a\\\"\"}", NULL, "\"a\"", ""},
        {"{\"last_modified\":\"" DATE "\"," KEY "}", NULL, "", DATE},
        {"{" KEY ",\"etag\":\"\\u0022a\\u0022\",\"new\":[1]}", NULL, "\"a\"",
         ""},
        {"{\"etag\":\"\\\"a\\\"\"}", "no key", NULL, NULL},
        {"{" KEY "}", "neither etag nor last_modified", NULL, NULL},
        {"{" KEY ",\"etag\":\"a\"}", "etag: not an entity-tag", NULL, NULL},
        {"{" KEY ",\"etag\":7}", "etag: not an entity-tag", NULL, NULL},
        {"{" KEY ",\"etag\":\"\\\"a\\r\\nX: y\\\"\"}",
         "etag: not an entity-tag", NULL, NULL},
        {"{" KEY ",\"etag\":\"\\\"a\\u0000\\\"\"}", "etag: not an entity-tag",
         NULL, NULL},
        {"{" KEY ",\"last_modified\":\"now\"}",
         "last_modified: not an HTTP-date", NULL, NULL},
        {"{\"key\":\"0001\",\"etag\":\"\\\"a\\\"\"}",
         "key: not 32 lower-case hex digits", NULL, NULL},
        {"{\"key\":\"000102030405060708090a0b0c0d0eFF\"}",
         "key: not 32 lower-case hex digits", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        unsigned char key[REQUEST_KEY_SIZE];
        struct validators got;
        struct why why = {""};
        int result = validators_read(cases[i].line, strlen(cases[i].line), key,
                                     &got, &why);

        CHECK(result == (cases[i].why ? -1 : 0));
        if (result != 0) {
            CHECK_STR(why.text, cases[i].why);
            continue;
        }
        CHECK(key[0] == 0 && key[1] == 1 && key[15] == 0xff);
        CHECK_STR(got.etag, cases[i].etag);
        CHECK_STR(got.last_modified, cases[i].date);
    }
}

static void test_write(void)
{
    unsigned char key[REQUEST_KEY_SIZE] = {0xab, 0xcd}, back[REQUEST_KEY_SIZE];
    struct validators given, got;
    struct buf line;

    buf_init(&line, 10000);
    CHECK(validators_set(&given, "\"a\\\"", 4, DATE, strlen(DATE)));
    validators_write(&line, key, &given, "http://a.test/?\"");
    CHECK_STR(line.data,
              "{\"key\":\"abcd0000000000000000000000000000\","
              "\"etag\":\"\\\"a\\\\\\\"\",\"last_modified\":\"" DATE "\","
              "\"url\":\"http://a.test/?\\\"\"}\n");
    CHECK(validators_read(line.data, line.len - 1, back, &got, NULL) == 0);
    CHECK(memcmp(key, back, sizeof(key)) == 0);
    CHECK_STR(got.etag, given.etag);
    CHECK_STR(got.last_modified, DATE);
    buf_release(&line);
}

int main(void)
{
    test_etag();
    test_set();
    test_read();
    test_write();
    return check_end("validators");
}
