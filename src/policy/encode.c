/* SPDX-License-Identifier: MIT */
/*
 * A record to its line. It knows how each field is written and when it has
 * nothing to say; names and order are policy/fields', JSON is base/json's.
 */
#include "policy/encode.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/utf8.h"
#include "policy/fields.h"
#include "policy/headers.h"
#include "policy/redact.h"
#include "policy/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What the writers of one line share. */
struct encoder {
    const struct record *record; /* borrowed */
    struct json json;
    bool body_is_text; /* set when body or body_encoding is in the line */
};

/* Where the member's name goes in a nested object; a field's goes by table. */
static void put_string(struct json *json, const char *name, const char *text)
{
    json_key(json, name);
    json_string(json, text);
}

static void put_seconds(struct json *json, const char *name, double seconds)
{
    json_key(json, name);
    json_seconds(json, seconds);
}

static void put_status(struct json *json, int status)
{
    if (status == 0)
        json_null(json);
    else
        json_int(json, status);
}

/* The request */

static void emit_index(struct encoder *to)
{
    json_uint(&to->json, to->record->request->index);
}

static void emit_key(struct encoder *to)
{
    char hex[2 * REQUEST_KEY_SIZE + 1];

    hex_encode(hex, to->record->request->key, REQUEST_KEY_SIZE);
    json_string_n(&to->json, hex, sizeof hex - 1);
}

static bool has_id(const struct record *record)
{
    return record->request->id != NULL;
}

static void emit_id(struct encoder *to)
{
    const char *id = to->record->request->id;

    json_raw(&to->json, id, strlen(id));
}

/* A URL argument stands in no line. */
static bool has_line(const struct record *record)
{
    return record->error.error_class == CLASS_INPUT &&
           record->request->line > 0;
}

static void emit_line(struct encoder *to)
{
    json_uint(&to->json, to->record->request->line);
}

static void emit_url(struct encoder *to)
{
    if (to->record->request->asked == NULL)
        json_null(&to->json);
    else
        json_string(&to->json, to->record->request->asked);
}

static void emit_method(struct encoder *to)
{
    json_string(&to->json, to->record->request->method);
}

static bool has_request(const struct record *record)
{
    return record->request->source != NULL;
}

static void emit_request(struct encoder *to)
{
    const char *source = to->record->request->source;

    json_raw(&to->json, source, strlen(source));
}

/* What came of it */

static void emit_ok(struct encoder *to)
{
    json_bool(&to->json, to->record->ok);
}

static void emit_status(struct encoder *to)
{
    put_status(&to->json, to->record->response.evidence.status);
}

static bool has_not_modified(const struct record *record)
{
    return record->not_modified;
}

static void emit_not_modified(struct encoder *to)
{
    json_bool(&to->json, true);
}

static bool has_final_url(const struct record *record)
{
    return record->final_url != NULL;
}

static void emit_final_url(struct encoder *to)
{
    json_string(&to->json, to->record->final_url);
}

static bool has_http_version(const struct record *record)
{
    return record->response.http_version[0] != '\0';
}

static void emit_http_version(struct encoder *to)
{
    json_string(&to->json, to->record->response.http_version);
}

static bool has_remote_ip(const struct record *record)
{
    return record->response.remote_ip[0] != '\0';
}

static void emit_remote_ip(struct encoder *to)
{
    json_string(&to->json, to->record->response.remote_ip);
}

static bool has_remote_port(const struct record *record)
{
    return record->response.remote_port > 0;
}

static void emit_remote_port(struct encoder *to)
{
    json_int(&to->json, to->record->response.remote_port);
}

static bool has_content_type(const struct record *record)
{
    return record->response.content_type != NULL;
}

static void emit_content_type(struct encoder *to)
{
    json_string(&to->json, to->record->response.content_type);
}

static bool has_redirects(const struct record *record)
{
    return record->redirect_count > 0;
}

static void emit_redirects(struct encoder *to)
{
    const struct record *record = to->record;

    json_array_begin(&to->json);
    for (size_t i = 0; i < record->redirect_count; i++) {
        json_object_begin(&to->json);
        json_key(&to->json, "status");
        put_status(&to->json, record->redirects[i].status);
        put_string(&to->json, "url", record->redirects[i].url);
        json_object_end(&to->json);
    }
    json_array_end(&to->json);
}

static void emit_size(struct encoder *to)
{
    json_uint(&to->json, to->record->response.size);
}

static void emit_size_download(struct encoder *to)
{
    json_uint(&to->json, to->record->response.size_download);
}

static void emit_attempts(struct encoder *to)
{
    json_uint(&to->json, to->record->attempts);
}

static bool has_tries(const struct record *record)
{
    return record->attempts > 1 && record->try_count > 0;
}

static void emit_try(struct json *json, const struct record_try *attempt)
{
    json_object_begin(json);
    /* Class http is a status that was not accepted: the number says more. */
    if (attempt->error_class == CLASS_NONE ||
        attempt->error_class == CLASS_HTTP) {
        json_key(json, "status");
        put_status(json, attempt->status);
    } else {
        put_string(json, "error", error_code_name(attempt->code));
    }
    put_seconds(json, "at", attempt->at);
    put_seconds(json, "time", attempt->time);
    put_seconds(json, "wait", attempt->wait);
    json_object_end(json);
}

