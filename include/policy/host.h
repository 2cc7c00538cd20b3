/* SPDX-License-Identifier: MIT */
/*
 * Hosts as options name them ("Example.com.", "192.0.2.1", "[2001:db8::1]")
 * and as host keys hold them, brought to one form to be compared: names in
 * lower case without a final dot, addresses without brackets in their usual
 * text (RFC 5952).
 */
#ifndef POLICY_HOST_H
#define POLICY_HOST_H

#include "base/msg.h"
#include "model/address.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for any host name, and for any address, the NUL included. */
#define HOST_TEXT 256

/* Room for "https://", any host with brackets, ":65535" and a NUL. */
#define HOST_KEY_TEXT (HOST_TEXT + 16)

struct host {
    char text[HOST_TEXT]; /* never empty */
    bool is_address;
    struct address address; /* valid when is_address */
};

/*
 * Reads len bytes of an option. An IPv6 address may stand in brackets. Returns
 * 0, or -1 with why, which says what is wrong of "the host name".
 */
int host_parse(const char *text, size_t len, struct host *host,
               struct why *why);

/* The host of a host_key; its port, 1 to 65535, goes to *port where that is
 * not NULL. */
void host_of_key(const char *host_key, struct host *host, unsigned *port);

/* Reads a decimal port, 1 to 65535; 0 when it is not one. */
unsigned host_port(const char *text, size_t len);

#endif
