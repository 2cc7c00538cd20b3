/* SPDX-License-Identifier: MIT */
/*
 * Random numbers for jitter and shuffles (xoshiro256++, Blackman and Vigna
 * 2019; seeded through splitmix64). Not for secrets. One seed gives one
 * sequence on every machine, so tests can name it.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

/* Starts the sequence that belongs to the seed. */
void rng_seed(struct rng *rng, uint64_t seed);

/* The next 64 random bits. */
uint64_t rng_next(struct rng *rng);

/* A random number in [0, 1), 53 bits of it. */
double rng_unit(struct rng *rng);

#endif
