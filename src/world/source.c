/* SPDX-License-Identifier: MIT */
/*
 * Inputs in their turn, line by line, out of one bounded buffer. Knows files,
 * pipes and how to wait for them on the loop; must not know what a line means.
 */
#include "world/source.h"

#include "base/msg.h"
#include "policy/line.h"
#include "world/slurp.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES ((size_t)64 * 1024)

/* The longest line with its "\r" but without "\n", and room for one read. */
#define BUFFER_MAX (LINE_MAX_BYTES + 1 + READ_BYTES)

/* Reads of one call: a line that never ends must not hold the loop. */
#define READS_PER_PULL 16

enum input_kind { FROM_ARGUMENT, FROM_FILE, FROM_STDIN };

struct input {
    enum input_kind kind;
    const char *text; /* the URL or the path; borrowed from the config */
};

struct source {
    struct ev_loop *loop;
    struct ev_io ready;
    struct input *inputs;
    size_t count;
    size_t at;      /* the input that is being read */
    int fd;         /* of it; -1: not opened yet */
    bool waits;     /* it is read only after poll(2) says so */
    bool eof;       /* it has no more bytes than the buffer's */
    bool at_start;  /* no line of it was given yet */
    bool skipping;  /* the rest of a line that was too long */
    bool stopped;   /* nothing more is read */
    uint64_t lines; /* given, of this input */

    /* data[start..end) is unread; no "\n" in data[start..scanned). */
    char *data;
    size_t cap, start, scanned, end;
};

static const char *input_name(const struct input *input)
{
    switch (input->kind) {
    case FROM_ARGUMENT:
        return "argument";
    case FROM_STDIN:
        return "stdin";
    case FROM_FILE:
        break;
    }
    return input->text;
}

static void add_input(struct source *source, enum input_kind kind,
                      const char *text)
{
    source->inputs[source->count].kind = kind;
    source->inputs[source->count].text = text;
    source->count++;
}

/* Looks without opening: a FIFO or a process substitution may be opened only
 * once, when its turn has come. */
static int add_file(struct source *source, const char *path, struct why *why)
{
    struct stat st;

    if (slurp_names_stdin(path)) {
        add_input(source, FROM_STDIN, path);
        return 0;
    }
    if (stat(path, &st) != 0) {
        return why_set(why, "cannot read %s: %s", path, strerror(errno));
    }
    if (S_ISDIR(st.st_mode)) {
        return why_set(why, "%s is a folder, not a list of URLs", path);
    }
    if (access(path, R_OK) != 0) {
        return why_set(why, "cannot read %s: %s", path, strerror(errno));
    }
    add_input(source, FROM_FILE, path);
    return 0;
}

static int add_positional(struct source *source, const char *text,
                          struct why *why)
{
    struct stat st;

    if (slurp_names_stdin(text) ||
        (strstr(text, "://") == NULL && stat(text, &st) == 0)) {
        return add_file(source, text, why);
    }
    add_input(source, FROM_ARGUMENT, text);
    return 0;
}

/* stdin, where nothing else was asked for. */
static int add_default(struct source *source, struct why *why)
{
    if (isatty(STDIN_FILENO)) {
        return why_set(why, "nothing to fetch: no URL and no list was given");
    }
    int flags = fcntl(STDIN_FILENO, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY) {
        return why_set(why, "nothing to fetch: no URL and no list was given, "
                            "and stdin is closed");
    }
    add_input(source, FROM_STDIN, "-");
    return 0;
}

static int add_inputs(struct source *source, const struct config *config,
                      struct why *why)
{
    unsigned stdins = 0;

