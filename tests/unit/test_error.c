/* SPDX-License-Identifier: MIT */
/* The words of classes, codes, phases and errnos; messages that are cut. */
#include "base/utf8.h"
#include "check.h"
#include "model/error.h"

#include <errno.h>

/* A published word: lower-case letters, digits and underscores. */
static bool is_word(const char *text)
{
    size_t len = strlen(text);

    return len > 0 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static void test_words(void)
{
    for (int i = 0; i < CLASS_COUNT; i++) {
        CHECK(is_word(error_class_name((enum error_class)i)));
        for (int j = 0; j < i; j++)
            CHECK(strcmp(error_class_name((enum error_class)i),
                         error_class_name((enum error_class)j)) != 0);
    }
    for (int i = 0; i < CODE_COUNT; i++) {
        CHECK(is_word(error_code_name((enum error_code)i)));
        for (int j = 0; j < i; j++)
            CHECK(strcmp(error_code_name((enum error_code)i),
                         error_code_name((enum error_code)j)) != 0);
    }
    for (int i = 0; i < PHASE_COUNT; i++)
        CHECK(is_word(phase_name((enum phase)i)));
    CHECK_STR(error_class_name(CLASS_HTTP), "http");
    CHECK_STR(error_class_name(CLASS_TOO_LARGE), "too_large");
    CHECK_STR(error_class_name(CLASS_CANCELLED), "cancelled");
    CHECK_STR(error_code_name(CODE_STATUS), "status");
    CHECK_STR(error_code_name(CODE_EMPTY_REPLY), "empty_reply");
    CHECK_STR(error_code_name(CODE_WRONG_HOST), "wrong_host");
    CHECK_STR(error_code_name(CODE_OUTPUT), "output");
    CHECK_STR(phase_name(PHASE_QUEUE), "queue");
    CHECK_STR(phase_name(PHASE_BODY), "body");
}

static void test_out_of_range(void)
{
    CHECK_STR(error_class_name(CLASS_COUNT), "internal");
    CHECK_STR(error_class_name((enum error_class) - 1), "internal");
    CHECK_STR(error_code_name(CODE_COUNT), "bug");
    CHECK_STR(error_code_name((enum error_code) - 1), "bug");
    CHECK_STR(phase_name(PHASE_COUNT), "internal");
}

static void test_errno(void)
{
    CHECK_STR(errno_name(ECONNREFUSED), "ECONNREFUSED");
    CHECK_STR(errno_name(ECONNRESET), "ECONNRESET");
    CHECK_STR(errno_name(EMFILE), "EMFILE");
    CHECK_STR(errno_name(ENOSPC), "ENOSPC");
    CHECK_STR(errno_name(EAGAIN), "EAGAIN");
    CHECK_STR(errno_name(EPERM), "EPERM");
    CHECK_STR(errno_name(0), NULL);
    CHECK_STR(errno_name(-1), NULL);
    CHECK_STR(errno_name(100000), NULL);
#if defined __GLIBC__ && __GLIBC_PREREQ(2, 32)
    for (int i = 1; i < 256; i++) {
        if (errno_name(i) != NULL && i != ENOTSUP)
            CHECK_STR(errno_name(i), strerrorname_np(i));
    }
#endif
}

static void test_set(void)
{
    struct error error;

    memset(&error, 0xff, sizeof error);
    error_set(&error, CLASS_DNS, CODE_NOT_FOUND, PHASE_DNS, "no host %s", "x");
    CHECK(error.error_class == CLASS_DNS);
    CHECK(error.code == CODE_NOT_FOUND);
    CHECK(error.phase == PHASE_DNS);
    CHECK(error.os_errno == 0);
    CHECK(!error.retryable);
    CHECK_STR(error.message, "no host x");
}

/* A message is cut to fit, but not in the middle of a character. */
static void test_cut(void)
{
    static const char *const tails[] = {"e", "\xc3\xa9", "\xe2\x82\xac",
                                        "\xf0\x9f\x98\xb9"};
    struct error error;
    char text[256];

    for (size_t t = 0; t < sizeof tails / sizeof *tails; t++) {
        for (size_t lead = 190; lead < 202; lead++) {
            size_t tail = strlen(tails[t]), want;

            memset(text, 'x', lead);
            memcpy(text + lead, tails[t], tail + 1);
            error_set(&error, CLASS_IO, CODE_WRITE, PHASE_BODY, "%s", text);
            want = lead + tail <= 199 ? lead + tail : lead < 199 ? lead : 199;
            CHECK(strlen(error.message) == want);
            CHECK(strncmp(error.message, text, want) == 0);
        }
    }
}

int main(void)
{
    test_words();
    test_out_of_range();
    test_errno();
    test_set();
    test_cut();
    return check_end("error");
}
