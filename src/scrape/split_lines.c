/* SPDX-License-Identifier: MIT */
/*
 * A body to its lines. Knows LF and CRLF; what the lines say, and in which
 * charset, is nobody's affair here.
 */
#include "base/buf.h"
#include "scrape/split_priv.h"

#include <string.h>

/* The line, when its text is within the limit. */
static bool give(struct split *split, struct split_item *item, const char *text,
                 size_t len)
{
    if (len > split->item_max) {
        split_too_large(split);
        return false;
    }
    item->text = text;
    item->len = len;
    return true;
}

/* A part of a line; a CR at its end may yet belong to the line's end. */
static void hold_part(struct split *split, const char *bytes, size_t len)
{
    size_t most = split->item_max + (bytes[len - 1] == '\r');

    if (len > most || split->held.len > most - len)
        split_too_large(split);
    else
        split_hold(split, bytes, len);
}

static size_t lines_next(struct split *split, const char *bytes, size_t len,
                         struct split_item *item, bool *whole)
{
    const char *end = memchr(bytes, '\n', len), *text;
    size_t part, total;

    if (end == NULL) {
        hold_part(split, bytes, len);
        return len;
    }
    part = (size_t)(end - bytes);
    if (split->held.len + part > split->item_max + 1) { /* 1: a CR */
        split_too_large(split);
        return part;
    }
    text = split_joined(split, bytes, part, &total);
    if (total > 0 && text[total - 1] == '\r')
        total--;
    *whole = give(split, item, text, total);
    return part + 1;
}

static bool lines_end(struct split *split, struct split_item *item)
{
    return split->held.len > 0 &&
           give(split, item, split->held.data, split->held.len);
}

const struct split_type split_lines = {
    .kind = SPLIT_LINES,
    .noun = "line",
    .size = sizeof(struct split),
    .next = lines_next,
    .end = lines_end,
};
