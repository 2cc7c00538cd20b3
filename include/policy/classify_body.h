/* SPDX-License-Identifier: MIT */
/* What is wrong with a body that came: a part of policy/classify. */
#ifndef POLICY_CLASSIFY_BODY_H
#define POLICY_CLASSIFY_BODY_H

#include "model/error.h"
#include "model/response.h"

#include <stdbool.h>

/* Names evidence->coding, which is not CODING_FINE. */
void classify_coding(struct error *error, const struct evidence *evidence);

/* Names evidence->stream, which is not STREAM_FINE. */
void classify_stream(struct error *error, const struct evidence *evidence);

/* Names evidence->range; false when that is RANGE_FINE. */
bool classify_range(struct error *error, const struct evidence *evidence);

#endif
