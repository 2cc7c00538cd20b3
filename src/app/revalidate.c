/* SPDX-License-Identifier: MIT */
/*
 * Conditional requests (RFC 9110 section 13) over a whole list: which request
 * is asked by what an earlier run remembered, and which answer is remembered.
 * Knows no header blocks and no files.
 */
#include "app/run_priv.h"

#include "policy/identity_run.h"
#include "policy/wire.h"

#include <string.h>
#include <strings.h>

/* A condition of its own is the caller's affair, and so is its answer. A part
 * of it is not what is remembered. */
static bool has_condition(const struct request_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wire_is_condition(headers[i].name) ||
            strcasecmp(headers[i].name, "Range") == 0)
            return true;
    return false;
}

/* Also the key in the store: false where a secret of the run has a part in
 * what the request is. */
static bool may_revalidate(const struct run *run, const struct request *request,
                           unsigned char key[REQUEST_KEY_SIZE])
{
    const struct asked *asked = &run->config->asked;

    return (strcmp(request->method, "GET") == 0 ||
            strcmp(request->method, "HEAD") == 0) &&
           !request->body && !request->settings->range &&
           !has_condition(asked->headers, asked->header_count) &&
           !has_condition(request->headers, request->header_count) &&
           identity_in_run(request, run->config, run->digest, key);
}

void revalidate_ask(const struct run *run, struct task *task,
                    struct fetch_hop *hop, struct validators *room)
{
    unsigned char key[REQUEST_KEY_SIZE];

    task->conditional = false;
    if (!run->etags || task->hops > 0 ||
        !may_revalidate(run, task->request, key))
        return;
    hop->want_validators = true;
    /* The list has it twice: its first answer in this run was no news to an
     * earlier one, and a second one would look like that. */
    if (etag_store_is_new(run->etags, key) ||
        !etag_store_find(run->etags, key, room))
        return;
    hop->etag = room->etag[0] ? room->etag : NULL;
    hop->last_modified = room->last_modified[0] ? room->last_modified : NULL;
    task->conditional = true;
}

static const char *opaque_tag(const char *etag)
{
    return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

/* RFC 9111 section 4.3.4: a 304 with another ETag than the one that was asked
 * with speaks of another body, which nobody has here. */
static bool is_of_another(const struct validators *known,
                          const struct validators *news)
{
    return known->etag[0] && news->etag[0] &&
           strcmp(opaque_tag(known->etag), opaque_tag(news->etag)) != 0;
}

/* What a 304 says anew; mostly it repeats what is known. */
static void renew(struct run *run, const struct task *task,
                  const unsigned char key[REQUEST_KEY_SIZE],
                  const struct validators *news)
{
    struct validators merged, known;

    if (!etag_store_find(run->etags, key, &known) ||
        is_of_another(&known, news))
        return;
    merged = known;
    if (news->etag[0])
        memcpy(merged.etag, news->etag, sizeof(merged.etag));
    if (news->last_modified[0])
        memcpy(merged.last_modified, news->last_modified,
               sizeof(merged.last_modified));
    if (strcmp(merged.etag, known.etag) != 0 ||
        strcmp(merged.last_modified, known.last_modified) != 0)
        etag_store_put(run->etags, key, &merged, task->request->url);
}

static size_t length(const char *text)
{
    return text ? strlen(text) : 0;
}

void revalidate_note(struct run *run, const struct task *task)
{
    const struct record *record = &task->record;
    const struct response *response = &record->response;
    unsigned char key[REQUEST_KEY_SIZE];
    struct validators news;

    /* What was not sent (a duplicate, a file that is there) says nothing. */
    if (!run->etags || record->error.error_class != CLASS_NONE || !record->ok ||
        response->evidence.status == 0 ||
        !may_revalidate(run, task->request, key))
        return;
    validators_set(&news, response->etag, length(response->etag),
                   response->last_modified, length(response->last_modified));
    if (record->not_modified)
        renew(run, task, key, &news);
    else if (response->evidence.status == 200)
        /* Behind a redirect there are none: they were not asked for. */
        etag_store_put(run->etags, key, &news, task->request->url);
    else
        /* The caller has taken something else for it since. */
        etag_store_put(run->etags, key, NULL, NULL);
}
