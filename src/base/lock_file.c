/* SPDX-License-Identifier: MIT */
/*
 * One run at a time. Knows flock and the race of removing what is locked;
 * must not know what is guarded.
 */
#include "base/lock_file.h"

#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct lock_file {
    char *name; /* owned; "PATH.lock" */
    int fd;
};

/* True while the name still leads to the open file. */
static bool still_there(const char *name, int fd)
{
    struct stat open_one, named;

    return fstat(fd, &open_one) == 0 && lstat(name, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

static int take(const char *name, const char *path, struct why *why)
{
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

    for (;;) {
        int fd = open(name, flags, 0600);

        if (fd < 0)
            return why_set(why, "cannot lock %s: %s: %s", path, name,
                           strerror(errno));
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            int error = errno;

            if (error == EWOULDBLOCK)
                why_set(why, "%s is in use by another run, which holds %s",
                        path, name);
            else
                why_set(why, "cannot lock %s: %s", name, strerror(error));
            close(fd);
            errno = error;
            return -1;
        }
        if (still_there(name, fd))
            return fd;
        close(fd);
    }
}

struct lock_file *lock_file_open(const char *path, struct why *why)
{
    char *target = atomic_file_target(path, why), *name;
    struct lock_file *lock = NULL;
    size_t size;
    int fd, error;

    if (!target) {
        errno = EINVAL;
        return NULL;
    }
    size = strlen(target) + sizeof(".lock");
    name = xmalloc(size);
    snprintf(name, size, "%s.lock", target);
    fd = take(name, path, why);
    error = errno;
    free(target);
    if (fd < 0) {
        free(name);
        errno = error;
        return NULL;
    }
    lock = xmalloc(sizeof(*lock));
    *lock = (struct lock_file){.name = name, .fd = fd};
    return lock;
}

void lock_file_close(struct lock_file *lock)
{
    struct stat st;

    if (!lock)
        return;
    if (fstat(lock->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0 &&
        still_there(lock->name, lock->fd))
        unlink(lock->name);
    close(lock->fd);
    free(lock->name);
    free(lock);
}
