/* SPDX-License-Identifier: MIT */
/*
 * Saved bodies from the run's side. It knows requests, records and names;
 * bytes are world/body's affair, files world/save's.
 */
#include "app/saving.h"

#include "base/msg.h"
#include "policy/accept.h"
#include "policy/file_name.h"
#include "policy/file_taken.h"
#include "policy/file_type.h"
#include "world/save.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct saving {
    const struct config *config; /* borrowed */
    struct saves *saves;         /* owned; NULL: no files */
    struct file_name *name;      /* owned; likewise */
    struct file_taken *taken;    /* owned; NULL: names need no numbers */
    struct buf made, given;      /* names */
};

int saving_check(const struct config *config, struct why *why)
{
    struct file_name *name;
    struct why detail;
    enum file_name_when when;

    if (config->output_dir && config->body == BODY_INLINE)
        return why_set(why, "--output-dir: bodies go to files or into records "
                            "(--body inline), not both");
    if (config->body == BODY_FILE && !config->output_dir)
        return why_set(why, "--body file: --output-dir must say where");
    if (!config->output_dir && (config->skip_existing || config->resume_bodies))
        return why_set(why, "--%s: there are no files without --output-dir",
                       config->skip_existing ? "skip-existing" : "continue");
    if (config->resume_bodies && config->raw)
        return why_set(why, "--continue: not with --raw");
    name = file_name_new(config->name, &detail);
    if (!name)
        return why_set(why, "--name: %s", detail.text);
    when = file_name_when(name);
    file_name_free(name);
    if (config->skip_existing && when == FILE_NAME_BY_BODY)
        return why_set(why, "--skip-existing: --name has {sha256}, which only "
                            "the body tells");
    return 0;
}

struct saving *saving_new(const struct config *config, struct why *why)
{
    const struct saves_options options = {
        .durable = config->fsync != FSYNC_NONE,
        .resume = config->resume_bodies,
        .look = config->dry_run,
    };
    struct saving *saving = xcalloc(1, sizeof(*saving));

    saving->config = config;
    buf_init(&saving->made, FILE_NAME_MAX);
    buf_init(&saving->given, FILE_NAME_MAX);
    if (config->body != BODY_FILE)
        return saving;
    saving->name = file_name_new(config->name, why);
    if (saving->name)
        saving->saves = saves_open(config->output_dir, &options, why);
    if (!saving->saves) {
        saving_free(saving);
        return NULL;
    }
    /* The same request has the same name by default, on purpose. A number in
     * the list is another request's where the list has changed. */
    if (strcmp(config->name, FILE_NAME_DEFAULT) != 0 &&
        (config->resume || !file_name_distinct(saving->name)))
        saving->taken = file_taken_new();
    return saving;
}

void saving_free(struct saving *saving)
{
    if (!saving)
        return;
    saves_close(saving->saves);
    file_name_free(saving->name);
    file_taken_free(saving->taken);
    buf_release(&saving->made);
    buf_release(&saving->given);
    free(saving);
}

/* Only what a GET gives is the same when it is asked for again; and a Range
 * of the line's own is not to be changed. */
static bool can_continue(const struct request *request)
{
    if (strcmp(request->method, "GET") != 0 || request->body ||
        request->settings->range)
        return false;
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "Range") == 0 ||
            strncasecmp(request->headers[i].name, "If-", 3) == 0)
            return false;
    }
    return true;
}

struct file_taken *saving_names(const struct saving *saving)
{
    return saving->taken;
}

struct body *saving_body(struct saving *saving, const struct request *request)
{
    const struct config *config = saving->config;
    bool resume = config->resume_bodies && can_continue(request);
    bool hash =
        config->hash != HASH_NONE ||
        (saving->name && file_name_when(saving->name) == FILE_NAME_BY_BODY);

    if (!saving->saves && !hash)
        return NULL;
    return body_new(saving->saves, resume ? request->key : NULL, hash);
}

/* True when a file has the name, and it is from before this run. */
static bool is_there(struct saving *saving, const struct file_facts *facts,
                     uint64_t *size)
{
    file_name_make(saving->name, facts, &saving->made);
    return !(saving->taken &&
             file_taken_has(saving->taken, saving->made.data)) &&
           saves_exists(saving->saves, saving->made.data, size);
}

/* The extension, where the name has one, is one of those there are. */
static bool find_file(struct saving *saving, const struct request *request,
                      uint64_t *size)
{
    struct file_facts facts = {.request = request};

    if (file_name_when(saving->name) == FILE_NAME_BY_REQUEST)
        return is_there(saving, &facts, size);
    for (size_t i = 0; (facts.extension = file_type_known(i)); i++) {
        if (is_there(saving, &facts, size))
            return true;
    }
    return false;
}

/* Makes the name in `made` the run's, and the record's. */
static void claim(struct saving *saving, struct record *record)
{
    struct buf *name = &saving->made;

    if (saving->taken) {
        file_taken_claim(saving->taken, saving->made.data, &saving->given);
        name = &saving->given;
    }
    record->body_file = xstrdup(name->data);
}

bool saving_skips(struct saving *saving, struct record *record)
{
    uint64_t size;

    if (!saving->config->skip_existing ||
        strcmp(record->request->method, "HEAD") == 0 ||
        !find_file(saving, record->request, &size))
        return false;
    claim(saving, record);
    record->skipped = record->ok = true;
    record->response.size = size;
    return true;
}

static void fail(struct record *record, int os_errno, const struct why *why)
{
    free(record->body_file);
    record->body_file = NULL;
    error_set(&record->error, CLASS_IO, CODE_WRITE, PHASE_BODY, "%s",
              why->text);
    record->error.os_errno = os_errno;
    record->ok =
        accept_outcome(&record->request->settings->accept, 0, &record->error);
}

static void commit(struct saving *saving, struct body *body,
                   struct record *record, const char *sha256)
{
    const struct file_facts facts = {
        .request = record->request,
        .extension = file_type_extension(record->response.content_type),
        .sha256 = sha256,
    };
    struct why why;
    int os_errno;

    file_name_make(saving->name, &facts, &saving->made);
    claim(saving, record);
    if (body_commit(body, record->body_file, &os_errno, &why) != 0)
        fail(record, os_errno, &why);
}

void saving_settle(struct saving *saving, struct body *body,
                   struct record *record)
{
    const struct evidence *evidence = &record->response.evidence;
    bool whole = record->error.error_class == CLASS_NONE ||
                 record->error.error_class == CLASS_HTTP;
    char sha256[BODY_SHA256_SIZE] = "";

    if (!body)
        return;
    if (whole && !evidence->head && evidence->status != 304)
        body_sha256(body, sha256);
    if (saving->config->hash != HASH_NONE)
        memcpy(record->sha256, sha256, sizeof(sha256));
    if (whole && record->ok && body_is_wanted(body))
        commit(saving, body, record, sha256);
    else
        record->truncated = body_cut(body, &record->error);
}
