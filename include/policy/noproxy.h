/* SPDX-License-Identifier: MIT */
/*
 * The list of hosts that no proxy is used for (--noproxy, no_proxy), as curl
 * reads it (CURLOPT_NOPROXY(3)): items between commas or blanks. "example.com",
 * with or without a dot before or behind it, is that name and all names below
 * it, in any case; an address, or a block of them ("10.0.0.0/8"), is compared
 * with hosts that are addresses themselves, never with what a name resolves
 * to; "*" is every host. An item that is none of these matches nothing: the
 * list often comes from an environment that was made for other programs.
 * Wider than curl: "*" counts anywhere in the list, not as all of it alone,
 * "/0" is every address of its family, and IPv6 blocks work and may stand in
 * brackets (they match nothing in libcurl 7.88). So libcurl is not to be given
 * this list: CURLOPT_NOPROXY stays "".
 */
#ifndef POLICY_NOPROXY_H
#define POLICY_NOPROXY_H

#include <stdbool.h>

struct noproxy;

/* Reads a list, copying it; NULL, which matches no host, for one without
 * items (NULL included). */
struct noproxy *noproxy_new(const char *list);
void noproxy_free(struct noproxy *noproxy);

/* True when no proxy is to be used for the host of this host_key. */
bool noproxy_has(const struct noproxy *noproxy, const char *host_key);

/* True when that is so for every host: "*" is in the list. */
bool noproxy_has_all(const struct noproxy *noproxy);

#endif
