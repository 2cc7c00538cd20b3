/* SPDX-License-Identifier: MIT */
/*
 * What all tasks in motion share: their way into the window and out as a
 * record, and the clocks that may end them wherever they are. Starting them is
 * flight_start's affair, landing them flight_land's.
 */
#include "app/run_priv.h"

#include "base/msg.h"
#include "policy/accept.h"
#include "policy/url.h"

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

/* Who lost a race is no longer wanted. */
static void end_loser(struct run *run, struct task *task)
{
    struct error error;

    task->cancel = CODE_RACE;
    if (task->id) {
        fetch_end(run->fetch, task->id, ENDED_BY_CANCEL);
        return;
    }
    error_set(&error, CLASS_CANCELLED, CODE_RACE, PHASE_QUEUE,
              "another one of its group has won");
    flight_doom(run, task, &error);
}

/* A group is won: that ends the others, and how earlier ones of it ended does
 * not matter any more. */
static void end_losers(struct run *run, struct list *losers,
                       const struct race_failures *failed)
{
    struct list *node;

    for (enum error_class i = CLASS_NONE; i < CLASS_COUNT; i++)
        stats_forgive(&run->stats, i, failed->of[i]);
    run->failed_before -= failed->before;
    while ((node = list_pop_front(losers)))
        end_loser(run, container_of(node, struct task, racer.place));
}

static void end_race(struct run *run, struct task *task, bool ok,
                     enum error_class error_class)
{
    struct race_failures failed;
    struct list losers;

    if (!task->racer.race)
        return;
    if (!ok) {
        races_lose(run->races, &task->racer, error_class);
        return;
    }
    list_init(&losers);
    races_win(run->races, &task->racer, &losers, &failed);
    end_losers(run, &losers, &failed);
}

void flight_finish(struct run *run, struct task *task, bool ok,
                   const struct error *error)
{
    struct record *record = &task->record;

    record->ok = ok;
    record->error = *error;
    saving_settle(run->saving, task->body, record);
    if (!record->ok && record->error.error_class == CLASS_IO &&
        record->error.code == CODE_WRITE)
        run->local_fault = true;
    if (task->in_window)
        record->time_queue += run->now - task->wait_began;
    else if (record->try_count > 0)
        task_note_try(task, &record->error, 0.0);
    record->show_secrets = run->config->show_secrets;
    task_note_oddities(task, run->config);
    emit_record(run, record);
    stats_add(&run->stats, record);
    revalidate_note(run, task);
    end_race(run, task, ok, error->error_class);
    flight_go(run, task);
    heap_remove(&run->clocks, &task->clock);
    list_remove(&task->flying);
    task_free(task);
    stop_judge(run);
}

void flight_fail(struct run *run, struct task *task, const struct error *error)
{
    struct error judged = *error;
    bool ok = accept_outcome(&task->request->settings->accept, 0, &judged);

    flight_finish(run, task, ok, &judged);
}

void flight_cancel(struct run *run, struct task *task, enum phase phase)
{
    struct error error;

    if (task->cancel == CODE_NONE) {
        run->cut_short = true;
        error_set(&error, CLASS_CANCELLED, run->stop_code, phase,
                  "the run was stopped (%s)", error_code_name(run->stop_code));
    } else {
        error_set(&error, CLASS_CANCELLED, task->cancel, phase,
                  "another one of its group has won");
    }
    flight_finish(run, task, false, &error);
}

void flight_doom(struct run *run, struct task *task, const struct error *error)
{
    sched_remove(run->sched, &task->item);
    heap_remove(&run->clocks, &task->clock);
    task->record.error = *error;
    list_remove(&task->flying);
    list_push_back(&run->doomed, &task->flying);
}

void flight_skip(struct run *run, struct task *task, const struct error *error)
{
    task->record.skipped = true;
    flight_doom(run, task, error);
}

void flight_give_up(struct run *run, const char *host_key)
{
    struct sched_item *item;
    struct error error;

    if (run->config->verbose)
        warn("%s: given up", host_key);
    while (!pace_lets(run->pace, host_key, run->now, &error) &&
           (item = sched_take_host(run->sched, host_key)))
        flight_skip(run, container_of(item, struct task, item), &error);
}

bool flight_can_cancel(const struct run *run)
{
    return !list_empty(&run->doomed) && !sink_full(run->sink);
}

