/* SPDX-License-Identifier: MIT */
/*
 * How a run ends before its work does: a first signal drains; a second one,
 * the deadline, a strict reader, a budget of failures or enough records abort.
 * Either way all that was read gets its record.
 */
#include "app/run_priv.h"

#include "base/msg.h"
#include "policy/budget.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What ends a run early, but for signals. Of several the first one is what the
 * run exits with. */
static const struct reason {
    enum error_code code;
    int status;
    bool only_cut;    /* it is none where everything had ended anyway */
    const char *text; /* NULL: see explain */
} reasons[] = {
    {CODE_STRICT, STATUS_USAGE, false, "an invalid line and --strict"},
    {CODE_DEADLINE, STATUS_DEADLINE, true, NULL},
    {CODE_FAIL_FAST, STATUS_BUDGET, false,
     "a record that is not ok and --fail-fast"},
    {CODE_MAX_FAILURES, STATUS_BUDGET, false, "--max-failures was reached"},
    {CODE_ENOUGH, STATUS_OK, false, "as many records are ok as --first wants"},
};

#define REASONS (sizeof reasons / sizeof *reasons)

static bool holds(const struct run *run, size_t reason)
{
    return (run->struck & 1u << reason) &&
           (run->cut_short || !reasons[reason].only_cut);
}

static void note_reason(struct run *run, enum error_code code)
{
    for (size_t i = 0; i < REASONS; i++)
        if (reasons[i].code == code)
            run->struck |= 1u << i;
}

int stop_status(const struct run *run)
{
    for (size_t i = 0; i < REASONS; i++)
        if (holds(run, i))
            return reasons[i].status;
    return -1;
}

/*
 * Everything that waits is doomed, but (while draining) for hops: an attempt
 * in flight is its whole redirect chain, and so may finish.
 */
static void doom_waiting(struct run *run)
{
    struct list keep;
    struct list *node;
    struct sched_item *item;

    list_init(&keep);
    while ((item = sched_take(run->sched))) {
        struct task *task = container_of(item, struct task, item);
        bool stays = run->state == RUN_DRAINING && task->hops > 0;

        if (!stays)
            heap_remove(&run->clocks, &task->clock);
        list_push_back(stays ? &keep : &run->doomed, &task->flying);
    }
    while ((node = list_pop_front(&keep))) {
        struct task *task = container_of(node, struct task, flying);

        sched_add_again(run->sched, &task->item, task_host_key(task),
                        task->request->priority);
    }
}

static void drain(struct run *run)
{
    run->state = RUN_DRAINING;
    run->stop_code = CODE_SIGNAL;
    run->grace_until = run->now + run->config->grace;
    intake_stop(run->intake);
    steer_end_pause(run);
    doom_waiting(run);
    if (!run->config->silent)
        warn("%s: %u in flight may finish within %g s; "
             "a second one cancels them",
             strsignal(signals_first(run->signals)), fetch_running(run->fetch),
             run->config->grace);
}

void stop_abort(struct run *run, enum error_code code)
{
    run->state = RUN_ABORTING;
    run->stop_code = code;
    note_reason(run, code);
    intake_stop(run->intake);
    doom_waiting(run);
    list_foreach (node, &run->flying)
        fetch_end(run->fetch, container_of(node, struct task, flying)->id,
                  ENDED_BY_CANCEL);
}

void stop_judge(struct run *run)
{
    const struct config *config = run->config;
    const struct budget budget = {
        .fail_fast = config->fail_fast,
        .max_failures = config->max_failures,
        .min_sample = config->min_sample,
        .first = config->first,
    };
    const struct budget_counts counts = {
        .ok = run->stats.ok,
        .failed = stats_failures(&run->stats),
        .ok_before = run->ok_before,
    };
    enum error_code code;

    if (run->state != RUN_RUNNING)
        return;
    code = budget_judge(&budget, &counts);
    if (code != CODE_NONE)
        stop_abort(run, code);
}

bool stop_enough(const struct run *run)
{
    return run->state == RUN_ABORTING && run->stop_code == CODE_ENOUGH;
}

void stop_look(struct run *run)
{
    int signals = signals_count(run->signals);

    if (run->state == RUN_RUNNING && signals > 0)
        drain(run);
    if (run->state == RUN_ABORTING)
        return;
    if (run->now >= run->deadline && !flight_all_landed(run)) {
        stop_abort(run, CODE_DEADLINE);
    } else if (run->state == RUN_DRAINING &&
               (signals > 1 || run->now >= run->grace_until)) {
        stop_abort(run, CODE_SIGNAL);
    }
}

double stop_wake(const struct run *run)
{
    if (run->state == RUN_ABORTING || flight_all_landed(run))
        return INFINITY;
    if (run->state == RUN_DRAINING && run->grace_until < run->deadline)
        return run->grace_until;
    return run->deadline;
}

static void explain(const struct run *run, const struct reason *reason)
{
    if (reason->code == CODE_DEADLINE)
        warn("stopped: the deadline of %g s was reached",
             run->config->deadline);
    else
        warn("stopped: %s", reason->text);
}

void stop_explain(const struct run *run)
{
    const char *name;
    uint64_t number;

    if (run->state == RUN_RUNNING)
        return;
    for (size_t i = 0; i < REASONS; i++)
        if (holds(run, i))
            explain(run, &reasons[i]);
    if (!intake_unread(run->intake, &name, &number))
        return;
    if (number > 0)
        warn("not read: %s from line %" PRIu64 " on", name, number);
    else
        warn("not read: %s", name);
}
