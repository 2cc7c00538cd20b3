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
    if (!proxies_any(routes->proxies))
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

static enum route_say block(struct route *route, bool denied_host)
{
    route->denied_host = denied_host;
    return ROUTE_BLOCKED;
}

/* A request's own way past the guard: a line may not open what the run shut. */
static enum route_say block_unseen(struct route *route, const char *what)
{
    why_set(&route->why, "%s would connect where addresses cannot be checked",
            what);
    return block(route, false);
}

/* The proxy of the hop; false: the request's own cannot be read. */
static void find_proxy(struct routes *routes, const struct task *task,
                       const struct config *config, struct route *route)
{
    const struct settings *settings = task->request->settings;
    const char *own = NULL;

    free(routes->own_proxy);
    routes->own_proxy = NULL;
    if (settings->proxy && settings->proxy != config->settings.proxy) {
        routes->own_proxy =
            proxy_parse(settings->proxy, strlen(settings->proxy), NULL);
        own = routes->own_proxy;
    }
    route->proxy = proxies_pick(routes->proxies, task_host_key(task), own,
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

/* Where the pins send the hop; false: a lookup is needed. */
static bool find_pinned(struct routes *routes, const struct task *task,
                        const struct config *config, double now,
                        struct route *route)
{
    struct pins *pins = pins_of(routes, task->request->settings, config);
    const struct addresses *given;

    if (pins_target(pins, task_host_key(task), routes->target))
        route->target = routes->target;
    given = pins_addresses(
        pins, route->target ? route->target : task_host_key(task), now);
    if (given)
        route->addresses = *given;
    if (pins != routes->pins)
        pins_free(pins);
    return given != NULL;
}

/* Leaves the addresses of the family that is asked for. */
static bool keep_family(struct route *route, unsigned ip)
{
    struct addresses *addresses = &route->addresses;
    unsigned count = 0;

    if (ip == IP_ANY || addresses->count == 0)
        return true;
    for (unsigned i = 0; i < addresses->count; i++) {
        if (addresses->list[i].family == (ip == IP_4 ? 4 : 6))
            addresses->list[count++] = addresses->list[i];
    }
    addresses->count = count;
    if (count > 0)
        return true;
    route->reply.failure.lookup = LOOKUP_NOT_FOUND;
    route->reply.failure.text = ip == IP_4 ? "no IPv4 address of the name"
                                           : "no IPv6 address of the name";
    return false;
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

/* The addresses that are known by now; a target may itself be one. */
static enum route_say guard_addresses(const struct routes *routes,
                                      const struct task *task,
                                      struct route *route)
{
    const char *host_key = task_host_key(task);

    if (route->target && host_key_is_address(route->target) &&
        guard_check_name(routes->guard, route->target, &route->why) ==
            GUARD_DENIED)
        return block(route, false);
    if (route->addresses.count > 0 &&
        guard_filter(routes->guard, host_key, &route->addresses, &route->why) ==
            0)
        return block(route, false);
    return ROUTE_GO;
}

static enum route_say find_addresses(struct routes *routes,
                                     const struct task *task,
                                     const struct config *config, double now,
                                     struct route *route)
{
    enum route_say say = ROUTE_GO;

    if (!find_pinned(routes, task, config, now, route))
        say = look_up(routes, task, config, now, route);
    if (say != ROUTE_GO)
        return say;
    if (!keep_family(route, task->request->settings->ip))
        return ROUTE_FAILED;
    return guard_addresses(routes, task, route);
}

enum route_say routes_find(struct routes *routes, const struct task *task,
                           const struct config *config, double now,
                           struct route *route)
{
    const char *host_key = task_host_key(task);
    bool sees = guard_needs_addresses(routes->guard);

    *route = (struct route){0};
    if (guard_check_name(routes->guard, host_key, &route->why) == GUARD_DENIED)
        return block(route, !host_key_is_address(host_key));
    if (task->request->settings->unix_socket)
        return sees ? block_unseen(route, "its unix_socket") : ROUTE_GO;
    find_proxy(routes, task, config, route);
    if (route->proxy)
        return sees ? block_unseen(route, "its proxy") : ROUTE_GO;
    return find_addresses(routes, task, config, now, route);
}