/* With its own error, or with that of the run's stop. */
static void end_doomed(struct run *run, struct task *task)
{
    struct error error = task->record.error;

    if (error.error_class == CLASS_NONE || task->cancel != CODE_NONE) {
        flight_cancel(run, task, PHASE_QUEUE);
        return;
    }
    flight_fail(run, task, &error);
}

void flight_cancel_doomed(struct run *run)
{
    while (flight_can_cancel(run))
        end_doomed(run, container_of(list_pop_front(&run->doomed), struct task,
                                     flying));
}

bool flight_all_landed(const struct run *run)
{
    return run->input_over && sched_waiting(run->sched) == 0 &&
           sched_running(run->sched) == 0 && list_empty(&run->doomed);
}

static void finish_blocked(struct run *run, struct task *task,
                           const struct route *route)
{
    struct error error;

    error_set(&error, CLASS_BLOCKED,
              route->denied_host ? CODE_HOST : CODE_ADDRESS, PHASE_QUEUE, "%s",
              route->why.text);
    flight_fail(run, task, &error);
}

/* A dry run: the record says what would be sent, and by which way. */
static void rehearse(struct run *run, struct task *task)
{
    const struct error none = {0};
    struct fetch_hop hop;
    struct route route;

    if (routes_rehearse(run->routes, task, run->config, run->now, &route) ==
        ROUTE_BLOCKED) {
        finish_blocked(run, task, &route);
        return;
    }
    if (route.proxy)
        task->record.preview_proxy =
            url_censored(route.proxy, strlen(route.proxy));
    task_describe(task, run->config, &hop);
    hop.stream = NULL; /* nothing comes that could be split */
    buf_init(&task->record.preview, SIZE_MAX / 2);
    fetch_preview(run->fetch, &hop, &task->record.preview);
    task->record.dry = true;
    flight_finish(run, task, true, &none);
}

static bool in_race(const struct run *run, const struct request *request)
{
    return run->races && request->group;
}

/* What a loser's record says is not enough: its winner's may be missing. */
static void recall_race(struct run *run, const struct request *request,
                        enum journal_end end)
{
    struct race_failures failed;
    struct list losers;

    if (!in_race(run, request) || end == JOURNAL_LOST)
        return;
    list_init(&losers);
    if (races_recall(run->races, request->group, end == JOURNAL_OK, &losers,
                     &failed))
        end_losers(run, &losers, &failed);
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

/* Into the window, unless it ends here and now. */
static void enter(struct run *run, struct request *request)
{
    struct task *task = task_new_take(request, run->now);
    struct error error;

    if (run->state == RUN_RUNNING && saving_skips(run->saving, &task->record)) {
        flight_finish(run, task, true, &task->record.error);
        return;
    }
    flight_wait(run, task);
    if (run->state != RUN_RUNNING)
        list_push_back(&run->doomed, &task->flying);
    else if (run->config->dry_run)
        rehearse(run, task);
    else if (in_race(run, request) &&
             !races_enter(run->races, &task->racer, request->group))
        end_loser(run, task);
    else if (!pace_lets(run->pace, request->host_key, run->now, &error))
        flight_skip(run, task, &error);
    else
        sched_add(run->sched, &task->item, request->host_key,
                  request->priority);
}

void flight_admit_take(struct run *run, struct request *request)
{
    struct ledger_past past;

    switch (ledger_ask(run->ledger, request, in_race(run, request), &past)) {
    case LEDGER_DONE:
        recall_race(run, request, past.end);
        pass_over(run, request);
        return;
    case LEDGER_SAME:
        finish_same(run, request, past.earlier);
        return;
    case LEDGER_NEW:
        enter(run, request);
        return;
    }
}

void flight_invalid_take(struct run *run, struct request *request,
                         const struct error *error)
{
    if (ledger_has(run->ledger, request))
        pass_over(run, request);
    else
        flight_fail(run, task_new_take(request, run->now), error);
    if (run->config->strict && run->state == RUN_RUNNING)
        stop_abort(run, CODE_STRICT);
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

    sched_remove(run->sched, &task->item);
    error_set(&error, CLASS_TIMEOUT, CODE_REQUEST_TIME,
              task->asked > 0.0 ? PHASE_DNS : PHASE_QUEUE,
              "the request's time of %g s was over while it waited",
              run->config->request_time);
    flight_fail(run, task, &error);
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
