/* SPDX-License-Identifier: MIT */
/*
 * A file without a name. Knows where in it there is room; must not know what
 * is put there.
 */
#include "world/spill.h"

#include "base/atomic_file.h"
#include "base/extents.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file is made shorter when it would shrink by this much, or to nothing:
 * each time costs the writing of its blocks. */
#define SHRINK_BYTES ((uint64_t)64 * 1024 * 1024)

struct spill {
    char *folder; /* owned; NULL: as the header says */
    int fd;       /* -1: not made yet */
    struct extents used;
    uint64_t size;
};

struct spill *spill_new(const char *folder)
{
    struct spill *spill = xcalloc(1, sizeof(*spill));

    spill->folder = folder ? xstrdup(folder) : NULL;
    spill->fd = -1;
    extents_init(&spill->used);
    return spill;
}

void spill_free(struct spill *spill)
{
    if (!spill)
        return;
    if (spill->fd >= 0)
        close(spill->fd);
    extents_release(&spill->used);
    free(spill->folder);
    free(spill);
}

/* O_TMPFILE never has a name; where the system or the file system has it not,
 * the name is there for a moment. */
static int open_in(const char *folder, struct why *why)
{
    size_t size = strlen(folder) + sizeof("/x");
    char *inside;
    int fd = -1;

#ifdef O_TMPFILE
    fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
#endif
    inside = xmalloc(size);
    snprintf(inside, size, "%s/x", folder);
    fd = atomic_file_scratch(inside, why);
    free(inside);
    return fd;
}

static int open_file(const struct spill *spill, struct why *why)
{
    static const char *const folders[] = {"/var/tmp", "/tmp"};
    const char *named = spill->folder ? spill->folder : getenv("TMPDIR");
    int fd = -1;

    if (named && *named)
        return open_in(named, why);
    for (size_t i = 0; i < 2 && fd < 0; i++)
        fd = open_in(folders[i], why);
    return fd;
}

/* Gives a range free, and the end of the file to the disk where it is long.
 * What cannot be cut is only larger than it need be. */
static void give(struct spill *spill, uint64_t place, size_t len)
{
    uint64_t end;

    extents_give(&spill->used, place, len);
    end = spill->used.end;
    if (end > 0 && spill->size < end + SHRINK_BYTES)
        return;
    if (spill->size > end && ftruncate(spill->fd, (off_t)end) == 0)
        spill->size = end;
}

int spill_put(struct spill *spill, const void *bytes, size_t len,
              uint64_t *place, struct why *why)
{
    if (spill->fd < 0)
        spill->fd = open_file(spill, why);
    if (spill->fd < 0)
        return -1;
    *place = extents_take(&spill->used, len);
    if (spill->size < *place + len)
        spill->size = *place + len;
    if (io_write_at(spill->fd, bytes, len, *place) == 0)
        return 0;
    why_set(why, "cannot write a temporary file: %s", strerror(errno));
    give(spill, *place, len);
    return -1;
}

int spill_take(struct spill *spill, uint64_t place, void *bytes, size_t len,
               struct why *why)
{
    if (io_read_at(spill->fd, bytes, len, place) != 0)
        return why_set(why, "cannot read a temporary file: %s",
                       strerror(errno));
    give(spill, place, len);
    return 0;
}

uint64_t spill_size(const struct spill *spill)
{
    return spill->size;
}
