/* SPDX-License-Identifier: MIT */
/*
 * What scrape/split and the files of its kinds share. To be included by them
 * alone.
 */
#ifndef SCRAPE_SPLIT_PRIV_H
#define SCRAPE_SPLIT_PRIV_H

#include "base/buf.h"
#include "scrape/split.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a byte order mark. */
#define BOM_DONE 3

/* The first member of each kind's own struct. */
struct split {
    const struct split_type *type;
    size_t item_max;
    uint64_t seq;     /* of the item that is being read */
    uint64_t offset;  /* bytes of the body before those now fed */
    unsigned bom;     /* bytes of a byte order mark passed */
    struct buf held;  /* what earlier pieces brought of the item or line */
    const char *id;   /* what split_last_event_id tells; owned by the kind */
    int64_t retry_ms; /* what split_retry_ms tells */
    struct why why;   /* of the fault */
    enum split_fault fault;
};

/* A kind. init, release and restart may be NULL. */
struct split_type {
    enum split_kind kind;
    const char *noun; /* an item, as messages call it */
    size_t size;      /* of the kind's own struct, which is zero at first */
    void (*init)(struct split *split);
    void (*release)(struct split *split);
    void (*restart)(struct split *split);

    /*
     * Reads bytes (at least one) up to the end of the first item or to the
     * first fault, else all. Returns how many; true in *whole and the item
     * filled in (all but kind and seq) when it came to the end of one.
     * `held` is emptied once the item is put.
     */
    size_t (*next)(struct split *split, const char *bytes, size_t len,
                   struct split_item *item, bool *whole);

    /* The same at the end of the body: true when that ends an item. */
    bool (*end)(struct split *split, struct split_item *item);
};

extern const struct split_type split_lines, split_sse, split_json;

/* Keeps bytes for later; the kind has looked at their number. */
void split_hold(struct split *split, const char *bytes, size_t len);

/*
 * The held bytes with these behind, in one piece: points to these when none
 * are held. Sets *total.
 */
const char *split_joined(struct split *split, const char *bytes, size_t len,
                         size_t *total);

/*
 * Passes a byte order mark at the start of the body. Returns the bytes passed;
 * when they turn out to be none, they are in `held`.
 */
size_t split_pass_bom(struct split *split, const char *bytes, size_t len);

/* Sets the fault of the item that is being read. */
void split_too_large(struct split *split);

#endif
