/* SPDX-License-Identifier: MIT */
/*
 * A body to its server-sent events: WHATWG HTML 9.2.5 (the stream's syntax)
 * and 9.2.6 (what it means). Must not know connections: who reconnects asks
 * for the last id and the time to wait.
 */
#include "base/buf.h"
#include "scrape/split_priv.h"

#include <string.h>

struct sse {
    struct split split; /* held: the line that is being read */
    bool comment;       /* that line is one: it is passed, not held */
    bool after_cr;      /* an LF now belongs to the line before */
    bool given;         /* data and type are of the event that was put */
    struct buf data;    /* each line of it with an LF behind */
    struct buf type;
    struct buf id;      /* takes effect with the event's end */
    struct buf last_id; /* what took effect */
};

static void sse_init(struct split *split)
{
    struct sse *sse = (struct sse *)split;

    buf_init(&sse->data, split->item_max);
    buf_init(&sse->type, split->item_max);
    buf_init(&sse->id, split->item_max);
    buf_init(&sse->last_id, split->item_max);
}

static void sse_release(struct split *split)
{
    struct sse *sse = (struct sse *)split;

    buf_release(&sse->data);
    buf_release(&sse->type);
    buf_release(&sse->id);
    buf_release(&sse->last_id);
}

static void set(struct buf *buf, const char *bytes, size_t len)
{
    buf_clear(buf);
    buf_add(buf, bytes, len);
}

static void sse_restart(struct split *split)
{
    struct sse *sse = (struct sse *)split;

    sse->comment = false;
    sse->after_cr = false;
    sse->given = false;
    buf_clear(&sse->data);
    buf_clear(&sse->type);
    set(&sse->id, sse->last_id.data, sse->last_id.len);
}

static bool is(const char *name, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(name, word, len) == 0;
}

/* Only digits count; what is too large for the number is the largest. */
static void set_retry(struct sse *sse, const char *value, size_t len)
{
    int64_t ms = 0;

    for (size_t i = 0; i < len; i++) {
        int digit = value[i] - '0';

        if (digit < 0 || digit > 9)
            return;
        ms = ms > (INT64_MAX - digit) / 10 ? INT64_MAX : ms * 10 + digit;
    }
    if (len > 0)
        sse->split.retry_ms = ms;
}

static void set_field(struct sse *sse, const char *name, size_t name_len,
                      const char *value, size_t len)
{
    if (is(name, name_len, "data")) {
        buf_add(&sse->data, value, len);
        buf_add_char(&sse->data, '\n');
    } else if (is(name, name_len, "event")) {
        set(&sse->type, value, len);
    } else if (is(name, name_len, "id")) {
        if (memchr(value, '\0', len) == NULL)
            set(&sse->id, value, len);
    } else if (is(name, name_len, "retry")) {
        set_retry(sse, value, len);
    }
}

/* A line that is neither empty nor a comment. */
static void read_field(struct sse *sse, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len), *value = line + len;
    size_t name_len = len;

    if (colon != NULL) {
        name_len = (size_t)(colon - line);
        value = colon + 1;
        if (name_len + 1 < len && *value == ' ')
            value++;
    }
    set_field(sse, line, name_len, value, (size_t)(line + len - value));
}

/* The blank line: false when there is no event before it. */
static bool dispatch(struct sse *sse, struct split_item *item)
{
    set(&sse->last_id, sse->id.data, sse->id.len);
    if (sse->last_id.len > 0)
        sse->split.id = sse->last_id.data;
    else
        sse->split.id = "";
    if (sse->data.len == 0) {
        buf_clear(&sse->type);
        return false;
    }
    item->text = sse->data.data;
    item->len = sse->data.len - 1;
    item->id = sse->split.id;
    item->id_len = sse->last_id.len;
    item->event = sse->type.len > 0 ? sse->type.data : "message";
    item->event_len = sse->type.len > 0 ? sse->type.len : strlen("message");
    item->retry_ms = sse->split.retry_ms;
    sse->given = true;
    return true;
}

/* Whether so many bytes more of the line fit into the event. */
static bool fits(struct sse *sse, size_t len)
{
    size_t used =
        sse->data.len + sse->type.len + sse->id.len + sse->split.held.len;

    if (used <= sse->split.item_max && len <= sse->split.item_max - used)
        return true;
    split_too_large(&sse->split);
    return false;
}

/* The line, or its end, is whole; true when it ends an event. */
static bool read_line(struct sse *sse, const char *bytes, size_t len,
                      struct split_item *item)
{
    const char *line;
    size_t total;

    if (sse->comment) {
        sse->comment = false;
        return false;
    }
    if (!fits(sse, len))
        return false;
    line = split_joined(&sse->split, bytes, len, &total);
    if (total == 0)
        return dispatch(sse, item);
    read_field(sse, line, total);
    buf_clear(&sse->split.held);
    return false;
}

static size_t line_prefix(const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len && bytes[at] != '\n' && bytes[at] != '\r')
        at++;
    return at;
}

static void forget_given(struct sse *sse)
{
    if (!sse->given)
        return;
    sse->given = false;
    buf_clear(&sse->data);
    buf_clear(&sse->type);
}

static size_t sse_next(struct split *split, const char *bytes, size_t len,
                       struct split_item *item, bool *whole)
{
    struct sse *sse = (struct sse *)split;
    size_t at = split_pass_bom(split, bytes, len);

    forget_given(sse);
    while (at < len && !*whole && split->fault == SPLIT_FINE) {
        const char *line = bytes + at;
        size_t n;

        if (sse->after_cr && *line == '\n') {
            sse->after_cr = false;
            at++;
            continue;
        }
        sse->after_cr = false;
        n = line_prefix(line, len - at);
        at += n;
        if (n > 0 && split->held.len == 0 && *line == ':')
            sse->comment = true;
        if (at < len) {
            sse->after_cr = bytes[at++] == '\r';
            *whole = read_line(sse, line, n, item);
        } else if (!sse->comment && fits(sse, n)) {
            split_hold(split, line, n);
        }
    }
    return at;
}

static bool sse_end(struct split *split, struct split_item *item)
{
    (void)split;
    (void)item;
    return false;
}

const struct split_type split_sse = {
    .kind = SPLIT_SSE,
    .noun = "event",
    .size = sizeof(struct sse),
    .init = sse_init,
    .release = sse_release,
    .restart = sse_restart,
    .next = sse_next,
    .end = sse_end,
};
