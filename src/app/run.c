/* SPDX-License-Identifier: MIT */
/*
 * The pump and its loop. The only file that asks for the time (of the pulse,
 * and of the wall) for others. libev's callbacks note facts elsewhere; one
 * prepare watcher runs the pump once per turn of the loop, and the pump pulls
 * every stage.
 */
#include "app/run_priv.h"

#include "base/msg.h"
#include "world/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double clock_read(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void read_clocks(struct run *run)
{
    ev_now_update(run->loop); /* timers that libcurl sets count from now */
    run->now = pulse_read(&run->pulse, PULSE_OTHER);
    run->wall = clock_read(CLOCK_REALTIME);
    fetch_turn(run->fetch, run->now);
}

/* An invalid line goes straight to its record; the rest joins the window. */
static bool take_in(struct run *run)
{
    struct request *request = NULL;
    struct error error;

    switch (intake_pull(run->intake, &request, &error)) {
    case INTAKE_REQUEST:
        flight_admit_take(run, request);
        return true;
    case INTAKE_INVALID:
        flight_invalid_take(run, request, &error);
        return true;
    case INTAKE_FAILED:
        run->local_fault = true;
        return true;
    case INTAKE_MORE:
        return false;
    case INTAKE_WAIT:
        run->input_waits = true;
        return false;
    case INTAKE_END:
        run->input_over = true;
        return false;
    }
    return false;
}

static bool window_open(const struct run *run)
{
    return run->window_count < run->config->queue &&
           run->window_bytes < WINDOW_BYTES;
}

/* True while reading on is possible and useful. */
static bool can_read(const struct run *run)
{
    return !run->input_over && !run->input_waits && window_open(run) &&
           !sink_full(run->sink) &&
           !(run->ordered &&
             ordered_full(run->ordered, intake_next_index(run->intake)));
}

static void refill(struct run *run)
{
    size_t before = run->window_bytes + sink_queued(run->sink);
    size_t after = before;

    run->input_waits = false;
    for (int n = 0; n < TURN_MAX && can_read(run); n++) {
        if (after - before > TURN_BYTES || !take_in(run))
            return;
        after = run->window_bytes + sink_queued(run->sink);
    }
}

static enum fetch_hold hold_wanted(const struct run *run)
{
    if (fetch_body_bytes(run->fetch) + sink_queued(run->sink) < BODY_BYTES)
        return FETCH_FLOW;
    return sink_full(run->sink) ? FETCH_PAUSE_KEPT : FETCH_ONE;
}

/* Whether bodies may flow into memory: see fetch_set_hold. */
static void share_memory(struct run *run)
{
    enum fetch_hold hold = hold_wanted(run);
    size_t queued = sink_queued(run->sink);
    size_t most = queued < BODY_BYTES ? BODY_BYTES - queued : 0;

    fetch_set_hold(run->fetch, hold, most);
    /* What was resumed may have come to the limit at once. */
    if (hold == FETCH_FLOW && hold_wanted(run) != FETCH_FLOW)
        fetch_set_hold(run->fetch, hold_wanted(run), most);
}

/* One timer for the earliest thing that time alone will bring about. */
static void arm_alarm(struct run *run)
{
    struct heap_node *first = heap_min(&run->clocks);
    double wake = stop_wake(run);

    if (first && first->at < wake)
        wake = first->at;
    if (!flight_blocked(run) && sched_wake(run->sched) < wake)
        wake = sched_wake(run->sched);
    if (fetch_wake(run->fetch) < wake)
        wake = fetch_wake(run->fetch);
    if (resolve_wake(run->resolve) < wake)
        wake = resolve_wake(run->resolve);
    if (steer_wake(run) < wake)
        wake = steer_wake(run);
    ev_timer_stop(run->loop, &run->alarm);
    if (isinf(wake))
        return;
    ev_timer_set(&run->alarm, wake > run->now ? wake - run->now : 0.0, 0.0);
    ev_timer_start(run->loop, &run->alarm);
}

static bool finished(const struct run *run)
{
    return run->over ||
           (flight_all_landed(run) && sink_queued(run->sink) == 0 &&
            !(run->ordered && ordered_held(run->ordered) > 0));
}

/*
 * Work that is left over must not sleep until an unrelated event. Each part is
 * the same question that its stage asks, so none can be forgotten; what waits
 * for the reader, for bytes or for a time is woken by them.
 */
static bool work_left(const struct run *run)
{
    return flight_can_land(run) || flight_can_cancel(run) || can_read(run) ||
           emit_can(run) || fetch_catches_up(run->fetch) || run->start_left;
}

/* With --debug: where the time of this turn goes. */
static void spent(struct run *run, enum pulse_part part)
{
    if (run->config->debug)
        pulse_read(&run->pulse, part);
}

static void tell_slow(const struct run *run, double stopped)
{
    char parts[160];

    if (run->pulse.stopped > stopped)
        warn("the process stood still for %.3f s",
             run->pulse.stopped - stopped);
    if (pulse_turn(&run->pulse) <= run->config->slow_callback)
        return;
    pulse_explain(&run->pulse, parts, sizeof(parts));
    warn("a turn of the loop took %.3f s: %s", pulse_turn(&run->pulse), parts);
}

