/* SPDX-License-Identifier: MIT */
/*
 * Which cookies a jar keeps when it has too many. RFC 6265 section 6.1 asks
 * for 50 of a domain and 3000 in all at least.
 *
 * What is over falls on those who have the most: on sites first, so that no
 * server takes the place of another site's cookies, whatever names it gives
 * itself; then on the hosts of a site; then on a host's oldest cookies.
 */
#ifndef POLICY_COOKIE_BOUNDS_H
#define POLICY_COOKIE_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>

#define COOKIES_MAX      3000 /* of all sites */
#define COOKIES_SITE_MAX 1000
#define COOKIES_HOST_MAX 150 /* libcurl sends no more in a request */

/* Of one cookie: its domain, without a dot before it. Not owned. */
struct cookie_place {
    const char *host;
    size_t len;
    bool drop; /* the answer */
};

/*
 * Marks those that must go; returns how many. The places are in the order in
 * which a host's cookies came. A site is the last two labels of a name, which
 * may be more than one owner's (co.uk): they then share its part.
 */
size_t cookie_bounds(struct cookie_place *places, size_t count);

/* The site of a host: its end, from there on; an address is a site alone. */
const char *cookie_site(const char *host, size_t len);

#endif
