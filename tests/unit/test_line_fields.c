/* SPDX-License-Identifier: MIT */
/* Header fields and bodies of input lines. */
#include "line_reading.h"

static void test_headers(void)
{
    CHECK(good(URL "\"headers\":{\"X-A\":\" 1\\t\",\"x-a\":[\"2\",\"\"],"
                   "\"Host\":\"b\",\"Y\":\"a\\tb\xc3\xbc\",\"Z\":[]}}"));
    CHECK(request->header_count == 5);
    CHECK_STR(request->headers[0].name, "X-A");
    CHECK_STR(request->headers[0].value, "1");
    CHECK_STR(request->headers[1].value, "2");
    CHECK_STR(request->headers[2].value, "");
    CHECK_STR(header("host"), "b");
    CHECK_STR(header("Y"), "a\tb\xc3\xbc");
}

static void test_bad_headers(void)
{
    static const char *const refused[] = {
        "Content-Length",
        "transfer-encoding",
        "CONNECTION",
        "Keep-Alive",
        "proxy-connection",
        "Upgrade",
        "TE",
        "Trailer",
        "",
        "a b",
        "a:",
        "a\\r\\nb",
        ":path",
        "\xc3\xbc",
        "a\\t",
        "(",
    };
    static const char *const values[] = {
        "a\\r\\nX: y", "a\\nb", "\\r", "\\u0001", "\\u007f", "a\\u001b",
    };
    char text[200];

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        snprintf(text, sizeof(text), URL "\"headers\":{\"%s\":\"1\"}}",
                 refused[i]);
        CHECK(bad(text, CODE_BAD_REQUEST_HEADER, "headers: "));
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        snprintf(text, sizeof(text), URL "\"headers\":{\"X\":\"%s\"}}",
                 values[i]);
        CHECK(bad(text, CODE_BAD_REQUEST_HEADER,
                  "headers: value of \"X\" holds a control byte"));
        snprintf(text, sizeof(text), URL "\"headers\":{\"X\":[\"\",\"%s\"]}}",
                 values[i]);
        CHECK(bad(text, CODE_BAD_REQUEST_HEADER, "control byte"));
    }
    CHECK(bad(URL "\"headers\":[]}", CODE_BAD_REQUEST_HEADER, "an object"));
    CHECK(bad(URL "\"headers\":{\"X\":1}}", CODE_BAD_REQUEST_HEADER, "\"X\""));
    CHECK(bad(URL "\"headers\":{\"X\":[1]}}", CODE_BAD_REQUEST_HEADER,
              "strings"));
    CHECK(bad(URL "\"headers\":{\"X\":\"1\",\"X\":\"2\"}}",
              CODE_BAD_REQUEST_HEADER, "second time"));
    CHECK(bad(URL "\"headers\":{\"Host\":\"a\",\"host\":\"b\"}}",
              CODE_BAD_REQUEST_HEADER, "Host"));
    CHECK(bad(URL "\"headers\":{\"X\":\"\\u0000\"}}", CODE_BAD_VALUE,
              "headers: holds"));
}

/* A line with one header whose name has no byte but "X", and this many values
 * of this many bytes. */
static char *many_values(size_t count, size_t len)
{
    char *text = xmalloc(100 + count * (len + 3)), *end;

    end = stpcpy(text, URL "\"headers\":{\"X\":[");
    for (size_t i = 0; i < count; i++) {
        *end++ = '"';
        memset(end, 'a', len);
        end = stpcpy(end + len, i + 1 < count ? "\"," : "\"");
    }
    stpcpy(end, "]}}");
    return text;
}

