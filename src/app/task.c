/* SPDX-License-Identifier: MIT */
/*
 * One request's life: what each hop and attempt does to its clocks and its
 * record. It knows no loop, no scheduler's rules, and reads no clock.
 */
#include "app/task.h"

#include "base/msg.h"
#include "policy/credentials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct task *task_new_take(struct request *request, double now)
{
    struct task *task = xcalloc(1, sizeof(*task));

    task->request = request;
    task->wait_began = now;
    list_init(&task->flying);
    record_init(&task->record, request);
    if (request->settings->stream != STREAM_NONE)
        task->stream = stream_new(request);
    return task;
}

void task_free(struct task *task)
{
    if (!task)
        return;
    url_release(&task->to);
    stream_free(task->stream);
    body_free(task->body);
    record_release(&task->record);
    request_free(task->request);
    free(task);
}

const char *task_url(const struct task *task)
{
    return task->to.text ? task->to.text : task->request->url;
}

const char *task_host_key(const struct task *task)
{
    return task->to.host_key ? task->to.host_key : task->request->host_key;
}

const char *task_method(const struct task *task)
{
    return task->to_get ? "GET" : task->request->method;
}

unsigned task_attempts(const struct task *task)
{
    unsigned attempts = task->record.attempts;

    return task->hops > 0 && attempts > 0 ? attempts - 1 : attempts;
}

double task_max_time(const struct task *task)
{
    double seconds = settings_max_time(task->request->settings);

    return seconds > 0.0 ? seconds : INFINITY;
}

double task_connect_timeout(const struct task *task)
{
    return task->request->settings->connect_timeout;
}

enum ender task_question(const struct task *task, const struct config *config,
                         double now, struct names_question *question)
{
    enum ender ender = ENDED_BY_PEER;
    double attempt = task->hops == 0 ? task_max_time(task) : task->attempt_left;
    double request =
        config->request_time > 0.0 ? config->request_time : INFINITY;

    if (task->sent)
        request -= now - task->first_sent;
    *question = (struct names_question){
        .host_key = task_host_key(task),
        .patience = task_connect_timeout(task),
        .asked = task->asked,
    };
    if (attempt < question->patience) {
        question->patience = attempt;
        ender = ENDED_BY_MAX_TIME;
    }
    if (request < question->patience) {
        question->patience = request;
        ender = ENDED_BY_REQUEST_TIME;
    }
    /* What failed the last try is no reason to fail the next one. */
    if (task->hops == 0 && task->record.attempts > 0)
        question->since = task->wait_began;
    return ender;
}

void task_looked_up(struct task *task, const struct names_reply *reply)
{
    double from = fmax(reply->began, task->asked);

    task->lookup = task->asked > 0.0 ? fmax(reply->ended - from, 0.0) : 0.0;
    task->asked = 0.0;
}

/* They belong to the origin of the line, as do user headers, but for those
 * that describe a body that goes along: see the engine. */
static void describe_credentials(const struct task *task, struct fetch_hop *hop)
{
    struct credentials credentials;

    if (task->elsewhere)
        return;
    credentials_of(task->request, &credentials);
    hop->userinfo = credentials.user;
    hop->bearer = credentials.bearer;
    hop->own_credentials = credentials.of_line;
}

void task_describe(const struct task *task, const struct config *config,
                   struct fetch_hop *hop)
{
    const struct request *request = task->request;

    *hop = (struct fetch_hop){
        .url = task_url(task),
        .host_key = task_host_key(task),
        .method = task_method(task),
        .connect_timeout = task_connect_timeout(task) - task->lookup,
        .want_headers = config->headers,
        .want_body = config->body == BODY_INLINE,
        .stream = task->stream,
        .max_body = request->settings->max_body,
        .answer = task->body,
        .settings = request->settings,
        .no_http3 = task->no_http3,
        .index = request->index,
        .headers = request->headers,
        .header_count = request->header_count,
        .body_dropped = task->to_get,
        .elsewhere = task->elsewhere,
        .tag = (void *)task,
    };
    if (!task->to_get) {
        hop->body = request->body;
        hop->body_len = request->body_len;
        hop->body_binary = request->body_binary;
        hop->body_is_runs = request->body_borrowed;
    }
    describe_credentials(task, hop);
    if (task->stream)
        hop->last_event_id = stream_last_event_id(task->stream);
}

void task_depart(struct task *task, double now, double wall)
{
    struct record *record = &task->record;

    now -= task->lookup;
    wall -= task->lookup;
    record->time_queue += now - task->wait_began;
    if (task->hops == 0) {
        record->attempts++;
        record_clear_redirects(record);
        record->times = (struct hop_times){0};
        task->attempt_began = now;
        task->attempt_left = task_max_time(task);
        task->attempt_sent = false;
        task->attempt_items = task->stream ? stream_items(task->stream) : 0;
    }
    if (!task->sent) {
        task->sent = true;
        task->first_sent = now;
        record->started_at = wall;
    }
    task->hop_began = now;
    task->paused = 0.0;
}

