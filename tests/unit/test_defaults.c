/* SPDX-License-Identifier: MIT */
/*
 * What the command line asks for, in a request: the defaults, and whose
 * credentials count.
 */
#include "check.h"
#include "policy/credentials.h"
#include "policy/defaults.h"

#include "base/msg.h"

#include <stdlib.h>

static struct settings settings;
static struct request *request;

static void renew(const struct asked *asked)
{
    request_free(request);
    request = request_new(&settings);
    request->url = xstrdup("http://a/?x");
    defaults_begin(request, asked);
}

static void test_method(void)
{
    renew(&(struct asked){0});
    CHECK_STR(request->method, "GET");
    renew(&(struct asked){.method = "DELETE"});
    CHECK_STR(request->method, "DELETE");
}

static void test_body(void)
{
    char bytes[] = "run";
    struct asked asked = {.method = "POST", .body = bytes, .body_len = 3};
    size_t weight;

    renew(&asked);
    weight = request_weight(request);
    defaults_end(request, &asked);
    CHECK(request->body == bytes && request->body_len == 3);
    CHECK(request->body_borrowed);
    CHECK(request_weight(request) == weight);
    renew(&asked);
    request->body = xstrdup("line");
    request->body_len = 4;
    defaults_end(request, &asked);
    CHECK_STR(request->body, "line");
    CHECK(!request->body_borrowed);
    asked.method = "TRACE"; /* as a line would say */
    renew(&asked);
    defaults_end(request, &asked);
    CHECK(!request->body);
    CHECK(defaults_bodiless("HEAD") && !defaults_bodiless("head"));
}

static void test_query(void)
{
    char query[] = "a=1";

    renew(&(struct asked){0});
    defaults_end(request, &(struct asked){.query = query, .query_len = 3});
    CHECK_STR(request->url, "http://a/?x&a=1");
    defaults_end(request, &(struct asked){.query = query, .query_len = 0});
    CHECK_STR(request->url, "http://a/?x&a=1");
}

static struct credentials found(void)
{
    struct credentials credentials;

    credentials_of(request, &credentials);
    return credentials;
}

static void test_credentials(void)
{
    renew(&(struct asked){0});
    CHECK(!found().user && !found().bearer && !found().of_line);
    settings.user = "run:1";
    CHECK_STR(found().user, "run:1");
    CHECK(!found().of_line);
    request_own_settings(request);
    CHECK(credentials_settle(request->own, request->run) == 0);
    CHECK(!found().of_line);
    request->own->user = "line:1";
    CHECK(credentials_settle(request->own, request->run) == 0);
    CHECK_STR(found().user, "line:1");
    CHECK(found().of_line);
    request->userinfo = xstrdup("url:1");
    CHECK_STR(found().user, "url:1");
    CHECK(found().of_line && !found().bearer);
    settings.user = NULL;
}

/* Of a name and a token, the line's one drops the run's other one. */
static void test_bearer(void)
{
    settings.oauth2_bearer = "run";
    renew(&(struct asked){0});
    CHECK_STR(found().bearer, "run");
    request_own_settings(request);
    request->own->user = "line:1";
    CHECK(credentials_settle(request->own, request->run) == 0);
    CHECK(!found().bearer && found().of_line);
    request->own->oauth2_bearer = "line";
    CHECK(credentials_settle(request->own, request->run) == -1);
    request->own->user = NULL;
    CHECK(credentials_settle(request->own, request->run) == 0);
    CHECK_STR(found().bearer, "line");
    CHECK(found().of_line);
    request->userinfo = xstrdup("url:1");
    CHECK(!found().bearer);
    settings.oauth2_bearer = NULL;
}

int main(void)
{
    test_method();
    test_body();
    test_query();
    test_credentials();
    test_bearer();
    request_free(request);
    return check_end("defaults");
}
