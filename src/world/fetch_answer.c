/* SPDX-License-Identifier: MIT */
/*
 * The answer of a hop on its way to who takes its body besides memory: what
 * world/body says, as evidence.
 */
#include "world/fetch_priv.h"

#include <stdio.h>

/* Notes why it does not take the body. */
static bool refused(struct transfer *transfer)
{
    struct evidence *evidence = &transfer->response.evidence;
    const char *text;

    evidence->os_errno = body_trouble(transfer->hop.answer, &text);
    evidence->ender = evidence->os_errno ? ENDED_BY_WRITE : ENDED_BY_HEADERS;
    snprintf(evidence->text, sizeof(evidence->text), "%.*s",
             (int)sizeof(evidence->text) - 1, text);
    return false;
}

bool answer_begin(struct transfer *transfer)
{
    const struct decode_plan *plan = &transfer->plan;
    struct body *answer = transfer->hop.answer;

    return !answer ||
           body_head(answer, transfer->hop.settings, &transfer->response,
                     plan->count > 0 || plan->fault) ||
           refused(transfer);
}

bool answer_take(struct transfer *transfer, const char *bytes, size_t len)
{
    struct body *answer = transfer->hop.answer;

    return !answer || body_take(answer, bytes, len) || refused(transfer);
}

void answer_end(struct transfer *transfer)
{
    if (transfer->code == CURLE_OK && transfer->hop.answer)
        body_end(transfer->hop.answer, &transfer->response.evidence);
}
