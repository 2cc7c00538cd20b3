/* SPDX-License-Identifier: MIT */
/* policy/form_parse: what -F and --form-string make of their arguments. */
#include "check.h"
#include "policy/form_parse.h"

#include <stdbool.h>
#include <stdlib.h>

static struct why why;

/* A file holds its own name in brackets; "none" is not there. */
static int read_file(void *context, const char *name, struct buf *out,
                     struct why *reason)
{
    (void)context;
    if (strcmp(name, "none") == 0)
        return why_set(reason, "none: not there");
    return buf_addf(out, "[%s]", name);
}

static const struct reader reader = {.read = read_file};

/*
 * The parts of an argument, one behind the other, without what each has:
 * "NAME; filename="..." (TYPE) VALUE|" and so on; or the error.
 */
static const char *shown(const char *argument, bool literal)
{
    static char text[2000];
    struct form *form = form_new(10000);
    struct buf body;
    char type[FORM_TYPE_SIZE];
    const char *boundary, *at;
    size_t len = 0;
    int failed = literal ? form_parse_string(form, argument, &why)
                         : form_parse(form, argument, &reader, &why);

    buf_init(&body, 20000);
    CHECK(form_finish(form, &body, type, NULL) == 0);
    form_free(form);
    boundary = strstr(type, "boundary=") + 9;
    at = body.data;
    text[0] = '\0';
    for (;;) {
        const char *value, *end, *kind;

        at += 2 + strlen(boundary) + 2;
        if (at >= body.data + body.len - 2)
            break;
        at = strstr(at, "name=") + 5;
        value = strstr(at, "\r\n\r\n") + 4;
        kind = strstr(at, "\r\nContent-Type: ");
        if (kind > value)
            kind = NULL;
        end = strstr(value, boundary) - 4;
        len += (size_t)snprintf(
            text + len, sizeof(text) - len, "%.*s (%.*s) %.*s|",
            (int)((kind ? kind : value - 4) - at), at,
            kind ? (int)(value - 4 - kind - 16) : 0, kind ? kind + 16 : "",
            (int)(end - value), value);
        at = end + 2;
    }
    buf_release(&body);
    if (failed)
        snprintf(text + len, sizeof(text) - len, "error: %s", why.text);
    return text;
}

#define CHECK_FORM(ARGUMENT, WANT) CHECK_STR(shown(ARGUMENT, false), WANT)

static void test_texts(void)
{
    CHECK_FORM("a=b", "\"a\" () b|");
    CHECK_FORM("a=", "\"a\" () |");
    CHECK_FORM("=b", "\"\" () b|");
    CHECK_FORM("a=b=c,d", "\"a\" () b=c,d|");
    CHECK_FORM("a= b c ", "\"a\" () b c|");
    CHECK_FORM("a=\" b;c \\\"d\\\\ \\e\" ", "\"a\" ()  b;c \"d\\ \\e|");
    CHECK_FORM("a=\"\"", "\"a\" () |");
    CHECK_FORM("a=\"b", "\"a\" () \"b|");
    CHECK_FORM("a=\"b\\\"", "\"a\" () \"b\\\"|");
    CHECK_FORM("a=\"", "\"a\" () \"|");
    CHECK_FORM("a=b;", "\"a\" () b|");
    CHECK_FORM("a=b; ; ", "\"a\" () b|");
    CHECK_FORM("a=\"@b\"", "\"a\" () @b|");
    CHECK_FORM("a=\"(b\"", "\"a\" () (b|");
    CHECK_FORM(" a =b", "\" a \" () b|");
    CHECK_FORM("a\"\r\nX: y=b", "\"a%22%0D%0AX: y\" () b|");
}

static void test_attributes(void)
{
    CHECK_FORM("a=b;type=text/x", "\"a\" (text/x) b|");
    CHECK_FORM("a=b ; TYPE= text/x ", "\"a\" (text/x) b|");
    CHECK_FORM("a=b;type=text/plain", "\"a\" (text/plain) b|");
    CHECK_FORM("a=b;type=text/x; charset=u;q ;filename=y",
               "\"a\"; filename=\"y\" (text/x; charset=u;q) b|");
    CHECK_FORM("a=b;filename=y;type=text/x",
               "\"a\"; filename=\"y\" (text/x) b|");
    CHECK_FORM("a=b;filename=y", "\"a\"; filename=\"y\" () b|");
    CHECK_FORM("a=b;filename=y.png",
               "\"a\"; filename=\"y.png\" (image/png) b|");
    CHECK_FORM("a=b;filename=\"p;\\\"q\"", "\"a\"; filename=\"p;%22q\" () b|");
    CHECK_FORM("a=b;filename=x/y;filename= z ", "\"a\"; filename=\"z\" () b|");
    CHECK_FORM("a=b;filename=", "\"a\"; filename=\"\" () b|");
    CHECK_FORM("a=\"b\" ;type=text/x,y",
               "error: \"text/x,y\" is not a media type");
}

