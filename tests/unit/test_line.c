/* SPDX-License-Identifier: MIT */
/*
 * Input lines: URLs, JSON objects, records fed back, and all that is refused.
 */
#include "line_reading.h"

static void test_urls(void)
{
    CHECK(good("http://a/x"));
    CHECK_STR(request->url, "http://a/x");
    CHECK_STR(request->asked, "http://a/x");
    CHECK_STR(request->host_key, "http://a:80");
    CHECK_STR(request->method, "GET");
    CHECK(request->source == NULL && request->id == NULL);
    CHECK(good(" \t Example.com \t\r"));
    CHECK_STR(request->url, "https://example.com/");
    CHECK_STR(request->asked, "Example.com");
    CHECK(good("http://u:p@a"));
    CHECK_STR(request->asked, "http://a");
    CHECK_STR(request->userinfo, "u:p");
    CHECK(read_text("") == LINE_SKIP);
    CHECK(read_text("\r") == LINE_SKIP);
    CHECK(read_text(" \t") == LINE_SKIP);
    CHECK(read_text("# x") == LINE_SKIP);
    CHECK(read_text("  #x") == LINE_SKIP);
    CHECK(!request);
    CHECK(good("a/#x"));
}

static void test_bad_urls(void)
{
    unsigned char key[REQUEST_KEY_SIZE];
    char text[5000];

    CHECK(bad("mailto:me@b", CODE_SCHEME, "mailto"));
    CHECK_STR(request->asked, "mailto:me@b");
    CHECK(request->url == NULL && request->host_key == NULL);
    CHECK(bad(" http://u:p@ x ", CODE_BAD_URL, "white space"));
    CHECK_STR(request->asked, "http:// x");
    memcpy(key, request->key, sizeof(key));
    CHECK(bad("http://u:p@ y", CODE_BAD_URL, "white space"));
    CHECK(memcmp(key, request->key, sizeof(key)) != 0);
    CHECK(bad("http://u:p@ x\r", CODE_BAD_URL, "white space"));
    CHECK(memcmp(key, request->key, sizeof(key)) == 0);
    CHECK(bad("http://a/\xff", CODE_BAD_UTF8, "UTF-8"));
    CHECK(bad("http://a/\r\r", CODE_BAD_URL, "control"));
    CHECK(read_n("http://a\0b", 10, false) == LINE_INVALID);
    CHECK_STR(request->asked, "http://a?b");
    memset(text, 'x', sizeof(text));
    text[0] = ' ';
    text[1] = ':';
    for (size_t i = 2047; i < 2055; i += 2)
        memcpy(text + i, "\xc3\xbc", 2);
    CHECK(read_n(text, sizeof(text), false) == LINE_INVALID);
    CHECK(strlen(request->asked) == 2048);
    CHECK(read_n(text + 1, sizeof(text) - 1, false) == LINE_INVALID);
    CHECK(strlen(request->asked) == 2048);
    text[1] = 'y';
    text[2] = ':';
    text[3] = ':';
    memmove(text, text + 1, sizeof(text) - 1);
    memcpy(text + 2047, "\xc3\xbc", 2);
    CHECK(read_n(text, sizeof(text), false) == LINE_INVALID);
    CHECK(strlen(request->asked) == 2047);
}

static void test_arguments(void)
{
    CHECK(read_n("http://a", 8, true) == LINE_REQUEST);
    CHECK(read_n("", 0, true) == LINE_INVALID);
    CHECK(read_n("#a", 2, true) == LINE_INVALID);
    CHECK(error.code == CODE_BAD_URL);
    CHECK(read_n("{}", 2, true) == LINE_INVALID);
    CHECK(error.code == CODE_BAD_URL);
    CHECK_STR(request->asked, "{}");
}

