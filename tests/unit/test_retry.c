/* SPDX-License-Identifier: MIT */
/* Whether and when to try again. */
#include "policy/retry.h"

#include "check.h"

#include <math.h>

static const struct error timed_out = {
    .error_class = CLASS_TIMEOUT, .code = CODE_SLOW, .retryable = true};
static const struct error refused = {
    .error_class = CLASS_CONNECT, .code = CODE_REFUSED, .retryable = true};
static const struct error wrong_host = {.error_class = CLASS_TLS,
                                        .code = CODE_WRONG_HOST};
static const struct error no_error = {.error_class = CLASS_NONE};
static const struct error bad_status = {.error_class = CLASS_HTTP,
                                        .code = CODE_STATUS};

static struct config config_make(void)
{
    struct config config = {.settings.retry = 2,
                            .retry_delay = 1,
                            .retry_max_delay = 60,
                            .retry_after = true,
                            .max_retry_after = 60};
    struct why why = {""};

    CHECK(matchset_parse(&config.settings.retry_on, NULL, "429,503,transient",
                         &why) == 0);
    return config;
}

static struct retry_facts facts_make(const struct config *config,
                                     const struct error *error)
{
    return (struct retry_facts){.method = "GET",
                                .settings = &config->settings,
                                .attempts = 1,
                                .error = error,
                                .request_sent = true,
                                .request_left = INFINITY,
                                .retry_after = -1,
                                .draw = 0.5};
}

/* The wait; -1 when there is to be no retry. */
static double decide(const struct config *config,
                     const struct retry_facts *facts)
{
    double wait = -1;

    return retry_decide(config, facts, &wait) ? wait : -1;
}

/* What the server of a stream asks for is a floor, and capped. */
static void test_reconnect(void)
{
    struct config config = config_make();
    struct retry_facts facts = facts_make(&config, &timed_out);

    facts.reconnect = 0.3;
    CHECK(decide(&config, &facts) == 0.5);
    facts.reconnect = 3;
    CHECK(decide(&config, &facts) == 3);
    config.retry_after = false;
    CHECK(decide(&config, &facts) == 3);
    facts.reconnect = 1e15;
    CHECK(decide(&config, &facts) == 60);
    config.retry_max_time = 59;
    CHECK(decide(&config, &facts) < 0);
}

static void test_outcomes(void)
{
    struct config config = config_make();
    struct retry_facts facts = facts_make(&config, &timed_out);

    CHECK(decide(&config, &facts) >= 0);
    facts.error = &wrong_host;
    CHECK(decide(&config, &facts) < 0);
    facts.error = &bad_status;
    facts.status = 503;
    CHECK(decide(&config, &facts) >= 0);
    facts.status = 404;
    CHECK(decide(&config, &facts) < 0);
    facts.error = &no_error;
    facts.status = 429;
    CHECK(decide(&config, &facts) >= 0);
    facts.status = 200;
    CHECK(decide(&config, &facts) < 0);
    /* The status of a broken response is not what went wrong with it. */
    facts.error = &wrong_host;
    facts.status = 503;
    CHECK(decide(&config, &facts) < 0);
}

static void test_counts(void)
{
    struct config config = config_make();
    struct retry_facts facts = facts_make(&config, &refused);

    facts.attempts = 2;
    CHECK(decide(&config, &facts) >= 0);
    facts.attempts = 3;
    CHECK(decide(&config, &facts) < 0);
    facts.attempts = 1;
    config.settings.retry = 0;
    CHECK(decide(&config, &facts) < 0);
}

static void test_methods(void)
{
    struct config config = config_make();
    struct retry_facts facts = facts_make(&config, &timed_out);
    static const char *const safe[] = {"GET",    "HEAD",    "PUT",
                                       "DELETE", "OPTIONS", "TRACE"};

    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
        facts.method = safe[i];
        CHECK(decide(&config, &facts) >= 0);
    }
    facts.method = "POST";
    CHECK(decide(&config, &facts) < 0);
    facts.request_sent = false;
    CHECK(decide(&config, &facts) >= 0);
    facts.request_sent = true;
    config.settings.retry_unsafe = true;
    CHECK(decide(&config, &facts) >= 0);
}

