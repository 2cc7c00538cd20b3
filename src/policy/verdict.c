/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a request after a hop. It knows the order in which the
 * other policies are asked; it must not decide what they decide, and it
 * changes nothing but the verdict.
 */
#include "policy/verdict.h"

#include "policy/accept.h"
#include "policy/classify.h"
#include "policy/retry.h"
#include "policy/url.h"
#include "policy/wire.h"

#include <math.h>
#include <string.h>

/* Seconds that the server asked for; -1 when it did not, or not readably. */
static double asked_wait(const struct course *course,
                         const struct response *response)
{
    if (!response->retry_after || !response->evidence.headers_whole)
        return -1;
    return retry_after_parse(response->retry_after, course->wall);
}

/* A host that says "too many" means all requests, not only this one. */
static double host_cool(const struct config *config, int status, double asked)
{
    if (!config->retry_after || asked <= 0 || (status != 429 && status != 503))
        return 0;
    return fmin(asked, config->max_retry_after);
}

/* True when a stream ends here: its items would come again, or what ended it
 * was not its connection. */
static bool stream_is_over(const struct course *course,
                           const struct evidence *evidence)
{
    if (evidence->stream != STREAM_FINE || evidence->upgraded ||
        course->stream == COURSE_REPEATS)
        return true;
    return course->stream == COURSE_RESUMES && evidence->ender != ENDED_BY_PEER;
}

/* True when no retry may follow, whatever the options say. */
static bool is_over(const struct course *course,
                    const struct evidence *evidence, const struct error *error)
{
    return course->stopping || evidence->ender == ENDED_BY_CANCEL ||
           evidence->ender == ENDED_BY_REQUEST_TIME ||
           error->error_class == CLASS_CANCELLED ||
           stream_is_over(course, evidence);
}

/* Asks policy/retry. The chain counts as one attempt, so what an earlier hop
 * sent was sent; and the try would start again with the request's method. */
static bool may_retry(const struct config *config, const struct course *course,
                      const struct response *response, double asked,
                      struct verdict *verdict)
{
    const struct request *request = course->request;
    const struct evidence *evidence = &response->evidence;
    const struct retry_facts facts = {
        .method = request->method,
        .settings = request->settings,
        .attempts = course->attempts,
        .status = evidence->status,
        .error = &verdict->error,
        .request_sent = course->request_sent || evidence->request_sent ||
                        evidence->status != 0 || course->hops > 0,
        .elapsed = course->elapsed,
        .request_left = course->request_left,
        .retry_after = asked,
        .reconnect = course->reconnect,
        .draw = course->draw,
    };

    if (is_over(course, evidence, &verdict->error))
        return false;
    return retry_decide(config, &facts, &verdict->wait);
}

/* A WebSocket is open or is not: that is not a matter of statuses. */
static bool accept_answer(const struct verdict *verdict,
                          const struct course *course,
                          const struct evidence *evidence, struct error *error)
{
    const struct matchset *accept = &course->request->settings->accept;

    if (error->error_class == CLASS_NONE && evidence->upgraded)
        return true;
    /* A 304 to a condition of ours says that the 200 of an earlier run still
     * holds, so it is as good as that. */
    if (verdict->not_modified && matchset_status(accept, 200))
        return true;
    if (error->error_class == CLASS_NONE &&
        url_is_websocket(course->request->url))
        error_set(error, CLASS_HTTP, CODE_STATUS, PHASE_HEADERS,
                  "status %d: no WebSocket", evidence->status);
    /* With what was there before, the rest (206) is what a 200 would be. */
    return accept_outcome(accept, evidence->continued ? 200 : evidence->status,
                          error);
}

static bool has_condition(const struct request_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (headers[i].value && wire_is_condition(headers[i].name))
            return true;
    return false;
}

/* RFC 9110 section 15.4.5: a 304 answers a condition. Without one nobody has
 * the body that it speaks of. */
static void check_not_modified(struct verdict *verdict,
                               const struct config *config,
                               const struct course *course, int status)
{
    const struct asked *asked = &config->asked;
    const struct request *request = course->request;

    if (status != 304 || verdict->error.error_class != CLASS_NONE)
        return;
    verdict->not_modified = course->conditional;
    if (!course->conditional &&
        !has_condition(asked->headers, asked->header_count) &&
        !has_condition(request->headers, request->header_count))
        error_set(&verdict->error, CLASS_PROTOCOL, CODE_UNEXPECTED_STATUS,
                  PHASE_HEADERS, "status 304, but no condition was sent");
}

/* The end of an attempt. --accept judges what a request ends with, so it is
 * asked about ok at once, but a retry goes before it. */
static void end_attempt(struct verdict *verdict, const struct config *config,
                        const struct course *course,
                        const struct response *response, double asked)
{
    const struct settings *settings = course->request->settings;
    int status = response->evidence.status;

    check_not_modified(verdict, config, course, status);
    verdict->ok =
        accept_answer(verdict, course, &response->evidence, &verdict->error);
    if (verdict->error.error_class == CLASS_HTTP)
        verdict->error.retryable = matchset_status(&settings->retry_on, status);
    if (may_retry(config, course, response, asked, verdict)) {
        verdict->kind = VERDICT_AGAIN;
        verdict->ok = false;
    }
}

/* Whether status and headers may be gone by: a redirect's own body is not
 * what was asked for, so its coding does not matter. */
static bool is_answer(const struct error *error)
{
    return error->error_class == CLASS_NONE ||
           error->error_class == CLASS_DECODE;
}

void verdict_give(struct verdict *verdict, const struct config *config,
                  const struct course *course, const struct response *response)
{
    const struct settings *settings = course->request->settings;
    const struct evidence *evidence = &response->evidence;
    double asked = asked_wait(course, response);

    memset(verdict, 0, sizeof *verdict);
    verdict->kind = VERDICT_FINAL;
    classify(&verdict->error, evidence);
    if (classify_is_local(evidence)) {
        verdict->kind = VERDICT_LOCAL;
        return;
    }
    verdict->cool = host_cool(config, evidence->status, asked);
    if (is_answer(&verdict->error) && settings->location &&
        !url_is_websocket(course->request->url) &&
        redirect_decide(&verdict->hop, &verdict->error, evidence->status,
                        response->location, course->method, course->url,
                        course->request->host_key, course->hops,
                        settings->max_redirs) == REDIRECT_FOLLOW) {
        verdict->kind = VERDICT_HOP;
        verdict->error = (struct error){0};
        return;
    }
    end_attempt(verdict, config, course, response, asked);
}