static void test_formats(void)
{
    CHECK(line_is_json(reader, " {", 2));
    CHECK(!line_is_json(reader, "a{", 2));
    CHECK(!line_is_json(reader, "", 0));
    config.input_format = INPUT_URLS;
    CHECK(!line_is_json(reader, "{", 1));
    CHECK(bad("{\"url\":\"http://a\"}", CODE_BAD_URL, ""));
    CHECK(read_text("#") == LINE_SKIP);
    config.input_format = INPUT_JSONL;
    CHECK(line_is_json(reader, "x", 1));
    CHECK(bad("http://a", CODE_BAD_JSON, ""));
    CHECK(bad("# x", CODE_BAD_JSON, ""));
    CHECK(bad("[]", CODE_BAD_JSON, ""));
    CHECK(read_text(" ") == LINE_SKIP);
    CHECK(good("{\"url\":\"http://a\"}"));
    CHECK(read_n("http://a", 8, true) == LINE_REQUEST);
    config.input_format = INPUT_AUTO;
}

static void test_json(void)
{
    CHECK(good(" {\"u\\u0072l\" : \"http:\\/\\/u:p@A\\u002f\"} \r"));
    CHECK_STR(request->url, "http://a/");
    CHECK_STR(request->asked, "http://A/");
    CHECK_STR(request->userinfo, "u:p");
    CHECK(good("{\"url\":\"a:1\",\"method\":\"pUrge\",\"other\":[1]}"));
    CHECK_STR(request->method, "pUrge");
    CHECK_STR(request->host_key, "https://a:1");
    CHECK(good(URL "\"id\":{\"a\":[1.10,null,\"\\u0000\"]}}"));
    CHECK_STR(request->id, "{\"a\":[1.10,null,\"\\u0000\"]}");
    CHECK(good(URL "\"id\":null}"));
    CHECK_STR(request->id, "null");
    CHECK(good(URL "\"id\":\"\x7f\xc2\x9b\xe2\x80\xae\xc3\xbc\"}"));
    CHECK_STR(request->id, "\"\\u007f\\u009b\\u202e\xc3\xbc\"");
    CHECK(good(URL "\"priority\":-2,\"retry\":1000,\"timeout\":1.5,"
                   "\"connect_timeout\":\"200ms\"}"));
    CHECK(request->priority == -2 && request->settings->retry == 1000);
    CHECK(request->settings->max_time > 1.49 &&
          request->settings->max_time < 1.51);
    CHECK(request->settings->connect_timeout > 0.19 &&
          request->settings->connect_timeout < 0.21);
    CHECK(good(URL "\"timeout\":0,\"retry\":0,\"priority\":2.0}"));
    CHECK(request->settings->max_time >= 0 && request->settings->max_time <= 0);
    CHECK(request->settings->retry == 0 && request->priority == 2);
    CHECK(good(URL "\"method\":null,\"headers\":null,\"body\":null,"
                   "\"retry\":null}"));
    CHECK_STR(request->method, "GET");
    CHECK(!request->body && request->settings == &config.settings);
}

static void test_accept(void)
{
    CHECK(good(URL "\"accept\":404}"));
    CHECK(request->own && matchset_status(&request->settings->accept, 404));
    CHECK(!matchset_status(&request->settings->accept, 200));
    CHECK(good(URL "\"accept\":\"200,5xx\"}"));
    CHECK(matchset_status(&request->settings->accept, 503));
    CHECK(good(URL "\"accept\":[404,\"200-201\"]}"));
    CHECK(matchset_status(&request->settings->accept, 404));
    CHECK(matchset_status(&request->settings->accept, 201));
    CHECK(!matchset_status(&request->settings->accept, 202));
    CHECK(good(URL "\"accept\":\"!301\"}"));
    CHECK(matchset_status(&request->settings->accept, 302));
    CHECK(!matchset_status(&request->settings->accept, 301));
    CHECK(bad(URL "\"accept\":\"timeuot\"}", CODE_BAD_VALUE, "accept: "));
    CHECK(bad(URL "\"accept\":true}", CODE_BAD_VALUE, "accept: "));
    CHECK(bad(URL "\"accept\":[null]}", CODE_BAD_VALUE, "accept: "));
    CHECK(bad(URL "\"accept\":[]}", CODE_BAD_VALUE, "accept: "));
    CHECK(bad(URL "\"accept\":\"\"}", CODE_BAD_VALUE, "accept: "));
    CHECK(bad(URL "\"accept\":4.5}", CODE_BAD_VALUE, "accept: "));
}

