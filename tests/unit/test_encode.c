/* SPDX-License-Identifier: MIT */
/* A record to its line: what is there when, and how it is written. */
#include "base/json.h"
#include "base/msg.h"
#include "check.h"
#include "model/request.h"
#include "policy/encode.h"
#include "policy/fields.h"

#include <errno.h>

#define ALL_FIELDS (FIELD_BIT(FIELD_COUNT) - 1)

/* A request and its record, all strings of the request literals. */
struct fixture {
    struct request request;
    struct record record;
    struct buf out;
};

static void set_up(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    memcpy(fixture->request.method, "GET", sizeof "GET");
    fixture->request.asked = (char *)(void *)"http://a/";
    record_init(&fixture->record, &fixture->request);
    buf_init(&fixture->record.response.headers, 65536);
    buf_init(&fixture->record.response.body, 65536);
    buf_init(&fixture->out, 65536);
}

static void tear_down(struct fixture *fixture)
{
    record_release(&fixture->record);
    buf_release(&fixture->out);
}

/* The line of the record; always one valid JSON text and one newline. */
static const char *line_of(struct fixture *fixture, uint64_t fields)
{
    struct buf *out = &fixture->out;

    buf_clear(out);
    CHECK(encode_record(&fixture->record, fields, out) == 0);
    CHECK(json_scan_value(out->data, out->len - 1, NULL) == 0);
    CHECK(strchr(out->data, '\n') == out->data + out->len - 1);
    return out->data;
}

/* The record gets an answer of so many bytes. */
static void answer(struct record *record, int status, const char *body,
                   size_t len)
{
    record->response.evidence.status = status;
    buf_clear(&record->response.body);
    buf_add(&record->response.body, body, len);
}

/* Everything that a record can hold, so that each field has to speak; but for
 * not_modified, beside which there is no body. */
static void fill(struct fixture *fixture)
{
    struct request *request = &fixture->request;
    struct record *record = &fixture->record;
    struct response *response = &record->response;

    request->index = 7;
    request->line = 9;
    request->id = (char *)(void *)"{\"n\": 12345678901234567890}";
    request->source = (char *)(void *)"{\"url\":\"http://a/\"}";
    for (unsigned i = 0; i < REQUEST_KEY_SIZE; i++)
        request->key[i] = (unsigned char)(i * 17);
    answer(record, 200, "hi", 2);
    memcpy(response->http_version, "1.1", 4);
    memcpy(response->remote_ip, "127.0.0.1", 10);
    response->remote_port = 8080;
    response->content_type = xstrdup("text/plain");
    buf_add_str(&response->headers, "A: b\r\n");
    response->size = 2;
    response->size_download = 3;
    record->final_url = xstrdup("http://b/");
    record_add_redirect_take(record, 301, xstrdup("http://b/"));
    record->attempts = 2;
    record_add_try(
        record, &(struct record_try){.status = 503, .time = 0.25, .wait = 1.5});
    record_add_try(record, &(struct record_try){.status = 200, .at = 2});
    record->time_queue = 0.5;
    record->times = (struct hop_times){0.1, 0.2, 0.3, 0.4, 0.5};
    record->started_at = 1769903999.25;
    record->dry = true;
    buf_init(&record->preview, SIZE_MAX / 2);
    buf_add_str(&record->preview, "X-Token: 1\r\nB: c\r\nx-token: 2\r\n");
    record->preview_proxy = xstrdup("http://p/");
    request->url = (char *)(void *)"http://a/";
    request->body_len = 3;
    record->is_duplicate = true;
    record->duplicate_of = 7;
    record->notes = NOTE_LENGTH_UNKNOWN | NOTE_UNASKED_RANGE;
    error_set(&record->error, CLASS_INPUT, CODE_BAD_URL, PHASE_QUEUE, "\"x\"");
    record->error.os_errno = ECONNREFUSED;
    record->error.retryable = true;
    record->body_file = xstrdup("a/b.txt");
    memcpy(record->sha256, "e3b0", 5);
    record->truncated = record->skipped = true;
}

