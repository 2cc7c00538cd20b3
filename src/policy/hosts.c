/* SPDX-License-Identifier: MIT */
/*
 * Limits and settings by host. It knows what may be said of a host and which
 * pattern holds; values are read as those of a JSON line are.
 */
#include "policy/hosts.h"

#include "base/nearest.h"
#include "base/units.h"
#include "policy/host.h"
#include "policy/line_keys.h"
#include "policy/line_value.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What is said of the hosts of a pattern. */
struct rule {
    char *glob;    /* owned, in lower case */
    unsigned port; /* 0: any */
    size_t exact;  /* bytes of the glob that are no wildcard */
    struct sched_limits limits;
    bool given[5];           /* by enum limit: what the limits say */
    struct request *request; /* owned: holds settings and header fields */
};

struct hosts {
    struct rule *rules; /* owned array */
    size_t count;
};

/* A file that is being read. */
struct reading {
    struct json_member members[JSON_MEMBERS_MAX]; /* of one rule */
    struct line_draft draft;
    struct error error;
    const struct opt_table *options;
};

enum limit {
    LIMIT_CONCURRENCY,
    LIMIT_RATE,
    LIMIT_BURST,
    LIMIT_DELAY,
    LIMIT_JITTER,
    LIMIT_COUNT
};

static const char *const limit_names[] = {"concurrency", "rate", "burst",
                                          "delay", "jitter"};

/* ---- limits ---- */

static int read_whole(const struct json_member *member, int min, int max,
                      unsigned *out, struct why *why)
{
    int value;

    if (value_int(member, min, max, &value, why) != 0)
        return -1;
    *out = (unsigned)value;
    return 0;
}

/* A number is starts a second, a text has its unit. */
static int read_rate(const struct json_member *member, double *rate,
                     struct why *why)
{
    struct why inner;
    char *text;
    int status;

    if (member->type == JSON_NUMBER) {
        text = xmemdup(member->value, member->value_len);
    } else {
        size_t len;

        if (value_text(member, &text, &len, why) != 0)
            return -1;
    }
    status = unit_rate(text, rate, &inner);
    free(text);
    return status == 0 ? 0 : why_set(why, "rate: %.150s", inner.text);
}

static int read_delay(const struct json_member *member, double *delay,
                      struct why *why)
{
    struct why inner;
    char *text;
    int status;

    if (value_seconds_text(member, &text, why) != 0)
        return -1;
    status = unit_duration(text, delay, &inner);
    free(text);
    return status == 0 ? 0 : why_set(why, "delay: %.150s", inner.text);
}

static int read_limit(struct rule *rule, enum limit limit,
                      const struct json_member *member, struct why *why)
{
    struct sched_limits *limits = &rule->limits;
    unsigned percent;

    rule->given[limit] = true;
    switch (limit) {
    case LIMIT_CONCURRENCY:
        return read_whole(member, 0, 65535, &limits->slots, why);
    case LIMIT_RATE:
        return read_rate(member, &limits->rate, why);
    case LIMIT_BURST:
        return read_whole(member, 1, 1000000, &limits->burst, why);
    case LIMIT_DELAY:
        return read_delay(member, &limits->delay, why);
    case LIMIT_JITTER:
        if (read_whole(member, 0, 100, &percent, why) != 0)
            return -1;
        limits->jitter = percent / 100.0;
        return 0;
    case LIMIT_COUNT:
        break;
    }
    return -1;
}

/* ---- a rule ---- */

static int unknown(const struct reading *reading, const char *key,
                   struct why *why)
{
    struct nearest nearest;
    const struct opt *row;
    const char *found;

