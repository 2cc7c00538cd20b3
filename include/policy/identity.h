/* SPDX-License-Identifier: MIT */
/*
 * The identity of a request (`key` in its record): the first 128 bits of the
 * SHA-256 of what is sent: method, normalised URL, its userinfo, body, and the
 * headers that the line itself gives (names in lower case, sorted, same names
 * in order), and the settings of the line that are sent as such: range,
 * referer, credentials. Each part is preceded by its length, so no two requests
 * share a text; a body that is given but empty has the length 2^64-1 to tell it
 * from none. Resume, dedupe, the ETag store and default file names all use it.
 */
#ifndef POLICY_IDENTITY_H
#define POLICY_IDENTITY_H

#include "base/hash.h"
#include "model/request.h"

#include <stddef.h>

/* Sets request->key of a valid request. digest is scratch, reused by calls. */
void identity_of_request(struct request *request, struct digest *digest);

/* Sets request->key of an invalid line: the identity of its bytes. Of a line
 * that is too long only the first are known: two that begin alike share it. */
void identity_of_line(struct request *request, struct digest *digest,
                      const char *line, size_t len);

#endif
