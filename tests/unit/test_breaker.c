/* SPDX-License-Identifier: MIT */
/* The circuit breaker: when a host is given up, and when it comes back. */
#include "policy/breaker.h"

#include "check.h"

static const struct error refused = {.error_class = CLASS_CONNECT,
                                     .code = CODE_REFUSED,
                                     .phase = PHASE_CONNECT,
                                     .retryable = true};
static const struct error fine = {.error_class = CLASS_NONE};

static enum breaker_say ask(struct breaker *breaker, const char *host,
                            double now)
{
    struct error error;

    return breaker_ask(breaker, host, true, now, &error);
}

static bool fail(struct breaker *breaker, const char *host, double now)
{
    return breaker_ended(breaker, host, &refused, now);
}

static void test_opens(void)
{
    struct breaker *breaker = breaker_new(3, 30);
    struct error error = {.retryable = true};

    CHECK(ask(breaker, "x", 0) == BREAKER_GO);
    CHECK(!fail(breaker, "x", 1) && !fail(breaker, "x", 2));
    CHECK(ask(breaker, "x", 2) == BREAKER_GO);
    CHECK(fail(breaker, "x", 3));
    CHECK(breaker_ask(breaker, "x", true, 3, &error) == BREAKER_SKIP);
    CHECK(error.error_class == CLASS_CONNECT && error.code == CODE_REFUSED);
    CHECK(error.phase == PHASE_QUEUE && !error.retryable);
    CHECK_STR(error.message,
              "not tried: its host failed 3 times in a row (refused)");
    CHECK(ask(breaker, "y", 3) == BREAKER_GO); /* others do not care */
    breaker_free(breaker);
    breaker_free(NULL);
}

/* In a row: one answer and the count begins anew. */
static void test_row(void)
{
    struct breaker *breaker = breaker_new(2, 30);

    for (int i = 0; i < 10; i++) {
        CHECK(!fail(breaker, "x", i));
        CHECK(!breaker_ended(breaker, "x", &fine, i));
    }
    CHECK(breaker_hosts(breaker) == 0); /* healthy hosts take no room */
    CHECK(!fail(breaker, "x", 20) && fail(breaker, "x", 21));
    breaker_free(breaker);
}

static void test_probe(void)
{
    struct breaker *breaker = breaker_new(1, 30);
    struct error error;

    CHECK(fail(breaker, "x", 0));
    CHECK(ask(breaker, "x", 29.9) == BREAKER_SKIP);
    /* Looking is not starting. */
    CHECK(breaker_ask(breaker, "x", false, 30, &error) == BREAKER_PROBE);
    CHECK(ask(breaker, "x", 30) == BREAKER_PROBE);
    CHECK(ask(breaker, "x", 30) == BREAKER_SKIP); /* one is enough */
    CHECK(ask(breaker, "x", 40) == BREAKER_SKIP);
    CHECK(fail(breaker, "x", 45));
    CHECK(ask(breaker, "x", 74) == BREAKER_SKIP);
    CHECK(ask(breaker, "x", 75) == BREAKER_PROBE);
    CHECK(!breaker_ended(breaker, "x", &fine, 76));
    CHECK(ask(breaker, "x", 76) == BREAKER_GO);
    CHECK(ask(breaker, "x", 76) == BREAKER_GO);
    breaker_free(breaker);
}

/* A probe that was cancelled says nothing; there will be another. */
static void test_lost_probe(void)
{
    const struct error cancelled = {.error_class = CLASS_CANCELLED,
                                    .code = CODE_REQUEST_TIME};
    struct breaker *breaker = breaker_new(1, 30);

    CHECK(fail(breaker, "x", 0));
    CHECK(ask(breaker, "x", 30) == BREAKER_PROBE);
    CHECK(!breaker_ended(breaker, "x", &cancelled, 31));
    CHECK(ask(breaker, "x", 59) == BREAKER_SKIP);
    CHECK(ask(breaker, "x", 60) == BREAKER_PROBE);
    breaker_free(breaker);
}

