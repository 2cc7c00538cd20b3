/* SPDX-License-Identifier: MIT */
/* What the parts of the journal share: its survey of FILE. */
#ifndef WORLD_JOURNAL_PRIV_H
#define WORLD_JOURNAL_PRIV_H

#include "base/list.h"
#include "base/map.h"
#include "policy/done.h"
#include "policy/seen.h"
#include "world/journal.h"
#include "world/lines.h"

#include <sys/stat.h>

/* No byte of a file. */
#define NOWHERE UINT64_MAX

/* Items of a body whose record has not come, or is not done. */
struct journal_stream {
    struct list node;
    uint64_t index; /* the key in `streams` */
    uint64_t at;    /* where its first item begins */
    uint64_t items;
};

/* Kinds of lines (DONE_YES, DONE_NO, DONE_ITEM), four in a byte. */
struct marks {
    struct buf bytes;
    uint64_t count;
};

void marks_add(struct marks *marks, enum done_kind kind);
enum done_kind marks_get(const struct marks *marks, uint64_t number);

struct journal {
    struct lock_file *lock; /* owned */
    char *path;             /* owned; of FILE itself where a link was named */
    char *name;             /* owned; as the user says it */
    bool sync;
    struct seen *done;          /* owned; counts by identity */
    struct seen *failed, *lost; /* owned; those of done that are not ok */
    struct done_reader *reader; /* owned */
    struct file_taken *names;   /* borrowed, or NULL */
    struct buf body_name;       /* scratch */
    struct journal_counts counts;

    /* FILE, while opening */
    int fd;
    struct stat st;
    uint64_t records;    /* lines of ours, items too */
    struct map streams;  /* index to struct journal_stream */
    struct list all;     /* of these, owned */
    uint64_t first_drop; /* first byte of a line to be taken out, or NOWHERE */
    uint64_t first_mark; /* that of the first line that is no DONE_YES */
    struct marks marks;  /* the kinds of the lines from there on */
    uint64_t last_kept;  /* behind the last line that is (perhaps) kept */
    uint64_t end;        /* behind the last whole line */
};

/* True for an item at that byte whose record is missing or not done. */
bool journal_drops_item(const struct journal *journal, uint64_t index,
                        uint64_t at);

/*
 * Writes FILE anew up to `end` without what is to be taken out, and replaces
 * it. 0, or -1 with why: FILE is as it was.
 */
int journal_rewrite(struct journal *journal, struct why *why);

/* The name that journal_rewrite writes under, in FILE's folder: a run that was
 * killed may have left it, and whoever holds the lock may remove it. The
 * caller frees. */
char *journal_beside(const struct journal *journal);

/* Sets why to "cannot DO NAME: " and errno's text; -1. */
int journal_fail(const struct journal *journal, const char *what,
                 struct why *why);

#endif
