/* SPDX-License-Identifier: MIT */
/*
 * Lines to tasks: pulls the source, expands globs, reads lines, counts. The
 * only place that numbers requests.
 */
#ifndef APP_INTAKE_H
#define APP_INTAKE_H

#include "model/config.h"
#include "model/error.h"
#include "model/opt.h"
#include "model/request.h"
#include "policy/hosts.h"
#include "world/source.h"

#include <stdbool.h>

struct intake;

enum intake_result {
    INTAKE_REQUEST, /* *request is new and the caller's */
    INTAKE_INVALID, /* the same, and *error says what is wrong with it */
    INTAKE_WAIT,    /* none yet: the loop will turn when there are bytes */
    INTAKE_MORE,    /* none yet, but enough done for one call: pull soon */
    INTAKE_END,     /* no more */
    INTAKE_FAILED,  /* an input could not be read: a local fault, already
                       said on stderr; pull on */
};

/* All are borrowed. */
struct intake *intake_new(const struct config *config,
                          const struct opt_table *options,
                          struct source *source);
void intake_free(struct intake *intake);

/* See line_reader_set_hosts. */
void intake_set_hosts(struct intake *intake, const struct hosts *hosts);

/* The next request. Does a bounded amount of work. */
enum intake_result intake_pull(struct intake *intake, struct request **request,
                               struct error *error);

/* The index that the next request will have. */
uint64_t intake_next_index(const struct intake *intake);

/* Nothing more is read: see source_stop. A glob under way ends too. */
void intake_stop(struct intake *intake);

/* Where the first line that was not read stands; false: all was read. */
bool intake_unread(const struct intake *intake, const char **name,
                   uint64_t *number);

#endif
