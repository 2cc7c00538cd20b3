/* SPDX-License-Identifier: MIT */
/* Numbers with units: what is read, exactly, and what is refused. */
#include "base/units.h"

#include "check.h"

#include <locale.h>
#include <stdbool.h>

#define BAD UINT64_C(0xBADBADBADBADBAD)

static uint64_t uint_of(const char *text, uint64_t min, uint64_t max)
{
    uint64_t value = BAD;
    struct why why = {""};
    int rc = unit_uint(text, min, max, &value, &why);

    CHECK((rc == 0) == (value != BAD)); /* a failure leaves the value alone */
    CHECK((rc == 0) == (why.text[0] == '\0'));
    return value;
}

static void test_uint(void)
{
    CHECK(uint_of("0", 0, 9) == 0);
    CHECK(uint_of("007", 0, 9) == 7);
    CHECK(uint_of("9", 0, 9) == 9);
    CHECK(uint_of("10", 0, 9) == BAD);
    CHECK(uint_of("4", 5, 9) == BAD);
    CHECK(uint_of("18446744073709551615", 0, UINT64_MAX) == UINT64_MAX);
    CHECK(uint_of("18446744073709551616", 0, UINT64_MAX) == BAD);
    CHECK(uint_of("99999999999999999999999", 0, UINT64_MAX) == BAD);
    CHECK(uint_of("", 0, 9) == BAD);
    CHECK(uint_of("+1", 0, 9) == BAD);
    CHECK(uint_of("-1", 0, UINT64_MAX) == BAD);
    CHECK(uint_of(" 1", 0, 9) == BAD);
    CHECK(uint_of("1 ", 0, 9) == BAD);
    CHECK(uint_of("1x", 0, 9) == BAD);
    CHECK(uint_of("1.0", 0, 9) == BAD);
    CHECK(uint_of("0x1", 0, 9) == BAD);
}

static int64_t int_of(const char *text, int64_t min, int64_t max)
{
    int64_t value = (int64_t)BAD;
    int rc = unit_int(text, min, max, &value, NULL);

    CHECK((rc == 0) == (value != (int64_t)BAD));
    return value;
}

static void test_int(void)
{
    const int64_t bad = (int64_t)BAD;

    CHECK(int_of("2", -2, 2) == 2);
    CHECK(int_of("+2", -2, 2) == 2);
    CHECK(int_of("-2", -2, 2) == -2);
    CHECK(int_of("-0", -2, 2) == 0);
    CHECK(int_of("-3", -2, 2) == bad);
    CHECK(int_of("3", -2, 2) == bad);
    CHECK(int_of("-9223372036854775808", INT64_MIN, INT64_MAX) == INT64_MIN);
    CHECK(int_of("-9223372036854775809", INT64_MIN, INT64_MAX) == bad);
    CHECK(int_of("9223372036854775807", INT64_MIN, INT64_MAX) == INT64_MAX);
    CHECK(int_of("9223372036854775808", INT64_MIN, INT64_MAX) == bad);
    CHECK(int_of("", -2, 2) == bad);
    CHECK(int_of("-", -2, 2) == bad);
    CHECK(int_of("--1", -2, 2) == bad);
    CHECK(int_of("+-1", -2, 2) == bad);
    CHECK(int_of("- 1", -2, 2) == bad);
    CHECK(int_of("1.5", -2, 2) == bad);
}

static double duration_of(const char *text)
{
    double value = -1;

    return unit_duration(text, &value, NULL) == 0 ? value : -1;
}

static void test_duration(void)
{
    static const char *const bad[] = {
        "",      "s",          ".",           "1.",
        "1.s",   "-1",         "+1",          " 1",
        "1 s",   "1s ",        "1S",          "1MS",
        "1d",    "1sm",        "1e3",         "1,5",
        "1.2.3", "inf",        "nan",         "0x10",
        "1m30s", "1ss",        "1.5x",        "ms",
        "1..5",  "1000000001", "1000000.1ks", "99999999999999999999s",
    };

    CHECK(duration_of("0") == 0);
    CHECK(duration_of("1.5") == 1.5);
    CHECK(duration_of("1.5s") == 1.5);
    CHECK(duration_of("200ms") == 0.2);
    CHECK(duration_of("1ms") == 0.001);
    CHECK(duration_of("0.5ms") == 0.0005);
    CHECK(duration_of("10m") == 600);
    CHECK(duration_of("2h") == 7200);
    CHECK(duration_of(".25h") == 900);
    CHECK(duration_of("1.1") == 1.1);
    CHECK(duration_of("12345.678901") == 12345.678901);
    CHECK(duration_of("0.1234567890123456789012345") == 0.123456789012345);
    CHECK(duration_of("1000000000") == 1e9);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(duration_of(bad[i]) == -1);
}

