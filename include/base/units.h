/* SPDX-License-Identifier: MIT */
/*
 * Numbers with units, as options and JSON lines give them. All are strict:
 * the whole text must be the number; no sign, no white space, no locale.
 * Each returns 0, or -1 with why set (it names the text and what would do).
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "base/msg.h"

#include <stddef.h>
#include <stdint.h>

/* A decimal whole number from min to max. */
int unit_uint(const char *text, uint64_t min, uint64_t max, uint64_t *out,
              struct why *why);

/* A whole number with an optional sign, from min to max. */
int unit_int(const char *text, int64_t min, int64_t max, int64_t *out,
             struct why *why);

/*
 * A duration in seconds: "1.5", "1.5s", "200ms", "10m", "2h"; at most one
 * unit, a bare number is seconds. From 0 to 1e9 seconds.
 */
int unit_duration(const char *text, double *out, struct why *why);

/* A size in bytes: "100", "10K", "1.5M", "2G", "1T" (1024-based, optional
 * "B" or "iB" behind the letter, case does not matter), at most 2^63 - 1. */
int unit_size(const char *text, uint64_t *out, struct why *why);

/* A rate per second: "5", "5/s", "30/m", "100/h"; "0" is no limit. */
int unit_rate(const char *text, double *out, struct why *why);

#endif