static void test_bad_values(void)
{
    CHECK(bad("{}", CODE_NO_URL, "url"));
    CHECK(bad("{\"url\":null}", CODE_NO_URL, "url"));
    CHECK(bad("{\"URL\":\"http://a\"}", CODE_NO_URL, "url"));
    CHECK(bad("{\"url\":1}", CODE_BAD_VALUE, "url: must be a string"));
    CHECK(bad("{\"url\":\"\"}", CODE_BAD_URL, "url: "));
    CHECK(bad("{\"url\":\" http://a\"}", CODE_BAD_URL, "url: "));
    CHECK(bad("{\"url\":\"http://a/\\r\\nX: y\"}", CODE_BAD_URL, "url: "));
    CHECK(bad("{\"url\":\"http://a\\u0000b\"}", CODE_BAD_VALUE, "url: holds"));
    CHECK(bad("{\"url\":\"ftp://u:p@a\"}", CODE_SCHEME, "\"ftp\""));
    CHECK_STR(request->asked, "ftp://a");
    CHECK(bad(URL "\"x\":\"\\u0000\"}", CODE_BAD_VALUE, "x: holds"));
    CHECK(bad(URL "\"method\":\"GE T\"}", CODE_BAD_METHOD, "method: \"GE T\""));
    CHECK(bad(URL "\"method\":\"\"}", CODE_BAD_METHOD, "method: "));
    CHECK(bad(URL "\"method\":\"A\\r\\nB\"}", CODE_BAD_METHOD, "method: "));
    CHECK(bad(URL "\"method\":\"connect\"}", CODE_BAD_METHOD, "CONNECT"));
    CHECK(bad(URL "\"method\":7}", CODE_BAD_METHOD, "method: "));
    CHECK(good(URL "\"method\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\"}"));
    CHECK(bad(URL "\"method\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456\"}",
              CODE_BAD_METHOD, "32"));
    CHECK(bad(URL "\"priority\":3}", CODE_BAD_VALUE,
              "priority: must be -2 to 2"));
    CHECK(bad(URL "\"priority\":1.5}", CODE_BAD_VALUE, "priority: "));
    CHECK(bad(URL "\"priority\":\"1\"}", CODE_BAD_VALUE, "priority: "));
    CHECK(bad(URL "\"retry\":-1}", CODE_BAD_VALUE, "retry: must be 0 to 1000"));
    CHECK(bad(URL "\"retry\":1001}", CODE_BAD_VALUE, "retry: "));
    CHECK(bad(URL "\"retry\":1e999}", CODE_BAD_VALUE, "retry: "));
    CHECK(bad(URL "\"retry\":1e000000000000000000000000000000000000000000000"
                  "00000000000000000000000000000000000002}",
              CODE_BAD_VALUE, "retry: "));
    CHECK(bad(URL "\"timeout\":-1}", CODE_BAD_VALUE, "timeout: "));
    CHECK(bad(URL "\"timeout\":1e10}", CODE_BAD_VALUE, "timeout: "));
    CHECK(bad(URL "\"timeout\":\"1x\"}", CODE_BAD_VALUE, "timeout: \"1x\""));
    CHECK(bad(URL "\"timeout\":\"\"}", CODE_BAD_VALUE, "timeout: "));
    CHECK(bad(URL "\"timeout\":[1]}", CODE_BAD_VALUE, "timeout: "));
    CHECK(bad(URL "\"connect_timeout\":true}", CODE_BAD_VALUE,
              "connect_timeout: "));
}

