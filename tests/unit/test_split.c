/* SPDX-License-Identifier: MIT */
/* Bodies split into lines, server-sent events and JSON values: what comes out,
 * in one piece, cut in two at every byte, byte by byte, and with pauses. */
#include "scrape/split.h"

#include "check.h"
#include "split_log.h"

#include <stdint.h>

#define MAX 1000

/* A body and the log of its items. */
struct sample {
    const char *body;
    size_t len;
    const char *want;
    size_t max; /* item_max; 0: MAX */
};

#define BODY(TEXT) .body = TEXT, .len = sizeof(TEXT) - 1

static const struct sample lines[] = {
    {BODY(""), ""},
    {BODY("\n"), "[0 ]"},
    {BODY("a"), "[0 a]"},
    {BODY("a\n"), "[0 a]"},
    {BODY("a\r\n"), "[0 a]"},
    {BODY("a\n\nb"), "[0 a][1 ][2 b]"},
    {BODY("a\r\n\r\nb\r\n"), "[0 a][1 ][2 b]"},
    /* a CR alone ends nothing */
    {BODY("a\rb\n"), "[0 a\\x0Db]"},
    {BODY("a\r\r\n"), "[0 a\\x0D]"},
    {BODY("a\r"), "[0 a\\x0D]"},
    {BODY("\r"), "[0 \\x0D]"},
    /* any bytes */
    {BODY("\xEF\xBB\xBFn\0l\n\xff\xfe\n"),
     "[0 \\xEF\\xBB\\xBFn\\x00l][1 \\xFF\\xFE]"},
    /* the limit is on the text alone */
    {BODY("abc\nabc\r\nabc"), "[0 abc][1 abc][2 abc]", 3},
    {BODY("abc\nabcd\nabc"), "[0 abc]!the line of seq 1 is larger than 3 bytes",
     3},
    {BODY("abcd"), "!the line of seq 0 is larger than 3 bytes", 3},
    {BODY("abcd\r\n"), "!the line of seq 0 is larger than 3 bytes", 3},
    {BODY("abcdef\n"), "!the line of seq 0 is larger than 3 bytes", 3},
    {BODY("abc\r"), "!the line of seq 0 is larger than 3 bytes", 3},
    {BODY("abc\rd\n"), "!the line of seq 0 is larger than 3 bytes", 3},
    {BODY("abc\r\r\n"), "!the line of seq 0 is larger than 3 bytes", 3},
    {BODY("a\nabcdefghijklmnopqrstuvwxyz\nb\n"),
     "[0 a]!the line of seq 1 is larger than 3 bytes", 3},
};

