/* SPDX-License-Identifier: MIT */
/*
 * What all tasks in motion share: their way into the window and out as a
 * record, and the clocks that may end them wherever they are. Starting them is
 * flight_start's affair, landing them flight_land's.
 */
#include "app/run_priv.h"

#include "base/msg.h"
#include "policy/accept.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void flight_wait(struct run *run, struct task *task)
{
    task->in_window = true;
    run->window_count++;
    run->window_bytes += request_weight(task->request);
}

void flight_go(struct run *run, struct task *task)
{
    if (!task->in_window)
        return;
    task->in_window = false;
    run->window_count--;
    run->window_bytes -= request_weight(task->request);
}

void flight_finish(struct run *run, struct task *task, bool ok,
                   const struct error *error)
{
    struct record *record = &task->record;

    if (task->in_window)
        record->time_queue += run->now - task->wait_began;
    else if (record->try_count > 0)
        task_note_try(task, error, 0.0);
    record->ok = ok;
    record->error = *error;
    record->show_secrets = run->config->show_secrets;
    task_note_oddities(task, run->config);
    emit_record(run, record);
    stats_add(&run->stats, record);
    revalidate_note(run, task);
    flight_go(run, task);
    heap_remove(&run->clocks, &task->clock);
    list_remove(&task->flying);
    task_free(task);
}

void flight_cancel(struct run *run, struct task *task, enum phase phase)
{
    struct error error;

    run->cut_short = true;
    error_set(&error, CLASS_CANCELLED, run->stop_code, phase,
              "the run was stopped (%s)", error_code_name(run->stop_code));
    flight_finish(run, task, false, &error);
}

bool flight_can_cancel(const struct run *run)
{
    return !list_empty(&run->doomed) && !sink_full(run->sink);
}

void flight_cancel_doomed(struct run *run)
{
    while (flight_can_cancel(run))
        flight_cancel(
            run,
            container_of(list_pop_front(&run->doomed), struct task, flying),
            PHASE_QUEUE);
}

bool flight_all_landed(const struct run *run)
{
    return run->input_over && sched_waiting(run->sched) == 0 &&
           sched_running(run->sched) == 0 && list_empty(&run->doomed);
}

/* An earlier run has its record: here it only takes its place in the order. */
static void pass_over(struct run *run, struct request *request)
{
    if (run->ordered)
        ordered_put_take(run->ordered, request->index, NULL, 0, NULL);
    request_free(request);
}

/* The record of a request that is the same as an earlier one. */
static void finish_same(struct run *run, struct request *request,
                        uint64_t earlier)
{
    struct task *task = task_new_take(request, run->now);
    const struct error none = {0};

    task->record.is_duplicate = true;
    task->record.duplicate_of = earlier;
    flight_finish(run, task, true, &none);
}

void flight_admit_take(struct run *run, struct request *request)
{
    uint64_t earlier;
    struct task *task;

    switch (ledger_ask(run->ledger, request, &earlier)) {
    case LEDGER_DONE:
        pass_over(run, request);
        return;
    case LEDGER_SAME:
        finish_same(run, request, earlier);
        return;
    case LEDGER_NEW:
        break;
    }
    task = task_new_take(request, run->now);

    flight_wait(run, task);
    if (run->state == RUN_RUNNING)
        sched_add(run->sched, &task->item, request->host_key,
                  request->priority);
    else
        list_push_back(&run->doomed, &task->flying);
}

void flight_invalid_take(struct run *run, struct request *request,
                         const struct error *error)
{
    struct error judged = *error;
    bool ok = accept_outcome(&request->settings->accept, 0, &judged);

    if (ledger_has(run->ledger, request))
        pass_over(run, request);
    else
        flight_finish(run, task_new_take(request, run->now), ok, &judged);
    if (run->config->strict && run->state == RUN_RUNNING) {
        run->strict_struck = true;
        stop_abort(run, CODE_STRICT);
    }
}

void flight_arm_clock(struct run *run, struct task *task)
{
    double limit = task_limit(task, run->config);

    if (isinf(limit))
        heap_remove(&run->clocks, &task->clock);
    else
        heap_insert(&run->clocks, &task->clock, limit);
}

/* The request's time is over while it waits: for its host, a hop, a retry. */
static void expire_waiting(struct run *run, struct task *task)
{
    struct error error;
    bool ok;

    sched_remove(run->sched, &task->item);
    error_set(&error, CLASS_TIMEOUT, CODE_REQUEST_TIME,
              task->asked > 0.0 ? PHASE_DNS : PHASE_QUEUE,
              "the request's time of %g s was over while it waited",
              run->config->request_time);
    ok = accept_outcome(&task->request->settings->accept, 0, &error);
    flight_finish(run, task, ok, &error);
}

/* A limit of a hop under way is over, unless a pause of ours moved it. */
static void expire_flying(struct run *run, struct task *task)
{
    double paused = fetch_paused(run->fetch, task->id);
    double request_time = run->config->request_time;

    if (request_time > 0.0 && run->now >= task->first_sent + request_time) {
        fetch_end(run->fetch, task->id, ENDED_BY_REQUEST_TIME);
    } else if (paused > task->paused) {
        double limit;

        task->paused = paused;
        limit = task_limit(task, run->config);
        /* A pause that goes on moves the limit again: not at every turn. */
        heap_insert(&run->clocks, &task->clock, fmax(limit, run->now + 0.1));
    } else {
        fetch_end(run->fetch, task->id, ENDED_BY_MAX_TIME);
    }
}

void flight_strike_clocks(struct run *run)
{
    struct heap_node *node;

    while ((node = heap_pop_due(&run->clocks, run->now))) {
        struct task *task = container_of(node, struct task, clock);

        if (task->id)
            expire_flying(run, task);
        else
            expire_waiting(run, task);
    }
}
