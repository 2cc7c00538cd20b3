/* SPDX-License-Identifier: MIT */
/*
 * Whole lines to stdout or a file, as fast as the reader takes them. Knows
 * what may be written to what kind of file without blocking; must not know
 * what a record is.
 */
#include "world/sink.h"

#include "base/atomic_file.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Most that is ever queued: records with large bodies inline. */
#define QUEUE_MAX (SIZE_MAX / 2)

/* Most that one flush writes to a reader who keeps up. */
#define FLUSH_BYTES ((size_t)1024 * 1024)

/* A queue's memory above this is given back when the queue runs empty. */
#define KEEP_BYTES ((size_t)1024 * 1024)

/* POSIX promises 512; poll(2) promises that this much fits into a pipe. */
#ifndef PIPE_BUF
#define PIPE_BUF 512
#endif

#define TTY_BYTES    1024
#define SOCKET_BYTES ((size_t)64 * 1024)

enum sink_kind {
    TO_FILE, /* regular files, /dev/null: a write does not wait for a reader */
    TO_PIPE,
    TO_SOCKET,
    TO_TTY,
};

struct sink {
    struct ev_loop *loop;
    struct ev_io ready;
    int fd;
    enum sink_kind kind;
    bool owned;       /* fd is ours to close */
    char *path;       /* owned; NULL: stdout */
    struct buf queue; /* its first `done` bytes are written */
    size_t done;
    bool named; /* sink_sync has the file's name on the disk */
    int error;  /* errno of the first write that failed */
};

/* The loop turns; the flush that the turn brings starts it again if needed. */
static void on_ready(struct ev_loop *loop, struct ev_io *watcher, int events)
{
    (void)events;
    ev_io_stop(loop, watcher);
}

/* O_TRUNC would empty the file before we know that we may. */
static int open_file(const char *path, enum sink_mode mode, struct why *why)
{
    struct stat st;
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY |
                (mode == SINK_APPEND ? O_APPEND : 0);
    int error = EINVAL;
    int fd = open(path, flags, 0666);

    if (fd < 0) {
        return why_set(why, "cannot write %s: %s", path, strerror(errno));
    }
    if (fstat(fd, &st) != 0) {
        why_set(why, "cannot write %s: %s", path, strerror(errno));
    } else if (S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB) != 0 &&
               errno == EWOULDBLOCK) {
        error = errno;
        why_set(why, "%s is in use by another run", path);
    } else if (!S_ISREG(st.st_mode) || st.st_size == 0 || mode == SINK_APPEND) {
        return fd;
    } else if (mode == SINK_REFUSE) {
        why_set(why, "%s is not empty (--force overwrites it)", path);
    } else if (ftruncate(fd, 0) != 0) {
        why_set(why, "cannot empty %s: %s", path, strerror(errno));
    } else {
        return fd;
    }
    close(fd);
    errno = error;
    return -1;
}

static int check_stdout(struct why *why)
{
    int flags = fcntl(STDOUT_FILENO, F_GETFL);

    if (flags < 0) {
        return why_set(why, "stdout is closed (-o FILE writes to a file)");
    }
    if ((flags & O_ACCMODE) == O_RDONLY) {
        return why_set(why, "stdout is not open for writing (-o FILE writes "
                            "to a file)");
    }
    return STDOUT_FILENO;
}

static enum sink_kind kind_of(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        return TO_FILE; /* the first write will say what is wrong */
    }
    if (S_ISFIFO(st.st_mode)) {
        return TO_PIPE;
    }
    if (S_ISSOCK(st.st_mode)) {
        return TO_SOCKET;
    }
    return isatty(fd) ? TO_TTY : TO_FILE;
}

/*
 * A terminal that stops in the middle of a write blocks, whatever poll said.
 * Opened anew it is a description of our own, which may be non-blocking.
 */
static int reopen_tty(struct sink *sink)
{
    char name[64];
    int fd = -1;

    if (ttyname_r(sink->fd, name, sizeof(name)) == 0) {
        fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    }
    sink->owned = fd >= 0;
    return fd >= 0 ? fd : sink->fd;
}

struct sink *sink_open(struct ev_loop *loop, const char *path,
                       enum sink_mode mode, struct why *why)
{
    bool to_file = path != NULL && strcmp(path, "-") != 0;
    int fd = to_file ? open_file(path, mode, why) : check_stdout(why);

    if (fd < 0) {
        return NULL;
    }
    struct sink *sink = xcalloc(1, sizeof(*sink));
    sink->loop = loop;
    sink->fd = fd;
    sink->kind = kind_of(fd);
    if (sink->kind == TO_TTY && !to_file)
        fd = sink->fd = reopen_tty(sink);
    sink->path = to_file ? xstrdup(path) : NULL;
    sink->owned |= to_file;
    buf_init(&sink->queue, QUEUE_MAX);
    ev_io_init(&sink->ready, on_ready, fd, EV_WRITE);
    return sink;
}

