/* SPDX-License-Identifier: MIT */
/* Whole ranges of files: through a pipe that takes parts, and at places. */
#include "base/io.h"

#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES ((size_t)1 << 20)

static void test_places(void)
{
    char name[] = "/tmp/test-io-XXXXXX";
    char room[8];
    int fd = mkstemp(name);

    unlink(name);
    CHECK(io_write(fd, "abc", 3) == 0 && io_write(fd, "de", 2) == 0);
    CHECK(io_write_at(fd, "XY", 2, 4) == 0 && io_write_at(fd, "", 0, 99) == 0);
    CHECK(io_read_at(fd, room, 6, 0) == 0 && memcmp(room, "abcdXY", 6) == 0);
    CHECK(io_read_at(fd, room, 2, 3) == 0 && memcmp(room, "dX", 2) == 0);
    errno = 0;
    CHECK(io_read_at(fd, room, 2, 5) == -1 && errno == EIO);
    CHECK(io_read_at(fd, room, 0, 50) == 0);
    close(fd);
    CHECK(io_write(fd, "a", 1) == -1 && errno == EBADF);
    CHECK(io_write_at(fd, "a", 1, 0) == -1 && errno == EBADF);
    CHECK(io_read_at(fd, room, 1, 0) == -1 && errno == EBADF);
}

static void on_alarm(int number)
{
    (void)number;
}

/* Reads slowly, and wakes the writer in the midst of its call: the sum of what
 * came is its exit status. */
static void read_slowly(int fd, pid_t writer)
{
    unsigned char room[4096];
    unsigned sum = 0;
    ssize_t n;

    while ((n = read(fd, room, sizeof(room))) > 0) {
        for (ssize_t i = 0; i < n; i++)
            sum += room[i];
        kill(writer, SIGALRM);
    }
    _exit((int)(sum % 251));
}

static void test_parts(void)
{
    struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
    unsigned char *bytes = malloc(BYTES);
    unsigned sum = 0;
    pid_t reader;
    int ends[2], status;

    sigaction(SIGALRM, &action, NULL);
    for (size_t i = 0; i < BYTES; i++)
        sum += bytes[i] = (unsigned char)(i * 7 + i / 256);
    CHECK(pipe(ends) == 0);
    reader = fork();
    if (reader == 0) {
        close(ends[1]);
        read_slowly(ends[0], getppid());
    }
    close(ends[0]);
    CHECK(io_write(ends[1], bytes, BYTES) == 0);
    close(ends[1]);
    while (waitpid(reader, &status, 0) < 0 && errno == EINTR)
        ;
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == (int)(sum % 251));
    free(bytes);
}

int main(void)
{
    test_places();
    test_parts();
    return check_end("io");
}
