/* SPDX-License-Identifier: MIT */
/*
 * How fast a run goes: puts policy's rates, cool-downs, adaptive concurrency
 * and circuit breaker together and tells the scheduler. What it learns of
 * hosts it keeps for the PACE_HOSTS that were heard of last. `now` is in
 * monotonic seconds, `wall` in seconds since the epoch.
 */
#ifndef APP_PACE_H
#define APP_PACE_H

#include "app/task.h"
#include "model/config.h"
#include "model/error.h"
#include "policy/control.h"
#include "policy/hosts.h"
#include "policy/sched.h"
#include "policy/verdict.h"

#include <stdbool.h>
#include <stdint.h>

#define PACE_HOSTS 65536

struct pace;

/* Sets the scheduler, which must be new, to what the config and hosts (may be
 * NULL) say. All are borrowed. The seed is that of chance. */
struct pace *pace_new(const struct config *config, const struct hosts *hosts,
                      struct sched *sched, uint64_t seed, double now);
void pace_free(struct pace *pace);

/* What the file of --control says goes before the options from now on, in
 * rates and concurrency of hosts; --host-config goes before both. */
void pace_control(struct pace *pace, const struct control *control, double now);

/* May the host be asked now? false: it is given up, and *error is what its
 * tasks end with. */
bool pace_lets(struct pace *pace, const char *host_key, double now,
               struct error *error);

/* A task that pace_lets let leaves: nothing else of a host that was given up
 * does until it is back. */
void pace_leaves(struct pace *pace, const char *host_key, double now);

/*
 * A hop of the task, which still holds its slots, has ended with this verdict
 * (of any kind but VERDICT_LOCAL). true: its host is given up, and what is
 * queued for it is to end.
 */
bool pace_landed(struct pace *pace, const struct task *task,
                 const struct verdict *verdict, double now, int64_t wall);

/* Says on stderr what was found out of the hosts; nothing without --adaptive.
 */
void pace_tell(const struct pace *pace);

#endif
