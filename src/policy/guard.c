/* SPDX-License-Identifier: MIT */
/*
 * The guard's lists and their order. Knows names and addresses as data; what
 * is special about an address it asks policy/special; it must not know who
 * connects.
 */
#include "policy/guard.h"

#include "model/cidr.h"
#include "policy/host.h"
#include "policy/special.h"
#include "policy/url_text.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

struct item {
    char *glob; /* owned, in lower case; NULL: block holds */
    struct cidr block;
};

struct items {
    struct item *list; /* owned */
    size_t count;
};

struct guard {
    bool block_private;
    struct items allow, deny;
};

/* ---- reading the items ---- */

/* A glob of digits alone was surely meant for addresses. */
static bool looks_like_address(const char *glob)
{
    return glob[strspn(glob, "0123456789.*?")] == '\0' &&
           strpbrk(glob, "0123456789");
}

static int read_glob(const char *text, size_t len, struct item *item,
                     struct why *why)
{
    char *glob = xmemdup(text, len);

    if (len > 1 && glob[len - 1] == '.')
        glob[len - 1] = '\0';
    for (char *c = glob; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
        if (*c == '*' || *c == '?' || url_text_is_host_byte(*c))
            continue;
        why_set(why, "%s",
                (unsigned char)*c >= 0x80
                    ? "a name must be written in ASCII (punycode, \"xn--\")"
                    : "it holds a byte that no host name has");
        free(glob);
        return -1;
    }
    if (looks_like_address(glob)) {
        free(glob);
        return why_set(why, "addresses are written whole or as a block, "
                            "such as 10.0.0.0/8");
    }
    item->glob = glob;
    return 0;
}

static int read_item(const char *text, struct item *item, struct why *why)
{
    size_t len = strlen(text);
    bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
    struct address address;

    item->glob = NULL;
    if (len == 0)
        return why_set(why, "it is empty");
    if (strstr(text, "://"))
        return why_set(why, "it is a host, not a URL");
    if (brackets && memchr(text, ':', len))
        return cidr_parse(text + 1, len - 2, &item->block, why);
    if (strchr(text, '/') || address_parse(text, len, &address))
        return cidr_parse(text, len, &item->block, why);
    if (strchr(text, ':'))
        return why_set(why, "it is no IPv6 address, and a host holds for "
                            "every port");
    return read_glob(text, len, item, why);
}

static int read_items(struct items *items, const struct strings *texts,
                      const char *option, struct why *why)
{
    struct why reason;

    if (!texts || texts->count == 0)
        return 0;
    items->list = xcalloc(texts->count, sizeof(*items->list));
    for (; items->count < texts->count; items->count++) {
        const char *text = texts->items[items->count];

        if (read_item(text, &items->list[items->count], &reason) != 0)
            return why_set(why, "%s \"%.60s\": %s", option, text, reason.text);
    }
    return 0;
}

static void free_items(struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        free(items->list[i].glob);
    free(items->list);
}

int guard_new(struct guard **guard, bool block_private,
              const struct strings *allow, const struct strings *deny,
              struct why *why)
{
    struct guard *made = xcalloc(1, sizeof(*made));

    *guard = NULL;
    made->block_private = block_private;
    if (read_items(&made->allow, allow, "--allow-host", why) != 0 ||
        read_items(&made->deny, deny, "--deny-host", why) != 0) {
        guard_free(made);
        return -1;
    }
    if (block_private || made->deny.count > 0)
        *guard = made;
    else
        guard_free(made); /* there is nothing to be exempt from */
    return 0;
}

void guard_free(struct guard *guard)
{
    if (!guard)
        return;
    free_items(&guard->allow);
    free_items(&guard->deny);
    free(guard);
}

bool guard_needs_addresses(const struct guard *guard)
{
    if (!guard)
        return false;
    for (size_t i = 0; i < guard->deny.count; i++)
        if (!guard->deny.list[i].glob)
            return true;
    return guard->block_private;
}

/* ---- asking ---- */

static const struct item *find_name(const struct items *items,
                                    const struct host *host)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->list[i];

        if (item->glob && fnmatch(item->glob, host->text, 0) == 0)
            return item;
    }
    return NULL;
}

