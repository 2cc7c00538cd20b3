/* SPDX-License-Identifier: MIT */
/*
 * Files that are replaced as a whole: written under another name in the same
 * folder, then renamed, so that a reader, a crash or a full disk never sees
 * half of one. Knows nothing of what is in them.
 *
 * What path may be:
 *   - absent: the file is made;
 *   - a regular file: replaced; mode and (where allowed) owner are kept;
 *   - a symbolic link to one: what it points to is replaced, beside itself,
 *     and the link stays; a link to nothing is an error;
 *   - anything else (a folder, a device, a pipe): an error, as a rename would
 *     put a file in its place.
 *
 * The other name is ".afetch-", 16 random hex digits, ".tmp". It is made with
 * O_EXCL and O_NOFOLLOW, and left behind only by a process that is killed.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include "base/msg.h"

#include <stdio.h>
#include <sys/types.h>

struct atomic_file;

/*
 * Begins to write the file that is to be at path. A new file gets `mode` less
 * the umask (0666; 0600 for what is secret); while it is written it is never
 * more open than the old one. NULL with why.
 */
struct atomic_file *atomic_file_open(const char *path, mode_t mode,
                                     struct why *why);

/* Where to write: the file's own, not to be closed. Write errors need no
 * check of their own, atomic_file_commit sees them. */
FILE *atomic_file_stream(struct atomic_file *file);

/*
 * Puts what was written in its place, on the disk first (fsync), and frees
 * file. 0; -1 with why: the old file is as it was, nothing is left behind.
 */
int atomic_file_commit(struct atomic_file *file, struct why *why);

/* Leaves the old file as it was, and frees file; NULL is allowed. */
void atomic_file_abort(struct atomic_file *file);

/*
 * The path that would be replaced: path, or where the link points to. The
 * caller frees; NULL with why where atomic_file_open would fail. For a check
 * before the work, not for safety: it can change.
 */
char *atomic_file_target(const char *path, struct why *why);

/* Forces the names in the folder of path to the disk; 0, or -1 with errno. A
 * file system without that is no fault. */
int atomic_file_sync_name(const char *path);

/*
 * A file without a name in the folder of path, open for reading and writing;
 * it ends with its descriptor. -1 with why.
 */
int atomic_file_scratch(const char *path, struct why *why);

#endif
