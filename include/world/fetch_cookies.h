/* SPDX-License-Identifier: MIT */
/*
 * The cookies of a run: one jar for all hosts and connections, kept by
 * libcurl's cookie engine (RFC 6265, with the Public Suffix List where
 * libcurl has it). Files are of the Netscape format, as curl and browsers'
 * exports have it: seven fields between tabs, "#HttpOnly_" before the first.
 *
 * The jar file is locked for one run from open to close, and replaced as a
 * whole by the save (base/lock_file, base/atomic_file).
 *
 * libcurl bounds none of this but the size of one cookie: what is too much is
 * forgotten by policy/cookie_bounds, while files are read and while the run
 * goes on.
 */
#ifndef WORLD_FETCH_COOKIES_H
#define WORLD_FETCH_COOKIES_H

#include "base/msg.h"

#include <stddef.h>

struct cookies;

/*
 * Reads the files in their order, then the jar (what it has wins); jar NULL:
 * nothing is saved. An absent jar is an empty one, an absent file is an error.
 * A line that is no cookie is warned about by its number and left out; so are
 * lines "Set-Cookie: ...", which do not say of which host they are. Cookies
 * that have expired are passed over, those of a session are kept, as in curl.
 * NULL with why: a file cannot be read, the jar is in use by another run, no
 * regular file, or cannot be written; or it is plainly something else: it has
 * lines, and none is a cookie.
 */
struct cookies *cookies_open(const char *jar, const char *const *files,
                             size_t count, struct why *why);

/*
 * Replaces the jar with what is there now, those of a session included; a new
 * one gets mode 0600. Nothing to do without a jar. 0; -1 with why: the jar is
 * as it was.
 */
int cookies_save(struct cookies *cookies, struct why *why);

/* After the engine: no handle may be attached any more. NULL is allowed. */
void cookies_close(struct cookies *cookies);

#endif