static void test_everything(void)
{
    struct fixture f;
    struct json_member members[JSON_MEMBERS_MAX];

    set_up(&f);
    fill(&f);
    CHECK_STR(
        line_of(&f, ALL_FIELDS),
        "{\"index\":7,\"key\":\"00112233445566778899aabbccddeeff\","
        "\"id\":{\"n\": 12345678901234567890},\"line\":9,"
        "\"url\":\"http://a/\",\"method\":\"GET\",\"ok\":false,"
        "\"status\":200,\"final_url\":\"http://b/\",\"http_version\":\"1.1\","
        "\"remote_ip\":\"127.0.0.1\",\"remote_port\":8080,"
        "\"content_type\":\"text/plain\","
        "\"redirects\":[{\"status\":301,\"url\":\"http://b/\"}],"
        "\"size\":2,\"size_download\":3,\"attempts\":2,"
        "\"tries\":[{\"status\":503,\"at\":0.000000,\"time\":0.250000,\"wait\":"
        "1.500000},"
        "{\"status\":200,\"at\":2.000000,\"time\":0.000000,\"wait\":0.000000}],"
        "\"time\":{\"queue\":0.500000,\"dns\":0.100000,\"connect\":0.200000,"
        "\"tls\":0.300000,\"ttfb\":0.400000,\"total\":0.500000},"
        "\"started_at\":\"2026-01-31T23:59:59.250000Z\","
        "\"headers\":{\"a\":[\"b\"]},\"body\":\"hi\","
        "\"body_encoding\":\"utf-8\",\"body_file\":\"a/b.txt\","
        "\"sha256\":\"e3b0\",\"truncated\":true,\"skipped\":true,"
        "\"request\":{\"url\":\"http://a/\"},"
        "\"would_send\":{\"method\":\"GET\",\"url\":\"http://a/\","
        "\"headers\":{\"x-token\":[\"***\",\"***\"],\"b\":[\"c\"]},"
        "\"body_size\":3,\"proxy\":\"http://p/\"},"
        "\"duplicate_of\":7,"
        "\"notes\":[\"length_unknown\",\"unasked_range\"],"
        "\"error\":{\"class\":\"input\",\"code\":\"bad_url\","
        "\"phase\":\"queue\",\"message\":\"\\\"x\\\"\","
        "\"errno\":\"ECONNREFUSED\",\"retryable\":true}}\n");

    /* Each row of the table has its writer, and the order is the table's. */
    CHECK(json_scan_object(f.out.data, f.out.len, members, NULL) ==
          FIELD_COUNT - 1);
    for (int i = 0, at = 0; i < FIELD_COUNT; i++)
        if (i != FIELD_NOT_MODIFIED)
            CHECK(json_key_is(&members[at++], field_rows[i].name));
    tear_down(&f);
}

static void test_nothing(void)
{
    struct fixture f;
    struct json_member members[JSON_MEMBERS_MAX];
    int count, next = 0;

    set_up(&f);
    f.request.asked = NULL;
    CHECK_STR(line_of(&f, ALL_FIELDS),
              "{\"index\":0,\"key\":\"00000000000000000000000000000000\","
              "\"url\":null,\"method\":\"GET\",\"ok\":false,\"status\":null,"
              "\"size\":0,\"size_download\":0,\"attempts\":0,"
              "\"time\":{\"queue\":0.000000,\"dns\":0.000000,"
              "\"connect\":0.000000,\"tls\":0.000000,\"ttfb\":0.000000,"
              "\"total\":0.000000},\"error\":null}\n");

    /* What is absent says so in the table, and the other way round. */
    count = json_scan_object(f.out.data, f.out.len, members, NULL);
    for (int i = 0; i < FIELD_COUNT; i++) {
        bool there =
            next < count && json_key_is(&members[next], field_rows[i].name);

        CHECK(there == !field_rows[i].may_be_absent);
        next += there;
    }
    CHECK_STR(line_of(&f, 0), "{}\n");
    tear_down(&f);
}

