/* SPDX-License-Identifier: MIT */
/* Records and responses: birth, growth and death (the leaks are ASan's). */
#include "base/msg.h"
#include "check.h"
#include "model/record.h"

static void test_empty(void)
{
    struct request *request = (void *)&(int){0};
    struct record record;

    memset(&record, 0xff, sizeof record);
    record_init(&record, request);
    CHECK(record.request == request);
    CHECK(!record.ok);
    CHECK(record.final_url == NULL);
    CHECK(record.redirect_count == 0 && record.redirects == NULL);
    CHECK(record.try_count == 0 && record.tries == NULL);
    CHECK(record.error.error_class == CLASS_NONE);
    CHECK(record.response.evidence.status == 0);
    CHECK(record.response.evidence.length == -1);
    record_release(&record);
    record_release(&record); /* twice is harmless */
    CHECK(record.request == request);
}

static void test_redirects(void)
{
    struct record record;
    unsigned bad = 0;

    record_init(&record, NULL);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 33; i++) {
            char url[32];

            snprintf(url, sizeof url, "http://a/%d", i);
            record_add_redirect_take(&record, 300 + i, xstrdup(url));
        }
        CHECK(record.redirect_count == 33);
        for (int i = 0; i < 33; i++) {
            char url[32];

            snprintf(url, sizeof url, "http://a/%d", i);
            bad += record.redirects[i].status != 300 + i ||
                   strcmp(record.redirects[i].url, url) != 0;
        }
        CHECK(bad == 0);
        if (round == 0) {
            record_clear_redirects(&record);
            CHECK(record.redirect_count == 0 && record.redirects == NULL);
        }
    }
    record_release(&record);
    CHECK(record.redirect_count == 0);
}

static void test_tries(void)
{
    struct record record;
    unsigned bad = 0;

    record_init(&record, NULL);
    for (int i = 0; i < 17; i++)
        record_add_try(&record, &(struct record_try){.status = i, .at = i});
    CHECK(record.try_count == 17);
    for (int i = 0; i < 17; i++)
        bad += record.tries[i].status != i;
    CHECK(bad == 0);
    /* A stream may be taken up without end: its record stays bounded. */
    for (int i = 17; i < RECORD_TRIES_MAX + 5; i++)
        record_add_try(&record, &(struct record_try){.status = i, .at = i});
    CHECK(record.try_count == RECORD_TRIES_MAX);
    CHECK(record.tries[0].status == 5);
    CHECK(record.tries[RECORD_TRIES_MAX - 1].status == RECORD_TRIES_MAX + 4);
    record_release(&record);
    CHECK(record.try_count == 0);
}

static void test_response(void)
{
    struct response response;

    response_init(&response);
    response.content_type = xstrdup("text/plain");
    response.location = xstrdup("/");
    response.retry_after = xstrdup("1");
    buf_init(&response.headers, 100);
    buf_add_str(&response.headers, "A: b\r\n");
    buf_init(&response.body, 100);
    buf_add_str(&response.body, "hello");
    response.size = 5;
    response_release(&response);
    CHECK(response.content_type == NULL);
    CHECK(response.location == NULL);
    CHECK(response.retry_after == NULL);
    CHECK(response.headers.len == 0 && response.body.len == 0);
    CHECK(response.size == 0);
    CHECK(response.evidence.length == -1);
}

static void test_notes(void)
{
    CHECK_STR(record_note_name(NOTE_AMBIGUOUS_FRAMING), "ambiguous_framing");
    CHECK_STR(record_note_name(NOTE_LENGTH_UNKNOWN), "length_unknown");
    CHECK_STR(record_note_name(NOTE_UNASKED_RANGE), "unasked_range");
    CHECK_STR(record_note_name((enum record_note)(1 << 30)), "unknown");
}

int main(void)
{
    test_empty();
    test_redirects();
    test_tries();
    test_response();
    test_notes();
    return check_end("record");
}
