/* SPDX-License-Identifier: MIT */
/*
 * policy/file_name, file_type and file_taken: what templates are refused, that
 * no value leaves its component, cuts and numbers, extensions by type.
 */
#include "policy/file_name.h"

#include "check.h"
#include "policy/file_taken.h"
#include "policy/file_type.h"

#include <stdlib.h>

static struct buf got;
static struct why why;

/* The name that the template gives; "" when it is refused. */
static const char *make(const char *template, const struct request *request)
{
    const struct file_facts facts = {
        .request = request, .extension = "html", .sha256 = "abcdef"};
    struct file_name *name = file_name_new(template, &why);

    if (!name)
        return "";
    file_name_make(name, &facts, &got);
    file_name_free(name);
    return got.data;
}

static const char *with_id(const char *template, const char *id)
{
    const struct request request = {.id = (char *)(size_t)id};

    return make(template, &request);
}

static const char *with_path(const char *path)
{
    char url[2000];
    const struct request request = {.url = url};

    snprintf(url, sizeof(url), "http://h%s", path);
    return make("{path}", &request);
}

static void test_placeholders(void)
{
    char url[] = "https://example.com:8443/a/b%20c.html?q=/x";
    char host[] = "https://example.com:8443", id[] = "\"doc\"";
    const struct request request = {
        .index = 41, .id = id, .url = url, .host_key = host, .key = {1, 0xab}};

    CHECK_STR(make(FILE_NAME_DEFAULT, &request),
              "example.com/01ab000000000000.html");
    CHECK_STR(make("{index}-{id}", &request), "41-doc");
    CHECK_STR(make("x/{host}/{path}", &request), "x/example.com/a_b c.html");
    CHECK_STR(make("{sha256}.{ext}", &request), "abcdef.html");
    CHECK_STR(make("{{{index}}}", &request), "{41}");
    CHECK_STR(make("plain", &request), "plain");
    CHECK_STR(make(".hidden/{id}", &request), ".hidden/doc");
}

static void test_refused(void)
{
    static const struct {
        const char *template, *text;
    } rows[] = {
        {"", "empty"},
        {"{indx}", "{indx}; did you mean {index}?"},
        {"{whatever}", "there are {index}"},
        {"{}", "unknown placeholder {}"},
        {"a{index", "without its \"}\""},
        {"{a/b}", "without its \"}\""},
        {"a}b", "without its \"{\""},
        {"/etc/{id}", "empty name"},
        {"{id}/", "empty name"},
        {"a//b", "empty name"},
        {"../{id}", "\"..\" is no name"},
        {"a/../{id}", "\"..\" is no name"},
        {"{id}/.", "\".\" is no name"},
        {".afetch-{id}", "reserved"},
        {"a/.afetch-x", "reserved"},
        {"a\nb", "unprintable character at byte 2"},
        {"a\xe2\x80\xae", "unprintable character at byte 2"},
        {"ab\xff", "no UTF-8 at byte 3"},
        {"1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7", "more than 15 folders"},
    };
    char longest[FILE_NAME_TEMPLATE_MAX + 2];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK(file_name_new(rows[i].template, &why) == NULL);
        CHECK(strstr(why.text, rows[i].text) != NULL);
    }
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    CHECK(file_name_new(longest, &why) == NULL);
    CHECK_STR(why.text, "longer than 1024 bytes");
}

