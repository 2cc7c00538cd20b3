/* SPDX-License-Identifier: MIT */
/* Addresses compared, read and printed. Knows nothing of names or sockets. */
#include "model/address.h"

#include <arpa/inet.h>
#include <string.h>

bool address_equal(const struct address *a, const struct address *b)
{
    return a->family == b->family &&
           memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16) == 0;
}

bool address_parse(const char *text, size_t len, struct address *address)
{
    char copy[ADDRESS_TEXT];

    if (len >= sizeof(copy) || memchr(text, '\0', len))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    memset(address, 0, sizeof(*address));
    address->family = strchr(copy, ':') ? 6 : 4;
    return inet_pton(address->family == 4 ? AF_INET : AF_INET6, copy,
                     address->bytes) == 1;
}

void address_print(const struct address *address, char text[ADDRESS_TEXT])
{
    if (!inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes,
                   text, ADDRESS_TEXT))
        text[0] = '\0';
}
