/* SPDX-License-Identifier: MIT */
/*
 * The journal: reads the output of earlier runs, and says what is done. Knows
 * where lines are torn and which belong together; what a line says is
 * policy/done's.
 */
#include "world/journal_priv.h"

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/lock_file.h"
#include "policy/file_taken.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int journal_fail(const struct journal *journal, const char *what,
                 struct why *why)
{
    return why_set(why, "cannot %s %s: %s", what, journal->name,
                   strerror(errno));
}

/* Items */

static void free_stream(struct journal *journal, struct journal_stream *stream)
{
    map_remove(&journal->streams, (const char *)&stream->index,
               sizeof(stream->index));
    list_remove(&stream->node);
    free(stream);
}

static void free_streams(struct journal *journal)
{
    struct list *node;

    while ((node = list_pop_front(&journal->all)))
        free_stream(journal, container_of(node, struct journal_stream, node));
    map_release(&journal->streams);
}

static struct journal_stream *stream_of(const struct journal *journal,
                                        uint64_t index)
{
    return map_get(&journal->streams, (const char *)&index, sizeof(index));
}

static void add_item(struct journal *journal, uint64_t index, uint64_t at)
{
    struct journal_stream *stream = stream_of(journal, index);

    if (stream) {
        stream->items++;
        return;
    }
    stream = xmalloc(sizeof(*stream));
    *stream = (struct journal_stream){.index = index, .at = at, .items = 1};
    list_push_back(&journal->all, &stream->node);
    map_put(&journal->streams, (const char *)&stream->index,
            sizeof(stream->index), stream);
}

bool journal_drops_item(const struct journal *journal, uint64_t index,
                        uint64_t at)
{
    const struct journal_stream *stream = stream_of(journal, index);

    return stream && at >= stream->at;
}

/* The survey */

static void drop_from(struct journal *journal, uint64_t at)
{
    if (at < journal->first_drop)
        journal->first_drop = at;
}

/* Its body must not be overwritten by that of another request. */
static void take_name(struct journal *journal, const struct done_line *found)
{
    struct buf *name = &journal->body_name;

    buf_clear(name);
    buf_grown(name, json_unquote(found->file, found->file_len,
                                 buf_room(name, found->file_len)));
    file_taken_note(journal->names, name->data);
}

static void take_done(struct journal *journal, const struct done_line *found)
{
    struct journal_stream *stream = NULL;

    if (!list_empty(&journal->all))
        stream = stream_of(journal, found->index);
    if (stream)
        free_stream(journal, stream);
    if (journal->names && found->file)
        take_name(journal, found);
    seen_add(journal->done, found->key);
    journal->counts.found++;
    if (found->ok) {
        journal->counts.ok += !found->duplicate;
        return;
    }
    seen_add(found->lost ? journal->lost : journal->failed, found->key);
    journal->counts.failed += !found->lost;
}

/* So that a line need not be read again to be written. */
void marks_add(struct marks *marks, enum done_kind kind)
{
    unsigned shift = 2 * (marks->count++ % 4);

    if (shift == 0)
        buf_add_char(&marks->bytes, 0);
    marks->bytes.data[marks->bytes.len - 1] |= (char)((unsigned)kind << shift);
}

enum done_kind marks_get(const struct marks *marks, uint64_t number)
{
    unsigned char byte = (unsigned char)marks->bytes.data[number / 4];

    return (enum done_kind)(byte >> 2 * (number % 4) & 3);
}

/* What a line of ours says. */
static void take_line(struct journal *journal, enum done_kind kind,
                      const struct done_line *found, const struct line *line)
{
    journal->records++;
    if (kind != DONE_YES && journal->first_mark == NOWHERE)
        journal->first_mark = line->at;
    if (journal->first_mark != NOWHERE)
        marks_add(&journal->marks, kind);
    if (kind == DONE_NO) {
        journal->counts.dropped++;
        drop_from(journal, line->at);
        return;
    }
    journal->last_kept = line->at + line->len + 1;
    if (kind == DONE_ITEM)
        add_item(journal, found->index, line->at);
    else
        take_done(journal, found);
}

/* Behind records all may be torn; else it must look like the start of one, or
 * like what a file system puts where nothing was written. */
static bool may_be_torn(const struct journal *journal, const struct line *line)
{
    static const char start[] = "{\"index\":";
    size_t len = line->len < sizeof(start) - 1 ? line->len : sizeof(start) - 1;

    if (journal->records > 0 ||
        (len > 0 && memcmp(line->text, start, len) == 0))
        return true;
    for (size_t i = 0; i < line->len; i++) {
        if (line->text[i] != '\0')
            return false;
    }
    return line->len > 0;
}

/* Refuses FILE for a line of it, with the reason that why holds. */
static int refuse(const struct journal *journal, uint64_t number,
                  struct why *why)
{
    struct why reason = *why;

    return why_set(why,
                   "%s, line %" PRIu64 ": %s (--resume needs afetch's "
                   "records, with index, key, id, ok and error)",
                   journal->name, number, reason.text);
}

/* What is behind the last "\n". A record without it is as good as torn, for
 * nothing could be appended. */
static int take_tail(const struct journal *journal, const struct line *tail,
                     uint64_t number, struct why *why)
{
    struct done_line found;
    enum done_kind kind;

    if (tail->len == 0)
        return 0;
    kind = done_read(journal->reader, tail->text, tail->len, &found, why);
    if (kind == DONE_FOREIGN ||
        (kind == DONE_BROKEN && !may_be_torn(journal, tail)))
        return refuse(journal, number, why);
    return 0;
}

