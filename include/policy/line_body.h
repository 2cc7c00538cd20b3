/* SPDX-License-Identifier: MIT */
/*
 * Bodies that a JSON line describes rather than holds: for policy/line_keys
 * alone. Both take literal values only: nothing of a line names a file. 0 with
 * a body for the caller to free, or -1 with why, which does not name the key.
 */
#ifndef POLICY_LINE_BODY_H
#define POLICY_LINE_BODY_H

#include "base/json.h"
#include "base/msg.h"
#include "policy/form.h"

#include <stddef.h>

/*
 * A multipart form (see policy/form), of either
 *   {"NAME": "TEXT", "NAME": ["TEXT", ...]}            texts, or
 *   [{"name": N, "value": TEXT, "filename": F, "type": T}, ...]
 * with `base64` for `value` where the bytes are no text; filename and type
 * may be absent. type is its Content-Type.
 */
int line_form(const struct json_member *member, char **body, size_t *len,
              char type[FORM_TYPE_SIZE], struct why *why);

/* An object of texts, or of arrays of texts, as a form of
 * application/x-www-form-urlencoded; names and values are encoded. */
int line_urlencoded(const struct json_member *member, char **body, size_t *len,
                    struct why *why);

#endif
