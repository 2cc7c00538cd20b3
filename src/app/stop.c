/* SPDX-License-Identifier: MIT */
/*
 * How a run ends before its work does: a first signal drains, a second one,
 * the deadline or a strict reader aborts. Either way all that was read gets
 * its record.
 */
#include "app/run_priv.h"

#include "base/msg.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

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
    intake_stop(run->intake);
    doom_waiting(run);
    list_foreach (node, &run->flying)
        fetch_end(run->fetch, container_of(node, struct task, flying)->id,
                  ENDED_BY_CANCEL);
}

void stop_look(struct run *run)
{
    int signals = signals_count(run->signals);

    if (run->state == RUN_RUNNING && signals > 0)
        drain(run);
    if (run->state == RUN_ABORTING)
        return;
    if (run->now >= run->deadline && !flight_all_landed(run)) {
        run->deadline_struck = true;
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

void stop_explain(const struct run *run)
{
    const char *name;
    uint64_t number;

    if (run->state == RUN_RUNNING)
        return;
    if (run->deadline_struck && run->cut_short)
        warn("stopped: the deadline of %g s was reached",
             run->config->deadline);
    if (run->strict_struck)
        warn("stopped: an invalid line and --strict");
    if (!intake_unread(run->intake, &name, &number))
        return;
    if (number > 0)
        warn("not read: %s from line %" PRIu64 " on", name, number);
    else
        warn("not read: %s", name);
}
