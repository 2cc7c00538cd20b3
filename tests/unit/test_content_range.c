/* SPDX-License-Identifier: MIT */
/* Content-Range: what is read, and what is none. */
#include "check.h"

#include "policy/content_range.h"

static void test_good(void)
{
    struct content_range range;

    CHECK(content_range_read(&range, "bytes 5-9/10"));
    CHECK(range.first == 5 && range.last == 9 && range.total == 10);
    CHECK(content_range_read(&range, "Bytes 0-0/1"));
    CHECK(range.first == 0 && range.last == 0 && range.total == 1);
    CHECK(content_range_read(&range, "bytes 5-9/*"));
    CHECK(range.first == 5 && range.last == 9 && range.total == 0);
    CHECK(content_range_read(&range, "bytes 1-4611686018427387904/*"));
    CHECK(range.last == UINT64_C(4611686018427387904));
}

static void test_bad(void)
{
    static const char *const bad[] = {
        "",
        "bytes",
        "bytes */10",
        "lines 5-9/10",
        "bytes 9-5/10",
        "bytes 5-10/10",
        "bytes 5-9",
        "bytes 5-9/",
        "bytes 5-9/0",
        "bytes 5-9/10 ",
        "bytes 5-9/10, 5-9/10",
        "bytes -9/10",
        "bytes 5-/10",
        "bytes +5-9/10",
        "bytes 5-99999999999999999999999999/*",
        "bytes=5-9/10",
    };
    struct content_range range;

    CHECK(!content_range_read(&range, NULL));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!content_range_read(&range, bad[i]));
}

int main(void)
{
    test_good();
    test_bad();
    return check_end("content_range");
}
