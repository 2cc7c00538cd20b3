/* SPDX-License-Identifier: MIT */
/*
 * Bodies saved below one folder, DIR. A body is written to a temporary file
 * and gets its name when it is whole, by rename: under a name there is either
 * the whole body or what was there before. No symbolic link below DIR is
 * followed (DIR itself may be one), and nothing but a regular file is ever
 * replaced.
 *
 * Temporary files are made in DIR itself, not in the folder of the name: that
 * folder may be known only at the end, a failed request leaves no empty folder
 * behind, and the sweep looks at one folder however many hosts there are. The
 * rename is atomic all the same, as long as DIR is one file system; a folder
 * below it that is another one is an error that says so (EXDEV).
 *
 * Files in DIR that are of afetch itself, `x` a hex digit:
 *   .afetch-lock                a run is using DIR
 *   .afetch-xxxxxxxxxxxxxxxx.part   (16) a body on its way, name random
 *   .afetch-KEY.part            (32) a body on its way that can be continued
 *   .afetch-KEY.json            what is known of it: see struct save_origin
 * Each run holds a shared lock (flock) on the lock file as long as it lives,
 * so a run that gets it exclusively is alone: it sweeps what dead ones left.
 * It sweeps kept bodies too, unless it is to continue them. The last run that
 * leaves removes the lock file.
 *
 * Every call may block on the disk. An open save holds one descriptor.
 */
#ifndef WORLD_SAVE_H
#define WORLD_SAVE_H

#include "base/msg.h"
#include "model/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct saves;
struct save;

/* How bodies are saved. All false: the usual way. */
struct saves_options {
    bool durable; /* fsync each body before its rename, the folder after */
    bool resume;  /* keep bodies that were cut off, and continue them */
    bool look;    /* only for saves_exists: nothing is made, locked or swept,
                     and there need be no folder */
};

/*
 * Opens DIR, makes it and its parents where they are missing, takes the lock,
 * sweeps. Call it before threads are started (it reads the umask). NULL with
 * why when DIR is no folder, cannot be written to, or another process holds
 * its lock exclusively for ten seconds. Where the file system has no locks
 * nothing is swept.
 */
struct saves *saves_open(const char *dir, const struct saves_options *options,
                         struct why *why);

/* Lets the folder go; every save of it must have ended. NULL is allowed. */
void saves_close(struct saves *saves);

/* True, and *size its bytes, when a regular file has the name; a symbolic link
 * in its place or on its way is none. */
bool saves_exists(struct saves *saves, const char *name, uint64_t *size);

/* True when there may be a body to continue under the key: without making a
 * file, as save_begin would. */
bool saves_kept(struct saves *saves, const unsigned char key[REQUEST_KEY_SIZE]);

/* What must still hold of a resource when its body is continued. */
struct save_origin {
    char *etag;          /* a strong validator, quotes included; or NULL */
    char *last_modified; /* or NULL; owned strings */
    uint64_t total;      /* bytes of the whole body; 0: not known */
};

void save_origin_release(struct save_origin *origin);

/*
 * Begins a body. key NULL: a new one. Else, with options.resume, the body that
 * an earlier save_keep, or the death of a run, left under the request's key
 * when there is a usable one: then save_size is above 0 (and below the total,
 * or short of the last byte where that is not known, so that at least a byte is
 * left to ask for) and *origin is filled (the
 * caller releases it; it may be NULL without a key). Its bytes are those that
 * were written, so only bodies without a content coding can be continued by
 * Range. While one save has a key, others of that key, of other runs too, are
 * new bodies that cannot be kept.
 * NULL with *os_errno and why when no file can be made.
 */
struct save *save_begin(struct saves *saves,
                        const unsigned char key[REQUEST_KEY_SIZE],
                        struct save_origin *origin, int *os_errno,
                        struct why *why);

/* Appends bytes; of a large body the last page may wait in memory for its
 * rest. Returns 0, or -1 from the first failure on (ENOSPC, EFBIG,
 * ...), which save_errno names. */
int save_write(struct save *save, const void *bytes, size_t len);

/* The error number of the first write that failed; 0. */
int save_errno(const struct save *save);

/* Bytes held so far, earlier ones included. */
uint64_t save_size(const struct save *save);

/* Reads all that is held through `put`, for its hash. 0; -1 as save_write. */
int save_reread(struct save *save,
                void (*put)(void *to, const void *bytes, size_t len), void *to);

/* Forgets all bytes, and the origin: the body comes from its start. As
 * save_write. */
int save_restart(struct save *save);

/*
 * Notes what the body is of, as soon as its head is known: from then on
 * save_keep, and a process that is killed, leave a body that can be continued.
 * Without a key, without options.resume or without a validator it does
 * nothing. Writes a small file: not worth it for small bodies.
 */
void save_note(struct save *save, const struct save_origin *origin);

/*
 * Ends the body: it is whole, and gets its name (relative, as policy/file_name
 * makes it; folders are made). Frees the save whatever happens. 0; else -1
 * with *os_errno, why, and no file left: a write failed before, a component
 * of the name is a link or no folder, the name is that of something else than
 * a regular file, or what the system says.
 */
int save_commit(struct save *save, const char *name, int *os_errno,
                struct why *why);

/* Ends the body, and keeps what there is when it can be continued (save_note
 * was told), else drops it. Frees the save. True when it was kept. */
bool save_keep(struct save *save);

/* Ends the body and leaves nothing. Frees the save; NULL is allowed. */
void save_drop(struct save *save);

#endif
