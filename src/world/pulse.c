/* SPDX-License-Identifier: MIT */
/*
 * Reads CLOCK_MONOTONIC, and leaves out what the process did not live through.
 * Must not know what the time is for.
 */
#include "world/pulse.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static double clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void pulse_init(struct pulse *pulse)
{
    *pulse = (struct pulse){.last = clock_now()};
}

double pulse_read(struct pulse *pulse, enum pulse_part part)
{
    double now = clock_now();
    double passed = now - pulse->last;

    pulse->last = now;
    if (passed > PULSE_GAP)
        pulse->stopped += passed;
    else
        pulse->parts[part] += passed;
    return now - pulse->stopped;
}

void pulse_wake(struct pulse *pulse)
{
    pulse_read(pulse, PULSE_OTHER);
    memset(pulse->parts, 0, sizeof(pulse->parts));
}

double pulse_turn(const struct pulse *pulse)
{
    double sum = 0.0;

    for (int i = 0; i < PULSE_PARTS; i++)
        sum += pulse->parts[i];
    return sum;
}

void pulse_explain(const struct pulse *pulse, char *out, size_t size)
{
    static const char *const names[PULSE_PARTS] = {
        [PULSE_OTHER] = "other",     [PULSE_LIBCURL] = "libcurl",
        [PULSE_LANDING] = "landing", [PULSE_STARTING] = "starting",
        [PULSE_READING] = "reading", [PULSE_WRITING] = "writing",
    };
    bool told[PULSE_PARTS] = {false};
    size_t len = 0;

    out[0] = '\0';
    for (int n = 0; n < PULSE_PARTS && len < size; n++) {
        int longest = -1;

        for (int i = 0; i < PULSE_PARTS; i++)
            if (!told[i] &&
                (longest < 0 || pulse->parts[i] > pulse->parts[longest]))
                longest = i;
        told[longest] = true;
        if (pulse->parts[longest] > 0.0)
            len += (size_t)snprintf(out + len, size - len, "%s%s %.3f s",
                                    n ? ", " : "", names[longest],
                                    pulse->parts[longest]);
    }
}
