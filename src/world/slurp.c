/* SPDX-License-Identifier: MIT */
/*
 * Whole files into memory. It knows files; it must not know what their bytes
 * mean, but for ends of lines.
 */
#include "world/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536

/* Reopened by name, a socket would fail, and nobody can read it twice. */
bool slurp_names_stdin(const char *path)
{
    return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0 ||
           strcmp(path, "/dev/fd/0") == 0 ||
           strcmp(path, "/proc/self/fd/0") == 0;
}

/* What messages call it, cut so that the reason fits behind it. */
static int refuse(const char *name, const char *reason, struct why *why)
{
    if (slurp_names_stdin(name))
        name = "stdin";
    return why_set(why, "%.120s: %s", name, reason);
}

/* stdin may have come non-blocking, which is not ours to change. */
static void wait_for_bytes(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    poll(&poll_fd, 1, -1);
}

/* At the limit one byte more is asked for: only a read tells the end. */
static ssize_t read_some(int fd, struct buf *out)
{
    size_t want = out->max - out->len;
    char beyond = 0, *room;
    ssize_t got;

    if (want > READ_BYTES)
        want = READ_BYTES;
    room = want > 0 ? buf_room(out, want) : &beyond;
    if (room == NULL) {
        errno = EFBIG;
        return -1;
    }
    got = read(fd, room, want > 0 ? want : 1);
    if (got > 0 && room == &beyond) {
        errno = EFBIG;
        return -1;
    }
    if (got > 0)
        buf_grown(out, (size_t)got);
    return got;
}

static int read_all(int fd, const char *name, struct buf *out, struct why *why)
{
    ssize_t got;

    do {
        got = read_some(fd, out);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            wait_for_bytes(fd);
            errno = EINTR;
        }
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got == 0)
        return 0;
    if (errno == EFBIG) {
        struct why reason;

        why_set(&reason, "larger than %zu bytes", out->max);
        return refuse(name, reason.text, why);
    }
    return refuse(name, strerror(errno), why);
}

int slurp_file(struct slurp *slurp, const char *name, struct buf *out,
               struct why *why)
{
    int fd, result;

    if (slurp_names_stdin(name)) {
        if (slurp->stdin_taken)
            return refuse(name, "can be read only once", why);
        slurp->stdin_taken = true;
        return read_all(STDIN_FILENO, name, out, why);
    }
    do
        fd = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return refuse(*name != '\0' ? name : "\"\"", strerror(errno), why);
    result = read_all(fd, name, out, why);
    close(fd);
    return result;
}

static int read_by(void *context, const char *name, struct buf *out,
                   struct why *why)
{
    return slurp_file(context, name, out, why);
}

struct reader slurp_reader(struct slurp *slurp)
{
    return (struct reader){.read = read_by, .context = slurp};
}

/* The line that begins at `start`, without its end; *next is behind that. */
static size_t line_at(const struct buf *file, size_t start, size_t *next)
{
    const char *text = file->data + start;
    const char *newline = memchr(text, '\n', file->len - start);
    size_t len = newline != NULL ? (size_t)(newline - text) : file->len - start;

    *next = start + len + (newline != NULL);
    if (len > 0 && text[len - 1] == '\r')
        len--;
    return len;
}

static int check_secret(const char *name, const char *text, size_t len,
                        struct why *why)
{
    if (len == 0)
        return refuse(name, "its first line is empty", why);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < 0x20 || c == 0x7f)
            return refuse(name, "its first line holds a control byte", why);
    }
    return 0;
}

int slurp_secret(struct slurp *slurp, const char *name, struct buf *secret,
                 struct why *why)
{
    struct buf file;
    size_t len = 0, next;
    int result;

    buf_init(&file, SLURP_SECRET_MAX);
    result = slurp_file(slurp, name, &file, why);
    if (result == 0) {
        if (file.len > 0)
            len = line_at(&file, 0, &next);
        result = check_secret(name, file.data, len, why);
    }
    if (result == 0 && buf_add(secret, file.data, len) != 0)
        result = refuse(name, "its first line is too long", why);
    buf_release(&file);
    return result;
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    }
    return true;
}

bool slurp_next_line(const struct buf *file, struct slurp_line *line)
{
    while (line->next < file->len) {
        line->text = file->data + line->next;
        line->len = line_at(file, line->next, &line->next);
        line->number++;
        if (!is_blank(line->text, line->len))
            return true;
    }
    return false;
}
