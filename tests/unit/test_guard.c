/* SPDX-License-Identifier: MIT */
/*
 * The guard: its items, their order, names and addresses, IPv4 inside IPv6,
 * and what the refusals say.
 */
#include "policy/guard.h"

#include "check.h"
#include "policy/special.h"

#include <stdlib.h>

#define NAME "http://www.example.com:80"

/* Items between blanks; NULL for none. */
static struct strings split(const char *text, char *copy, size_t size)
{
    struct strings strings = {xcalloc(16, sizeof(char *)), 0};

    snprintf(copy, size, "%s", text ? text : "");
    for (char *at = copy, *next; *at; at = next) {
        next = at + strcspn(at, " ");
        if (*next)
            *next++ = '\0';
        strings.items[strings.count++] = at;
    }
    return strings;
}

static int make(struct guard **guard, bool block_private, const char *allow,
                const char *deny, struct why *why)
{
    char allow_copy[500], deny_copy[500];
    struct strings a = split(allow, allow_copy, sizeof(allow_copy));
    struct strings d = split(deny, deny_copy, sizeof(deny_copy));
    int status = guard_new(guard, block_private, &a, &d, why);

    free(a.items);
    free(d.items);
    return status;
}

static struct guard *made(bool block_private, const char *allow,
                          const char *deny)
{
    struct guard *guard;
    struct why why = {""};

    CHECK(make(&guard, block_private, allow, deny, &why) == 0);
    CHECK_STR(why.text, "");
    return guard;
}

static struct address read(const char *text)
{
    struct address address;

    CHECK(address_parse(text, strlen(text), &address));
    return address;
}

static bool opens(const struct guard *guard, const char *host_key,
                  const char *text)
{
    struct address address = read(text);

    return guard_check_address(guard, host_key, &address, NULL);
}

/* What guard_check_name says: "open", "allowed", or why it is denied. */
static const char *says(const struct guard *guard, const char *host_key)
{
    static struct why why;

    switch (guard_check_name(guard, host_key, &why)) {
    case GUARD_OPEN:
        return "open";
    case GUARD_ALLOWED:
        return "allowed";
    default:
        CHECK(guard_check_name(guard, host_key, NULL) == GUARD_DENIED);
        return why.text;
    }
}

static const char *refusal(const struct guard *guard, const char *text)
{
    static struct why why;
    struct address address = read(text);

    if (guard_check_address(guard, NAME, &address, &why))
        return "open";
    return why.text;
}

static void without_options_there_is_none(void)
{
    struct guard *guard;
    struct addresses addresses = {1, {{4, {127, 0, 0, 1}}}};

    CHECK(guard_new(&guard, false, NULL, NULL, NULL) == 0 && guard == NULL);
    CHECK(made(false, "a.test", NULL) == NULL);
    CHECK_STR(says(NULL, "http://127.0.0.1:80"), "open");
    CHECK(opens(NULL, NAME, "127.0.0.1"));
    CHECK(guard_filter(NULL, NAME, &addresses, NULL) == 1);
    CHECK(!guard_needs_addresses(NULL));
    guard_free(NULL);
}

static void private_addresses_are_refused(void)
{
    struct guard *guard = made(true, NULL, NULL);
    size_t count;
    const struct special *table = special_table(&count);

    for (size_t i = 0; i < count; i++)
        CHECK(!guard_check_address(guard, NAME, &table[i].block.base, NULL));
    CHECK(opens(guard, NAME, "8.8.8.8"));
    CHECK(opens(guard, NAME, "2606:4700::1111"));
    CHECK_STR(says(guard, NAME), "open");
    CHECK_STR(says(guard, "http://localhost:80"), "open");
    CHECK_STR(says(guard, "http://8.8.8.8:80"), "open");
    CHECK_STR(says(guard, "http://127.0.0.1:80"),
              "127.0.0.1 is loopback (127.0.0.0/8)");
    CHECK_STR(says(guard, "http://0.0.0.0:80"),
              "0.0.0.0 is of this network (0.0.0.0/8)");
    CHECK_STR(says(guard, "http://[::1]:80"), "::1 is loopback (::1)");
    CHECK_STR(says(guard, "http://[::ffff:127.0.0.1]:80"),
              "::ffff:127.0.0.1 stands for 127.0.0.1, which is loopback "
              "(127.0.0.0/8)");
    CHECK_STR(refusal(guard, "::ffff:8.8.8.8"),
              "::ffff:8.8.8.8 is IPv4 mapped into IPv6 (::ffff:0.0.0.0/96)");
    CHECK_STR(refusal(guard, "169.254.169.254"),
              "169.254.169.254 is link-local (169.254.0.0/16)");
    CHECK(guard_needs_addresses(guard));
    guard_free(guard);
}

