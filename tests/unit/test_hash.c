/* SPDX-License-Identifier: MIT */
/* Both hashes against published vectors, hex, and the seed. */
#include "base/hash.h"

#include "check.h"

#include <stdbool.h>

/*
 * Key 00 01 .. 0f, message 00 01 .. of that length, as in the vectors of the
 * SipHash paper, with rounds 1-3. The value under a zero key is that of
 * CPython (3.11 and later, PYTHONHASHSEED=0) for hash(b"afetch").
 */
static void test_siphash(void)
{
    static const struct {
        size_t len;
        uint64_t want;
    } rows[] = {
        {0, UINT64_C(0xabac0158050fc4dc)},   {1, UINT64_C(0xc9f49bf37d57ca93)},
        {7, UINT64_C(0xd3927d989bb11140)},   {8, UINT64_C(0x369095118d299a8e)},
        {9, UINT64_C(0x25a48eb36c063de4)},   {15, UINT64_C(0xd320d86d2a519956)},
        {16, UINT64_C(0xcc4fdd1a7d908b66)},  {63, UINT64_C(0x9d199062b7bbb3a8)},
        {300, UINT64_C(0x4016a23bda5a2224)},
    };
    const struct hash_seed key = {UINT64_C(0x0706050403020100),
                                  UINT64_C(0x0f0e0d0c0b0a0908)};
    const struct hash_seed zero = {0, 0};
    unsigned char message[301];

    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(hash_bytes(&key, message, rows[i].len) == rows[i].want);
    /* Alignment does not matter. */
    memmove(message + 1, message, 300);
    CHECK(hash_bytes(&key, message + 1, 300) == rows[8].want);
    CHECK(hash_bytes(&zero, "afetch", 6) == UINT64_C(0xc5bc9c1b0783a70a));
    CHECK(hash_bytes(&key, NULL, 0) == rows[0].want);
}

static void test_seed(void)
{
    struct hash_seed a = {0, 0}, b = {0, 0};

    hash_seed_random(&a);
    hash_seed_random(&b);
    CHECK(a.k0 != b.k0 && a.k1 != b.k1);
    CHECK(a.k0 != a.k1);
    CHECK(hash_bytes(&a, "x", 1) != hash_bytes(&b, "x", 1));
}

/* Ends the sum and compares its first len bytes with hex digits. */
static bool ends_as(struct digest *digest, const char *hex, size_t len)
{
    unsigned char sum[33];
    char text[65];

    memset(sum, 0xEE, sizeof(sum));
    digest_end(digest, sum, len);
    hex_encode(text, sum, len);
    return sum[len] == 0xEE && strncmp(text, hex, 2 * len) == 0;
}

/* The examples of FIPS 180-2. */
static void test_digest(void)
{
    static const char none[] = "e3b0c44298fc1c149afbf4c8996fb924"
                               "27ae41e4649b934ca495991b7852b855";
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223"
                              "b00361a396177a9cb410ff61f20015ad";
    static const char two_blocks[] = "248d6a61d20638b8e5c026930c3e6039"
                                     "a33ce45964ff2167f6ecedd419db06c1";
    static const char million[] = "cdc76e5c9914fb9281a1c7e284d73e67"
                                  "f1809a48a497200e046d39ccc7112cd0";
    struct digest *digest = digest_new();
    char as[1000];

    CHECK(ends_as(digest, none, 32));
    digest_add(digest, "abc", 3);
    CHECK(ends_as(digest, abc, 32));
    digest_add(digest, "a", 1); /* it started anew; pieces are one text */
    digest_add(digest, NULL, 0);
    digest_add(digest, "bc", 2);
    CHECK(ends_as(digest, abc, 32));
    digest_add(digest,
               "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
    CHECK(ends_as(digest, two_blocks, 32));
    memset(as, 'a', sizeof(as));
    for (int i = 0; i < 1000; i++)
        digest_add(digest, as, sizeof(as));
    CHECK(ends_as(digest, million, 32));
    for (size_t len = 1; len < 32; len++) {
        digest_add(digest, "abc", 3);
        CHECK(ends_as(digest, abc, len));
    }
    digest_free(digest);
    digest_free(NULL);
}

static void test_hex(void)
{
    char out[12];

    hex_encode(out, (const unsigned char *)"\x00\x7f\x80\xff\xa5", 5);
    CHECK_STR(out, "007f80ffa5");
    hex_encode(out, NULL, 0);
    CHECK_STR(out, "");
}

int main(void)
{
    test_siphash();
    test_seed();
    test_digest();
    test_hex();
    return check_end("hash");
}