static void test_files(void)
{
    CHECK_FORM("a=@f", "\"a\"; filename=\"f\" (application/octet-stream) "
                       "[f]|");
    CHECK_FORM("a=@d/e/x.html",
               "\"a\"; filename=\"x.html\" (text/html) [d/e/x.html]|");
    CHECK_FORM("a=@x.html;filename=z.png",
               "\"a\"; filename=\"z.png\" (image/png) [x.html]|");
    CHECK_FORM("a=@x.html;filename=\"\"",
               "\"a\"; filename=\"\" (text/html) [x.html]|");
    CHECK_FORM("a=@f;type=text/x", "\"a\"; filename=\"f\" (text/x) [f]|");
    CHECK_FORM("a=@\"q\\\"u;o,.jpg\"",
               "\"a\"; filename=\"q%22u;o,.jpg\" (image/jpeg) "
               "[q\"u;o,.jpg]|");
    CHECK_FORM("a=@-", "\"a\"; filename=\"-\" (application/octet-stream) "
                       "[-]|");
    CHECK_FORM("a=@f.txt, \"g,.gif\" ;filename=h , i;type=x/y;z",
               "\"a\"; filename=\"f.txt\" (text/plain) [f.txt]|"
               "\"a\"; filename=\"h\" (image/gif) [g,.gif]|"
               "\"a\"; filename=\"i\" (x/y;z) [i]|");
    CHECK_FORM("a=@f;type=x/y,g;type=x/z", "\"a\"; filename=\"f\" (x/y) [f]|"
                                           "\"a\"; filename=\"g\" (x/z) [g]|");
}

static void test_file_texts(void)
{
    CHECK_FORM("a=<f", "\"a\" () [f]|");
    CHECK_FORM("a=<f,g", "\"a\" () [f,g]|");
    CHECK_FORM("a=<x.html", "\"a\" (text/html) [x.html]|");
    CHECK_FORM("a=<x.txt", "\"a\" () [x.txt]|");
    CHECK_FORM("a=<x.txt;type=text/plain", "\"a\" (text/plain) [x.txt]|");
    CHECK_FORM("a=< \"f;g\" ", "\"a\" () [f;g]|");
}

static void test_refused(void)
{
    CHECK_FORM("a", "error: \"a\" is not NAME=CONTENT");
    CHECK_FORM("", "error: \"\" is not NAME=CONTENT");
    CHECK_FORM("a=b;c", "error: \";c\" is neither ;type= nor ;filename=: a "
                        "text with \";\" stands in double quotes");
    CHECK_FORM("a=\"b\"x", "error: \"x\" stands behind a closing quote");
    CHECK_FORM("a=\"b\" , c", "error: \", c\" stands behind a closing quote");
    CHECK_FORM("a=b;type=", "error: \"type=\" without a media type");
    CHECK_FORM("a=b;type=text", "error: \"text\" is not a media type");
    CHECK_FORM("a=b;type=a/b\r\nX: y;filename=c",
               "error: \"a/b\r\nX: y\" is not a media type");
    CHECK_FORM("a=b;type=a/b;\r\nX: y",
               "error: value of \"Content-Type\" holds a control byte");
    CHECK_FORM("a=b;headers=\"X: y\"", "error: \";headers=\" is not supported");
    CHECK_FORM("a=b;encoder=base64", "error: \";encoder=\" is not supported");
    CHECK_FORM("a=(;type=multipart/mixed",
               "error: parts in parts (\"(;type=multipart/mixed\") are not "
               "supported: a text that begins so stands in double quotes");
    CHECK_FORM("a=<f;filename=g",
               "error: \";filename=\" goes with \"@\", not with \"<\"");
    CHECK_FORM("a=@none", "error: none: not there");
    CHECK_FORM("a=<none", "error: none: not there");
    CHECK_FORM("a=@", "error: no file is named");
    CHECK_FORM("a=<", "error: no file is named");
    CHECK_FORM("a=@f,", "\"a\"; filename=\"f\" (application/octet-stream) "
                        "[f]|error: no file is named");
}

static void test_form_string(void)
{
    CHECK_STR(shown("a=@f;type=x", true), "\"a\" () @f;type=x|");
    CHECK_STR(shown("a= \"<b\" ;", true), "\"a\" ()  \"<b\" ;|");
    CHECK_STR(shown("a=b=c", true), "\"a\" () b=c|");
    CHECK_STR(shown("a", true), "error: \"a\" is not NAME=CONTENT");
}

/* Texts of the bytes that mean something, at random: none may crash, and a
 * form always comes out whole. */
static void test_mutations(void)
{
    static const char *const words[] = {
        "a", "=",     "@",         "<",   ";",    ",", "\"",       "\\",
        " ", "type=", "filename=", "x/y", "\r\n", "(", "headers=", "z"};
    unsigned seed = 1;

    for (unsigned i = 0; i < 50000; i++) {
        char text[200] = "a=";
        size_t at = 2;

        for (unsigned n = 0; n < 12; n++) {
            seed = seed * 1103515245u + 12345u;
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s",
                                   words[(seed >> 16) % 16]);
        }
        if (strlen(shown(text, false)) == 0)
            CHECK(!"neither a part nor an error");
    }
}

int main(void)
{
    test_texts();
    test_attributes();
    test_files();
    test_file_texts();
    test_refused();
    test_form_string();
    test_mutations();
    return check_end("form_parse");
}