static void names_are_globs(void)
{
    struct guard *guard =
        made(false, NULL, "*.Example.com evil? exact.test. a*b*c");

    CHECK_STR(says(guard, NAME), "www.example.com is denied by --deny-host "
                                 "*.example.com");
    CHECK_STR(says(guard, "https://a.b.example.com:1"),
              "a.b.example.com is denied by --deny-host *.example.com");
    CHECK_STR(says(guard, "http://www.example.com.:80"),
              "www.example.com is denied by --deny-host *.example.com");
    CHECK_STR(says(guard, "http://example.com:80"), "open");
    CHECK_STR(says(guard, "http://notexample.com:80"), "open");
    CHECK_STR(says(guard, "http://evil1:80"),
              "evil1 is denied by --deny-host evil?");
    CHECK_STR(says(guard, "http://evil:80"), "open");
    CHECK_STR(says(guard, "http://evil12:80"), "open");
    CHECK_STR(says(guard, "http://exact.test:80"),
              "exact.test is denied by --deny-host exact.test");
    CHECK_STR(says(guard, "http://sub.exact.test:80"), "open");
    CHECK_STR(says(guard, "http://axxbyyc:80"),
              "axxbyyc is denied by --deny-host a*b*c");
    CHECK(!opens(guard, NAME, "8.8.8.8"));
    CHECK(opens(guard, "http://example.com:80", "127.0.0.1"));
    CHECK(!guard_needs_addresses(guard));
    guard_free(guard);
}

static void blocks_are_denied(void)
{
    struct guard *guard =
        made(false, NULL, "10.0.0.0/8 192.0.2.7 [2001:db8::1] fc00::/7");

    CHECK_STR(refusal(guard, "10.1.2.3"),
              "10.1.2.3 is denied by --deny-host 10.0.0.0/8");
    CHECK_STR(refusal(guard, "192.0.2.7"),
              "192.0.2.7 is denied by --deny-host 192.0.2.7");
    CHECK(opens(guard, NAME, "192.0.2.8"));
    CHECK(!opens(guard, NAME, "2001:db8::1"));
    CHECK(opens(guard, NAME, "2001:db8::2"));
    CHECK(!opens(guard, NAME, "fd00::1"));
    CHECK(opens(guard, NAME, "127.0.0.1"));
    CHECK_STR(says(guard, NAME), "open");
    CHECK_STR(says(guard, "http://10.9.9.9:80"),
              "10.9.9.9 is denied by --deny-host 10.0.0.0/8");
    CHECK(guard_needs_addresses(guard));
    guard_free(guard);
}

/* Every wrapping of an address that is denied, or private, is too. */
static void what_is_inside_counts(void)
{
    static const char *const wrapped[] = {
        "::ffff:10.0.0.1",         "::10.0.0.1",
        "::ffff:0:10.0.0.1",       "64:ff9b::10.0.0.1",
        "64:ff9b:1:a00:0:100::",   "64:ff9b:1:a:0:1::",
        "64:ff9b:1:0:a:0:100::",   "64:ff9b:1::10.0.0.1",
        "2002:a00:1::1",           "2001:0:808:808::f5ff:fffe",
        "2001:0:a00:1::f7f7:f7f7",
    };
    struct guard *denied = made(false, NULL, "10.0.0.0/8");
    struct guard *closed = made(true, NULL, NULL);
    struct guard *other = made(false, NULL, "11.0.0.0/8");

    for (size_t i = 0; i < sizeof(wrapped) / sizeof(wrapped[0]); i++) {
        CHECK(!opens(denied, NAME, wrapped[i]));
        CHECK(!opens(closed, NAME, wrapped[i]));
        CHECK(opens(other, NAME, wrapped[i]));
    }
    CHECK(opens(denied, NAME, "::ffff:8.8.8.8"));
    CHECK(!opens(closed, NAME, "::ffff:8.8.8.8"));
    guard_free(denied);
    guard_free(closed);
    guard_free(other);
}

static void allowed_goes_first(void)
{
    struct guard *guard = made(true, "good.example.com 127.0.0.0/8 fe80::1",
                               "*.example.com 127.0.0.1 8.8.8.8");

    CHECK_STR(says(guard, "http://good.example.com:80"), "allowed");
    CHECK(opens(guard, "http://good.example.com:80", "10.0.0.1"));
    CHECK(opens(guard, "http://good.example.com:80", "8.8.8.8"));
    CHECK_STR(says(guard, NAME),
              "www.example.com is denied by --deny-host *.example.com");
    CHECK_STR(says(guard, "http://127.0.0.1:80"), "allowed");
    CHECK(opens(guard, "http://a.test:80", "127.0.0.1"));
    CHECK(opens(guard, "http://a.test:80", "fe80::1"));
    CHECK(!opens(guard, "http://a.test:80", "fe80::2"));
    CHECK(!opens(guard, "http://a.test:80", "10.0.0.1"));
    CHECK(!opens(guard, "http://a.test:80", "8.8.8.8"));
    /* All that is inside must be allowed: of Teredo both. */
    CHECK(opens(guard, "http://a.test:80", "::ffff:127.0.0.1"));
    CHECK(!opens(guard, "http://a.test:80", "::ffff:10.0.0.1"));
    CHECK(opens(guard, "http://a.test:80", "2001:0:7f00:1::80ff:fffe"));
    CHECK(!opens(guard, "http://a.test:80", "2001:0:a00:1::80ff:fffe"));
    guard_free(guard);
}

