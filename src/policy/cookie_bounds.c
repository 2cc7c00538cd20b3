/* SPDX-License-Identifier: MIT */
/*
 * Shares the places of a jar between sites and their hosts, so that each gets
 * what it asks for up to an equal part. Knows neither jar nor cookies' values.
 */
#include "policy/cookie_bounds.h"

#include "base/map.h"
#include "base/msg.h"

#include <stdlib.h>
#include <string.h>

/* A host, or a site, which is made of its hosts. */
struct holder {
    struct holder *next;  /* of the same site; of all sites */
    struct holder *site;  /* a host's */
    struct holder *hosts; /* a site's: the first */
    size_t count;
    size_t over;        /* a host's: cookies that are yet to go */
    size_t quota, kept; /* a site's */
};

struct bounds {
    struct map hosts, sites;
    struct holder *holders; /* owned; of both kinds */
    size_t used;
    struct holder *first; /* of the sites */
};

const char *cookie_site(const char *host, size_t len)
{
    const char *end = host + len, *at = end;
    unsigned dots = 0;

    if (memchr(host, ':', len))
        return host;
    while (at > host && (at[-1] != '.' || ++dots < 2))
        at--;
    /* The last label of an address is a number. */
    return len > 0 && end[-1] >= '0' && end[-1] <= '9' ? host : at;
}

static struct holder *holder_of(struct bounds *bounds, struct map *map,
                                const char *name, size_t len)
{
    struct holder *holder = map_get(map, name, len);

    if (!holder) {
        holder = &bounds->holders[bounds->used++];
        map_put(map, name, len, holder);
    }
    return holder;
}

static struct holder *host_of(struct bounds *bounds,
                              const struct cookie_place *place)
{
    const char *site_name = cookie_site(place->host, place->len);
    size_t site_len = place->len - (size_t)(site_name - place->host);
    struct holder *host =
        holder_of(bounds, &bounds->hosts, place->host, place->len);
    struct holder *site;

    if (host->site)
        return host;
    site = holder_of(bounds, &bounds->sites, site_name, site_len);
    if (!site->hosts) {
        site->next = bounds->first;
        bounds->first = site;
    }
    host->site = site;
    host->next = site->hosts;
    site->hosts = host;
    return host;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The largest equal part, `most` or less, with which all have no more than
 * `room`; 1 where even that is too much. */
static size_t part_of(const struct holder *first, size_t room, size_t most)
{
    size_t low = 1, high = most;

    while (low < high) {
        size_t middle = high - (high - low) / 2, total = 0;

        for (const struct holder *at = first; at; at = at->next)
            total += least(at->count, middle);
        if (total <= room)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static void share(struct bounds *bounds)
{
    size_t of_site, of_host;

    for (struct holder *site = bounds->first; site; site = site->next)
        for (struct holder *host = site->hosts; host; host = host->next)
            site->count += least(host->count, COOKIES_HOST_MAX);
    of_site = part_of(bounds->first, COOKIES_MAX, COOKIES_SITE_MAX);
    for (struct holder *site = bounds->first; site; site = site->next) {
        site->quota = of_site;
        of_host = part_of(site->hosts, of_site, COOKIES_HOST_MAX);
        for (struct holder *host = site->hosts; host; host = host->next)
            host->over = host->count - least(host->count, of_host);
    }
}

/* Parts of one each may still be too many. */
static size_t mark(struct bounds *bounds, struct cookie_place *places,
                   size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct holder *host = host_of(bounds, &places[i]);

        places[i].drop = host->over > 0 ||
                         host->site->kept >= host->site->quota ||
                         kept >= COOKIES_MAX;
        if (host->over > 0)
            host->over--;
        if (places[i].drop)
            continue;
        host->site->kept++;
        kept++;
    }
    return count - kept;
}

size_t cookie_bounds(struct cookie_place *places, size_t count)
{
    struct bounds bounds = {.holders =
                                xcalloc(2 * count + 1, sizeof(struct holder))};
    size_t dropped;

    map_init(&bounds.hosts);
    map_init(&bounds.sites);
    for (size_t i = 0; i < count; i++)
        host_of(&bounds, &places[i])->count++;
    share(&bounds);
    dropped = mark(&bounds, places, count);
    map_release(&bounds.hosts);
    map_release(&bounds.sites);
    free(bounds.holders);
    return dropped;
}
