/* SPDX-License-Identifier: MIT */
/* The identity of a request together with what the run says of all of them. */
#ifndef POLICY_IDENTITY_RUN_H
#define POLICY_IDENTITY_RUN_H

#include "base/hash.h"
#include "model/config.h"
#include "model/request.h"

#include <stdbool.h>

/*
 * Sets key to request->key, with that taken in which the command line, or the
 * file of hosts, adds to the line: header fields, and as whom it is sent by
 * name (a user's name, the files of cookies, netrc and client certificate). No
 * secret is taken in, as a hash would let it be guessed: false where one is
 * added that has no name (a token, a cookie, a field that is secret). What the
 * line gives itself is in request->key. digest is scratch.
 */
bool identity_in_run(const struct request *request, const struct config *config,
                     struct digest *digest,
                     unsigned char key[REQUEST_KEY_SIZE]);

/* True when the config alone makes identity_in_run false, whatever a line that
 * gives no credentials says. */
bool identity_run_is_secret(const struct config *config);

#endif
