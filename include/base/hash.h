/* SPDX-License-Identifier: MIT */
/*
 * Two hashes with two purposes. hash_bytes is fast and keyed (SipHash-1-3,
 * Aumasson and Bernstein 2012, reduced rounds): for tables in memory, whose
 * keys a stranger may choose. digest is SHA-256 (FIPS 180-4, by nettle): for
 * what must not collide even on purpose, such as the identity of a request.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_seed {
    uint64_t k0, k1;
};

/* A seed from the system's random source (getrandom; dies when it fails). */
void hash_seed_random(struct hash_seed *seed);

/* 64 bits of the bytes under the seed. */
uint64_t hash_bytes(const struct hash_seed *seed, const void *bytes,
                    size_t len);

/* A SHA-256 in progress. */
struct digest;

struct digest *digest_new(void);
void digest_free(struct digest *digest);

/* Takes more bytes in. */
void digest_add(struct digest *digest, const void *bytes, size_t len);

/* Ends the sum: out gets its first len bytes (1 to 32); starts anew. */
void digest_end(struct digest *digest, unsigned char *out, size_t len);

/* Writes 2 * len lower-case hex digits and a NUL. */
void hex_encode(char *out, const unsigned char *bytes, size_t len);

#endif
