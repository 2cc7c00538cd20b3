/* SPDX-License-Identifier: MIT */
/*
 * Hops that come back: each with a verdict, which is policy's; here it is
 * carried out. Also what a shortage of this machine does to the run.
 */
#include "app/run_priv.h"

#include "base/msg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Times in a row that a request may find this machine short of sockets or
 * threads; the waits between them add up to about 20 seconds. */
#define SHORT_MAX 25

/* This machine was short of sockets or threads: fewer at once from now on. */
static void shrink(struct run *run)
{
    unsigned slots = fetch_running(run->fetch);

    if (slots < 1)
        slots = 1;
    if (slots >= sched_slots(run->sched))
        return;
    sched_set_slots(run->sched, slots);
    run->landed_since = 0;
    if (!run->shrunk)
        warn("out of file descriptors or threads: "
             "going on with a lower concurrency (%u)",
             slots);
    run->shrunk = true;
}

/* The shortage may be over: one slot more after each few rounds without. */
static void grow(struct run *run)
{
    unsigned slots = sched_slots(run->sched);

    if (slots >= run->slots_most || ++run->landed_since < 8 * slots)
        return;
    run->landed_since = 0;
    sched_set_slots(run->sched, slots + 1);
}

static void land_short_for_good(struct run *run, struct task *task)
{
    struct error error;

    error_set(&error, CLASS_IO, CODE_LOCAL_LIMIT, PHASE_CONNECT,
              "this machine gives no socket or thread");
    error.os_errno = task->record.response.evidence.os_errno;
    flight_fail(run, task, &error);
}

static void land_short(struct run *run, struct task *task)
{
    double wait = 0.02 * exp2(task->short_of);

    if (task->short_of >= SHORT_MAX) {
        land_short_for_good(run, task);
        return;
    }
    shrink(run);
    task_not_departed(task, run->now);
    flight_wait(run, task);
    if (run->state != RUN_RUNNING && !task->sent) {
        flight_cancel(run, task, PHASE_QUEUE);
        return;
    }
    flight_arm_clock(run, task);
    sched_add_at(run->sched, &task->item, task_host_key(task),
                 task->request->priority, run->now + (wait < 1.0 ? wait : 1.0));
}

static void land_again(struct run *run, struct task *task,
                       const struct verdict *verdict)
{
    if (run->config->verbose)
        warn("%s: attempt %u: %s; again in %.3f s", task->request->url,
             task->record.attempts, verdict->error.message, verdict->wait);
    if (task->body)
        body_cut(task->body, &verdict->error);
    task_note_try(task, &verdict->error, verdict->wait);
    task_again(task, run->now);
    flight_wait(run, task);
    sched_add_at(run->sched, &task->item, task_host_key(task),
                 task->request->priority, run->now + verdict->wait);
    flight_arm_clock(run, task);
}

static void land_hop(struct run *run, struct task *task,
                     struct verdict *verdict)
{
    if (run->config->verbose)
        warn("%s: redirect %d to %s", task_url(task),
             task->record.response.evidence.status, verdict->hop.to.text);
    task_hop(task, &verdict->hop, run->now);
    flight_wait(run, task);
    sched_add_again(run->sched, &task->item, task_host_key(task),
                    task->request->priority);
    flight_arm_clock(run, task);
}

/* The run stops, and this task was still to go on. */
static void land_cancelled(struct run *run, struct task *task,
                           struct verdict *verdict)
{
    if (verdict->kind == VERDICT_HOP)
        url_release(&verdict->hop.to);
    flight_cancel(run, task, task->record.response.evidence.phase);
}

static void carry_out(struct run *run, struct task *task,
                      struct verdict *verdict)
{
    bool cancelled = verdict->kind == VERDICT_FINAL
                         ? verdict->error.error_class == CLASS_CANCELLED
                         : run->state == RUN_ABORTING;

    if (cancelled || task->cancel != CODE_NONE || stop_enough(run)) {
        land_cancelled(run, task, verdict);
        return;
    }
    switch (verdict->kind) {
    case VERDICT_FINAL:
        task->record.not_modified = verdict->not_modified;
        flight_finish(run, task, verdict->ok, &verdict->error);
        break;
    case VERDICT_AGAIN:
        land_again(run, task, verdict);
        break;
    case VERDICT_HOP:
        land_hop(run, task, verdict);
        break;
    case VERDICT_LOCAL:
        land_short(run, task);
        break;
    }
}

/* What the end of the hop means for its host. True: it is given up. */
static bool tell_pace(struct run *run, struct task *task,
                      const struct verdict *verdict)
{
    if (verdict->kind == VERDICT_LOCAL)
        return false;
    task->short_of = 0;
    grow(run);
    return pace_landed(run->pace, task, verdict, run->now, (int64_t)run->wall);
}

void flight_land_response(struct run *run, struct task *task,
                          struct response *response)
{
    struct course course;
    struct verdict verdict;
    char *given_up = NULL;

    task_arrive(task, response);
    list_remove(&task->flying);
    heap_remove(&run->clocks, &task->clock);
    task_course(task, run->config, run->now, &course);
    course.stopping = run->state != RUN_RUNNING;
    course.wall = (int64_t)run->wall;
    course.draw = rng_unit(&run->rng);
    verdict_give(&verdict, run->config, &course, &task->record.response);

    if (tell_pace(run, task, &verdict))
        given_up = xstrdup(task_host_key(task));
    sched_done(run->sched, &task->item);
    carry_out(run, task, &verdict);
    if (given_up)
        flight_give_up(run, given_up);
    free(given_up);
}

/* A body may grow sixfold when it is escaped: what has ended stays where it is
 * while the reader is that far behind. */
bool flight_can_land(const struct run *run)
{
    return fetch_has_ended(run->fetch) && sink_queued(run->sink) < QUEUE_BYTES;
}

void flight_land(struct run *run)
{
    struct response response;
    void *tag;

    for (int n = 0; n < TURN_MAX && flight_can_land(run); n++)
        if (fetch_reap(run->fetch, &tag, &response))
            flight_land_response(run, tag, &response);
}
