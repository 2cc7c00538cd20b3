/* SPDX-License-Identifier: MIT */
/*
 * The output file without what is not done, in the place of the old one. The
 * name beside it is fixed, not random: a killed run's leavings must be found
 * again, and the lock keeps others away.
 */
#include "world/journal_priv.h"

#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COPY_BYTES ((size_t)256 * 1024)

/* The length of the folder's part of a path, "/" included. */
static size_t folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) + 1 : 0;
}

char *journal_beside(const struct journal *journal)
{
    size_t folder = folder_len(journal->path);
    size_t size = strlen(journal->path) + sizeof(".") + sizeof(".afetch-new");
    char *name = xmalloc(size);

    snprintf(name, size, "%.*s.%s.afetch-new", (int)folder, journal->path,
             journal->path + folder);
    return name;
}

/* Only root may give files away: others keep theirs, and that is no fault. */
static int keep_access(const struct journal *journal, int fd)
{
    const struct stat *old = &journal->st;

    if (fchown(fd, old->st_uid, old->st_gid) != 0 && errno != EPERM)
        return -1;
    return fchmod(fd, old->st_mode & 0777);
}

/* The first bytes of FILE, as they are. */
static int copy_start(const struct journal *journal, FILE *to)
{
    char *bytes = xmalloc(COPY_BYTES);
    uint64_t left = journal->first_mark;
    ssize_t n = 1;

    if (lseek(journal->fd, 0, SEEK_SET) != 0)
        n = -1;
    while (n > 0 && left > 0) {
        n = read(journal->fd, bytes, left < COPY_BYTES ? left : COPY_BYTES);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n <= 0 || fwrite(bytes, 1, (size_t)n, to) != (size_t)n)
            break;
        else
            left -= (uint64_t)n;
    }
    free(bytes);
    if (n == 0)
        errno = EIO;
    return left == 0 && n > 0 ? 0 : -1;
}

/* True for an item that stays: only which body it is of is in doubt. */
static bool item_stays(const struct journal *journal, const struct line *line)
{
    struct done_line found;

    if (journal->streams.count == 0)
        return true;
    done_read(journal->reader, line->text, line->len, &found, NULL);
    return !journal_drops_item(journal, found.index, line->at);
}

static int copy_rest(const struct journal *journal, FILE *to)
{
    struct lines lines;
    struct line line;
    int more = 1;

    lines_init(&lines, journal->fd, journal->first_mark);
    for (uint64_t i = 0; more > 0 && i < journal->marks.count; i++) {
        enum done_kind kind = marks_get(&journal->marks, i);

        more = lines_next(&lines, &line);
        if (more <= 0)
            break;
        if ((kind == DONE_YES ||
             (kind == DONE_ITEM && item_stays(journal, &line))) &&
            fwrite(line.text, 1, line.len + 1, to) != line.len + 1)
            more = -1;
    }
    if (more == 0)
        errno = EIO; /* shorter than it was */
    lines_release(&lines);
    return more > 0 ? 0 : -1;
}

/* Copies what stays, on the disk when this returns. */
static int copy(struct journal *journal, FILE *to)
{
    if (keep_access(journal, fileno(to)) != 0 || copy_start(journal, to) != 0 ||
        copy_rest(journal, to) != 0 || fflush(to) != 0)
        return -1;
    /* What cannot be synced is still whole. */
    if (fsync(fileno(to)) != 0 && errno != EINVAL && errno != ENOSYS)
        return -1;
    return 0;
}

int journal_rewrite(struct journal *journal, struct why *why)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    char *beside = journal_beside(journal);
    int fd = open(beside, flags, 0600), bad = -1;
    FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (to) {
        setvbuf(to, NULL, _IOFBF, COPY_BYTES);
        bad = copy(journal, to);
    }
    if (bad == 0)
        bad = rename(beside, journal->path);
    if (bad == 0 && journal->sync)
        bad = atomic_file_sync_name(journal->path);
    if (bad != 0)
        journal_fail(journal, "rewrite", why);
    if (to)
        fclose(to);
    else if (fd >= 0)
        close(fd);
    if (bad != 0 && fd >= 0)
        unlink(beside);
    free(beside);
    return bad;
}
