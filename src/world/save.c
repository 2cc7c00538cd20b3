/* SPDX-License-Identifier: MIT */
/*
 * Bodies to files: made under a name of ours, written as they come, renamed
 * when whole. It knows names and bytes; what is worth saving, and under which
 * name, is decided elsewhere, and no name is trusted.
 */
#include "world/save_priv.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Random names that may be in the way. */
#define NAME_TRIES 100

#define READ_BYTES (64 * 1024)

/* Large bodies are written in whole pages: a page that is written in two
 * parts costs the system twice. */
#define PAGE_BYTES  4096
#define PAGES_AFTER (64 * 1024)

struct save {
    struct saves *saves; /* borrowed */
    int fd;
    int error;     /* errno of the first write that failed */
    uint64_t size; /* with what waits */
    char *waiting; /* owned; the begin of a page; NULL until large */
    size_t waits;  /* bytes of it */
    bool keyed;    /* the name is a key's, the file locked */
    bool noted;    /* there is a sidecar */
    char name[SAVE_NAME_SIZE];
};

static int open_dir(const char *dir)
{
    return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct saves *saves_open(const char *dir, const struct saves_options *options,
                         struct why *why)
{
    int fd = open_dir(dir);
    struct saves *saves;
    mode_t mask;

    if (fd < 0 && errno == ENOENT && !options->look && make_folders(dir) == 0)
        fd = open_dir(dir);
    if (fd < 0 && !(options->look && errno == ENOENT)) {
        why_set(why, "cannot open the folder %.100s: %s", dir, strerror(errno));
        return NULL;
    }
    mask = umask(0);
    umask(mask);
    saves = xcalloc(1, sizeof(*saves));
    *saves = (struct saves){.dir = xstrdup(dir),
                            .fd = fd,
                            .lock = -1,
                            .mode = 0666 & ~mask,
                            .options = *options};
    hash_seed_random(&saves->seed);
    if (options->look || saves_lock(saves, why) == 0)
        return saves;
    saves_close(saves);
    return NULL;
}

void saves_close(struct saves *saves)
{
    if (!saves)
        return;
    saves_close_folders(saves);
    saves_unlock(saves);
    if (saves->fd >= 0)
        close(saves->fd);
    free(saves->dir);
    free(saves);
}

void saves_random_name(struct saves *saves, char name[SAVE_NAME_SIZE])
{
    uint64_t number = saves->names++;

    number = hash_bytes(&saves->seed, &number, sizeof(number));
    snprintf(name, SAVE_NAME_SIZE, SAVE_PREFIX "%016" PRIx64 SAVE_PART, number);
}

/* True when the kept file is one to go on with. */
static bool adopt(struct save *save, struct save_origin *origin)
{
    struct stat info;
    uint64_t size;

    if (!sidecar_read(save->saves, save->name, origin) ||
        fstat(save->fd, &info) != 0)
        return false;
    size = (uint64_t)info.st_size;
    /* A byte to ask for, so that the server is asked at all. */
    if (size > 0 && (origin->total == 0 || size == origin->total))
        size--;
    if (size == 0 || (origin->total > 0 && size > origin->total))
        return false;
    if (ftruncate(save->fd, (off_t)size) != 0 ||
        lseek(save->fd, (off_t)size, SEEK_SET) < 0)
        return false;
    save->size = size;
    save->noted = true;
    return true;
}

static void name_of_key(char name[SAVE_NAME_SIZE], const unsigned char *key,
                        const char *end)
{
    char digits[KEY_DIGITS + 1];

    hex_encode(digits, key, REQUEST_KEY_SIZE);
    snprintf(name, SAVE_NAME_SIZE, SAVE_PREFIX "%s%s", digits, end);
}

bool saves_kept(struct saves *saves, const unsigned char key[REQUEST_KEY_SIZE])
{
    char name[SAVE_NAME_SIZE];

    if (!saves->options.resume)
        return false;
    name_of_key(name, key, SAVE_SIDECAR);
    return faccessat(saves->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool begin_kept(struct save *save, const unsigned char *key,
                       struct save_origin *origin)
{
    name_of_key(save->name, key, SAVE_PART);
    save->fd = kept_open(save->saves, save->name);
    if (save->fd < 0)
        return false;
    save->keyed = true;
    if (!adopt(save, origin)) {
        save_origin_release(origin);
        save_restart(save);
    }
    return true;
}

static bool begin_new(struct save *save)
{
    for (int i = 0; i < NAME_TRIES; i++) {
        saves_random_name(save->saves, save->name);
        save->fd =
            openat(save->saves->fd, save->name,
                   O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (save->fd >= 0 || errno != EEXIST)
            return save->fd >= 0;
    }
    return false;
}

struct save *save_begin(struct saves *saves,
                        const unsigned char key[REQUEST_KEY_SIZE],
                        struct save_origin *origin, int *os_errno,
                        struct why *why)
{
    struct save *save = xcalloc(1, sizeof(*save));

    save->saves = saves;
    if (origin)
        *origin = (struct save_origin){0};
    if (key && saves->options.resume && begin_kept(save, key, origin))
        return save;
    if (begin_new(save))
        return save;
    *os_errno = errno;
    why_set(why, "cannot make a file in %.100s: %s", saves->dir,
            strerror(*os_errno));
    free(save);
    return NULL;
}

/* Writes what waits for the rest of its page. As save_write. */
static int flush(struct save *save)
{
    if (save->error == 0 && save->waits > 0 &&
        io_write(save->fd, save->waiting, save->waits) != 0)
        save->error = errno;
    save->waits = 0;
    return save->error ? -1 : 0;
}

/* What waits and the bytes behind it, in one call of the system where it can
 * be; -1 with errno. */
static int write_both(struct save *save, const char *bytes, size_t len)
{
    const struct iovec both[] = {
        {.iov_base = save->waiting, .iov_len = save->waits},
        {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len},
    };
    ssize_t count = writev(save->fd, both, 2);
    size_t done = count > 0 ? (size_t)count : 0;
    size_t early = done < save->waits ? done : save->waits;

    if (count < 0 && errno != EINTR)
        return -1;
    if (io_write(save->fd, save->waiting + early, save->waits - early) != 0)
        return -1;
    save->waits = 0;
    return io_write(save->fd, bytes + (done - early), len - (done - early));
}

/* Writes as many whole pages as there are; the rest waits. */
static int write_pages(struct save *save, const char *bytes, size_t len)
{
    size_t over = (size_t)((save->size + len) % PAGE_BYTES);

    if (!save->waiting)
        save->waiting = xmalloc(PAGE_BYTES);
    if (over < save->waits + len) { /* a page ends within the bytes */
        if (write_both(save, bytes, len - over) != 0)
            return -1;
        bytes += len - over;
        len = over;
    }
    memcpy(save->waiting + save->waits, bytes, len);
    save->waits += len;
    return 0;
}

int save_write(struct save *save, const void *bytes, size_t len)
{
    int status;

    if (save->error != 0)
        return -1;
    status = save->size < PAGES_AFTER ? io_write(save->fd, bytes, len)
                                      : write_pages(save, bytes, len);
    if (status != 0)
        save->error = errno;
    else
        save->size += len;
    return status;
}

int save_errno(const struct save *save)
{
    return save->error;
}

uint64_t save_size(const struct save *save)
{
    return save->size;
}

int save_reread(struct save *save,
                void (*put)(void *to, const void *bytes, size_t len), void *to)
{
    char *room = xmalloc(READ_BYTES);
    uint64_t at = 0;

    flush(save);
    while (save->error == 0 && at < save->size) {
        ssize_t count = pread(save->fd, room, READ_BYTES, (off_t)at);

        if (count == 0)
            save->error = EIO; /* somebody has cut it */
        else if (count < 0 && errno != EINTR)
            save->error = errno;
        else if (count > 0)
            put(to, room, (size_t)count);
        at += count > 0 ? (uint64_t)count : 0;
    }
    free(room);
    return save->error ? -1 : 0;
}

int save_restart(struct save *save)
{
    if (save->keyed)
        sidecar_remove(save->saves, save->name); /* before what it is of */
    save->noted = false;
    save->size = save->waits = 0;
    if (save->error == 0 &&
        (ftruncate(save->fd, 0) != 0 || lseek(save->fd, 0, SEEK_SET) < 0))
        save->error = errno;
    return save->error ? -1 : 0;
}

/* RFC 9110 section 13.1.5: no range by a weak one. */
static bool has_validator(const struct save_origin *origin)
{
    return (origin->etag && strncmp(origin->etag, "W/", 2) != 0) ||
           origin->last_modified;
}

void save_note(struct save *save, const struct save_origin *origin)
{
    if (save->keyed && has_validator(origin))
        save->noted = sidecar_write(save->saves, save->name, origin);
}

/* Leaves the file's present name, and all else of ours, where it is. */
static void end(struct save *save)
{
    if (save->fd >= 0)
        close(save->fd);
    free(save->waiting);
    free(save);
}

void save_drop(struct save *save)
{
    if (!save)
        return;
    if (save->keyed)
        sidecar_remove(save->saves, save->name);
    unlinkat(save->saves->fd, save->name, 0);
    end(save);
}

bool save_keep(struct save *save)
{
    bool kept = save->noted && save->size > 0;

    flush(save); /* where that fails there is a little less */
    if (kept && save->saves->options.durable)
        kept = fsync(save->fd) == 0;
    if (kept)
        end(save);
    else
        save_drop(save);
    return kept;
}

/* Splits a name where its last component begins; 0: it is alone. */
static size_t folder_length(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? (size_t)(slash - name) : 0;
}

static bool is_allowed(const char *name)
{
    size_t len;

    do {
        len = strcspn(name, "/");
        if (len == 0 || (len == 1 && name[0] == '.') ||
            (len == 2 && memcmp(name, "..", 2) == 0) ||
            strncmp(name, SAVE_PREFIX, sizeof(SAVE_PREFIX) - 1) == 0)
            return false;
        name += len + 1;
    } while (name[-1] == '/');
    return true;
}

/* The folder of a name, DIR for none; -1 with errno. */
static int folder_of(struct saves *saves, const char *name, bool make)
{
    size_t len = folder_length(name);

    return len > 0 ? saves_folder(saves, name, len, make) : saves->fd;
}

/* The last component. */
static const char *base_of(const char *name)
{
    size_t len = folder_length(name);

    return len > 0 ? name + len + 1 : name;
}

bool saves_exists(struct saves *saves, const char *name, uint64_t *size)
{
    struct stat info;
    int folder;

    if (!is_allowed(name))
        return false;
    folder = folder_of(saves, name, false);
    if (folder < 0 ||
        fstatat(folder, base_of(name), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(info.st_mode))
        return false;
    *size = (uint64_t)info.st_size;
    return true;
}

/* Bytes to where they stay, mode, close: 0 or an error number. */
static int seal(struct save *save)
{
    struct saves *saves = save->saves;
    char name[SAVE_NAME_SIZE];
    int fd = save->fd;

    if (flush(save) != 0)
        return save->error;
    (void)fchmod(fd, saves->mode); /* a file system may have no modes */
    if (saves->options.durable && fsync(fd) != 0)
        return errno;
    if (save->keyed) { /* closing lets go of the lock of that name */
        saves_random_name(saves, name);
        if (renameat(saves->fd, save->name, saves->fd, name) != 0)
            return errno;
        sidecar_remove(saves, save->name);
        memcpy(save->name, name, sizeof(name));
        save->keyed = false;
    }
    save->fd = -1;
    return close(fd) == 0 ? 0 : errno; /* a network's disk may be full now */
}

/* Renames into the folder: 0 or an error number. */
static int move(struct save *save, int folder, const char *base)
{
    struct saves *saves = save->saves;
    struct stat info;

    if (fstatat(folder, base, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISREG(info.st_mode))
        return EEXIST;
    if (renameat(saves->fd, save->name, folder, base) != 0)
        return errno;
    /* EINVAL: folders have no fsync there */
    if (saves->options.durable && fsync(folder) != 0 && errno != EINVAL) {
        int error = errno;

        unlinkat(folder, base, 0);
        return error;
    }
    return 0;
}

static int place(struct save *save, const char *name)
{
    int folder = folder_of(save->saves, name, true);

    return folder < 0 ? errno : move(save, folder, base_of(name));
}

static int give_name(struct save *save, const char *name)
{
    size_t len = folder_length(name);
    int error = is_allowed(name) ? seal(save) : EINVAL;

    if (error == 0)
        error = place(save, name);
    if (error == ENOENT && len > 0) { /* somebody has removed the folder */
        saves_forget_folder(save->saves, name, len);
        error = place(save, name);
    }
    return error;
}

static const char *reason(int error)
{
    switch (error) {
    case EINVAL:
        return "the name is not allowed";
    case EEXIST:
        return "something else than a regular file has that name";
    case ENOTDIR:
        return "a folder of it is a link, or no folder";
    case EXDEV:
        return "another file system is mounted there";
    default:
        return strerror(error);
    }
}

int save_commit(struct save *save, const char *name, int *os_errno,
                struct why *why)
{
    int error = give_name(save, name);

    if (error == 0) {
        end(save);
        return 0;
    }
    *os_errno = error;
    why_set(why, "cannot save %.100s: %s", name, reason(error));
    save_drop(save);
    return -1;
}
