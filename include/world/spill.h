/* SPDX-License-Identifier: MIT */
/*
 * Bytes that are put aside on the disk: a file without a name, made when it is
 * first needed, gone with the process. The room of what is taken out is used
 * again, and given back to the disk where it is at the end.
 */
#ifndef WORLD_SPILL_H
#define WORLD_SPILL_H

#include "base/msg.h"

#include <stddef.h>
#include <stdint.h>

struct spill;

/* In the folder, which is copied; NULL: $TMPDIR, else /var/tmp, else /tmp.
 * Opens nothing yet. */
struct spill *spill_new(const char *folder);
void spill_free(struct spill *spill);

/* Puts len bytes (not 0) aside; *place is where. 0, or -1 with why: nothing
 * was put aside. */
int spill_put(struct spill *spill, const void *bytes, size_t len,
              uint64_t *place, struct why *why);

/* Reads back what was put there, and gives its room free. 0, or -1 with why
 * (it is then still there). */
int spill_take(struct spill *spill, uint64_t place, void *bytes, size_t len,
               struct why *why);

/* The size of the file. */
uint64_t spill_size(const struct spill *spill);

#endif
