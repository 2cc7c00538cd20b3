/* SPDX-License-Identifier: MIT */
/*
 * Special-purpose addresses: the blocks are those of the registries, and of
 * each the first and last address are in it and those beside it are not;
 * every wrapping of IPv4 is undone.
 */
#include "policy/special.h"

#include "check.h"

#include <stdlib.h>

/* First and last address of every block, as the registries give them, and
 * whether another block adjoins or surrounds it. */
struct range {
    const char *block, *first, *last;
    bool before, after; /* the address beside it is special too */
};

static const struct range ranges[] = {
    {"0.0.0.0/8", "0.0.0.0", "0.255.255.255", false, false},
    {"10.0.0.0/8", "10.0.0.0", "10.255.255.255", false, false},
    {"100.64.0.0/10", "100.64.0.0", "100.127.255.255", false, false},
    {"127.0.0.0/8", "127.0.0.0", "127.255.255.255", false, false},
    {"169.254.0.0/16", "169.254.0.0", "169.254.255.255", false, false},
    {"172.16.0.0/12", "172.16.0.0", "172.31.255.255", false, false},
    {"192.0.0.0/24", "192.0.0.0", "192.0.0.255", false, false},
    {"192.0.2.0/24", "192.0.2.0", "192.0.2.255", false, false},
    {"192.88.99.0/24", "192.88.99.0", "192.88.99.255", false, false},
    {"192.168.0.0/16", "192.168.0.0", "192.168.255.255", false, false},
    {"198.18.0.0/15", "198.18.0.0", "198.19.255.255", false, false},
    {"198.51.100.0/24", "198.51.100.0", "198.51.100.255", false, false},
    {"203.0.113.0/24", "203.0.113.0", "203.0.113.255", false, false},
    {"224.0.0.0/4", "224.0.0.0", "239.255.255.255", false, true},
    {"240.0.0.0/4", "240.0.0.0", "255.255.255.255", true, false},
    {"::", "::", "::", false, true},
    {"::1", "::1", "::1", true, true},
    {"::/96", "::2", "::ffff:ffff", true, false},
    {"::ffff:0.0.0.0/96", "::ffff:0:0", "::ffff:ffff:ffff", false, false},
    {"::ffff:0:0:0/96", "::ffff:0:0:0", "::ffff:0:ffff:ffff", false, false},
    {"64:ff9b::/96", "64:ff9b::", "64:ff9b::ffff:ffff", false, false},
    {"64:ff9b:1::/48", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
     false, false},
    {"100::/64", "100::", "100::ffff:ffff:ffff:ffff", false, false},
    {"2001::/23", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false,
     false},
    {"2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
     false, false},
    {"2002::/16", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false,
     false},
    {"3fff::/20", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false,
     false},
    {"5f00::/16", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false,
     false},
    {"fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false,
     false},
    {"fe80::/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false,
     true},
    {"fec0::/10", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true,
     true},
    {"ff00::/8", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true,
     false},
};

#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

static struct address read(const char *text)
{
    struct address address;

    CHECK(address_parse(text, strlen(text), &address));
    return address;
}

/* The next address (step 1) or the one before (-1); false past the ends. */
static bool step(struct address *address, int by)
{
    unsigned char edge = by > 0 ? 0xff : 0x00;

    for (int i = address->family == 4 ? 3 : 15; i >= 0; i--) {
        bool carry = address->bytes[i] == edge;

        address->bytes[i] = (unsigned char)(address->bytes[i] + by);
        if (!carry)
            return true;
    }
    return false;
}

static bool is_in(const struct address *address, const char *block)
{
    const struct special *special = special_find(address);
    char text[CIDR_TEXT];

    if (!special)
        return false;
    cidr_print(&special->block, text);
    return strcmp(text, block) == 0;
}

