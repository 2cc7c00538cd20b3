/* SPDX-License-Identifier: MIT */
/*
 * The names that a run has given to saved bodies, and those of the run that it
 * goes on with (--resume), so that one that is given twice gets "-2", "-3", in
 * the order in which the bodies came whole.
 *
 * It holds 64 bits of a seeded hash of each name, no name: 22 to 43 bytes for
 * each body saved, 43 MB at most for a million, and that for as long as the
 * run lasts. Only templates whose names may repeat by accident need it: not
 * the default one, which repeats on purpose, and none that is
 * file_name_distinct. Two names that share a hash (a chance of one in 10^7
 * among a million) cost one of them a needless number, nothing else.
 */
#ifndef POLICY_FILE_TAKEN_H
#define POLICY_FILE_TAKEN_H

#include "base/buf.h"

#include <stdbool.h>

struct file_taken;

/* No name is taken. */
struct file_taken *file_taken_new(void);
void file_taken_free(struct file_taken *taken); /* NULL is allowed */

/* Takes a name that an earlier run has given; it may be taken already. */
void file_taken_note(struct file_taken *taken, const char *name);

/* True when the run has given this name: then a file that has it is of this
 * run, and nothing from before. */
bool file_taken_has(const struct file_taken *taken, const char *name);

/* Takes the name, or the first of its numbered ones that is free, and writes
 * what was taken into out, which is cleared before. */
void file_taken_claim(struct file_taken *taken, const char *name,
                      struct buf *out);

#endif