static void emit_tries(struct encoder *to)
{
    json_array_begin(&to->json);
    for (size_t i = 0; i < to->record->try_count; i++)
        emit_try(&to->json, &to->record->tries[i]);
    json_array_end(&to->json);
}

static void emit_time(struct encoder *to)
{
    const struct hop_times *times = &to->record->times;
    struct json *json = &to->json;

    json_object_begin(json);
    put_seconds(json, "queue", to->record->time_queue);
    put_seconds(json, "dns", times->dns);
    put_seconds(json, "connect", times->connect);
    put_seconds(json, "tls", times->tls);
    put_seconds(json, "ttfb", times->ttfb);
    put_seconds(json, "total", times->total);
    json_object_end(json);
}

static bool has_started_at(const struct record *record)
{
    return record->started_at > 0;
}

static void emit_started_at(struct encoder *to)
{
    char text[DATE_RFC3339_SIZE];

    date_format_rfc3339(text, to->record->started_at);
    json_string(&to->json, text);
}

/* The response's header fields */

static bool has_response(const struct record *record)
{
    return record->response.evidence.status != 0;
}

/* Which names have values that are not shown. */
typedef bool is_secret(const char *name, size_t len);

static void emit_value(struct encoder *to, const struct header_slice *header,
                       is_secret *secret)
{
    struct buf shown;

    if (to->record->show_secrets ||
        (!secret(header->name, header->name_len) &&
         !memchr(header->value, '@', header->value_len))) {
        json_string_n(&to->json, header->value, header->value_len);
    } else if (secret(header->name, header->name_len)) {
        json_string(&to->json, REDACTED);
    } else {
        buf_init(&shown, SIZE_MAX / 2);
        buf_add_str(&shown, "");
        redact_value(header->name, header->name_len, header->value,
                     header->value_len, &shown);
        json_string_n(&to->json, shown.data, shown.len);
        buf_release(&shown);
    }
}

static void emit_block(struct encoder *to, const struct buf *raw,
                       is_secret *secret)
{
    struct json *json = &to->json;
    struct header_slice headers[HEADERS_MAX];
    char *block = xmemdup(raw->len > 0 ? raw->data : "", raw->len);
    size_t count = headers_split(headers, block, raw->len);

    json_object_begin(json);
    for (size_t i = 0; i < count; i++) {
        if (headers[i].of_earlier)
            continue;
        json_key_n(json, headers[i].name, headers[i].name_len);
        json_array_begin(json);
        for (size_t j = i; j < HEADERS_MAX; j = headers[j].next_same)
            emit_value(to, &headers[j], secret);
        json_array_end(json);
    }
    json_object_end(json);
    free(block);
}

static void emit_headers(struct encoder *to)
{
    emit_block(to, &to->record->response.headers, wire_is_secret_answer);
}

/* What a dry run would send */

static bool is_dry(const struct record *record)
{
    return record->dry;
}

static void emit_would_send(struct encoder *to)
{
    const struct request *request = to->record->request;
    struct json *json = &to->json;

    json_object_begin(json);
    put_string(json, "method", request->method);
    put_string(json, "url", request->url);
    json_key(json, "headers");
    emit_block(to, &to->record->preview, wire_is_secret);
    json_key(json, "body_size");
    json_uint(json, request->body_len);
    if (to->record->preview_proxy)
        put_string(json, "proxy", to->record->preview_proxy);
    json_object_end(json);
}

/* The response's body */

/* A body over a limit was dropped, and one that has not changed did not come:
 * "" would look like an empty one. */
static bool has_body(const struct record *record)
{
    return has_response(record) && !record->not_modified &&
           record->error.error_class != CLASS_TOO_LARGE;
}

static bool body_is_text(const struct buf *body)
{
    return body->len == 0 ||
           utf8_valid_prefix(body->data, body->len) == body->len;
}

static void emit_body(struct encoder *to)
{
    const struct buf *body = &to->record->response.body;

    if (to->body_is_text)
        json_string_n(&to->json, body->data, body->len);
    else
        json_base64(&to->json, body->data, body->len);
}

static void emit_body_encoding(struct encoder *to)
{
    json_string(&to->json, to->body_is_text ? "utf-8" : "base64");
}

static bool has_body_file(const struct record *record)
{
    return record->body_file != NULL;
}

static void emit_body_file(struct encoder *to)
{
    json_string(&to->json, to->record->body_file);
}

static bool has_sha256(const struct record *record)
{
    return record->sha256[0] != '\0';
}

static void emit_sha256(struct encoder *to)
{
    json_string(&to->json, to->record->sha256);
}

static bool is_truncated(const struct record *record)
{
    return record->truncated;
}

static bool is_skipped(const struct record *record)
{
    return record->skipped;
}

static void emit_true(struct encoder *to)
{
    json_bool(&to->json, true);
}

/* What was odd or wrong */

