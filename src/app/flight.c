/* SPDX-License-Identifier: MIT */
/*
 * Tasks in motion: into the window, off to the engine, back with a verdict,
 * out as a record. The verdict is policy's; here it is carried out.
 */
#include "app/run_priv.h"

#include "base/msg.h"
#include "policy/accept.h"
#include "policy/encode.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Times in a row that a request may find this machine short of sockets or
 * threads; the waits between them add up to about 20 seconds. */
#define SHORT_MAX 25

static void window_enter(struct run *run, struct task *task)
{
    task->in_window = true;
    run->window_count++;
    run->window_bytes += request_weight(task->request);
}

static void window_leave(struct run *run, struct task *task)
{
    if (!task->in_window)
        return;
    task->in_window = false;
    run->window_count--;
    run->window_bytes -= request_weight(task->request);
}

/* The one place where a record is printed and a task ends. */
static void finish(struct run *run, struct task *task, bool ok,
                   const struct error *error)
{
    struct record *record = &task->record;

    if (task->in_window)
        record->time_queue += run->now - task->wait_began;
    else if (record->try_count > 0)
        task_note_try(task, error, 0.0);
    record->ok = ok;
    record->error = *error;
    task_note_oddities(task);
    if (encode_record(record, run->config->fields, sink_room(run->sink)) != 0)
        die("record %" PRIu64 " does not fit in memory",
            record->request->index);
    stats_add(&run->stats, record);
    window_leave(run, task);
    heap_remove(&run->clocks, &task->clock);
    list_remove(&task->flying);
    task_free(task);
}

static void cancel(struct run *run, struct task *task, enum phase phase)
{
    struct error error;

    run->cut_short = true;
    error_set(&error, CLASS_CANCELLED, run->stop_code, phase,
              "the run was stopped (%s)", error_code_name(run->stop_code));
    finish(run, task, false, &error);
}

bool flight_can_cancel(const struct run *run)
{
    return !list_empty(&run->doomed) && !sink_full(run->sink);
}

void flight_cancel_doomed(struct run *run)
{
    while (flight_can_cancel(run))
        cancel(run,
               container_of(list_pop_front(&run->doomed), struct task, flying),
               PHASE_QUEUE);
}

bool flight_all_landed(const struct run *run)
{
    return run->input_over && sched_waiting(run->sched) == 0 &&
           sched_running(run->sched) == 0 && list_empty(&run->doomed);
}

void flight_admit_take(struct run *run, struct request *request)
{
    struct task *task = task_new_take(request, run->now);

    window_enter(run, task);
    if (run->state == RUN_RUNNING)
        sched_add(run->sched, &task->item, request->host_key,
                  request->priority);
    else
        list_push_back(&run->doomed, &task->flying);
}

void flight_invalid_take(struct run *run, struct request *request,
                         const struct error *error)
{
    struct task *task = task_new_take(request, run->now);
    struct error judged = *error;
    bool ok = accept_outcome(&request->settings->accept, 0, &judged);

    finish(run, task, ok, &judged);
    if (run->config->strict && run->state == RUN_RUNNING) {
        run->strict_struck = true;
        stop_abort(run, CODE_STRICT);
    }
}

static void clock_arm(struct run *run, struct task *task)
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
    finish(run, task, ok, &error);
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
    bool ok;

    error_set(&error, CLASS_IO, CODE_LOCAL_LIMIT, PHASE_CONNECT,
              "this machine gives no socket or thread");
    error.os_errno = task->record.response.evidence.os_errno;
    ok = accept_outcome(&task->request->settings->accept, 0, &error);
    finish(run, task, ok, &error);
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
    window_enter(run, task);
    if (run->state != RUN_RUNNING && !task->sent) {
        cancel(run, task, PHASE_QUEUE);
        return;
    }
    clock_arm(run, task);
    sched_add_at(run->sched, &task->item, task_host_key(task),
                 task->request->priority, run->now + (wait < 1.0 ? wait : 1.0));
}

static void land_again(struct run *run, struct task *task,
                       const struct verdict *verdict)
{
    if (run->config->verbose)
        warn("%s: attempt %u: %s; again in %.3f s", task->request->url,
             task->record.attempts, verdict->error.message, verdict->wait);
    task_note_try(task, &verdict->error, verdict->wait);
    task_again(task, run->now);
    window_enter(run, task);
    sched_add_at(run->sched, &task->item, task_host_key(task),
                 task->request->priority, run->now + verdict->wait);
    clock_arm(run, task);
}

static void land_hop(struct run *run, struct task *task,
                     struct verdict *verdict)
{
    if (run->config->verbose)
        warn("%s: redirect %d to %s", task_url(task),
             task->record.response.evidence.status, verdict->hop.to.text);
    task_hop(task, &verdict->hop, run->now);
    window_enter(run, task);
    sched_add_again(run->sched, &task->item, task_host_key(task),
                    task->request->priority);
    clock_arm(run, task);
}

