/* SPDX-License-Identifier: MIT */
/* Hosts that no proxy is used for: names, addresses, blocks, everything. */
#include "policy/noproxy.h"

#include "check.h"

static bool has(const char *list, const char *host_key)
{
    struct noproxy *noproxy = noproxy_new(list);
    bool result = noproxy_has(noproxy, host_key);

    noproxy_free(noproxy);
    return result;
}

static void lists_without_items_match_nothing(void)
{
    CHECK(noproxy_new(NULL) == NULL);
    CHECK(noproxy_new("") == NULL);
    CHECK(noproxy_new(" ,, \t") == NULL);
    CHECK(!noproxy_has(NULL, "http://a.test:80"));
    noproxy_free(NULL);
}

static void names_match_themselves_and_those_below(void)
{
    CHECK(has("local.com", "http://local.com:80"));
    CHECK(has("local.com", "https://www.local.com:8443"));
    CHECK(has("local.com", "http://a.b.local.com:80"));
    CHECK(!has("local.com", "http://notlocal.com:80"));
    CHECK(!has("local.com", "http://www.notlocal.com:80"));
    CHECK(!has("local.com", "http://local.com.evil.test:80"));
    CHECK(!has("www.local.com", "http://local.com:80"));
    CHECK(has("LOCAL.com", "http://www.local.com:80"));
    CHECK(has(".local.com", "http://www.local.com:80"));
    CHECK(has(".local.com", "http://local.com:80"));
    CHECK(has("local.com.", "http://local.com:80"));
    CHECK(has("local.com", "http://local.com.:80"));
    CHECK(!has(".", "http://local.com:80"));
    CHECK(!has("com*", "http://local.com:80"));
}

static void items_stand_between_commas_or_blanks(void)
{
    CHECK(has("a.test,b.test", "http://b.test:80"));
    CHECK(has(" a.test , b.test ", "http://b.test:80"));
    CHECK(has("a.test\tb.test", "http://b.test:80"));
    CHECK(has(",,a.test,,b.test,", "http://b.test:80"));
    CHECK(!has("a.test,b.test", "http://c.test:80"));
    CHECK(has("a", "http://a:80"));
    CHECK(has("x,y,z", "http://z:80"));
}

static void a_star_is_everything(void)
{
    CHECK(has("*", "http://a.test:80"));
    CHECK(has("*", "http://[::1]:80"));
    CHECK(has("a.test, *", "http://127.0.0.1:80"));
}

static void addresses_are_no_names(void)
{
    CHECK(has("127.0.0.1", "http://127.0.0.1:80"));
    CHECK(!has("0.0.1", "http://127.0.0.1:80"));
    CHECK(!has("127.0.0.1", "http://127.0.0.2:80"));
    CHECK(has("192.168.0.0/16", "http://192.168.200.1:80"));
    CHECK(!has("192.168.0.0/16", "http://192.169.0.1:80"));
    CHECK(has("192.168.7.9/16", "http://192.168.0.1:80"));
    CHECK(!has("192.168.0.0/33", "http://192.168.0.1:80"));
    CHECK(!has("192.168.0.0/x", "http://192.168.0.0:80"));
    CHECK(has("0.0.0.0/0", "http://8.8.8.8:80"));
    CHECK(!has("0.0.0.0/0", "http://a.test:80"));
    CHECK(has("::1", "http://[::1]:80"));
    CHECK(has("[::1]", "http://[::1]:80"));
    CHECK(has("fd00::/9", "http://[fd12::1]:80"));
    CHECK(!has("fd00::/9", "http://[fd80::1]:80"));
    CHECK(!has("::/0", "http://127.0.0.1:80"));
}

int main(void)
{
    lists_without_items_match_nothing();
    names_match_themselves_and_those_below();
    items_stand_between_commas_or_blanks();
    a_star_is_everything();
    addresses_are_no_names();
    return check_end("noproxy");
}
