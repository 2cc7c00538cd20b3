/* SPDX-License-Identifier: MIT */
/*
 * The whole lines of a file, of any length, and where they lie in it. Memory
 * is that of the longest line, twice at most. Knows nothing of what they say.
 */
#ifndef WORLD_LINES_H
#define WORLD_LINES_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
    int fd;         /* borrowed */
    struct buf buf; /* read, from `base` of the file on */
    size_t start;   /* the next line's first byte in buf */
    size_t looked;  /* no "\n" from start to here */
    uint64_t base;
    bool end; /* of the file */
};

struct line {
    const char *text; /* without "\n"; borrowed until the next call */
    size_t len;
    uint64_t at; /* its first byte in the file */
};

/* To read fd from where it stands, which is the file's byte number at. */
void lines_init(struct lines *lines, int fd, uint64_t at);
void lines_release(struct lines *lines);

/*
 * 1 and the next line; 0 at the end of the file, *line then being what is
 * behind the last "\n" (len 0: nothing); -1 with errno.
 */
int lines_next(struct lines *lines, struct line *line);

#endif
