/* SPDX-License-Identifier: MIT */
/*
 * libcurl's own clocks run on while the process stands still (SIGSTOP and the
 * like), those of the pulse do not. Here the one is kept from ending what the
 * other would not: a transfer that crept keeps the time of its stop, one that
 * was connecting connects again. Both hold only for what the stop caused.
 */
#include "world/fetch_priv.h"

#include <errno.h>
#include <math.h>

static void set_speed_time(struct transfer *transfer, double seconds)
{
    curl_easy_setopt(transfer->easy, CURLOPT_LOW_SPEED_TIME,
                     (long)fmin(ceil(seconds), 65535.0));
    transfer->given.as_run = false; /* the handle is to be set anew */
}

/* libcurl looks at the option once a second. */
static void ease(struct transfer *transfer)
{
    const struct fetch *fetch = transfer->fetch;
    const struct settings *settings = transfer->hop.settings;
    double stopped = fetch->stopped - transfer->stopped_before;

    if (settings->speed_time <= 0.0 || settings->speed_limit == 0)
        return;
    set_speed_time(transfer, settings->speed_time + stopped);
    transfer->eased_at = fetch->now;
}

void still_feel(struct fetch *fetch)
{
    pulse_read(fetch->pulse, PULSE_OTHER);
    if (fetch->pulse->stopped <= fetch->stopped)
        return;
    fetch->stopped = fetch->pulse->stopped;
    fetch->eased = true;
    list_foreach (node, &fetch->live)
        ease(container_of(node, struct transfer, place));
}

/* What has crept for all of its time since the stop may end; what did not has
 * a clock of libcurl's that began after the stop. */
void still_forget(struct fetch *fetch)
{
    bool eased = false;

    if (!fetch->eased)
        return;
    list_foreach (node, &fetch->live) {
        struct transfer *transfer = container_of(node, struct transfer, place);
        double speed_time = transfer->hop.settings->speed_time;

        if (transfer->eased_at <= 0.0)
            continue;
        eased = true;
        if (fetch->now - transfer->eased_at < ceil(speed_time) + 1.0)
            continue;
        set_speed_time(transfer, speed_time);
        transfer->eased_at = 0.0;
    }
    fetch->eased = eased;
}

bool still_spares(const struct transfer *transfer)
{
    const struct fetch *fetch = transfer->fetch;
    const struct evidence *evidence = &transfer->response.evidence;

    return evidence->ender == ENDED_BY_PEER && !evidence->request_sent &&
           !transfer->last_address &&
           transfer->stopped_before < fetch->pulse->stopped &&
           fetch->now - transfer->started < transfer->hop.connect_timeout &&
           (transfer->code == CURLE_OPERATION_TIMEDOUT ||
            (transfer->code == CURLE_COULDNT_CONNECT &&
             evidence->os_errno == ETIMEDOUT));
}
