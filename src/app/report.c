/* SPDX-License-Identifier: MIT */
/*
 * What is going on, for whoever asks by SIGUSR1.
 */
#include "app/run_priv.h"

#include "base/json.h"

#include <stdint.h>
#include <stdio.h>

/* A URL of the longest line, each byte escaped. */
#define LINE_MAX_BYTES (8u << 20)

static void add_task(struct buf *out, const struct run *run,
                     const struct task *task)
{
    enum phase phase;
    struct json json;
    uint64_t bytes;

    fetch_state(run->fetch, task->id, &phase, &bytes);
    json_init(&json, out);
    json_object_begin(&json);
    json_key(&json, "index");
    json_uint(&json, task->request->index);
    json_key(&json, "url");
    json_string(&json, task_url(task));
    json_key(&json, "phase");
    json_string(&json, phase_name(phase));
    json_key(&json, "attempt");
    json_uint(&json, task->record.attempts);
    json_key(&json, "seconds");
    json_seconds(&json, run->now - task->attempt_began);
    json_key(&json, "bytes");
    json_uint(&json, bytes);
    json_object_end(&json);
    buf_add_char(out, '\n');
}

static void add_counts(struct buf *out, const struct run *run)
{
    struct json json;

    json_init(&json, out);
    json_object_begin(&json);
    json_key(&json, "running");
    json_uint(&json, fetch_running(run->fetch));
    json_key(&json, "waiting");
    json_uint(&json, run->window_count);
    json_key(&json, "done");
    json_uint(&json, run->stats.done);
    json_key(&json, "paused");
    json_bool(&json, steer_paused(run));
    json_key(&json, "seconds");
    json_seconds(&json, run->now - run->started);
    json_object_end(&json);
    buf_add_char(out, '\n');
}

/* One that does not fit is left out: a line is never half a line. */
static void print_line(struct buf *line)
{
    if (!line->over)
        fwrite(line->data, 1, line->len, stderr);
    buf_clear(line);
}

void report_tasks(const struct run *run)
{
    struct buf line;

    buf_init(&line, LINE_MAX_BYTES);
    list_foreach (node, &run->flying) {
        add_task(&line, run, container_of(node, struct task, flying));
        print_line(&line);
    }
    add_counts(&line, run);
    print_line(&line);
    buf_release(&line);
}
