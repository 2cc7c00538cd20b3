/* SPDX-License-Identifier: MIT */
/*
 * Write beside, then rename. Knows files and their names; must not know what
 * is in them.
 */
#include "base/atomic_file.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ".afetch-", 16 hex digits, ".tmp", NUL */
#define NAME_SIZE 32

struct atomic_file {
    char *target; /* owned; what is replaced */
    char *beside; /* owned; what is written */
    FILE *stream;
};

/* 0 and *st of what is at the path; 1 when nothing is; -1 with why. */
static int look(const char *path, struct stat *st, struct why *why)
{
    if (stat(path, st) != 0)
        return errno == ENOENT
                   ? 1
                   : why_set(why, "cannot write %s: %s", path, strerror(errno));
    if (S_ISDIR(st->st_mode))
        return why_set(why, "cannot write %s: it is a folder", path);
    if (!S_ISREG(st->st_mode))
        return why_set(why, "cannot write %s: it is no regular file", path);
    return 0;
}

char *atomic_file_target(const char *path, struct why *why)
{
    struct stat st, link;
    bool absent;
    int found = look(path, &st, why);

    if (found < 0)
        return NULL;
    absent = found > 0;
    if (lstat(path, &link) != 0 || !S_ISLNK(link.st_mode))
        return xstrdup(path);
    if (absent) {
        why_set(why, "cannot write %s: it is a link to nothing", path);
        return NULL;
    }
    char *target = realpath(path, NULL);

    if (!target)
        why_set(why, "cannot write %s: %s", path, strerror(errno));
    return target;
}

/* A name of our own in the folder of path. */
static char *name_beside(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) + 1 : 0;
    char *name = xmalloc(len + NAME_SIZE);
    struct hash_seed seed;

    hash_seed_random(&seed);
    memcpy(name, path, len);
    snprintf(name + len, NAME_SIZE, ".afetch-%016" PRIx64 ".tmp", seed.k0);
    return name;
}

/* Opens a new file in the folder of path; *name is the caller's. */
static int open_beside(const char *path, mode_t mode, char **name,
                       struct why *why)
{
    int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

    for (;;) {
        *name = name_beside(path);
        int fd = open(*name, flags, mode);
        int error = errno;

        if (fd >= 0)
            return fd;
        free(*name);
        if (error != EEXIST)
            return why_set(why, "cannot write beside %s: %s", path,
                           strerror(error));
    }
}

/* Owner first, as a change of owner may drop bits of the mode. Only root may
 * give files away: others keep theirs, and that is no fault. */
static int keep_access(int fd, const struct stat *old)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return -1;
    if ((st.st_uid != old->st_uid || st.st_gid != old->st_gid) &&
        fchown(fd, old->st_uid, old->st_gid) != 0 && errno != EPERM)
        return -1;
    return fchmod(fd, old->st_mode & 0777);
}

static void free_file(struct atomic_file *file)
{
    free(file->target);
    free(file->beside);
    free(file);
}

struct atomic_file *atomic_file_open(const char *path, mode_t mode,
                                     struct why *why)
{
    char *target = atomic_file_target(path, why), *beside;
    struct stat old;
    int found = target ? look(target, &old, why) : -1, fd = -1;
    struct atomic_file *file;

    if (found >= 0)
        fd = open_beside(target, found == 0 ? 0600 : mode, &beside, why);
    if (fd < 0) {
        free(target);
        return NULL;
    }
    file = xmalloc(sizeof(*file));
    *file = (struct atomic_file){.target = target, .beside = beside};
    file->stream = fdopen(fd, "w");
    if (!file->stream)
        die("no memory for a stream");
    if (found == 0 && keep_access(fd, &old) != 0) {
        why_set(why, "cannot write beside %s: %s", target, strerror(errno));
        atomic_file_abort(file);
        return NULL;
    }
    return file;
}

FILE *atomic_file_stream(struct atomic_file *file)
{
    return file->stream;
}

/* 0 once all is on the disk. What cannot be synced (a file system without
 * it) is still whole. */
static int flush(FILE *stream)
{
    errno = 0;
    if (fflush(stream) != 0)
        return -1;
    if (ferror(stream)) {
        if (errno == 0)
            errno = EIO; /* of an earlier write: its own errno is gone */
        return -1;
    }
    if (fsync(fileno(stream)) != 0 && errno != EINVAL && errno != ENOSYS)
        return -1;
    return 0;
}

int atomic_file_commit(struct atomic_file *file, struct why *why)
{
    if (flush(file->stream) != 0 || rename(file->beside, file->target) != 0) {
        why_set(why, "cannot write %s: %s", file->target, strerror(errno));
        atomic_file_abort(file);
        return -1;
    }
    fclose(file->stream);
    free_file(file);
    return 0;
}

void atomic_file_abort(struct atomic_file *file)
{
    if (!file)
        return;
    unlink(file->beside);
    fclose(file->stream);
    free_file(file);
}

int atomic_file_sync_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder =
        slash ? xmemdup(path, (size_t)(slash - path) + 1) : xstrdup(".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), bad = 0, error;

    free(folder);
    if (fd < 0)
        return -1;
    if (fsync(fd) != 0 && errno != EINVAL && errno != ENOSYS)
        bad = -1;
    error = errno;
    close(fd);
    errno = error;
    return bad;
}

int atomic_file_scratch(const char *path, struct why *why)
{
    char *name;
    int fd = open_beside(path, 0600, &name, why);

    if (fd >= 0) {
        unlink(name);
        free(name);
    }
    return fd;
}
