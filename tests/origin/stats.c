/* SPDX-License-Identifier: MIT */
/*
 * Counting. Knows names and numbers, nothing of connections or scripts.
 */
#include "stats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LOG ((size_t)64 << 20)

static size_t hash_of(const char *name)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 32));
}

static void table_rehash(struct table *t)
{
    size_t count = t->slot_count ? 4 * t->slot_count : 64;

    t->slots = text_grow(t->slots, count * sizeof *t->slots);
    memset(t->slots, 0, count * sizeof *t->slots);
    t->slot_count = count;
    for (struct entry *e = t->first; e; e = e->next) {
        struct entry **slot = &t->slots[hash_of(e->name) % count];

        e->chain = *slot;
        *slot = e;
    }
}

struct entry *table_at(struct table *t, const char *name)
{
    size_t size = strlen(name) + 1;
    struct entry **slot, *e;

    if (t->count >= t->slot_count)
        table_rehash(t);
    slot = &t->slots[hash_of(name) % t->slot_count];
    for (e = *slot; e; e = e->chain) {
        if (strcmp(e->name, name) == 0)
            return e;
    }
    e = text_grow(NULL, sizeof *e);
    *e = (struct entry){.name = text_grow(NULL, size), .chain = *slot};
    memcpy(e->name, name, size);
    *slot = e;
    if (t->last)
        t->last->next = e;
    else
        t->first = e;
    t->last = e;
    t->count++;
    return e;
}

void table_release(struct table *t)
{
    for (struct entry *e = t->first, *next; e; e = next) {
        next = e->next;
        free(e->name);
        free(e);
    }
    free(t->slots);
    *t = (struct table){0};
}

static void counts_begin(struct counts *c)
{
    c->requests++;
    if (++c->active > c->max_active)
        c->max_active = c->active;
}

void stats_begin(struct stats *s, struct entry *host)
{
    counts_begin(&s->all);
    counts_begin(&host->counts);
}

void stats_end(struct stats *s, struct entry *host)
{
    s->all.active--;
    host->counts.active--;
}

void stats_log(struct stats *s, const char *method, const char *target)
{
    if (s->log.len < MAX_LOG)
        text_printf(&s->log, "%s %s\n", method, target);
}

static void counts_reset(struct counts *c)
{
    c->connections = c->requests = 0;
    c->max_active = c->active;
}

void stats_reset(struct stats *s)
{
    counts_reset(&s->all);
    s->max_open = s->open;
    for (struct entry *e = s->hosts.first; e; e = e->next)
        counts_reset(&e->counts);
    table_release(&s->keys);
    text_clear(&s->log);
}

static void counts_members(const struct counts *c, struct text *out)
{
    text_printf(out,
                "\"connections\":%" PRIu64 ",\"requests\":%" PRIu64
                ",\"active\":%" PRIu64 ",\"max_active\":%" PRIu64,
                c->connections, c->requests, c->active, c->max_active);
}

void counts_json(const struct counts *c, struct text *out)
{
    text_puts(out, "{");
    counts_members(c, out);
    text_puts(out, "}");
}

void stats_json(const struct stats *s, struct text *out)
{
    const char *comma = "";

    text_puts(out, "{");
    counts_members(&s->all, out);
    text_printf(out,
                ",\"open\":%" PRIu64 ",\"max_open\":%" PRIu64 ",\"hosts\":{",
                s->open, s->max_open);
    for (const struct entry *e = s->hosts.first; e; e = e->next) {
        if (e->counts.requests == 0 && e->counts.active == 0)
            continue;
        text_puts(out, comma);
        text_json(out, e->name, strlen(e->name));
        text_puts(out, ":");
        counts_json(&e->counts, out);
        comma = ",";
    }
    text_puts(out, "}}\n");
}

void stats_release(struct stats *s)
{
    table_release(&s->hosts);
    table_release(&s->keys);
    text_release(&s->log);
}
