/* SPDX-License-Identifier: MIT */
/*
 * Which requests are not sent: those that the output file has already
 * (--resume), and those that are the same as an earlier one of this run
 * (--dedupe). Holds the lock of the output file for as long as the run lasts.
 */
#ifndef APP_LEDGER_H
#define APP_LEDGER_H

#include "base/msg.h"
#include "model/config.h"
#include "model/request.h"
#include "world/journal.h"

#include <stdbool.h>
#include <stdint.h>

struct ledger;

enum ledger_say {
    LEDGER_NEW,  /* to be sent */
    LEDGER_DONE, /* an earlier run has its record: it gets none */
    LEDGER_SAME, /* the same as an earlier one of this run */
};

/*
 * Locks the output file, where it is one, and with --resume reads and cleans
 * it: names (NULL: nobody asks) then takes those of the bodies that it has.
 * NULL with why: a local fault (exit status 5). Both are borrowed.
 */
struct ledger *ledger_open(const struct config *config,
                           struct file_taken *names, struct why *why);

/* Gives the lock back; NULL is allowed. After the last record is written. */
void ledger_close(struct ledger *ledger);

/* What is said beside it. */
struct ledger_past {
    uint64_t earlier;     /* LEDGER_SAME: the index */
    enum journal_end end; /* LEDGER_DONE: how it ended */
};

/*
 * What becomes of a request that was just read; each may be asked once. One
 * that races is the same as no other: the loser of a race cannot stand for a
 * request that is wanted.
 */
enum ledger_say ledger_ask(struct ledger *ledger, const struct request *request,
                           bool races, struct ledger_past *past);

/* The same for an invalid line, which is never the same as another. */
bool ledger_has(struct ledger *ledger, const struct request *request);

/* Of --resume; NULL without. */
const struct journal_counts *ledger_counts(const struct ledger *ledger);

#endif
