/* SPDX-License-Identifier: MIT */
/*
 * Messages and checked allocation. stderr becomes a socket that keeps the
 * bounds of writes, so that "a line is one write" is seen as one packet.
 */
#include "base/msg.h"

#include "base/utf8.h"
#include "check.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

const char *__asan_default_options(void);

/* Under AddressSanitizer too, memory that is not there gives NULL. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* What one call wrote to stderr. */
struct capture {
    int fds[2], saved;
    char text[20000];
};

static void capture_begin(struct capture *capture)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, capture->fds) != 0)
        abort();
    capture->saved = dup(STDERR_FILENO);
    dup2(capture->fds[1], STDERR_FILENO);
    close(capture->fds[1]);
}

/* Puts stderr back; returns the number of writes there were. */
static int capture_end(struct capture *capture)
{
    size_t len = 0;
    ssize_t n;
    int writes = 0;

    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    while ((n = recv(capture->fds[0], capture->text + len,
                     sizeof(capture->text) - 1 - len, 0)) > 0) {
        len += (size_t)n;
        writes++;
    }
    capture->text[len] = '\0';
    close(capture->fds[0]);
    return writes;
}

/* What warn makes of a text; "" when it was not written at once. */
static const char *warned(struct capture *capture, const char *text)
{
    capture_begin(capture);
    warn("%s", text);
    return capture_end(capture) == 1 ? capture->text : "";
}

static void test_warn(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "afetch: \n"},
        {"plain", "afetch: plain\n"},
        {"a\nb\r\tc", "afetch: a\\x0Ab\\x0D\\x09c\n"},
        {"\033[2J\x7F", "afetch: \\x1B[2J\\x7F\n"},
        {"caf\xC3\xA9 \xF0\x9F\x98\x80",
         "afetch: caf\xC3\xA9 \xF0\x9F\x98\x80\n"},
        {"\xC2\x9B", "afetch: \\u{9B}\n"},
        {"\xE2\x80\xAE\xEF\xBB\xBF", "afetch: \\u{202E}\\u{FEFF}\n"},
        {"\xFF\xC3(", "afetch: \\xFF\\xC3(\n"},
        {"\xE2\x82", "afetch: \\xE2\\x82\n"},
        {"\xC0\x8A", "afetch: \\xC0\\x8A\n"},
    };
    struct capture capture;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_STR(warned(&capture, rows[i].text), rows[i].want);
    capture_begin(&capture);
    errno = ENOSPC;
    warn("%s:%d: %s", "file", 7, "x");
    CHECK(errno == ENOSPC);
    capture_end(&capture);
    CHECK_STR(capture.text, "afetch: file:7: x\n");
}

/* Longer than a message may be: cut, marked, whole characters, one write. */
static void test_warn_long(void)
{
    struct capture capture;
    static char text[100001];
    size_t len;

    memset(text, 0x01, sizeof(text) - 1); /* each takes four */
    len = strlen(warned(&capture, text));
    CHECK(len > 15000 && len < 17000);
    CHECK(len > 8 && strcmp(capture.text + len - 8, "\\x01...\n") == 0);
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof(text); i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 3);
        len = strlen(warned(&capture, text));
        CHECK(len > 3900 && len < 4100);
        CHECK(utf8_valid_prefix(capture.text, len) == len);
        CHECK(!strchr(capture.text, '\\'));
        CHECK(strstr(capture.text, "\xE2\x82\xAC...\n") != NULL);
    }
}

/* A closed stderr is nobody to tell, not an error. */
static void test_warn_closed(void)
{
    int saved = dup(STDERR_FILENO);

    close(STDERR_FILENO);
    errno = 0;
    warn("unheard");
    CHECK(errno == 0);
    dup2(saved, STDERR_FILENO);
    close(saved);
}

