/* SPDX-License-Identifier: MIT */
/*
 * Proxies: which one a hop goes through. Pure: the environment's values come
 * in a struct, and the choice depends on nothing but its arguments.
 *
 * First found counts: the request's own setting, the list (--proxy-list), the
 * run's setting (-x), the environment. A setting "" is "no proxy", whatever
 * comes behind it. What --noproxy names goes direct, whoever set the proxy;
 * without --noproxy, and only then, the environment's no_proxy holds. All as
 * in curl (CURLOPT_PROXY(3), CURLOPT_NOPROXY(3); everything.curl.dev, "Proxy
 * environment variables").
 */
#ifndef POLICY_PROXY_H
#define POLICY_PROXY_H

#include "base/msg.h"
#include "model/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The variables that count, of each pair the one that goes before the other
 * first. HTTP_PROXY does not: a web server's CGI sets it from a request's
 * Proxy header. A variable that is empty is none. */
enum proxy_variable {
    PROXY_HTTP,        /* http_proxy */
    PROXY_HTTPS,       /* https_proxy */
    PROXY_HTTPS_UPPER, /* HTTPS_PROXY */
    PROXY_ALL,         /* all_proxy: where that of the scheme is not set */
    PROXY_ALL_UPPER,   /* ALL_PROXY */
    PROXY_NO,          /* no_proxy */
    PROXY_NO_UPPER,    /* NO_PROXY */
    PROXY_VARIABLES,
};

struct proxy_environment {
    const char *value[PROXY_VARIABLES]; /* NULL: not set */
};

/* The variable's name, for getenv. */
const char *proxy_variable_name(enum proxy_variable variable);

/* What a run is told of proxies. All texts are copied. */
struct proxy_setting {
    const char *proxy;          /* -x; NULL: not given, "": none */
    const char *noproxy;        /* --noproxy; NULL: not given */
    const struct strings *list; /* --proxy-list; NULL or empty: not given */
    const struct proxy_environment *environment; /* NULL: an empty one */
};

struct proxies;

/*
 * Reads the settings; never NULL in *proxies when it returns 0. Otherwise -1
 * with why, which names the option or variable, the place in the list (from
 * 1), and what is wrong; no password is quoted. Of the environment only what
 * would be used is read. -x together with a list is refused.
 */
int proxies_new(struct proxies **proxies, const struct proxy_setting *setting,
                struct why *why);
void proxies_free(struct proxies *proxies);

/* True when requests that have no setting of their own may go through a proxy:
 * there is one, and --noproxy leaves hosts for it. */
bool proxies_any(const struct proxies *proxies);

/*
 * The proxy of a hop to the host of host_key, for CURLOPT_PROXY; NULL: direct
 * (CURLOPT_PROXY ""). own is the request's own setting, read by proxy_parse:
 * NULL when it has none, "" for no proxy; own_noproxy is its own list of
 * exceptions, NULL for the run's. index is the request's, attempt counts its
 * attempts from 0: from a list each attempt takes the proxy behind that of the
 * one before, and so does each request; hops of an attempt stay with one. The
 * text is own, or lives as long as the proxies.
 */
const char *proxies_pick(const struct proxies *proxies, const char *host_key,
                         const char *own, const char *own_noproxy,
                         uint64_t index, uint64_t attempt);

/*
 * Checks a proxy, as url_proxy_parse but that an empty text stays "". Returns
 * it as proxies_pick takes it, caller frees; NULL with why.
 */
char *proxy_parse(const char *text, size_t len, struct why *why);

/* A proxy that proxy_parse gave without "user:password@", for messages and
 * records. Caller frees. */
char *proxy_shown(const char *proxy);

/* True when this proxy looks the hop's name up, not we: all of http, https,
 * socks4a and socks5h. libcurl looks names up for socks4 and socks5. */
bool proxy_resolves(const char *proxy);

#endif
