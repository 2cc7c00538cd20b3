/* SPDX-License-Identifier: MIT */
/*
 * Locks between runs: whoever holds PATH.lock may load and replace PATH.
 * (PATH itself cannot be locked, for it is replaced.) The lock is flock(2)'s,
 * so it ends with the process, however that ends; nothing waits for it. A new
 * lock file has mode 0600: who may open it may also hold it for ever.
 *
 * The lock file is removed on release while it is still locked, and whoever
 * locks one looks whether it is still the one of that name, and otherwise
 * begins anew: so no two runs hold locks on two files of one name. A lock file
 * that a killed run left is taken over. A file of that name that is not empty
 * is somebody's own: it is locked, but never written or removed.
 */
#ifndef BASE_LOCK_FILE_H
#define BASE_LOCK_FILE_H

#include "base/msg.h"

struct lock_file;

/*
 * Locks path, which may be absent; its folder is there and may be written.
 * Of a link it is what the link points to that is locked, as in
 * base/atomic_file. NULL with why, and errno: EWOULDBLOCK where another run
 * holds it, else it cannot be locked.
 */
struct lock_file *lock_file_open(const char *path, struct why *why);

/* Gives the lock back and frees it; NULL is allowed. */
void lock_file_close(struct lock_file *lock);

#endif