static void every_range_has_its_edges(void)
{
    size_t count;

    special_table(&count);
    CHECK(count == RANGES);
    for (size_t i = 0; i < RANGES; i++) {
        const struct range *range = &ranges[i];
        struct address first = read(range->first), last = read(range->last);

        CHECK(is_in(&first, range->block));
        CHECK(is_in(&last, range->block));
        if (step(&first, -1)) {
            CHECK(!is_in(&first, range->block));
            CHECK((special_find(&first) != NULL) == range->before);
        }
        if (step(&last, 1)) {
            CHECK(!is_in(&last, range->block));
            CHECK((special_find(&last) != NULL) == range->after);
        }
    }
}

static void public_addresses_are_ordinary(void)
{
    static const char *const list[] = {"8.8.8.8",       "1.1.1.1",
                                       "93.184.215.14", "2606:4700::1111",
                                       "2a00::1",       "2001:4860:4860::8888"};

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        struct address address = read(list[i]), inner[INNER_MAX];

        CHECK(special_find(&address) == NULL);
        CHECK(special_inner(&address, inner) == 0);
    }
}

/* The inner addresses in their order, with blanks between. */
static const char *inside(const char *text, char *out, size_t size)
{
    struct address address = read(text), inner[INNER_MAX];
    unsigned count = special_inner(&address, inner);
    size_t len = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        char one[ADDRESS_TEXT];

        address_print(&inner[i], one);
        len +=
            (size_t)snprintf(out + len, size - len, "%s%s", i ? " " : "", one);
    }
    return out;
}

static void every_wrapping_is_undone(void)
{
    char out[200];

#define CHECK_INSIDE(OUTER, WANT)                                              \
    CHECK_STR(inside(OUTER, out, sizeof(out)), WANT)
    CHECK_INSIDE("::ffff:127.0.0.1", "127.0.0.1");
    CHECK_INSIDE("::ffff:a9fe:a9fe", "169.254.169.254");
    CHECK_INSIDE("::127.0.0.1", "127.0.0.1");
    CHECK_INSIDE("::2", "0.0.0.2");
    CHECK_INSIDE("::", "");
    CHECK_INSIDE("::1", "");
    CHECK_INSIDE("::ffff:0:10.1.2.3", "10.1.2.3");
    CHECK_INSIDE("64:ff9b::10.1.2.3", "10.1.2.3");
    CHECK_INSIDE("2002:c0a8:101::", "192.168.1.1");
    CHECK_INSIDE("2002:7f00:1:ffff::1", "127.0.0.1");
    /* Teredo: the example of RFC 4380, then a client that is private. */
    CHECK_INSIDE("2001:0:4136:e378:8000:63bf:3fff:fdd2",
                 "192.0.2.45 65.54.227.120");
    CHECK_INSIDE("2001:0:102:304::f5ff:fffe", "10.0.0.1 1.2.3.4");
    /* RFC 6052 2.4, of the prefix for local use. */
    CHECK_INSIDE("64:ff9b:1:c000:2:2100::",
                 "192.0.2.33 0.2.33.0 2.33.0.0 0.0.0.0");
    CHECK_INSIDE("64:ff9b:1:c0:0:221::",
                 "0.192.0.2 192.0.2.33 0.2.33.0 0.0.0.0");
    CHECK_INSIDE("64:ff9b:1:0:c0:2:2100::",
                 "0.0.192.0 0.192.0.2 192.0.2.33 33.0.0.0");
    CHECK_INSIDE("64:ff9b:1::192.0.2.33",
                 "0.0.0.0 0.0.0.0 0.0.0.192 192.0.2.33");
    /* Just outside of each. */
    CHECK_INSIDE("::1:0:127.0.0.1", "");
    CHECK_INSIDE("::fffe:127.0.0.1", "");
    CHECK_INSIDE("64:ff9b::1:127.0.0.1", "");
    CHECK_INSIDE("64:ff9b:2::127.0.0.1", "");
    CHECK_INSIDE("2003:7f00:1::", "");
    CHECK_INSIDE("2001:1:7f00:1::", "");
    CHECK_INSIDE("127.0.0.1", "");
}

int main(void)
{
    every_range_has_its_edges();
    public_addresses_are_ordinary();
    every_wrapping_is_undone();
    return check_end("special");
}
