/* SPDX-License-Identifier: MIT */
/* Small files that options name, read whole before the run begins. */
#ifndef WORLD_SLURP_H
#define WORLD_SLURP_H

#include "base/buf.h"
#include "base/msg.h"
#include "policy/reader.h"

#include <stdbool.h>
#include <stddef.h>

/* Largest file with a secret, in bytes. */
#define SLURP_SECRET_MAX 65536

/* What a run's reading has used up; zero at first. */
struct slurp {
    bool stdin_taken; /* stdin is read, or somebody else's to read */
};

/* True for a path that is stdin by another name: "-", "/dev/stdin", ... */
bool slurp_names_stdin(const char *path);

/*
 * Appends a file's bytes, or for a name of stdin those up to its end, to out,
 * whose max is the limit. FIFOs and devices too; waits for what is not there
 * yet. 0, or -1 with why, which names the file: not there, no right to it, a
 * folder, over the limit, a read error, stdin taken already. out may then hold
 * a part of it.
 */
int slurp_file(struct slurp *slurp, const char *name, struct buf *out,
               struct why *why);

/* slurp_file as the pure modules take it; slurp is borrowed. */
struct reader slurp_reader(struct slurp *slurp);

/*
 * Appends the first line of a file, without its end (LF or CRLF), to secret.
 * 0, or -1 with why, which quotes nothing of it: as slurp_file, or the line is
 * empty, or holds a NUL or another control byte.
 */
int slurp_secret(struct slurp *slurp, const char *name, struct buf *secret,
                 struct why *why);

/* A line of a file that was read. */
struct slurp_line {
    const char *text; /* points into the file's bytes; not ended by a NUL */
    size_t len;       /* without LF or CRLF */
    size_t number;    /* from 1 */
    size_t next;      /* where the search goes on */
};

/*
 * Sets *line, zero before the first call, to the next line that holds more
 * than blanks (as -H @FILE wants them: a header field a line, and nothing is a
 * comment). False at the end. What a line holds is for the caller to check.
 */
bool slurp_next_line(const struct buf *file, struct slurp_line *line);

#endif
