/* SPDX-License-Identifier: MIT */
/* policy/reorder: turns, the window, and what leaves memory. */
#include "policy/reorder.h"

#include "base/msg.h"
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(struct reorder *reorder, uint64_t index, const char *text)
{
    reorder_put_take(reorder, index, *text ? xstrdup(text) : NULL,
                     strlen(text));
}

/* The next piece is that text. */
static void check_next(struct reorder *reorder, const char *text)
{
    struct reorder_piece piece;

    CHECK(reorder_due(reorder, &piece));
    CHECK(piece.len == strlen(text));
    CHECK(piece.len == 0 || memcmp(piece.bytes, text, piece.len) == 0);
    reorder_pop(reorder);
}

static void test_turns(void)
{
    struct reorder *reorder = reorder_new(3, 1000000);
    struct reorder_piece piece;

    CHECK(!reorder_due(reorder, &piece));
    put(reorder, 1, "one");
    put(reorder, 2, "");
    CHECK(!reorder_due(reorder, &piece) && reorder_held(reorder) == 2);
    put(reorder, 0, "zero");
    CHECK(!reorder_full(reorder, 2) && reorder_full(reorder, 3));
    check_next(reorder, "zero");
    CHECK(!reorder_full(reorder, 3) && reorder_full(reorder, 4));
    put(reorder, 3, "three");
    check_next(reorder, "one");
    check_next(reorder, "");
    check_next(reorder, "three");
    CHECK(!reorder_due(reorder, &piece) && reorder_turn(reorder) == 4);
    CHECK(reorder_held(reorder) == 0 && reorder_memory(reorder) == 0);
    CHECK(!reorder_surplus(reorder, &piece));
    put(reorder, 5, "left");
    reorder_free(reorder);
    reorder_free(NULL);
}

/* What is due last goes first, and what is due now never. */
static void test_surplus(void)
{
    struct reorder *reorder = reorder_new(100, 2000);
    struct reorder_piece piece;
    char text[801];

    memset(text, 'x', 800);
    text[800] = '\0';
    put(reorder, 7, text);
    CHECK(!reorder_surplus(reorder, &piece));
    put(reorder, 5, text);
    put(reorder, 6, text);
    CHECK(reorder_surplus(reorder, &piece) && piece.index == 7);
    CHECK(piece.len == 800 && piece.bytes != NULL);
    reorder_moved(reorder, 7, 4711);
    CHECK(!reorder_surplus(reorder, &piece));
    put(reorder, 0, text);
    CHECK(reorder_surplus(reorder, &piece) && piece.index == 6);
    reorder_moved(reorder, 6, 1);
    put(reorder, 1, "");
    put(reorder, 2, "");
    put(reorder, 3, text);
    CHECK(reorder_surplus(reorder, &piece) && piece.index == 5);
    reorder_moved(reorder, 5, 2);
    for (int i = 0; i < 4; i++)
        reorder_pop(reorder);
    put(reorder, 4, text);
    for (int i = 0; i < 3; i++)
        reorder_pop(reorder);
    CHECK(reorder_due(reorder, &piece) && piece.index == 7);
    CHECK(piece.bytes == NULL && piece.place == 4711 && piece.len == 800);
    reorder_free(reorder);

    reorder = reorder_new(10, 0);
    put(reorder, 0, text);
    CHECK(!reorder_surplus(reorder, &piece));
    put(reorder, 1, "x");
    CHECK(reorder_surplus(reorder, &piece) && piece.index == 1);
    reorder_moved(reorder, 1, 0);
    CHECK(!reorder_surplus(reorder, &piece));
    reorder_free(reorder);
}

/* Puts the indexes in a child: true when it dies of a bug. */
static bool dies(uint64_t first, uint64_t second)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct reorder *reorder = reorder_new(4, 100);

        close(STDERR_FILENO);
        put(reorder, 0, "x");
        reorder_pop(reorder);
        put(reorder, first, "x");
        put(reorder, second, "x");
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == STATUS_LOCAL;
}

static void test_bugs(void)
{
    CHECK(!dies(4, 1));
    CHECK(dies(4, 4));
    CHECK(dies(4, 5));
    CHECK(dies(4, 0));
}

int main(void)
{
    test_turns();
    test_surplus();
    test_bugs();
    return check_end("reorder");
}
