/* SPDX-License-Identifier: MIT */
/* Sets of outcomes: their text, what it means, and what is refused. */
#include "check.h"

#include "model/matchset.h"

#define RETRY_ON "408,425,429,500,502,503,504,522,524,transient"

static bool good(struct matchset *set, const char *text)
{
    struct why why;

    return matchset_parse(set, NULL, text, &why) == 0;
}

static bool has(const struct matchset *set, enum error_class error_class,
                enum error_code code, bool retryable)
{
    struct error error = {
        .error_class = error_class, .code = code, .retryable = retryable};

    return matchset_error(set, &error);
}

static unsigned statuses(const struct matchset *set)
{
    unsigned count = 0;

    for (int status = -5; status < 1100; status++)
        count += matchset_status(set, status);
    return count;
}

static void test_statuses(void)
{
    struct matchset set = {0};

    CHECK(good(&set, "404"));
    CHECK(statuses(&set) == 1 && matchset_status(&set, 404));
    CHECK(good(&set, "200-399"));
    CHECK(statuses(&set) == 200);
    CHECK(matchset_status(&set, 200) && matchset_status(&set, 399));
    CHECK(!matchset_status(&set, 199) && !matchset_status(&set, 400));
    CHECK(good(&set, "5xx"));
    CHECK(statuses(&set) == 100);
    CHECK(matchset_status(&set, 500) && matchset_status(&set, 599));
    CHECK(good(&set, "2xx,!204,304,304"));
    CHECK(statuses(&set) == 100);
    CHECK(!matchset_status(&set, 204) && matchset_status(&set, 304));
    CHECK(good(&set, "100-999"));
    CHECK(statuses(&set) == 900);
    CHECK(good(&set, "100-999,!3xx,!400-498"));
    CHECK(statuses(&set) == 701 && matchset_status(&set, 499));
    CHECK(good(&set, "5xx,!5xx,503"));
    CHECK(statuses(&set) == 1);
    CHECK(!matchset_status(&set, -1) && !matchset_status(&set, 1 << 20));
}

static void test_words(void)
{
    struct matchset set = {0};

    CHECK(good(&set, "timeout"));
    CHECK(has(&set, CLASS_TIMEOUT, CODE_MAX_TIME, false));
    CHECK(has(&set, CLASS_TIMEOUT, CODE_SLOW, true));
    CHECK(!has(&set, CLASS_DNS, CODE_NOT_FOUND, true));
    CHECK(!has(&set, CLASS_NONE, CODE_NONE, true));

    CHECK(good(&set, "reset"));
    CHECK(has(&set, CLASS_CONNECT, CODE_RESET, false));
    CHECK(has(&set, CLASS_TRUNCATED, CODE_RESET, false));
    CHECK(!has(&set, CLASS_TRUNCATED, CODE_EOF, true));

    CHECK(good(&set, "transient"));
    CHECK(has(&set, CLASS_DNS, CODE_TEMPORARY, true));
    CHECK(!has(&set, CLASS_DNS, CODE_NOT_FOUND, false));
    CHECK(statuses(&set) == 0);

    /* A class and a code: the class is meant. */
    CHECK(good(&set, "protocol"));
    CHECK(has(&set, CLASS_PROTOCOL, CODE_BAD_CHUNK, false));
}

static void test_taking_out(void)
{
    struct matchset set = {0};

    CHECK(good(&set, "timeout,!slow"));
    CHECK(has(&set, CLASS_TIMEOUT, CODE_MAX_TIME, false));
    CHECK(!has(&set, CLASS_TIMEOUT, CODE_SLOW, true));

    /* A named code is in, though its class is out, in either order. */
    CHECK(good(&set, "transient,!timeout,slow"));
    CHECK(has(&set, CLASS_TIMEOUT, CODE_SLOW, false));
    CHECK(!has(&set, CLASS_TIMEOUT, CODE_MAX_TIME, true));
    CHECK(good(&set, "slow,transient,!timeout"));
    CHECK(has(&set, CLASS_TIMEOUT, CODE_SLOW, false));
    CHECK(!has(&set, CLASS_TIMEOUT, CODE_MAX_TIME, true));

    CHECK(good(&set, "transient,!transient"));
    CHECK(!has(&set, CLASS_DNS, CODE_TEMPORARY, true));
    CHECK(good(&set, "transient,!reset,reset"));
    CHECK(has(&set, CLASS_CONNECT, CODE_RESET, false));
    CHECK(good(&set, "dns,!dns"));
    CHECK(!has(&set, CLASS_DNS, CODE_TEMPORARY, true));
    CHECK(good(&set, "!dns,dns"));
    CHECK(has(&set, CLASS_DNS, CODE_NOT_FOUND, false));
}

static void test_base(void)
{
    struct matchset base = {0}, set = {0};
    struct why why;

    CHECK(good(&base, RETRY_ON));
    CHECK(statuses(&base) == 9);
    CHECK(matchset_parse(&set, &base, "!503,!reset", &why) == 0);
    CHECK(statuses(&set) == 8 && !matchset_status(&set, 503));
    CHECK(has(&set, CLASS_DNS, CODE_TEMPORARY, true));
    CHECK(!has(&set, CLASS_CONNECT, CODE_RESET, true));
    CHECK(matchset_parse(&set, &base, "!503,404", &why) == 0);
    CHECK(statuses(&set) == 9 && matchset_status(&set, 404));
    CHECK(matchset_parse(&set, &base, "404,!503", &why) == 0);
    CHECK(statuses(&set) == 1 && !set.transient);
    CHECK(matchset_parse(&set, NULL, "!404", &why) == 0);
    CHECK(statuses(&set) == 0);
    /* *base and *set may be the same. */
    CHECK(matchset_parse(&base, &base, "!transient", &why) == 0);
    CHECK(statuses(&base) == 9 && !base.transient);
}

static void test_refused(void)
{
    static const char *const texts[] = {
        "",      ",",       "404,",   ",404",    "!",       "40",
        "4040",  "099",     "1000",   "0xx",     "5x",      "5xxx",
        "5XX",   "200-",    "-200",   "200-99",  "300-200", "200-300-400",
        "200 ",  " 200",    "200..3", "nothing", "Timeout", "none",
        "!!404", "404;500", "4\xC3",  "5xx-6xx",
    };
    struct matchset set;
    struct why why;

    CHECK(good(&set, "418"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        why.text[0] = '\0';
        if (matchset_parse(&set, NULL, texts[i], &why) == 0)
            printf("\"%s\" was taken\n", texts[i]);
        CHECK(matchset_parse(&set, NULL, texts[i], &why) == -1);
        CHECK(why.text[0] != '\0');
    }
    CHECK(statuses(&set) == 1 && matchset_status(&set, 418));
    CHECK(matchset_parse(&set, NULL, "404,tiemout", &why) == -1);
    CHECK(strstr(why.text, "\"tiemout\"") != NULL);
    CHECK(strstr(why.text, "\"timeout\"") != NULL);
    CHECK(matchset_parse(&set, NULL, "zzzzzzzzzz", &why) == -1);
    CHECK(strstr(why.text, "did you mean") == NULL);
}

int main(void)
{
    test_statuses();
    test_words();
    test_taking_out();
    test_base();
    test_refused();
    return check_end("matchset");
}