/* What an invalid line still tells. */
/* Bodies that a line describes. */
static void test_described(void)
{
    CHECK(good(URL "\"data_urlencode\":{\"a\":\"b c\",\"d\":[\"e\",\"\"]}}"));
    CHECK_STR(request->body, "a=b+c&d=e&d=");
    CHECK_STR(request->method, "POST");
    CHECK_STR(header("Content-Type"), "application/x-www-form-urlencoded");
    CHECK(good(URL "\"form\":{\"a\":\"@/x\"}}"));
    CHECK(strstr(request->body, "name=\"a\"\r\n\r\n@/x\r\n") != NULL);
    CHECK(strncmp(header("Content-Type"),
                  "multipart/form-data; boundary=", 30) == 0);
    CHECK(good(URL "\"form\":[{\"name\":\"a\",\"base64\":\"AAE=\","
                   "\"filename\":\"f\",\"type\":\"a/b\"}],"
                   "\"headers\":{\"content-type\":\"x\"}}"));
    CHECK(memmem(request->body, request->body_len, "\r\n\0\1\r\n", 6) != NULL);
    CHECK_STR(header("Content-Type"), "x");
    CHECK(good(URL "\"form\":[]}"));
    CHECK(bad(URL "\"form\":1}", CODE_BAD_VALUE, "form: must be an object or"));
    CHECK(bad(URL "\"form\":{\"a\":[1]}}", CODE_BAD_VALUE, "form: \"a\""));
    CHECK(bad(URL "\"form\":[[]]}", CODE_BAD_VALUE, "form: an array"));
    CHECK(bad(URL "\"form\":[{\"name\":\"a\",\"file\":\"x\"}]}", CODE_BAD_VALUE,
              "form: unknown key \"file\""));
    CHECK(bad(URL "\"data_urlencode\":[]}", CODE_BAD_VALUE, "an object, not"));
    CHECK(bad(URL "\"body\":\"\",\"form\":{}}", CODE_BAD_VALUE, "only one"));
    CHECK(bad(URL "\"method\":\"HEAD\",\"form\":{}}", CODE_BAD_VALUE,
              "takes no body"));
}

static void test_partial(void)
{
    CHECK(bad("{\"retry\":-1,\"method\":\"PUT\",\"id\":7,"
              "\"url\":\"http://u:p@a\"}",
              CODE_BAD_VALUE, "retry"));
    CHECK_STR(request->asked, "http://a");
    CHECK_STR(request->id, "7");
    CHECK_STR(request->method, "PUT");
    CHECK(bad("{\"id\":\"x\"}", CODE_NO_URL, ""));
    CHECK_STR(request->id, "\"x\"");
    CHECK(request->asked == NULL);
    CHECK(bad("{\"url\":\"http://a\"", CODE_BAD_JSON, ""));
    CHECK(request->asked == NULL);
    CHECK(bad("{\"url\":\"http://a\",\"url\":\"http://b\"}", CODE_BAD_JSON,
              "second time"));
    CHECK(bad("{\"url\":\"http://a\"}x", CODE_BAD_JSON, ""));
    CHECK(bad("{\"url\":\"http://a\xff\"}", CODE_BAD_UTF8, "UTF-8"));
    CHECK(bad("{\"url\":\"http://a\tb\"}", CODE_BAD_JSON, "control"));
}

