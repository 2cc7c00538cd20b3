/* SPDX-License-Identifier: MIT */
/*
 * What is changed while a run is under way: SIGUSR2 pauses and goes on, the
 * file of --control is read again when it has changed or after SIGHUP. A file
 * that cannot be read changes nothing.
 */
#include "app/run_priv.h"

#include "base/msg.h"
#include "policy/control.h"
#include "world/slurp.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Largest file of --control, in bytes, and how often it is looked at. */
#define CONTROL_MAX  65536
#define LOOK_SECONDS 0.5

/* What tells one state of a file from the next. */
struct mark {
    struct timespec changed;
    off_t size;
    ino_t inode;
    dev_t device;
};

struct steer {
    struct control control; /* as last read */
    struct mark mark;       /* of what was last read, good or bad */
    bool gone;              /* said that it cannot be looked at */
    double look_at;
    bool by_signal; /* SIGUSR2 has paused the run */
    bool over;      /* the run stops: pauses are over */
};

bool steer_paused(const struct run *run)
{
    const struct steer *steer = run->steer;

    return (steer->by_signal || steer->control.pause) && !steer->over;
}

/* How many may start: as the file says, else as the options do. */
static void apply_limits(struct run *run)
{
    const struct control *control = &run->steer->control;
    const struct config *config = run->config;
    unsigned slots =
        control->has_concurrency ? control->concurrency : config->concurrency;

    run->slots_most = slots < run->slots_cap ? slots : run->slots_cap;
    sched_set_slots(run->sched, run->slots_most);
    pace_control(run->pace, control, run->now);
}

static int read_control(struct run *run, struct why *why)
{
    const char *name = run->config->control;
    struct slurp slurp = {.stdin_taken = true};
    struct control control;
    struct why inner;
    struct buf text;
    int result;

    buf_init(&text, CONTROL_MAX);
    result = slurp_file(&slurp, name, &text, why);
    if (result == 0) {
        result = control_parse(&control, text.data ? text.data : "", text.len,
                               &inner);
        if (result != 0)
            why_set(why, "%.110s: %s", name, inner.text);
    }
    buf_release(&text);
    if (result == 0)
        run->steer->control = control;
    return result;
}

/* False: there is no such file. Others than regular files may block, or give
 * no sign of a change. */
static bool take_mark(const char *name, struct mark *mark)
{
    struct stat info;

    *mark = (struct mark){0};
    if (stat(name, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    mark->changed = info.st_mtim;
    mark->size = info.st_size;
    mark->inode = info.st_ino;
    mark->device = info.st_dev;
    return true;
}

static bool same(const struct mark *a, const struct mark *b)
{
    return a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec && a->size == b->size &&
           a->inode == b->inode && a->device == b->device;
}

void steer_watch(struct run *run)
{
    signals_watch(run->signals, SIGUSR1);
    signals_watch(run->signals, SIGUSR2);
    if (run->config->control)
        signals_watch(run->signals, SIGHUP);
}

int steer_open(struct run *run, struct why *why)
{
    struct why inner;

    run->steer = xcalloc(1, sizeof(*run->steer));
    run->steer->look_at = INFINITY;
    if (!run->config->control)
        return 0;
    if (!take_mark(run->config->control, &run->steer->mark))
        return why_set(why, "--control: %.120s is no file that can be read",
                       run->config->control);
    if (read_control(run, &inner) != 0)
        return why_set(why, "--control: %s", inner.text);
    run->now = run->started;
    run->steer->look_at = run->now + LOOK_SECONDS;
    apply_limits(run);
    sched_pause(run->sched, steer_paused(run));
    return 0;
}

void steer_close(struct run *run)
{
    free(run->steer);
    run->steer = NULL;
}

static void say_pause(const struct run *run)
{
    if (run->config->silent)
        return;
    if (steer_paused(run))
        warn("paused: nothing new starts, %u in flight go on",
             fetch_running(run->fetch));
    else
        warn("goes on");
}

static void settle_pause(struct run *run, bool before)
{
    sched_pause(run->sched, steer_paused(run));
    if (steer_paused(run) != before)
        say_pause(run);
}

static void look_at_file(struct run *run, bool told)
{
    struct steer *steer = run->steer;
    bool before = steer_paused(run);
    struct mark mark;
    struct why why;

    steer->look_at = run->now + LOOK_SECONDS;
    if (!take_mark(run->config->control, &mark)) {
        if (!steer->gone)
            warn("%s cannot be read: what it said still holds",
                 run->config->control);
        steer->gone = true;
        return;
    }
    steer->gone = false;
    /* An empty one is about to be written. */
    if (mark.size == 0 || (!told && same(&mark, &steer->mark)))
        return;
    steer->mark = mark;
    if (read_control(run, &why) != 0) {
        warn("%s: what it said before still holds", why.text);
        return;
    }
    apply_limits(run);
    settle_pause(run, before);
    if (run->config->verbose)
        warn("%s was read", run->config->control);
}

void steer_look(struct run *run)
{
    struct steer *steer = run->steer;
    bool before = steer_paused(run);
    bool told = signals_take(run->signals, SIGHUP) > 0;

    if (signals_take(run->signals, SIGUSR1) > 0)
        report_tasks(run);
    if (signals_take(run->signals, SIGUSR2) % 2 == 1) {
        steer->by_signal = !steer->by_signal;
        settle_pause(run, before);
        if (!steer->by_signal && steer_paused(run))
            warn("%s still says \"pause\"", run->config->control);
    }
    if (told || run->now >= steer->look_at)
        look_at_file(run, told);
}

double steer_wake(const struct run *run)
{
    return run->steer->look_at;
}

void steer_end_pause(struct run *run)
{
    run->steer->over = true;
    sched_pause(run->sched, false);
}