static const struct sample events[] = {
    {BODY(""), ""},
    {BODY("\n\n\n"), ""},
    /* several data lines are one text */
    {BODY("data: one\ndata: two\ndata: three\n\n"),
     "[0 |message|-1|one\\x0Atwo\\x0Athree]"},
    /* a comment, ids, an id taken back, an event that never ends */
    {BODY(": hello\n\ndata: first\nid: 7\n\ndata:second\nid\n\n"
          "data:  third\n\ndata: lost\n"),
     "[0 7|message|-1|first][1 |message|-1|second][2 |message|-1| third]"},
    /* data fields without a value are lines nevertheless */
    {BODY("data\n\ndata\ndata\n\ndata:"),
     "[0 |message|-1|][1 |message|-1|\\x0A]"},
    {BODY("data:\n\ndata: \n\n"), "[0 |message|-1|][1 |message|-1|]"},
    /* one blank behind the colon means nothing, a tab and more do */
    {BODY("data:x\n\ndata: x\n\ndata:  x\n\ndata:\tx\n\n"),
     "[0 |message|-1|x][1 |message|-1|x][2 |message|-1| x]"
     "[3 |message|-1|\\x09x]"},
    /* types, forgotten with each event */
    {BODY("event: add\ndata: 1\n\nevent: remove\ndata: 2\n\ndata: 3\n\n"),
     "[0 |add|-1|1][1 |remove|-1|2][2 |message|-1|3]"},
    {BODY("event: a\nevent: b\ndata: 1\n\nevent: a\nevent\ndata: 2\n\n"),
     "[0 |b|-1|1][1 |message|-1|2]"},
    /* no data, no event; its type is forgotten, its id is not */
    {BODY("event: x\nid: 5\n\ndata: 1\n\n"), "[0 5|message|-1|1]"},
    /* the line ends, mixed */
    {BODY("data: a\r\n\r\ndata: b\r\rdata: c\n\ndata: d\r\n\ndata: e\n\r\n"),
     "[0 |message|-1|a][1 |message|-1|b][2 |message|-1|c][3 |message|-1|d]"
     "[4 |message|-1|e]"},
    {BODY("data: a\rdata: b\r\ndata: c\n\r"), "[0 |message|-1|a\\x0Ab\\x0Ac]"},
    {BODY("data: a\r\n\r"), "[0 |message|-1|a]"},
    /* CRLF is one end: this event is not over */
    {BODY("data: a\r\n"), ""},
    {BODY("data: a\n\ndata: b"), "[0 |message|-1|a]"},
    /* comments */
    {BODY(":\n:\r\ndata: a\n: x\ndata: b\n:data: c\n\n:"),
     "[0 |message|-1|a\\x0Ab]"},
    {BODY(" :no comment\n data: a\ndata: b\n\n"), "[0 |message|-1|b]"},
    /* names are exact */
    {BODY("Data: a\ndata : b\ndat: c\ndatas: d\nfoo\n: \ndata: e\n\n"),
     "[0 |message|-1|e]"},
    {BODY("data: a:b: c\nid: x:y\n\n"), "[0 x:y|message|-1|a:b: c]"},
    /* the byte order mark, once, at the start */
    {BODY("\xEF\xBB\xBF"
          "data: a\n\n"),
     "[0 |message|-1|a]"},
    {BODY("\xEF\xBB\xBF\xEF\xBB\xBF"
          "data: a\n\ndata: b\n\n"),
     "[0 |message|-1|b]"},
    {BODY("\xEF\xBB"
          "data: a\ndata: b\n\n"),
     "[0 |message|-1|b]"},
    {BODY("\xEF\xBB"), ""},
    {BODY("data: a\n\n\xEF\xBB\xBF"
          "data: b\n\n"),
     "[0 |message|-1|a]"},
    /* ids: NUL makes one void, the last one counts */
    {BODY("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid: 3\nid: 4\ndata: c\n\n"),
     "[0 1|message|-1|a][1 1|message|-1|b][2 4|message|-1|c]"},
    {BODY("data: n\0l\n\n"), "[0 |message|-1|n\\x00l]"},
    /* retry: digits alone, at once and for good */
    {BODY("retry: 10\n\ndata: a\n\ndata: b\nretry: 20\n\n"),
     "[0 |message|10|a][1 |message|20|b]"},
    {BODY("retry: 10\nretry: 1x\nretry: -1\nretry\nretry: \nretry:  5\n"
          "retry: 1.5\nretry: +3\ndata: a\n\n"),
     "[0 |message|10|a]"},
    {BODY("retry: 007\ndata: a\n\n"), "[0 |message|7|a]"},
    {BODY("retry: 9223372036854775806\ndata: a\n\nretry: "
          "9223372036854775807\ndata: b\n\n"),
     "[0 |message|9223372036854775806|a][1 |message|9223372036854775807|b]"},
    {BODY("retry: 9223372036854775808\ndata: a\n\nretry: "
          "99999999999999999999999\ndata: b\n\n"),
     "[0 |message|9223372036854775807|a][1 |message|9223372036854775807|b]"},
    {BODY("data: \xff\xC3\xA9\n\n"), "[0 |message|-1|\\xFF\\xC3\\xA9]"},
    /* the limit */
    {BODY("data: 4\n\ndata: 4\n\n"), "[0 |message|-1|4][1 |message|-1|4]", 7},
    {BODY("data: 4\n\ndata: 45\n\n"),
     "[0 |message|-1|4]!the event of seq 1 is larger than 7 bytes", 7},
    {BODY("data: 1\ndata: 2\n\n"), "!the event of seq 0 is larger than 7 bytes",
     7},
    {BODY("id: abcd\n\ndata: 1\n\n"),
     "!the event of seq 0 is larger than 10 bytes", 10},
    {BODY("event: x\ndata: 1\n\nevent: x\ndata: 1\n\n"),
     "[0 |x|-1|1][1 |x|-1|1]", 8},
    {BODY("a long unknown line"), "!the event of seq 0 is larger than 7 bytes",
     7},
    {BODY(": a comment as long as it likes\ndata: 1\n\n"), "[0 |message|-1|1]",
     7},
};

