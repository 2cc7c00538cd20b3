/* SPDX-License-Identifier: MIT */
/*
 * Whole lines by large reads. Knows bytes and "\n"; must not know whose file
 * it is.
 */
#include "world/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES ((size_t)256 * 1024)

void lines_init(struct lines *lines, int fd, uint64_t at)
{
    *lines = (struct lines){.fd = fd, .base = at};
    buf_init(&lines->buf, SIZE_MAX);
}

void lines_release(struct lines *lines)
{
    buf_release(&lines->buf);
}

static int read_more(struct lines *lines)
{
    struct buf *buf = &lines->buf;
    ssize_t n;

    buf_drop(buf, lines->start);
    lines->base += lines->start;
    lines->looked -= lines->start;
    lines->start = 0;
    do {
        n = read(lines->fd, buf_room(buf, READ_BYTES), READ_BYTES);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    lines->end = n == 0;
    buf_grown(buf, (size_t)n);
    return 0;
}

/* What stands from the start of the next line up to end. */
static void give(struct lines *lines, size_t end, struct line *line)
{
    line->text = lines->buf.data + lines->start;
    line->len = end - lines->start;
    line->at = lines->base + lines->start;
}

int lines_next(struct lines *lines, struct line *line)
{
    const char *found = NULL;

    for (;;) {
        size_t left = lines->buf.len - lines->looked;

        if (left > 0)
            found = memchr(lines->buf.data + lines->looked, '\n', left);
        if (found)
            break;
        lines->looked = lines->buf.len;
        if (lines->end) {
            give(lines, lines->buf.len, line);
            return 0;
        }
        if (read_more(lines) != 0)
            return -1;
    }
    give(lines, (size_t)(found - lines->buf.data), line);
    lines->start = lines->looked = (size_t)(found - lines->buf.data) + 1;
    return 1;
}