static const struct item *find_block(const struct items *items,
                                     const struct address *address)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->list[i];

        if (!item->glob && cidr_has(&item->block, address))
            return item;
    }
    return NULL;
}

/* An address and the IPv4 addresses inside it. */
struct seen {
    const struct address *outer;
    struct address inner[INNER_MAX];
    unsigned count;
};

static void look(struct seen *seen, const struct address *address)
{
    seen->outer = address;
    seen->count = special_inner(address, seen->inner);
}

static bool is_allowed(const struct guard *guard, const struct seen *seen)
{
    if (guard->allow.count == 0)
        return false;
    if (find_block(&guard->allow, seen->outer))
        return true;
    for (unsigned i = 0; i < seen->count; i++)
        if (!find_block(&guard->allow, &seen->inner[i]))
            return false;
    return seen->count > 0;
}

/* False, with why, for one that --deny-host or --block-private refuses. */
static bool check_one(const struct guard *guard, const struct address *address,
                      const struct address *outer, struct why *why)
{
    const struct item *denied = find_block(&guard->deny, address);
    const struct special *special =
        guard->block_private && !denied ? special_find(address) : NULL;
    char text[ADDRESS_TEXT], around[ADDRESS_TEXT], block[CIDR_TEXT];

    if (!denied && !special)
        return true;
    if (!why)
        return false;
    address_print(address, text);
    address_print(outer, around);
    cidr_print(denied ? &denied->block : &special->block, block);
    if (address == outer)
        around[0] = '\0';
    why_set(why, "%s%s%s%s is %s%s%s%s", around, *around ? " stands for " : "",
            text, *around ? ", which" : "",
            denied ? "denied by --deny-host" : special->what,
            denied ? " " : " (", block, denied ? "" : ")");
    return false;
}

/* What is inside is told first: it says more than what is around it. */
static bool check_seen(const struct guard *guard, const struct seen *seen,
                       struct why *why)
{
    for (unsigned i = 0; i < seen->count; i++)
        if (!check_one(guard, &seen->inner[i], seen->outer, why))
            return false;
    return check_one(guard, seen->outer, seen->outer, why);
}

static enum guard_say check_host(const struct guard *guard,
                                 const struct host *host, struct why *why)
{
    const struct item *denied;

    if (find_name(&guard->allow, host))
        return GUARD_ALLOWED;
    denied = find_name(&guard->deny, host);
    if (!denied)
        return GUARD_OPEN;
    why_set(why, "%.110s is denied by --deny-host %.60s", host->text,
            denied->glob);
    return GUARD_DENIED;
}

enum guard_say guard_check_name(const struct guard *guard, const char *host_key,
                                struct why *why)
{
    enum guard_say say;
    struct seen seen;
    struct host host;

    if (!guard)
        return GUARD_OPEN;
    host_of_key(host_key, &host, NULL);
    if (host.is_address) {
        look(&seen, &host.address);
        if (is_allowed(guard, &seen))
            return GUARD_ALLOWED;
    }
    say = check_host(guard, &host, why);
    if (say == GUARD_OPEN && host.is_address && !check_seen(guard, &seen, why))
        return GUARD_DENIED;
    return say;
}

bool guard_check_address(const struct guard *guard, const char *host_key,
                         const struct address *address, struct why *why)
{
    enum guard_say say;
    struct seen seen;
    struct host host;

    if (!guard)
        return true;
    look(&seen, address);
    if (is_allowed(guard, &seen))
        return true;
    host_of_key(host_key, &host, NULL);
    say = check_host(guard, &host, why);
    return say == GUARD_ALLOWED ||
           (say == GUARD_OPEN && check_seen(guard, &seen, why));
}

unsigned guard_filter(const struct guard *guard, const char *host_key,
                      struct addresses *addresses, struct why *why)
{
    unsigned kept = 0;

    if (!guard)
        return addresses->count;
    for (unsigned i = 0; i < addresses->count; i++) {
        if (guard_check_address(guard, host_key, &addresses->list[i], why))
            addresses->list[kept++] = addresses->list[i];
        else
            why = NULL; /* the first is told */
    }
    addresses->count = kept;
    return kept;
}
