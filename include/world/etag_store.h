/* SPDX-License-Identifier: MIT */
/*
 * The ETag store: a file of JSON lines (policy/validators says of what) that
 * keeps the validators of each request identity from run to run.
 *
 * It is meant for lists of a million: in memory a request takes some 40
 * bytes, its line stays in the file, or in a nameless one beside it for what
 * came in this run. A line is read when its request is looked up; it was read
 * at the start, so that is from the system's cache as a rule.
 *
 * The file is replaced as a whole by etag_store_save, and locked for one run
 * from open to close (base/atomic_file, base/lock_file).
 *
 * For GET and HEAD alone: elsewhere If-None-Match forbids (RFC 9110 13.1.2).
 */
#ifndef WORLD_ETAG_STORE_H
#define WORLD_ETAG_STORE_H

#include "base/msg.h"
#include "model/request.h"
#include "policy/validators.h"

#include <stdbool.h>
#include <stddef.h>

struct etag_store;

/*
 * Locks and reads the file. An absent one is an empty store; a line that is
 * none of a store's is warned about and left out (the first few by their
 * numbers); of two lines with one key the later holds. NULL with why: another
 * run holds it, it cannot be read or is no regular file, its folder cannot be
 * written, or it is plainly something else: no line is a store's, and one
 * that does not even begin as an object is there.
 */
struct etag_store *etag_store_open(const char *path, struct why *why);

/* The validators of a request; false: none are known. */
bool etag_store_find(const struct etag_store *store,
                     const unsigned char key[REQUEST_KEY_SIZE],
                     struct validators *validators);

/* True when it was this run that remembered those of the request last. */
bool etag_store_is_new(const struct etag_store *store,
                       const unsigned char key[REQUEST_KEY_SIZE]);

/*
 * Remembers those of a final response of the 200 class. When there are none
 * (NULL, or both ""), those of an earlier response are forgotten: they are of
 * what is no longer there. Of a 304 only call it with what the 304 brings.
 * url is without userinfo. Never fails: trouble is told by the save.
 */
void etag_store_put(struct etag_store *store,
                    const unsigned char key[REQUEST_KEY_SIZE],
                    const struct validators *validators, const char *url);

/*
 * Replaces the file, if anything has changed since it was read or saved.
 * 0; -1 with why: the file is as it was.
 */
int etag_store_save(struct etag_store *store, struct why *why);

/* Gives the lock back, forgets what was not saved; NULL is allowed. */
void etag_store_close(struct etag_store *store);

/* Requests that have validators. */
size_t etag_store_count(const struct etag_store *store);

#endif
