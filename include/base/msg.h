/* SPDX-License-Identifier: MIT */
/*
 * Messages, exit statuses and checked allocation.
 *
 * Everything that is said goes to stderr, a line at a time, with control
 * bytes, DEL, C1, bidi controls and invalid UTF-8 made visible: a message may
 * quote what a server or an input line sent, and no such byte may reach a
 * terminal raw.
 *
 * Three kinds of error (see the README): a bug or no memory dies here; wrong
 * use becomes a message and exit status 2 before anything is fetched; a failed
 * request is data and never comes this way.
 */
#ifndef BASE_MSG_H
#define BASE_MSG_H

#include <stdbool.h>
#include <stddef.h>

/* The exit statuses; a signal's drain gives 128 + its number. */
enum exit_status {
    STATUS_OK = 0,       /* every record is ok */
    STATUS_NOT_OK = 1,   /* some records are not ok */
    STATUS_USAGE = 2,    /* wrong usage, configuration or --strict input */
    STATUS_BUDGET = 3,   /* stopped by a failure budget */
    STATUS_DEADLINE = 4, /* the deadline cut work short */
    STATUS_LOCAL = 5,    /* output, state or another local fault */
};

/* One row of the table of exit statuses that the help and the man page show. */
struct exit_row {
    const char *status; /* "0", ..., "128+n" */
    const char *text;   /* what it means; no final stop */
};

/* The table, ended by a row whose status is NULL. */
extern const struct exit_row exit_rows[];

/* Why something failed: a caller's fixed buffer, so nobody has to free it. */
struct why {
    char text[200];
};

/*
 * Writes a formatted text into why (cut to fit); why may be NULL.
 * Returns -1, so that a failing function can end with `return why_set(...)`.
 */
int why_set(struct why *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Prints "afetch: " and the text on stderr as one line, made safe as above
 * ("\xNN", "\u{N}") and cut where it is over 4000 bytes. Keeps errno.
 */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As warn, then ends the process with STATUS_LOCAL: bugs and no memory. */
_Noreturn void die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * As the functions of the C library, but die when there is no memory, so they
 * never return NULL (a size of 0 gives a pointer that can be freed).
 */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

/* A copy of size bytes with a NUL behind them; the caller frees it. */
char *xmemdup(const void *bytes, size_t size);

#endif
