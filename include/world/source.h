/* SPDX-License-Identifier: MIT */
/*
 * Where lines come from: positional URLs, files, stdin, read in turn. Files
 * are read in bounded pieces; a pipe or terminal is read when it has bytes.
 * Memory is one buffer of at most a line of the largest size.
 */
#ifndef WORLD_SOURCE_H
#define WORLD_SOURCE_H

#include "base/msg.h"
#include "model/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ev_loop;
struct source;

enum source_result {
    SOURCE_LINE,   /* *line is the next line */
    SOURCE_WAIT,   /* none yet: the loop will turn when there are bytes */
    SOURCE_MORE,   /* none yet, but enough read for one call: pull again soon */
    SOURCE_END,    /* no more */
    SOURCE_FAILED, /* reading failed: *why; name and number in *line say where;
                      the input ends here, the next is read by the next pull */
};

/* A line; the text is borrowed until the next call. */
struct source_line {
    const char *text; /* without "\n" and, on the first line, without a BOM */
    size_t len;
    uint64_t number;  /* in its input, from 1; 0 for a positional URL */
    const char *name; /* of its input: a file's name, "stdin", "argument" */
    bool too_long;    /* text is only its first bytes; the rest is dropped */
    bool is_argument; /* a positional URL: never a comment or JSON */
};

/*
 * Checks and lists the inputs: every -i FILE, and positionals in their order
 * (with a scheme a URL; else an existing file is a list; else a URL), or stdin
 * where nothing was given and it is no terminal. Opens nothing yet.
 * NULL with why: a file that is not there, not readable or a folder, two
 * users of stdin, or nothing to read.
 */
struct source *source_new(struct ev_loop *loop, const struct config *config,
                          struct why *why);
void source_free(struct source *source);

/* True when the config has source_new read stdin. */
bool source_takes_stdin(const struct config *config);

/* Refuses an output (a path, or NULL for stdout) that is a regular file and
 * one of the inputs: it would feed or empty itself. 0, or -1 with why. */
int source_check_output(const struct source *source, const char *output,
                        struct why *why);

/* The next line. */
enum source_result source_pull(struct source *source, struct source_line *line,
                               struct why *why);

/*
 * Nothing more is read from the world: later pulls give only whole lines that
 * are in memory already (the last line of an input that is known to be at its
 * end is whole too), and of positionals none, then SOURCE_END.
 */
void source_stop(struct source *source);

/* After source_stop and SOURCE_END: the input and number (0 for a positional
 * URL) of the first line that was not read; false when all inputs had been
 * read to their end. */
bool source_unread(const struct source *source, const char **name,
                   uint64_t *number);

#endif