/* Reads all lines. Of one that is broken it is only known by the next whether
 * it is the last. */
static int survey_lines(struct journal *journal, struct lines *lines,
                        struct why *why)
{
    uint64_t number = 1, broken = 0;
    struct line line;
    int more;

    for (; (more = lines_next(lines, &line)) > 0; number++) {
        struct done_line found;
        struct why reason;
        enum done_kind kind;

        if (broken > 0)
            return refuse(journal, broken, why);
        kind = done_read(journal->reader, line.text, line.len, &found, &reason);
        if (kind == DONE_BROKEN || kind == DONE_FOREIGN) {
            *why = reason;
            if (kind == DONE_FOREIGN || !may_be_torn(journal, &line))
                return refuse(journal, number, why);
            broken = number;
            continue;
        }
        take_line(journal, kind, &found, &line);
        journal->end = line.at + line.len + 1;
    }
    if (more < 0)
        return journal_fail(journal, "read", why);
    journal->counts.torn = line.at + line.len - journal->end;
    return take_tail(journal, &line, number, why);
}

static int survey(struct journal *journal, struct why *why)
{
    struct lines lines;
    int bad;

    lines_init(&lines, journal->fd, 0);
    bad = survey_lines(journal, &lines, why);
    lines_release(&lines);
    list_foreach (node, &journal->all) {
        struct journal_stream *stream =
            container_of(node, struct journal_stream, node);

        drop_from(journal, stream->at);
        journal->counts.items += stream->items;
    }
    return bad;
}

/* What was found wrong is put right. */

static int cut(struct journal *journal, uint64_t end, struct why *why)
{
    if (ftruncate(journal->fd, (off_t)end) != 0 ||
        (journal->sync && fsync(journal->fd) != 0))
        return journal_fail(journal, "cut", why);
    return 0;
}

static int clean(struct journal *journal, struct why *why)
{
    if (journal->first_drop == NOWHERE)
        return journal->counts.torn > 0 ? cut(journal, journal->end, why) : 0;
    if (journal->first_drop >= journal->last_kept)
        return cut(journal, journal->first_drop, why);
    return journal_rewrite(journal, why);
}

/* A run without --resume holds FILE itself while it writes (world/sink). */
static int open_file(struct journal *journal, struct why *why)
{
    int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

    journal->fd = open(journal->path, flags);
    if (journal->fd < 0)
        return errno == ENOENT ? 1 : journal_fail(journal, "open", why);
    if (fstat(journal->fd, &journal->st) != 0)
        return journal_fail(journal, "read", why);
    if (!S_ISREG(journal->st.st_mode))
        return why_set(why, "cannot resume %s: it is no regular file",
                       journal->name);
    if (flock(journal->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return why_set(why, "%s is in use by another run", journal->name);
    return journal_fail(journal, "lock", why);
}

static int load(struct journal *journal, struct why *why)
{
    char *beside;
    int absent;

    journal->path = atomic_file_target(journal->name, why);
    if (!journal->path)
        return -1;
    journal->lock = lock_file_open(journal->name, why);
    if (!journal->lock)
        return -1;
    beside = journal_beside(journal);
    unlink(beside);
    free(beside);
    absent = open_file(journal, why);
    if (absent != 0)
        return absent < 0 ? -1 : 0;
    if (survey(journal, why) < 0)
        return -1;
    return clean(journal, why);
}

struct journal *journal_open(const char *path,
                             const struct journal_options *options,
                             struct why *why)
{
    struct journal *journal = xcalloc(1, sizeof(*journal));
    struct why unread;
    int bad;

    if (!why)
        why = &unread;
    journal->name = xstrdup(path);
    journal->sync = options->sync;
    journal->names = options->names;
    buf_init(&journal->body_name, SIZE_MAX);
    journal->done = seen_new();
    journal->failed = seen_new();
    journal->lost = seen_new();
    journal->reader = done_reader_new(options->retry_failed);
    journal->fd = -1;
    map_init(&journal->streams);
    list_init(&journal->all);
    journal->first_drop = journal->first_mark = NOWHERE;
    buf_init(&journal->marks.bytes, SIZE_MAX);
    bad = load(journal, why);
    if (journal->fd >= 0)
        close(journal->fd);
    free_streams(journal);
    buf_release(&journal->marks.bytes);
    if (bad == 0)
        return journal;
    journal_close(journal);
    return NULL;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    lock_file_close(journal->lock);
    seen_free(journal->done);
    seen_free(journal->failed);
    seen_free(journal->lost);
    done_reader_free(journal->reader);
    buf_release(&journal->body_name);
    free(journal->path);
    free(journal->name);
    free(journal);
}

enum journal_end journal_skip(struct journal *journal, const unsigned char *key,
                              const char *id, bool duplicate)
{
    unsigned char identity[DONE_KEY_SIZE];

    done_identity(journal->reader, key, id, duplicate, identity);
    if (!seen_take(journal->done, identity))
        return JOURNAL_NONE;
    journal->counts.skipped++;
    if (seen_take(journal->failed, identity))
        return JOURNAL_FAILED;
    return seen_take(journal->lost, identity) ? JOURNAL_LOST : JOURNAL_OK;
}

const struct journal_counts *journal_counts(const struct journal *journal)
{
    return &journal->counts;
}
