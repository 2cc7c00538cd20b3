/* SPDX-License-Identifier: MIT */
/*
 * Splitting, whatever into: counts and hands over the items that a kind finds,
 * and stops at a fault. Must not know what an item is.
 */
#include "scrape/split.h"

#include "base/buf.h"
#include "scrape/split_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char bom[BOM_DONE + 1] = "\xEF\xBB\xBF";

static const struct split_type *const types[] = {
    [SPLIT_LINES] = &split_lines,
    [SPLIT_SSE] = &split_sse,
    [SPLIT_JSON] = &split_json,
};

struct split *split_new(enum split_kind kind, size_t item_max)
{
    const struct split_type *type = types[kind];
    struct split *split = xcalloc(1, type->size);

    split->type = type;
    split->item_max = item_max;
    split->id = "";
    split->retry_ms = -1;
    buf_init(&split->held, item_max + 2);
    if (type->init != NULL)
        type->init(split);
    return split;
}

void split_free(struct split *split)
{
    if (split == NULL)
        return;
    if (split->type->release != NULL)
        split->type->release(split);
    buf_release(&split->held);
    free(split);
}

/* The item is whole; false when no more are wanted. */
static bool hand_over(struct split *split, struct split_item *item,
                      split_put *put, void *to)
{
    bool more;

    item->kind = split->type->kind;
    item->seq = split->seq++;
    more = put(to, item);
    buf_clear(&split->held);
    return more;
}

size_t split_feed(struct split *split, const char *bytes, size_t len,
                  split_put *put, void *to)
{
    bool more = true;
    size_t at = 0;

    while (more && at < len && split->fault == SPLIT_FINE) {
        struct split_item item = {.retry_ms = -1};
        bool whole = false;
        size_t taken =
            split->type->next(split, bytes + at, len - at, &item, &whole);

        at += taken;
        split->offset += taken;
        if (whole)
            more = hand_over(split, &item, put, to);
    }
    return at;
}

int split_end(struct split *split, split_put *put, void *to)
{
    struct split_item item = {.retry_ms = -1};

    if (split->bom < BOM_DONE) /* a part of one is no such mark */
        split_hold(split, bom, split->bom);
    split->bom = BOM_DONE;
    if (split->fault == SPLIT_FINE && split->type->end(split, &item))
        hand_over(split, &item, put, to);
    return split->fault == SPLIT_FINE ? 0 : -1;
}

void split_restart(struct split *split)
{
    buf_clear(&split->held);
    split->offset = 0;
    split->bom = 0;
    if (split->type->restart != NULL)
        split->type->restart(split);
}

enum split_fault split_fault(const struct split *split, struct why *why)
{
    if (split->fault != SPLIT_FINE)
        why_set(why, "%s", split->why.text);
    return split->fault;
}

const char *split_last_event_id(const struct split *split)
{
    return split->id;
}

int64_t split_retry_ms(const struct split *split)
{
    return split->retry_ms;
}

void split_hold(struct split *split, const char *bytes, size_t len)
{
    if (buf_add(&split->held, bytes, len) != 0)
        die("bug: an item was held beyond its limit");
}

const char *split_joined(struct split *split, const char *bytes, size_t len,
                         size_t *total)
{
    *total = split->held.len + len;
    if (split->held.len == 0)
        return bytes;
    split_hold(split, bytes, len);
    return split->held.data;
}

size_t split_pass_bom(struct split *split, const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len && split->bom < BOM_DONE) {
        if (bytes[at] == bom[split->bom]) {
            split->bom++;
            at++;
            continue;
        }
        split_hold(split, bom, split->bom);
        split->bom = BOM_DONE;
    }
    return at;
}

void split_too_large(struct split *split)
{
    split->fault = SPLIT_TOO_LARGE;
    why_set(&split->why, "the %s of seq %" PRIu64 " is larger than %zu bytes",
            split->type->noun, split->seq, split->item_max);
}
