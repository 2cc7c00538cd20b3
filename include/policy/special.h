/* SPDX-License-Identifier: MIT */
/*
 * Special-purpose addresses: those that no public host has (RFC 6890 and the
 * registries of special-purpose addresses that IANA keeps by it), and the IPv4
 * addresses that an IPv6 address stands for.
 */
#ifndef POLICY_SPECIAL_H
#define POLICY_SPECIAL_H

#include "model/address.h"
#include "model/cidr.h"

#include <stddef.h>

/* Most IPv4 addresses that one IPv6 address may stand for. */
#define INNER_MAX 4

struct special {
    struct cidr block;
    const char *what; /* "loopback": reads well behind "is" */
};

/* The table, for tests and help; its size goes to *count. */
const struct special *special_table(size_t *count);

/* The special-purpose block of the address itself, not of what is inside it;
 * NULL for an ordinary address. */
const struct special *special_find(const struct address *address);

/*
 * Writes the IPv4 addresses inside an IPv6 address and returns how many. One
 * that is mapped (::ffff:0:0/96), translated (::ffff:0:0:0/96, RFC 2765),
 * compatible (::/96 but for :: and ::1, RFC 4291 2.5.5.1), 6to4 (2002::/16) or
 * of NAT64 (64:ff9b::/96) holds one. Of Teredo (2001::/32) it is the client's,
 * then the server's. Of 64:ff9b:1::/48, where networks choose the prefix's
 * length themselves (RFC 8215), it is each that may be meant (RFC 6052 2.2:
 * /48, /56, /64, /96).
 */
unsigned special_inner(const struct address *address,
                       struct address inner[INNER_MAX]);

#endif
