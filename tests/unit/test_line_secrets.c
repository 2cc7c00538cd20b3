/* SPDX-License-Identifier: MIT */
/* Passwords in input lines: whatever is wrong with a line, they are not shown.
 */
#include "app/options.h"
#include "check.h"
#include "policy/line.h"

#include "base/msg.h"
#include "policy/fields.h"

#include <stdlib.h>

static struct config config;
static struct line_reader *reader;
static struct request *request; /* of the line read last */
static struct error error;

static enum line_result read_n(const char *text, size_t len, bool is_argument)
{
    /* A copy without a NUL behind it: a read too far is then seen. */
    char *copy = xmalloc(len ? len : 1);
    enum line_result result;

    memcpy(copy, text, len);
    request_free(request);
    request = NULL;
    memset(&error, 0, sizeof(error));
    result = line_read(reader, copy, len, is_argument, &request, &error);
    free(copy);
    return result;
}

static enum line_result read_text(const char *text)
{
    return read_n(text, strlen(text), false);
}

static bool good(const char *text)
{
    bool is_good = read_text(text) == LINE_REQUEST;

    if (!is_good)
        printf("%s: %s\n", text, error.message);
    return is_good;
}

/* The line is invalid, with this code and this in the message. */
static bool bad(const char *text, enum error_code code, const char *part)
{
    enum line_result result = read_text(text);

    if (result == LINE_INVALID && error.error_class == CLASS_INPUT &&
        error.code == code && strstr(error.message, part))
        return true;
    printf("%s: %s \"%s\"\n", text, error_code_name(error.code), error.message);
    return false;
}

#define URL "{\"url\":\"http://a/\","

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
    config.default_scheme = "https";
    reader = line_reader_new(&config, &options_table);
    test_shown();
    test_hidden();
    test_passwords();
    test_headers();
    test_referer();
    request_free(request);
    line_reader_free(reader);
    return check_end("line_secrets");
}
