/* SPDX-License-Identifier: MIT */
/* Hosts that no proxy is used for. Knows the list alone; must not know where
 * it comes from, nor any proxy. */
#include "policy/noproxy.h"

#include "base/msg.h"
#include "model/cidr.h"
#include "policy/host.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct item {
    const char *name; /* points into text; NULL: block holds */
    size_t len;
    struct cidr block;
};

struct noproxy {
    char *text;        /* owned */
    struct item *list; /* owned */
    size_t count;
    bool all;
};

static void add(struct noproxy *noproxy, const char *text, size_t len)
{
    bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
    struct item *item = &noproxy->list[noproxy->count];

    if (len == 1 && *text == '*')
        noproxy->all = true;
    item->name = NULL;
    if (cidr_parse(brackets ? text + 1 : text, brackets ? len - 2 : len,
                   &item->block, NULL) != 0) {
        if (len > 1 && text[len - 1] == '.')
            len--;
        if (len > 1 && *text == '.') {
            text++;
            len--;
        }
        item->name = text;
        item->len = len;
    }
    noproxy->count++;
}

struct noproxy *noproxy_new(const char *list)
{
    static const char separators[] = ", \t";
    struct noproxy *noproxy;
    const char *at;

    if (!list || list[strspn(list, separators)] == '\0')
        return NULL;
    noproxy = xcalloc(1, sizeof(*noproxy));
    noproxy->text = xstrdup(list);
    /* An item and a separator take two bytes at least. */
    noproxy->list = xcalloc(strlen(list) / 2 + 1, sizeof(*noproxy->list));
    for (at = noproxy->text; *(at += strspn(at, separators));) {
        size_t len = strcspn(at, separators);

        add(noproxy, at, len);
        at += len;
    }
    return noproxy;
}

void noproxy_free(struct noproxy *noproxy)
{
    if (!noproxy)
        return;
    free(noproxy->text);
    free(noproxy->list);
    free(noproxy);
}

/* The name itself, or one above it: "example.com" of "www.example.com". */
static bool is_at_or_below(const char *host, size_t len, const struct item *at)
{
    return at->len <= len &&
           strncasecmp(host + len - at->len, at->name, at->len) == 0 &&
           (at->len == len || host[len - at->len - 1] == '.');
}

bool noproxy_has_all(const struct noproxy *noproxy)
{
    return noproxy && noproxy->all;
}

bool noproxy_has(const struct noproxy *noproxy, const char *host_key)
{
    struct host host;
    size_t len;

    if (!noproxy)
        return false;
    if (noproxy->all)
        return true;
    host_of_key(host_key, &host, NULL);
    len = strlen(host.text);
    for (size_t i = 0; i < noproxy->count; i++) {
        const struct item *item = &noproxy->list[i];

        if (host.is_address
                ? !item->name && cidr_has(&item->block, &host.address)
                : item->name && is_at_or_below(host.text, len, item))
            return true;
    }
    return false;
}
