/* SPDX-License-Identifier: MIT */
/* "Did you mean ...": the known word that is nearest to a mistyped one. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/*
 * Calls for each candidate keep the best in a struct nearest. Distance is the
 * optimal string alignment distance (a swap of neighbours counts one).
 */
struct nearest {
    const char *word; /* what was typed; borrowed */
    const char *best; /* the nearest so far, borrowed; NULL when none is */
    size_t distance;  /* its distance */
};

/* Starts a search for the word. */
void nearest_init(struct nearest *nearest, const char *word);

/* Offers a candidate, borrowed. */
void nearest_offer(struct nearest *nearest, const char *candidate);

/*
 * The nearest candidate when it is near enough to be worth naming (a third
 * of the word's length, at least 1, at most 4), else NULL.
 */
const char *nearest_found(const struct nearest *nearest);

#endif
