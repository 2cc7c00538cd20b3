/* SPDX-License-Identifier: MIT */
/*
 * The answer of a hop on its way to who takes its body besides memory: what
 * world/body says, as evidence.
 */
#include "world/fetch_priv.h"

#include <stdio.h>

/* Bytes of a file that are read again in a turn of the loop: 10 to 20 ms. */
#define PIECE_BYTES ((size_t)4 * 1024 * 1024)

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

    if (!answer)
        return true;
    if (!body_head(answer, transfer->hop.settings, &transfer->response,
                   plan->count > 0 || plan->fault))
        return refused(transfer);
    if (body_is_behind(answer))
        list_push_back(&transfer->fetch->behind, &transfer->behind);
    return true;
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

bool answer_waits(struct transfer *transfer)
{
    if (transfer->code != CURLE_OK ||
        transfer->response.evidence.ender != ENDED_BY_PEER)
        list_remove(&transfer->behind);
    return !list_empty(&transfer->behind);
}

void answer_leave(struct transfer *transfer)
{
    list_remove(&transfer->behind);
}

static void fail(struct transfer *transfer)
{
    refused(transfer);
    if (!transfer->over)
        transfer_end(transfer, CURLE_WRITE_ERROR);
    transfer->code = CURLE_WRITE_ERROR;
    transfer->response.evidence.curl_code = CURLE_WRITE_ERROR;
}

void answer_turn(struct fetch *fetch)
{
    struct list *node = list_pop_front(&fetch->behind);
    struct transfer *transfer;

    if (!node)
        return;
    transfer = container_of(node, struct transfer, behind);
    if (!body_catch_up(transfer->hop.answer, PIECE_BYTES))
        fail(transfer);
    else if (body_is_behind(transfer->hop.answer)) {
        list_push_back(&fetch->behind, &transfer->behind);
        return;
    }
    if (!transfer->over)
        return;
    list_remove(&transfer->place);
    list_push_back(&fetch->ended, &transfer->place);
}

bool fetch_catches_up(const struct fetch *fetch)
{
    return !list_empty(&fetch->behind);
}
