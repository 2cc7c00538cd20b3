/* SPDX-License-Identifier: MIT */
/*
 * Lines to requests, numbered. Joins the source, the globs and the reader of
 * lines; must not know what becomes of a request.
 */
#include "app/intake.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/msg.h"
#include "policy/glob.h"
#include "policy/identity.h"
#include "policy/line.h"
#include "policy/url.h"

#include <stdlib.h>
#include <string.h>

/* Blank lines and comments that one call passes over. */
#define SKIPS_PER_PULL 1000

/* Where a line stands. */
struct place {
    const char *name; /* borrowed from the source */
    uint64_t number;
};

struct intake {
    const struct config *config;
    struct source *source;
    struct line_reader *reader;
    struct digest *digest;
    uint64_t next_index;
    struct glob *glob;    /* under way; NULL: the next line is due */
    struct place globbed; /* its line */
    struct buf expansion;
    bool stopped;
    bool cut; /* the stop cut a glob: all from its line on is not read */
};

struct intake *intake_new(const struct config *config,
                          const struct opt_table *options,
                          struct source *source)
{
    struct intake *intake = xcalloc(1, sizeof(*intake));

    intake->config = config;
    intake->source = source;
    intake->reader = line_reader_new(config, options);
    intake->digest = digest_new();
    buf_init(&intake->expansion, LINE_MAX_BYTES);
    return intake;
}

static void end_glob(struct intake *intake)
{
    glob_free(intake->glob);
    intake->glob = NULL;
}

void intake_free(struct intake *intake)
{
    if (intake == NULL) {
        return;
    }
    end_glob(intake);
    buf_release(&intake->expansion);
    digest_free(intake->digest);
    line_reader_free(intake->reader);
    free(intake);
}

void intake_set_hosts(struct intake *intake, const struct hosts *hosts)
{
    line_reader_set_hosts(intake->reader, hosts);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Without the white space around a list line, which is no part of a pattern. */
static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_blank((*text)[0])) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && is_blank((*text)[*len - 1])) {
        (*len)--;
    }
}

/* Whether globbing changes the text or has to refuse it. */
static bool has_pattern(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\0' && strchr("[]{}\\", text[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_glob(const struct intake *intake, const struct source_line *line,
                    const char *text, size_t len)
{
    if (!intake->config->glob || !has_pattern(text, len)) {
        return false;
    }
    return line->is_argument ||
           (text[0] != '#' && !line_is_json(intake->reader, text, len));
}

static enum line_result bad_glob(struct intake *intake, const char *text,
                                 size_t len, const struct why *why,
                                 struct request **request, struct error *error)
{
    *request = request_new(&intake->config->settings);
    (*request)->asked = url_censored(text, len);
    identity_of_line(*request, intake->digest, text, len);
    error_set(error, CLASS_INPUT, CODE_BAD_GLOB, PHASE_QUEUE, "%s", why->text);
    return LINE_INVALID;
}

/* Begins a glob, whose first expansion the next step gives. After a stop it
 * is not begun: it would make as many requests as it likes. */
static enum line_result begin_glob(struct intake *intake,
                                   const struct source_line *line,
                                   const char *text, size_t len,
                                   struct request **request,
                                   struct error *error)
{
    struct why why;

    intake->globbed = (struct place){line->name, line->number};
    if (intake->stopped) {
        intake->cut = true;
        return LINE_SKIP;
    }
    intake->glob = glob_new(text, len, &why);
    if (intake->glob == NULL) {
        return bad_glob(intake, text, len, &why, request, error);
    }
    return LINE_SKIP;
}

static enum line_result read_line(struct intake *intake,
                                  const struct source_line *line,
                                  struct request **request, struct error *error)
{
    const char *text = line->text;
    size_t len = line->len;

    if (line->too_long) {
        line_too_long(intake->reader, text, len, request, error);
        return LINE_INVALID;
    }
    if (!line->is_argument) {
        trim(&text, &len);
    }
    if (is_glob(intake, line, text, len)) {
        return begin_glob(intake, line, text, len, request, error);
    }
    return line_read(intake->reader, line->text, line->len, line->is_argument,
                     request, error);
}

/* The glob's next URL, which is never a comment or JSON. */
static enum line_result read_expansion(struct intake *intake,
                                       struct request **request,
                                       struct error *error)
{
    struct buf *text = &intake->expansion;

    if (!glob_next(intake->glob, text)) {
        end_glob(intake);
        return LINE_SKIP;
    }
    if (text->over) {
        line_too_long(intake->reader, text->data != NULL ? text->data : "",
                      text->len, request, error);
        return LINE_INVALID;
    }
    return line_read(intake->reader, text->data != NULL ? text->data : "",
                     text->len, true, request, error);
}

static enum intake_result give(struct intake *intake, enum line_result result,
                               uint64_t line, struct request *request)
{
    request->index = intake->next_index++;
    request->line = line;
    return result == LINE_REQUEST ? INTAKE_REQUEST : INTAKE_INVALID;
}

static enum intake_result say_failure(const struct source_line *line,
                                      const struct why *why)
{
    warn("cannot read %s at line %llu: %s", line->name,
         (unsigned long long)line->number, why->text);
    return INTAKE_FAILED;
}

enum intake_result intake_pull(struct intake *intake, struct request **request,
                               struct error *error)
{
    struct source_line line;
    struct why why;

    for (unsigned i = 0; i < SKIPS_PER_PULL && !intake->cut; i++) {
        enum line_result result = LINE_SKIP;
        uint64_t line_number = intake->globbed.number;

        if (intake->glob != NULL) {
            result = read_expansion(intake, request, error);
        } else {
            switch (source_pull(intake->source, &line, &why)) {
            case SOURCE_LINE:
                result = read_line(intake, &line, request, error);
                line_number = line.number;
                break;
            case SOURCE_WAIT:
                return INTAKE_WAIT;
            case SOURCE_MORE:
                return INTAKE_MORE;
            case SOURCE_FAILED:
                return say_failure(&line, &why);
            case SOURCE_END:
                return INTAKE_END;
            }
        }
        if (result != LINE_SKIP) {
            return give(intake, result, line_number, *request);
        }
    }
    return intake->cut ? INTAKE_END : INTAKE_MORE;
}

uint64_t intake_next_index(const struct intake *intake)
{
    return intake->next_index;
}

void intake_stop(struct intake *intake)
{
    if (intake->stopped) {
        return;
    }
    intake->stopped = true;
    source_stop(intake->source);
    if (intake->glob != NULL) {
        intake->cut = glob_next(intake->glob, &intake->expansion);
        end_glob(intake);
    }
}

bool intake_unread(const struct intake *intake, const char **name,
                   uint64_t *number)
{
    if (intake->cut) {
        *name = intake->globbed.name;
        *number = intake->globbed.number;
        return true;
    }
    return source_unread(intake->source, name, number);
}
