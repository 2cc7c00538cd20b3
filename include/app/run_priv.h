/* SPDX-License-Identifier: MIT */
/*
 * What the files of the run share, and nobody else includes.
 *
 *   run.c     the pump and its loop
 *   run_open.c   the beginning and the end
 *   flight.c  tasks in motion: window, clocks, records
 *   flight_land.c, flight_start.c   hops that come back, hops that leave
 *   revalidate.c   what the ETag store says of requests, and learns
 *   emit.c    records on their way out
 *   stop.c    signals and deadline: draining and aborting
 *   steer.c   what changes while it runs: pauses, the file of --control
 *   report.c  the tasks in flight, for SIGUSR1
 */
#ifndef APP_RUN_PRIV_H
#define APP_RUN_PRIV_H

#include "app/intake.h"
#include "app/ledger.h"
#include "app/pace.h"
#include "app/route.h"
#include "app/run.h"
#include "app/saving.h"
#include "app/task.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/rng.h"
#include "model/stats.h"
#include "policy/hosts.h"
#include "policy/race.h"
#include "policy/sched.h"
#include "policy/validators.h"
#include "world/etag_store.h"
#include "world/fetch.h"
#include "world/fetch_cookies.h"
#include "world/ordered.h"
#include "world/resolve.h"
#include "world/signals.h"
#include "world/sink.h"
#include "world/source.h"

#include <ev.h>

/* Work of one kind in one turn, so that signals stay live. */
#define TURN_MAX   256
#define TURN_BYTES (4u << 20)

/* Memory of the requests read ahead, and of bodies on their way. */
#define WINDOW_BYTES (64u << 20)
#define BODY_BYTES   (256u << 20)

/* Bytes queued for the reader from which on nothing is landed. */
#define QUEUE_BYTES (64u << 20)

enum run_state {
    RUN_RUNNING,
    RUN_DRAINING, /* nothing new starts, what is in flight may finish */
    RUN_ABORTING, /* everything gets its record now */
};

struct run {
    const struct config *config; /* borrowed */
    struct ev_loop *loop;
    struct pulse pulse;
    ev_check check;
    ev_prepare prepare;
    ev_idle idle;
    ev_timer alarm;

    struct source *source;
    struct intake *intake;
    struct sched *sched;
    struct hosts *hosts; /* NULL: nothing is said of single ones */
    struct pace *pace;
    struct races *races; /* NULL: nobody races */
    struct resolve *resolve;
    struct routes *routes;
    struct fetch *fetch;
    struct cookies *cookies;  /* NULL: none are kept */
    struct etag_store *etags; /* NULL: none */
    struct digest *digest;    /* scratch, of etags */
    struct saving *saving;
    struct sink *sink;
    struct ledger *ledger;
    struct ordered *ordered; /* NULL without --keep-order */
    bool not_aside;          /* a record could not be put aside for its turn */
    uint64_t printed;        /* records given to the sink */
    uint64_t synced;         /* of them those that --fsync has on the disk */
    struct signals *signals;
    struct steer *steer;

    struct heap clocks; /* task->clock */
    struct list flying; /* task->flying: a hop is under way */
    struct list doomed; /* task->flying: to be cancelled, waits for the sink */
    struct rng rng;
    struct stats stats;

    double now, wall; /* of this turn: monotonic, and since the epoch */
    double stopped;   /* of the pulse, after the last turn */
    double started;
    double deadline;    /* monotonic; INFINITY without */
    double grace_until; /* while draining */

    size_t window_count, window_bytes; /* of all tasks that wait */
    enum run_state state;
    enum error_code stop_code; /* of the records that a stop cancels */
    bool input_over;
    bool input_waits;   /* the loop turns when there are bytes */
    bool start_left;    /* this turn could have started more */
    bool over;          /* the loop is to end */
    bool shrunk;        /* said that the concurrency was lowered */
    bool cut_short;     /* something was cancelled or not read */
    unsigned slots_cap; /* what the limit on open files allows */
    unsigned slots_most, landed_since; /* see flight_land.c: grow */
    unsigned struck; /* bits of what ended the run early: see stop.c */
    bool local_fault;
    bool lost_records; /* the output failed: some reached nobody */
    uint64_t ok_before, failed_before; /* records in FILE of --resume */
};

/* run_open.c */

/* What needs files, memory and sockets: 0, or -1 with why, for the user's
 * reasons or for a local fault. Either way run_close is to follow. */
int run_open(struct run *run, struct why *why);

/* Once all records are out: closes the output, saves what is kept from run to
 * run. What fails is said, and a local fault. */
void run_save(struct run *run);
void run_close(struct run *run);

/* flight.c */

/* Takes a new task into the window, or dooms it when the run is stopping. */
void flight_admit_take(struct run *run, struct request *request);