/* An answer that has not changed brings no body: "" would look like one. */
static void test_not_modified(void)
{
    const uint64_t set = FIELD_BIT(FIELD_STATUS) |
                         FIELD_BIT(FIELD_NOT_MODIFIED) | FIELD_BIT(FIELD_SIZE) |
                         FIELD_BIT(FIELD_BODY);
    struct fixture f;

    set_up(&f);
    answer(&f.record, 304, "", 0);
    f.record.not_modified = true;
    CHECK_STR(line_of(&f, set),
              "{\"status\":304,\"not_modified\":true,\"size\":0}\n");
    tear_down(&f);
}

/* A field on its own comes as in the whole line, without a comma. */
static void test_selection(void)
{
    struct fixture f;

    set_up(&f);
    fill(&f);
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_OK)), "{\"ok\":false}\n");
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_STATUS) | FIELD_BIT(FIELD_URL)),
              "{\"url\":\"http://a/\",\"status\":200}\n");
    for (int i = 0; i < FIELD_COUNT; i++) {
        char start[64];

        if (i == FIELD_NOT_MODIFIED)
            continue;
        snprintf(start, sizeof start, "{\"%s\":", field_rows[i].name);
        CHECK(strncmp(line_of(&f, FIELD_BIT(i)), start, strlen(start)) == 0);
    }
    tear_down(&f);
}

static void test_exact_integers(void)
{
    struct fixture f;

    set_up(&f);
    f.request.index = UINT64_C(9223372036854775807);
    f.record.response.size = UINT64_C(9007199254740993);
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_INDEX) | FIELD_BIT(FIELD_SIZE)),
              "{\"index\":9223372036854775807,\"size\":9007199254740993}\n");
    tear_down(&f);
}

static void test_line_only_of_input_errors(void)
{
    struct fixture f;

    set_up(&f);
    f.request.line = 3;
    error_set(&f.record.error, CLASS_HTTP, CODE_STATUS, PHASE_BODY, "404");
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_LINE)), "{}\n");
    f.record.error.error_class = CLASS_INPUT;
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_LINE)), "{\"line\":3}\n");
    f.request.line = 0;
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_LINE)), "{}\n");
    tear_down(&f);
}

static void test_tries(void)
{
    struct fixture f;
    struct record_try refused = {.error_class = CLASS_CONNECT,
                                 .code = CODE_REFUSED};
    struct record_try status = {
        .status = 429, .error_class = CLASS_HTTP, .code = CODE_STATUS};
    struct record_try cut = {
        .status = 200, .error_class = CLASS_TRUNCATED, .code = CODE_EOF};

    set_up(&f);
    f.record.attempts = 1;
    record_add_try(&f.record, &refused);
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_TRIES)), "{}\n");
    f.record.attempts = 3;
    record_add_try(&f.record, &status);
    record_add_try(&f.record, &cut);
    CHECK_STR(
        line_of(&f, FIELD_BIT(FIELD_TRIES)),
        "{\"tries\":["
        "{\"error\":\"refused\",\"at\":0.000000,\"time\":0.000000,\"wait\":0."
        "000000},"
        "{\"status\":429,\"at\":0.000000,\"time\":0.000000,\"wait\":0.000000},"
        "{\"error\":\"eof\",\"at\":0.000000,\"time\":0.000000,\"wait\":0."
        "000000}]}\n");
    tear_down(&f);
}

static void test_error_without_errno(void)
{
    struct fixture f;

    set_up(&f);
    error_set(&f.record.error, CLASS_TLS, CODE_EXPIRED, PHASE_TLS,
              "bad \xff\x1b bytes");
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_ERROR)),
              "{\"error\":{\"class\":\"tls\",\"code\":\"expired\","
              "\"phase\":\"tls\",\"message\":\"bad \xef\xbf\xbd\\u001b "
              "bytes\",\"errno\":null,\"retryable\":false}}\n");
    tear_down(&f);
}

