/* SPDX-License-Identifier: MIT */
/* Whose credentials a request has: its own before those of the run. */
#ifndef POLICY_CREDENTIALS_H
#define POLICY_CREDENTIALS_H

#include "model/request.h"

#include <stdbool.h>

/* At most one of the two; all borrowed from the request and its settings. */
struct credentials {
    const char *user;   /* "user:password"; NULL: none */
    const char *bearer; /* a token; NULL: none */
    bool of_line;       /* the line gives them: they stand instead of all that
                           the run gives, an Authorization field included */
};

/* What a request shows to the origin that its line names: the userinfo of its
 * URL, else what its line says in settings, else what the run says. */
void credentials_of(const struct request *request,
                    struct credentials *credentials);

/* Of settings that a line has made its own: where it gives one of user and
 * token, the run's other one is dropped. -1 when it gives both. */
int credentials_settle(struct settings *own, const struct settings *run);

#endif