/* The record of an invalid line; takes the request. */
void flight_invalid_take(struct run *run, struct request *request,
                         const struct error *error);

/* The task waits from now on, and counts in the window; and no longer. */
void flight_wait(struct run *run, struct task *task);
void flight_go(struct run *run, struct task *task);

/* Sets the alarm of the task's next own time limit. */
void flight_arm_clock(struct run *run, struct task *task);

/* Ends what has passed its own time limits. */
void flight_strike_clocks(struct run *run);

/* The one place where a record is printed and a task ends. */
void flight_finish(struct run *run, struct task *task, bool ok,
                   const struct error *error);

/* The task ends with this error, which --accept may take for ok. */
void flight_fail(struct run *run, struct task *task, const struct error *error);

/* The task, which waits, ends with this error as soon as the reader takes its
 * record. */
void flight_doom(struct run *run, struct task *task, const struct error *error);

/* A host is given up: what is queued for it ends likewise. */
void flight_give_up(struct run *run, const char *host_key);

/* A task of a host that is given up, with what pace_lets said of it. */
void flight_skip(struct run *run, struct task *task, const struct error *error);

/* The same for a task that the stop of the run cuts short. */
void flight_cancel(struct run *run, struct task *task, enum phase phase);

/* Cancels doomed tasks while the sink takes records; true while there is
 * something that it would cancel. */
void flight_cancel_doomed(struct run *run);
bool flight_can_cancel(const struct run *run);

/* True when everything that will ever be read has its record. */
bool flight_all_landed(const struct run *run);

/* emit.c */

/* Encodes the record and gives it to the sink, or puts it aside for its turn.
 */
void emit_record(struct run *run, const struct record *record);

/* Gives the sink what streams have ready: before the final records. */
void emit_items(struct run *run);

/* Writes what the sink takes, records whose turn has come included; true while
 * there are such, or items, that it would take. */
void emit(struct run *run);
bool emit_can(const struct run *run);

/* The end of the run: what --fsync wants of the rest. */
void emit_end(struct run *run);

/* Says on stderr what stands in the file of --resume for the list, and what
 * another run would send. */
void emit_say_resumed(const struct run *run);

/* flight_land.c */

/* Carries out the verdict on a response, whose contents it takes. */
void flight_land_response(struct run *run, struct task *task,
                          struct response *response);

/* Reaps hops and lands them; true while there is something that it would
 * land. */
void flight_land(struct run *run);
bool flight_can_land(const struct run *run);

/* flight_start.c */

/* Starts hops while there are slots and room. */
void flight_start(struct run *run);

/* True while nothing new may start: reader stalled, or memory used up. */
bool flight_blocked(const struct run *run);

/* steer.c */

/* From here on SIGUSR1, SIGUSR2 and, with --control, SIGHUP end nothing: they
 * are heeded once the loop turns. */
void steer_watch(struct run *run);

/* Makes run->steer; reads the file of --control, if there is one. 0, or -1
 * with why. */
int steer_open(struct run *run, struct why *why);
void steer_close(struct run *run);

/* Looks at signals and, now and then, at the file. */
void steer_look(struct run *run);

/* When steer_look must look again; INFINITY: only after a signal. */
double steer_wake(const struct run *run);

/* What holds with no file: as the options say. Nothing is paused any more once
 * the run stops. */
void steer_end_pause(struct run *run);

/* True while nothing new starts. */
bool steer_paused(const struct run *run);

/* report.c */

/* Prints the tasks in flight on stderr, a JSON line each, and one line of
 * counts. */
void report_tasks(const struct run *run);

/* revalidate.c */

/* Says in the hop of the task what the ETag store knows of it, if there is a
 * store; the texts stand in *room. */
void revalidate_ask(const struct run *run, struct task *task,
                    struct fetch_hop *hop, struct validators *room);

/* Puts into the store what the record of the task, which is complete, says. */
void revalidate_note(struct run *run, const struct task *task);

/* stop.c */

/* Looks at signals, deadline and grace; drains or aborts. */
void stop_look(struct run *run);

/* Everything gets its record now; they are cancelled with this code. */
void stop_abort(struct run *run, enum error_code code);

/* Looks at the records that there are: aborts when they are enough, or too
 * many of them failures. */
void stop_judge(struct run *run);

/* True when the run has all it wanted: what ends now is not wanted. */
bool stop_enough(const struct run *run);

/* The exit status of what ended the run early, signals apart; -1: nothing
 * did. */
int stop_status(const struct run *run);

/* When stop_look must look again; INFINITY: only after a signal. */
double stop_wake(const struct run *run);

/* Says on stderr what stopped the run, and what was not read. */
void stop_explain(const struct run *run);

#endif
