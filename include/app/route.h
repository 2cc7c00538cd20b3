/* SPDX-License-Identifier: MIT */
/*
 * How a hop reaches its server: directly or through a proxy, over which
 * socket, at whose addresses, and whether it may. Puts policy's guard, proxies
 * and pins and the resolver together; what it finds goes to the engine.
 */
#ifndef APP_ROUTE_H
#define APP_ROUTE_H

#include "app/task.h"
#include "model/config.h"
#include "policy/guard.h"
#include "policy/host.h"
#include "policy/names.h"
#include "world/fetch.h"
#include "world/resolve.h"

#include <stdbool.h>

struct routes;

/* What a hop is told. Valid until the next call on the routes. */
struct route {
    const char *proxy;          /* NULL: none */
    const char *target;         /* host key to connect to; NULL: the URL's */
    struct addresses addresses; /* none: an address, or the proxy's to find */
    struct names_reply reply;   /* of the lookup: its times, its failure */
    enum ender ender;           /* of a lookup that took too long */
    struct why why;             /* BLOCKED: why */
    bool denied_host;           /* BLOCKED: by the host's name */
};

enum route_say {
    ROUTE_GO,      /* leave now */
    ROUTE_WAIT,    /* hold the host: routes_next_open will name it */
    ROUTE_FAILED,  /* there is no address: reply.failure */
    ROUTE_BLOCKED, /* the guard refuses it */
};

/*
 * Reads what the config and the environment say. NULL with why for what cannot
 * be; config and resolve are borrowed. `now` is when the run began.
 */
struct routes *routes_new(const struct config *config, struct resolve *resolve,
                          double now, struct why *why);
void routes_free(struct routes *routes);

/* The guard, for the engine to ask about each connection; NULL: none. */
const struct guard *routes_guard(const struct routes *routes);

/* Says on stderr which proxies the environment gives, where they count and
 * without passwords. */
void routes_tell(const struct routes *routes);

/*
 * What can be said of it without looking up a name, for a run that sends
 * nothing: GO (then an address may still be refused, but for hosts that are
 * addresses or pinned to some) or BLOCKED.
 */
enum route_say routes_rehearse(struct routes *routes, const struct task *task,
                               const struct config *config, double now,
                               struct route *route);

/* The route of the task's hop. */
enum route_say routes_find(struct routes *routes, const struct task *task,
                           const struct config *config, double now,
                           struct route *route);

#endif
