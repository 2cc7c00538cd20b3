/* SPDX-License-Identifier: MIT */
/*
 * world/sink: files, pipes, sockets and terminals; a reader that stalls, one
 * that goes, a full disk. world/signals: SIGPIPE and the stop signals.
 */
#include "world/sink.h"

#include "check.h"
#include "world/signals.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ev_loop *loop;
static char folder[] = "/tmp/afetch-sink-XXXXXX";
static struct why why;

static const char *path_in(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void check_content(const char *path, const char *want)
{
    char got[256] = "";
    int fd = open(path, O_RDONLY);

    CHECK(read(fd, got, sizeof(got) - 1) >= 0);
    CHECK_STR(got, want);
    close(fd);
}

static void test_file(void)
{
    const char *path = path_in("out");
    struct sink *sink = sink_open(loop, path, SINK_REFUSE, &why);

    CHECK(sink != NULL);
    CHECK_STR(sink_name(sink), path);
    CHECK(sink_flush(sink) == 0);
    buf_add_str(sink_room(sink), "one\n");
    buf_add_str(sink_room(sink), "two\n");
    CHECK(sink_queued(sink) == 8 && !sink_full(sink));
    CHECK(sink_flush(sink) == 0);
    CHECK(sink_queued(sink) == 0);
    buf_add_str(sink_room(sink), "three\n");
    CHECK(sink_flush(sink) == 0);
    CHECK(sink_error(sink) == 0);
    CHECK(ev_run(loop, 0) == 0); /* nothing is watched */
    CHECK(sink_close(sink, &why) == 0);
    check_content(path, "one\ntwo\nthree\n");
}

static void test_force(void)
{
    const char *path = path_in("out"); /* not empty by now */

    CHECK(sink_open(loop, path, SINK_REFUSE, &why) == NULL);
    CHECK(strstr(why.text, "--force") != NULL);
    check_content(path, "one\ntwo\nthree\n");
    struct sink *sink = sink_open(loop, path, SINK_OVERWRITE, &why);
    CHECK(sink != NULL);
    buf_add_str(sink_room(sink), "new\n");
    CHECK(sink_flush(sink) == 0);
    CHECK(sink_close(sink, &why) == 0);
    check_content(path, "new\n");

    close(open(path, O_WRONLY | O_TRUNC));
    sink =
        sink_open(loop, path, SINK_REFUSE, &why); /* empty: nothing to lose */
    CHECK(sink != NULL);
    CHECK(sink_close(sink, &why) == 0);
    unlink(path);
}

static void test_refused(void)
{
    CHECK(sink_open(loop, folder, SINK_OVERWRITE, &why) == NULL);
    CHECK(strstr(why.text, folder) != NULL);
    CHECK(sink_open(loop, path_in("no/such"), SINK_REFUSE, &why) == NULL);
    CHECK(strstr(why.text, "No such file") != NULL);
}

static void test_disk_full(void)
{
    struct sink *sink = sink_open(loop, "/dev/full", SINK_REFUSE, &why);

    if (sink == NULL) {
        return; /* a system without it */
    }
    buf_add_str(sink_room(sink), "one\n");
    CHECK(sink_flush(sink) == -1);
    CHECK(sink_error(sink) == ENOSPC);
    CHECK(sink_flush(sink) == -1); /* sticky */
    CHECK(sink_queued(sink) == 4);
    CHECK(sink_close(sink, &why) == 0);
}

/* stdout is fd from here to restore_stdout: what fails is said afterwards. */
static int replace_stdout(int fd)
{
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    dup2(fd, STDOUT_FILENO);
    return saved;
}

static void restore_stdout(int saved)
{
    dup2(saved, STDOUT_FILENO);
    close(saved);
}

static void test_closed_stdout(void)
{
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    close(STDOUT_FILENO);
    struct sink *closed = sink_open(loop, NULL, SINK_REFUSE, &why);
    restore_stdout(saved);
    CHECK(closed == NULL);
    CHECK(strstr(why.text, "closed") != NULL);

    int null = open("/dev/null", O_RDONLY);
    saved = replace_stdout(null);
    closed = sink_open(loop, "-", SINK_REFUSE, &why);
    restore_stdout(saved);
    close(null);
    CHECK(closed == NULL);
    CHECK(strstr(why.text, "not open for writing") != NULL);
}

/* A line of 100 bytes that tells its number. */
static void add_lines(struct sink *sink, unsigned *next, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        buf_addf(sink_room(sink), "%099u\n", (*next)++);
    }
}

/* Reads all that is there; how many bytes are not what was sent. */
static size_t read_back(int fd, size_t *offset)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char got[8192], want[101];
    size_t wrong = 0;

    while (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0) {
        ssize_t n = read(fd, got, sizeof(got));
        for (ssize_t i = 0; i < n; i++, (*offset)++) {
            if (i == 0 || *offset % 100 == 0) {
                snprintf(want, sizeof(want), "%099zu\n", *offset / 100);
            }
            wrong += got[i] != want[*offset % 100];
        }
    }
    return wrong;
}