static void test_backoff(void)
{
    struct config config = config_make();
    struct retry_facts facts = facts_make(&config, &timed_out);

    config.settings.retry = 5000;
    CHECK(decide(&config, &facts) == 0.5);
    facts.attempts = 2;
    CHECK(decide(&config, &facts) == 1);
    facts.attempts = 4;
    CHECK(decide(&config, &facts) == 4);
    facts.attempts = 7; /* 64 s is over the cap */
    CHECK(decide(&config, &facts) == 30);
    facts.attempts = 4000;
    CHECK(decide(&config, &facts) == 30);
    facts.draw = 0;
    CHECK(decide(&config, &facts) == 0);
    config.retry_delay = 0;
    facts.draw = 0.9;
    CHECK(decide(&config, &facts) == 0);
}

static void test_retry_after(void)
{
    struct config config = config_make();
    struct retry_facts facts = facts_make(&config, &bad_status);

    facts.status = 503;
    facts.retry_after = 2;
    CHECK(decide(&config, &facts) == 2);
    facts.retry_after = 0.1; /* a floor, not the wait */
    CHECK(decide(&config, &facts) == 0.5);
    facts.retry_after = 1e9;
    CHECK(decide(&config, &facts) == 60);
    config.retry_after = false;
    CHECK(decide(&config, &facts) == 0.5);
}

static void test_time_limits(void)
{
    struct config config = config_make();
    struct retry_facts facts = facts_make(&config, &timed_out);

    config.retry_max_time = 10;
    facts.elapsed = 9.5;
    CHECK(decide(&config, &facts) == 0.5);
    facts.elapsed = 9.6;
    CHECK(decide(&config, &facts) < 0);
    config.retry_max_time = 0;
    CHECK(decide(&config, &facts) == 0.5);
    facts.request_left = 0.6;
    CHECK(decide(&config, &facts) == 0.5);
    facts.request_left = 0.5;
    CHECK(decide(&config, &facts) < 0);
    /* Retry-After counts in them too. */
    facts = facts_make(&config, &timed_out);
    facts.retry_after = 20;
    facts.request_left = 10;
    CHECK(decide(&config, &facts) < 0);
}

static void test_parse(void)
{
    const int64_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */

    CHECK(retry_after_parse("0", now) == 0);
    CHECK(retry_after_parse("120", now) == 120);
    CHECK(retry_after_parse(" \t120 \t", now) == 120);
    CHECK(retry_after_parse("1000000000", now) == 1e9);
    CHECK(retry_after_parse("99999999999999999999999999999999", now) >= 1e12);
    CHECK(isfinite(retry_after_parse("99999999999999999999999999999", now)));
    CHECK(retry_after_parse("Sun, 06 Nov 1994 08:49:47 GMT", now) == 10);
    CHECK(retry_after_parse("Sunday, 06-Nov-94 08:49:47 GMT", now) == 10);
    CHECK(retry_after_parse("Sun Nov  6 08:49:47 1994", now) == 10);
    CHECK(retry_after_parse(" Sun, 06 Nov 1994 08:49:47 GMT ", now) == 10);
    CHECK(retry_after_parse("Sun, 06 Nov 1994 08:49:37 GMT", now) == 0);
    CHECK(retry_after_parse("Sat, 05 Nov 1994 08:49:37 GMT", now) == 0);
    CHECK(retry_after_parse("", now) == -1);
    CHECK(retry_after_parse("  ", now) == -1);
    CHECK(retry_after_parse("-5", now) == -1);
    CHECK(retry_after_parse("+5", now) == -1);
    CHECK(retry_after_parse("1.5", now) == -1);
    CHECK(retry_after_parse("5s", now) == -1);
    CHECK(retry_after_parse("5 5", now) == -1);
    CHECK(retry_after_parse("soon", now) == -1);
    CHECK(retry_after_parse("0x10", now) == -1);
}

int main(void)
{
    test_outcomes();
    test_reconnect();
    test_counts();
    test_methods();
    test_backoff();
    test_retry_after();
    test_time_limits();
    test_parse();
    return check_end("retry");
}