    for (size_t i = 0; i < config->urls.count; i++) {
        if (add_positional(source, config->urls.items[i], why) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < config->inputs.count; i++) {
        if (add_file(source, config->inputs.items[i], why) != 0) {
            return -1;
        }
    }
    if (source->count == 0 && add_default(source, why) != 0) {
        return -1;
    }
    for (size_t i = 0; i < source->count; i++) {
        stdins += source->inputs[i].kind == FROM_STDIN;
    }
    if (stdins > 1) {
        return why_set(why,
                       "stdin can be read only once, but is given %u "
                       "times",
                       stdins);
    }
    return 0;
}

/* Stops at once: readiness is level-triggered and would spin the loop for as
 * long as nobody wants more lines. */
static void on_ready(struct ev_loop *loop, struct ev_io *watcher, int events)
{
    (void)events;
    ev_io_stop(loop, watcher);
}

static void begin_input(struct source *source)
{
    source->fd = -1;
    source->waits = false;
    source->eof = false;
    source->at_start = true;
    source->skipping = false;
    source->lines = 0;
    source->start = source->scanned = source->end = 0;
}

bool source_takes_stdin(const struct config *config)
{
    for (size_t i = 0; i < config->urls.count; i++) {
        if (slurp_names_stdin(config->urls.items[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < config->inputs.count; i++) {
        if (slurp_names_stdin(config->inputs.items[i])) {
            return true;
        }
    }
    return config->urls.count + config->inputs.count == 0;
}

struct source *source_new(struct ev_loop *loop, const struct config *config,
                          struct why *why)
{
    struct source *source = xcalloc(1, sizeof(*source));
    size_t most = config->urls.count + config->inputs.count + 1;

    source->loop = loop;
    ev_io_init(&source->ready, on_ready, STDIN_FILENO, EV_READ);
    source->inputs = xcalloc(most, sizeof(*source->inputs));
    source->cap = 2 * READ_BYTES;
    source->data = xmalloc(source->cap);
    begin_input(source);
    if (add_inputs(source, config, why) != 0) {
        source_free(source);
        return NULL;
    }
    return source;
}

/* stdin stays open: its number must not become that of a connection. */
static void close_fd(struct source *source)
{
    ev_io_stop(source->loop, &source->ready);
    if (source->fd >= 0 && source->inputs[source->at].kind == FROM_FILE) {
        close(source->fd);
    }
    source->fd = -1;
}

static bool is_same_file(const struct input *input, const struct stat *output)
{
    struct stat st;
    int failed = -1;

    if (input->kind == FROM_FILE) {
        failed = stat(input->text, &st);
    } else if (input->kind == FROM_STDIN) {
        failed = fstat(STDIN_FILENO, &st);
    }
    return failed == 0 && S_ISREG(st.st_mode) && st.st_dev == output->st_dev &&
           st.st_ino == output->st_ino;
}

int source_check_output(const struct source *source, const char *output,
                        struct why *why)
{
    struct stat st;
    int failed = output ? stat(output, &st) : fstat(STDOUT_FILENO, &st);

    if (failed != 0 || !S_ISREG(st.st_mode)) {
        return 0; /* a new file, or none that could be read back */
    }
    for (size_t i = 0; i < source->count; i++) {
        if (is_same_file(&source->inputs[i], &st)) {
            return why_set(why, "%s is both input and output",
                           input_name(&source->inputs[i]));
        }
    }
    return 0;
}

void source_free(struct source *source)
{
    if (source == NULL) {
        return;
    }
    close_fd(source);
    free(source->inputs);
    free(source->data);
    free(source);
}

static void next_input(struct source *source)
{
    close_fd(source);
    source->at++;
    begin_input(source);
}

/* The open file description is our own here, unlike stdin's: O_NONBLOCK keeps
 * a FIFO without a writer from blocking the open. */
static int open_input(struct source *source, struct why *why)
{
    const struct input *input = &source->inputs[source->at];
    struct stat st;
    int fd = STDIN_FILENO;

    if (input->kind == FROM_FILE) {
        fd = open(input->text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    if (fd < 0) {
        return why_set(why, "%s", strerror(errno));
    }
    source->fd = fd;
    if (fstat(fd, &st) != 0) {
        return why_set(why, "%s", strerror(errno));
    }
    source->waits =
        S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) || S_ISSOCK(st.st_mode);
    return 0;
}

/* What poll(2) says at once; 0: nothing to read and no end either. */
static short poll_now(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int result;

    do {
        result = poll(&poll_fd, 1, 0);
    } while (result < 0 && errno == EINTR);
    return result > 0 ? poll_fd.revents : 0;
}

/* What is unread moves to the front once a read, not once a line: it is less
 * than a line then. */
static void make_room(struct source *source)
{
    if (source->start > 0) {
        memmove(source->data, source->data + source->start,
                source->end - source->start);
        source->scanned -= source->start;
        source->end -= source->start;
        source->start = 0;
    }
    if (source->cap - source->end < READ_BYTES) {
        source->cap *= 2;
        if (source->cap > BUFFER_MAX) {
            source->cap = BUFFER_MAX;
        }
        source->data = xrealloc(source->data, source->cap);
    }
}

enum refill { REFILL_DONE, REFILL_NOT_YET, REFILL_FAILED };

/* One read, of bytes that are there or of a file that never waits. */
static enum refill refill(struct source *source, struct why *why)
{
    ssize_t got;

    if (source->waits &&
        (ev_is_active(&source->ready) || poll_now(source->fd) == 0)) {
        return REFILL_NOT_YET;
    }
    make_room(source);
    do {
        got = read(source->fd, source->data + source->end, READ_BYTES);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && source->waits && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return REFILL_NOT_YET;
    }
    if (got < 0) {
        why_set(why, "%s", strerror(errno));
        return REFILL_FAILED;
    }
    source->eof = got == 0;
    source->end += (size_t)got;
    return REFILL_DONE;
}

static void wait_for_bytes(struct source *source)
{
    if (!ev_is_active(&source->ready)) {
        ev_io_set(&source->ready, source->fd, EV_READ);
        ev_io_start(source->loop, &source->ready);
    }
}

static void drop_bom(struct source *source)
{
    if (source->at_start && source->end - source->start >= 3) {
        source->at_start = false;
        if (memcmp(source->data + source->start, "\xEF\xBB\xBF", 3) == 0) {
            source->start += 3;
            source->scanned = source->start;
        }
    }
}

/* The end of the line at start; NULL when it is not in the buffer. */
static const char *find_newline(struct source *source)
{
    const char *newline = memchr(source->data + source->scanned, '\n',
                                 source->end - source->scanned);
    source->scanned =
        newline != NULL ? (size_t)(newline - source->data) : source->end;
    return newline;
}

/* Moves on, behind the newline or, without one, to the end of the buffer. */
static void consume(struct source *source, const char *newline)
{
    source->start =
        newline != NULL ? (size_t)(newline - source->data) + 1 : source->end;
    source->scanned = source->start;
}

/* Drops the rest of a line that was too long; false: it has not ended yet. */
static bool skip_rest(struct source *source)
{
    if (source->skipping) {
        const char *newline = find_newline(source);
        consume(source, newline);
        source->skipping = newline == NULL;
    }
    return !source->skipping;
}

static bool take_line(struct source *source, struct source_line *line)
{
    drop_bom(source);
    if (!skip_rest(source)) {
        return false;
    }
    const char *text = source->data + source->start;
    const char *newline = find_newline(source);
    size_t len = source->scanned - source->start;
    bool too_long = len > LINE_MAX_BYTES &&
                    len > (size_t)LINE_MAX_BYTES + (text[len - 1] == '\r');

    if (newline == NULL && !too_long && !(source->eof && len > 0)) {
        return false;
    }
    *line = (struct source_line){
        .text = text,
        .len = too_long ? LINE_MAX_BYTES : len,
        .number = ++source->lines,
        .name = input_name(&source->inputs[source->at]),
        .too_long = too_long,
    };
    consume(source, newline);
    source->skipping = too_long && newline == NULL;
    source->at_start = false;
    return true;
}

static enum source_result give_argument(struct source *source,
                                        struct source_line *line)
{
    const struct input *input = &source->inputs[source->at];
    size_t len = strlen(input->text);

    *line = (struct source_line){
        .text = input->text,
        .len = len > LINE_MAX_BYTES ? LINE_MAX_BYTES : len,
        .name = input_name(input),
        .too_long = len > LINE_MAX_BYTES,
        .is_argument = true,
    };
    next_input(source);
    return SOURCE_LINE;
}

static enum source_result give_failure(struct source *source,
                                       struct source_line *line)
{
    *line = (struct source_line){
        .text = "",
        .number = source->lines + 1,
        .name = input_name(&source->inputs[source->at]),
    };
    next_input(source);
    return SOURCE_FAILED;
}

enum source_result source_pull(struct source *source, struct source_line *line,
                               struct why *why)
{
    for (unsigned reads = 0;; reads++) {
        if (source->fd >= 0 && take_line(source, line)) {
            return SOURCE_LINE;
        }
        if (source->fd >= 0 && source->eof) {
            next_input(source);
        }
        if (source->stopped || source->at == source->count) {
            return SOURCE_END;
        }
        if (reads == READS_PER_PULL) {
            return SOURCE_MORE;
        }
        if (source->fd < 0) {
            if (source->inputs[source->at].kind == FROM_ARGUMENT) {
                return give_argument(source, line);
            }
            if (open_input(source, why) != 0) {
                return give_failure(source, line);
            }
        }
        switch (refill(source, why)) {
        case REFILL_DONE:
            break;
        case REFILL_NOT_YET:
            wait_for_bytes(source);
            return SOURCE_WAIT;
        case REFILL_FAILED:
            return give_failure(source, line);
        }
    }
}

/* Whether a read would find the end; reads nothing. */
static bool at_end(int fd, bool waits)
{
    if (waits) {
        short events = poll_now(fd);
        return (events & POLLHUP) != 0 && (events & POLLIN) == 0;
    }
    struct stat st;
    off_t offset = lseek(fd, 0, SEEK_CUR);
    return offset >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
           offset >= st.st_size;
}

void source_stop(struct source *source)
{
    if (source->stopped) {
        return;
    }
    source->stopped = true;
    ev_io_stop(source->loop, &source->ready);
    if (source->fd >= 0 && !source->eof) {
        source->eof = at_end(source->fd, source->waits);
    }
}

bool source_unread(const struct source *source, const char **name,
                   uint64_t *number)
{
    if (source->at == source->count) {
        return false;
    }
    const struct input *input = &source->inputs[source->at];
    *name = input_name(input);
    *number = input->kind == FROM_ARGUMENT ? 0 : source->lines + 1;
    return true;
}
