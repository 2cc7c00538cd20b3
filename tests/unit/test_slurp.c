/* SPDX-License-Identifier: MIT */
/* world/slurp: files, FIFOs and stdin read whole; secrets, lines, faults. */
#include "check.h"
#include "world/slurp.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct why why;
static struct slurp slurp;
static char folder[] = "/tmp/afetch-slurp-XXXXXX";
static char path[128];

static const char *path_in(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static const char *file_of(const void *bytes, size_t len)
{
    int fd = open(path_in("file"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    CHECK(write(fd, bytes, len) == (ssize_t)len);
    close(fd);
    return path;
}

static void check_read(size_t max, const char *bytes, size_t len)
{
    struct buf out;

    buf_init(&out, max);
    CHECK(slurp_file(&slurp, file_of(bytes, len), &out, &why) == 0);
    CHECK(out.len == len && (len == 0 || memcmp(out.data, bytes, len) == 0));
    buf_release(&out);
}

/* The error is PATH and what is behind it. */
static void check_refused(const char *name, size_t max, const char *reason)
{
    struct buf out;
    char want[300];

    snprintf(want, sizeof(want), "%.120s: %s", name, reason);
    buf_init(&out, max);
    CHECK(slurp_file(&slurp, name, &out, &why) == -1);
    CHECK_STR(why.text, want);
    buf_release(&out);
}

static void test_files(void)
{
    char *large = calloc(1, 300000);

    check_read(100, "a\0\r\n\xff", 5);
    check_read(100, "", 0);
    check_read(0, "", 0);
    memset(large + 1000, 'x', 200000);
    check_read(1u << 20, large, 300000);
    check_read(300000, large, 300000);
    check_refused(file_of(large, 300000), 299999, "larger than 299999 bytes");
    check_refused(file_of("abcde", 5), 4, "larger than 4 bytes");
    check_refused(path, 0, "larger than 0 bytes");
    check_read(5, "abcde", 5);
    free(large);
}

/* What is there stays, and counts. */
static void test_appends(void)
{
    struct buf out;

    buf_init(&out, 5);
    CHECK(buf_add_str(&out, "ab") == 0);
    CHECK(slurp_file(&slurp, file_of("cde", 3), &out, &why) == 0);
    CHECK_STR(out.data, "abcde");
    CHECK(slurp_file(&slurp, path, &out, &why) == -1);
    buf_release(&out);
}

static void test_faults(void)
{
    char name[400];

    check_refused(path_in("none"), 10, "No such file or directory");
    check_refused(folder, 10, "Is a directory");
    check_refused("/dev/zero", 1000, "larger than 1000 bytes");
    check_refused("/proc/self/mem", 10, "Input/output error");
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    check_refused(name, 10, "File name too long");
    CHECK(slurp_file(&slurp, "", &(struct buf){.max = 1}, &why) == -1);
    CHECK_STR(why.text, "\"\": No such file or directory");
}

/* A process that writes in two parts, or a reader that must wait for it. */
static pid_t write_later(const char *to, int fd)
{
    pid_t pid = fork();

    if (pid == 0) {
        alarm(30);
        if (to)
            fd = open(to, O_WRONLY);
        _exit(write(fd, "one ", 4) != 4 || usleep(1000) != 0 ||
              write(fd, "two", 3) != 3);
    }
    return pid;
}

static void check_reaped(pid_t pid)
{
    int status;

    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void test_fifo(void)
{
    struct buf out;
    pid_t pid;

    buf_init(&out, 100);
    CHECK(mkfifo(path_in("fifo"), 0600) == 0);
    pid = write_later(path, -1);
    CHECK(slurp_file(&slurp, path, &out, &why) == 0);
    CHECK_STR(out.data, "one two");
    check_reaped(pid);
    unlink(path);
    buf_release(&out);
}

/* stdin is a pipe that nothing is in yet, and non-blocking. */
static void test_stdin(void)
{
    struct reader reader = slurp_reader(&slurp);
    struct buf out;
    int saved = dup(STDIN_FILENO), fds[2];
    pid_t pid;

    buf_init(&out, 100);
    CHECK(pipe(fds) == 0);
    CHECK(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
    dup2(fds[0], STDIN_FILENO);
    close(fds[0]);
    pid = write_later(NULL, fds[1]);
    close(fds[1]);
    CHECK(reader.read(reader.context, "-", &out, &why) == 0);
    CHECK_STR(out.data, "one two");
    check_reaped(pid);
    CHECK(reader.read(reader.context, "-", &out, &why) == -1);
    CHECK_STR(why.text, "stdin: can be read only once");
    CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* stays open */
    close(STDIN_FILENO);
    slurp.stdin_taken = false;
    CHECK(slurp_file(&slurp, "-", &out, &why) == -1);
    CHECK_STR(why.text, "stdin: Bad file descriptor");
    dup2(saved, STDIN_FILENO);
    close(saved);
    buf_release(&out);
}

static const char *secret_of(const char *bytes, size_t len)
{
    static char text[200];
    struct buf secret;
    int failed;

    buf_init(&secret, 100);
    failed = slurp_secret(&slurp, file_of(bytes, len), &secret, &why);
    snprintf(text, sizeof(text), "%s",
             failed ? strstr(why.text, ": ") + 2 : secret.data);
    CHECK(!failed || secret.len == 0);
    CHECK(!failed || strncmp(why.text, path, strlen(path)) == 0);
    buf_release(&secret);
    return text;
}

#define CHECK_SECRET(BYTES, WANT)                                              \
    CHECK_STR(secret_of(BYTES, sizeof(BYTES) - 1), WANT)

static void test_secrets(void)
{
    char large[SLURP_SECRET_MAX + 1];

    CHECK_SECRET("user:pass word", "user:pass word");
    CHECK_SECRET("a\n", "a");
    CHECK_SECRET("a\r\n", "a");
    CHECK_SECRET("a\nb\n\x01", "a");
    CHECK_SECRET(" \xc3\xa9 \n", " \xc3\xa9 ");
    CHECK_SECRET("", "its first line is empty");
    CHECK_SECRET("\nsecret", "its first line is empty");
    CHECK_SECRET("\r\n", "its first line is empty");
    CHECK_SECRET("secret\0x", "its first line holds a control byte");
    CHECK_SECRET("secret\rx", "its first line holds a control byte");
    CHECK_SECRET("secret\r\r\n", "its first line holds a control byte");
    CHECK_SECRET("secret\t", "its first line holds a control byte");
    CHECK_SECRET("secret\x7f", "its first line holds a control byte");
    memset(large, 'x', sizeof(large));
    CHECK_STR(secret_of(large, sizeof(large)), "larger than 65536 bytes");
    CHECK_STR(secret_of(large, 101), "its first line is too long");
    unlink(path);
    struct buf secret;
    buf_init(&secret, 100);
    CHECK(slurp_secret(&slurp, path, &secret, &why) == -1);
    CHECK(strstr(why.text, ": No such file") != NULL);
}

static void test_lines(void)
{
    static const char text[] = "A: b\r\n\n \t\r\n# c: d\nE:\0f\n\r\n g \r";
    struct buf file = {.data = (char *)text, .len = sizeof(text) - 1};
    struct slurp_line line = {0};

    CHECK(slurp_next_line(&file, &line));
    CHECK(line.number == 1 && line.len == 4 && !memcmp(line.text, "A: b", 4));
    CHECK(slurp_next_line(&file, &line));
    CHECK(line.number == 4 && line.len == 6 && !memcmp(line.text, "# c: d", 6));
    CHECK(slurp_next_line(&file, &line));
    CHECK(line.number == 5 && line.len == 4 && !memcmp(line.text, "E:\0f", 4));
    CHECK(slurp_next_line(&file, &line));
    CHECK(line.number == 7 && line.len == 3 && !memcmp(line.text, " g ", 3));
    CHECK(!slurp_next_line(&file, &line));
    CHECK(!slurp_next_line(&file, &line));
    line = (struct slurp_line){0};
    buf_init(&file, 10);
    CHECK(!slurp_next_line(&file, &line));
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    test_files();
    test_appends();
    test_faults();
    test_fifo();
    test_stdin();
    test_secrets();
    test_lines();
    unlink(path_in("file"));
    CHECK(rmdir(folder) == 0);
    return check_end("slurp");
}
