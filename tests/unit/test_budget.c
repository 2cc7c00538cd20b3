/* SPDX-License-Identifier: MIT */
/* When a run has seen enough. */
#include "policy/budget.h"

#include "check.h"

static enum error_code judge(const struct budget *budget, uint64_t ok,
                             uint64_t failed)
{
    const struct budget_counts counts = {.ok = ok, .failed = failed};

    return budget_judge(budget, &counts);
}

static void test_none(void)
{
    const struct budget budget = {.min_sample = 20};

    CHECK(judge(&budget, 0, 0) == CODE_NONE);
    CHECK(judge(&budget, 1000000, 1000000) == CODE_NONE);
}

/* What was ok before counts for --first, and in no share of failures. */
static void test_before(void)
{
    const struct budget budget = {
        .first = 5, .max_failures.millionths = 500000, .min_sample = 2};
    struct budget_counts counts = {.ok = 2, .ok_before = 2};

    CHECK(budget_judge(&budget, &counts) == CODE_NONE);
    counts.ok_before = 3;
    CHECK(budget_judge(&budget, &counts) == CODE_ENOUGH);
    counts = (struct budget_counts){.ok = 1, .failed = 1, .ok_before = 9};
    CHECK(budget_judge(&budget, &counts) == CODE_MAX_FAILURES);
}

static void test_fail_fast(void)
{
    const struct budget budget = {.fail_fast = true, .first = 5};

    CHECK(judge(&budget, 4, 0) == CODE_NONE);
    CHECK(judge(&budget, 0, 1) == CODE_FAIL_FAST);
    CHECK(judge(&budget, 5, 0) == CODE_ENOUGH);
    CHECK(judge(&budget, 5, 1) == CODE_FAIL_FAST);
}

static void test_count(void)
{
    const struct budget budget = {.max_failures.count = 3, .min_sample = 20};

    CHECK(judge(&budget, 1000, 2) == CODE_NONE);
    CHECK(judge(&budget, 0, 3) == CODE_MAX_FAILURES); /* needs no sample */
    CHECK(judge(&budget, 1000, 4) == CODE_MAX_FAILURES);
}

static void test_share(void)
{
    struct budget budget = {.max_failures.millionths = 100000,
                            .min_sample = 20};

    CHECK(judge(&budget, 0, 19) == CODE_NONE);
    CHECK(judge(&budget, 0, 20) == CODE_MAX_FAILURES);
    CHECK(judge(&budget, 18, 2) == CODE_MAX_FAILURES); /* just 10 % */
    CHECK(judge(&budget, 19, 2) == CODE_NONE);
    CHECK(judge(&budget, 100, 0) == CODE_NONE);
    CHECK(judge(&budget, UINT64_C(900000000000), UINT64_C(99999999999)) ==
          CODE_NONE);
    CHECK(judge(&budget, UINT64_C(900000000000), UINT64_C(100000000000)) ==
          CODE_MAX_FAILURES);
    budget.max_failures.millionths = 1000000;
    CHECK(judge(&budget, 1, 99) == CODE_NONE);
    CHECK(judge(&budget, 0, 99) == CODE_MAX_FAILURES);
    budget.min_sample = 0;
    CHECK(judge(&budget, 0, 0) == CODE_NONE);
    CHECK(judge(&budget, 0, 1) == CODE_MAX_FAILURES);
}

static void test_first(void)
{
    const struct budget budget = {.first = 2};

    CHECK(judge(&budget, 1, 100) == CODE_NONE);
    CHECK(judge(&budget, 2, 100) == CODE_ENOUGH);
}

/* The text as "N" or "millionths ppm"; "" when it is refused. */
static const char *parse(const char *text)
{
    static char out[40];
    struct budget_failures failures = {.count = 7, .millionths = 8};
    struct why why = {""};

    if (budget_parse(&failures, text, &why) != 0) {
        CHECK(failures.count == 7 && failures.millionths == 8);
        CHECK(strstr(why.text, " is not a ") != NULL);
        return "";
    }
    if (failures.count > 0)
        snprintf(out, sizeof out, "%llu", (unsigned long long)failures.count);
    else
        snprintf(out, sizeof out, "%u ppm", (unsigned)failures.millionths);
    CHECK((failures.count == 0) != (failures.millionths == 0));
    return out;
}

static void test_parse(void)
{
    static const char *const bad[] = {
        "",
        "0",
        "-1",
        "+1",
        "1.5",
        "x",
        "%",
        "0%",
        "0.0%",
        "101%",
        "100.1%",
        "5.%",
        ".5%",
        "5 %",
        " 5%",
        "5%%",
        "-5%",
        "5e1%",
        "1.23456%",
        "0.00001%",
        "5%x",
        "5 ",
        "1,5%",
        "99999999999999999999%",
        "99999999999999999999999",
    };

    CHECK_STR(parse("1"), "1");
    CHECK_STR(parse("18446744073709551615"), "18446744073709551615");
    CHECK_STR(parse("5%"), "50000 ppm");
    CHECK_STR(parse("100%"), "1000000 ppm");
    CHECK_STR(parse("100.0%"), "1000000 ppm");
    CHECK_STR(parse("005%"), "50000 ppm");
    CHECK_STR(parse("0.25%"), "2500 ppm");
    CHECK_STR(parse("33.3333%"), "333333 ppm");
    CHECK_STR(parse("0.0001%"), "1 ppm");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_STR(parse(bad[i]), "");
}

int main(void)
{
    test_none();
    test_before();
    test_fail_fast();
    test_count();
    test_share();
    test_first();
    test_parse();
    return check_end("budget");
}
