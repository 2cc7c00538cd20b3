/* SPDX-License-Identifier: MIT */
/*
 * Where the line of a request is, for a whole list. Knows files and offsets;
 * must not know what a response is, nor what a validator looks like.
 */
#include "world/etag_store.h"

#include "base/atomic_file.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/lock_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longest line; what is longer (by its URL) is written without a URL. */
#define LINE_SIZE ((size_t)64 * 1024)

/* Lines of this run are written when there are so many bytes of them. */
#define FRESH_BYTES ((size_t)256 * 1024)

/* Bad lines that are named one by one. */
#define WARNINGS 5

#define FIRST_ENTRIES 64
#define NO_ENTRY      UINT32_MAX

/* Where a line is, its end left out; len 0: nothing is known any more. */
struct entry {
    unsigned char key[REQUEST_KEY_SIZE];
    uint64_t fresh : 1; /* in store->scratch, not in the file */
    uint64_t at : 43;
    uint64_t len : 20;
};

static_assert(LINE_SIZE < 1 << 20, "len holds every line");

struct etag_store {
    char *path;             /* owned */
    struct lock_file *lock; /* owned */
    int fd;                 /* the file as it was read; -1: absent */
    int scratch;            /* lines of this run; -1: none yet */
    uint64_t scratch_len;   /* bytes written there */
    struct buf fresh;       /* and those that come behind them */
    bool changed;           /* the file would be another */
    struct why trouble;     /* text "" while all went well */

    struct entry *entries; /* owned, in the order of their lines */
    uint32_t count, cap;
    uint32_t *places; /* owned; open addressing; NO_ENTRY: free */
    uint32_t place_count;
    size_t known;
    struct hash_seed seed;
};

/* The place of the key, or the free one where it belongs. */
static uint32_t *place_of(const struct etag_store *store,
                          const unsigned char *key)
{
    uint32_t mask = store->place_count - 1;
    uint32_t at =
        (uint32_t)hash_bytes(&store->seed, key, REQUEST_KEY_SIZE) & mask;

    while (store->places[at] != NO_ENTRY &&
           memcmp(store->entries[store->places[at]].key, key,
                  REQUEST_KEY_SIZE) != 0)
        at = (at + 1) & mask;
    return &store->places[at];
}

/* Room for one more: twice as many places as entries, at least. */
static void grow(struct etag_store *store)
{
    if (store->count >= UINT32_MAX / 4)
        die("%s: too many requests", store->path);
    store->cap = store->cap ? store->cap + store->cap / 2 : FIRST_ENTRIES;
    store->entries =
        xrealloc(store->entries, store->cap * sizeof(*store->entries));
    if (store->place_count / 2 >= store->cap)
        return;
    while (store->place_count / 2 < store->cap)
        store->place_count = store->place_count ? 2 * store->place_count : 2;
    free(store->places);
    store->places = xmalloc(store->place_count * sizeof(*store->places));
    memset(store->places, 0xff, store->place_count * sizeof(*store->places));
    for (uint32_t i = 0; i < store->count; i++)
        *place_of(store, store->entries[i].key) = i;
}

static const struct entry *find_entry(const struct etag_store *store,
                                      const unsigned char *key)
{
    uint32_t at = store->count ? *place_of(store, key) : NO_ENTRY;

    return at == NO_ENTRY ? NULL : &store->entries[at];
}

static void set_entry(struct etag_store *store, const unsigned char *key,
                      bool fresh, uint64_t at, size_t len)
{
    struct entry *entry;
    uint32_t *place;

    if (store->count == store->cap)
        grow(store);
    place = place_of(store, key);
    if (*place == NO_ENTRY) {
        *place = store->count++;
        store->entries[*place].len = 0;
        memcpy(store->entries[*place].key, key, REQUEST_KEY_SIZE);
    }
    entry = &store->entries[*place];
    store->known -= entry->len > 0;
    store->known += len > 0;
    entry->fresh = fresh;
    entry->at = at & ((UINT64_C(1) << 43) - 1);
    entry->len = len & ((UINT64_C(1) << 20) - 1);
}

