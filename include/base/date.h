/* SPDX-License-Identifier: MIT */
/* Dates of HTTP and of records. Pure: no clock is read. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads an HTTP-date in any of its three forms (RFC 9110 section 5.6.7:
 * IMF-fixdate, RFC 850, asctime), len bytes. `now` (seconds since the epoch)
 * places a two-digit year: one over 50 years ahead is in the past.
 * Returns 0 and seconds since the epoch, or -1 when it is none of the forms.
 */
int date_parse_http(const char *text, size_t len, int64_t now, int64_t *out);

/* Room for date_format_rfc3339, NUL included. */
#define DATE_RFC3339_SIZE 32

/* Writes "2026-01-31T23:59:59.123456Z" for seconds since the epoch. */
void date_format_rfc3339(char out[DATE_RFC3339_SIZE], double when);

#endif
