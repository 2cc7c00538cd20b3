/* SPDX-License-Identifier: MIT */
/* Requests: what an empty one holds, header fields, weight, methods. */
#include "check.h"
#include "model/request.h"

#include "base/msg.h"

static const struct settings settings = {.retry = 2};

static void test_empty(void)
{
    struct request *request = request_new(&settings);

    CHECK_STR(request->method, "GET");
    CHECK(request->settings == &settings && !request->own);
    CHECK(request->priority == 0);
    CHECK(!request->asked && !request->url && !request->body);
    CHECK(request_weight(request) >= sizeof(*request));
    request_free(request);
    request_free(NULL);
}

static void test_own_settings(void)
{
    struct request *request = request_new(&settings);
    size_t before = request_weight(request);

    request_own_settings(request)->retry = 5;
    CHECK(request->settings == request->own && request->settings->retry == 5);
    CHECK(request_own_settings(request)->retry == 5 && settings.retry == 2);
    CHECK(request_weight(request) > before + sizeof(settings));
    request->own->range = request_keep_take(request, xstrdup("0-1"));
    CHECK_STR(request->settings->range, "0-1");
    request_free(request);
}

static void test_headers(void)
{
    struct request *request = request_new(&settings);

    for (int i = 0; i < 100; i++) {
        char name[16], value[16];
        int n = snprintf(name, sizeof(name), "X-%d", i);
        int v = snprintf(value, sizeof(value), "v%d", i * 7);

        request_add_header(request, name, (size_t)n, value, (size_t)v);
    }
    CHECK(request->header_count == 100);
    CHECK_STR(request->headers[0].name, "X-0");
    CHECK_STR(request->headers[63].name, "X-63");
    CHECK_STR(request->headers[64].value, "v448");
    CHECK_STR(request->headers[99].value, "v693");
    request_add_header(request, "Namexxx", 4, "", 0);
    CHECK_STR(request->headers[100].name, "Name");
    CHECK_STR(request->headers[100].value, "");
    request_free(request);
}

static void test_weight(void)
{
    struct request *request = request_new(&settings);
    size_t empty = request_weight(request), with_url;

    request->url = xstrdup("http://example.com/");
    with_url = request_weight(request);
    CHECK(with_url >= empty + strlen(request->url));
    request->body = xmemdup("a\0b", 3);
    request->body_len = 3;
    CHECK(request_weight(request) >= with_url + 3);
    request_add_header(request, "A", 1, "0123456789", 10);
    CHECK(request_weight(request) >= with_url + 3 + 11);
    request_free(request);
}

static void test_methods(void)
{
    CHECK(method_idempotent("GET"));
    CHECK(method_idempotent("HEAD"));
    CHECK(method_idempotent("PUT"));
    CHECK(method_idempotent("DELETE"));
    CHECK(method_idempotent("OPTIONS"));
    CHECK(method_idempotent("TRACE"));
    CHECK(!method_idempotent("POST"));
    CHECK(!method_idempotent("PATCH"));
    CHECK(!method_idempotent("get"));
    CHECK(!method_idempotent(""));
    CHECK(!method_idempotent("GETX"));
}

int main(void)
{
    test_empty();
    test_own_settings();
    test_headers();
    test_weight();
    test_methods();
    return check_end("request");
}
