/* SPDX-License-Identifier: MIT */
/* Passwords in input lines: whatever is wrong with a line, they are not shown.
 */
#include "line_reading.h"

/* Invalid in whatever way, a line's password is not shown. */
static void test_hidden(void)
{
    static const char *const lines[] = {
        "\"http://u:SECRET@h/\"",
        "<http://u:SECRET@h/>",
        "\xef\xbb\xbfhttp://u:SECRET@h/",
        "see http://u:SECRET@h/",
        "- http://u:SECRET@h/",
        "url=http://u:SECRET@h",
        "http: //u:SECRET@h",
        "http//u:SECRET@h/",
        "https//u:SECRET@h/",
        "http://u:SEC/SECRET@h/",
        "http://u:SECRET#x@h/",
        "http://u:SECRET?x@h/",
        "http://u:SECRET@h http://v@i/",
        "[\"http://u:SECRET@h/\"]",
        "[{\"url\":\"http://h/\",\"body\":\"SECRET\"}]",
        "\xef\xbb\xbf{\"url\":\"http://h/\",\"body\":\"SECRET\"}",
        "{\"url\":\" http://u:SECRET@h/\"}",
        "{\"url\":\"\\\"http://u:SECRET@h/\\\"\"}",
        "{\"url\":\"http//u:SECRET@h/\"}",
        "{\"url\":\"http://u:SEC/SECRET@h/\"}",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        CHECK(bad(lines[i], CODE_BAD_URL, ""));
        CHECK(!strstr(error.message, "SECRET"));
        CHECK(!request->asked || !strstr(request->asked, "SECRET"));
    }
    CHECK(bad("\"http://h/\"", CODE_BAD_URL, ""));
    CHECK(request->asked == NULL);
    CHECK(bad("[::1", CODE_BAD_URL, ""));
    CHECK(request->asked == NULL);
    CHECK(bad("- http://u:SECRET@h/", CODE_BAD_URL, ""));
    CHECK_STR(request->asked, "- http://h/");
    request_free(request);
    line_too_long(reader, "x http://u:SECRET@h", 19, &request, &error);
    CHECK_STR(request->asked, "x http://h");
}

/* A byte put in anywhere but into the password: if that is not part of what is
 * then fetched, it is not shown either. A "#" makes it a URL's fragment. */
static void test_passwords(void)
{
    static const char *const seeds[] = {
        "http://u:SECRET@h/x?y#z",
        "{\"url\":\"http://u:SECRET@h/x?y#z\"}",
        "//u:SECRET@h/x",
    };
    static const char bytes[] = "\"\\{}[]<>:,/@?%.u0= \t\x7f\xc3\xef";
    unsigned shown = 0, refused = 0;

    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]) * 64; i++) {
        const char *seed = seeds[i / 64];
        const char *secret = strstr(seed, "SECRET");
        size_t at = i % 64, first = (size_t)(secret - seed);

        if (at > strlen(seed) || (at > first && at < first + 6))
            continue;
        for (const char *byte = bytes; *byte; byte++) {
            char text[128];
            int len = snprintf(text, sizeof(text), "%.*s%c%s", (int)at, seed,
                               *byte, seed + at);
            enum line_result result = read_n(text, (size_t)len, false);

            refused += result == LINE_INVALID;
            if (!request || !request->asked ||
                (request->url && strstr(request->url, "SECRET")))
                continue;
            if (strstr(request->asked, "SECRET") && shown++ < 5)
                printf("%s: %s\n", text, request->asked);
        }
    }
    CHECK(shown == 0);
    CHECK(refused > 300);
}

/* Header fields that are secret by their name. */
static void test_headers(void)
{
    config.fields = FIELD_BIT(FIELD_REQUEST);
    CHECK(good(URL "\"headers\":{\"Set-cookie\":\"s\",\"proxy-X\":\"s\","
                   "\"X-Auth-TOKEN\":\"s\",\"My-Secret-Id\":\"s\","
                   "\"X-Api-Key\":\"s\",\"apikey\":\"s\",\"xPassword\":\"s\","
                   "\"Toke\":\"1\",\"X-Proxy-A\":\"2\"}}"));
    CHECK_STR(request->source,
              "{\"url\":\"http://a/\",\"headers\":{\"Set-cookie\":\"***\","
              "\"proxy-X\":\"***\",\"X-Auth-TOKEN\":\"***\","
              "\"My-Secret-Id\":\"***\",\"X-Api-Key\":\"***\","
              "\"apikey\":\"***\",\"xPassword\":\"***\",\"Toke\":\"1\","
              "\"X-Proxy-A\":\"2\"}}");
    config.fields = 0;
}

static void test_referer(void)
{
    config.fields = FIELD_BIT(FIELD_REQUEST);
    CHECK(good(URL "\"headers\":{\"Referer\":\"http://u:p\\u0040h/\"},"
                   "\"referer\":\"http://u:p@h/?x@y\"}"));
    CHECK_STR(request->source,
              "{\"url\":\"http://a/\",\"headers\":{\"Referer\":"
              "\"http://h/\"},\"referer\":\"http://h/?x@y\"}");
    CHECK(good(URL "\"headers\":{\"referer\":[\"http://u@h/\",\"\"]}}"));
    CHECK_STR(request->source, "{\"url\":\"http://a/\",\"headers\":"
                               "{\"referer\":[\"http://h/\",\"\"]}}");
    config.show_secrets = true;
    CHECK(good(URL "\"referer\":\"http://u:p@h/\"}"));
    CHECK_STR(request->source,
              "{\"url\":\"http://a/\",\"referer\":\"http://u:p@h/\"}");
    config.show_secrets = false;
    config.fields = 0;
}

/* --show-secrets. */
static void test_shown(void)
{
    config.show_secrets = true;
    CHECK(good("http://u:p@a/"));
    CHECK_STR(request->asked, "http://u:p@a/");
    CHECK(good("{\"url\":\"http://u:p@a/\",\"user\":\"x:y\"}"));
    CHECK_STR(request->asked, "http://u:p@a/");
    config.show_secrets = false;
    CHECK(good("{\"url\":\"http://u:p@a/\",\"user\":\"x:y\"}"));
    CHECK_STR(request->asked, "http://a/");
}

int main(void)
{
    begin_lines();
    test_shown();
    test_hidden();
    test_passwords();
    test_headers();
    test_referer();
    return end_lines("line_secrets");
}