    nearest_init(&nearest, key);
    nearest_offer(&nearest, "headers");
    for (int i = 0; i < LIMIT_COUNT; i++)
        nearest_offer(&nearest, limit_names[i]);
    for (size_t i = 0; (row = opt_row(reading->options, i)); i++)
        if (opt_is_setting(row))
            nearest_offer(&nearest, row->alias ? row->alias : row->name);
    found = nearest_found(&nearest);
    if (found)
        return why_set(why, "unknown key \"%.40s\"; did you mean \"%s\"?", key,
                       found);
    return why_set(why, "unknown key \"%.40s\"", key);
}

/* What a JSON line may say too. */
static int read_setting(struct reading *reading, const struct opt *row,
                        const struct json_member *member, struct why *why)
{
    const struct line_setting setting = {row, member, &reading->draft};
    int status = row ? line_set(&reading->draft, &setting)
                     : line_keys[KEY_HEADERS].read(&reading->draft, member);

    return status == 0 ? 0 : why_set(why, "%.150s", reading->error.message);
}

static int read_key(struct reading *reading, struct rule *rule,
                    const struct json_member *member, struct why *why)
{
    const struct opt *row;
    size_t len;
    char *key;
    int status;

    for (int i = 0; i < LIMIT_COUNT; i++)
        if (json_key_is(member, limit_names[i]))
            return read_limit(rule, (enum limit)i, member, why);
    key = line_key_text(member, &len);
    /* The file is the user's own: it may name other files. */
    row = opt_setting(reading->options, key, len);
    if (!row)
        row = opt_run_only(reading->options, key, len);
    if (row || strcmp(key, "headers") == 0)
        status = read_setting(reading, row, member, why);
    else
        status = unknown(reading, key, why);
    free(key);
    return status;
}

static int read_rule(struct reading *reading, struct rule *rule,
                     const struct json_member *member, struct why *why)
{
    int count;

    if (member->type != JSON_OBJECT)
        return why_set(why, "must be an object, not %s",
                       json_type_name(member->type));
    count = json_scan_object(member->value, member->value_len, reading->members,
                             why);
    if (count < 0)
        return -1;
    reading->draft.request = rule->request;
    reading->draft.field_count = 0;
    for (int i = 0; i < count; i++) {
        if (reading->members[i].has_nul)
            return why_set(why, "holds \\u0000");
        if (read_key(reading, rule, &reading->members[i], why) != 0)
            return -1;
    }
    return line_settle(&reading->draft) == 0
               ? 0
               : why_set(why, "%.150s", reading->error.message);
}

/* ---- patterns ---- */

/* Where ":PORT" begins; NULL: nowhere. An IPv6 address that has one stands in
 * brackets. */
static char *port_of(char *pattern)
{
    char *bracket = strchr(pattern, ']'), *colon;

    if (*pattern == '[')
        return bracket && bracket[1] == ':' ? bracket + 1 : NULL;
    colon = strchr(pattern, ':');
    return colon && !strchr(colon + 1, ':') ? colon : NULL;
}

static int read_port(char *pattern, unsigned *port, struct why *why)
{
    char *colon = port_of(pattern);

    *port = 0;
    if (!colon)
        return 0;
    *port = host_port(colon + 1, strlen(colon + 1));
    if (*port == 0)
        return why_set(why, "the port must be a number from 1 to 65535");
    *colon = '\0';
    return 0;
}

/* An address in its one form; a name, or a glob of them, in lower case. */
static int read_pattern(struct rule *rule, struct why *why)
{
    struct host host;

    if (strstr(rule->glob, "://"))
        return why_set(why, "it is a host, not a URL");
    if (read_port(rule->glob, &rule->port, why) != 0)
        return -1;
    if (!strpbrk(rule->glob, "*?")) {
        if (host_parse(rule->glob, strlen(rule->glob), &host, why) != 0)
            return -1;
        free(rule->glob);
        rule->glob = xstrdup(host.text);
    } else if (strpbrk(rule->glob, "[]\\/@ ")) {
        return why_set(why, "only * and ? are wildcards");
    }
    for (char *c = rule->glob; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
        rule->exact += *c != '*' && *c != '?';
    }
    rule->exact += rule->port != 0;
    return 0;
}

