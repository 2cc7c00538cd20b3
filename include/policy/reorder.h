/* SPDX-License-Identifier: MIT */
/*
 * Records in the order of the input (--keep-order), whatever order they end
 * in. Each index of a bounded window waits for its bytes; those that are there
 * before their turn are held in memory, and of more than a limit the ones that
 * are due last are offered to be put elsewhere. Pure: where elsewhere is, is
 * world/ordered's to know.
 */
#ifndef POLICY_REORDER_H
#define POLICY_REORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is held for an index. */
struct reorder_piece {
    uint64_t index;
    char *bytes; /* borrowed; NULL: it is elsewhere, at `place` */
    size_t len;
    uint64_t place;
};

struct reorder;

/* For indexes from 0, at most `window` (not 0) at a time from the first that
 * is missing on, and with at most `memory` bytes wanted in memory. */
struct reorder *reorder_new(size_t window, size_t memory);
void reorder_free(struct reorder *reorder);

/* True while the index is beyond the window: its request must not start, as
 * its record could not be held. */
bool reorder_full(const struct reorder *reorder, uint64_t index);

/*
 * Takes all that is to be printed for an index (bytes from malloc, freed by
 * the reorder; NULL with len 0: nothing, the turn is passed on). Once for
 * each index, and not beyond the window: anything else is a bug and dies.
 */
void reorder_put_take(struct reorder *reorder, uint64_t index, char *bytes,
                      size_t len);

/*
 * True when more is in memory than wanted: *piece is what is due last. The
 * one whose turn it is, is never offered.
 */
bool reorder_surplus(const struct reorder *reorder,
                     struct reorder_piece *piece);

/* The piece of reorder_surplus is elsewhere now; its bytes are freed. */
void reorder_moved(struct reorder *reorder, uint64_t index, uint64_t place);

/* True and *piece when the next one is there (an empty one has len 0); it
 * stays until reorder_pop, which passes the turn on. */
bool reorder_due(const struct reorder *reorder, struct reorder_piece *piece);
void reorder_pop(struct reorder *reorder);

/* The index whose turn it is; pieces held; bytes of them in memory, what each
 * costs beside its bytes included. */
uint64_t reorder_turn(const struct reorder *reorder);
size_t reorder_held(const struct reorder *reorder);
size_t reorder_memory(const struct reorder *reorder);

#endif
