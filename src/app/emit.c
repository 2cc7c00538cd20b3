/* SPDX-License-Identifier: MIT */
/*
 * The way of a record to its reader: encoded, put aside for its turn, given to
 * the sink, forced to the disk. Knows no tasks, and decides nothing of them.
 */
#include "app/run_priv.h"

#include "base/msg.h"
#include "policy/encode.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static void encode(const struct run *run, const struct record *record,
                   struct buf *out)
{
    if (encode_record(record, run->config->fields, out) != 0)
        die("record %" PRIu64 " does not fit in memory",
            record->request->index);
}

/* Puts the line aside until those before it are there. */
static void print_in_order(struct run *run, const struct record *record)
{
    struct buf line;
    struct why why;
    size_t len;
    char *bytes;

    buf_init(&line, SIZE_MAX / 2);
    encode(run, record, &line);
    bytes = buf_detach(&line, &len);
    if (ordered_put_take(run->ordered, record->request->index, bytes, len,
                         &why) == 0 ||
        run->not_aside)
        return;
    warn("%s", why.text);
    run->not_aside = true;
}

void emit_record(struct run *run, const struct record *record)
{
    if (run->ordered) {
        print_in_order(run, record);
        return;
    }
    encode(run, record, sink_room(run->sink));
    run->printed++;
}

/* Items of streams, as far as the reader keeps up. */
static bool can_move_items(const struct run *run)
{
    return fetch_stream_waits(run->fetch) && !sink_full(run->sink);
}

void emit_items(struct run *run)
{
    while (can_move_items(run)) {
        fetch_stream_next(run->fetch, sink_room(run->sink));
        run->printed++;
    }
}

static bool can_go_on(const struct run *run)
{
    return run->ordered && !sink_full(run->sink) && ordered_due(run->ordered);
}

bool emit_can(const struct run *run)
{
    return can_go_on(run) || can_move_items(run);
}

/* Records whose turn it is. */
static int emit_in_order(struct run *run)
{
    struct why why;
    int more = 0;

    while (more >= 0 && can_go_on(run)) {
        more = ordered_next(run->ordered, sink_room(run->sink), &why);
        run->printed += more > 0;
    }
    if (more >= 0)
        return 0;
    warn("%s", why.text);
    run->local_fault = run->lost_records = true;
    run->over = true;
    return -1;
}

/* What --fsync says; at the end of the run all that is left. */
static int sync_output(struct run *run, bool at_end)
{
    unsigned when = run->config->fsync;

    if (when == FSYNC_NONE || run->printed == run->synced)
        return 0;
    if (!at_end && (when == FSYNC_END || sink_queued(run->sink) > 0 ||
                    run->printed - run->synced < when))
        return 0;
    run->synced = run->printed;
    return sink_sync(run->sink);
}

static void lose_output(struct run *run)
{
    int error = sink_error(run->sink);

    if (error != EPIPE)
        warn("cannot write %s: %s", sink_name(run->sink), strerror(error));
    run->local_fault = true;
    run->over = true;
}

void emit(struct run *run)
{
    if (run->not_aside && run->state != RUN_ABORTING) {
        run->local_fault = true; /* memory is bounded: it cannot go on */
        stop_abort(run, CODE_OUTPUT);
    }
    if (emit_in_order(run) != 0)
        return;
    if (sink_flush(run->sink) != 0 || sync_output(run, false) != 0)
        lose_output(run);
    else if (sink_full(run->sink))
        fetch_stream_stall(run->fetch);
}

void emit_end(struct run *run)
{
    if (!run->over && sync_output(run, true) != 0)
        lose_output(run);
}

void emit_say_resumed(const struct run *run)
{
    const struct stats *stats = &run->stats;
    uint64_t left = stats->cancelled - stats->lost;
    const char *name;
    uint64_t number;

    if (run->config->retry_failed)
        left = stats->done - stats->ok - stats->duplicates - stats->lost;
    warn("%s: %" PRIu64 " skipped, %" PRIu64 " done, %" PRIu64 " left%s",
         run->config->output, ledger_counts(run->ledger)->skipped,
         stats->done - left, left,
         intake_unread(run->intake, &name, &number) ? " and what was not read"
                                                    : "");
}