static void test_headers(void)
{
    struct fixture f;
    uint64_t set = FIELD_BIT(FIELD_HEADERS);

    set_up(&f);
    CHECK_STR(line_of(&f, set), "{}\n");
    f.record.response.evidence.status = 204;
    CHECK_STR(line_of(&f, set), "{\"headers\":{}}\n");
    buf_add_str(&f.record.response.headers,
                "Set-Cookie: a=1\r\nServer: \"x\"\xff\r\nSET-cookie: b=2\r\n"
                "X-Folded: one\r\n two\r\n\r\n");
    CHECK_STR(line_of(&f, set),
              "{\"headers\":{\"set-cookie\":[\"***\",\"***\"],"
              "\"server\":[\"\\\"x\\\"\xef\xbf\xbd\"],"
              "\"x-folded\":[\"one two\"]}}\n");
    f.record.show_secrets = true;
    CHECK_STR(line_of(&f, set),
              "{\"headers\":{\"set-cookie\":[\"a=1\",\"b=2\"],"
              "\"server\":[\"\\\"x\\\"\xef\xbf\xbd\"],"
              "\"x-folded\":[\"one two\"]}}\n");
    /* The record's own block was not changed by it. */
    CHECK(strstr(f.record.response.headers.data, "SET-cookie: b") != NULL);
    tear_down(&f);
}

static void test_body(void)
{
    struct fixture f;
    uint64_t set = FIELD_BIT(FIELD_BODY);

    set_up(&f);
    CHECK_STR(line_of(&f, set), "{}\n");
    answer(&f.record, 200, "", 0);
    CHECK_STR(line_of(&f, set),
              "{\"body\":\"\",\"body_encoding\":\"utf-8\"}\n");
    answer(&f.record, 200, "\xc3\xa9\n\0", 4);
    CHECK_STR(line_of(&f, set),
              "{\"body\":\"\xc3\xa9\\n\\u0000\",\"body_encoding\":\"utf-8\"}"
              "\n");
    answer(&f.record, 200, "ok\xff", 3);
    CHECK_STR(line_of(&f, set),
              "{\"body\":\"b2v/\",\"body_encoding\":\"base64\"}\n");
    CHECK_STR(line_of(&f, FIELD_BIT(FIELD_BODY_ENCODING)),
              "{\"body_encoding\":\"base64\"}\n");
    f.record.error.error_class = CLASS_TOO_LARGE;
    CHECK_STR(line_of(&f, set), "{}\n");
    tear_down(&f);
}

/* However little room there is: all of the line or nothing of it. */
static void test_overflow(void)
{
    struct fixture f;
    size_t need;
    unsigned bad = 0;

    set_up(&f);
    fill(&f);
    line_of(&f, ALL_FIELDS);
    need = f.out.len;
    for (size_t room = 0; room <= need; room++) {
        struct buf out;
        int result;

        buf_init(&out, room + 4);
        buf_add_str(&out, "old\n");
        result = encode_record(&f.record, ALL_FIELDS, &out);
        bad += result != (room < need ? -1 : 0) || out.over;
        bad += out.len != (room < need ? 4 : need + 4);
        bad += strncmp(out.data, "old\n", 4) != 0;
        bad += out.data[out.len] != '\0';
        /* It can be used again. */
        if (room < need)
            bad += encode_record(&f.record, 0, &out) != (room < 3 ? -1 : 0);
        buf_release(&out);
    }
    CHECK(bad == 0);
    tear_down(&f);
}

int main(void)
{
    test_everything();
    test_nothing();
    test_not_modified();
    test_selection();
    test_exact_integers();
    test_line_only_of_input_errors();
    test_tries();
    test_error_without_errno();
    test_headers();
    test_body();
    test_overflow();
    return check_end("encode");
}
