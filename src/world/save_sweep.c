/* SPDX-License-Identifier: MIT */
/*
 * Who uses the folder of saved bodies, and what dead runs left in it. It knows
 * the lock file and the names of our own files, and opens none of them.
 */
#include "world/save_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Others hold the lock exclusively while they sweep, or leave. */
#define LOCK_TRIES 1000
#define LOCK_PAUSE 10000000 /* nanoseconds */

static bool is_there(const struct saves *saves, const char *name)
{
    struct stat info;

    return fstatat(saves->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A kept body without its sidecar cannot be continued; nor the other way. */
static bool is_widow(const struct saves *saves, const char *name, bool part)
{
    char other[SAVE_NAME_SIZE];

    snprintf(other, sizeof(other), "%.*s%s",
             (int)(sizeof(SAVE_PREFIX) - 1 + KEY_DIGITS), name,
             part ? SAVE_SIDECAR : SAVE_PART);
    return !is_there(saves, other);
}

static bool is_leftover(const struct saves *saves, const char *name)
{
    const char *digits = name + sizeof(SAVE_PREFIX) - 1;
    size_t count;
    bool part;

    if (strncmp(name, SAVE_PREFIX, sizeof(SAVE_PREFIX) - 1) != 0)
        return false;
    count = strspn(digits, "0123456789abcdef");
    part = strcmp(digits + count, SAVE_PART) == 0;
    if (count == RANDOM_DIGITS)
        return part;
    if (count != KEY_DIGITS ||
        (!part && strcmp(digits + count, SAVE_SIDECAR) != 0))
        return false;
    return !saves->options.resume || is_widow(saves, name, part);
}

/* What cannot be removed stays: nothing depends on it. */
static void sweep(const struct saves *saves)
{
    int fd = openat(saves->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!entries) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(entries))) {
        if (is_leftover(saves, entry->d_name))
            unlinkat(saves->fd, entry->d_name, 0);
    }
    closedir(entries);
}

/* False when a run that left has removed the lock file that fd is. */
static bool is_current(const struct saves *saves, int fd)
{
    struct stat ours, now;

    return fstat(fd, &ours) == 0 &&
           fstatat(saves->fd, SAVE_LOCK, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_dev == now.st_dev && ours.st_ino == now.st_ino;
}

/*
 * One try: 1 when the lock is held, 0 when it is to be tried again, -1 with
 * errno. Between the exclusive and the shared lock another run may slip in and
 * sweep: nothing of this one is there yet.
 */
static int try_lock(struct saves *saves, bool *swept)
{
    int fd =
        openat(saves->fd, SAVE_LOCK,
               O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);

    if (fd < 0)
        return -1;
    if (!*swept && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_current(saves, fd)) {
        sweep(saves);
        *swept = true;
    }
    if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
        bool busy = errno == EWOULDBLOCK || errno == EINTR;

        close(fd);
        if (!busy)
            unlinkat(saves->fd, SAVE_LOCK, 0); /* no locks here */
        return !busy;
    }
    if (!is_current(saves, fd)) {
        close(fd);
        return 0;
    }
    saves->lock = fd;
    return 1;
}

int saves_lock(struct saves *saves, struct why *why)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE};
    bool swept = false;

    saves->lock = -1;
    for (int i = 0; i < LOCK_TRIES; i++) {
        int status = try_lock(saves, &swept);

        if (status > 0)
            return 0;
        if (status < 0)
            return why_set(why, "cannot write to the folder %.100s: %s",
                           saves->dir, strerror(errno));
        nanosleep(&pause, NULL);
    }
    return why_set(why, "another process holds %.100s/%s", saves->dir,
                   SAVE_LOCK);
}

void saves_unlock(struct saves *saves)
{
    if (saves->lock < 0)
        return;
    if (flock(saves->lock, LOCK_EX | LOCK_NB) == 0 &&
        is_current(saves, saves->lock))
        unlinkat(saves->fd, SAVE_LOCK, 0);
    close(saves->lock);
}