static const struct sample values[] = {
    {BODY(""), ""},
    {BODY(" \r\n\t"), ""},
    /* JSON Lines */
    {BODY("{\"a\":1}\n{\"a\":[2,{}]}\r\n\n[]\n\"x\"\n"),
     "[0 {\"a\":1}][1 {\"a\":[2,{}]}][2 []][3 \"x\"]"},
    {BODY("1\n-2.5e3\ntrue\nfalse\nnull\n0"),
     "[0 1][1 -2.5e3][2 true][3 false][4 null][5 0]"},
    /* one behind the other */
    {BODY("{}{}[][1]\"a\"\"b\"1\"c\"true{}null[0]"),
     "[0 {}][1 {}][2 []][3 [1]][4 \"a\"][5 \"b\"][6 1][7 \"c\"][8 true]"
     "[9 {}][10 null][11 [0]]"},
    /* an array is one value */
    {BODY("[1, 2,\n {\"a\": [3]}]"), "[0 [1, 2,\\x0A {\"a\": [3]}]]"},
    /* brackets and quotes in strings */
    {BODY("{\"}\":\"]\\\"}\"}[\"\\\\\"]\"\\\\\\\"\"\"[\""),
     "[0 {\"}\":\"]\\\"}\"}][1 [\"\\\\\"]][2 \"\\\\\\\"\"][3 \"[\"]"},
    /* RFC 7464 */
    {BODY("\x1e{}\n\x1e[1]\n\x1e"
          "12\n\x1e\x1e\x1enull \x1e\"a\"\x1e{}"),
     "[0 {}][1 [1]][2 12][3 null][4 \"a\"][5 {}]"},
    {BODY("\x1e"
          "1\n\x1e"
          "12\x1e"
          "3\n"),
     "[0 1]!the value of seq 1, from byte 5 of the body: maybe cut short: no "
     "white space behind it"},
    {BODY("\x1e"
          "12"),
     "!the value of seq 0, from byte 2 of the body: maybe cut short: no white "
     "space behind it"},
    {BODY("12\x1e"), "[0 12]"},
    {BODY("\x1e{\"a\":\x1e{}\n"),
     "!the value of seq 0, from byte 2 of the body: expected a value at byte "
     "6"},
    /* the byte order mark */
    {BODY("\xEF\xBB\xBF{}"), "[0 {}]"},
    {BODY("\xEF\xBB\xBF"), ""},
    {BODY("\xEF\xBB{}"),
     "!the value of seq 0, from byte 1 of the body: expected a value at byte "
     "1"},
    {BODY("\xEF"),
     "!the value of seq 0, from byte 1 of the body: expected a value at byte "
     "1"},
    {BODY("{}\xEF\xBB\xBF{}"),
     "[0 {}]!the value of seq 1, from byte 3 of the body: expected a value at "
     "byte 1"},
    /* no JSON */
    {BODY("<html>"), "!the value of seq 0, from byte 1 of the body: expected "
                     "a value at byte 1"},
    {BODY("{} ,{}"), "[0 {}]!the value of seq 1, from byte 4 of the body: "
                     "expected a value at byte 1"},
    {BODY("\0"), "!the value of seq 0, from byte 1 of the body: expected a "
                 "value at byte 1"},
    {BODY("]"), "!the value of seq 0, from byte 1 of the body: expected a "
                "value at byte 1"},
    {BODY("1 2,3 4"), "[0 1]!the value of seq 1, from byte 3 of the body: "
                      "something behind the end of the value at byte 2"},
    {BODY("truefalse"), "!the value of seq 0, from byte 1 of the body: "
                        "something behind the end of the value at byte 5"},
    {BODY("01 "), "!the value of seq 0, from byte 1 of the body: a digit "
                  "behind a leading zero at byte 2"},
    {BODY("[}{]"), "!the value of seq 0, from byte 1 of the body: expected a "
                   "value at byte 2"},
    {BODY("{\"a\":1,}\n{}"), "!the value of seq 0, from byte 1 of the body: "
                             "expected a string at byte 8"},
    {BODY("[\"\xff\"]"), "!the value of seq 0, from byte 1 of the body: "
                         "invalid UTF-8 at byte 3"},
    {BODY("\"\\ud800\""), "!the value of seq 0, from byte 1 of the body: a "
                          "bad \\u escape at byte 2"},
    /* said before its end, which may be far */
    {BODY("{}\n{\"a\": \"b\n{\"a\": 1}\n"),
     "[0 {}]!the value of seq 1, from byte 4 of the body: a raw control byte "
     "in a string at byte 9"},
    {BODY("[1,\x01"), "!the value of seq 0, from byte 1 of the body: "
                      "expected a value at byte 4"},
    /* the end too soon */
    {BODY("{}{\"a\":["),
     "[0 {}]!the value of seq 1, from byte 3 of the body: expected a value, "
     "but the text ends at byte 6"},
    {BODY("\"abc"), "!the value of seq 0, from byte 1 of the body: a string "
                    "without its closing quote at byte 5"},
    {BODY("tru"), "!the value of seq 0, from byte 1 of the body: expected a "
                  "value at byte 1"},
    /* the limit */
    {BODY("[123] 12345\"123\""), "[0 [123]][1 12345][2 \"123\"]", 5},
    {BODY("[123] [1234]"),
     "[0 [123]]!the value of seq 1 is larger than 5 bytes", 5},
    {BODY("123456 "), "!the value of seq 0 is larger than 5 bytes", 5},
    {BODY("\"12345"), "!the value of seq 0 is larger than 5 bytes", 5},
    {BODY("     \n      1"), "[0 1]", 5},
};