/* What names a file or a socket of this machine; "key" is a common word. */
static void test_for_the_run_only(void)
{
    CHECK(bad(URL "\"unix_socket\":\"/s\"}", CODE_UNKNOWN_KEY,
              "\"unix_socket\" is for the command line only"));
    CHECK(bad(URL "\"cert\":\"/c\",\"key\":\"/k\"}", CODE_UNKNOWN_KEY,
              "\"cert\""));
    CHECK(bad(URL "\"pass\":1}", CODE_UNKNOWN_KEY, "\"pass\""));
    CHECK(bad("{\"index\":0,\"ok\":false,\"url\":\"http://a\","
              "\"request\":{\"cacert\":\"/c\"}}",
              CODE_UNKNOWN_KEY, "\"cacert\""));
    CHECK(good(URL "\"cacert\":null}"));
    CHECK(good(URL "\"key\":\"/k\"}"));
    CHECK(request->settings->key == NULL);
    CHECK(bad(URL "\"pinnedpubkey\":\"/etc/key.pem\"}", CODE_BAD_VALUE,
              "sha256//"));
    CHECK(bad(URL "\"proxy\":\"socks5h://localhost/s\"}", CODE_BAD_VALUE,
              "command line"));
}

static void test_strict(void)
{
    CHECK(good(URL "\"metod\":\"PUT\"}"));
    config.strict = true;
    CHECK(bad(URL "\"metod\":\"PUT\"}", CODE_UNKNOWN_KEY,
              "unknown key \"metod\"; did you mean \"method\"?"));
    CHECK(bad("{\"ulr\":\"http://a\"}", CODE_UNKNOWN_KEY, "\"url\"?"));
    CHECK(bad(URL "\"zzzzzzzzzz\":1}", CODE_UNKNOWN_KEY,
              "unknown key \"zzzzzzzzzz\""));
    CHECK(strstr(error.message, "mean") == NULL);
    CHECK(good("{\"index\":0,\"ok\":false,\"url\":\"http://a\",\"time\":{}}"));
    CHECK(bad("{\"index\":0,\"ok\":false,\"url\":\"http://a\","
              "\"request\":{\"metod\":\"PUT\"}}",
              CODE_UNKNOWN_KEY, "metod"));
    config.strict = false;
}

static void test_records(void)
{
    CHECK(good("{\"index\":3,\"key\":\"x\",\"id\":5,\"url\":\"http://a/x\","
               "\"method\":\"HEAD\",\"ok\":false,\"headers\":{\"server\":"
               "[\"x\"]},\"body\":\"\\u0000\",\"error\":null}"));
    CHECK_STR(request->url, "http://a/x");
    CHECK_STR(request->method, "HEAD");
    CHECK_STR(request->id, "5");
    CHECK(request->header_count == 0 && !request->body);
    CHECK(good("{\"index\":3,\"url\":\"http://a/x\",\"method\":\"POST\","
               "\"ok\":true,\"body\":\"response\",\"request\":{\"url\":"
               "\"http://a/x\",\"headers\":{\"X\":\"1\"},\"json\":{\"a\":1},"
               "\"timeout\":3,\"priority\":1}}"));
    CHECK_STR(request->body, "{\"a\":1}");
    CHECK_STR(request->method, "POST");
    CHECK_STR(header("X"), "1");
    CHECK(request->priority == 1);
    CHECK(good("{\"index\":3,\"ok\":true,\"url\":\"a\",\"request\":null}"));
    CHECK(bad("{\"index\":3,\"ok\":true,\"url\":\"a\",\"request\":1}",
              CODE_BAD_VALUE, "request: "));
    CHECK(bad("{\"index\":3,\"ok\":true,\"url\":\"a\",\"request\":{\"body\":"
              "\"\\u0000\"}}",
              CODE_BAD_VALUE, "body: holds"));
    CHECK(bad("{\"index\":3,\"ok\":true,\"url\":null}", CODE_NO_URL, "url"));
    CHECK(bad("{\"index\":3,\"ok\":true,\"url\":\"a\",\"request\":{\"headers\":"
              "{\"authorization\":\"***\"}}}",
              CODE_BAD_REQUEST_HEADER, "secret"));
    /* not records */
    CHECK(good("{\"index\":3.5,\"ok\":true,\"url\":\"a\",\"body\":\"x\"}"));
    CHECK_STR(request->body, "x");
    CHECK(good("{\"index\":3,\"ok\":1,\"url\":\"a\",\"body\":\"x\"}"));
    CHECK_STR(request->body, "x");
    CHECK(good("{\"ok\":true,\"url\":\"a\",\"body\":\"x\"}"));
    CHECK_STR(request->body, "x");
    CHECK(good("{\"index\":3,\"url\":\"a\",\"body\":\"x\"}"));
    CHECK_STR(request->body, "x");
}

