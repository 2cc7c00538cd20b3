/* SPDX-License-Identifier: MIT */
/* Blocks of addresses, read, tested and printed. Knows of no block that has a
 * meaning. */
#include "model/cidr.h"

#include <stdio.h>
#include <string.h>

static unsigned whole(const struct address *address)
{
    return address->family == 4 ? 32 : 128;
}

/* The bits of byte `at` that belong to a prefix. */
static unsigned char mask_of(unsigned bits, unsigned at)
{
    unsigned rest = bits > at * 8 ? bits - at * 8 : 0;

    return rest >= 8 ? 0xff : (unsigned char)(0xff00 >> rest & 0xff);
}

/* Up to three decimal digits, nothing else; -1 when it is not that. */
static int read_bits(const char *text, size_t len)
{
    int value = 0;

    if (len == 0 || len > 3)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int cidr_parse(const char *text, size_t len, struct cidr *cidr, struct why *why)
{
    const char *slash = len ? memchr(text, '/', len) : NULL;
    size_t head = slash ? (size_t)(slash - text) : len;
    unsigned most;
    int bits;

    if (!address_parse(text, head, &cidr->base))
        return why_set(why, "%s is no IPv4 or IPv6 address",
                       slash ? "what stands before the slash" : "it");
    most = whole(&cidr->base);
    bits = slash ? read_bits(slash + 1, len - head - 1) : (int)most;
    if (bits < 0 || (unsigned)bits > most)
        return why_set(why, "behind the slash must be a number from 0 to %u",
                       most);
    cidr->bits = (unsigned char)bits;
    for (unsigned i = 0; i < most / 8; i++)
        cidr->base.bytes[i] &= mask_of(cidr->bits, i);
    return 0;
}

bool cidr_has(const struct cidr *cidr, const struct address *address)
{
    const unsigned char *a = cidr->base.bytes, *b = address->bytes;
    unsigned bytes = cidr->bits / 8, rest = cidr->bits % 8;

    return cidr->base.family == address->family && memcmp(a, b, bytes) == 0 &&
           (rest == 0 ||
            ((a[bytes] ^ b[bytes]) & mask_of(cidr->bits, bytes)) == 0);
}

void cidr_print(const struct cidr *cidr, char text[CIDR_TEXT])
{
    size_t len;

    address_print(&cidr->base, text);
    len = strlen(text);
    if (cidr->bits < whole(&cidr->base))
        snprintf(text + len, CIDR_TEXT - len, "/%u", cidr->bits);
}
