/* SPDX-License-Identifier: MIT */
/*
 * --bandwidth: how fast all transfers together receive. A bucket of bytes that
 * may go into debt by one piece: whoever comes while it owes is paused, and
 * they go on in the order in which they were. It must not know what the bytes
 * are for.
 */
#include "world/fetch_priv.h"

#include <math.h>

/* What nobody took is not saved up, but for so many seconds' worth: a loop
 * wakes late, never early. */
#define LATE 0.1

bool bandwidth_lets(struct transfer *transfer, size_t len)
{
    struct fetch *fetch = transfer->fetch;
    uint64_t bandwidth = fetch->config->bandwidth;

    if (bandwidth == 0)
        return true;
    if (fetch->receive_due > fetch->now) {
        list_remove(&transfer->throttled);
        list_push_back(&fetch->throttled, &transfer->throttled);
        return false;
    }
    fetch->receive_due = fmax(fetch->receive_due, fetch->now - LATE) +
                         (double)len / (double)bandwidth;
    return true;
}

void bandwidth_resume(struct fetch *fetch)
{
    struct list *node;

    while (fetch->receive_due <= fetch->now &&
           (node = list_pop_front(&fetch->throttled))) {
        struct transfer *transfer =
            container_of(node, struct transfer, throttled);

        if (transfer->paused)
            transfer_resume(transfer);
    }
}

double fetch_wake(const struct fetch *fetch)
{
    return list_empty(&fetch->throttled) ? INFINITY : fetch->receive_due;
}
