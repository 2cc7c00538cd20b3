/* SPDX-License-Identifier: MIT */
/* Globs: what patterns expand to, in which order, and what is refused. */
#include "check.h"
#include "policy/glob.h"

#include <stdlib.h>

/* Expands all (up to 1000 bytes), joined by spaces. */
static void check_glob(const char *pattern, uint64_t count, const char *want)
{
    struct why why = {{0}};
    struct glob *glob = glob_new(pattern, strlen(pattern), &why);
    char got[1000] = "";
    struct buf out;
    uint64_t n = 0;

    buf_init(&out, 400);
    CHECK_STR(why.text, "");
    if (glob) {
        CHECK(glob_count(glob) == count);
        while (glob_next(glob, &out)) {
            size_t used = strlen(got);

            n++;
            snprintf(got + used, sizeof(got) - used, "%s%s", n > 1 ? " " : "",
                     out.data ? out.data : "");
        }
        CHECK(!glob_next(glob, &out));
        CHECK(n == count);
    }
    CHECK_STR(got, want);
    buf_release(&out);
    glob_free(glob);
}

static void check_bad(const char *pattern, const char *part)
{
    struct why why = {{0}};
    struct glob *glob = glob_new(pattern, strlen(pattern), &why);

    CHECK(glob == NULL);
    if (!strstr(why.text, part))
        printf("\"%s\": \"%s\"\n", pattern, why.text);
    CHECK(strstr(why.text, part) != NULL);
    glob_free(glob);
}

static void test_good(void)
{
    check_glob("", 1, "");
    check_glob("http://a/", 1, "http://a/");
    check_glob("a[1-3]", 3, "a1 a2 a3");
    check_glob("[8-11]", 4, "8 9 10 11");
    check_glob("[08-11]", 4, "08 09 10 11");
    check_glob("[001-003]x", 3, "001x 002x 003x");
    check_glob("[0-2]", 3, "0 1 2");
    check_glob("[1-10:4]", 3, "1 5 9");
    check_glob("[1-9:8]", 2, "1 9");
    check_glob("[5-5]", 1, "5");
    check_glob("[a-e:2]", 3, "a c e");
    check_glob("[X-Z]", 3, "X Y Z");
    check_glob("{one,two}", 2, "one two");
    check_glob("{one}", 1, "one");
    check_glob("x{,a,}y", 3, "xy xay xy");
    check_glob("{a,b}[1-2]", 4, "a1 a2 b1 b2");
    check_glob("{a,b}/{c,d}/e", 4, "a/c/e a/d/e b/c/e b/d/e");
    check_glob("\\{a\\,b\\}\\[1-2\\]", 1, "{a,b}[1-2]");
    check_glob("{a\\,b,c\\}}", 2, "a,b c}");
    check_glob("a\\\\b", 1, "a\\b");
    check_glob("a\\", 1, "a\\");
    check_glob("http://[::1]/[1-2]", 2, "http://[::1]/1 http://[::1]/2");
    check_glob("http://[fe80::1%25eth0]/", 1, "http://[fe80::1%25eth0]/");
    check_glob("http://[::ffff:1.2.3.4]:80/", 1, "http://[::ffff:1.2.3.4]:80/");
    check_glob("a[]=1", 1, "a[]=1");
    check_glob("[9223372036854775806-9223372036854775807]", 2,
               "9223372036854775806 9223372036854775807");
}

static void test_bad(void)
{
    check_bad("[", "no range");
    check_bad("ab[", "column 3");
    check_bad("[1", "no range");
    check_bad("[1-", "no range");
    check_bad("[1-2", "not closed");
    check_bad("[1-2:", "step");
    check_bad("[1-2:x]", "step");
    check_bad("[1-2:0]", "step");
    check_bad("[1-2:5]", "step");
    check_bad("[2-1]", "before");
    check_bad("[b-a]", "before");
    check_bad("[a-Z]", "no range");
    check_bad("[A-z]", "no range");
    check_bad("[a-2]", "no range");
    check_bad("[1-a]", "no range");
    check_bad("[-1-2]", "no range");
    check_bad("[x]", "no range");
    check_bad("[1-99999999999999999999]", "no range");
    check_bad("{", "not closed");
    check_bad("x{a,b", "not closed at column 2");
    check_bad("{}", "empty");
    check_bad("{a,{b}}", "inside");
    check_bad("{a[1-2]}", "inside");
    check_bad("a}", "closing bracket");
    check_bad("a]", "closing bracket");
    check_bad("{a]}", "closing bracket");
    CHECK(glob_new("a\0b", 3, NULL) == NULL);
}

static void test_large(void)
{
    static const char huge[] = "[1-1000000000][1-1000000000][1-1000000000]";
    struct why why;
    struct glob *glob = glob_new(huge, sizeof(huge) - 1, &why);
    struct buf out;

    buf_init(&out, 400);
    CHECK(glob_count(glob) == UINT64_MAX);
    for (int i = 0; i < 1000; i++)
        CHECK(glob_next(glob, &out));
    CHECK_STR(out.data, "111000");
    buf_release(&out);
    glob_free(glob);

    /* an expansion that does not fit says so, and the next one may */
    glob = glob_new("{0123456789,a}", 14, &why);
    buf_init(&out, 5);
    CHECK(glob_next(glob, &out));
    CHECK(out.over);
    CHECK(glob_next(glob, &out));
    CHECK(!out.over);
    CHECK_STR(out.data, "a");
    CHECK(!glob_next(glob, &out));
    buf_release(&out);
    glob_free(glob);
    glob_free(NULL);
}

static void test_many(void)
{
    char text[3 * 65 + 1] = "";
    struct why why;
    struct glob *glob;

    for (int i = 0; i < 65; i++)
        memcpy(text + (size_t)i * 3, "{a}", 4);
    check_bad(text, "more than 64 patterns");
    glob = glob_new(text, 3 * 64, &why);
    CHECK(glob && glob_count(glob) == 1);
    glob_free(glob);
}

int main(void)
{
    test_good();
    test_bad();
    test_large();
    test_many();
    return check_end("glob");
}
