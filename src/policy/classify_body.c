/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a body that came: its coding, its items, the rest of it
 * that was asked for. Knows nothing of connections.
 */
#include "policy/classify_body.h"

#include <inttypes.h>

/* A body that came, but is not what its Content-Encoding says. */
void classify_coding(struct error *error, const struct evidence *evidence)
{
    switch (evidence->coding) {
    case CODING_UNKNOWN:
        error_set(error, CLASS_DECODE, CODE_BAD_ENCODING, PHASE_BODY,
                  "the content coding \"%s\" is not known; the body is kept as "
                  "it came",
                  evidence->coding_name);
        break;
    case CODING_LAYERS:
        error_set(error, CLASS_DECODE, CODE_BAD_ENCODING, PHASE_BODY,
                  "too many content codings; the body is kept as it came");
        break;
    case CODING_JUNK:
        error_set(error, CLASS_DECODE, CODE_BAD_ENCODING, PHASE_BODY,
                  "other bytes follow the end of the coded body");
        break;
    case CODING_CUT:
        error_set(error, CLASS_DECODE, CODE_TRUNCATED_STREAM, PHASE_BODY,
                  "the coded body ends before its end, after %" PRIu64
                  " bytes (%" PRIu64 " decoded)",
                  evidence->body_bytes, evidence->decoded_bytes);
        error->retryable = true;
        break;
    case CODING_RATIO:
        error_set(error, CLASS_TOO_LARGE, CODE_RATIO, PHASE_BODY,
                  "%" PRIu64 " bytes of the body became %" PRIu64
                  " when decoded (%" PRIu64 ":1), more than --max-ratio allows",
                  evidence->body_bytes, evidence->peak_bytes,
                  evidence->peak_bytes /
                      (evidence->body_bytes ? evidence->body_bytes : 1));
        break;
    default: /* CODING_CORRUPT */
        error_set(error, CLASS_DECODE, CODE_BAD_ENCODING, PHASE_BODY,
                  "the body is not what its Content-Encoding says, or damaged");
        break;
    }
}

/* A body that is not what --stream says. */
void classify_stream(struct error *error, const struct evidence *evidence)
{
    switch (evidence->stream) {
    case STREAM_NO_EVENTS:
        error_set(error, CLASS_DECODE, CODE_CONTENT_TYPE, PHASE_HEADERS,
                  "the answer is no event stream: its Content-Type is %s",
                  *evidence->stream_text ? evidence->stream_text : "missing");
        break;
    case STREAM_BIG_ITEM:
        error_set(error, CLASS_TOO_LARGE, CODE_ITEM, PHASE_BODY, "%s",
                  evidence->stream_text);
        break;
    default: /* STREAM_BAD_JSON */
        error_set(error, CLASS_DECODE, CODE_BAD_JSON, PHASE_BODY, "%s",
                  evidence->stream_text);
        break;
    }
}

/* What was asked for was the rest of a body. False: it came, or was not. */
bool classify_range(struct error *error, const struct evidence *evidence)
{
    switch (evidence->range) {
    case RANGE_FINE:
        return false;
    case RANGE_OTHER:
        error_set(error, CLASS_PROTOCOL, CODE_BAD_RANGE, evidence->phase,
                  "the answer is not the rest of the body that was asked for");
        break;
    case RANGE_REFUSED:
        error_set(error, CLASS_PROTOCOL, CODE_BAD_RANGE, evidence->phase,
                  "the server has no rest of the body to give");
        break;
    case RANGE_SHORT:
        error_set(error, CLASS_TRUNCATED, CODE_EOF, PHASE_BODY,
                  "the rest that came ends after %" PRIu64
                  " bytes of the body, before its end",
                  evidence->decoded_bytes);
        break;
    }
    error->retryable = true; /* it begins anew, or goes on from there */
    return true;
}
