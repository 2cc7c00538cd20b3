/* SPDX-License-Identifier: MIT */
/* Hosts of options and of host keys, in the form that both share. */
#include "policy/host.h"

#include "check.h"

static const char *parsed(const char *text, struct host *host)
{
    static const char refused[] = "refused";

    return host_parse(text, strlen(text), host, NULL) == 0 ? host->text
                                                           : refused;
}

static void options_are_normalised(void)
{
    struct host host;

    CHECK_STR(parsed("Example.COM", &host), "example.com");
    CHECK(!host.is_address);
    CHECK_STR(parsed("example.com.", &host), "example.com");
    CHECK_STR(parsed("a_b-c.test", &host), "a_b-c.test");
    CHECK_STR(parsed("192.0.2.1", &host), "192.0.2.1");
    CHECK(host.is_address && host.address.family == 4);
    CHECK_STR(parsed("[2001:DB8:0::1]", &host), "2001:db8::1");
    CHECK(host.is_address && host.address.family == 6);
    CHECK_STR(parsed("::1", &host), "::1");
}

static const char *refusal(const char *text)
{
    static struct why why;
    struct host host;

    return host_parse(text, strlen(text), &host, &why) == 0 ? NULL : why.text;
}

static void options_are_refused(void)
{
    char many[300];

    memset(many, 'a', sizeof(many));
    many[sizeof(many) - 1] = '\0';
    CHECK_STR(refusal(""), "the host name is missing");
    CHECK_STR(refusal("."), "the host name is missing");
    CHECK_STR(refusal(many), "the host name is too long");
    CHECK_STR(refusal("a b"), "the host name holds a byte that none has");
    CHECK_STR(refusal("*.a"), "the host name holds a byte that none has");
    CHECK_STR(refusal("a..b"), "a part of the host name is empty");
    CHECK_STR(refusal(".a"), "a part of the host name is empty");
    CHECK_STR(refusal("b\xc3\xbc.test"),
              "the host name must be written in ASCII (punycode, \"xn--\")");
    CHECK_STR(refusal("[::1"), "the host is not an IPv6 address");
    CHECK_STR(refusal("[127.0.0.1]"), "the host is not an IPv6 address");
    CHECK_STR(refusal("a:80"), "the host is not an IPv6 address");
    CHECK_STR(refusal("[]"), "the host is not an IPv6 address");
}

static void keys_are_taken_apart(void)
{
    struct host host;
    unsigned port;

    host_of_key("https://example.com.:8443", &host, &port);
    CHECK_STR(host.text, "example.com");
    CHECK(port == 8443 && !host.is_address);
    host_of_key("http://[::1]:80", &host, &port);
    CHECK_STR(host.text, "::1");
    CHECK(port == 80 && host.is_address && host.address.family == 6);
    host_of_key("http://127.0.0.1:1", &host, NULL);
    CHECK_STR(host.text, "127.0.0.1");
    CHECK(host.is_address && host.address.bytes[0] == 127);
}

static void ports_are_read(void)
{
    CHECK(host_port("1", 1) == 1);
    CHECK(host_port("65535", 5) == 65535);
    CHECK(host_port("65536", 5) == 0);
    CHECK(host_port("0", 1) == 0);
    CHECK(host_port("", 0) == 0);
    CHECK(host_port("8x", 2) == 0);
    CHECK(host_port("000080", 6) == 0);
    CHECK(host_port("-1", 2) == 0);
}

int main(void)
{
    options_are_normalised();
    options_are_refused();
    keys_are_taken_apart();
    ports_are_read();
    return check_end("host");
}