static void test_when(void)
{
    static const struct {
        const char *template;
        enum file_name_when when;
        bool distinct;
    } rows[] = {
        {"{index}", FILE_NAME_BY_REQUEST, true},
        {"a/b-{index}.{ext}", FILE_NAME_BY_RESPONSE, true},
        {"{index}/{sha256}.{ext}", FILE_NAME_BY_BODY, true},
        {"{sha256}", FILE_NAME_BY_BODY, false},
        {"{index}{id}", FILE_NAME_BY_REQUEST, false},
        {"{index}0{id}", FILE_NAME_BY_REQUEST, false},
        {"{id}-{index}", FILE_NAME_BY_REQUEST, false},
        {"x", FILE_NAME_BY_REQUEST, false},
        {FILE_NAME_DEFAULT, FILE_NAME_BY_RESPONSE, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct file_name *name = file_name_new(rows[i].template, &why);

        CHECK(file_name_when(name) == rows[i].when);
        CHECK(file_name_distinct(name) == rows[i].distinct);
        file_name_free(name);
    }
}

/* An index that a cut could take away makes no name distinct. */
static void test_distinct_cut(void)
{
    char template[300];
    struct file_name *name;

    memset(template, 'x', sizeof(template));
    snprintf(template + 190, sizeof(template) - 190, "{index}");
    name = file_name_new(template, &why);
    CHECK(!file_name_distinct(name));
    file_name_free(name);
    snprintf(template + 190, sizeof(template) - 190, "/{index}");
    name = file_name_new(template, &why);
    CHECK(file_name_distinct(name));
    file_name_free(name);
}

static void test_ids(void)
{
    CHECK_STR(with_id("{id}", NULL), "_");
    CHECK_STR(with_id("{id}", "\"\""), "_");
    CHECK_STR(with_id("{id}", "17"), "17");
    CHECK_STR(with_id("{id}", "-17"), "_17");
    CHECK_STR(with_id("{id}", "[1,2]"), "[1,2]");
    CHECK_STR(with_id("{id}", "\"..\""), "__");
    CHECK_STR(with_id("{id}", "\"../../etc/passwd\""), "___.._etc_passwd");
    CHECK_STR(with_id("{id}", "\"/etc\""), "_etc");
    CHECK_STR(with_id("{id}", "\"a\\\\b\""), "a_b");
    CHECK_STR(with_id("{id}", "\"-rf\""), "_rf");
    CHECK_STR(with_id("{id}", "\"a\\u0000b\\n\\u001b\""), "a_b__");
    CHECK_STR(with_id("{id}", "\"a\\u202eb\\u0085\""), "a_b_");
    CHECK_STR(with_id("{id}", "\".afetch-x\""), "_afetch-x");
    CHECK_STR(with_id(".{id}", "\"afetch-x\""), "_afetch-x");
    CHECK_STR(with_id("a/.{id}/b", "\"afetch-x\""), "a/_afetch-x/b");
    CHECK_STR(with_id(".{id}", "\".\""), "._");
    CHECK_STR(with_id("{id}/{id}", "\".\""), "_/_");
    CHECK_STR(with_id("{id}", "\"\\u00e9\""), "\xc3\xa9");
}

static void test_paths(void)
{
    CHECK_STR(with_path("/"), "index");
    CHECK_STR(with_path("/?a"), "index");
    CHECK_STR(with_path("/a/"), "a_");
    CHECK_STR(with_path("/..%2f..%2Fetc"), "___.._etc");
    CHECK_STR(with_path("/%2e%2e"), "__");
    CHECK_STR(with_path("/%252e%252e"), "%2e%2e"); /* once */
    CHECK_STR(with_path("/a%00b%0a"), "a_b_");
    CHECK_STR(with_path("/%ff%e2%80x"), "__x");
    CHECK_STR(with_path("/%zz%4"), "%zz%4");
    CHECK_STR(with_path("/%5c%5c"), "__");
}

static void test_hosts(void)
{
    char v6[] = "http://[::1]:80";
    const struct request request = {.host_key = v6};

    CHECK_STR(make("{host}", &request), "::1");
}

/* Each component alone is cut, between code points, its extension kept. */
static void test_cut(void)
{
    char id[1002], want[FILE_NAME_COMPONENT_MAX + 1];
    const char *name;

    memset(id, 'a', sizeof(id));
    snprintf(id + 990, sizeof(id) - 990, ".jpeg\"");
    id[0] = '"';
    memset(want, 'a', sizeof(want));
    snprintf(want + 195, sizeof(want) - 195, ".jpeg");
    CHECK_STR(with_id("{id}", id), want);
    name = with_id("x/{id}/{id}", id);
    CHECK(strlen(name) == 2 + 200 + 1 + 200);
    memcpy(id + 990, ".jpe_\"", 7); /* no extension */
    CHECK(strlen(with_id("{id}", id)) == FILE_NAME_COMPONENT_MAX);

    id[0] = '"';
    for (size_t i = 1; i < 901; i += 3)
        memcpy(id + i, "\xe2\x82\xac", 3);
    memcpy(id + 901, "\"", 2);
    name = with_id("{id}", id);
    CHECK(strlen(name) == 198);
    name = with_id("{id}.{ext}", id);
    CHECK(strlen(name) == 195 + 5 && strcmp(name + 195, ".html") == 0);
}

static void test_numbered(void)
{
    char name[FILE_NAME_COMPONENT_MAX + 1];

    file_name_numbered(&got, "h/a.txt", 2);
    CHECK_STR(got.data, "h/a-2.txt");
    file_name_numbered(&got, "h.x/a", 13);
    CHECK_STR(got.data, "h.x/a-13");
    file_name_numbered(&got, ".txt", 2);
    CHECK_STR(got.data, ".txt-2");
    file_name_numbered(&got, "a.b c", 2);
    CHECK_STR(got.data, "a.b c-2");
    memset(name, 'a', sizeof(name));
    snprintf(name + 196, 5, ".txt");
    file_name_numbered(&got, name, 10);
    CHECK(got.len == FILE_NAME_COMPONENT_MAX);
    CHECK_STR(got.data + 192, "a-10.txt");
}

static void check_claim(struct file_taken *taken, const char *name,
                        const char *want)
{
    file_taken_claim(taken, name, &got);
    CHECK_STR(got.data, want);
}

static void test_taken(void)
{
    struct file_taken *taken = file_taken_new();
    char name[32], want[32];
    unsigned bad = 0;

    CHECK(!file_taken_has(taken, "a.txt"));
    check_claim(taken, "a.txt", "a.txt");
    CHECK(file_taken_has(taken, "a.txt"));
    check_claim(taken, "a-3.txt", "a-3.txt");
    check_claim(taken, "a.txt", "a-2.txt");
    CHECK(file_taken_has(taken, "a-2.txt"));
    check_claim(taken, "a.txt", "a-4.txt");
    check_claim(taken, "a-2.txt", "a-2-2.txt");
    check_claim(taken, "b/a.txt", "b/a.txt");
    for (unsigned i = 2; i < 20000; i++) { /* quick: no search from 2 on */
        snprintf(want, sizeof(want), i == 2 ? "x" : "x-%u", i - 1);
        file_taken_claim(taken, "x", &got);
        bad += strcmp(got.data, want) != 0;
        snprintf(name, sizeof(name), "y%u", i);
        file_taken_claim(taken, name, &got);
        bad += strcmp(got.data, name) != 0;
    }
    CHECK(bad == 0);
    file_taken_free(taken);
}

static void test_types(void)
{
    static const struct {
        const char *type, *extension;
    } rows[] = {
        {NULL, "bin"},
        {"", "bin"},
        {";", "bin"},
        {"text/html", "html"},
        {" Text/HTML ; charset=utf-8", "html"},
        {"text/html;charset=x", "html"},
        {"application/rss+xml", "xml"},
        {"application/problem+json", "json"},
        {"application/epub+zip", "zip"},
        {"+json", "bin"},
        {"text/x-unknown", "txt"},
        {"text/", "bin"},
        {"text/htmlx", "txt"},
        {"IMAGE/JPEG", "jpg"},
        {"image/vnd.microsoft.icon", "ico"},
        {"font/woff2", "woff2"},
        {"application/x-7z-compressed", "7z"},
        {"x/y", "bin"},
        {"../../x", "bin"},
    };
    const char *extension, *other;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_STR(file_type_extension(rows[i].type), rows[i].extension);
    for (size_t i = 0; (extension = file_type_known(i)); i++) {
        for (size_t j = 0; j < i; j++) {
            other = file_type_known(j);
            CHECK(other && strcmp(other, extension) != 0);
        }
    }
    CHECK(file_type_known(28) != NULL);
    CHECK(file_type_known(1000) == NULL);
}

int main(void)
{
    buf_init(&got, FILE_NAME_MAX);
    test_placeholders();
    test_refused();
    test_when();
    test_distinct_cut();
    test_ids();
    test_paths();
    test_hosts();
    test_cut();
    test_numbered();
    test_taken();
    test_types();
    buf_release(&got);
    return check_end("file_name");
}
