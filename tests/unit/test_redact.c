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
    CHECK_STR(shown("Referer: http://u:p@h/@?a@b"), "Referer: http://h/@?a@b");
    CHECK_STR(shown("X-Plain: http://u:p@h/"), "X-Plain: http://u:p@h/");
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
    CHECK_STR(shown("Location: https://u:p@x@h"), "Location: https://h");
    CHECK_STR(shown("location://u:p@h/"), "location://h/");
    CHECK_STR(shown("Content-Location: /a@b"), "Content-Location: /a@b");
    CHECK_STR(shown("Location:"), "Location:");
    CHECK_STR(shown("Location: a@b//c"), "Location: a@b//c");
    CHECK_STR(shown("Set-Cookie2: a=1"), "Set-Cookie2: ***");
}

/* A head cut in two everywhere: the rest of the cut line is told apart. */
static void test_pieces(void)
{
    static const char head[] = "A: b\r\nAuthorization: Bearer x\r\n\r\n";
    size_t len = sizeof head - 1;

    for (size_t at = 0; at <= len; at++) {
        bool cut = false, within = at > 0 && head[at - 1] != '\n';
        const char *end = within ? strchr(head + at, '\n') + 1 : head + at;

        CHECK(redact_rest(&cut, head, at) == 0);
        CHECK(cut == within);
        CHECK(redact_rest(&cut, head + at, len - at) ==
              (size_t)(end - (head + at)));
        CHECK(!cut);
    }
    /* In three: the middle one has no line's end. */
    bool cut = false;
    CHECK(redact_rest(&cut, "Cook", 4) == 0 && cut);
    CHECK(redact_rest(&cut, "ie: a", 5) == 5 && cut);
    CHECK(redact_rest(&cut, "b\r\nX: y\r\n", 9) == 3 && !cut);
}

int main(void)
{
    buf_init(&out, 4096);
    test_request();
    test_answer();
    test_pieces();
    buf_release(&out);
    return check_end("redact");
}