void task_not_departed(struct task *task, double now)
{
    if (task->hops == 0) {
        task->record.attempts--;
        task->sent = task->record.attempts > 0;
    }
    task->id = 0;
    task->wait_began = now;
    task->short_of++;
}

void task_arrive(struct task *task, struct response *response)
{
    struct record *record = &task->record;
    struct hop_times *sum = &record->times;

    response_release(&record->response);
    record->response = *response;
    response_init(response);
    sum->dns += task->lookup + record->response.times.dns;
    sum->connect += record->response.times.connect;
    sum->tls += record->response.times.tls;
    /* The last hop's first byte, counted from the attempt's start. */
    sum->total += task->lookup;
    sum->ttfb = record->response.times.ttfb > 0.0
                    ? sum->total + record->response.times.ttfb
                    : 0.0;
    sum->total += record->response.times.total;
    free(record->final_url);
    record->final_url = xstrdup(task_url(task));
    task->attempt_left -= task->lookup + record->response.seconds;
    task->id = 0;
    /* Who brings events has not failed: its retries are counted anew. */
    if (task->stream && stream_items(task->stream) > task->attempt_items)
        task->stream_base = record->attempts - 1;
}

static void course_of_stream(const struct stream *stream, struct course *course)
{
    int64_t retry_ms = stream_retry_ms(stream);

    if (stream_items(stream) > 0)
        course->stream =
            stream_kind(stream) == SPLIT_SSE ? COURSE_RESUMES : COURSE_REPEATS;
    if (retry_ms > 0)
        course->reconnect = (double)retry_ms / 1e3;
}

void task_course(const struct task *task, const struct config *config,
                 double now, struct course *course)
{
    *course = (struct course){
        .request = task->request,
        .url = task_url(task),
        .method = task_method(task),
        .hops = task->hops,
        .attempts = task->record.attempts - task->stream_base,
        .request_sent = task->attempt_sent,
        .conditional = task->conditional,
        .elapsed = now - task->first_sent,
        .request_left = INFINITY,
    };
    if (config->request_time > 0.0)
        course->request_left = config->request_time - course->elapsed;
    if (task->stream)
        course_of_stream(task->stream, course);
}

void task_hop(struct task *task, struct redirect_hop *hop, double now)
{
    struct record *record = &task->record;

    /* What the hop's answer said is not printed: its memory is free. */
    buf_release(&record->response.body);
    buf_release(&record->response.headers);
    record_add_redirect_take(record, record->response.evidence.status,
                             xstrdup(hop->to.text));
    task->attempt_sent = true;
    url_release(&task->to);
    task->to = hop->to;
    hop->to = (struct url){0};
    task->to_get = task->to_get || hop->to_get;
    task->elsewhere = !hop->is_origin;
    task->hops++;
    task->wait_began = now;
}

void task_note_try(struct task *task, const struct error *error, double wait)
{
    struct record_try attempt = {
        .status = task->record.response.evidence.status,
        .at = task->attempt_began - task->first_sent,
        .time = task->record.times.total,
        .wait = wait,
    };

    if (error->error_class != CLASS_NONE && error->error_class != CLASS_HTTP) {
        attempt.error_class = error->error_class;
        attempt.code = error->code;
        /* The connection may be dead: UDP does not tell when the peer or the
         * way to it is gone, and libcurl would take the same one again. */
        task->no_http3 = true;
    }
    record_add_try(&task->record, &attempt);
}

void task_again(struct task *task, double now)
{
    buf_release(&task->record.response.body);
    buf_release(&task->record.response.headers);
    url_release(&task->to);
    task->to = (struct url){0};
    task->to_get = task->elsewhere = false;
    task->hops = 0;
    task->wait_began = now;
}

/* A 206 answers a Range; without one it is only a part, unasked. */
static bool asked_range(const struct request *request,
                        const struct asked *asked)
{
    if (request->settings->range)
        return true;
    for (size_t i = 0; i < asked->header_count; i++)
        if (strcasecmp(asked->headers[i].name, "Range") == 0)
            return true;
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, "Range") == 0)
            return true;
    return false;
}

void task_note_oddities(struct task *task, const struct config *config)
{
    struct record *record = &task->record;
    const struct evidence *evidence = &record->response.evidence;

    if (evidence->framing == FRAMING_AMBIGUOUS)
        record->notes |= NOTE_AMBIGUOUS_FRAMING;
    if (evidence->length_unknown)
        record->notes |= NOTE_LENGTH_UNKNOWN;
    if (evidence->status == 206 && !evidence->continued &&
        !asked_range(task->request, &config->asked))
        record->notes |= NOTE_UNASKED_RANGE;
}

double task_limit(const struct task *task, const struct config *config)
{
    double limit = INFINITY;

    if (task->sent && config->request_time > 0.0)
        limit = task->first_sent + config->request_time;
    if (task->id && task->hop_began + task->attempt_left + task->paused < limit)
        limit = task->hop_began + task->attempt_left + task->paused;
    return limit;
}