/* Of a host that is given up an old exchange may still end well. */
static void test_late_answer(void)
{
    struct breaker *breaker = breaker_new(2, 30);

    CHECK(!fail(breaker, "x", 0) && fail(breaker, "x", 1));
    CHECK(fail(breaker, "x", 2)); /* one that was under way */
    CHECK(!breaker_ended(breaker, "x", &fine, 3));
    CHECK(ask(breaker, "x", 3) == BREAKER_GO);
    breaker_free(breaker);
}

static void test_off(void)
{
    struct breaker *breaker = breaker_new(0, 30);

    for (int i = 0; i < 100; i++)
        CHECK(!fail(breaker, "x", i));
    CHECK(ask(breaker, "x", 100) == BREAKER_GO);
    CHECK(breaker_hosts(breaker) == 0);
    breaker_free(breaker);
}

/* What an end does to a count of 1: '+' fails, '0' clears, '=' nothing. */
static char effect(enum error_class error_class, enum phase phase)
{
    const struct error error = {.error_class = error_class, .phase = phase};
    struct breaker *breaker = breaker_new(2, 30);
    char is = '=';

    fail(breaker, "x", 0);
    if (breaker_ended(breaker, "x", &error, 1))
        is = '+';
    else if (breaker_hosts(breaker) == 0)
        is = '0';
    breaker_free(breaker);
    return is;
}

static void test_classes(void)
{
    CHECK(effect(CLASS_DNS, PHASE_DNS) == '+');
    CHECK(effect(CLASS_CONNECT, PHASE_CONNECT) == '+');
    CHECK(effect(CLASS_TLS, PHASE_TLS) == '+');
    CHECK(effect(CLASS_TIMEOUT, PHASE_DNS) == '+');
    CHECK(effect(CLASS_TIMEOUT, PHASE_CONNECT) == '+');
    CHECK(effect(CLASS_TIMEOUT, PHASE_SEND) == '+');
    CHECK(effect(CLASS_TIMEOUT, PHASE_WAIT) == '+');
    CHECK(effect(CLASS_TIMEOUT, PHASE_HEADERS) == '0');
    CHECK(effect(CLASS_TIMEOUT, PHASE_BODY) == '0');
    CHECK(effect(CLASS_TIMEOUT, PHASE_QUEUE) == '=');
    CHECK(effect(CLASS_NONE, PHASE_BODY) == '0');
    CHECK(effect(CLASS_HTTP, PHASE_BODY) == '0');
    CHECK(effect(CLASS_PROTOCOL, PHASE_WAIT) == '0');
    CHECK(effect(CLASS_TRUNCATED, PHASE_BODY) == '0');
    CHECK(effect(CLASS_TOO_LARGE, PHASE_BODY) == '0');
    CHECK(effect(CLASS_DECODE, PHASE_BODY) == '0');
    CHECK(effect(CLASS_REDIRECT, PHASE_BODY) == '0');
    CHECK(effect(CLASS_BLOCKED, PHASE_DNS) == '=');
    CHECK(effect(CLASS_IO, PHASE_CONNECT) == '=');
    CHECK(effect(CLASS_INTERNAL, PHASE_CONNECT) == '=');
    CHECK(effect(CLASS_CANCELLED, PHASE_WAIT) == '=');
}

/* However many hosts fail, the memory is bounded. */
static void test_bounded(void)
{
    struct breaker *breaker = breaker_new(1, 1e9);
    char host[32];

    for (int i = 0; i <= BREAKER_HOSTS; i++) {
        snprintf(host, sizeof host, "http://h%d.test:80", i);
        fail(breaker, host, i);
    }
    CHECK(breaker_hosts(breaker) == BREAKER_HOSTS);
    CHECK(ask(breaker, "http://h0.test:80", 1) == BREAKER_GO);
    CHECK(ask(breaker, "http://h1.test:80", 1) == BREAKER_SKIP);
    breaker_free(breaker);
}

int main(void)
{
    test_opens();
    test_row();
    test_probe();
    test_lost_probe();
    test_late_answer();
    test_off();
    test_classes();
    test_bounded();
    return check_end("breaker");
}