/* ---- the file ---- */

static int add_rule(struct hosts *hosts, struct reading *reading,
                    const struct json_member *member, struct why *why)
{
    struct rule *rule = &hosts->rules[hosts->count++];
    struct why inner;
    size_t len;

    rule->request = request_new(&reading->draft.config->settings);
    rule->glob = line_key_text(member, &len);
    if (read_pattern(rule, &inner) == 0 &&
        read_rule(reading, rule, member, &inner) == 0)
        return 0;
    return why_set(why, "\"%.*s\": %.150s",
                   (int)(member->key_len < 40 ? member->key_len : 40),
                   member->key, inner.text);
}

struct hosts *hosts_new(const char *text, size_t len,
                        const struct config *config,
                        const struct opt_table *options, struct why *why)
{
    struct hosts *hosts = xcalloc(1, sizeof(*hosts));
    struct reading *reading = xcalloc(1, sizeof(*reading));
    struct json_member *members = xcalloc(JSON_MEMBERS_MAX, sizeof(*members));
    int count = json_scan_object(text, len, members, why);
    bool bad = count < 0;

    reading->draft.config = config;
    reading->draft.error = &reading->error;
    reading->options = options;
    hosts->rules = xcalloc(JSON_MEMBERS_MAX, sizeof(*hosts->rules));
    for (int i = 0; i < count && !bad; i++)
        bad = add_rule(hosts, reading, &members[i], why) != 0;
    free(members);
    free(reading);
    if (!bad)
        return hosts;
    hosts_free(hosts);
    return NULL;
}

void hosts_free(struct hosts *hosts)
{
    if (!hosts)
        return;
    for (size_t i = 0; i < hosts->count; i++) {
        free(hosts->rules[i].glob);
        request_free(hosts->rules[i].request);
    }
    free(hosts->rules);
    free(hosts);
}

static const struct rule *find(const struct hosts *hosts, const char *host_key)
{
    const struct rule *best = NULL;
    struct host host;
    unsigned port;

    if (!hosts)
        return NULL;
    host_of_key(host_key, &host, &port);
    for (size_t i = 0; i < hosts->count; i++) {
        const struct rule *rule = &hosts->rules[i];

        if ((rule->port == 0 || rule->port == port) &&
            (!best || rule->exact > best->exact) &&
            fnmatch(rule->glob, host.text, FNM_NOESCAPE) == 0)
            best = rule;
    }
    return best;
}

void hosts_limits(const struct hosts *hosts, const char *host_key,
                  struct sched_limits *limits)
{
    const struct rule *rule = find(hosts, host_key);

    if (!rule)
        return;
    if (rule->given[LIMIT_CONCURRENCY])
        limits->slots = rule->limits.slots;
    if (rule->given[LIMIT_RATE])
        limits->rate = rule->limits.rate;
    if (rule->given[LIMIT_BURST])
        limits->burst = rule->limits.burst;
    if (rule->given[LIMIT_DELAY])
        limits->delay = rule->limits.delay;
    if (rule->given[LIMIT_JITTER])
        limits->jitter = rule->limits.jitter;
}

void hosts_settle(const struct hosts *hosts, struct request *request)
{
    const struct rule *rule =
        request->own ? NULL : find(hosts, request->host_key);

    if (rule)
        request->run = request->settings = rule->request->settings;
}

static bool has(const struct request *request, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return true;
    return false;
}

void hosts_add_headers(const struct hosts *hosts, struct request *request)
{
    const struct rule *rule = find(hosts, request->host_key);
    size_t count = request->header_count;

    for (size_t i = 0; rule && i < rule->request->header_count; i++) {
        const struct request_header *header = &rule->request->headers[i];

        if (!has(request, count, header->name))
            request_add_header(request, header->name, strlen(header->name),
                               header->value, strlen(header->value));
    }
    request->host_header_count = request->header_count - count;
}
