/* SPDX-License-Identifier: MIT */
/* What the files of world/save share; for them alone. */
#ifndef WORLD_SAVE_PRIV_H
#define WORLD_SAVE_PRIV_H

#include "base/hash.h"
#include "world/save.h"

#include <sys/types.h>

/* Folders of names that are kept open; a list of URLs mixes a few hosts. */
#define FOLDERS_OPEN 8

#define SAVE_PREFIX    ".afetch-"
#define SAVE_LOCK      SAVE_PREFIX "lock"
#define SAVE_PART      ".part"
#define SAVE_SIDECAR   ".json"
#define RANDOM_DIGITS  16
#define KEY_DIGITS     (2 * REQUEST_KEY_SIZE)
#define SAVE_NAME_SIZE (sizeof(SAVE_PREFIX SAVE_SIDECAR) + KEY_DIGITS)

/* A folder below DIR. */
struct folder {
    char *path; /* owned; NULL: a free place */
    int fd;
    uint64_t turn; /* when it was used last */
};

struct saves {
    char *dir; /* owned; for messages */
    int fd;    /* DIR */
    int lock;  /* the lock file; -1: the file system has no locks */
    mode_t mode;
    struct saves_options options;
    struct hash_seed seed; /* of the random names */
    uint64_t names;        /* given so far */
    struct folder folders[FOLDERS_OPEN];
    uint64_t turns;
};

/* world/save: the next random name of a temporary file. */
void saves_random_name(struct saves *saves, char name[SAVE_NAME_SIZE]);

/* world/save_folder: the descriptor of the folder that len bytes of a name
 * are, made where it is missing and `make`; it stays the saves'. -1 with errno
 * (ENOTDIR for all that is no folder, links too). */
int saves_folder(struct saves *saves, const char *path, size_t len, bool make);

/* Closes the folder of that path, which is not what it was. */
void saves_forget_folder(struct saves *saves, const char *path, size_t len);

void saves_close_folders(struct saves *saves);

/* mkdir -p. 0, or -1 with errno. */
int make_folders(const char *dir);

/* world/save_sweep: takes the lock and sweeps where that is due. */
int saves_lock(struct saves *saves, struct why *why);
void saves_unlock(struct saves *saves);

/* world/save_kept: the sidecar of a kept body, by its name. Reading: false,
 * and *origin empty, when there is none that can be used. Writing is atomic;
 * false when it failed. */
bool sidecar_read(struct saves *saves, const char *name,
                  struct save_origin *origin);
bool sidecar_write(struct saves *saves, const char *name,
                   const struct save_origin *origin);
void sidecar_remove(struct saves *saves, const char *name);

/* Opens the file of a key and locks it; -1 when it is in use, is no file of
 * ours, or cannot be made. */
int kept_open(struct saves *saves, const char *name);

#endif