/*
 * The line of an entry, in the caller's room or in the fresh bytes. NULL when
 * it is no longer there, as after somebody wrote into the file.
 */
static const char *line_of(const struct etag_store *store,
                           const struct entry *entry, char room[LINE_SIZE],
                           struct validators *validators)
{
    unsigned char key[REQUEST_KEY_SIZE];
    const char *line = room;

    if (entry->fresh && entry->at >= store->scratch_len)
        line = store->fresh.data + (entry->at - store->scratch_len);
    else if (io_read_at(entry->fresh ? store->scratch : store->fd, room,
                        entry->len, entry->at) != 0)
        return NULL;
    if (validators_read(line, entry->len, key, validators, NULL) != 0 ||
        memcmp(key, entry->key, sizeof(key)) != 0)
        return NULL;
    return line;
}

bool etag_store_find(const struct etag_store *store,
                     const unsigned char key[REQUEST_KEY_SIZE],
                     struct validators *validators)
{
    const struct entry *entry = find_entry(store, key);
    char room[LINE_SIZE];

    return entry && entry->len && line_of(store, entry, room, validators);
}

bool etag_store_is_new(const struct etag_store *store,
                       const unsigned char key[REQUEST_KEY_SIZE])
{
    const struct entry *entry = find_entry(store, key);

    return entry && entry->len && entry->fresh;
}

/* What went wrong in reading, for one word about it at the end. */
struct reading {
    uint64_t line, at;     /* number of the line, its first byte */
    uint64_t bad, foreign; /* lines that are none; not even the beginning */
};

static void read_line(struct etag_store *store, struct reading *reading,
                      const char *line, size_t len, bool whole)
{
    unsigned char key[REQUEST_KEY_SIZE];
    struct validators validators;
    struct why why;

    reading->line++;
    if (len > LINE_SIZE)
        why_set(&why, "longer than %zu bytes", LINE_SIZE);
    else if (validators_read(line, len, key, &validators, &why) == 0) {
        set_entry(store, key, false, reading->at, len);
        return;
    }
    store->changed = true;
    reading->foreign += len > 0 && line[0] != '{';
    if (++reading->bad <= WARNINGS)
        warn("%s:%" PRIu64 ": %s; the line is left out", store->path,
             reading->line, whole ? why.text : "cut off");
}

/* Takes the whole lines out of the bytes; of one that is too long only the
 * beginning is kept, and `skipped` are the bytes that came behind it. */
static void read_lines(struct etag_store *store, struct reading *reading,
                       struct buf *bytes, uint64_t *skipped)
{
    const char *at = bytes->data, *end = at + bytes->len, *stop;

    while ((stop = memchr(at, '\n', (size_t)(end - at)))) {
        read_line(store, reading, at, (size_t)(stop - at), true);
        reading->at += (size_t)(stop - at) + 1 + *skipped;
        *skipped = 0;
        at = stop + 1;
    }
    buf_drop(bytes, (size_t)(at - bytes->data));
    if (bytes->len > LINE_SIZE + 1) {
        *skipped += bytes->len - (LINE_SIZE + 1);
        bytes->len = LINE_SIZE + 1;
        bytes->data[bytes->len] = '\0';
    }
}

static int read_file(struct etag_store *store, struct reading *reading,
                     struct why *why)
{
    struct buf bytes;
    uint64_t skipped = 0;
    ssize_t n;

    buf_init(&bytes, 4 * LINE_SIZE);
    do {
        char *room = buf_room(&bytes, 2 * LINE_SIZE);

        n = read(store->fd, room, 2 * LINE_SIZE);
        buf_grown(&bytes, n > 0 ? (size_t)n : 0);
        read_lines(store, reading, &bytes, &skipped);
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0)
        why_set(why, "cannot read %s: %s", store->path, strerror(errno));
    else if (bytes.len > 0)
        read_line(store, reading, bytes.data, bytes.len, false);
    buf_release(&bytes);
    return n < 0 ? -1 : 0;
}

