/* SPDX-License-Identifier: MIT */
/*
 * The route of a hop. It knows in which order guard, proxy, pins and resolver
 * are asked, and must not decide what they decide.
 */
#include "app/route.h"

#include "base/msg.h"
#include "policy/pins.h"
#include "policy/proxy.h"
#include "policy/url.h"
#include "world/slurp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROXY_LIST_MAX ((size_t)16 << 20)

struct routes {
    struct resolve *resolve; /* borrowed */
    struct guard *guard;     /* owned; NULL: everything is open */
    struct proxies *proxies; /* owned */
    struct pins *pins;       /* owned; the run's; NULL: none */
    struct proxy_environment environment;
    char target[HOST_KEY_TEXT]; /* of the route found last */
    char *own_proxy;            /* owned; of the route found last */
    bool settled; /* by options: the environment's proxies do not count */
    double began;
};

/* The lines of --proxy-list, in place; blank lines and comments are none. */
static struct strings list_lines(char *text)
{
    struct strings list = {0};
    char *line;

    while ((line = strsep(&text, "\n"))) {
        line += strspn(line, " \t\r");
        line[strcspn(line, " \t\r")] = '\0';
        if (!*line || *line == '#')
            continue;
        list.items =
            xrealloc(list.items, (list.count + 1) * sizeof(*list.items));
        list.items[list.count++] = line;
    }
    return list;
}

static int read_list(const char *path, struct buf *text, struct why *why)
{
    struct slurp slurp = {0};
    struct why inner;

    if (!path)
        return 0;
    if (slurp_file(&slurp, path, text, &inner) != 0)
        return why_set(why, "--proxy-list: %s", inner.text);
    return 0;
}

static int make_proxies(struct routes *routes, const struct config *config,
                        struct why *why)
{
    struct strings list;
    struct buf text;
    int status;

    buf_init(&text, PROXY_LIST_MAX);
    buf_add_str(&text, "");
    for (int i = 0; i < PROXY_VARIABLES; i++)
        routes->environment.value[i] =
            getenv(proxy_variable_name((enum proxy_variable)i));
    status = read_list(config->proxy_list, &text, why);
    list = list_lines(text.data);
    if (status == 0 && config->proxy_list && list.count == 0)
        status =
            why_set(why, "--proxy-list: %s holds no proxy", config->proxy_list);
    if (status == 0)
        status = proxies_new(
            &routes->proxies,
            &(struct proxy_setting){.proxy = config->settings.proxy,
                                    .noproxy = config->settings.noproxy,
                                    .list = &list,
                                    .environment = &routes->environment},
            why);
    free(list.items);
    buf_release(&text);
    return status;
}

/* Behind a proxy, or a socket that is no network's, addresses are not seen. */
static int check_guard(const struct routes *routes, const struct config *config,
                       struct why *why)
{
    if (!guard_needs_addresses(routes->guard))
        return 0;
    if (proxies_any(routes->proxies))
        return why_set(why,
                       "--block-private and --deny-host of addresses cannot be "
                       "kept through a proxy (-x, or the environment's): the "
                       "proxy would connect for us (--noproxy '*' uses none)");
    if (config->settings.unix_socket)
        return why_set(why, "--block-private and --deny-host of addresses "
                            "cannot be kept with --unix-socket");
    return 0;
}

struct routes *routes_new(const struct config *config, struct resolve *resolve,
                          double now, struct why *why)
{
    struct routes *routes = xcalloc(1, sizeof(*routes));
    const struct settings *settings = &config->settings;

    routes->resolve = resolve;
    routes->settled = settings->proxy || config->proxy_list;
    routes->began = now;
    if (make_proxies(routes, config, why) == 0 &&
        guard_new(&routes->guard, config->block_private, &config->allow_host,
                  &config->deny_host, why) == 0 &&
        pins_new(&routes->pins, &settings->resolve, &settings->connect_to,
                 now + config->dns_ttl, why) == 0 &&
        check_guard(routes, config, why) == 0)
        return routes;
    routes_free(routes);
    return NULL;
}

void routes_free(struct routes *routes)
{
    if (!routes)
        return;
    guard_free(routes->guard);
    proxies_free(routes->proxies);
    pins_free(routes->pins);
    free(routes->own_proxy);
    free(routes);
}

