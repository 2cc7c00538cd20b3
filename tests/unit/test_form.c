/* SPDX-License-Identifier: MIT */
/* policy/form: exact bytes of bodies, their boundary, and hostile parts. */
#include "check.h"
#include "policy/form.h"

#include <stdlib.h>

static struct why why;
static struct buf body;
static char type[FORM_TYPE_SIZE];

#define TEXT(NAME, VALUE)                                                      \
    {                                                                          \
        .name = NAME, .name_len = sizeof(NAME) - 1, .value = VALUE,            \
        .value_len = sizeof(VALUE) - 1                                         \
    }

/* The boundary that the last build gave. */
static const char *boundary(void)
{
    return strstr(type, "boundary=") + strlen("boundary=");
}

/* Builds into body and type. */
static void build(const struct form_part *parts, size_t count)
{
    struct form *form = form_new(64u << 20);

    for (size_t i = 0; i < count; i++)
        CHECK(form_add(form, &parts[i], &why) == 0);
    buf_clear(&body);
    CHECK(form_finish(form, &body, type, &why) == 0);
    form_free(form);
}

/* The body is want, in which each "|" stands for the boundary. */
static void check_body(const char *want, size_t len)
{
    struct buf all;

    buf_init(&all, 64u << 20);
    for (size_t i = 0; i < len; i++) {
        if (want[i] == '|')
            buf_add_str(&all, boundary());
        else
            buf_add_char(&all, want[i]);
    }
    CHECK(all.len == body.len && memcmp(all.data, body.data, all.len) == 0);
    if (all.len != body.len)
        printf("got:\n%s\nwant:\n%s\n", body.data, all.data);
    buf_release(&all);
}

#define CHECK_BODY(WANT) check_body(WANT, sizeof(WANT) - 1)

static size_t times_in_body(const char *text)
{
    size_t count = 0, len = strlen(text);

    for (size_t at = 0; at + len <= body.len; at++)
        count += memcmp(body.data + at, text, len) == 0;
    return count;
}

static void test_exact(void)
{
    struct form_part parts[] = {
        TEXT("a", "b"),
        TEXT("f", "<p>\r\n\0--"),
        TEXT("", ""),
    };

    parts[1].filename = "x.HTML";
    parts[1].filename_len = 6;
    build(parts, 3);
    CHECK_BODY("--|\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n"
               "--|\r\nContent-Disposition: form-data; name=\"f\"; "
               "filename=\"x.HTML\"\r\nContent-Type: text/html\r\n\r\n"
               "<p>\r\n\0--\r\n"
               "--|\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n"
               "--|--\r\n");
    build(NULL, 0);
    CHECK_BODY("--|--\r\n");
    CHECK(strncmp(type, "multipart/form-data; boundary=--", 32) == 0);
    CHECK(strlen(boundary()) <= 70); /* RFC 2046 section 5.1.1 */
    CHECK(strspn(boundary(), "-0123456789abcdef") == strlen(boundary()));
}

/* A part's types: with a filename or none, given or guessed. */
static void check_type(const char *filename, const char *given,
                       const char *want)
{
    struct form_part part = TEXT("n", "v");
    char line[200] = "";

    part.filename = filename;
    part.filename_len = filename ? strlen(filename) : 0;
    part.type = given;
    build(&part, 1);
    if (want)
        snprintf(line, sizeof(line), "\r\nContent-Type: %s\r\n\r\nv", want);
    else
        snprintf(line, sizeof(line), "\"\r\n\r\nv");
    CHECK(times_in_body(line) == 1);
    CHECK(times_in_body("Content-Type") == (want != NULL));
}