static void test_source(void)
{
    char *line = xmalloc(4096);

    config.fields = FIELD_BIT(FIELD_REQUEST);
    CHECK(good("http://u:p@a\xc3\xbc/"));
    CHECK_STR(request->source, "{\"url\":\"http://a\xc3\xbc/\"}");
    CHECK(good("{\"id\":1,\"x\":2,\"method\":\"P\\u0055T\",\"url\":"
               "\"http://u:p@a\",\"body\":\"\x7f\",\"retry\" : 1.0, "
               "\"headers\":{\"a\" : \"1\"},\"timeout\":null}"));
    CHECK_STR(request->source,
              "{\"url\":\"http://a\",\"method\":\"P\\u0055T\",\"headers\":"
              "{\"a\" : \"1\"},\"body\":\"\\u007f\",\"retry\":1.0}");
    CHECK(good(URL "\"headers\":{\"X\":[\"1\", \"2\"],\"COOKIE\":[\"s\"],"
                   "\"authorization\":\"s\",\"Proxy-Authorization\":\"s\"}}"));
    CHECK_STR(request->source,
              "{\"url\":\"http://a/\",\"headers\":{\"X\":[\"1\", \"2\"],"
              "\"COOKIE\":\"***\",\"authorization\":\"***\","
              "\"Proxy-Authorization\":\"***\"}}");
    CHECK_STR(header("Authorization"), "s");
    /* a record of it asks for the same again */
    CHECK(good("{\"url\":\"http://a/\",\"json\":[1],\"headers\":{\"X\":\"1\"}"
               ",\"accept\":404}"));
    snprintf(line, 4096,
             "{\"index\":0,\"url\":\"%s\",\"method\":\"%s\","
             "\"ok\":false,\"request\":%s}",
             request->asked, request->method, request->source);
    {
        unsigned char key[REQUEST_KEY_SIZE];
        char *source = xstrdup(request->source);

        memcpy(key, request->key, sizeof(key));
        CHECK(good(line));
        CHECK(memcmp(key, request->key, sizeof(key)) == 0);
        CHECK(request->own != NULL);
        CHECK(strncmp(request->source, "{\"url\":\"http://a/\"", 18) == 0);
        CHECK(strstr(request->source, "\"json\":[1]") != NULL);
        free(source);
    }
    config.fields = 0;
    free(line);
}

static void test_long(void)
{
    size_t len = LINE_MAX_BYTES + 10;
    char *text = xmalloc(len);

    memset(text, 'a', len);
    CHECK(read_n(text, LINE_MAX_BYTES + 1, false) == LINE_INVALID);
    CHECK(error.code == CODE_LINE_TOO_LONG);
    CHECK(strlen(request->asked) == 2048);
    memcpy(text, "http://a/", 9);
    CHECK(read_n(text, LINE_MAX_BYTES, false) == LINE_REQUEST);
    CHECK(strlen(request->url) == LINE_MAX_BYTES);
    request_free(request);
    line_too_long(reader, text, 100, &request, &error);
    CHECK(error.code == CODE_LINE_TOO_LONG);
    CHECK(strlen(request->asked) == 100);
    request_free(request);
    line_too_long(reader, "{\"url\":\"a", 9, &request, &error);
    CHECK(request->asked == NULL);
    free(text);
}

int main(void)
{
    begin_lines();
    test_urls();
    test_bad_urls();
    test_arguments();
    test_formats();
    test_json();
    test_accept();
    test_described();
    test_bad_values();
    test_partial();
    test_for_the_run_only();
    test_strict();
    test_records();
    test_source();
    test_long();
    line_reader_free(NULL);
    return end_lines("line");
}
