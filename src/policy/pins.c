/* SPDX-License-Identifier: MIT */
/*
 * Pins: reading the two options' entries, and finding them by host and port.
 * Knows texts and addresses; must not know how names are looked up otherwise,
 * nor how anything is connected.
 */
#include "policy/pins.h"

#include "base/map.h"
#include "policy/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Port 0 stands for any, and so does the host "*". */
#define ANY_PORT 0
#define ANY_HOST "*"

struct pin {
    char key[HOST_KEY_TEXT]; /* "example.com:443": the map's key */
    struct addresses addresses;
    bool passing; /* it was given with "+" */
};

struct detour {
    struct host from, to;        /* text "": any, and as the URL has it */
    unsigned from_port, to_port; /* 0: likewise */
};

struct pins {
    struct map by_key;      /* to struct pin */
    struct pin *list;       /* owned; never moves, the map points into it */
    struct detour *detours; /* owned */
    size_t detour_count;
    double expires;
};

/* ---- reading ---- */

/* The part up to the next colon that is in no brackets: moves *at behind the
 * colon. False when there is no colon. */
static bool take_part(const char **at, const char **part, size_t *len)
{
    const char *end = *at;

    if (*end == '[')
        end += strcspn(end, "]");
    end += strcspn(end, ":");
    if (*end == '\0')
        return false;
    *part = *at;
    *len = (size_t)(end - *at);
    *at = end + 1;
    return true;
}

/* Reads one or more parts between commas, brackets allowed. */
static int read_addresses(const char *text, struct addresses *addresses,
                          struct why *why)
{
    for (;;) {
        size_t len = strcspn(text, ","), from = 0, to = len;

        if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
            from = 1;
            to = len - 1;
        }
        if (addresses->count == ADDRESSES_MAX)
            return why_set(why, "more than %d addresses", ADDRESSES_MAX);
        if (!address_parse(text + from, to - from,
                           &addresses->list[addresses->count]))
            return why_set(why, "\"%.*s\" is no IPv4 or IPv6 address",
                           (int)(len < 50 ? len : 50), text);
        addresses->count++;
        if (text[len] == '\0')
            return 0;
        text += len + 1;
    }
}

static void make_key(char key[HOST_KEY_TEXT], const char *host, unsigned port)
{
    snprintf(key, HOST_KEY_TEXT, "%s:%u", host, port);
}

/* "HOST:PORT" of an entry into its key. */
static int read_key(const char *host, size_t host_len, const char *port,
                    size_t port_len, char key[HOST_KEY_TEXT], struct why *why)
{
    bool any_port = port_len == 1 && *port == '*';
    unsigned number = any_port ? ANY_PORT : host_port(port, port_len);
    struct host read;

    if (!any_port && number == 0)
        return why_set(why,
                       "the port \"%.*s\" is not a number from 1 to "
                       "65535, nor *",
                       (int)(port_len < 20 ? port_len : 20), port);
    if (host_len == 1 && *host == '*') {
        make_key(key, ANY_HOST, number);
        return 0;
    }
    if (host_parse(host, host_len, &read, why) != 0)
        return -1;
    make_key(key, read.text, number);
    return 0;
}

static int read_removal(struct pins *pins, const char *text, struct why *why)
{
    const char *at = text, *host;
    char key[HOST_KEY_TEXT];
    size_t len, port_len;

    if (!take_part(&at, &host, &len))
        return why_set(why, "it must be -HOST:PORT");
    port_len = strcspn(at, ":"); /* what may stand behind it says nothing */
    if (read_key(host, len, at, port_len, key, why) != 0)
        return -1;
    map_remove(&pins->by_key, key, strlen(key));
    return 0;
}

static int read_pin(struct pins *pins, struct pin *pin, const char *text,
                    struct why *why)
{
    const char *at, *host, *port;
    size_t host_len, port_len;

    if (*text == '-')
        return read_removal(pins, text + 1, why);
    pin->passing = *text == '+';
    at = text + pin->passing;
    if (!take_part(&at, &host, &host_len) || !take_part(&at, &port, &port_len))
        return why_set(why, "it must be HOST:PORT:ADDRESS[,ADDRESS...]");
    if (read_key(host, host_len, port, port_len, pin->key, why) != 0 ||
        read_addresses(at, &pin->addresses, why) != 0)
        return -1;
    map_put(&pins->by_key, pin->key, strlen(pin->key), pin);
    return 0;
}

/* A host and a port that may both be empty. */
static int read_end(const char *which, const char *text, size_t len,
                    const char *port_text, size_t port_len, struct host *host,
                    unsigned *port, struct why *why)
{
    struct why reason;

    if (len > 0 && host_parse(text, len, host, &reason) != 0)
        return why_set(why, "HOST%s: %s", which, reason.text);
    *port = host_port(port_text, port_len);
    if (port_len > 0 && *port == 0)
        return why_set(why, "PORT%s \"%.*s\" is not a number from 1 to 65535",
                       which, (int)(port_len < 20 ? port_len : 20), port_text);
    return 0;
}

