/* SPDX-License-Identifier: MIT */
/*
 * Whether and when to try again. It knows the rules of the options and the
 * facts of one attempt; it must not know queues, hosts, or what time it is.
 */
#include "policy/retry.h"

#include "base/date.h"
#include "model/request.h"

#include <math.h>
#include <string.h>

/* Above every limit that an option can set; keeps sums exact and finite. */
#define AFTER_MOST 1e12

static bool outcome_is_in(const struct retry_facts *facts)
{
    const struct matchset *retry_on = &facts->settings->retry_on;
    enum error_class error_class = facts->error->error_class;

    if (error_class == CLASS_NONE || error_class == CLASS_HTTP)
        return matchset_status(retry_on, facts->status);
    return matchset_error(retry_on, facts->error);
}

/* A server may have acted on what it got: only some requests may come twice. */
static bool may_repeat(const struct retry_facts *facts)
{
    return facts->settings->retry_unsafe || !facts->request_sent ||
           method_idempotent(facts->method);
}

/* Full jitter spreads the tries of many requests that failed together better
 * than half jitter or none. */
static double backoff(const struct config *config,
                      const struct retry_facts *facts)
{
    unsigned doublings = facts->attempts - 1;
    double most = config->retry_delay;

    if (doublings > 1000) /* beyond any cap; ldexp takes an int */
        doublings = 1000;
    most = ldexp(most, (int)doublings);
    return facts->draw * fmin(config->retry_max_delay, most);
}

bool retry_decide(const struct config *config, const struct retry_facts *facts,
                  double *wait)
{
    double time;

    if (facts->attempts > facts->settings->retry)
        return false;
    if (!outcome_is_in(facts) || !may_repeat(facts))
        return false;
    time = backoff(config, facts);
    if (config->retry_after && facts->retry_after >= 0)
        time = fmax(time, fmin(facts->retry_after, config->max_retry_after));
    time = fmax(time, fmin(facts->reconnect, config->retry_max_delay));
    if (config->retry_max_time > 0 &&
        facts->elapsed + time > config->retry_max_time)
        return false;
    if (time >= facts->request_left)
        return false;
    *wait = time;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The delay-seconds form; -1 when a byte is no digit. */
static double read_seconds(const char *text, size_t len)
{
    double seconds = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        seconds = fmin(seconds * 10 + (text[i] - '0'), AFTER_MOST);
    }
    return seconds;
}

double retry_after_parse(const char *text, int64_t now)
{
    int64_t then;
    size_t len;
    double seconds;

    while (is_blank(*text))
        text++;
    len = strlen(text);
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    if (len == 0)
        return -1;
    seconds = read_seconds(text, len);
    if (seconds >= 0)
        return seconds;
    if (date_parse_http(text, len, now, &then) != 0)
        return -1;
    return then > now ? (double)then - (double)now : 0;
}
