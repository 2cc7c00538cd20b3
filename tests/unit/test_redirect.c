/* SPDX-License-Identifier: MIT */
/* Where a 3xx leads. */
#include "policy/redirect.h"

#include "check.h"

static const char base[] = "http://a.test/dir/page?q=1";
static const char origin[] = "http://a.test:80";

/* Asks with all but status, Location and method the same. */
static enum redirect_result ask(struct redirect_hop *hop, struct error *error,
                                int status, const char *location,
                                const char *method)
{
    memset(hop, 0, sizeof *hop);
    memset(error, 0, sizeof *error);
    return redirect_decide(hop, error, status, location, method, base, origin,
                           0, 10);
}

/* A 302 to this Location leads to this URL. */
static void check_to(const char *location, const char *to, bool is_origin)
{
    struct redirect_hop hop;
    struct error error;

    CHECK(ask(&hop, &error, 302, location, "GET") == REDIRECT_FOLLOW);
    CHECK_STR(hop.to.text, to);
    CHECK(hop.is_origin == is_origin);
    CHECK(!hop.to.userinfo);
    url_release(&hop.to);
}

static void test_targets(void)
{
    check_to("http://a.test/x", "http://a.test/x", true);
    check_to("/x", "http://a.test/x", true);
    check_to("x", "http://a.test/dir/x", true);
    check_to("../x", "http://a.test/x", true);
    check_to("?r=2", "http://a.test/dir/page?r=2", true);
    check_to("//b.test/x", "http://b.test/x", false);
    check_to("https://a.test/x", "https://a.test/x", false);
    check_to("http://a.test:8080/x", "http://a.test:8080/x", false);
    check_to("https://a.test:80/x", "https://a.test:80/x", false);
    check_to("HTTP://A.TEST:80/x", "http://a.test/x", true);
    check_to("http://user:secret@b.test/", "http://b.test/", false);
}

static void test_ordinary(void)
{
    static const int others[] = {200, 201, 204, 300, 304, 305,
                                 306, 309, 399, 400, 404, 503};
    struct redirect_hop hop;
    struct error error;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        CHECK(ask(&hop, &error, others[i], "/x", "GET") == REDIRECT_NONE);
    CHECK(ask(&hop, &error, 302, NULL, "GET") == REDIRECT_NONE);
    CHECK(ask(&hop, &error, 302, "", "GET") == REDIRECT_NONE);
    CHECK(ask(&hop, &error, 302, " \t", "GET") == REDIRECT_NONE);
    CHECK(error.error_class == CLASS_NONE && !hop.to.text);
}

static void check_method(int status, const char *method, bool to_get)
{
    struct redirect_hop hop;
    struct error error;

    CHECK(ask(&hop, &error, status, "/x", method) == REDIRECT_FOLLOW);
    CHECK(hop.to_get == to_get);
    url_release(&hop.to);
}

static void test_methods(void)
{
    check_method(301, "POST", true);
    check_method(302, "POST", true);
    check_method(303, "POST", true);
    check_method(307, "POST", false);
    check_method(308, "POST", false);
    check_method(301, "PUT", false);
    check_method(302, "DELETE", false);
    check_method(303, "PUT", true);
    check_method(303, "HEAD", false);
    check_method(303, "GET", true); /* a body would be dropped */
    check_method(301, "GET", false);
    check_method(302, "post", false); /* methods are case-sensitive */
}

static void check_error(const char *location, enum error_class error_class,
                        enum error_code code)
{
    struct redirect_hop hop;
    struct error error;

    CHECK(ask(&hop, &error, 301, location, "GET") == REDIRECT_ERROR);
    CHECK(error.error_class == error_class);
    CHECK(error.code == code);
    CHECK(!error.retryable);
    CHECK(!strstr(error.message, "secret"));
}

static void test_errors(void)
{
    check_error("file:///etc/passwd", CLASS_BLOCKED, CODE_SCHEME);
    check_error("gopher://b.test/", CLASS_BLOCKED, CODE_SCHEME);
    check_error("ftp://user:secret@b.test/", CLASS_BLOCKED, CODE_SCHEME);
    check_error("mailto:x@b.test", CLASS_BLOCKED, CODE_SCHEME);
    check_error("javascript:alert(1)", CLASS_BLOCKED, CODE_SCHEME);
    check_error("http://", CLASS_REDIRECT, CODE_BAD_LOCATION);
    check_error("http://b.test:99999/", CLASS_REDIRECT, CODE_BAD_LOCATION);
    check_error("http://user:secret@b.test:99999/", CLASS_REDIRECT,
                CODE_BAD_LOCATION);
    check_error("http://user:a/secret@b.test/", CLASS_REDIRECT,
                CODE_BAD_LOCATION);
    check_error("ftp://user:a/secret@b.test/", CLASS_BLOCKED, CODE_SCHEME);
    check_error("http://[::1/", CLASS_REDIRECT, CODE_BAD_LOCATION);
}

static void test_count(void)
{
    struct redirect_hop hop = {0};
    struct error error = {0};

    CHECK(redirect_decide(&hop, &error, 302, "/x", "GET", base, origin, 9,
                          10) == REDIRECT_FOLLOW);
    url_release(&hop.to);
    CHECK(redirect_decide(&hop, &error, 302, "/x", "GET", base, origin, 10,
                          10) == REDIRECT_ERROR);
    CHECK(error.error_class == CLASS_REDIRECT && error.code == CODE_TOO_MANY);
    CHECK_STR(error.message, "more than 10 redirects");
    CHECK(redirect_decide(&hop, &error, 302, "/x", "GET", base, origin, 0, 0) ==
          REDIRECT_ERROR);
    /* Only what would be followed counts. */
    CHECK(redirect_decide(&hop, &error, 200, "/x", "GET", base, origin, 10,
                          10) == REDIRECT_NONE);
}

int main(void)
{
    test_targets();
    test_ordinary();
    test_methods();
    test_errors();
    test_count();
    return check_end("redirect");
}
