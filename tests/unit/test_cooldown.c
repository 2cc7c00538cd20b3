/* SPDX-License-Identifier: MIT */
/* Rate limits as servers tell them, well-formed and hostile. */
#include "base/rng.h"
#include "policy/cooldown.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>

#define WALL 1700000000
#define MOST 60.0

/* "pause P", "rate R of N", both, "nothing to do", or "" when unreadable. */
static const char *say(const char *const values[COOLDOWN_FIELDS])
{
    static char out[80];
    struct cooldown cooldown = {9, 9, 9};
    int len = 0;

    if (!cooldown_read(&cooldown, values, false, WALL, MOST)) {
        CHECK(cooldown.pause == 0 && cooldown.rate == 0);
        return "";
    }
    snprintf(out, sizeof out, "nothing to do");
    if (cooldown.pause > 0)
        len = snprintf(out, sizeof out, "pause %g%s", cooldown.pause,
                       cooldown.rate > 0 ? ", " : "");
    if (cooldown.rate > 0)
        snprintf(out + len, sizeof out - (size_t)len, "rate %g of %g",
                 cooldown.rate, cooldown.remaining);
    return out;
}

static const char *ratelimit(const char *text)
{
    const char *values[COOLDOWN_FIELDS] = {[COOLDOWN_RATELIMIT] = text};

    return say(values);
}

static const char *plain(enum cooldown_field first, const char *remaining,
                         const char *reset)
{
    const char *values[COOLDOWN_FIELDS] = {NULL};

    values[first] = remaining;
    values[first + 1] = reset;
    return say(values);
}

static void test_structured(void)
{
    CHECK_STR(ratelimit("\"default\";r=50;t=30"), "rate 1.66667 of 50");
    CHECK_STR(ratelimit("\"default\";r=0;t=30"), "pause 30");
    CHECK_STR(ratelimit("default;r=0;t=30"), "pause 30");
    CHECK_STR(ratelimit(" \"a\\\"\\\\;r=9\"; t=30;  r=0 "), "pause 30");
    CHECK_STR(ratelimit("\"a\";r=0;t=3600"), "pause 60");
    CHECK_STR(ratelimit("\"a\";r=1;t=86400"), "rate 0.0166667 of 1");
    CHECK_STR(ratelimit("\"a\";r=0;t=0"), "nothing to do");
    CHECK_STR(ratelimit("\"a\";r=7;t=0"), "nothing to do");
    CHECK_STR(ratelimit("\"a\";r=1;r=0;t=5"), "pause 5"); /* the last counts */
    CHECK_STR(ratelimit("\"a\";pk=:cHJpdmF0ZQ==:;r=0;t=5;x;y=?1;z=1.5;w=-3"),
              "pause 5");
    /* Nothing is said of when, or of how much. */
    CHECK_STR(ratelimit("\"a\";r=0"), "");
    CHECK_STR(ratelimit("\"a\";t=9"), "");
    CHECK_STR(ratelimit("\"a\""), "");
    CHECK_STR(ratelimit("\"a\";R=0;T=5"), "");
}

static void test_policies(void)
{
    CHECK_STR(ratelimit("\"s\";r=0;t=2, \"h\";r=0;t=50 ,\"d\";r=0;t=9"),
              "pause 50");
    CHECK_STR(ratelimit("\"s\";r=9;t=3,\"h\";r=50;t=25"), "rate 2 of 50");
    CHECK_STR(ratelimit("\"s\";r=0;t=1, \"h\";r=50;t=25"),
              "pause 1, rate 2 of 50");
    CHECK_STR(ratelimit("\"x\", \"s\";r=0;t=4"), "pause 4");
}

static void test_draft_07(void)
{
    CHECK_STR(ratelimit("limit=100, remaining=50, reset=25"), "rate 2 of 50");
    CHECK_STR(ratelimit("limit=100, remaining=0, reset=25"), "pause 25");
    CHECK_STR(ratelimit("reset=25,remaining=0,limit=100;w=60"), "pause 25");
    CHECK_STR(ratelimit("limit=100, reset=25"), "");
}

