/* SPDX-License-Identifier: MIT */
/*
 * What need not be sent. It knows which options ask for that; how a file is
 * read is world/journal's affair, what is the same request policy/identity's.
 */
#include "app/ledger.h"

#include "base/lock_file.h"
#include "policy/seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct ledger {
    struct journal *journal; /* owned; NULL without --resume */
    struct lock_file *lock;  /* owned; NULL: the journal's, or no file */
    struct seen *seen;       /* owned; NULL without --dedupe */
};

/* A device or a pipe may have many writers. */
static bool is_file(const char *path)
{
    struct stat info;

    if (!path || strcmp(path, "-") == 0)
        return false;
    return stat(path, &info) != 0 || S_ISREG(info.st_mode);
}

static int open_output(struct ledger *ledger, const struct config *config,
                       struct file_taken *names, struct why *why)
{
    const struct journal_options options = {
        .retry_failed = config->retry_failed,
        .sync = config->fsync != FSYNC_NONE,
        .names = names,
    };

    if (config->resume) {
        ledger->journal = journal_open(config->output, &options, why);
        return ledger->journal ? 0 : -1;
    }
    if (!is_file(config->output))
        return 0;
    /* A folder that takes no lock is no fault: the sink locks FILE itself. */
    ledger->lock = lock_file_open(config->output, why);
    return ledger->lock || errno != EWOULDBLOCK ? 0 : -1;
}

struct ledger *ledger_open(const struct config *config,
                           struct file_taken *names, struct why *why)
{
    struct ledger *ledger = xcalloc(1, sizeof(*ledger));

    if (open_output(ledger, config, names, why) != 0) {
        free(ledger);
        return NULL;
    }
    if (config->dedupe)
        ledger->seen = seen_new();
    return ledger;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    if (ledger->journal)
        journal_close(ledger->journal);
    lock_file_close(ledger->lock);
    seen_free(ledger->seen);
    free(ledger);
}

static enum journal_end end_of(struct ledger *ledger,
                               const struct request *request, bool duplicate)
{
    return ledger->journal ? journal_skip(ledger->journal, request->key,
                                          request->id, duplicate)
                           : JOURNAL_NONE;
}

bool ledger_has(struct ledger *ledger, const struct request *request)
{
    return end_of(ledger, request, false) != JOURNAL_NONE;
}

enum ledger_say ledger_ask(struct ledger *ledger, const struct request *request,
                           bool races, struct ledger_past *past)
{
    bool same =
        ledger->seen && !races &&
        !seen_first(ledger->seen, request->key, request->index, &past->earlier);

    past->end = same ? end_of(ledger, request, true) : JOURNAL_NONE;
    /* The earlier run may have been one without --dedupe. */
    if (past->end == JOURNAL_NONE)
        past->end = end_of(ledger, request, false);
    if (past->end != JOURNAL_NONE)
        return LEDGER_DONE;
    return same ? LEDGER_SAME : LEDGER_NEW;
}

const struct journal_counts *ledger_counts(const struct ledger *ledger)
{
    return ledger->journal ? journal_counts(ledger->journal) : NULL;
}
