/* SPDX-License-Identifier: MIT */
/*
 * SipHash-1-3 by hand (it is thirty lines and runs for every lookup), SHA-256
 * by nettle. Knows bytes only; what is hashed, and how it is framed so that
 * two different things never give the same bytes, is the caller's.
 */
#include "base/hash.h"

#include "base/msg.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void hash_seed_random(struct hash_seed *seed)
{
    ssize_t n;

    /* Up to 256 bytes come whole or not at all; only a signal interrupts. */
    do {
        n = getrandom(seed, sizeof(*seed), 0);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(*seed))
        die("the system gives no random numbers: %s", strerror(errno));
}

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

/* One round for each word of the message: the 1 of 1-3. */
static inline void sip_take(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

/* Little-endian on every machine, so that a hash can be named in a test. */
static inline uint64_t load_le(const unsigned char *bytes, size_t len)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

/* The same of 8 bytes, written so that compilers make one load of it. */
static inline uint64_t load_le64(const unsigned char *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 |
           (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 |
           (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

uint64_t hash_bytes(const struct hash_seed *seed, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    size_t left = len;
    struct sip s = {
        .v0 = seed->k0 ^ UINT64_C(0x736f6d6570736575),
        .v1 = seed->k1 ^ UINT64_C(0x646f72616e646f6d),
        .v2 = seed->k0 ^ UINT64_C(0x6c7967656e657261),
        .v3 = seed->k1 ^ UINT64_C(0x7465646279746573),
    };

    for (; left >= 8; left -= 8, at += 8)
        sip_take(&s, load_le64(at));
    sip_take(&s, load_le(at, left) | (uint64_t)len << 56);
    s.v2 ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

struct digest {
    struct sha256_ctx sha;
};

struct digest *digest_new(void)
{
    struct digest *digest = xmalloc(sizeof(*digest));

    sha256_init(&digest->sha);
    return digest;
}

void digest_free(struct digest *digest)
{
    free(digest);
}

void digest_add(struct digest *digest, const void *bytes, size_t len)
{
    if (len > 0)
        sha256_update(&digest->sha, len, bytes);
}

void digest_end(struct digest *digest, unsigned char *out, size_t len)
{
    sha256_digest(&digest->sha, len, out); /* it starts anew by itself */
}

void hex_encode(char *out, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}
