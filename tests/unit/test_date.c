/* SPDX-License-Identifier: MIT */
/* HTTP dates in their three forms, and RFC 3339 for records. */
#include "base/date.h"

#include "check.h"

#include <math.h>
#include <stdbool.h>
#include <time.h>

#define BAD INT64_MIN

/* 2026-01-31T12:00:00Z, the `now` of these tests. */
#define NOW INT64_C(1769860800)

static int64_t parsed_at(const char *text, int64_t now)
{
    int64_t when = BAD;

    return date_parse_http(text, strlen(text), now, &when) == 0 ? when : BAD;
}

static int64_t parsed(const char *text)
{
    return parsed_at(text, NOW);
}

static void test_forms(void)
{
    /* The three of RFC 9110, which are one moment. */
    CHECK(parsed("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
    CHECK(parsed("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
    CHECK(parsed("Sun Nov  6 08:49:37 1994") == 784111777);
    CHECK(parsed("Wed Nov 16 08:49:37 1994") == 784111777 + 10 * 86400);
    CHECK(parsed("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
    CHECK(parsed("Wed, 31 Dec 1969 23:59:59 GMT") == -1);
    CHECK(parsed("Fri, 31 Dec 9999 23:59:59 GMT") == INT64_C(253402300799));
    CHECK(parsed("Sat, 31 Dec 2016 23:59:60 GMT") == 1483228800);
    /* The day of the week is not checked against the date. */
    CHECK(parsed("Mon, 06 Nov 1994 08:49:37 GMT") == 784111777);
}

static void test_two_digit_years(void)
{
    /* Up to 50 years ahead, to the second; what is over is in the past. */
    CHECK(parsed("Friday, 31-Jan-76 12:00:00 GMT") == INT64_C(3347697600));
    CHECK(parsed("Friday, 31-Jan-76 12:00:01 GMT") ==
          parsed("Sat, 31 Jan 1976 12:00:01 GMT"));
    CHECK(parsed("Friday, 01-Jan-99 00:00:00 GMT") ==
          parsed("Fri, 01 Jan 1999 00:00:00 GMT"));
    CHECK(parsed("Friday, 01-Jan-00 00:00:00 GMT") ==
          parsed("Fri, 01 Jan 2000 00:00:00 GMT"));
    CHECK(parsed("Saturday, 31-Jan-26 12:00:00 GMT") == NOW);
    /* In 2060 the 50 years reach into the next century. */
    CHECK(parsed_at("Friday, 01-Jan-05 00:00:00 GMT",
                    parsed("Thu, 01 Jan 2060 00:00:00 GMT")) ==
          parsed("Thu, 01 Jan 2105 00:00:00 GMT"));
    CHECK(parsed_at("Friday, 01-Jan-99 00:00:00 GMT",
                    parsed("Thu, 01 Jan 2060 00:00:00 GMT")) ==
          parsed("Thu, 01 Jan 2099 00:00:00 GMT"));
    /* A leap day belongs to the year that the rule gives. */
    CHECK(parsed("Tuesday, 29-Feb-00 00:00:00 GMT") == 951782400);
    CHECK(parsed("Tuesday, 29-Feb-77 00:00:00 GMT") == BAD);
    CHECK(parsed_at("Monday, 29-Feb-00 00:00:00 GMT",
                    parsed("Thu, 01 Jan 2060 00:00:00 GMT")) == BAD);
}

static void test_leap_years(void)
{
    CHECK(parsed("Tue, 29 Feb 2000 00:00:00 GMT") == 951782400);
    CHECK(parsed("Thu, 29 Feb 2024 00:00:00 GMT") != BAD);
    CHECK(parsed("Wed, 29 Feb 2023 00:00:00 GMT") == BAD);
    CHECK(parsed("Thu, 29 Feb 1900 00:00:00 GMT") == BAD);
    CHECK(parsed("Mon, 29 Feb 2100 00:00:00 GMT") == BAD);
    CHECK(parsed("Thu, 30 Feb 2024 00:00:00 GMT") == BAD);
    CHECK(parsed("Wed, 01 Mar 1995 00:00:00 GMT") == 794016000);
}

static void test_invalid(void)
{
    static const char *const bad[] = {
        "",
        "0",
        "120",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Now 1994 08:49:37 GMT",
        "Sun, 06 November 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 32 Jan 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 -8:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  0 08:49:37 1994",
        "Sun Nov    08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov  6 08:49:37 94",
    };
    static const char good[] = "Sun, 06 Nov 1994 08:49:37 GMT";
    int64_t when = 7;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(parsed(bad[i]) == BAD);
        if (parsed(bad[i]) != BAD)
            printf("  accepted: %s\n", bad[i]);
    }
    /* No prefix is a date, and a failure leaves the result alone. */
    for (size_t len = 0; len < sizeof(good) - 1; len++)
        CHECK(date_parse_http(good, len, NOW, &when) == -1 && when == 7);
    CHECK(date_parse_http(good, sizeof(good), NOW, &when) == -1); /* a NUL */
}

static const char *formatted(double when)
{
    static char text[DATE_RFC3339_SIZE];

    date_format_rfc3339(text, when);
    return text;
}

static void test_format(void)
{
    CHECK_STR(formatted(0), "1970-01-01T00:00:00.000000Z");
    CHECK_STR(formatted(784111777.5), "1994-11-06T08:49:37.500000Z");
    CHECK_STR(formatted(1769903999.123456), "2026-01-31T23:59:59.123456Z");
    CHECK_STR(formatted(951782399.999999), "2000-02-28T23:59:59.999999Z");
    /* Rounding up carries into the seconds, the day, the year. */
    CHECK_STR(formatted(946684799.9999999), "2000-01-01T00:00:00.000000Z");
    CHECK_STR(formatted(-0.25), "1969-12-31T23:59:59.750000Z");
    CHECK_STR(formatted(-62167219200.0), "0000-01-01T00:00:00.000000Z");
    CHECK_STR(formatted(253402300799.0), "9999-12-31T23:59:59.000000Z");
    CHECK_STR(formatted(253402300799.9999999), "9999-12-31T23:59:59.000000Z");
    CHECK_STR(formatted(INFINITY), "9999-12-31T23:59:59.000000Z");
    CHECK_STR(formatted(-INFINITY), "0000-01-01T00:00:00.000000Z");
    CHECK_STR(formatted(NAN), "1970-01-01T00:00:00.000000Z");
}

/* Every day from 1600 to 2600, both ways, against the C library. */
static void test_calendar(void)
{
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr",
                                        "May", "Jun", "Jul", "Aug",
                                        "Sep", "Oct", "Nov", "Dec"};
    bool good = true;

    for (int64_t day = -135140; day < 230102; day++) {
        time_t when = (time_t)(day * 86400 + 43200);
        char text[80];
        struct tm tm;

        gmtime_r(&when, &tm);
        snprintf(text, sizeof(text), "Mon, %02d %s %04d 12:00:00 GMT",
                 tm.tm_mday, names[tm.tm_mon], tm.tm_year + 1900);
        good &= parsed(text) == when;
        snprintf(text, sizeof(text), "%04d-%02d-%02dT12:00:00.000000Z",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
        good &= strcmp(formatted((double)when), text) == 0;
    }
    CHECK(good);
}

int main(void)
{
    test_forms();
    test_two_digit_years();
    test_leap_years();
    test_invalid();
    test_format();
    test_calendar();
    return check_end("date");
}