/*
 * A reader that stalls, then reads a bit at a time: no flush blocks, the loop
 * turns when there is room, and every byte arrives in its order. fd is the
 * writing end, put in the place of stdout.
 */
static void stall_and_go_on(int fd, int reader)
{
    unsigned next = 0, idle = 0, failed = 0;
    size_t offset = 0, wrong = 0, most = 0;
    int saved = replace_stdout(fd);
    struct sink *sink = sink_open(loop, NULL, SINK_REFUSE, &why);
    bool full = false;

    for (int i = 0; i < 100; i++) {
        add_lines(sink, &next, 100);
        failed += sink_flush(sink) != 0;
    }
    full = sink_full(sink);
    most = sink_queued(sink);
    ev_run(loop, EVRUN_NOWAIT);
    failed += sink_flush(sink) != 0;
    bool stalled = sink_queued(sink) == most;
    while (sink_queued(sink) > 0 && idle < 100000) {
        wrong += read_back(reader, &offset);
        ev_run(loop, EVRUN_ONCE);
        failed += sink_flush(sink) != 0;
        idle++;
    }
    wrong += read_back(reader, &offset);
    bool blocking = (fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK) == 0;
    bool quiet = ev_run(loop, 0) == 0;
    const char *name = sink_name(sink);
    int error = sink_error(sink), closed = sink_close(sink, &why);
    bool open = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
    restore_stdout(saved);

    CHECK(full && stalled && most >= SINK_FULL_BYTES);
    CHECK(failed == 0 && error == 0 && closed == 0);
    CHECK(wrong == 0);
    CHECK(offset == (size_t)next * 100);
    CHECK(blocking && quiet && open);
    CHECK_STR(name, "stdout");
}

static void test_stalled_pipe(void)
{
    int ends[2];

    CHECK(pipe(ends) == 0);
    stall_and_go_on(ends[1], ends[0]);
    close(ends[0]);
    close(ends[1]);
}

static void test_stalled_socket(void)
{
    int ends[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    stall_and_go_on(ends[1], ends[0]);
    close(ends[0]);
    close(ends[1]);
}

/* Somebody else made the description non-blocking: EAGAIN is no error. */
static void test_nonblocking_pipe(void)
{
    int ends[2];
    unsigned next = 0, failed = 0;

    CHECK(pipe(ends) == 0);
    CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
    int saved = replace_stdout(ends[1]);
    struct sink *sink = sink_open(loop, NULL, SINK_REFUSE, &why);
    add_lines(sink, &next, 2000);
    failed += sink_flush(sink) != 0;
    size_t queued = sink_queued(sink);
    sink_close(sink, &why);
    restore_stdout(saved);
    CHECK(failed == 0);
    CHECK(queued > 0 && queued < 200000);
    close(ends[0]);
    close(ends[1]);
}

/* Others may write to the same pipe: what is in it ends with a line as long
 * as lines are short. */
static void test_whole_lines(void)
{
    int ends[2];
    unsigned next = 0;
    size_t offset = 0;

    CHECK(pipe(ends) == 0);
    int saved = replace_stdout(ends[1]);
    struct sink *sink = sink_open(loop, NULL, SINK_REFUSE, &why);
    add_lines(sink, &next, 2000);
    sink_flush(sink);
    size_t wrong = read_back(ends[0], &offset);
    sink_close(sink, &why);
    restore_stdout(saved);
    CHECK(wrong == 0);
    CHECK(offset > 0 && offset % 100 == 0);
    close(ends[0]);
    close(ends[1]);
}

static void test_long_line(void)
{
    int ends[2];
    char *line = xmalloc(200001);
    size_t got = 0;

    memset(line, 'x', 200000);
    line[199999] = '\n';
    CHECK(pipe(ends) == 0);
    int saved = replace_stdout(ends[1]);
    struct sink *sink = sink_open(loop, NULL, SINK_REFUSE, &why);
    buf_add(sink_room(sink), line, 200000);
    sink_flush(sink);
    while (got < 200000) {
        ssize_t n = read(ends[0], line, 65536);
        got += n > 0 ? (size_t)n : 200000;
        sink_flush(sink);
    }
    size_t queued = sink_queued(sink);
    sink_close(sink, &why);
    restore_stdout(saved);
    CHECK(got == 200000 && queued == 0);
    CHECK(line[0] == 'x');
    free(line);
    close(ends[0]);
    close(ends[1]);
}

static void test_terminal(void)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);

    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        return; /* a system without pseudo-terminals */
    }
    int side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    struct sink *sink = sink_open(loop, ptsname(terminal), SINK_REFUSE, &why);
    char got[64] = "";
    CHECK(sink != NULL);
    buf_add_str(sink_room(sink), "shown\n");
    CHECK(sink_flush(sink) == 0);
    CHECK(sink_queued(sink) == 0);
    CHECK(read(terminal, got, sizeof(got) - 1) > 0);
    CHECK(strncmp(got, "shown", 5) == 0);
    CHECK(sink_close(sink, &why) == 0);
    close(side);
    close(terminal);
}