static void test_many_headers(void)
{
    static const struct {
        size_t count, len;
        const char *wrong;
    } rows[] = {
        {256, 0, NULL},
        {257, 0, "headers: more than 256 fields"},
        {300000, 0, "headers: more than 256 fields"},
        {256, 1023, NULL},
        {256, 1024, "headers: names and values of more than 256 KiB"},
        {1, 256 * 1024 - 1, NULL},
        {1, 256 * 1024, "headers: names and values of more than 256 KiB"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = many_values(rows[i].count, rows[i].len);

        CHECK(read_text(text) == (rows[i].wrong ? LINE_INVALID : LINE_REQUEST));
        if (rows[i].wrong) {
            CHECK(error.code == CODE_BAD_REQUEST_HEADER);
            CHECK_STR(error.message, rows[i].wrong);
        }
        CHECK(request->header_count <= 256);
        free(text);
    }
    /* each line is counted from the start */
    CHECK(good(URL "\"headers\":{\"X\":\"1\"}}"));
}

static void test_bodies(void)
{
    CHECK(good(URL "\"body\":\"a\\n\\u00fc\"}"));
    CHECK_STR(request->body, "a\n\xc3\xbc");
    CHECK(request->body_len == 4);
    CHECK_STR(request->method, "POST");
    CHECK(request->header_count == 0);
    CHECK(good(URL "\"body\":\"\"}"));
    CHECK(request->body != NULL && request->body_len == 0);
    CHECK_STR(request->method, "POST");
    CHECK(good("{\"body\":\"x\",\"method\":\"GET\",\"url\":\"a\"}"));
    CHECK_STR(request->method, "GET");
    CHECK(good(URL "\"json\": {\"a\" : [ 1.0 , 12345678901234567890]} }"));
    CHECK_STR(request->body, "{\"a\" : [ 1.0 , 12345678901234567890]}");
    CHECK_STR(header("Content-Type"), "application/json");
    CHECK_STR(request->method, "POST");
    CHECK(good("{\"json\":null,\"headers\":{\"content-type\":\"x\"},"
               "\"url\":\"a\"}"));
    CHECK_STR(request->body, "null");
    CHECK(request->header_count == 1);
    CHECK_STR(header("Content-Type"), "x");
    CHECK(bad(URL "\"json\":1,\"body\":\"\"}", CODE_BAD_VALUE, "only one"));
    CHECK(bad(URL "\"json\":1,\"body_base64\":\"\"}", CODE_BAD_VALUE,
              "only one"));
    CHECK(bad(URL "\"body\":\"\",\"body_base64\":\"\"}", CODE_BAD_VALUE,
              "only one"));
    CHECK(bad(URL "\"body\":1}", CODE_BAD_VALUE,
              "body: must be a string, not a number"));
    CHECK(bad(URL "\"body\":\"\\u0000\"}", CODE_BAD_VALUE, "body: holds"));
    CHECK(bad(URL "\"json\":[\"\\u0000\"]}", CODE_BAD_VALUE, "json: holds"));
}

/* What is sent is what the record shows: a record fed back is the same. */
static void test_json_body(void)
{
    CHECK(good(URL "\"json\":{\"a\":\t1,\r\"\x7f\":2}}"));
    CHECK_STR(request->body, "{\"a\": 1, \"\\u007f\":2}");
    CHECK(request->body_len == strlen(request->body));
}

static void test_base64(void)
{
    static const char *const wrong[] = {
        "A",    "AA",    "AAA",      "AAAAA",       "AB==",       "AAB=",
        "====", "A===",  "AA=A",     "=AAA",        "AA AA===",   "AA\\n==",
        "AA-_", "AAAA=", "AA==AAAA", "AA==\\u0020", "\xc3\xbc==",
    };
    char text[100];

    CHECK(good(URL "\"body_base64\":\"AP9h\"}"));
    CHECK(request->body_len == 3);
    CHECK(memcmp(request->body, "\x00\xff\x61", 3) == 0);
    CHECK(good(URL "\"body_base64\":\"\"}"));
    CHECK(request->body && request->body_len == 0);
    CHECK(good(URL "\"body_base64\":\"YQ==\"}"));
    CHECK_STR(request->body, "a");
    CHECK(good(URL "\"body_base64\":\"Zm9vYmE=\"}"));
    CHECK_STR(request->body, "fooba");
    CHECK(good(URL "\"body_base64\":\"\\u002b\\/+/\"}"));
    CHECK(memcmp(request->body, "\xfb\xff\xbf", 3) == 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        snprintf(text, sizeof(text), URL "\"body_base64\":\"%s\"}", wrong[i]);
        CHECK(bad(text, CODE_BAD_VALUE, "body_base64: not valid base64"));
    }
}

int main(void)
{
    begin_lines();
    test_headers();
    test_bad_headers();
    test_many_headers();
    test_bodies();
    test_json_body();
    test_base64();
    return end_lines("line_fields");
}
