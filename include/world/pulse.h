/* SPDX-License-Identifier: MIT */
/*
 * The clock of a run: monotonic seconds that stand still while the process
 * does (SIGTSTP, SIGSTOP, a frozen machine), so that no wait becomes a
 * time-out by it. The loop turns at least once a second, and reads the clock
 * whenever it does: what is longer than PULSE_GAP between two readings is left
 * out, all of it. Also where the time of a turn went.
 */
#ifndef WORLD_PULSE_H
#define WORLD_PULSE_H

#include <stdbool.h>
#include <stddef.h>

/* Seconds without a reading that are no time of the run. */
#define PULSE_GAP 1.5

/* What a turn of the loop is spent on. */
enum pulse_part {
    PULSE_OTHER,
    PULSE_LIBCURL,
    PULSE_LANDING,
    PULSE_STARTING,
    PULSE_READING,
    PULSE_WRITING,
    PULSE_PARTS,
};

struct pulse {
    double last;    /* reading: of CLOCK_MONOTONIC */
    double stopped; /* seconds left out so far */
    double parts[PULSE_PARTS];
};

/* From now on. */
void pulse_init(struct pulse *pulse);

/* The time now; what has passed since the last reading is the part's. */
double pulse_read(struct pulse *pulse, enum pulse_part part);

/* A turn begins: what has passed since the last reading was sleep. */
void pulse_wake(struct pulse *pulse);

/* Seconds of this turn so far, as far as they were read. */
double pulse_turn(const struct pulse *pulse);

/* The parts of the turn in words, the longest first, cut to fit: "libcurl
 * 0.120 s, reading 0.010 s". */
void pulse_explain(const struct pulse *pulse, char *out, size_t size);

#endif
