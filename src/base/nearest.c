/* SPDX-License-Identifier: MIT */
/*
 * The nearest known word. Knows words as bytes; what is offered (options,
 * keys, choices) and how it is said is the caller's. Not for speed: it runs
 * once, before a message.
 */
#include "base/nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Longer words are never near: all that is offered is shorter by far. */
#define WORD_MAX 64

void nearest_init(struct nearest *nearest, const char *word)
{
    *nearest = (struct nearest){.word = word, .distance = SIZE_MAX};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Optimal string alignment distance of two words of at most WORD_MAX bytes.
 * Row i of the table holds the distances from the first i bytes of a to every
 * prefix of b; a swap looks two rows back, so three rows go round.
 */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1];

    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above2 = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            bool same = a[i - 1] == b[j - 1];

            row[j] = least(least(above[j], row[j - 1]) + 1,
                           above[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t word_len = strlen(nearest->word), len = strlen(candidate), found;

    if (word_len > WORD_MAX || len > WORD_MAX)
        return;
    found = distance(nearest->word, word_len, candidate, len);
    if (found < nearest->distance) {
        nearest->distance = found;
        nearest->best = candidate;
    }
}

const char *nearest_found(const struct nearest *nearest)
{
    size_t enough = strlen(nearest->word) / 3;

    enough = enough < 1 ? 1 : enough > 4 ? 4 : enough;
    return nearest->distance <= enough ? nearest->best : NULL;
}
