/* SPDX-License-Identifier: MIT */
/* What may go onto the wire, and what of it is secret. */
#include "check.h"
#include "policy/wire.h"

static struct why why;

static bool secret(const char *name)
{
    return wire_is_secret(name, strlen(name));
}

static bool secret_answer(const char *name)
{
    return wire_is_secret_answer(name, strlen(name));
}

static void test_secret(void)
{
    CHECK(secret("authorization") && secret("Proxy-Authorization"));
    CHECK(secret("Proxy-Any") && !secret("Proxies"));
    CHECK(secret("Cookie") && secret("X-Api-Key") && secret("x-auth-TOKEN"));
    CHECK(secret("X-Auth-Key") && secret("X-Session") && secret("X-SessionId"));
    CHECK(secret("Api-Key") && secret("apikey") && secret("X-Api-Key-Id"));
    CHECK(secret("X-Csrf-Token") && secret("X-XSRF") && secret("X_AUTH"));
    CHECK(secret("Ocp-Apim-Subscription-Key") && secret("XAuth"));
    CHECK(secret("X-Goog-Iap-Jwt-Assertion") && secret("X-Auth-User"));
    CHECK(secret("Authentication") && secret("X-Hub-Signature"));
    CHECK(!secret("Referer") && !secret("X-Any") && !secret("X-Author"));
    CHECK(!secret("Sec-WebSocket-Key") && !secret("Keep-Alive"));
    CHECK(!secret("X-Forwarded-For") && !secret("Accept") && !secret("X"));
    CHECK(secret_answer("set-cookie") && secret_answer("Authorization"));
    CHECK(secret_answer("proxy-authorization") && secret_answer("cookie"));
    CHECK(secret_answer("Set-Cookie2"));
    CHECK(!secret_answer("Proxy-Authenticate"));
    CHECK(!secret_answer("X-Subject-Token") && !secret_answer("Set-Cookie2x"));
}

static void test_text(void)
{
    CHECK(wire_check_text("", &why) == 0);
    CHECK(wire_check_text("a\tb \xc3\xbc", &why) == 0);
    CHECK(wire_check_text("a\rb", &why) == -1);
    CHECK_STR(why.text, "control byte 0x0d in it");
    CHECK(wire_check_text("\x7f", &why) == -1);
    CHECK(wire_check_user("a:b:c", &why) == 0);
    CHECK(wire_check_user(":", &why) == 0);
    CHECK(wire_check_user("s3cret", &why) == -1);
    CHECK(!strstr(why.text, "s3cret"));
    CHECK(wire_check_user("a:\n", &why) == -1);
}

static void test_bearer(void)
{
    CHECK(wire_check_bearer("abc.DEF-~+/=", &why) == 0);
    CHECK(wire_check_bearer("", &why) == -1);
    CHECK(wire_check_bearer("a b", &why) == -1);
    CHECK(wire_check_bearer("a\n", &why) == -1);
    CHECK(wire_check_bearer("\xc3\xbc", &why) == -1);
    CHECK(wire_check_bearer("\x7f", &why) == -1);
}

static void test_range(void)
{
    static const char *const good[] = {
        "0-0", "0-", "-5", "0-1,5-,-2", "09-10", "5-99999999999999999999999"};
    static const char *const bad[] = {"",     "5",        "-",    "0-1,",
                                      ",0-1", "0-1;",     "a-b",  "0--",
                                      " 0-1", "0-1\r\n",  "0-1 ", "bytes=0-1",
                                      "5-3",  "0-1,10-9", "10-09"};

    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        CHECK(wire_check_range(good[i], &why) == 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK(wire_check_range(bad[i], &why) == -1);
}

int main(void)
{
    test_secret();
    test_text();
    test_bearer();
    test_range();
    return check_end("wire");
}