static void test_types(void)
{
    static const char *const known[][2] = {
        {"a.gif", "image/gif"},       {"a.jpg", "image/jpeg"},
        {"a.jpeg", "image/jpeg"},     {"a.png", "image/png"},
        {"a.svg", "image/svg+xml"},   {"a.txt", "text/plain"},
        {"a.htm", "text/html"},       {"a.html", "text/html"},
        {"a.pdf", "application/pdf"}, {"a.xml", "application/xml"},
        {"a.PnG", "image/png"},       {".xml", "application/xml"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        check_type(known[i][0], NULL, known[i][1]);
    check_type("a.png.bin", NULL, "application/octet-stream");
    check_type("png", NULL, "application/octet-stream");
    check_type("", NULL, "application/octet-stream");
    check_type(NULL, NULL, NULL);
    check_type("a.png", "", NULL);
    check_type("a.png", "a/b", "a/b");
    check_type(NULL, "text/x; charset=\"u\" ;q", "text/x; charset=\"u\" ;q");
    check_type(NULL, "a/b ", "a/b ");
}

static void test_bad_types(void)
{
    static const char *const bad[] = {
        " ",       "text",         "/",           "a/",
        "/b",      "a b/c",        "a/b c",       "a/b/c",
        "a/b\r\n", "a/b;\r\nX: y", "a/b; c=\x01", "\r\nX: y/z",
        "a/b\n",   "a/b; \x7f",    ";a/b",        "a/b\xc3\xa9",
    };
    struct form *form = form_new(1000);

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct form_part part = TEXT("n", "v");

        part.type = bad[i];
        why.text[0] = '\0';
        CHECK(form_add(form, &part, &why) == -1);
        CHECK(why.text[0] != '\0');
    }
    buf_clear(&body);
    CHECK(form_finish(form, &body, type, &why) == 0);
    CHECK_BODY("--|--\r\n"); /* what is refused leaves nothing behind */
    form_free(form);
}

static void test_hostile_names(void)
{
    struct form_part part = TEXT(
        "a\"; filename=\"x\r\nX: y\r\n\r\n\0\x01\x7f\t\\\xc3\xa9\xff;%22", "v");

    build(&part, 1);
    CHECK_BODY("--|\r\nContent-Disposition: form-data; name=\"a%22; "
               "filename=%22x%0D%0AX: y%0D%0A%0D%0A%00%01%7F\t\\\xc3\xa9\xff;"
               "%22\"\r\n\r\nv\r\n--|--\r\n");
    part = (struct form_part)TEXT("n", "v");
    part.filename = "q\"\r\n\0.txt";
    part.filename_len = 8;
    build(&part, 1);
    CHECK_BODY("--|\r\nContent-Disposition: form-data; name=\"n\"; "
               "filename=\"q%22%0D%0A%00.tx\"\r\n"
               "Content-Type: application/octet-stream\r\n\r\nv\r\n--|--\r\n");
}

/* Every byte of a name: no line begins that is not ours. */
static void test_all_bytes(void)
{
    char name[256];
    struct form_part part = TEXT("", "");

    for (size_t i = 0; i < 256; i++)
        name[i] = (char)i;
    part.name = part.filename = name;
    part.name_len = part.filename_len = 256;
    build(&part, 1);
    CHECK(times_in_body("\n") == 6);
    CHECK(times_in_body("\r\n") == 6);
    CHECK(times_in_body("\r") == 6);
    CHECK(times_in_body("\"") == 4);
    CHECK(memchr(body.data, '\0', body.len) == NULL);
}

/* The same parts, the same bytes; others, others. */
static void test_identity(void)
{
    struct form_part one[] = {TEXT("a", "b"), TEXT("c", "d")};
    struct form_part others[][2] = {
        {TEXT("a", "b"), TEXT("c", "e")},
        {TEXT("a", "b"), TEXT("C", "d")},
        {TEXT("c", "d"), TEXT("a", "b")},
    };
    char first[FORM_TYPE_SIZE];

    build(one, 2);
    memcpy(first, type, sizeof(first));
    build(one, 2);
    CHECK_STR(type, first);
    build(one, 1);
    CHECK(strcmp(type, first) != 0);
    for (size_t i = 0; i < 3; i++) {
        build(others[i], 2);
        CHECK(strcmp(type, first) != 0);
    }
}

/* Two parts, and one whose value looks like both. */
static void test_not_alike(void)
{
    struct form_part two[] = {TEXT("a", "b"), TEXT("a", "b")};
    struct form_part one =
        TEXT("a", "b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb");
    char first[FORM_TYPE_SIZE];

    build(two, 2);
    memcpy(first, type, sizeof(first));
    build(&one, 1);
    CHECK(strcmp(type, first) != 0);
}

/* A value that holds the boundary which it would have had without that. */
static void test_boundary_in_value(void)
{
    struct form_part parts[] = {TEXT("a", ""), TEXT("b", "")};
    char value[300] = "";

    for (unsigned round = 0; round < 3; round++) {
        build(parts, 2);
        CHECK(times_in_body(boundary()) == 3);
        snprintf(value, sizeof(value), "\r\n--%s--\r\n", boundary());
        parts[0].value = value;
        parts[0].value_len = strlen(value);
        parts[1].name = value;
        parts[1].name_len = strlen(value);
    }
}

static void test_limits(void)
{
    struct form *form = form_new(60);
    struct form_part part = TEXT("a", "123456789");

    CHECK(form_max(form) == 60);
    CHECK(form_add(form, &part, &why) == 0);
    CHECK(form_add(form, &part, &why) == -1);
    CHECK_STR(why.text, "the form is over 60 bytes");
    CHECK(form_add(form, &part, &why) == -1);
    form_free(form);
    form = form_new(1000);
    CHECK(form_add(form, &part, &why) == 0);
    struct buf small;
    buf_init(&small, 100);
    CHECK(form_finish(form, &small, type, &why) == -1);
    CHECK_STR(why.text, "the form is over 100 bytes");
    buf_release(&small);
    form_free(form);
    form_free(NULL);
}

static void test_huge(void)
{
    size_t len = 8u << 20;
    char *bytes = calloc(1, len);
    struct form_part parts[100] = {{.name = bytes, .name_len = 1u << 20}};

    for (size_t i = 1; i < 100; i++)
        parts[i] = (struct form_part)TEXT("n", "v");
    parts[99].value = bytes;
    parts[99].value_len = len;
    build(parts, 100);
    CHECK(body.len > len + 3 * (1u << 20));
    CHECK(times_in_body(boundary()) == 101);
    free(bytes);
}

int main(void)
{
    buf_init(&body, 64u << 20);
    test_exact();
    test_types();
    test_bad_types();
    test_hostile_names();
    test_all_bytes();
    test_identity();
    test_not_alike();
    test_boundary_in_value();
    test_limits();
    test_huge();
    buf_release(&body);
    return check_end("form");
}
