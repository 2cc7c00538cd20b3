/* SPDX-License-Identifier: MIT */
/*
 * Which proxy a hop goes through. Knows the order of the settings; must not
 * read the environment nor files, nor know how a proxy is spoken to.
 */
#include "policy/proxy.h"

#include "policy/noproxy.h"
#include "policy/url.h"
#include "policy/url_proxy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct proxies {
    char *http, *https; /* by the URL's scheme, owned; NULL: direct */
    char **list;        /* owned, as are its texts */
    size_t count;
    struct noproxy *noproxy;
};

const char *proxy_variable_name(enum proxy_variable variable)
{
    static const char *const names[PROXY_VARIABLES] = {
        [PROXY_HTTP] = "http_proxy",         [PROXY_HTTPS] = "https_proxy",
        [PROXY_HTTPS_UPPER] = "HTTPS_PROXY", [PROXY_ALL] = "all_proxy",
        [PROXY_ALL_UPPER] = "ALL_PROXY",     [PROXY_NO] = "no_proxy",
        [PROXY_NO_UPPER] = "NO_PROXY",
    };

    return names[variable];
}

char *proxy_parse(const char *text, size_t len, struct why *why)
{
    return len == 0 ? xstrdup("") : url_proxy_parse(text, len, why);
}

char *proxy_shown(const char *proxy)
{
    return url_without_userinfo(proxy, strlen(proxy));
}

bool proxy_resolves(const char *proxy)
{
    size_t len = strcspn(proxy, ":");

    return strncasecmp(proxy, "socks", 5) != 0 ||
           (len == 7 && (proxy[6] == 'a' || proxy[6] == 'A' ||
                         proxy[6] == 'h' || proxy[6] == 'H'));
}

/* The first of `first` to `last` that is set; PROXY_VARIABLES: none. */
static enum proxy_variable find(const struct proxy_environment *environment,
                                enum proxy_variable first,
                                enum proxy_variable last)
{
    for (enum proxy_variable at = first; at <= last; at++)
        if (environment->value[at] && *environment->value[at])
            return at;
    return PROXY_VARIABLES;
}

/* Reads the proxy of a scheme from its variables, or from those of all. */
static int read_variable(char **proxy,
                         const struct proxy_environment *environment,
                         enum proxy_variable first, enum proxy_variable last,
                         struct why *why)
{
    enum proxy_variable at = find(environment, first, last);
    const char *value;
    struct why reason;

    if (at == PROXY_VARIABLES)
        at = find(environment, PROXY_ALL, PROXY_ALL_UPPER);
    if (at == PROXY_VARIABLES)
        return 0;
    value = environment->value[at];
    *proxy = url_proxy_parse(value, strlen(value), &reason);
    if (!*proxy)
        return why_set(why, "the environment variable %s: %s",
                       proxy_variable_name(at), reason.text);
    return 0;
}

static int read_environment(struct proxies *proxies,
                            const struct proxy_environment *environment,
                            struct why *why)
{
    if (!environment)
        return 0;
    if (read_variable(&proxies->http, environment, PROXY_HTTP, PROXY_HTTP,
                      why) != 0)
        return -1;
    return read_variable(&proxies->https, environment, PROXY_HTTPS,
                         PROXY_HTTPS_UPPER, why);
}

static int read_option(struct proxies *proxies, const char *text,
                       struct why *why)
{
    struct why reason;

    if (*text == '\0')
        return 0;
    proxies->http = url_proxy_parse(text, strlen(text), &reason);
    if (!proxies->http)
        return why_set(why, "--proxy: %s", reason.text);
    proxies->https = xstrdup(proxies->http);
    return 0;
}

static int read_list(struct proxies *proxies, const struct strings *list,
                     struct why *why)
{
    struct why reason;

    proxies->list = xcalloc(list->count, sizeof(*proxies->list));
    for (size_t i = 0; i < list->count; i++) {
        const char *text = list->items[i];

        proxies->list[i] = url_proxy_parse(text, strlen(text), &reason);
        if (!proxies->list[i])
            return why_set(why, "proxy %zu of --proxy-list: %s", i + 1,
                           reason.text);
        proxies->count++;
    }
    return 0;
}

static const char *list_of_exceptions(const struct proxy_setting *setting)
{
    enum proxy_variable at;

    if (setting->noproxy || !setting->environment)
        return setting->noproxy;
    at = find(setting->environment, PROXY_NO, PROXY_NO_UPPER);
    return at == PROXY_VARIABLES ? NULL : setting->environment->value[at];
}

static int read_all(struct proxies *proxies,
                    const struct proxy_setting *setting, struct why *why)
{
    bool list = setting->list && setting->list->count > 0;

    proxies->noproxy = noproxy_new(list_of_exceptions(setting));
    if (list && setting->proxy)
        return why_set(why, "--proxy and --proxy-list cannot both be given");
    if (list)
        return read_list(proxies, setting->list, why);
    if (setting->proxy)
        return read_option(proxies, setting->proxy, why);
    return read_environment(proxies, setting->environment, why);
}

int proxies_new(struct proxies **proxies, const struct proxy_setting *setting,
                struct why *why)
{
    *proxies = xcalloc(1, sizeof(**proxies));
    if (read_all(*proxies, setting, why) == 0)
        return 0;
    proxies_free(*proxies);
    *proxies = NULL;
    return -1;
}

void proxies_free(struct proxies *proxies)
{
    if (!proxies)
        return;
    for (size_t i = 0; i < proxies->count; i++)
        free(proxies->list[i]);
    free(proxies->list);
    free(proxies->http);
    free(proxies->https);
    noproxy_free(proxies->noproxy);
    free(proxies);
}

bool proxies_any(const struct proxies *proxies)
{
    return (proxies->count > 0 || proxies->http || proxies->https) &&
           !noproxy_has_all(proxies->noproxy);
}

static bool is_excepted(const struct proxies *proxies, const char *host_key,
                        const char *own_noproxy)
{
    struct noproxy *own;
    bool excepted;

    if (!own_noproxy)
        return noproxy_has(proxies->noproxy, host_key);
    own = noproxy_new(own_noproxy);
    excepted = noproxy_has(own, host_key);
    noproxy_free(own);
    return excepted;
}

const char *proxies_pick(const struct proxies *proxies, const char *host_key,
                         const char *own, const char *own_noproxy,
                         uint64_t index, uint64_t attempt)
{
    const char *proxy = own;

    if (!proxy && proxies->count > 0)
        proxy =
            proxies->list[(index % proxies->count + attempt % proxies->count) %
                          proxies->count];
    if (!proxy)
        proxy = host_key_is_tls(host_key) ? proxies->https : proxies->http;
    if (!proxy || *proxy == '\0' || is_excepted(proxies, host_key, own_noproxy))
        return NULL;
    return proxy;
}
