/* SPDX-License-Identifier: MIT */
/*
 * Bodies that can be continued: the file of a key, which one save has at a
 * time, and its sidecar, a small JSON object with what must still hold. It
 * knows nothing of requests; whether the resource is still the same is the
 * server's to say.
 */
#include "world/save_priv.h"

#include "base/io.h"
#include "base/json.h"
#include "base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Header fields are far shorter. */
#define SIDECAR_MAX (16 * 1024)

void save_origin_release(struct save_origin *origin)
{
    free(origin->etag);
    free(origin->last_modified);
    *origin = (struct save_origin){0};
}

/* "x.part" to "x.json". */
static void sidecar_name(char out[SAVE_NAME_SIZE], const char *name)
{
    snprintf(out, SAVE_NAME_SIZE, "%.*s%s",
             (int)(strlen(name) - strlen(SAVE_PART)), name, SAVE_SIDECAR);
}

static char *string_of(const struct json_member *member)
{
    char *text;

    if (member->type != JSON_STRING || member->has_nul)
        return NULL;
    text = xmalloc(member->value_len + 1);
    text[json_unquote(member->value, member->value_len, text)] = '\0';
    return text;
}

static uint64_t number_of(const struct json_member *member)
{
    char *text = xmemdup(member->value, member->value_len);
    uint64_t number = 0;

    if (unit_uint(text, 0, INT64_MAX, &number, NULL) != 0)
        number = 0;
    free(text);
    return number;
}

static bool parse(const char *text, size_t len, struct save_origin *origin)
{
    struct json_member members[JSON_MEMBERS_MAX];
    int count = json_scan_object(text, len, members, NULL);

    for (int i = 0; i < count; i++) {
        if (json_key_is(&members[i], "etag"))
            origin->etag = string_of(&members[i]);
        else if (json_key_is(&members[i], "last_modified"))
            origin->last_modified = string_of(&members[i]);
        else if (json_key_is(&members[i], "total"))
            origin->total = number_of(&members[i]);
    }
    return origin->etag || origin->last_modified;
}

bool sidecar_read(struct saves *saves, const char *name,
                  struct save_origin *origin)
{
    char path[SAVE_NAME_SIZE], *text;
    ssize_t len;
    int fd;

    *origin = (struct save_origin){0};
    sidecar_name(path, name);
    fd =
        openat(saves->fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    text = xmalloc(SIDECAR_MAX);
    len = read(fd, text, SIDECAR_MAX);
    close(fd);
    if (len < 0 || !parse(text, (size_t)len, origin))
        save_origin_release(origin);
    free(text);
    return origin->etag || origin->last_modified;
}

static void print(struct buf *out, const struct save_origin *origin)
{
    struct json json;

    json_init(&json, out);
    json_object_begin(&json);
    if (origin->etag) {
        json_key(&json, "etag");
        json_string(&json, origin->etag);
    }
    if (origin->last_modified) {
        json_key(&json, "last_modified");
        json_string(&json, origin->last_modified);
    }
    if (origin->total > 0) {
        json_key(&json, "total");
        json_uint(&json, origin->total);
    }
    json_object_end(&json);
    buf_add_char(out, '\n');
}

/* Puts the text where `path` is, by rename. */
static bool replace(struct saves *saves, const char *path,
                    const struct buf *text)
{
    char temporary[SAVE_NAME_SIZE];
    bool good;
    int fd;

    saves_random_name(saves, temporary);
    fd = openat(saves->fd, temporary,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    good = io_write(fd, text->data, text->len) == 0 &&
           (!saves->options.durable || fsync(fd) == 0);
    good = close(fd) == 0 && good &&
           renameat(saves->fd, temporary, saves->fd, path) == 0;
    if (!good)
        unlinkat(saves->fd, temporary, 0);
    return good;
}

bool sidecar_write(struct saves *saves, const char *name,
                   const struct save_origin *origin)
{
    char path[SAVE_NAME_SIZE];
    struct buf text;
    bool good;

    sidecar_name(path, name);
    buf_init(&text, SIDECAR_MAX);
    print(&text, origin);
    good = !text.over && replace(saves, path, &text);
    buf_release(&text);
    if (!good)
        sidecar_remove(saves, name); /* what it says may not hold any more */
    return good;
}

void sidecar_remove(struct saves *saves, const char *name)
{
    char path[SAVE_NAME_SIZE];

    sidecar_name(path, name);
    unlinkat(saves->fd, path, 0);
}

/* No link of another file, and not one that its last owner has just given its
 * final name. */
static bool is_ours(const struct saves *saves, int fd, const char *name)
{
    struct stat open, named;

    return fstat(fd, &open) == 0 && S_ISREG(open.st_mode) &&
           open.st_nlink == 1 && open.st_uid == geteuid() &&
           fstatat(saves->fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

int kept_open(struct saves *saves, const char *name)
{
    int fd =
        openat(saves->fd, name,
               O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_ours(saves, fd, name))
        return fd;
    close(fd);
    return -1;
}