/* The body, cut before the bytes at a and b. */
static void check_cut(enum split_kind kind, const struct sample *sample,
                      size_t a, size_t b, bool pauses)
{
    struct split *split = split_new(kind, sample->max > 0 ? sample->max : MAX);
    struct split_log log;

    log_init(&log);
    log.pauses = pauses;
    log_feed(&log, split, sample->body, a);
    log_feed(&log, split, sample->body + a, b - a);
    log_feed(&log, split, sample->body + b, sample->len - b);
    CHECK_STR(log_end(&log, split), sample->want);
    split_free(split);
    buf_release(&log.text);
}

static void check_bytes(enum split_kind kind, const struct sample *sample)
{
    struct split *split = split_new(kind, sample->max > 0 ? sample->max : MAX);
    struct split_log log;

    log_init(&log);
    for (size_t i = 0; i < sample->len; i++)
        log_feed(&log, split, sample->body + i, 1);
    CHECK_STR(log_end(&log, split), sample->want);
    split_free(split);
    buf_release(&log.text);
}

static void check_samples(enum split_kind kind, const struct sample *samples,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &samples[i];

        check_bytes(kind, sample);
        check_cut(kind, sample, 0, 0, true);
        for (size_t a = 0; a <= sample->len; a++)
            check_cut(kind, sample, a, a, a % 2 != 0);
        for (size_t a = 1; a < sample->len; a++)
            check_cut(kind, sample, a, a + (sample->len - a) / 2, false);
    }
}

