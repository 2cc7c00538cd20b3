/* SPDX-License-Identifier: MIT */
/*
 * Signals counted, SIGPIPE out of the way. Knows the process's
 * signal actions; must not know what a run does when it is told to stop.
 */
#include "world/signals.h"

#include "base/msg.h"

#include <ev.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static const int stop_signals[] = {SIGINT, SIGTERM};
#define STOP_SIGNALS (sizeof(stop_signals) / sizeof(stop_signals[0]))
#define WATCHED_MAX  4

/* A signal that is only counted. */
struct watched {
    struct ev_signal watcher;
    unsigned count;
};

struct signals {
    struct ev_loop *loop;
    struct ev_signal watchers[STOP_SIGNALS];
    struct watched watched[WATCHED_MAX];
    size_t watched_count;
    struct sigaction old_pipe;
    struct sigaction old_size; /* of SIGXFSZ */
    int count;
    int first;
};

/* The watchers are no reason for the loop to go on, so they hold no reference
 * to it. libev restores the default action when the last one of a signal
 * stops. */
static void unwatch(struct signals *signals)
{
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        if (ev_is_active(&signals->watchers[i])) {
            ev_ref(signals->loop);
            ev_signal_stop(signals->loop, &signals->watchers[i]);
        }
    }
}

static void on_signal(struct ev_loop *loop, struct ev_signal *watcher,
                      int events)
{
    struct signals *signals = watcher->data;

    (void)loop;
    (void)events;
    if (signals->count == 0) {
        signals->first = watcher->signum;
    }
    signals->count++;
    if (signals->count >= 2) {
        unwatch(signals);
    }
}

static void on_watched(struct ev_loop *loop, struct ev_signal *watcher,
                       int events)
{
    struct watched *watched = watcher->data;

    (void)loop;
    (void)events;
    watched->count++;
}

/* nohup and a shell's `&` ignore signals on purpose: that is left alone. */
static bool ignored(int signum)
{
    struct sigaction action;

    return sigaction(signum, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

struct signals *signals_new(struct ev_loop *loop)
{
    struct signals *signals = xcalloc(1, sizeof(*signals));
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    signals->loop = loop;
    sigaction(SIGPIPE, &ignore, &signals->old_pipe);
    sigaction(SIGXFSZ, &ignore, &signals->old_size);
    return signals;
}

void signals_start(struct signals *signals)
{
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        struct ev_signal *watcher = &signals->watchers[i];
        ev_signal_init(watcher, on_signal, stop_signals[i]);
        watcher->data = signals;
        if (!ignored(stop_signals[i])) {
            ev_signal_start(signals->loop, watcher);
            ev_unref(signals->loop);
        }
    }
}

void signals_free(struct signals *signals)
{
    if (signals == NULL) {
        return;
    }
    unwatch(signals);
    for (size_t i = 0; i < signals->watched_count; i++) {
        ev_ref(signals->loop);
        ev_signal_stop(signals->loop, &signals->watched[i].watcher);
    }
    sigaction(SIGPIPE, &signals->old_pipe, NULL);
    sigaction(SIGXFSZ, &signals->old_size, NULL);
    free(signals);
}

void signals_watch(struct signals *signals, int signum)
{
    struct watched *watched = &signals->watched[signals->watched_count];

    if (ignored(signum))
        return;
    if (signals->watched_count == WATCHED_MAX)
        die("more than %d signals are watched", WATCHED_MAX);
    signals->watched_count++;
    ev_signal_init(&watched->watcher, on_watched, signum);
    watched->watcher.data = watched;
    ev_signal_start(signals->loop, &watched->watcher);
    ev_unref(signals->loop);
}

unsigned signals_take(struct signals *signals, int signum)
{
    for (size_t i = 0; i < signals->watched_count; i++) {
        struct watched *watched = &signals->watched[i];
        unsigned count = watched->count;

        if (watched->watcher.signum != signum)
            continue;
        watched->count = 0;
        return count;
    }
    return 0;
}

int signals_count(const struct signals *signals)
{
    return signals->count;
}

int signals_first(const struct signals *signals)
{
    return signals->first;
}

_Noreturn void signals_die_of_sigpipe(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t set;

    sigaction(SIGPIPE, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(SIGPIPE);
    _exit(128 + SIGPIPE);
}
