/* SPDX-License-Identifier: MIT */
/*
 * The smallest test frame: CHECK counts and says what failed where; a test's
 * main ends with `return check_end("module");`, which prints one line,
 * "module: N passed, M failed", that tests/run.sh adds up.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdio.h>
#include <string.h>

static unsigned check_passed, check_failed;

#define CHECK(COND)                                                            \
    do {                                                                       \
        if (COND) {                                                            \
            check_passed++;                                                    \
        } else {                                                               \
            check_failed++;                                                    \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #COND);          \
        }                                                                      \
    } while (0)

/* Two C strings (NULL allowed) are the same. */
#define CHECK_STR(GOT, WANT)                                                   \
    do {                                                                       \
        const char *got_ = (GOT), *want_ = (WANT);                             \
        if (got_ && want_ ? strcmp(got_, want_) == 0 : got_ == want_) {        \
            check_passed++;                                                    \
        } else {                                                               \
            check_failed++;                                                    \
            printf("%s:%d: got \"%s\", want \"%s\"\n", __FILE__, __LINE__,     \
                   got_ ? got_ : "(null)", want_ ? want_ : "(null)");          \
        }                                                                      \
    } while (0)

static inline int check_end(const char *module)
{
    printf("%s: %u passed, %u failed\n", module, check_passed, check_failed);
    return check_failed != 0;
}

#endif
