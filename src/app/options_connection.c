/* SPDX-License-Identifier: MIT */
/* Options: how servers are reached: names, addresses, proxies, protocols. */
#include "app/options_rows.h"

#include "policy/guard.h"
#include "policy/pins.h"
#include "policy/proxy.h"
#include "policy/wire.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int check_proxy(const char *value, struct why *why)
{
    char *proxy = proxy_parse(value, strlen(value), why);

    free(proxy);
    return proxy ? 0 : -1;
}

/* libcurl would take the path for the proxy's own Unix socket. */
static int check_line_proxy(const char *value, struct why *why)
{
    const char *authority = strstr(value, "://");
    const char *path = authority ? strchr(authority + 3, '/') : NULL;

    if (strncasecmp(value, "socks", 5) == 0 && path && path[1])
        return why_set(why, "a proxy's socket is for the command line only");
    return 0;
}

/* What is neither would be looked up, in the loop. libcurl has "if!NAME" and
 * "host!ADDRESS" for those who want to be exact. */
static int check_interface(const char *value, struct why *why)
{
    bool not_address = strncmp(value, "if!", 3) == 0;
    bool not_name = strncmp(value, "host!", 5) == 0;
    const char *text = value + (not_address ? 3 : not_name ? 5 : 0);
    struct address address;

    if (!not_address && address_parse(text, strlen(text), &address))
        return 0;
    if (!not_name && if_nametoindex(text) != 0)
        return 0;
    return why_set(why, "\"%.60s\" is neither an interface here nor an address",
                   value);
}

/* A list of the one text. */
#define ALONE(VALUE) (&(const struct strings){.items = &(VALUE), .count = 1})

static int check_resolve(const char *value, struct why *why)
{
    struct pins *pins = NULL;
    int status = pins_new(&pins, ALONE(value), NULL, 0.0, why);

    pins_free(pins);
    return status;
}

static int check_connect_to(const char *value, struct why *why)
{
    struct pins *pins = NULL;
    int status = pins_new(&pins, NULL, ALONE(value), 0.0, why);

    pins_free(pins);
    return status;
}

/* The list names itself in what it says. */
static int check_hosts(const struct strings *allow, const struct strings *deny,
                       struct why *why)
{
    struct guard *guard = NULL;
    int status = guard_new(&guard, false, allow, deny, why);

    guard_free(guard);
    return status;
}

static int check_allow(const char *value, struct why *why)
{
    return check_hosts(ALONE(value), NULL, why);
}

static int check_deny(const char *value, struct why *why)
{
    return check_hosts(NULL, ALONE(value), why);
}

static const struct opt rows[] = {
    {.name = "http1.1",
     OPT_VALUE(settings.http, HTTP_1_1),
     .help = "speak HTTP/1.1 only"},
    {.name = "http2",
     OPT_VALUE(settings.http, HTTP_2),
     .help = "ask for HTTP/2, on plain http by Upgrade too"},
    {.name = "http2-prior-knowledge",
     OPT_VALUE(settings.http, HTTP_2_PRIOR),
     .help = "speak HTTP/2 at once, on plain http too"},
    {.name = "http3",
     OPT_VALUE(settings.http, HTTP_3),
     .help = "try HTTP/3 for https, where libcurl has it"},
    {.name = "ipv4",
     .letter = '4',
     OPT_VALUE(settings.ip, IP_4),
     .help = "connect by IPv4 only"},
    {.name = "ipv6",
     .letter = '6',
     OPT_VALUE(settings.ip, IP_6),
     .help = "connect by IPv6 only"},
    {.name = "interface",
     OPT_STRING(settings.local_interface),
     .arg = "NAME",
     .check = check_interface,
     .help = "send from this interface or address"},
    {.name = "unix-socket",
     OPT_STRING(settings.unix_socket),
     .arg = "PATH",
     .hint = OPT_HINT_FILE,
     .run_only = true,
     .help = "connect to this socket instead of the host"},
    {.name = "resolve",
     OPT_LIST(settings.resolve),
     .arg = "HOST:PORT:ADDRESS",
     .check = check_resolve,
     .help = "use ADDRESS for HOST:PORT; * is any; repeatable"},
    {.name = "connect-to",
     OPT_LIST(settings.connect_to),
     .arg = "HOST1:PORT1:HOST2:PORT2",
     .check = check_connect_to,
     .help = "for HOST1:PORT1 connect to HOST2:PORT2; repeatable"},
    {.name = "dns-ttl",
     OPT_DURATION(dns_ttl),
     .arg = "D",
     .def = "60s",
     .help = "keep what a name lookup found for D"},
    {.name = "proxy",
     .letter = 'x',
     OPT_STRING(settings.proxy),
     .arg = "URL",
     .hint = OPT_HINT_URL,
     .secret = true,
     .check = check_proxy,
     .check_line = check_line_proxy,
     .help = "go through this proxy (http, https, socks5h)"},
    {.name = "noproxy",
     OPT_STRING(settings.noproxy),
     .arg = "LIST",
     .help = "hosts to reach without a proxy; * is all"},
    {.name = "proxy-user",
     .letter = 'U',
     OPT_STRING(settings.proxy_user),
     .arg = "USER:PASSWORD",
     .check = wire_check_text,
     .check_layer = wire_check_user,
     .check_line = wire_check_user,
     .secret = true,
     .help = "credentials for the proxy"},
    {.name = "proxy-list",
     OPT_STRING(proxy_list),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "take proxies from FILE in turn, one for each attempt"},
    {.name = "block-private",
     OPT_FLAG(block_private),
     .help = "refuse private and other special addresses"},
    {.name = "allow-host",
     OPT_LIST(allow_host),
     .arg = "HOST",
     .check = check_allow,
     .help = "never refuse this glob, address or block; repeatable"},
    {.name = "deny-host",
     OPT_LIST(deny_host),
     .arg = "HOST",
     .check = check_deny,
     .help = "refuse this glob, address or block; repeatable"},
    {.name = "limit-rate",
     OPT_SIZE(settings.limit_rate),
     .arg = "SIZE",
     .help = "send and receive at most SIZE/s in a transfer"},
};

const struct opt_group options_connection = OPT_GROUP("Connections", rows);
