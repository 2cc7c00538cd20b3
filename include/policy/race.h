/* SPDX-License-Identifier: MIT */
/*
 * Groups of requests that race (--race): the first one of a group that ends
 * well wins, and the others are no longer wanted. It knows groups by their
 * name and who is in them; how a loser is ended is the caller's affair.
 *
 * A group that has nobody in it is remembered, so that a member which comes
 * later in the list finds it won, but only the RACES_IDLE groups that emptied
 * last: one that was forgotten races anew.
 */
#ifndef POLICY_RACE_H
#define POLICY_RACE_H

#include "base/list.h"
#include "model/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RACES_IDLE 16384

struct races;

/* A member, part of the caller's object. Zeroed: of no group. */
struct racer {
    struct list place;
    struct race *race; /* borrowed; NULL: of no group, or no longer in it */
};

/* Failures of a group, by class, and those of an earlier run. */
struct race_failures {
    uint32_t of[CLASS_COUNT];
    uint32_t before;
};

struct races *races_new(void);

/* Frees the groups; racers that are still in one are left alone. */
void races_free(struct races *races);

/* A racer that is in no group joins one. false: the group is won already, and
 * it stays out. */
bool races_enter(struct races *races, struct racer *racer, const char *group);

/* It ends not ok, with an error of this class, and leaves. Harmless when it is
 * in no group. */
void races_lose(struct races *races, struct racer *racer,
                enum error_class error_class);

/*
 * It ends ok: it and all others leave the group, which is won. The others are
 * chained to *losers by their place, in the order in which they came; *failed
 * says how the group's earlier members failed.
 */
void races_win(struct races *races, struct racer *racer, struct list *losers,
               struct race_failures *failed);

/*
 * A member of the group ended in an earlier run (--resume), ok or not. true:
 * the group is won, and *losers and *failed are set as by races_win.
 */
bool races_recall(struct races *races, const char *group, bool ok,
                  struct list *losers, struct race_failures *failed);

/* Groups that are known. */
size_t races_known(const struct races *races);

#endif