/* An item comes with its last byte, not with the one behind it. */
static void test_promptness(void)
{
    static const struct {
        enum split_kind kind;
        const char *bytes, *want;
    } rows[] = {
        {SPLIT_LINES, "a\n", "[0 a]"},
        {SPLIT_SSE, "data: a\r\r", "[0 |message|-1|a]"},
        {SPLIT_SSE, "data: a\n\n", "[0 |message|-1|a]"},
        {SPLIT_JSON, "{}", "[0 {}]"},
        {SPLIT_JSON, "\"a\"", "[0 \"a\"]"},
        {SPLIT_JSON, "12\n", "[0 12]"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct split *split = split_new(rows[i].kind, MAX);
        struct split_log log;

        log_init(&log);
        log_feed(&log, split, rows[i].bytes, strlen(rows[i].bytes));
        CHECK_STR(log.text.data, rows[i].want);
        split_free(split);
        buf_release(&log.text);
    }
}

/* What can be no value is said at once, not at the end of a long body. */
static void test_prompt_faults(void)
{
    static const char *const rows[] = {"<", "\"a\n", "[\"\x1f", "[1,\x1e",
                                       "{\x01"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct split *split = split_new(SPLIT_JSON, MAX);
        struct split_log log;

        log_init(&log);
        log_feed(&log, split, rows[i], strlen(rows[i]));
        CHECK(split_fault(split, NULL) == SPLIT_BAD_JSON);
        split_free(split);
        buf_release(&log.text);
    }
}

/* What a paused feed took, and that the rest can follow. */
static void test_pause(void)
{
    static const char body[] = "a\nbc\nd";
    struct split *split = split_new(SPLIT_LINES, MAX);
    struct split_log log;

    log_init(&log);
    log.pauses = true;
    CHECK(split_feed(split, body, 6, log_item, &log) == 2);
    CHECK_STR(log.text.data, "[0 a]");
    CHECK(split_feed(split, body + 2, 4, log_item, &log) == 3);
    CHECK(split_feed(split, body + 5, 1, log_item, &log) == 1);
    CHECK_STR(log_end(&log, split), "[0 a][1 bc][2 d]");
    split_free(split);
    buf_clear(&log.text);

    /* What ends a number may be the next value's. */
    split = split_new(SPLIT_JSON, MAX);
    CHECK(split_feed(split, "12", 2, log_item, &log) == 2);
    CHECK(split_feed(split, "[]", 2, log_item, &log) == 0);
    CHECK_STR(log.text.data, "[0 12]");
    CHECK(split_feed(split, "[]", 2, log_item, &log) == 2);
    CHECK_STR(log_end(&log, split), "[0 12][1 []]");
    split_free(split);
    buf_release(&log.text);
}

/* After a fault nothing is taken, and the fault does not change. */
static void test_fault_stays(void)
{
    struct split *split = split_new(SPLIT_JSON, MAX);
    struct split_log log;
    struct why why;

    log_init(&log);
    CHECK(split_fault(split, &why) == SPLIT_FINE);
    log_feed(&log, split, "{} ? {}", 7);
    CHECK(split_fault(split, &why) == SPLIT_BAD_JSON);
    CHECK(split_feed(split, "[]", 2, log_item, &log) == 0);
    split_restart(split);
    CHECK(split_feed(split, "[]", 2, log_item, &log) == 0);
    CHECK_STR(log_end(&log, split), "[0 {}]!the value of seq 1, from byte 4 "
                                    "of the body: expected a value at byte 1");
    split_free(split);
    buf_release(&log.text);
    split_free(NULL);

    split = split_new(SPLIT_LINES, 1);
    split_feed(split, "ab", 2, log_item, &log);
    CHECK(split_fault(split, NULL) == SPLIT_TOO_LARGE);
    split_free(split);
}

/* What a reconnection needs; the id counts with the event's blank line. */
static void test_reconnection(void)
{
    struct split *split = split_new(SPLIT_SSE, MAX);
    struct split_log log;

    log_init(&log);
    CHECK_STR(split_last_event_id(split), "");
    CHECK(split_retry_ms(split) == -1);
    log_feed(&log, split, "id: 1\ndata: a\nretry: 5\n", 23);
    CHECK_STR(split_last_event_id(split), "");
    CHECK(split_retry_ms(split) == 5);
    log_feed(&log, split, "\n", 1);
    CHECK_STR(split_last_event_id(split), "1");
    log_feed(&log, split, "id: 2\n\n", 7); /* without data */
    CHECK_STR(split_last_event_id(split), "2");

    log_feed(&log, split, "id: 3\nevent: x\ndata: lost\ndata: l", 32);
    CHECK(split_end(split, log_item, &log) == 0);
    CHECK_STR(split_last_event_id(split), "2");
    split_restart(split);
    CHECK_STR(split_last_event_id(split), "2");
    log_feed(&log, split, "\xEF\xBB\xBF\n\ndata: b\n\nid\n\n", 18);
    CHECK_STR(split_last_event_id(split), "");
    CHECK(split_retry_ms(split) == 5);
    CHECK_STR(log_end(&log, split), "[0 1|message|5|a][1 2|message|5|b]");
    split_free(split);
    buf_release(&log.text);
}

/* In the midst of a comment, and of a CRLF. */
static void test_restart_of_lines_and_values(void)
{
    static const struct {
        enum split_kind kind;
        const char *before, *after, *want;
    } rows[] = {
        {SPLIT_SSE, ": comm", "data: a\n\n", "[0 |message|-1|a]"},
        {SPLIT_SSE, "data: a\r\r", "\ndata: b\n\n",
         "[0 |message|-1|a][1 |message|-1|b]"},
        {SPLIT_SSE, "\xEF\xBB", "data: b\n\n", "[0 |message|-1|b]"},
        {SPLIT_LINES, "a\nb", "c\n", "[0 a][1 c]"},
        {SPLIT_JSON, "1 [\"\\", "{}?",
         "[0 1][1 {}]!the value of seq 2, from byte 3 of the body: expected a "
         "value at byte 1"},
        {SPLIT_JSON, "\x1e", "12", "[0 12]"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct split *split = split_new(rows[i].kind, MAX);
        struct split_log log;

        log_init(&log);
        log_feed(&log, split, rows[i].before, strlen(rows[i].before));
        split_restart(split);
        log_feed(&log, split, rows[i].after, strlen(rows[i].after));
        CHECK_STR(log_end(&log, split), rows[i].want);
        split_free(split);
        buf_release(&log.text);
    }
}

int main(void)
{
    check_samples(SPLIT_LINES, lines, sizeof lines / sizeof *lines);
    check_samples(SPLIT_SSE, events, sizeof events / sizeof *events);
    check_samples(SPLIT_JSON, values, sizeof values / sizeof *values);
    test_promptness();
    test_prompt_faults();
    test_pause();
    test_fault_stays();
    test_reconnection();
    test_restart_of_lines_and_values();
    return check_end("split");
}
