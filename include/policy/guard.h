/* SPDX-License-Identifier: MIT */
/*
 * The guard: which hosts and addresses may be connected to at all
 * (--block-private, --allow-host, --deny-host). Pure; cheap enough to be asked
 * for each hop and each connection.
 *
 * An item of --allow-host or --deny-host is
 * - an address ("192.0.2.1", "2001:db8::1", in brackets or not) or a block of
 *   them ("10.0.0.0/8"), which is compared with the addresses connected to;
 * - otherwise a glob of host names: `*` is any text, dots included, `?` any one
 *   byte, case does not matter, a final dot counts neither here nor in the
 *   URL. "example.com" is that name alone; "*.example.com" the names below it,
 *   not itself. A glob is compared with the host of the URL only, so that one
 *   of digits ("10.*") would miss names with such addresses: it is refused.
 * An item holds for every port, and may not name one.
 * With --connect-to, ask about the name connected to as well: it is one more
 * host.
 *
 * In this order: what --allow-host names, by name or by address, is let
 * through; what --deny-host names is refused; --block-private refuses the
 * special-purpose addresses of policy/special. A name that is denied is
 * refused before it is looked up, so that an address in --allow-host cannot
 * save it. An IPv4 address inside an IPv6 one is tested too: one that is
 * denied or private refuses the whole, and the whole is allowed when it is
 * named itself, or all that is inside it.
 */
#ifndef POLICY_GUARD_H
#define POLICY_GUARD_H

#include "base/msg.h"
#include "model/address.h"
#include "model/config.h"

#include <stdbool.h>

struct guard;

enum guard_say {
    GUARD_OPEN,    /* go on, and ask about each address */
    GUARD_ALLOWED, /* go on: every address of it is allowed */
    GUARD_DENIED,  /* refuse it now */
};

/*
 * Makes a guard; *guard becomes NULL when there is nothing to guard, which all
 * functions below take for "everything is open". The lists may be NULL; their
 * texts are copied. Returns 0, or -1 with why, which quotes the item (and
 * names its option).
 */
int guard_new(struct guard **guard, bool block_private,
              const struct strings *allow, const struct strings *deny,
              struct why *why);
void guard_free(struct guard *guard);

/* True when addresses matter, not names alone: behind a proxy or over a Unix
 * socket such a guard could not do its work. */
bool guard_needs_addresses(const struct guard *guard);

/*
 * To be asked for each hop before its name is looked up. A host that is an
 * address is decided here in full. DENIED sets why (NULL is allowed):
 * "127.0.0.1 is loopback (127.0.0.0/8)".
 */
enum guard_say guard_check_name(const struct guard *guard, const char *host_key,
                                struct why *why);

/*
 * To be asked before each connection, and of the peer of one that is used
 * again: may this address be connected to for the host? False sets why (NULL
 * is allowed).
 */
bool guard_check_address(const struct guard *guard, const char *host_key,
                         const struct address *address, struct why *why);

/*
 * Takes the addresses out that guard_check_address refuses; the others keep
 * their order. Returns how many are left. Where some are taken out, why
 * (NULL is allowed) says what was wrong with the first of them.
 */
unsigned guard_filter(const struct guard *guard, const char *host_key,
                      struct addresses *addresses, struct why *why);

#endif