static bool has_duplicate_of(const struct record *record)
{
    return record->is_duplicate;
}

static void emit_duplicate_of(struct encoder *to)
{
    json_uint(&to->json, to->record->duplicate_of);
}

static bool has_notes(const struct record *record)
{
    return record->notes != 0;
}

static void emit_notes(struct encoder *to)
{
    unsigned left = to->record->notes;

    json_array_begin(&to->json);
    while (left != 0) {
        unsigned lowest = left & -left;

        json_string(&to->json, record_note_name((enum record_note)lowest));
        left &= ~lowest;
    }
    json_array_end(&to->json);
}

static void emit_error(struct encoder *to)
{
    const struct error *error = &to->record->error;
    struct json *json = &to->json;
    const char *name;

    if (error->error_class == CLASS_NONE) {
        json_null(json);
        return;
    }
    name = errno_name(error->os_errno);
    json_object_begin(json);
    put_string(json, "class", error_class_name(error->error_class));
    put_string(json, "code", error_code_name(error->code));
    put_string(json, "phase", phase_name(error->phase));
    put_string(json, "message", error->message);
    json_key(json, "errno");
    if (name != NULL)
        json_string(json, name);
    else
        json_null(json);
    json_key(json, "retryable");
    json_bool(json, error->retryable);
    json_object_end(json);
}

/* How a field is written; `has` says whether it is there, NULL: always. */
struct emitter {
    void (*emit)(struct encoder *to);
    bool (*has)(const struct record *record);
};

static const struct emitter emitters[] = {
    [FIELD_INDEX] = {emit_index, NULL},
    [FIELD_KEY] = {emit_key, NULL},
    [FIELD_ID] = {emit_id, has_id},
    [FIELD_LINE] = {emit_line, has_line},
    [FIELD_URL] = {emit_url, NULL},
    [FIELD_METHOD] = {emit_method, NULL},
    [FIELD_OK] = {emit_ok, NULL},
    [FIELD_STATUS] = {emit_status, NULL},
    [FIELD_NOT_MODIFIED] = {emit_not_modified, has_not_modified},
    [FIELD_FINAL_URL] = {emit_final_url, has_final_url},
    [FIELD_HTTP_VERSION] = {emit_http_version, has_http_version},
    [FIELD_REMOTE_IP] = {emit_remote_ip, has_remote_ip},
    [FIELD_REMOTE_PORT] = {emit_remote_port, has_remote_port},
    [FIELD_CONTENT_TYPE] = {emit_content_type, has_content_type},
    [FIELD_REDIRECTS] = {emit_redirects, has_redirects},
    [FIELD_SIZE] = {emit_size, NULL},
    [FIELD_SIZE_DOWNLOAD] = {emit_size_download, NULL},
    [FIELD_ATTEMPTS] = {emit_attempts, NULL},
    [FIELD_TRIES] = {emit_tries, has_tries},
    [FIELD_TIME] = {emit_time, NULL},
    [FIELD_STARTED_AT] = {emit_started_at, has_started_at},
    [FIELD_HEADERS] = {emit_headers, has_response},
    [FIELD_BODY] = {emit_body, has_body},
    [FIELD_BODY_ENCODING] = {emit_body_encoding, has_body},
    [FIELD_BODY_FILE] = {emit_body_file, has_body_file},
    [FIELD_SHA256] = {emit_sha256, has_sha256},
    [FIELD_TRUNCATED] = {emit_true, is_truncated},
    [FIELD_SKIPPED] = {emit_true, is_skipped},
    [FIELD_REQUEST] = {emit_request, has_request},
    [FIELD_WOULD_SEND] = {emit_would_send, is_dry},
    [FIELD_DUPLICATE_OF] = {emit_duplicate_of, has_duplicate_of},
    [FIELD_NOTES] = {emit_notes, has_notes},
    [FIELD_ERROR] = {emit_error, NULL},
};
static_assert(sizeof emitters / sizeof *emitters == FIELD_COUNT,
              "every field has its writer");

static void emit_field(struct encoder *to, unsigned field)
{
    const struct emitter *emitter = &emitters[field];

    if (emitter->has != NULL && !emitter->has(to->record))
        return;
    json_key(&to->json, field_rows[field].name);
    emitter->emit(to);
}

int encode_record(const struct record *record, uint64_t fields, struct buf *out)
{
    struct encoder to = {.record = record};
    size_t before = out->len;
    bool was_over = out->over;

    if (fields & FIELD_BIT(FIELD_BODY))
        fields |= FIELD_BIT(FIELD_BODY_ENCODING);
    if (fields & FIELD_BIT(FIELD_BODY_ENCODING))
        to.body_is_text = body_is_text(&record->response.body);
    json_init(&to.json, out);
    json_object_begin(&to.json);
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        if (fields & FIELD_BIT(i))
            emit_field(&to, i);
    }
    json_object_end(&to.json);
    buf_add_char(out, '\n');
    if (!out->over)
        return 0;
    out->len = before;
    out->over = was_over;
    if (out->data != NULL)
        out->data[before] = '\0';
    return -1;
}
