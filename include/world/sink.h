/* SPDX-License-Identifier: MIT */
/*
 * Where records go: stdout or a file. Lines are queued whole and written when
 * the reader takes them; a stalled reader never blocks the loop. stdout's file
 * description is shared with others, so it is never made non-blocking: poll,
 * then at most PIPE_BUF bytes to a pipe.
 */
#ifndef WORLD_SINK_H
#define WORLD_SINK_H

#include "base/buf.h"
#include "base/msg.h"

#include <stdbool.h>
#include <stddef.h>

struct ev_loop;
struct sink;

/* What becomes of a file that is not empty. */
enum sink_mode {
    SINK_REFUSE,
    SINK_OVERWRITE,
    SINK_APPEND,
};

/* Queued bytes from which on the sink is full: nothing new should start. */
#define SINK_FULL_BYTES (256 * 1024)

/*
 * Opens path for writing (created with mode 0666 and umask; truncated), or
 * stdout when path is NULL or "-". An existing non-empty regular file is
 * refused, but for what mode says. NULL with why, and errno EWOULDBLOCK where
 * another run writes it.
 */
struct sink *sink_open(struct ev_loop *loop, const char *path,
                       enum sink_mode mode, struct why *why);

/* Forces what was written, and the file's name, to the disk, where the sink is
 * a file. 0, or -1 with the error, which is sticky as a write's. */
int sink_sync(struct sink *sink);

/* Closes the file (not stdout). What is queued is dropped: flush first. Returns
 * 0, or -1 with why when the close reports a write error. */
int sink_close(struct sink *sink, struct why *why);

/* The queue's end: the caller appends whole lines to it, then calls
 * sink_flush. Never NULL; must not be kept over a call on the sink. */
struct buf *sink_room(struct sink *sink);

/*
 * Writes what can be written without blocking; when something stays, the loop
 * will turn as soon as the reader is ready (call again then).
 * Returns 0, or -1 after a write error (sticky): sink_error says which.
 */
int sink_flush(struct sink *sink);

/* Bytes queued; true when they are SINK_FULL_BYTES or more. */
size_t sink_queued(const struct sink *sink);
bool sink_full(const struct sink *sink);

/* errno of the write error, 0 without. EPIPE: the reader has gone. */
int sink_error(const struct sink *sink);

/* The name for messages: "stdout" or the path. */
const char *sink_name(const struct sink *sink);

#endif
