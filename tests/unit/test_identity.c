/* SPDX-License-Identifier: MIT */
/* Identities: what makes two requests the same, and what does not. */
#include "check.h"
#include "policy/identity.h"

#include "base/msg.h"

struct key {
    char hex[2 * REQUEST_KEY_SIZE + 1];
};

static const struct settings settings;

static struct digest *digest;

static struct request *make(const char *method, const char *url)
{
    struct request *request = request_new(&settings);

    snprintf(request->method, sizeof(request->method), "%s", method);
    request->url = xstrdup(url);
    return request;
}

/* The key of the request, which is freed. */
static struct key take(struct request *request)
{
    struct key key;

    identity_of_request(request, digest);
    hex_encode(key.hex, request->key, sizeof(request->key));
    request_free(request);
    return key;
}

static bool same(struct key a, struct key b)
{
    return strcmp(a.hex, b.hex) == 0;
}

static struct request *with(struct request *request, const char *name,
                            const char *value)
{
    request_add_header(request, name, strlen(name), value, strlen(value));
    return request;
}

static struct request *body(struct request *request, const char *bytes,
                            size_t len)
{
    request->body = xmemdup(bytes, len);
    request->body_len = len;
    return request;
}

static struct key get(void)
{
    return take(make("GET", "http://a/"));
}

static void test_parts(void)
{
    struct request *user = make("GET", "http://a/");

    user->userinfo = xstrdup("u:p");
    CHECK(same(get(), get()));
    CHECK(strlen(get().hex) == 32);
    CHECK(!same(get(), take(make("HEAD", "http://a/"))));
    CHECK(!same(get(), take(make("get", "http://a/"))));
    CHECK(!same(get(), take(make("GET", "http://a/b"))));
    CHECK(!same(get(), take(user)));
    CHECK(!same(get(), take(body(make("GET", "http://a/"), "x", 1))));
    CHECK(!same(take(body(make("GET", "http://a/"), "x\0y", 3)),
                take(body(make("GET", "http://a/"), "x\0z", 3))));
    /* an empty body is not none */
    CHECK(!same(get(), take(body(make("GET", "http://a/"), "", 0))));
    CHECK(!same(take(with(body(make("GET", "http://a/"), "", 0), "a", "b")),
                take(with(make("GET", "http://a/"), "a", "b"))));
    /* no bytes move from one part into the next */
    CHECK(!same(take(body(make("GET", "http://a/"), "b", 1)),
                take(make("GET", "http://a/b"))));
    CHECK(!same(take(with(make("GET", "http://a/"), "ab", "c")),
                take(with(make("GET", "http://a/"), "a", "bc"))));
    CHECK(!same(take(with(with(make("GET", "http://a/"), "a", "b"), "c", "d")),
                take(with(make("GET", "http://a/"), "a", "bcd"))));
}

static void test_headers(void)
{
    struct key one =
        take(with(with(make("GET", "http://a/"), "X-A", "1"), "X-B", "2"));

    CHECK(!same(one, get()));
    CHECK(same(one, take(with(with(make("GET", "http://a/"), "x-b", "2"), "x-a",
                              "1"))));
    CHECK(!same(one, take(with(with(make("GET", "http://a/"), "X-A", "2"),
                               "X-B", "1"))));
    /* the order of fields of one name is part of what is sent */
    CHECK(
        !same(take(with(with(make("GET", "http://a/"), "A", "1"), "a", "2")),
              take(with(with(make("GET", "http://a/"), "A", "2"), "a", "1"))));
}

static void test_not_sent(void)
{
    struct request *request = make("GET", "http://a/");

    request->priority = 2;
    request_own_settings(request)->max_time = 5;
    request->id = xstrdup("7");
    request->index = 9;
    request->asked = xstrdup("a");
    CHECK(same(get(), take(request)));
}

static void test_lines(void)
{
    struct request *a = request_new(&settings), *b = request_new(&settings);

    identity_of_line(a, digest, "x", 1);
    identity_of_line(b, digest, "x", 1);
    CHECK(memcmp(a->key, b->key, sizeof(a->key)) == 0);
    identity_of_line(b, digest, "x\0", 2);
    CHECK(memcmp(a->key, b->key, sizeof(a->key)) != 0);
    identity_of_line(b, digest, "", 0);
    CHECK(memcmp(a->key, b->key, sizeof(a->key)) != 0);
    request_free(a);
    request_free(b);
}

/* Keys are stored and compared over the years: their form is fixed. Computed
 * with another program from the description in the header. */
static void test_fixed(void)
{
    CHECK_STR(get().hex, "98dac70c20f103d81bc1278254fafd82");
    CHECK_STR(take(body(make("POST", "http://a/"), "x", 1)).hex,
              "ce234b3c8a5851bcd3811cfddbfd8709");
    CHECK_STR(take(body(make("POST", "http://a/"), "", 0)).hex,
              "d3255704b679ede6169e2bb40dd80dcc");
}

/* What the line says in settings counts where it is sent as such. */
static void test_settings(void)
{
    struct request *request = make("GET", "http://a/");
    struct key range;

    request_own_settings(request)->retry = 7;
    CHECK(same(take(request), get()));
    request = make("GET", "http://a/");
    request_own_settings(request)->range = "0-1";
    range = take(request);
    CHECK(!same(range, get()));
    request = make("GET", "http://a/");
    request_own_settings(request)->referer = "0-1";
    CHECK(!same(take(request), range));
    request = make("GET", "http://a/");
    request_own_settings(request)->user = "a:b";
    CHECK(!same(take(request), get()));
    request = make("GET", "http://a/");
    request_own_settings(request)->oauth2_bearer = "t";
    CHECK(!same(take(request), get()));
}

int main(void)
{
    digest = digest_new();
    test_parts();
    test_headers();
    test_not_sent();
    test_lines();
    test_fixed();
    test_settings();
    digest_free(digest);
    return check_end("identity");
}
