/* SPDX-License-Identifier: MIT */
/* The table of special-purpose blocks, and IPv4 inside IPv6. Decides nothing:
 * what is refused is policy/guard's affair. */
#include "policy/special.h"

#include <stdbool.h>
#include <string.h>

#define V4(BITS, WHAT, ...)                                                    \
    {                                                                          \
        {{4, {__VA_ARGS__}}, BITS}, WHAT                                       \
    }
#define V6(BITS, WHAT, ...)                                                    \
    {                                                                          \
        {{6, {__VA_ARGS__}}, BITS}, WHAT                                       \
    }

#define MAPPED      V6(96, "IPv4 mapped into IPv6", [10] = 0xff, 0xff)
#define COMPATIBLE  V6(96, "IPv4 inside IPv6", 0)
#define TRANSLATED  V6(96, "IPv4 translated to IPv6", [8] = 0xff, 0xff)
#define NAT64       V6(96, "of NAT64", 0x00, 0x64, 0xff, 0x9b)
#define NAT64_LOCAL V6(48, "of local NAT64", 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01)
#define TO4         V6(16, "of 6to4", 0x20, 0x02)
#define TEREDO      V6(32, "of Teredo", 0x20, 0x01, 0x00, 0x00)

static const struct special table[] = {
    V4(8, "of this network", 0),
    V4(8, "private", 10),
    V4(10, "shared by a provider's customers", 100, 64),
    V4(8, "loopback", 127),
    V4(16, "link-local", 169, 254),
    V4(12, "private", 172, 16),
    V4(24, "reserved for protocols", 192, 0, 0),
    V4(24, "for documentation", 192, 0, 2),
    V4(24, "of 6to4 relays", 192, 88, 99),
    V4(16, "private", 192, 168),
    V4(15, "for benchmarks", 198, 18),
    V4(24, "for documentation", 198, 51, 100),
    V4(24, "for documentation", 203, 0, 113),
    V4(4, "multicast", 224),
    V4(4, "reserved", 240),
    V6(128, "unspecified", 0),
    V6(128, "loopback", [15] = 1),
    COMPATIBLE,
    MAPPED,
    TRANSLATED,
    NAT64,
    NAT64_LOCAL,
    V6(64, "for discarding", 0x01, 0x00),
    V6(23, "reserved for protocols", 0x20, 0x01),
    V6(32, "for documentation", 0x20, 0x01, 0x0d, 0xb8),
    TO4,
    V6(20, "for documentation", 0x3f, 0xff),
    V6(16, "for segment routing", 0x5f, 0x00),
    V6(7, "unique local", 0xfc),
    V6(10, "link-local", 0xfe, 0x80),
    V6(10, "site-local", 0xfe, 0xc0),
    V6(8, "multicast", 0xff),
};

/* Which bytes of an IPv6 address are an IPv4 one. */
struct wrapping {
    struct special within;
    unsigned char at[4];
    bool inverted;
};

static const struct wrapping wrappings[] = {
    {COMPATIBLE, {12, 13, 14, 15}, false},
    {MAPPED, {12, 13, 14, 15}, false},
    {TRANSLATED, {12, 13, 14, 15}, false},
    {NAT64, {12, 13, 14, 15}, false},
    {NAT64_LOCAL, {6, 7, 9, 10}, false}, /* byte 8 is left out (RFC 6052) */
    {NAT64_LOCAL, {7, 9, 10, 11}, false},
    {NAT64_LOCAL, {9, 10, 11, 12}, false},
    {NAT64_LOCAL, {12, 13, 14, 15}, false},
    {TO4, {2, 3, 4, 5}, false},
    {TEREDO, {12, 13, 14, 15}, true},
    {TEREDO, {4, 5, 6, 7}, false},
};

#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof((ARRAY)[0]))

const struct special *special_table(size_t *count)
{
    *count = COUNT(table);
    return table;
}

const struct special *special_find(const struct address *address)
{
    for (size_t i = 0; i < COUNT(table); i++)
        if (cidr_has(&table[i].block, address))
            return &table[i];
    return NULL;
}

unsigned special_inner(const struct address *address,
                       struct address inner[INNER_MAX])
{
    const struct special *special = special_find(address);
    unsigned count = 0;

    /* "::" and "::1" are within ::/96 and stand for themselves. */
    if (address->family != 6 || (special && special->block.bits == 128))
        return 0;
    for (size_t i = 0; i < COUNT(wrappings); i++) {
        const struct wrapping *wrapping = &wrappings[i];

        if (!cidr_has(&wrapping->within.block, address))
            continue;
        inner[count] = (struct address){.family = 4};
        for (unsigned b = 0; b < 4; b++) {
            unsigned char byte = address->bytes[wrapping->at[b]];

            inner[count].bytes[b] =
                (unsigned char)(wrapping->inverted ? ~byte : byte);
        }
        count++;
    }
    return count;
}
