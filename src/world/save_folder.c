/* SPDX-License-Identifier: MIT */
/*
 * The folders of saved bodies: each is opened from the one above it, without
 * following a link, and a few stay open. It knows descriptors and paths, and
 * nothing of bodies.
 */
#include "world/save_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* Systems differ in what a link gives: ELOOP, EMLINK, ENOTDIR. */
static int open_folder(int parent, const char *name)
{
    int fd = openat(parent, name, OPEN_FOLDER);

    if (fd < 0 && (errno == ELOOP || errno == EMLINK))
        errno = ENOTDIR;
    return fd;
}

/* Opens the folder `name` in parent. -1 with errno. */
static int enter(const struct saves *saves, int parent, const char *name,
                 bool make)
{
    int fd = open_folder(parent, name);

    if (fd >= 0 || errno != ENOENT || !make)
        return fd;
    if (mkdirat(parent, name, 0777) != 0) {
        if (errno != EEXIST)
            return -1;
    } else if (saves->options.durable && fsync(parent) != 0) {
        return -1;
    }
    return open_folder(parent, name);
}

/* Walks the path, which is cut to pieces, from DIR down. */
static int walk(const struct saves *saves, char *path, bool make)
{
    int parent = saves->fd, fd = -1;
    char *name;

    while ((name = strsep(&path, "/"))) {
        fd = enter(saves, parent, name, make);
        if (parent != saves->fd) {
            int error = errno;

            close(parent);
            errno = error;
        }
        if (fd < 0)
            return -1;
        parent = fd;
    }
    return fd;
}

static bool is_path(const struct folder *folder, const char *path, size_t len)
{
    return folder->path && strncmp(folder->path, path, len) == 0 &&
           folder->path[len] == '\0';
}

static void forget(struct folder *folder)
{
    if (!folder->path)
        return;
    close(folder->fd);
    free(folder->path);
    *folder = (struct folder){0};
}

int saves_folder(struct saves *saves, const char *path, size_t len, bool make)
{
    struct folder *place = &saves->folders[0];
    char *copy;
    int fd;

    for (unsigned i = 0; i < FOLDERS_OPEN; i++) {
        struct folder *folder = &saves->folders[i];

        if (is_path(folder, path, len)) {
            folder->turn = ++saves->turns;
            return folder->fd;
        }
        if (folder->turn < place->turn)
            place = folder;
    }
    copy = xmemdup(path, len);
    fd = walk(saves, copy, make);
    free(copy);
    if (fd < 0)
        return -1;
    forget(place);
    *place = (struct folder){
        .path = xmemdup(path, len), .fd = fd, .turn = ++saves->turns};
    return fd;
}

void saves_forget_folder(struct saves *saves, const char *path, size_t len)
{
    for (unsigned i = 0; i < FOLDERS_OPEN; i++) {
        if (is_path(&saves->folders[i], path, len))
            forget(&saves->folders[i]);
    }
}

void saves_close_folders(struct saves *saves)
{
    for (unsigned i = 0; i < FOLDERS_OPEN; i++)
        forget(&saves->folders[i]);
}

int make_folders(const char *dir)
{
    char *path = xstrdup(dir), *slash = path;
    int status;

    while (*slash && (slash = strchr(slash + 1, '/'))) {
        *slash = '\0';
        mkdir(path, 0777); /* whether it worked, the last one tells */
        *slash = '/';
    }
    status = mkdir(path, 0777);
    free(path);
    return status == 0 || errno == EEXIST ? 0 : -1;
}