/* The run stops, and this task was still to go on. */
static void land_cancelled(struct run *run, struct task *task,
                           struct verdict *verdict)
{
    if (verdict->kind == VERDICT_HOP)
        url_release(&verdict->hop.to);
    cancel(run, task, task->record.response.evidence.phase);
}

static void carry_out(struct run *run, struct task *task,
                      struct verdict *verdict)
{
    bool cancelled = verdict->kind == VERDICT_FINAL
                         ? verdict->error.error_class == CLASS_CANCELLED
                         : run->state == RUN_ABORTING;

    if (cancelled) {
        land_cancelled(run, task, verdict);
        return;
    }
    switch (verdict->kind) {
    case VERDICT_FINAL:
        finish(run, task, verdict->ok, &verdict->error);
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

/* The host said "too many": it is left alone, other hosts are not. */
static void cool(struct run *run, const char *host_key, double seconds)
{
    sched_cool(run->sched, host_key, run->now + seconds);
    if (run->config->verbose)
        warn("%s: left alone for %g s", host_key, seconds);
}

static void land(struct run *run, struct task *task, struct response *response)
{
    struct course course;
    struct verdict verdict;

    task_arrive(task, response);
    list_remove(&task->flying);
    heap_remove(&run->clocks, &task->clock);
    task_course(task, run->config, run->now, &course);
    course.stopping = run->state != RUN_RUNNING;
    course.wall = (int64_t)run->wall;
    course.draw = rng_unit(&run->rng);
    verdict_give(&verdict, run->config, &course, &task->record.response);

    sched_done(run->sched, &task->item);
    if (verdict.cool > 0.0)
        cool(run, task_host_key(task), verdict.cool);
    if (verdict.kind != VERDICT_LOCAL) {
        task->short_of = 0;
        grow(run);
    }
    carry_out(run, task, &verdict);
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
            land(run, tag, &response);
}

bool flight_blocked(const struct run *run)
{
    return sink_full(run->sink) ||
           fetch_body_bytes(run->fetch) + sink_queued(run->sink) >= BODY_BYTES;
}

static void depart(struct run *run, struct task *task,
                   const struct names_reply *reply)
{
    struct fetch_hop hop;

    window_leave(run, task);
    task_looked_up(task, reply);
    task_describe(task, run->config, &hop);
    hop.addresses = reply->addresses;
    hop.address_count = reply->count;
    hop.host_running = sched_host_running(&task->item);
    hop.host_waiting = sched_host_waiting(&task->item);
    hop.hosts = sched_hosts(run->sched);
    task_depart(task, run->now, run->wall);
    task->id = fetch_start(run->fetch, &hop);
    list_push_back(&run->flying, &task->flying);
    clock_arm(run, task);
}

/* A hop whose name has no address comes back at once. */
static void depart_nowhere(struct run *run, struct task *task,
                           const struct names_reply *reply, enum ender ender)
{
    const struct lookup_result *failure = &reply->failure;
    struct response response;
    struct evidence *evidence = &response.evidence;
    bool impatient = failure->lookup == LOOKUP_TIMEOUT && task->asked > 0.0;
    size_t len;
    const char *name = host_key_host(task_host_key(task), &len);

    window_leave(run, task);
    task_looked_up(task, reply);
    task_depart(task, run->now, run->wall);
    response_init(&response);
    evidence->phase = PHASE_DNS;
    evidence->lookup = failure->lookup;
    evidence->os_errno = failure->os_errno;
    if (impatient)
        evidence->ender = ender;
    if (failure->text)
        snprintf(evidence->text, sizeof(evidence->text), "%s: %.*s",
                 failure->text, (int)len, name);
    land(run, task, &response);
}

/* One hop to the engine, or its host to those that wait for their names. */
static void start(struct run *run, struct sched_item *item)
{
    struct task *task = container_of(item, struct task, item);
    struct names_question question;
    struct names_reply reply = {0};
    enum names_say say = NAMES_GO;
    enum ender ender = task_question(task, run->config, run->now, &question);

    if (!fetch_resolves(run->fetch))
        say = resolve_ask(run->resolve, &question, run->now, &reply);
    switch (say) {
    case NAMES_GO:
        depart(run, task, &reply);
        break;
    case NAMES_WAIT:
        if (task->asked <= 0.0)
            task->asked = run->now;
        sched_hold(run->sched, item);
        break;
    case NAMES_FAILED:
        depart_nowhere(run, task, &reply, ender);
        break;
    }
}

void flight_start(struct run *run)
{
    struct sched_item *item;
    const char *host_key;

    resolve_turn(run->resolve, run->now);
    while ((host_key = resolve_next(run->resolve)))
        sched_open(run->sched, host_key);
    run->start_left = false;
    for (int n = 0; !flight_blocked(run); n++) {
        run->start_left = n >= TURN_MAX;
        if (run->start_left || !(item = sched_next(run->sched, run->now)))
            return;
        start(run, item);
    }
}
