/* SPDX-License-Identifier: MIT */
/* "Did you mean": distances, thresholds, ties. */
#include "base/nearest.h"

#include "check.h"

static size_t between(const char *word, const char *candidate)
{
    struct nearest nearest;

    nearest_init(&nearest, word);
    nearest_offer(&nearest, candidate);
    return nearest.distance;
}

static const char *found(const char *word, const char *const *candidates)
{
    struct nearest nearest;

    nearest_init(&nearest, word);
    for (; *candidates; candidates++)
        nearest_offer(&nearest, *candidates);
    return nearest_found(&nearest);
}

static void test_distance(void)
{
    CHECK(between("", "") == 0);
    CHECK(between("", "abc") == 3);
    CHECK(between("abc", "") == 3);
    CHECK(between("same", "same") == 0);
    CHECK(between("kitten", "sitting") == 3);
    CHECK(between("ab", "ba") == 1);
    CHECK(between("abcdef", "badcfe") == 3);
    CHECK(between("ca", "abc") == 3); /* alignment: no edit inside a swap */
    CHECK(between("Abc", "abc") == 1);
    CHECK(between("a", "ab") == between("ab", "a"));
}

static void test_found(void)
{
    static const char *const options[] = {
        "retry", "retry-delay", "concurrency", "timeout", "time", "rate", NULL,
    };
    static const char *const none[] = {NULL};

    CHECK_STR(found("concurency", options), "concurrency");
    CHECK_STR(found("tiemout", options), "timeout");
    CHECK_STR(found("retyr-dealy", options), "retry-delay");
    CHECK_STR(found("rates", options), "rate");
    CHECK_STR(found("tim", options), "time");
    CHECK_STR(found("zebra", options), NULL);
    CHECK_STR(found("anything", none), NULL);
}

/* A third of the word's length, at least 1, at most 4. */
static void test_threshold(void)
{
    static const char *const c1[] = {"ax", NULL};
    static const char *const c2[] = {"abcdxx", NULL};
    static const char *const c3[] = {"abcxxx", NULL};
    static const char *const c4[] = {"abcdefghijklmnopxxxx", NULL};
    static const char *const c5[] = {"abcdefghijklmnoxxxxx", NULL};

    CHECK_STR(found("ab", c1), "ax");
    CHECK_STR(found("abcdef", c2), "abcdxx");
    CHECK_STR(found("abcdef", c3), NULL);
    CHECK_STR(found("abcdefghijklmnopqrst", c4), c4[0]);
    CHECK_STR(found("abcdefghijklmnopqrst", c5), NULL);
}

static void test_ties_and_lengths(void)
{
    static const char *const tie[] = {"bat", "rat", NULL};
    char longest[] = "0123456789012345678901234567890123456789012345678901"
                     "234567890123";
    char longer[] = "0123456789012345678901234567890123456789012345678901"
                    "2345678901234";
    const char *const both[] = {longer, NULL};

    CHECK_STR(found("cat", tie), "bat"); /* the first offered stays */
    CHECK(between(longest, longest) == 0);
    CHECK_STR(found(longer, both), NULL);
    CHECK_STR(found(longest, both), NULL);
}

int main(void)
{
    test_distance();
    test_found();
    test_threshold();
    test_ties_and_lengths();
    return check_end("nearest");
}
