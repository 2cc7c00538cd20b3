/* SPDX-License-Identifier: MIT */
/*
 * What the origin has seen: connections and requests, in all and for each
 * Host header, counts for each key of a script, and a log of the requests.
 */
#ifndef ORIGIN_STATS_H
#define ORIGIN_STATS_H

#include "text.h"

#include <stdint.h>

struct counts {
    uint64_t connections;
    uint64_t requests;
    uint64_t active; /* requests in progress now */
    uint64_t max_active;
};

/* A named count; stays where it is until the table is released. */
struct entry {
    char *name;
    struct counts counts;
    struct entry *chain, *next; /* same slot; in order of their coming */
};

/* All zero is a valid empty table. */
struct table {
    struct entry **slots;
    size_t slot_count, count;
    struct entry *first, *last;
};

struct stats {
    struct counts all;
    uint64_t open, max_open; /* connections */
    struct table hosts, keys;
    struct text log;
};

/* The entry of this name, made when it is not there yet. */
struct entry *table_at(struct table *t, const char *name);
void table_release(struct table *t);

void stats_begin(struct stats *s, struct entry *host); /* a request starts */
void stats_end(struct stats *s, struct entry *host);

/* One line "METHOD TARGET"; when the log is full, nothing. */
void stats_log(struct stats *s, const char *method, const char *target);

/* Counts from zero again (what is open or in progress stays), log and keys
 * emptied. */
void stats_reset(struct stats *s);

void stats_json(const struct stats *s, struct text *out);
void counts_json(const struct counts *c, struct text *out);
void stats_release(struct stats *s);

#endif