const struct guard *routes_guard(const struct routes *routes)
{
    return routes->guard;
}

void routes_tell(const struct routes *routes)
{
    if (routes->settled || !proxies_any(routes->proxies))
        return;
    for (int i = 0; i < PROXY_VARIABLES; i++) {
        const char *value = routes->environment.value[i];
        char *shown;

        if (!value || !*value)
            continue;
        shown =
            i >= PROXY_NO ? xstrdup(value) : url_censored(value, strlen(value));
        warn("from the environment: %s=%s",
             proxy_variable_name((enum proxy_variable)i), shown);
        free(shown);
    }
}

/* False, and the route says why, where the guard refuses the host. */
static bool host_is_open(const struct routes *routes, const char *host_key,
                         struct route *route)
{
    if (guard_check_name(routes->guard, host_key, &route->why) != GUARD_DENIED)
        return true;
    route->denied_host = !host_key_is_address(host_key);
    return false;
}

/* A request's own way past the guard: a line may not open what the run shut. */
static enum route_say block_unseen(struct route *route, const char *what)
{
    why_set(&route->why, "%s would connect where addresses cannot be checked",
            what);
    return ROUTE_BLOCKED;
}

/* The proxy of the hop. */
static void find_proxy(struct routes *routes, const struct task *task,
                       const struct config *config, struct route *route)
{
    const struct settings *settings = task->request->settings;
    const struct settings *run = &config->settings;
    const char *own = NULL, *own_noproxy = NULL;

    free(routes->own_proxy);
    routes->own_proxy = NULL;
    if (settings->proxy && settings->proxy != run->proxy) {
        routes->own_proxy =
            proxy_parse(settings->proxy, strlen(settings->proxy), NULL);
        own = routes->own_proxy;
    }
    if (settings->noproxy != run->noproxy)
        own_noproxy = settings->noproxy;
    route->proxy =
        proxies_pick(routes->proxies, task_host_key(task), own, own_noproxy,
                     task->request->index, task_attempts(task));
}

/* Pins of the request's own lists, if it has any; else the run's. */
static struct pins *pins_of(const struct routes *routes,
                            const struct settings *settings,
                            const struct config *config)
{
    const struct settings *run = &config->settings;
    struct pins *pins = NULL;

    if (settings->resolve.items == run->resolve.items &&
        settings->connect_to.items == run->connect_to.items)
        return routes->pins;
    if (pins_new(&pins, &settings->resolve, &settings->connect_to,
                 routes->began + config->dns_ttl, NULL) != 0)
        return NULL;
    return pins;
}

/* The host key of what is connected to. */
static const char *target_of(const struct task *task, const struct route *route)
{
    return route->target ? route->target : task_host_key(task);
}

/* Where the pins send the hop, and at which addresses, if they say. */
static void find_pinned(struct routes *routes, const struct task *task,
                        const struct config *config, double now,
                        struct route *route)
{
    struct pins *pins = pins_of(routes, task->request->settings, config);
    const struct addresses *given;

    if (pins_target(pins, task_host_key(task), routes->target))
        route->target = routes->target;
    given = pins_addresses(pins, target_of(task, route), now);
    if (given)
        route->addresses = *given;
    if (pins != routes->pins)
        pins_free(pins);
}

static enum route_say look_up(struct routes *routes, const struct task *task,
                              const struct config *config, double now,
                              struct route *route)
{
    struct names_question question;
    enum names_say say;

    route->ender = task_question(task, config, now, &question);
    question.target = route->target;
    say = resolve_ask(routes->resolve, &question, now, &route->reply);
    if (say == NAMES_WAIT)
        return ROUTE_WAIT;
    if (say == NAMES_FAILED)
        return ROUTE_FAILED;
    for (unsigned i = 0; i < route->reply.count; i++)
        route->addresses.list[i] = route->reply.addresses[i];
    route->addresses.count = route->reply.count;
    return ROUTE_GO;
}

static unsigned count_family(struct addresses *addresses, unsigned family)
{
    unsigned count = 0;

    for (unsigned i = 0; i < addresses->count; i++) {
        if (addresses->list[i].family == family)
            addresses->list[count++] = addresses->list[i];
    }
    return count;
}

/* Leaves the addresses of the family that is asked for; false: there is none.
 * A host may itself be an address. */
