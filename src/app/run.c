/* SPDX-License-Identifier: MIT */
/*
 * The pump and its loop. The only file that asks for the time (of the pulse,
 * and of the wall) for others. libev's callbacks note facts elsewhere; one
 * prepare watcher runs the pump once per turn of the loop, and the pump pulls
 * every stage.
 */
#include "app/run_priv.h"

#include "app/options.h"
#include "base/msg.h"
#include "world/progress.h"
#include "world/slurp.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Name lookups at once: a thread each. */
#define LOOKUPS_MAX 32

/* Largest file of --host-config, in bytes. */
#define HOST_CONFIG_MAX (4u << 20)

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
           !sink_full(run->sink);
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

/* Items of streams, as far as the reader keeps up. */
static bool can_move_items(const struct run *run)
{
    return fetch_stream_waits(run->fetch) && !sink_full(run->sink);
}

static void move_items(struct run *run)
{
    while (can_move_items(run))
        fetch_stream_next(run->fetch, sink_room(run->sink));
}

static void emit(struct run *run)
{
    int error;

    if (sink_flush(run->sink) == 0) {
        if (sink_full(run->sink))
            fetch_stream_stall(run->fetch);
        return;
    }
    error = sink_error(run->sink);
    if (error != EPIPE)
        warn("cannot write %s: %s", sink_name(run->sink), strerror(error));
    run->local_fault = true;
    run->over = true;
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
    return run->over || (flight_all_landed(run) && sink_queued(run->sink) == 0);
}

/*
 * Work that is left over must not sleep until an unrelated event. Each part is
 * the same question that its stage asks, so none can be forgotten; what waits
 * for the reader, for bytes or for a time is woken by them.
 */
