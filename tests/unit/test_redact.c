/* SPDX-License-Identifier: MIT */
/* Heads without their secrets. */
#include "check.h"
#include "policy/redact.h"

static struct redact redact;
static struct buf out;

/* The line as it is shown. */
static const char *shown(const char *line)
{
    buf_clear(&out);
    buf_add_str(&out, "");
    redact_line(&redact, line, strlen(line), &out);
    return out.data ? out.data : "";
}

static void test_request(void)
{
    redact = (struct redact){0};
    CHECK_STR(shown("GET /token:1?Cookie: a HTTP/1.1"),
              "GET /token:1?Cookie: a HTTP/1.1");
    CHECK_STR(shown("Cookie:a=1"), "Cookie: ***");
    CHECK_STR(shown("authorization: Basic x"), "authorization: ***");
    CHECK_STR(shown("X-Plain: a"), "X-Plain: a");
    CHECK_STR(shown("Proxy-Authorization:"), "Proxy-Authorization: ***");
    CHECK_STR(shown(""), "");
}

static void test_answer(void)
{
    redact = (struct redact){.answer = true};
    CHECK_STR(shown("HTTP/1.1 200 OK"), "HTTP/1.1 200 OK");
    CHECK_STR(shown("Set-Cookie : a"), "Set-Cookie: ***");
    CHECK_STR(shown("\tfolded"), " ***");
    CHECK_STR(shown(" twice"), " ***");
    CHECK_STR(shown("Proxy-Authenticate: Basic"), "Proxy-Authenticate: Basic");
    CHECK_STR(shown(" folded"), " folded");
    CHECK_STR(shown(": a"), ": a");
    CHECK_STR(shown("Location: http://u:p@a/b@c"), "Location: http://a/b@c");
    CHECK_STR(shown("Location: http://u:p@x@a/"), "Location: http://a/");
    CHECK_STR(shown("Link: <http://u:p@a>, <http://b/?m=c@d>, <ftp://e@f/>"),
              "Link: <http://a>, <http://b/?m=c@d>, <ftp://f/>");
    CHECK_STR(shown("A: b@c.example"), "A: b@c.example");
    CHECK_STR(shown("Location: http://u:p@"), "Location: http://");
}

int main(void)
{
    buf_init(&out, 4096);
    test_request();
    test_answer();
    buf_release(&out);
    return check_end("redact");
}
