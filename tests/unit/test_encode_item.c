/* SPDX-License-Identifier: MIT */
/* Items of a stream to their lines. */
#include "policy/encode_item.h"

#include "base/json.h"
#include "check.h"

#include <stdint.h>

static struct request request; /* all zero but what a test sets */

static struct split_item line_item(const char *text, size_t len)
{
    return (struct split_item){.kind = SPLIT_LINES, .text = text, .len = len};
}

static struct split_item event_item(const char *data, size_t len)
{
    return (struct split_item){.kind = SPLIT_SSE,
                               .text = data,
                               .len = len,
                               .id = "",
                               .event = "message",
                               .event_len = 7,
                               .retry_ms = -1};
}

/* The item's line is one valid JSON text and a newline, and is this. */
static void check(const struct split_item *item, const char *want)
{
    struct buf out;

    buf_init(&out, 4096);
    CHECK(encode_item(&request, item, &out) == 0);
    CHECK(json_scan_value(out.data, out.len - 1, NULL) == 0);
    CHECK(strchr(out.data, '\n') == out.data + out.len - 1);
    CHECK_STR(out.data, want);
    buf_release(&out);
}

static void test_line(void)
{
    struct split_item item = line_item("", 0);

    check(&item, "{\"index\":0,\"seq\":0,\"text\":\"\",\"encoding\":\"utf-8\"}"
                 "\n");
    item = line_item("\xc3\xa9\t\0\"\x1b\xc2\x9b", 8);
    check(&item, "{\"index\":0,\"seq\":0,\"text\":\"\xc3\xa9\\t\\u0000\\\""
                 "\\u001b\\u009b\",\"encoding\":\"utf-8\"}\n");
    item = line_item("ok\xff", 3);
    check(&item, "{\"index\":0,\"seq\":0,\"text\":\"b2v/\","
                 "\"encoding\":\"base64\"}\n");
}

static void test_numbers_and_id(void)
{
    struct split_item item = line_item("x", 1);

    request.index = 12;
    request.id = (char *)(void *)"{\"n\": 12345678901234567890}";
    item.seq = UINT64_MAX;
    check(&item, "{\"index\":12,\"id\":{\"n\": 12345678901234567890},"
                 "\"seq\":18446744073709551615,\"text\":\"x\","
                 "\"encoding\":\"utf-8\"}\n");
    request = (struct request){0};
}

static void test_event(void)
{
    struct split_item item = event_item("", 0);

    check(&item, "{\"index\":0,\"seq\":0,\"event\":{\"id\":\"\",\"event\":"
                 "\"message\",\"data\":\"\",\"retry\":null}}\n");
    item = event_item("a\n\xff\0", 4);
    item.id = "\xff\x1b";
    item.id_len = 2;
    item.event = "\"";
    item.event_len = 1;
    item.retry_ms = INT64_MAX;
    check(&item, "{\"index\":0,\"seq\":0,\"event\":{\"id\":\"\xef\xbf\xbd"
                 "\\u001b\",\"event\":\"\\\"\",\"data\":\"a\\n\xef\xbf\xbd"
                 "\\u0000\",\"retry\":9223372036854775807}}\n");
    item = event_item("a", 1);
    item.retry_ms = 0;
    check(&item, "{\"index\":0,\"seq\":0,\"event\":{\"id\":\"\",\"event\":"
                 "\"message\",\"data\":\"a\",\"retry\":0}}\n");
}

/* As it was written, on one line, and safe on a terminal. */
static void test_value(void)
{
    static const char text[] = "{\n\t\"a\" : 1.0e+2,\r\n\"\x7f\xc2\x9b\": "
                               "[\"\xe2\x80\xae\", 1, 1]}";
    struct split_item item = {
        .kind = SPLIT_JSON, .text = text, .len = sizeof text - 1};

    check(&item, "{\"index\":0,\"seq\":0,\"value\":{  \"a\" : 1.0e+2,  \""
                 "\\u007f\\u009b\": [\"\\u202e\", 1, 1]}}\n");
    item.text = "null";
    item.len = 4;
    check(&item, "{\"index\":0,\"seq\":0,\"value\":null}\n");
}

/* However little room there is: all of the line or nothing of it. */
static void test_overflow(void)
{
    struct split_item item = event_item("\xff\xff", 2);
    unsigned bad = 0;
    size_t need;
    struct buf out;

    buf_init(&out, 4096);
    CHECK(encode_item(&request, &item, &out) == 0);
    need = out.len;
    buf_release(&out);
    for (size_t room = 0; room <= need; room++) {
        int want = room < need ? -1 : 0;

        buf_init(&out, room + 4);
        buf_add_str(&out, "old\n");
        bad += encode_item(&request, &item, &out) != want || out.over;
        bad += out.len != (want < 0 ? 4 : need + 4);
        bad += out.data[out.len] != '\0' || strncmp(out.data, "old\n", 4) != 0;
        buf_release(&out);
    }
    CHECK(bad == 0);
    buf_init(&out, 0);
    CHECK(encode_item(&request, &item, &out) == -1 && !out.over);
}

int main(void)
{
    test_line();
    test_numbers_and_id();
    test_event();
    test_value();
    test_overflow();
    return check_end("encode_item");
}
