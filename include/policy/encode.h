/* SPDX-License-Identifier: MIT */
/* A record to its line of JSON. */
#ifndef POLICY_ENCODE_H
#define POLICY_ENCODE_H

#include "base/buf.h"
#include "model/record.h"

#include <stdint.h>

/*
 * Appends the record's fields that are in the set (bits of enum field, in the
 * table's order), as one line that ends with "\n". Returns 0, or -1 when out
 * was too small (it then holds what it held before).
 */
int encode_record(const struct record *record, uint64_t fields,
                  struct buf *out);

#endif