static void test_why(void)
{
    struct why why;
    char text[400];

    CHECK(why_set(&why, "%s %d", "line", 3) == -1);
    CHECK_STR(why.text, "line 3");
    CHECK(why_set(NULL, "%d", 1) == -1);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CHECK(why_set(&why, "%s", text) == -1);
    CHECK(strlen(why.text) == sizeof(why.text) - 1);
    text[199] = '\0'; /* just fits */
    CHECK(why_set(&why, "%s", text) == -1);
    CHECK_STR(why.text, text);
    /* A cut never leaves half a character, wherever it falls. */
    for (size_t shift = 0; shift < 4; shift++) {
        for (size_t i = 0; i + shift + 4 < sizeof(text); i += 4)
            memcpy(text + shift + i, "\xF0\x9F\x98\x80", 4);
        text[300] = '\0';
        CHECK(why_set(&why, "%s", text) == -1);
        CHECK(strlen(why.text) == 196 + shift);
        CHECK(utf8_valid_prefix(why.text, strlen(why.text)) ==
              strlen(why.text));
        memset(text, 'x', shift + 1);
    }
}

enum deed {
    DIE,
    MALLOC,
    CALLOC,
    CALLOC_WRAP,
    REALLOC,
    MEMDUP,
};

static void do_deed(enum deed deed)
{
    /* volatile: the compiler would else warn of what is meant */
    volatile size_t huge = SIZE_MAX / 2;
    volatile size_t wrap = SIZE_MAX;

    switch (deed) {
    case DIE:
        die("it is %s", "over");
    case MALLOC:
        free(xmalloc(huge));
        break;
    case CALLOC:
        free(xcalloc(1, huge));
        break;
    case CALLOC_WRAP:
        free(xcalloc(huge, 4));
        break;
    case REALLOC:
        free(xrealloc(NULL, huge));
        break;
    case MEMDUP:
        free(xmemdup("", wrap));
        break;
    }
}

/* Runs a deed in a child; returns its exit status, or -1. */
static int status_of(enum deed deed, struct capture *capture)
{
    int status;
    pid_t pid;

    fflush(stdout);
    capture_begin(capture);
    pid = fork();
    if (pid == 0) {
        do_deed(deed);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    capture_end(capture);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_die(void)
{
    struct capture capture;

    CHECK(status_of(DIE, &capture) == STATUS_LOCAL);
    CHECK_STR(capture.text, "afetch: it is over\n");
    for (enum deed deed = MALLOC; deed <= MEMDUP; deed++) {
        CHECK(status_of(deed, &capture) == STATUS_LOCAL);
        CHECK(strstr(capture.text, "afetch: out of memory (") != NULL);
    }
}

static void test_allocation(void)
{
    unsigned char *bytes = xcalloc(3, 5);
    static const unsigned char zeros[15];
    char *text;

    CHECK(memcmp(bytes, zeros, 15) == 0);
    bytes = xrealloc(bytes, 100);
    CHECK(memcmp(bytes, zeros, 15) == 0);
    free(bytes);
    free(xmalloc(0));
    free(xcalloc(0, 7));
    free(xcalloc(7, 0));
    bytes = xrealloc(xmalloc(10), 0); /* a pointer, not a free */
    CHECK(bytes != NULL);
    free(bytes);
    text = xstrdup("copy");
    CHECK_STR(text, "copy");
    free(text);
    text = xmemdup("a\0b", 3);
    CHECK(memcmp(text, "a\0b", 4) == 0);
    free(text);
    text = xmemdup(NULL, 0);
    CHECK_STR(text, "");
    free(text);
}

static void test_exit_rows(void)
{
    static const char *const statuses[] = {"0", "1", "2",    "3",
                                           "4", "5", "128+n"};
    size_t i = 0;

    for (; exit_rows[i].status; i++) {
        size_t len = strlen(exit_rows[i].text);

        CHECK(i < 7 && strcmp(exit_rows[i].status, statuses[i]) == 0);
        CHECK(len > 0 && exit_rows[i].text[len - 1] != '.');
    }
    CHECK(i == 7);
}

int main(void)
{
    test_warn();
    test_warn_long();
    test_warn_closed();
    test_why();
    test_die();
    test_allocation();
    test_exit_rows();
    return check_end("msg");
}