static bool keep_family(const struct task *task, struct route *route)
{
    unsigned ip = task->request->settings->ip;
    struct host host;

    if (ip == IP_ANY)
        return true;
    host_of_key(target_of(task, route), &host, NULL);
    if (route->addresses.count > 0) {
        route->addresses.count =
            count_family(&route->addresses, ip == IP_4 ? 4 : 6);
        if (route->addresses.count > 0)
            return true;
    } else if (!host.is_address ||
               host.address.family == (ip == IP_4 ? 4 : 6)) {
        return true;
    }
    route->reply.failure.lookup = LOOKUP_NOT_FOUND;
    route->reply.failure.text =
        ip == IP_4 ? "no IPv4 address" : "no IPv6 address";
    return false;
}

/* An address that a line gives a name is judged by itself: what is allowed to
 * the name is allowed at the addresses that the name really has. */
static bool is_open_alone(const struct guard *guard,
                          const struct address *address, struct why *why)
{
    char text[ADDRESS_TEXT], host_key[ADDRESS_TEXT + 16];

    address_print(address, text);
    snprintf(host_key, sizeof(host_key),
             address->family == 6 ? "http://[%s]:80" : "http://%s:80", text);
    return guard_check_name(guard, host_key, why) != GUARD_DENIED;
}

static unsigned filter_alone(const struct guard *guard,
                             struct addresses *addresses, struct why *why)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < addresses->count; i++) {
        if (is_open_alone(guard, &addresses->list[i], why))
            addresses->list[kept++] = addresses->list[i];
    }
    addresses->count = kept;
    return kept;
}

/* Takes out the addresses that the guard refuses; false: none is left. */
static bool keep_open(const struct routes *routes, const struct task *task,
                      const struct config *config, struct route *route,
                      bool pinned)
{
    bool own = pinned && task->request->settings->resolve.items !=
                             config->settings.resolve.items;

    if (!routes->guard || route->addresses.count == 0)
        return true;
    if (own)
        return filter_alone(routes->guard, &route->addresses, &route->why) > 0;
    return guard_filter(routes->guard, target_of(task, route),
                        &route->addresses, &route->why) > 0;
}

static enum route_say find_addresses(struct routes *routes,
                                     const struct task *task,
                                     const struct config *config, double now,
                                     struct route *route)
{
    bool pinned = route->addresses.count > 0;
    enum route_say say = ROUTE_GO;

    if (!pinned)
        say = look_up(routes, task, config, now, route);
    if (say != ROUTE_GO)
        return say;
    if (!keep_family(task, route))
        return ROUTE_FAILED;
    return keep_open(routes, task, config, route, pinned) ? ROUTE_GO
                                                          : ROUTE_BLOCKED;
}

/* All but the addresses, which *direct asks for. */
static enum route_say find_way(struct routes *routes, const struct task *task,
                               const struct config *config, double now,
                               struct route *route, bool *direct)
{
    bool sees = guard_needs_addresses(routes->guard);

    *route = (struct route){0};
    *direct = false;
    if (!host_is_open(routes, task_host_key(task), route))
        return ROUTE_BLOCKED;
    if (task->request->settings->unix_socket)
        return sees ? block_unseen(route, "its unix_socket") : ROUTE_GO;
    find_pinned(routes, task, config, now, route);
    if (route->target && !host_is_open(routes, route->target, route))
        return ROUTE_BLOCKED;
    find_proxy(routes, task, config, route);
    *direct = !route->proxy;
    if (*direct)
        return ROUTE_GO;
    route->addresses.count = 0; /* the proxy has its own */
    return sees ? block_unseen(route, "its proxy") : ROUTE_GO;
}

enum route_say routes_find(struct routes *routes, const struct task *task,
                           const struct config *config, double now,
                           struct route *route)
{
    bool direct;
    enum route_say say = find_way(routes, task, config, now, route, &direct);

    return direct ? find_addresses(routes, task, config, now, route) : say;
}

enum route_say routes_rehearse(struct routes *routes, const struct task *task,
                               const struct config *config, double now,
                               struct route *route)
{
    bool direct;
    enum route_say say = find_way(routes, task, config, now, route, &direct);

    if (direct && !keep_open(routes, task, config, route, true))
        return ROUTE_BLOCKED;
    return say;
}