static int read_detour(struct detour *detour, const char *text, struct why *why)
{
    const char *at = text, *part[3];
    size_t len[3];

    for (int i = 0; i < 3; i++)
        if (!take_part(&at, &part[i], &len[i]))
            return why_set(why, "it must be HOST1:PORT1:HOST2:PORT2 (each may "
                                "be empty)");
    if (strchr(at, ':'))
        return why_set(why, "it has more than four parts (an IPv6 address "
                            "needs brackets)");
    if (read_end("1", part[0], len[0], part[1], len[1], &detour->from,
                 &detour->from_port, why) != 0)
        return -1;
    return read_end("2", part[2], len[2], at, strlen(at), &detour->to,
                    &detour->to_port, why);
}

static int read_all(struct pins *pins, const struct strings *resolve,
                    const struct strings *connect_to, struct why *why)
{
    struct why reason;

    for (size_t i = 0; resolve && i < resolve->count; i++)
        if (read_pin(pins, &pins->list[i], resolve->items[i], &reason) != 0)
            return why_set(why, "--resolve \"%.60s\": %s", resolve->items[i],
                           reason.text);
    for (size_t i = 0; connect_to && i < connect_to->count; i++)
        if (read_detour(&pins->detours[i], connect_to->items[i], &reason) != 0)
            return why_set(why, "--connect-to \"%.60s\": %s",
                           connect_to->items[i], reason.text);
    return 0;
}

int pins_new(struct pins **pins, const struct strings *resolve,
             const struct strings *connect_to, double expires, struct why *why)
{
    size_t count = resolve ? resolve->count : 0;
    size_t detours = connect_to ? connect_to->count : 0;
    struct pins *made;

    *pins = NULL;
    if (count + detours == 0)
        return 0;
    made = xcalloc(1, sizeof(*made));
    map_init(&made->by_key);
    made->list = xcalloc(count, sizeof(*made->list));
    made->detours = xcalloc(detours, sizeof(*made->detours));
    made->detour_count = detours;
    made->expires = expires;
    if (read_all(made, resolve, connect_to, why) != 0) {
        pins_free(made);
        return -1;
    }
    *pins = made;
    return 0;
}

void pins_free(struct pins *pins)
{
    if (!pins)
        return;
    map_release(&pins->by_key);
    free(pins->list);
    free(pins->detours);
    free(pins);
}

/* ---- asking ---- */

static bool fits(const struct detour *detour, const struct host *host,
                 unsigned port)
{
    const char *from = detour->from.text;

    return (*from == '\0' || strcmp(from, host->text) == 0) &&
           (detour->from_port == 0 || detour->from_port == port);
}

bool pins_target(const struct pins *pins, const char *host_key,
                 char target[HOST_KEY_TEXT])
{
    const struct detour *detour, *end;
    const struct host *to;
    struct host host;
    unsigned port, to_port;
    bool six;

    if (!pins || pins->detour_count == 0)
        return false;
    host_of_key(host_key, &host, &port);
    end = pins->detours + pins->detour_count;
    for (detour = pins->detours; detour < end; detour++)
        if (fits(detour, &host, port))
            break;
    if (detour == end)
        return false;
    to = *detour->to.text ? &detour->to : &host;
    to_port = detour->to_port ? detour->to_port : port;
    if (to_port == port && strcmp(to->text, host.text) == 0)
        return false;
    six = to->is_address && to->address.family == 6;
    snprintf(target, HOST_KEY_TEXT, "%s://%s%s%s:%u",
             host_key_is_tls(host_key) ? "https" : "http", six ? "[" : "",
             to->text, six ? "]" : "", to_port);
    return true;
}

static const struct pin *find(const struct pins *pins, const char *host,
                              unsigned port, double now)
{
    char key[HOST_KEY_TEXT];
    const struct pin *pin;

    make_key(key, host, port);
    pin = map_get(&pins->by_key, key, strlen(key));
    return pin && pin->passing && now >= pins->expires ? NULL : pin;
}

const struct addresses *pins_addresses(const struct pins *pins,
                                       const char *host_key, double now)
{
    const struct pin *pin;
    struct host host;
    unsigned port;

    if (!pins || pins->by_key.count == 0)
        return NULL;
    host_of_key(host_key, &host, &port);
    if (!(pin = find(pins, host.text, port, now)) &&
        !(pin = find(pins, host.text, ANY_PORT, now)) &&
        !(pin = find(pins, ANY_HOST, port, now)))
        pin = find(pins, ANY_HOST, ANY_PORT, now);
    return pin ? &pin->addresses : NULL;
}
