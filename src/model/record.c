/* SPDX-License-Identifier: MIT */
/*
 * The record's growing parts: its hops and its attempts. It knows nothing of
 * how they come about, nor of how they are printed.
 */
#include "model/record.h"
#include "base/msg.h"

#include <stdlib.h>
#include <string.h>

void record_init(struct record *record, const struct request *request)
{
    memset(record, 0, sizeof *record);
    record->request = request;
    response_init(&record->response);
}

void record_clear_redirects(struct record *record)
{
    for (size_t i = 0; i < record->redirect_count; i++)
        free(record->redirects[i].url);
    free(record->redirects);
    record->redirects = NULL;
    record->redirect_count = 0;
}

void record_release(struct record *record)
{
    record_clear_redirects(record);
    free(record->tries);
    free(record->final_url);
    free(record->body_file);
    response_release(&record->response);
    buf_release(&record->preview);
    free(record->preview_proxy);
    record_init(record, record->request);
}

/* Room for one more item: arrays grow when they hold a power of two. */
static void *grow(void *items, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return items;
    return xrealloc(items, (count == 0 ? 1 : count * 2) * size);
}

void record_add_redirect_take(struct record *record, int status, char *url)
{
    record->redirects = grow(record->redirects, record->redirect_count,
                             sizeof *record->redirects);
    record->redirects[record->redirect_count++] =
        (struct record_redirect){.status = status, .url = url};
}

void record_add_try(struct record *record, const struct record_try *attempt)
{
    if (record->try_count == RECORD_TRIES_MAX) {
        record->try_count--;
        memmove(record->tries, record->tries + 1,
                record->try_count * sizeof(*record->tries));
        record->tries[record->try_count++] = *attempt;
        return;
    }
    record->tries =
        grow(record->tries, record->try_count, sizeof *record->tries);
    record->tries[record->try_count++] = *attempt;
}

const char *record_note_name(enum record_note note)
{
    switch (note) {
    case NOTE_AMBIGUOUS_FRAMING:
        return "ambiguous_framing";
    case NOTE_LENGTH_UNKNOWN:
        return "length_unknown";
    case NOTE_UNASKED_RANGE:
        return "unasked_range";
    }
    return "unknown";
}