/* One fault and the field is as if it were not there. */
static void test_malformed(void)
{
    static const char *const bad[] = {
        "",
        " ",
        ",",
        "\"a\";r=0;t=30,",
        ",\"a\";r=0;t=30",
        "\"a\";r=0;t=30 \"b\"",
        "\"a;r=0;t=30",
        "\"a\\x\";r=0;t=30",
        "\"a\\",
        "\"\x01\";r=0;t=30",
        "\"\xc3\xa4\";r=0;t=30",
        "\xff;r=0;t=30",
        "\"a\";r=-1;t=30",
        "\"a\";r=0;t=-30",
        "\"a\";r=0.0;t=30",
        "\"a\";r=0;t=1e3",
        "\"a\";r=\"0\";t=30",
        "\"a\";r=0;t=",
        "\"a\";r=0;t",
        "\"a\";=0",
        "\"a\";;r=0;t=30",
        "\"a\" ;r=0;t=30",
        "\"a\";r =0;t=30",
        "\"a\";r=0;t=1234567890123456",
        "\"a\";r=0;t=30;x=:a",
        "\"a\";r=0;t=30;x=:a*:",
        "\"a\";r=0;t=30;x=?2",
        "\"a\";r=0;t=30;x=1.",
        "\"a\";r=0;t=30;x=-",
        "\"a\";r=0;t=30;x=(1)",
        "(\"a\");r=0;t=30",
        "limit=100, remaining=0, reset=25,",
        "limit=100; remaining=0; reset=25",
        "remaining=-1, reset=25",
        "remaining=0, reset=soon",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_STR(ratelimit(bad[i]), "");
}

static void test_plain(void)
{
    for (int i = COOLDOWN_REMAINING; i < COOLDOWN_FIELDS; i += 2) {
        enum cooldown_field first = (enum cooldown_field)i;

        CHECK_STR(plain(first, "0", "30"), "pause 30");
        CHECK_STR(plain(first, "0", "1700000030"), "pause 30");
        CHECK_STR(plain(first, "0", "1700000030.5"), "pause 30.5");
        CHECK_STR(plain(first, "0", "1700000030000"), "pause 30");
        CHECK_STR(plain(first, "0", "1800000000"), "pause 60");
        CHECK_STR(plain(first, "0", "1600000000"), "nothing to do");
        CHECK_STR(plain(first, "0", "0"), "nothing to do");
        CHECK_STR(plain(first, "0", "999999999999999"), "pause 60");
        CHECK_STR(plain(first, "0", "Tue, 14 Nov 2023 22:13:50 GMT"),
                  "pause 30");
        CHECK_STR(plain(first, " 40\t", " 20 "), "rate 2 of 40");
        CHECK_STR(plain(first, "4999", "1700003600"), "rate 1.38861 of 4999");
    }
}

static void test_plain_malformed(void)
{
    static const char *const bad[] = {
        "",     " ",      "-1",        "+1",
        "x",    "1x",     "1 2",       "1,2",
        "1e3",  ".5",     "1.",        "0x1",
        "nan",  "inf",    "unlimited", "1234567890123456",
        "\xff", "12\x01",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STR(plain(COOLDOWN_X_REMAINING, bad[i], "30"), "");
        CHECK_STR(plain(COOLDOWN_X_REMAINING, "0", bad[i]), "");
    }
    CHECK_STR(plain(COOLDOWN_X_REMAINING, NULL, "30"), "");
    CHECK_STR(plain(COOLDOWN_X_REMAINING, "0", NULL), "");
}

/* The first kind that can be read counts, alone. */
static void test_order(void)
{
    const char *values[COOLDOWN_FIELDS] = {
        "\"a\";r=0;t=1", "0", "2", "0", "3", "0", "4",
    };

    CHECK_STR(say(values), "pause 1");
    values[COOLDOWN_RATELIMIT] = "\"a\";r=0;t=50, oops(";
    CHECK_STR(say(values), "pause 2");
    values[COOLDOWN_RESET] = "soon";
    CHECK_STR(say(values), "pause 3");
    values[COOLDOWN_X_REMAINING] = NULL;
    CHECK_STR(say(values), "pause 4");
    values[COOLDOWN_X_RATE_RESET] = NULL;
    CHECK_STR(say(values), "");
}

static void test_most(void)
{
    const char *values[COOLDOWN_FIELDS] = {"\"a\";r=0;t=30"};
    struct cooldown cooldown;

    CHECK(!cooldown_read(&cooldown, values, false, WALL, 0));
    CHECK(cooldown_read(&cooldown, values, false, WALL, 1e9));
    CHECK(cooldown.pause == 30);
}

/* With a refusal a reset says all; without one it says nothing. */
static void test_refused(void)
{
    const char *values[COOLDOWN_FIELDS] = {NULL};
    struct cooldown cooldown;

    for (int i = COOLDOWN_RESET; i < COOLDOWN_FIELDS; i += 2) {
        values[i] = "30";
        CHECK(!cooldown_read(&cooldown, values, false, WALL, MOST));
        CHECK(cooldown_read(&cooldown, values, true, WALL, MOST));
        CHECK(cooldown.pause == 30);
        values[i] = "soon";
        CHECK(!cooldown_read(&cooldown, values, true, WALL, MOST));
        values[i] = "30";
        values[i - 1] = "many";
        CHECK(!cooldown_read(&cooldown, values, true, WALL, MOST));
        values[i] = values[i - 1] = NULL;
    }
}

static void test_names(void)
{
    static const char *const names[COOLDOWN_FIELDS] = {
        "RateLimit",          "RateLimit-Remaining",
        "RateLimit-Reset",    "X-RateLimit-Remaining",
        "X-RateLimit-Reset",  "X-Rate-Limit-Remaining",
        "X-Rate-Limit-Reset",
    };

    for (int i = 0; i < COOLDOWN_FIELDS; i++)
        CHECK((int)cooldown_field(names[i], strlen(names[i])) == i);
    CHECK(cooldown_field("RateLimit", 9) == COOLDOWN_RATELIMIT);
    CHECK(cooldown_field("ratelimit-reset: 9", 15) == COOLDOWN_RESET);
    CHECK(cooldown_field("X-RateLimit-Remaining", 21) == COOLDOWN_X_REMAINING);
    CHECK(cooldown_field("x-rate-limit-reset", 18) == COOLDOWN_X_RATE_RESET);
    CHECK(cooldown_field("ratelimit-policy", 16) == COOLDOWN_FIELDS);
    CHECK(cooldown_field("ratelimi", 8) == COOLDOWN_FIELDS);
    CHECK(cooldown_field("", 0) == COOLDOWN_FIELDS);
}

/* Mutations of good values: whatever is read is in range, nothing behind the
 * text is looked at. */
static void test_mutations(void)
{
    static const char *const seeds[] = {
        "\"default\";r=50;t=30, \"b\";r=0;t=9;pk=:YQ==:",
        "limit=100, remaining=50, reset=30",
        "1700000030.25",
        "Tue, 14 Nov 2023 22:13:50 GMT",
    };
    static const char bytes[] = "\";=,:?()-. 019rt\\\x80\t";
    struct rng rng;
    unsigned odd = 0;

    rng_seed(&rng, 4);
    for (int i = 0; i < 200000; i++) {
        const char *seed = seeds[rng_next(&rng) % 4];
        size_t len = rng_next(&rng) % (strlen(seed) + 1);
        char *text = malloc(len + 1); /* so that a sanitizer sees its end */
        const char *values[COOLDOWN_FIELDS];
        struct cooldown is;

        if (!text)
            return;
        memcpy(text, seed, len);
        text[len] = '\0';
        for (unsigned n = rng_next(&rng) % 3; len > 0 && n > 0; n--)
            text[rng_next(&rng) % len] =
                bytes[rng_next(&rng) % (sizeof bytes - 1)];
        for (int j = 0; j < COOLDOWN_FIELDS; j++)
            values[j] = rng_next(&rng) % 2 ? text : "0";
        cooldown_read(&is, values, false, WALL, MOST);
        odd += !(is.pause >= 0 && is.pause <= MOST && is.rate >= 0 &&
                 isfinite(is.rate) && (is.rate == 0 || is.rate >= 1 / MOST));
        free(text);
    }
    CHECK(odd == 0);
}

int main(void)
{
    test_structured();
    test_policies();
    test_draft_07();
    test_malformed();
    test_plain();
    test_plain_malformed();
    test_order();
    test_most();
    test_refused();
    test_names();
    test_mutations();
    return check_end("cooldown");
}
