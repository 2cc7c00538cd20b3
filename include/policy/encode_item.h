/* SPDX-License-Identifier: MIT */
/*
 * An item of a streamed body to its line of JSON, which comes before the
 * record of its request. It has no `ok`, and no record has a `seq`: by these
 * a reader tells them apart.
 */
#ifndef POLICY_ENCODE_ITEM_H
#define POLICY_ENCODE_ITEM_H

#include "base/buf.h"
#include "model/request.h"
#include "model/split_item.h"

/*
 * Appends the item as one line that ends with "\n", its members in this order:
 *
 *   index     the request's, as in its record
 *   id        the request's, where it has one
 *   seq       the item's
 *   text      of a line: itself; when that is not UTF-8, in base64
 *   encoding  of a line: "utf-8" or "base64"
 *   event     of an event: {id, event, data, retry}; strings, invalid UTF-8
 *             replaced by U+FFFD; retry in milliseconds, or null
 *   value     of a JSON value: itself (numbers as they were written), what
 *             must not reach a terminal escaped
 *
 * Returns 0, or -1 when out was too small (it then holds what it held before).
 */
int encode_item(const struct request *request, const struct split_item *item,
                struct buf *out);

#endif
