/* SPDX-License-Identifier: MIT */
/* Hosts in the one form that options and URLs share. Decides nothing. */
#include "policy/host.h"

#include "policy/url.h"
#include "policy/url_text.h"

#include <assert.h>
#include <string.h>

static_assert(URL_HOST_MAX < HOST_TEXT, "any host name fits");
static_assert(ADDRESS_TEXT <= HOST_TEXT, "any address fits");

/* Sets the host when the text is an address, in brackets or not. */
static bool read_address(const char *text, size_t len, struct host *host)
{
    bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';

    if (brackets) {
        text++;
        len -= 2;
    }
    if (!address_parse(text, len, &host->address) ||
        (brackets && host->address.family == 4))
        return false;
    host->is_address = true;
    address_print(&host->address, host->text);
    return true;
}

/* Writes a name in lower case; false for a byte that no name has. */
static bool copy_name(const char *text, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if (!url_text_is_host_byte(c))
            return false;
        out[i] = c;
    }
    out[len] = '\0';
    return true;
}

int host_parse(const char *text, size_t len, struct host *host, struct why *why)
{
    memset(host, 0, sizeof(*host));
    if (len > 0 && read_address(text, len, host))
        return 0;
    if (len > 0 && (*text == '[' || memchr(text, ':', len)))
        return why_set(why, "the host is not an IPv6 address");
    if (len > 0 && text[len - 1] == '.')
        len--;
    if (len == 0)
        return why_set(why, "the host name is missing");
    if (len >= URL_HOST_MAX)
        return why_set(why, "the host name is too long");
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80)
            return why_set(why, "the host name must be written in ASCII "
                                "(punycode, \"xn--\")");
    if (!copy_name(text, len, host->text))
        return why_set(why, "the host name holds a byte that none has");
    if (*text == '.' || memmem(text, len, "..", 2))
        return why_set(why, "a part of the host name is empty");
    return 0;
}

unsigned host_port(const char *text, size_t len)
{
    unsigned value = 0;

    if (len == 0 || len > 5)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (!url_text_is_digit(text[i]))
            return 0;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    return value <= 65535 ? value : 0;
}

void host_of_key(const char *host_key, struct host *host, unsigned *port)
{
    size_t len;
    const char *text = host_key_host(host_key, &len), *end = text + len;

    memset(host, 0, sizeof(*host));
    if (port)
        *port = *end == ':' ? host_port(end + 1, strlen(end + 1)) : 0;
    if (host_key_is_address(host_key) && read_address(text, len, host))
        return;
    if (len > 0 && text[len - 1] == '.')
        len--;
    if (len >= sizeof(host->text))
        len = sizeof(host->text) - 1;
    copy_name(text, len, host->text);
}
