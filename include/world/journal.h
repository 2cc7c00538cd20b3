/* SPDX-License-Identifier: MIT */
/*
 * The output file as the journal of its run (--resume): which requests are
 * done, and a file that holds records of those alone, so that the records of
 * what is still to be done can be appended.
 *
 * Lines are whole by their "\n". What is behind the last one was torn off by
 * the end of an earlier run, and so was a last line that is no JSON: both are
 * cut. Any other line that is no record (policy/done) means that FILE is not
 * ours: it is refused and left as it is. So is a FILE that has nothing but
 * such an end, unless that begins as a record does.
 *
 * Taken out are records of requests that are not done, their items, and items
 * whose record never came. Where all of these are at the end of FILE it is
 * cut; else a new file is written beside it and renamed. A crash at any time
 * leaves the old FILE or the new one.
 */
#ifndef WORLD_JOURNAL_H
#define WORLD_JOURNAL_H

#include "base/msg.h"

#include <stdbool.h>
#include <stdint.h>

struct journal;
struct file_taken;

struct journal_options {
    bool retry_failed; /* only what is ok is done */
    bool sync;         /* fsync what is cut and renamed as well; what is written
                          anew is always on the disk before the rename, else
                          a power cut could cost the old records */
    struct file_taken *names; /* NULL, or takes the names of the bodies' files
                                 of what is done (policy/file_taken) */
};

struct journal_counts {
    uint64_t found;   /* records in FILE that are done */
    uint64_t ok;      /* of them ok, duplicates apart */
    uint64_t failed;  /* of them not ok, lost races apart */
    uint64_t dropped; /* records that were taken out, not being done */
    uint64_t items;   /* items that were taken out */
    uint64_t torn;    /* bytes of torn lines that were cut */
    uint64_t skipped; /* requests for which journal_skip was true */
};

/*
 * Locks path (base/lock_file, path.lock) until journal_close, reads it and
 * cleans it as above; it may be absent, and is then not made. Speed is about
 * that of the scanner, some hundred MB/s. Memory: the longest line, and 32
 * bytes for each distinct request that is done, twice where it is not ok. When
 * it returns, FILE is closed and ends with "\n" (or is empty): records may be
 * appended. The records must have index, key, id, ok and error, whatever fields
 * were asked for. NULL with why: another run has it, it is no regular file or
 * not ours, or the system fails. All are local faults (exit status 5).
 */
struct journal *journal_open(const char *path,
                             const struct journal_options *options,
                             struct why *why);

/* Frees it and gives the lock back: after the last record is written. */
void journal_close(struct journal *journal);

/* How a request that is done ended. */
enum journal_end {
    JOURNAL_NONE, /* it is not done */
    JOURNAL_OK,
    JOURNAL_FAILED,
    JOURNAL_LOST, /* its race */
};

/*
 * Whether the request with this key (16 bytes) and id (JSON text, or NULL) is
 * done: it is then not to be sent, and gets no record. As often as it is done:
 * each answer but JOURNAL_NONE uses one record up. With duplicate: whether its
 * record as a duplicate is there (--dedupe), for which nothing was sent.
 */
enum journal_end journal_skip(struct journal *journal, const unsigned char *key,
                              const char *id, bool duplicate);

/* found - skipped: done records that no request of the list has claimed. */
const struct journal_counts *journal_counts(const struct journal *journal);

#endif