static uint64_t size_of(const char *text)
{
    uint64_t value = BAD;

    return unit_size(text, &value, NULL) == 0 ? value : BAD;
}

static void test_size(void)
{
    static const char *const bad[] = {
        "",
        "K",
        "1.5",
        "1.K",
        "-1",
        "+1",
        " 1",
        "1 K",
        "1KK",
        "1Ki",
        "1KBB",
        "1P",
        "1kk",
        "1i",
        "1B",
        "1iB",
        "1e3",
        "1K ",
        "0x1",
        "1.5.",
        "1,5K",
        "1\v",
        "9223372036854775808",
        "8388608T",
        "18014398509481984K", /* 2^64 bytes */
        "8388607.9999999999999T1",
        "99999999999999999999",
    };

    CHECK(size_of("0") == 0);
    CHECK(size_of("100") == 100);
    CHECK(size_of("10K") == 10240);
    CHECK(size_of("10k") == 10240);
    CHECK(size_of("10KB") == 10240);
    CHECK(size_of("10kib") == 10240);
    CHECK(size_of("10KiB") == 10240);
    CHECK(size_of("1.5M") == 1572864);
    CHECK(size_of(".5K") == 512);
    CHECK(size_of("0.1K") == 102); /* 102.4: a size is whole bytes */
    CHECK(size_of("2G") == UINT64_C(2) << 30);
    CHECK(size_of("1T") == UINT64_C(1) << 40);
    CHECK(size_of("9223372036854775807") == INT64_MAX);
    CHECK(size_of("8388607T") == UINT64_C(8388607) << 40);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(size_of(bad[i]) == BAD);
}

static double rate_of(const char *text)
{
    double value = -1;

    return unit_rate(text, &value, NULL) == 0 ? value : -1;
}

static void test_rate(void)
{
    static const char *const bad[] = {
        "",   "/s",   "5/",  "5/d",  "-5",    "5 /s",
        "5s", "5/s ", "5/S", "5//s", "5/min", "5/ms",
    };

    CHECK(rate_of("5") == 5);
    CHECK(rate_of("5/s") == 5);
    CHECK(rate_of("30/m") == 0.5);
    CHECK(rate_of("36/h") == 0.01);
    CHECK(rate_of("0.5/s") == 0.5);
    CHECK(rate_of("1/h") == 1.0 / 3600);
    CHECK(rate_of("0") == 0 && rate_of("0.00/m") == 0);
    CHECK(rate_of("0.000000000000000000000000000000000000001") != 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(rate_of(bad[i]) == -1);
}

static void test_messages(void)
{
    struct why why;
    uint64_t size;
    double seconds;
    char text[201];

    CHECK(unit_uint("ten", 1, 9, &size, &why) == -1);
    CHECK_STR(why.text, "\"ten\" is not a whole number from 1 to 9");
    CHECK(unit_uint("ten", 1, UINT64_MAX, &size, &why) == -1);
    CHECK_STR(why.text, "\"ten\" is not a whole number from 1 up");
    CHECK(unit_duration("5 min", &seconds, &why) == -1);
    CHECK(strstr(why.text, "\"5 min\"") && strstr(why.text, "200ms"));
    CHECK(unit_duration("1000000001", &seconds, &why) == -1);
    CHECK(strstr(why.text, "at most 1000000000 seconds") != NULL);
    CHECK(unit_size("5X", &size, &why) == -1);
    CHECK(strstr(why.text, "\"5X\"") && strstr(why.text, "10K"));
    CHECK(unit_rate("5/d", &seconds, &why) == -1);
    CHECK(strstr(why.text, "\"5/d\"") && strstr(why.text, "100/h"));
    /* A long text is quoted in part, and not up to half a character. */
    for (size_t i = 0; i < 200; i += 2)
        memcpy(text + i, "\xC3\xA9", 2);
    memcpy(text, "x", 1);
    text[1] = 'y';
    text[200] = '\0';
    CHECK(unit_rate(text + 1, &seconds, &why) == -1);
    CHECK(strstr(why.text, "\xC3\xA9\" is not a rate") != NULL);
    CHECK(strlen(why.text) < 150);
}

int main(void)
{
    test_uint();
    test_int();
    test_duration();
    test_size();
    test_rate();
    test_messages();
    /* Where it exists: a locale whose decimal point is a comma. */
    if (setlocale(LC_ALL, "de_DE.UTF-8")) {
        CHECK(duration_of("1.5") == 1.5);
        CHECK(duration_of("1,5") == -1);
    }
    return check_end("units");
}
