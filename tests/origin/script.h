/* SPDX-License-Identifier: MIT */
/*
 * The script: what a request's path and query ask for, as a reply.
 * main.c opens with the whole language.
 */
#ifndef ORIGIN_SCRIPT_H
#define ORIGIN_SCRIPT_H

#include "reply.h"
#include "request.h"
#include "stats.h"

#include <stdbool.h>

/* One request to answer, and where it came from. */
struct script {
    struct stats *stats;
    const struct request *req;
    struct reply *reply;
    const char *arg;     /* the path behind "/name/", "" when none */
    uint64_t connection; /* its serial number */
    unsigned nth;        /* which request of its connection, from 1 */
};

/* A word of the language: the path's first segment. */
struct route {
    const char *name;
    void (*handle)(struct script *x);
};

/* The answers that break a rule of HTTP; ended by a NULL name. */
extern const struct route fault_routes[];

/* /ranges: in ranges.c. */
void script_ranges(struct script *x);

/* Asks about the origin itself, so it is neither counted nor logged. */
bool script_is_control(const struct request *q);

/* Fills x->reply. END_CLOSE there beforehand: the connection shall close. */
void script_answer(struct script *x);

#endif