static void all_but_some(void)
{
    struct guard *guard = made(false, "*.good.test 192.0.2.0/24", "*");

    CHECK_STR(says(guard, "http://a.good.test:80"), "allowed");
    CHECK_STR(says(guard, "http://192.0.2.1:80"), "allowed");
    CHECK_STR(says(guard, "http://192.0.3.1:80"),
              "192.0.3.1 is denied by --deny-host *");
    CHECK_STR(says(guard, "http://[::1]:80"), "::1 is denied by --deny-host *");
    CHECK_STR(says(guard, "http://bad.test:80"),
              "bad.test is denied by --deny-host *");
    guard_free(guard);
}

static void addresses_are_filtered(void)
{
    struct guard *guard = made(true, NULL, NULL);
    struct addresses addresses = {4,
                                  {{4, {127, 0, 0, 1}},
                                   {4, {8, 8, 8, 8}},
                                   {6, {[15] = 1}},
                                   {4, {1, 1, 1, 1}}}};
    struct why why;

    CHECK(guard_filter(guard, NAME, &addresses, &why) == 2);
    CHECK_STR(why.text, "127.0.0.1 is loopback (127.0.0.0/8)");
    CHECK(addresses.count == 2 && addresses.list[0].bytes[0] == 8 &&
          addresses.list[1].bytes[0] == 1);
    addresses = (struct addresses){1, {{4, {10}}}};
    CHECK(guard_filter(guard, NAME, &addresses, NULL) == 0);
    guard_free(guard);
}

static const char *wrong(const char *deny)
{
    static struct why why;
    const char *items[] = {deny};
    struct strings strings = {items, 1};
    struct guard *guard;

    if (guard_new(&guard, true, NULL, &strings, &why) == 0) {
        guard_free(guard);
        return NULL;
    }
    CHECK(guard == NULL);
    return why.text;
}

static void items_are_refused(void)
{
    struct guard *guard;
    struct why why;

    CHECK_STR(wrong(""), "--deny-host \"\": it is empty");
    CHECK_STR(wrong("http://a.test"),
              "--deny-host \"http://a.test\": it is a host, not a URL");
    CHECK_STR(wrong("a.test:80"), "--deny-host \"a.test:80\": it is no IPv6 "
                                  "address, and a host holds for every port");
    CHECK_STR(wrong("[::1]:80"), "--deny-host \"[::1]:80\": it is no IPv6 "
                                 "address, and a host holds for every port");
    CHECK_STR(wrong("10.0.0.0/33"), "--deny-host \"10.0.0.0/33\": behind the "
                                    "slash must be a number from 0 to 32");
    CHECK_STR(wrong("a.test/8"),
              "--deny-host \"a.test/8\": what stands before the slash is no "
              "IPv4 or IPv6 address");
    CHECK_STR(wrong("10.*"), "--deny-host \"10.*\": addresses are written "
                             "whole or as a block, such as 10.0.0.0/8");
    CHECK_STR(wrong("127.1"), "--deny-host \"127.1\": addresses are written "
                              "whole or as a block, such as 10.0.0.0/8");
    CHECK_STR(wrong("a b"),
              "--deny-host \"a b\": it holds a byte that no host name has");
    CHECK_STR(wrong("a[bc]"),
              "--deny-host \"a[bc]\": it holds a byte that no host name has");
    CHECK_STR(wrong("b\xc3\xbc"), "--deny-host \"b\xc3\xbc\": a name must be "
                                  "written in ASCII (punycode, \"xn--\")");
    CHECK(wrong("*") == NULL && wrong("?.*") == NULL && wrong("::") == NULL);
    CHECK(make(&guard, true, "a.test 1.2.3.4/x", NULL, &why) == -1);
    CHECK_STR(why.text, "--allow-host \"1.2.3.4/x\": behind the slash must be "
                        "a number from 0 to 32");
}

int main(void)
{
    without_options_there_is_none();
    private_addresses_are_refused();
    names_are_globs();
    blocks_are_denied();
    what_is_inside_counts();
    allowed_goes_first();
    all_but_some();
    addresses_are_filtered();
    items_are_refused();
    return check_end("guard");
}