static bool work_left(const struct run *run)
{
    return flight_can_land(run) || flight_can_cancel(run) || can_read(run) ||
           can_move_items(run) || fetch_catches_up(run->fetch) ||
           run->start_left;
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
    move_items(run);
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

static void raise_fd_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static unsigned slots_of(const struct run *run)
{
    unsigned wanted = run->config->concurrency;
    unsigned most = fetch_capacity(run->fetch);

    if (run->config->body == BODY_FILE) /* a file beside each socket */
        most = most > 1 ? most / 2 : 1;
    if (wanted <= most)
        return wanted;
    warn("concurrency %u lowered to %u: the limit on open files is %u", wanted,
         most, fetch_fd_limit());
    return most;
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
    raise_fd_limit();
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

/* --host-config: 0, or -1 with why, which names file and key. */
static int read_hosts(struct run *run, struct why *why)
{
    const char *name = run->config->host_config;
    struct slurp slurp = {.stdin_taken = true};
    struct buf text;
    struct why inner;

    buf_init(&text, HOST_CONFIG_MAX);
    if (slurp_file(&slurp, name, &text, &inner) == 0) {
        run->hosts = hosts_new(text.data ? text.data : "", text.len,
                               run->config, &options_table, &inner);
        if (!run->hosts)
            why_set(why, "--host-config: %.60s: %.130s", name, inner.text);
    } else {
        why_set(why, "--host-config: %.180s", inner.text);
    }
    buf_release(&text);
    return run->hosts ? 0 : -1;
}

/* Those of --cookie that are no cookies are files of them; the jar is read
 * anyway, and need not be there yet. */
static struct cookies *open_cookies(const struct config *config,
                                    struct why *why)
{
    const struct strings *given = &config->settings.cookie;
    const char **files = xcalloc(given->count + 1, sizeof(*files));
    struct cookies *cookies;
    size_t count = 0;

    for (size_t i = 0; i < given->count; i++) {
        const char *file = given->items[i];

        if (*file && !strchr(file, '=') &&
            !(config->cookie_jar && strcmp(file, config->cookie_jar) == 0))
            files[count++] = file;
    }
    cookies = cookies_open(config->cookie_jar, files, count, why);
    free(files);
    return cookies;
}

/* What is kept from run to run. */
static int open_state(struct run *run, struct why *why)
{
    const struct config *config = run->config;
    bool wants_cookies = config->cookie_jar != NULL;

    for (size_t i = 0; i < config->settings.cookie.count; i++)
        wants_cookies |= !strchr(config->settings.cookie.items[i], '=');
    run->local_fault = true; /* unless it is opened */
    if (wants_cookies) {
        run->cookies = open_cookies(config, why);
        if (!run->cookies)
            return -1;
        fetch_use_cookies(run->fetch, run->cookies);
    }
    if (config->etag_store) {
        run->etags = etag_store_open(config->etag_store, why);
        if (!run->etags)
            return -1;
    }
    run->local_fault = false;
    return 0;
}

/* What needs files: may fail for the user's reasons, before anything starts. */
static int run_open(struct run *run, struct why *why)
{
    const struct config *config = run->config;
    struct rng chance;

    if (config->host_config && read_hosts(run, why) != 0)
        return -1;
    run->source = source_new(run->loop, config, why);
    if (!run->source)
        return -1;
    if (source_check_output(run->source, config->output, why) != 0)
        return -1;
    run->saving = saving_new(config, why);
    if (!run->saving)
        return -1;
    run->resolve = resolve_new(run->loop, LOOKUPS_MAX, config->dns_ttl);
    run->routes = routes_new(config, run->resolve, run->started, why);
    if (!run->routes)
        return -1;
    if (config->verbose)
        routes_tell(run->routes);
    run->sink = sink_open(run->loop, config->output, config->force, why);
    if (!run->sink)
        return -1;
    run->intake = intake_new(config, &options_table, run->source);
    intake_set_hosts(run->intake, run->hosts);
    run->signals = signals_new(run->loop);
    run->fetch = fetch_new(run->loop, config, &run->pulse, run->resolve,
                           routes_guard(run->routes));
    if (!config->dry_run && open_state(run, why) != 0)
        return -1;
    run->slots_most = slots_of(run);
    run->sched = sched_new(run->slots_most, config->host_concurrency);
    chance = run->rng; /* another sequence than that of the backoff */
    run->pace = pace_new(config, run->hosts, run->sched, rng_next(&chance),
                         run->started);
    if (config->race)
        run->races = races_new();
    start_watchers(run);
    return steer_open(run, why);
}

/* Tasks that a lost output left without a record. */
static void drop_tasks(struct run *run)
{
    struct list *node;
    struct sched_item *item;

    while ((item = sched_take(run->sched)))
        task_free(container_of(item, struct task, item));
    while ((node = list_pop_front(&run->flying)))
        task_free(container_of(node, struct task, flying));
    while ((node = list_pop_front(&run->doomed)))
        task_free(container_of(node, struct task, flying));
}

/* Once all records are out: validators of what nobody got would keep it from
 * being fetched again. */
static void save_state(struct run *run)
{
    struct why why;

    if (run->cookies && cookies_save(run->cookies, &why) != 0) {
        warn("%s", why.text);
        run->local_fault = true;
    }
    if (run->etags && !run->lost_records &&
        etag_store_save(run->etags, &why) != 0) {
        warn("%s", why.text);
        run->local_fault = true;
    }
}

static void close_sink(struct run *run)
{
    struct why why;

    if (!run->sink)
        return;
    run->lost_records = sink_error(run->sink) != 0;
    if (sink_close(run->sink, &why) != 0) {
        warn("%s", why.text);
        run->local_fault = run->lost_records = true;
    }
    run->sink = NULL;
}

static void run_close(struct run *run)
{

    heap_release(&run->clocks); /* its nodes are in the tasks */
    if (run->sched)
        drop_tasks(run);
    fetch_free(run->fetch);
    routes_free(run->routes);
    resolve_free(run->resolve);
    pace_free(run->pace);
    races_free(run->races);
    sched_free(run->sched);
    saving_free(run->saving);
    intake_free(run->intake);
    source_free(run->source);
    hosts_free(run->hosts);
    close_sink(run);
    cookies_close(run->cookies);
    etag_store_close(run->etags);
    steer_close(run);
    signals_free(run->signals);
    ev_loop_destroy(run->loop);
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
    if (stats_failures(&run->stats) > 0 && !run->config->exit_zero)
        return STATUS_NOT_OK;
    return STATUS_OK;
}

static int run_loop(struct run *run)
{
    const char *name;
    uint64_t number;
    int signal_number;
    bool reader_gone;
    bool summary = isatty(STDERR_FILENO) && !run->config->silent;

    ev_run(run->loop, 0);
    reader_gone = sink_error(run->sink) == EPIPE;
    run->cut_short |= intake_unread(run->intake, &name, &number);
    if (!reader_gone) {
        stop_explain(run);
        if (run->config->verbose || summary)
            pace_tell(run->pace);
        if (run->config->verbose)
            warn("%" PRIu64 " records, %" PRIu64 " sends, %u missed events",
                 run->stats.done, run->stats.attempts,
                 fetch_stalls(run->fetch));
        if (summary)
            progress_summary(stderr, &run->stats,
                             clock_read(CLOCK_MONOTONIC) - run->started);
    }
    signal_number =
        signals_count(run->signals) ? signals_first(run->signals) : 0;
    close_sink(run);
    save_state(run);
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
