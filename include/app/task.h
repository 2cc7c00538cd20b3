/* SPDX-License-Identifier: MIT */
/*
 * A task: one request on its way through the run, from its line to its
 * record. It owns the request and the record; the scheduler, the heap of
 * clocks and the lists of the run hold it by members of it. What a hop or an
 * attempt adds to the record is added here; nothing here decides.
 */
#ifndef APP_TASK_H
#define APP_TASK_H

#include "base/heap.h"
#include "base/list.h"
#include "model/config.h"
#include "model/record.h"
#include "policy/names.h"
#include "policy/race.h"
#include "policy/redirect.h"
#include "policy/sched.h"
#include "policy/verdict.h"
#include "scrape/stream.h"
#include "world/body.h"
#include "world/fetch.h"

#include <stdbool.h>
#include <stddef.h>

struct task {
    struct sched_item item; /* waiting, or running */
    struct heap_node clock; /* the next of its own time limits */
    struct list flying;     /* in run->flying while a hop is under way */
    struct racer racer;     /* in the group that it races with */
    enum error_code cancel; /* no longer wanted, and why; CODE_NONE: it is */

    struct request *request; /* owned */
    struct record record;    /* owned contents */
    struct stream *stream;   /* owned; NULL: none is asked for */
    struct body *body;       /* owned; NULL: the answer's goes nowhere else */

    /* the hop: under way, or the next one */
    struct url to;    /* owned; all NULL: the request's own URL */
    bool to_get;      /* a redirect turned the method into GET */
    bool elsewhere;   /* not the origin that the line names */
    bool conditional; /* validators of the ETag store go along */
    unsigned hops;    /* followed in this attempt */
    fetch_id id;      /* 0 when no hop is under way */
    double hop_began;
    double asked;  /* since when it waits for its name; 0: it does not */
    double lookup; /* seconds of this hop that the lookup took */

    /* the attempt */
    double attempt_began;
    double attempt_left;    /* seconds of -m left; INFINITY without */
    double paused;          /* seconds of this hop's pauses given back so far */
    bool attempt_sent;      /* in an earlier hop of this attempt */
    uint64_t attempt_items; /* of the stream, before it */

    /* the request */
    bool sent;            /* sent at all: first_sent holds */
    double first_sent;    /* of all attempts */
    bool in_window;       /* it waits, and counts in the window */
    bool no_http3;        /* an attempt failed: the next ones do without */
    double wait_began;    /* since when it waits, while it does */
    unsigned stream_base; /* attempts up to the last one that brought items */
    unsigned short_of;    /* times in a row that this machine was short */
};

/* A task of the request, which it takes; waiting since `now`. */
struct task *task_new_take(struct request *request, double now);
void task_free(struct task *task);

/* URL, host key and method of the hop. Borrowed from the task. */
const char *task_url(const struct task *task);
const char *task_host_key(const struct task *task);
const char *task_method(const struct task *task);

/* Attempts that have begun before the one that the hop is of. */
unsigned task_attempts(const struct task *task);

/* Seconds of -m and connect timeout that hold for it; INFINITY: none. */
double task_max_time(const struct task *task);
double task_connect_timeout(const struct task *task);

/* Asks for the name of the hop. Says who ends the hop when it is for want of
 * patience. */
enum ender task_question(const struct task *task, const struct config *config,
                         double now, struct names_question *question);

/* Notes that the lookup of the hop's name is over: its time since the task
 * asked is the hop's, which is about to leave. */
void task_looked_up(struct task *task, const struct names_reply *reply);

/* Describes the hop for the engine; borrowed from the task. */
void task_describe(const struct task *task, const struct config *config,
                   struct fetch_hop *hop);

/* Notes that the hop leaves at monotonic `now`, wall-clock `wall`; it began
 * with the lookup of its name. */
void task_depart(struct task *task, double now, double wall);

/* Notes that the hop has ended with this response, which it takes. */
void task_arrive(struct task *task, struct response *response);

/* What the verdict needs to know of it, but for chance and the run's state. */
void task_course(const struct task *task, const struct config *config,
                 double now, struct course *course);

/* Goes on to the hop, which it takes. Waits since `now`. */
void task_hop(struct task *task, struct redirect_hop *hop, double now);

/* Notes the end of an attempt in `tries`; `wait` seconds follow it. */
void task_note_try(struct task *task, const struct error *error, double wait);

/* Begins again at the request's URL after an attempt. Waits since `now`. */
void task_again(struct task *task, double now);

/* Undoes task_depart for a hop that never left this machine. */
void task_not_departed(struct task *task, double now);

/* Notes in the record what was odd about the response and did not fail it. */
void task_note_oddities(struct task *task, const struct config *config);

/* When its next own time limit strikes: the attempt's while a hop is under
 * way, the request's always. INFINITY: never. */
double task_limit(const struct task *task, const struct config *config);

#endif