/* The reader has gone; before that it may have stalled. */
static void test_reader_gone(bool stalled)
{
    int ends[2];
    unsigned next = 0;

    CHECK(pipe(ends) == 0);
    struct signals *signals = signals_new(loop);
    signals_start(signals);
    int saved = replace_stdout(ends[1]);
    struct sink *sink = sink_open(loop, NULL, SINK_REFUSE, &why);
    add_lines(sink, &next, stalled ? 2000 : 1);
    int before = stalled ? sink_flush(sink) : 0;
    close(ends[0]);
    ev_run(loop, EVRUN_NOWAIT); /* an EV_WRITE watcher sees the end too */
    int after = sink_flush(sink);
    int again = sink_flush(sink);
    int error = sink_error(sink);
    sink_close(sink, &why);
    restore_stdout(saved);
    CHECK(before == 0);
    CHECK(after == -1 && again == -1);
    CHECK(error == EPIPE);
    close(ends[1]);
    signals_free(signals);
}

static bool default_action(int signum)
{
    struct sigaction action;

    return sigaction(signum, NULL, &action) == 0 &&
           action.sa_handler == SIG_DFL;
}

/* Turns the loop until the signal is seen, not longer than that. */
static void raise_and_turn(int signum)
{
    raise(signum);
    ev_run(loop, EVRUN_NOWAIT);
}

static void test_signals(void)
{
    struct signals *signals = signals_new(loop);

    /* An output that is read meanwhile can be left by Ctrl-C. */
    CHECK(default_action(SIGINT) && default_action(SIGTERM));
    CHECK(!default_action(SIGXFSZ) && !default_action(SIGPIPE));
    signals_start(signals);
    CHECK(signals_count(signals) == 0);
    CHECK(!default_action(SIGPIPE));
    CHECK(!default_action(SIGINT) && !default_action(SIGTERM));
    CHECK(ev_run(loop, 0) == 0); /* they do not keep the loop going */
    raise_and_turn(SIGTERM);
    CHECK(signals_count(signals) == 1);
    CHECK(signals_first(signals) == SIGTERM);
    CHECK(!default_action(SIGINT) && !default_action(SIGTERM));
    raise_and_turn(SIGINT);
    CHECK(signals_count(signals) == 2);
    CHECK(signals_first(signals) == SIGTERM);
    CHECK(default_action(SIGINT) && default_action(SIGTERM));
    signals_free(signals);
    CHECK(default_action(SIGPIPE));
    CHECK(ev_run(loop, 0) == 0);
}

static void test_signals_freed_early(void)
{
    struct signals *signals = signals_new(loop);

    signals_start(signals);
    raise_and_turn(SIGINT);
    CHECK(signals_count(signals) == 1 && signals_first(signals) == SIGINT);
    signals_free(signals);
    CHECK(default_action(SIGINT) && default_action(SIGTERM));
}

/* Started in the background with SIGINT ignored: it stays so. */
static void test_ignored_signal(void)
{
    signal(SIGINT, SIG_IGN);
    struct signals *signals = signals_new(loop);

    signals_start(signals);
    raise_and_turn(SIGINT);
    CHECK(signals_count(signals) == 0);
    raise_and_turn(SIGTERM);
    CHECK(signals_count(signals) == 1);
    signals_free(signals);
    CHECK(!default_action(SIGINT));
    signal(SIGINT, SIG_DFL);
}

/* In a child: ignored and blocked, it dies of SIGPIPE all the same. */
static void test_die_of_sigpipe(void)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        sigset_t set;
        signal(SIGPIPE, SIG_IGN);
        sigemptyset(&set);
        sigaddset(&set, SIGPIPE);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signals_die_of_sigpipe();
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

int main(void)
{
    /* Whoever started this may have ignored them. */
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    loop = ev_loop_new(EVFLAG_AUTO);
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    test_file();
    test_force();
    test_refused();
    test_disk_full();
    test_closed_stdout();
    test_stalled_pipe();
    test_stalled_socket();
    test_nonblocking_pipe();
    test_whole_lines();
    test_long_line();
    test_terminal();
    test_reader_gone(false);
    test_reader_gone(true);
    test_signals();
    test_signals_freed_early();
    test_ignored_signal();
    test_die_of_sigpipe();
    rmdir(folder);
    ev_loop_destroy(loop);
    return check_end("sink");
}
