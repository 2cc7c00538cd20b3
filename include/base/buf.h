/* SPDX-License-Identifier: MIT */
/*
 * Bounded bytes: a growing buffer that is told its maximum once and refuses
 * to pass it, so that no unbounded buffer exists. A buf knows only bytes.
 *
 * Invariant: when data is not NULL, data[len] is NUL, which len does not
 * count; so a buf without inner NULs can be read as a C string.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* owned; NULL until the first byte */
    size_t len; /* bytes held */
    size_t cap; /* bytes that fit without growing (NUL not counted) */
    size_t max; /* len never passes this */
    bool over;  /* an add was refused since the last init or clear */
};

/* An empty buffer of at most max bytes; allocates nothing. */
void buf_init(struct buf *buf, size_t max);

/* Frees the bytes; the buffer is then empty and can be used again. */
void buf_release(struct buf *buf);

/* Empties the buffer, keeps its memory, forgets an over-run. */
void buf_clear(struct buf *buf);

/*
 * Appends. On an over-run nothing is appended, `over` is set and -1 returned;
 * every later add is refused too until buf_clear (writers are sticky), so a
 * caller may check once at the end. Returns 0 otherwise.
 */
int buf_add(struct buf *buf, const void *bytes, size_t len);
int buf_add_str(struct buf *buf, const char *text);
int buf_add_char(struct buf *buf, char c);
int buf_addf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Room for len more bytes at data + len, to be written by the caller, who then
 * calls buf_grown with what was written (0 too: it puts the NUL back). NULL on
 * an over-run, as above.
 */
char *buf_room(struct buf *buf, size_t len);

/* Raises len by the bytes written into the room that buf_room gave. */
void buf_grown(struct buf *buf, size_t len);

/* Drops the first len bytes (len <= buf->len); the rest moves to the front. */
void buf_drop(struct buf *buf, size_t len);

/*
 * Hands the bytes over (caller frees; never NULL) and sets *len where len is
 * not NULL; the buffer is as new afterwards.
 */
char *buf_detach(struct buf *buf, size_t *len);

#endif
