/* SPDX-License-Identifier: MIT */
/* The client's certificate as --cert names it: a file, and maybe the password
 * of its key. */
#ifndef POLICY_CLIENT_CERT_H
#define POLICY_CLIENT_CERT_H

/* Both owned. */
struct client_cert {
    char *file;
    char *password; /* NULL: none is given */
};

/*
 * Splits "FILE[:PASSWORD]" as curl(1) does: the password is what stands behind
 * the first colon; in FILE "\:" is a colon and "\\" a backslash, and any other
 * backslash is itself. An empty password is none. client_cert_release after it.
 */
void client_cert_init(struct client_cert *cert, const char *text);
void client_cert_release(struct client_cert *cert);

#endif