int sink_close(struct sink *sink, struct why *why)
{
    int result = 0;

    if (sink == NULL) {
        return 0;
    }
    ev_io_stop(sink->loop, &sink->ready);
    if (sink->owned && close(sink->fd) != 0 && errno != EINTR) {
        result = why_set(why, "cannot write %s: %s", sink_name(sink),
                         strerror(errno));
    }
    buf_release(&sink->queue);
    free(sink->path);
    free(sink);
    return result;
}

struct buf *sink_room(struct sink *sink)
{
    return &sink->queue;
}

static int fail(struct sink *sink, int error)
{
    sink->error = error;
    ev_io_stop(sink->loop, &sink->ready);
    return -1;
}

int sink_sync(struct sink *sink)
{
    if (sink->kind != TO_FILE || sink->error != 0)
        return sink->error ? -1 : 0;
    /* A device takes no part in it. */
    if (fsync(sink->fd) != 0)
        return errno == EINVAL || errno == EROFS || errno == ENOTSUP
                   ? 0
                   : fail(sink, errno);
    if (sink->path && !sink->named && atomic_file_sync_name(sink->path) != 0)
        return fail(sink, errno);
    sink->named = true;
    return 0;
}

static bool writable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int result;

    do {
        result = poll(&poll_fd, 1, 0);
    } while (result < 0 && errno == EINTR);
    return result > 0; /* an error too: the write will say which */
}

/* A write to a pipe is atomic up to PIPE_BUF: others may write to it as well,
 * so a write ends with a line where one fits. */
static size_t pipe_share(const char *data, size_t len)
{
    if (len <= PIPE_BUF) {
        return len;
    }
    for (size_t i = PIPE_BUF; i > 0; i--) {
        if (data[i - 1] == '\n') {
            return i;
        }
    }
    return PIPE_BUF;
}

static ssize_t write_file(int fd, const char *data, size_t len)
{
    /* Linux writes at most 2 GiB at a time, macOS refuses more. */
    return write(fd, data, len < INT_MAX ? len : INT_MAX);
}

/* One write that does not block, EAGAIN where it would. */
static ssize_t write_some(const struct sink *sink, const char *data, size_t len)
{
    if (sink->kind == TO_FILE) {
        return write_file(sink->fd, data, len);
    }
    if (sink->kind == TO_SOCKET) {
        return send(sink->fd, data, len < SOCKET_BYTES ? len : SOCKET_BYTES,
                    MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (!writable(sink->fd)) {
        errno = EAGAIN;
        return -1;
    }
    if (sink->kind == TO_PIPE) {
        return write(sink->fd, data, pipe_share(data, len));
    }
    return write(sink->fd, data, len < TTY_BYTES ? len : TTY_BYTES);
}

/* Written bytes leave the queue when they are its larger part: moving the
 * rest then costs less than writing them did. */
static void compact(struct sink *sink)
{
    size_t left = sink_queued(sink);

    if (left == 0 && sink->queue.cap > KEEP_BYTES) {
        buf_release(&sink->queue);
    } else if (left == 0) {
        buf_clear(&sink->queue);
    } else if (sink->done > left) {
        buf_drop(&sink->queue, sink->done);
    } else {
        return;
    }
    sink->done = 0;
}

int sink_flush(struct sink *sink)
{
    size_t budget = sink->kind == TO_FILE ? SIZE_MAX : FLUSH_BYTES;

    if (sink->error != 0) {
        return -1;
    }
    if (sink->queue.over) {
        return fail(sink, ENOBUFS); /* the last line is not whole */
    }
    while (sink_queued(sink) > 0 && budget > 0) {
        ssize_t n =
            write_some(sink, sink->queue.data + sink->done, sink_queued(sink));
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            break;
        }
        if (n <= 0 && !(n < 0 && errno == EINTR)) {
            return fail(sink, n < 0 ? errno : EIO);
        }
        if (n > 0) {
            sink->done += (size_t)n;
            budget -= (size_t)n < budget ? (size_t)n : budget;
        }
    }
    compact(sink);
    if (sink_queued(sink) == 0) {
        ev_io_stop(sink->loop, &sink->ready);
    } else {
        ev_io_start(sink->loop, &sink->ready);
    }
    return 0;
}

size_t sink_queued(const struct sink *sink)
{
    return sink->queue.len - sink->done;
}

bool sink_full(const struct sink *sink)
{
    return sink_queued(sink) >= SINK_FULL_BYTES;
}

int sink_error(const struct sink *sink)
{
    return sink->error;
}

const char *sink_name(const struct sink *sink)
{
    return sink->path != NULL ? sink->path : "stdout";
}
