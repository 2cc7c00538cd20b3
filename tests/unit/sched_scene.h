/* SPDX-License-Identifier: MIT */
/* What the tests of the scheduler's single rules share. */
#ifndef SCHED_SCENE_H
#define SCHED_SCENE_H

#include "check.h"
#include "policy/sched.h"

#define COUNT 64

/* A scheduler and items to put into it; names are single letters. */
struct scene {
    struct sched *sched;
    struct sched_item items[COUNT];
};

static inline void scene_init(struct scene *scene, unsigned slots,
                              unsigned host_slots)
{
    memset(scene, 0, sizeof *scene);
    scene->sched = sched_new(slots, host_slots);
}

/* Adds items first, first + 1, ... with a host for each letter. */
static inline void scene_add(struct scene *scene, int first, const char *hosts,
                             int priority)
{
    for (int i = 0; hosts[i]; i++) {
        char key[2] = {hosts[i], '\0'};

        sched_add(scene->sched, &scene->items[first + i], key, priority);
    }
}

#endif