static int load(struct etag_store *store, struct why *why)
{
    struct reading reading = {0};

    store->fd = open(store->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (store->fd < 0)
        return errno == ENOENT ? 0
                               : why_set(why, "cannot read %s: %s", store->path,
                                         strerror(errno));
    if (read_file(store, &reading, why) != 0)
        return -1;
    if (store->count == 0 && reading.foreign > 0)
        return why_set(why, "%s is no ETag store", store->path);
    if (reading.bad > WARNINGS)
        warn("%s: %" PRIu64 " more such lines", store->path,
             reading.bad - WARNINGS);
    return 0;
}

struct etag_store *etag_store_open(const char *path, struct why *why)
{
    struct lock_file *lock = lock_file_open(path, why);
    struct etag_store *store;

    if (!lock)
        return NULL;
    store = xcalloc(1, sizeof(*store));
    store->path = xstrdup(path);
    store->lock = lock;
    store->fd = store->scratch = -1;
    buf_init(&store->fresh, FRESH_BYTES + 2 * LINE_SIZE);
    hash_seed_random(&store->seed);
    if (load(store, why) == 0)
        return store;
    etag_store_close(store);
    return NULL;
}

/* Moves the fresh lines out of memory. */
static void spill(struct etag_store *store)
{
    if (store->scratch < 0 && !store->trouble.text[0])
        store->scratch = atomic_file_scratch(store->path, &store->trouble);
    if (store->scratch < 0)
        return;
    if (io_write(store->scratch, store->fresh.data, store->fresh.len) != 0) {
        why_set(&store->trouble, "cannot write beside %s: %s", store->path,
                strerror(errno));
        return;
    }
    store->scratch_len += store->fresh.len;
    buf_clear(&store->fresh);
}

void etag_store_put(struct etag_store *store,
                    const unsigned char key[REQUEST_KEY_SIZE],
                    const struct validators *validators, const char *url)
{
    const struct entry *entry = find_entry(store, key);
    size_t before = store->fresh.len;

    if (store->trouble.text[0])
        return;
    if (!validators ||
        (!validators->etag[0] && !validators->last_modified[0])) {
        if (entry && entry->len) {
            set_entry(store, key, false, 0, 0);
            store->changed = true;
        }
        return;
    }
    validators_write(&store->fresh, key, validators,
                     url && strlen(url) < LINE_SIZE / 8 ? url : NULL);
    set_entry(store, key, true, store->scratch_len + before,
              store->fresh.len - before - 1);
    store->changed = true;
    if (store->fresh.len >= FRESH_BYTES)
        spill(store);
}

static void write_lines(struct etag_store *store, FILE *stream)
{
    char room[LINE_SIZE];
    struct validators validators;
    uint64_t lost = 0;

    for (uint32_t i = 0; i < store->count; i++) {
        const struct entry *entry = &store->entries[i];
        const char *line;

        if (entry->len == 0)
            continue;
        line = line_of(store, entry, room, &validators);
        if (!line) {
            lost++;
            continue;
        }
        fwrite(line, 1, entry->len, stream);
        putc('\n', stream);
    }
    if (lost > 0)
        warn("%s: %" PRIu64 " lines changed while it was in use and are left "
             "out",
             store->path, lost);
}

int etag_store_save(struct etag_store *store, struct why *why)
{
    struct atomic_file *file;

    if (store->trouble.text[0])
        return why_set(why, "%s", store->trouble.text);
    if (!store->changed)
        return 0;
    file = atomic_file_open(store->path, 0666, why);
    if (!file)
        return -1;
    write_lines(store, atomic_file_stream(file));
    if (atomic_file_commit(file, why) != 0)
        return -1;
    store->changed = false;
    return 0;
}

void etag_store_close(struct etag_store *store)
{
    if (!store)
        return;
    if (store->fd >= 0)
        close(store->fd);
    if (store->scratch >= 0)
        close(store->scratch);
    buf_release(&store->fresh);
    free(store->entries);
    free(store->places);
    lock_file_close(store->lock);
    free(store->path);
    free(store);
}

size_t etag_store_count(const struct etag_store *store)
{
    return store->known;
}
