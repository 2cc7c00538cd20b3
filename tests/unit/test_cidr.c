/* SPDX-License-Identifier: MIT */
/* Addresses read, and blocks of them: what is in and what is not. */
#include "model/cidr.h"

#include "check.h"

static void addresses_are_read_whole(void)
{
    static const char *const good[] = {"0.0.0.0", "255.255.255.255",
                                       "::", "2001:db8::1", "::ffff:1.2.3.4"};
    static const char *const bad[] = {"",          "1.2.3",    "1.2.3.4.5",
                                      "256.0.0.1", "01.2.3.4", " 1.2.3.4",
                                      "1.2.3.4 ",  "[::1]",    "::1%lo",
                                      "1::2::3",   "a.test",   "0x7f.0.0.1"};
    char long_one[100], text[ADDRESS_TEXT];
    struct address address;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CHECK(address_parse(good[i], strlen(good[i]), &address));
        address_print(&address, text);
        CHECK_STR(text, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(!address_parse(bad[i], strlen(bad[i]), &address));
    memset(long_one, '1', sizeof(long_one));
    CHECK(!address_parse(long_one, sizeof(long_one), &address));
    CHECK(address_parse("1.2.3.45", 7, &address) && address.bytes[3] == 4);
    CHECK(!address_parse("1.2.3.4\0", 8, &address));
}

static const char *printed(const char *text, char out[CIDR_TEXT])
{
    struct cidr cidr;

    if (cidr_parse(text, strlen(text), &cidr, NULL) != 0)
        return NULL;
    cidr_print(&cidr, out);
    return out;
}

static void blocks_are_read(void)
{
    char out[CIDR_TEXT];

    CHECK_STR(printed("10.0.0.0/8", out), "10.0.0.0/8");
    CHECK_STR(printed("10.255.3.4/8", out), "10.0.0.0/8");
    CHECK_STR(printed("10.255.3.4/9", out), "10.128.0.0/9");
    CHECK_STR(printed("10.255.3.4/0", out), "0.0.0.0/0");
    CHECK_STR(printed("192.0.2.1/32", out), "192.0.2.1");
    CHECK_STR(printed("192.0.2.1", out), "192.0.2.1");
    CHECK_STR(printed("fe80::1/10", out), "fe80::/10");
    CHECK_STR(printed("2001:db8::1/128", out), "2001:db8::1");
    CHECK_STR(printed("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127", out),
              "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127");
    CHECK_STR(printed("10.0.0.0/33", out), NULL);
    CHECK_STR(printed("::/129", out), NULL);
    CHECK_STR(printed("10.0.0.0/", out), NULL);
    CHECK_STR(printed("10.0.0.0/-1", out), NULL);
    CHECK_STR(printed("10.0.0.0/8x", out), NULL);
    CHECK_STR(printed("10.0.0.0/4294967304", out), NULL);
    CHECK_STR(printed("10.0.0.0/8/8", out), NULL);
    CHECK_STR(printed("10/8", out), NULL);
    CHECK_STR(printed("", out), NULL);
}

static void refusals_name_the_part(void)
{
    struct cidr cidr;
    struct why why;

    CHECK(cidr_parse("10/8", 4, &cidr, &why) == -1);
    CHECK_STR(why.text,
              "what stands before the slash is no IPv4 or IPv6 address");
    CHECK(cidr_parse("::/129", 6, &cidr, &why) == -1);
    CHECK_STR(why.text, "behind the slash must be a number from 0 to 128");
}

static bool has(const char *block, const char *text)
{
    struct cidr cidr;
    struct address address;

    CHECK(cidr_parse(block, strlen(block), &cidr, NULL) == 0);
    CHECK(address_parse(text, strlen(text), &address));
    return cidr_has(&cidr, &address);
}

/* Each length: the block's bits count, all of them and no other. */
static void every_bit_counts(void)
{
    for (unsigned family = 4; family <= 6; family += 2) {
        unsigned most = family == 4 ? 32 : 128;

        for (unsigned bits = 0; bits <= most; bits++) {
            struct cidr cidr = {{.family = (unsigned char)family}, 0};

            cidr.bits = (unsigned char)bits;
            for (unsigned bit = 0; bit < most; bit++) {
                struct address address = {.family = (unsigned char)family};

                address.bytes[bit / 8] = (unsigned char)(0x80 >> bit % 8);
                CHECK(cidr_has(&cidr, &address) == (bit >= bits));
            }
        }
    }
}

static void families_do_not_mix(void)
{
    CHECK(has("0.0.0.0/0", "255.1.2.3"));
    CHECK(!has("0.0.0.0/0", "::1"));
    CHECK(!has("::/0", "1.2.3.4"));
    CHECK(has("::/0", "ff00::1"));
    CHECK(has("192.0.2.7", "192.0.2.7"));
    CHECK(!has("192.0.2.7", "192.0.2.6"));
}

int main(void)
{
    addresses_are_read_whole();
    blocks_are_read();
    refusals_name_the_part();
    every_bit_counts();
    families_do_not_mix();
    return check_end("cidr");
}
