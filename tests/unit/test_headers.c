/* SPDX-License-Identifier: MIT */
/* A header block to names and values. */
#include "check.h"
#include "policy/headers.h"

#include <stdlib.h>

/* Splits a block and writes what came as "name=value;name=value;". */
static const char *shown(const char *block, size_t len, char *out, size_t size)
{
    static struct header_slice headers[HEADERS_MAX];
    char *copy = malloc(len > 0 ? len : 1);
    size_t count, at = 0;

    memcpy(copy, block, len);
    count = headers_split(headers, copy, len);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(out + at, size - at, "%.*s=%.*s;",
                               (int)headers[i].name_len, headers[i].name,
                               (int)headers[i].value_len, headers[i].value);
    free(copy);
    return out;
}

#define CHECK_SPLIT(BLOCK, WANT)                                               \
    CHECK_STR(shown(BLOCK, sizeof(BLOCK) - 1, out, sizeof out), WANT)

static void test_lines(void)
{
    char out[512];

    CHECK_SPLIT("", "");
    CHECK_SPLIT("\r\n", "");
    CHECK_SPLIT("A: b\r\n", "a=b;");
    CHECK_SPLIT("A: b\r\n\r\n", "a=b;");
    CHECK_SPLIT("A: b\nC:d\n", "a=b;c=d;");
    CHECK_SPLIT("Content-Type:\t text/html \t\r\n", "content-type=text/html;");
    CHECK_SPLIT("A:\r\nB: \r\n", "a=;b=;");
    CHECK_SPLIT("A: b:c\r\n", "a=b:c;");
    CHECK_SPLIT("A: b", "a=b;");
    CHECK_SPLIT("A : b\r\n", "a=b;");
    CHECK_SPLIT("no colon\r\n: no name\r\nA: b\r\n", "a=b;");
    CHECK_SPLIT("A: b\rc\r\n", "a=b\rc;");
    CHECK_SPLIT("\xc3\x84-Z: \xff\r\n", "?"
                                        "?-z=\xff;");
}

static void test_folds(void)
{
    char out[512];

    CHECK_SPLIT("A: b\r\n c\r\nD: e\r\n", "a=b c;d=e;");
    CHECK_SPLIT("A: b  \r\n\t  c \r\n  d\r\n", "a=b c d;");
    CHECK_SPLIT("A:\r\n b\r\n", "a=b;");
    CHECK_SPLIT("A: b\r\n \r\n", "a=b;");
    CHECK_SPLIT("A: b\n ", "a=b;");
    CHECK_SPLIT(" stray\r\nA: b\r\n", "a=b;");
}

static void test_same_names(void)
{
    char block[] = "A: 1\r\nB: 2\r\na: 3\r\nC: 4\r\nA: 5\r\nAB: 6\r\n";
    struct header_slice headers[HEADERS_MAX];

    CHECK(headers_split(headers, block, sizeof block - 1) == 6);
    CHECK(!headers[0].of_earlier && headers[0].next_same == 2);
    CHECK(!headers[1].of_earlier && headers[1].next_same == HEADERS_MAX);
    CHECK(headers[2].of_earlier && headers[2].next_same == 4);
    CHECK(headers[4].of_earlier && headers[4].next_same == HEADERS_MAX);
    CHECK(!headers[5].of_earlier);
}

static void test_most(void)
{
    static char block[5 * (HEADERS_MAX + 100)];
    struct header_slice headers[HEADERS_MAX];

    for (size_t i = 0; i < sizeof block; i += 5)
        memcpy(block + i, "A:b\r\n", 5);
    CHECK(headers_split(headers, block, sizeof block) == HEADERS_MAX);
    CHECK(headers[HEADERS_MAX - 1].next_same == HEADERS_MAX);
    CHECK(headers[HEADERS_MAX - 1].of_earlier);
}

int main(void)
{
    test_lines();
    test_folds();
    test_same_names();
    test_most();
    return check_end("headers");
}
