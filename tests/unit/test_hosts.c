/* SPDX-License-Identifier: MIT */
/* What is said of single hosts: patterns, limits, settings, strict reading. */
#include "check.h"

#include "app/options.h"
#include "policy/hosts.h"
#include "policy/line.h"

#include <stdlib.h>

static struct config config;

static struct hosts *read_hosts(const char *text, struct why *why)
{
    why->text[0] = '\0';
    return hosts_new(text, strlen(text), &config, &options_table, why);
}

static struct sched_limits limits_of(const struct hosts *hosts,
                                     const char *host_key)
{
    struct sched_limits limits = {.slots = 8, .burst = 1};

    hosts_limits(hosts, host_key, &limits);
    return limits;
}

static void test_limits(void)
{
    struct why why;
    struct hosts *hosts = read_hosts(
        "{\"h\":{\"concurrency\":0,\"rate\":\"30/m\",\"burst\":5,"
        "\"delay\":\"200ms\",\"jitter\":50},\"n\":{\"rate\":2.5,\"delay\":1},"
        "\"free\":{\"rate\":0}}",
        &why);
    struct sched_limits limits = limits_of(hosts, "http://h:80");

    CHECK_STR(why.text, "");
    CHECK(limits.slots == 0 && limits.burst == 5);
    CHECK(limits.rate > 0.4999 && limits.rate < 0.5001);
    CHECK(limits.delay > 0.1999 && limits.delay < 0.2001);
    CHECK(limits.jitter > 0.4999 && limits.jitter < 0.5001);
    limits = limits_of(hosts, "https://n:443");
    CHECK(limits.slots == 8 && limits.rate > 2.4 && limits.delay > 0.9);
    limits = limits_of(hosts, "http://other:80");
    CHECK(limits.slots == 8 && !(limits.rate > 0));
    limits.rate = 5;
    hosts_limits(hosts, "http://free:80", &limits);
    CHECK(!(limits.rate > 0));
    hosts_free(hosts);
    hosts_limits(NULL, "http://h:80", &limits);
}

static unsigned slots(const struct hosts *hosts, const char *host_key)
{
    return limits_of(hosts, host_key).slots;
}

static void test_most_exact(void)
{
    struct why why;
    struct hosts *hosts = read_hosts(
        "{\"*\":{\"concurrency\":1},\"*.Example.com\":{\"concurrency\":2},"
        "\"api.example.com.\":{\"concurrency\":3},"
        "\"api.example.com:8080\":{\"concurrency\":4},"
        "\"a?.example.com\":{\"concurrency\":5},"
        "\"?b.example.com\":{\"concurrency\":6},"
        "\"[::1]:81\":{\"concurrency\":7},\"10.0.*\":{\"concurrency\":9}}",
        &why);

    CHECK_STR(why.text, "");
    CHECK(slots(hosts, "http://x:80") == 1);
    CHECK(slots(hosts, "http://example.com:80") == 1);
    CHECK(slots(hosts, "http://www.example.com:80") == 2);
    CHECK(slots(hosts, "https://api.example.com:443") == 3);
    CHECK(slots(hosts, "http://api.example.com:8080") == 4);
    CHECK(slots(hosts, "http://ab.example.com:80") == 5); /* the first */
    CHECK(slots(hosts, "http://cb.example.com:80") == 6);
    CHECK(slots(hosts, "http://[::1]:81") == 7);
    CHECK(slots(hosts, "http://[::1]:80") == 1);
    CHECK(slots(hosts, "http://10.0.0.1:80") == 9);
    hosts_free(hosts);
}

static struct request *line(const struct hosts *hosts, const char *text)
{
    struct line_reader *reader = line_reader_new(&config, &options_table);
    struct request *request;
    struct error error;

    line_reader_set_hosts(reader, hosts);
    CHECK(line_read(reader, text, strlen(text), false, &request, &error) ==
          LINE_REQUEST);
    line_reader_free(reader);
    return request;
}

static void test_settings(void)
{
    struct why why;
    struct hosts *hosts =
        read_hosts("{\"h\":{\"timeout\":7,\"retry\":9,\"accept\":[404,\"5xx\"],"
                   "\"headers\":{\"X-A\":\"host\",\"X-B\":[\"1\",\"2\"]}}}",
                   &why);
    struct request *plain = line(hosts, "http://h/");
    struct request *json =
        line(hosts, "{\"url\":\"http://h/\",\"retry\":1,\"headers\":"
                    "{\"x-a\":\"line\"}}");
    struct request *other = line(hosts, "http://o/");
    struct request *bare = line(NULL, "http://h/");

    CHECK_STR(why.text, "");
    CHECK(plain->settings->retry == 9 && plain->settings->max_time > 6.9);
    CHECK(matchset_status(&plain->settings->accept, 404));
    CHECK(plain->header_count == 3);
    CHECK_STR(plain->headers[0].value, "host");
    /* The line goes before the host, the host before the run. */
    CHECK(json->settings->retry == 1 && json->settings->max_time < 7.1);
    CHECK(json->header_count == 3);
    CHECK_STR(json->headers[0].value, "line");
    CHECK_STR(json->headers[2].value, "2");
    CHECK(other->settings == &config.settings && other->header_count == 0);
    /* It is the same request as without them. */
    CHECK(memcmp(plain->key, bare->key, REQUEST_KEY_SIZE) == 0);
    request_free(plain);
    request_free(json);
    request_free(other);
    request_free(bare);
    hosts_free(hosts);
}

static void refused(const char *text, const char *reason)
{
    struct why why;
    struct hosts *hosts = read_hosts(text, &why);

    CHECK(hosts == NULL);
    CHECK(strstr(why.text, reason) != NULL);
    if (!strstr(why.text, reason))
        printf("%s: %s\n", text, why.text);
    hosts_free(hosts);
}

static void test_refused(void)
{
    refused("", "");
    refused("[]", "");
    refused("{\"h\":1}", "\"h\": must be an object, not a number");
    refused("{\"h\":{\"timeot\":1}}", "unknown key \"timeot\"; did you mean");
    refused("{\"h\":{\"ratee\":1}}", "did you mean \"rate\"?");
    refused("{\"h\":{\"url\":\"x\"}}", "unknown key \"url\"");
    refused("{\"h\":{\"rate\":-1}}", "\"h\": rate: ");
    refused("{\"h\":{\"rate\":true}}", "\"h\": rate: ");
    refused("{\"h\":{\"delay\":-1}}", "\"h\": delay: ");
    refused("{\"h\":{\"concurrency\":1.5}}", "concurrency");
    refused("{\"h\":{\"jitter\":101}}", "jitter");
    refused("{\"h\":{\"burst\":0}}", "burst");
    refused("{\"h\":{\"timeout\":\"soon\"}}", "\"h\": timeout: ");
    refused("{\"h\":{\"headers\":{\"Content-Length\":\"1\"}}}", "headers: ");
    refused("{\"h\":{\"rate\":1,\"rate\":2}}", "\"h\": ");
    refused("{\"h\":{},\"h\":{}}", "");
    refused("{\"http://h\":{}}", "it is a host, not a URL");
    refused("{\"h:0\":{}}", "port");
    refused("{\"\":{}}", "the host name is missing");
    refused("{\"*[ab]\":{}}", "only * and ? are wildcards");
}

int main(void)
{
    opt_defaults(&options_table, &config);
    test_limits();
    test_most_exact();
    test_settings();
    test_refused();
    opt_release(&options_table, &config);
    return check_end("hosts");
}