static void run_stages(struct run *run)
{
    stop_look(run);
    steer_look(run);
    flight_strike_clocks(run);
    emit_items(run);
    flight_land(run);
    flight_cancel_doomed(run);
    spent(run, PULSE_LANDING);
    flight_start(run);
    spent(run, PULSE_STARTING);
    refill(run);
    spent(run, PULSE_READING);
    emit(run);
    spent(run, PULSE_WRITING);
    flight_start(run); /* what was just read, or was kept back by the sink */
    spent(run, PULSE_STARTING);
    share_memory(run);
    arm_alarm(run);
}

static void run_pump(struct run *run)
{
    read_clocks(run);
    run_stages(run);
    if (run->config->debug) {
        pulse_read(&run->pulse, PULSE_LIBCURL); /* what was unpaused */
        tell_slow(run, run->stopped);
    }
    run->stopped = run->pulse.stopped;
    if (work_left(run))
        ev_idle_start(run->loop, &run->idle);
    else
        ev_idle_stop(run->loop, &run->idle);
    if (finished(run))
        ev_break(run->loop, EVBREAK_ALL);
}

static void on_prepare(struct ev_loop *loop, ev_prepare *prepare, int events)
{
    (void)loop;
    (void)events;
    run_pump(prepare->data);
}

/* The loop has slept: with the highest priority, before all that woke it. */
static void on_check(struct ev_loop *loop, ev_check *check, int events)
{
    struct run *run = check->data;

    (void)loop;
    (void)events;
    pulse_wake(&run->pulse);
}

static void on_idle(struct ev_loop *loop, ev_idle *idle, int events)
{
    (void)loop;
    (void)idle;
    (void)events;
}

static void on_alarm(struct ev_loop *loop, ev_timer *alarm, int events)
{
    (void)loop;
    (void)alarm;
    (void)events;
}

static void start_watchers(struct run *run)
{
    ev_prepare_init(&run->prepare, on_prepare);
    run->prepare.data = run;
    ev_prepare_start(run->loop, &run->prepare);
    ev_check_init(&run->check, on_check);
    ev_set_priority(&run->check, EV_MAXPRI);
    run->check.data = run;
    ev_check_start(run->loop, &run->check);
    ev_idle_init(&run->idle, on_idle);
    ev_timer_init(&run->alarm, on_alarm, 0.0, 0.0);
}

static void run_init(struct run *run, const struct config *config)
{
    run->config = config;
    run->loop = ev_loop_new(ev_recommended_backends() | EVFLAG_NOENV);
    if (!run->loop)
        die("libev cannot start: %s", strerror(errno));
    heap_init(&run->clocks);
    list_init(&run->flying);
    list_init(&run->doomed);
    rng_seed(&run->rng, config->seed
                            ? config->seed
                            : (uint64_t)(clock_read(CLOCK_REALTIME) * 1e9));
    pulse_init(&run->pulse);
    run->started = pulse_read(&run->pulse, PULSE_OTHER);
    run->deadline =
        config->deadline > 0.0 ? run->started + config->deadline : INFINITY;
}

/* With --resume the status is that of FILE, as if there had been one run. */
static bool has_failures(const struct run *run)
{
    return stats_failures(&run->stats) + run->failed_before > 0;
}

/* Where several hold: 5, signal, 2, 4, 3, 1, 0. */
static int status_of(const struct run *run, int signal_number)
{
    if (run->local_fault)
        return STATUS_LOCAL;
    if (signal_number)
        return 128 + signal_number;
    if (stop_status(run) >= 0)
        return stop_status(run);
    if (has_failures(run) && !run->config->exit_zero)
        return STATUS_NOT_OK;
    return STATUS_OK;
}

/* On stderr, for whoever watches. */
static void say_end(const struct run *run)
{
    bool summary = isatty(STDERR_FILENO) && !run->config->silent;

    stop_explain(run);
    if (run->config->verbose || summary)
        pace_tell(run->pace);
    if (run->config->verbose)
        warn("%" PRIu64 " records, %" PRIu64 " sends, %u missed events",
             run->stats.done, run->stats.attempts, fetch_stalls(run->fetch));
    if (summary)
        progress_summary(stderr, &run->stats,
                         clock_read(CLOCK_MONOTONIC) - run->started);
    if (run->config->resume && !run->over && !run->config->silent)
        emit_say_resumed(run);
}

static int run_loop(struct run *run)
{
    const char *name;
    uint64_t number;
    int signal_number;
    bool reader_gone;

    start_watchers(run);
    ev_run(run->loop, 0);
    reader_gone = sink_error(run->sink) == EPIPE;
    emit_end(run);
    run->cut_short |= intake_unread(run->intake, &name, &number);
    if (!reader_gone)
        say_end(run);
    signal_number =
        signals_count(run->signals) ? signals_first(run->signals) : 0;
    run_save(run);
    run_close(run);
    if (reader_gone)
        signals_die_of_sigpipe();
    return status_of(run, signal_number);
}

int run(const struct config *config)
{
    struct run run = {0};
    struct why why;

    run_init(&run, config);
    if (run_open(&run, &why) == 0)
        return run_loop(&run);
    warn("%s", why.text);
    run_close(&run);
    return run.local_fault ? STATUS_LOCAL : STATUS_USAGE;
}
