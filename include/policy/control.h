/* SPDX-License-Identifier: MIT */
/*
 * The file of --control: what may be changed while a run is under way, as one
 * JSON object. Pure: it reads no file.
 */
#ifndef POLICY_CONTROL_H
#define POLICY_CONTROL_H

#include "base/msg.h"

#include <stdbool.h>
#include <stddef.h>

struct control {
    bool has_concurrency, has_host_concurrency, has_rate, has_host_rate;
    unsigned concurrency;      /* from 1 */
    unsigned host_concurrency; /* 0: no limit */
    double rate, host_rate;    /* starts a second; 0: no limit */
    bool has_pause, pause;
};

/*
 * Reads the object: "concurrency" and "host_concurrency" (numbers),
 * "rate" and "host_rate" (a number of starts a second, or a text as "30/m";
 * null or 0: none), "pause" (true or false); each may be left out. 0, or -1
 * with why, which names the member: an unknown one, a wrong type or range.
 */
int control_parse(struct control *control, const char *text, size_t len,
                  struct why *why);

#endif
