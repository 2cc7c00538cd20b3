/* SPDX-License-Identifier: MIT */
/*
 * Properties of the splitters: random bytes give the same items and the same
 * fault whatever the pieces; bodies made of known items give just these.
 */
#include "scrape/split.h"

#include "base/rng.h"
#include "check.h"
#include "split_log.h"

#define BODIES 3000

static unsigned below(struct rng *rng, unsigned limit)
{
    return (unsigned)(rng_next(rng) % limit);
}

static const char *one_of(struct rng *rng, const char *const *words,
                          unsigned count)
{
    return words[below(rng, count)];
}

#define ONE_OF(RNG, WORDS)                                                     \
    one_of(RNG, WORDS, (unsigned)(sizeof(WORDS) / sizeof *(WORDS)))

/* Feeds the body; most: of the bytes of a piece, 0: all at once. */
static void split_body(struct split_log *log, enum split_kind kind, size_t max,
                       const struct buf *body, struct rng *rng, unsigned most)
{
    struct split *split = split_new(kind, max);
    size_t at = 0;

    log_init(log);
    log->pauses = most > 0 && below(rng, 2) == 0;
    while (at < body->len) {
        size_t len = most > 0 ? below(rng, most + 1) : body->len;

        if (len > body->len - at)
            len = body->len - at;
        log_feed(log, split, body->data + at, len);
        at += len;
    }
    log_end(log, split);
    if (kind == SPLIT_SSE)
        buf_addf(&log->text, " %" PRIi64, split_retry_ms(split));
    log_bytes(log, split_last_event_id(split),
              strlen(split_last_event_id(split)));
    split_free(split);
}

/* The same log, whatever the pieces. */
static void check_pieces(enum split_kind kind, const struct buf *body,
                         struct rng *rng)
{
    size_t max = below(rng, 4) == 0 ? 1 + below(rng, 40) : 1000;
    struct split_log whole, parts;
    unsigned bad = 0;

    split_body(&whole, kind, max, body, rng, 0);
    for (unsigned most = 1; most < 200; most *= 3) {
        split_body(&parts, kind, max, body, rng, most);
        if (whole.text.len != parts.text.len ||
            (whole.text.len > 0 &&
             memcmp(whole.text.data, parts.text.data, whole.text.len) != 0)) {
            bad++;
            printf("whole %s\nparts %s\n", whole.text.data, parts.text.data);
        }
        buf_release(&parts.text);
    }
    CHECK(bad == 0);
    buf_release(&whole.text);
}

/* Bytes of the kind's own grammar, in no order. */
static void random_body(struct buf *body, enum split_kind kind, struct rng *rng)
{
    static const char *const bits[][16] = {
        [SPLIT_LINES] = {"\n", "\n", "\r", "\r\n", "a", "bc", "\n\r", "d", "e",
                         "f", "\xEF\xBB\xBF", "\t", "g", "", "h", "i"},
        [SPLIT_SSE] = {"\n", "\r", "\r\n", "\n\n", "\r\n\r\n", ":", " ", "id",
                       "data", "data:", "data: x", "event: y", "id: 1",
                       "retry: 12", "\xEF\xBB\xBF", "\xEF\xBB"},
        [SPLIT_JSON] = {"{}", "[", "]", "{\"a\":", "}", "\"", "\\", " ", "\n",
                        "\x1e", "12", "true", "\"b\"", "[1]", "null ",
                        "\xEF\xBB\xBF"},
    };
    unsigned count = below(rng, 60);

    while (count-- > 0) {
        if (below(rng, 60) == 0)
            buf_add_char(body, (char)below(rng, 256));
        else
            buf_add_str(body, ONE_OF(rng, bits[kind]));
    }
}

static void test_pieces(struct rng *rng)
{
    for (unsigned i = 0; i < BODIES; i++) {
        enum split_kind kind = (enum split_kind)(i % 3);
        struct buf body;

        buf_init(&body, 65536);
        random_body(&body, kind, rng);
        check_pieces(kind, &body, rng);
        buf_release(&body);
    }
}

/* A valid value, at most so deep. */
static void add_value(struct buf *body, struct rng *rng, unsigned depth)
{
    static const char *const leaves[] = {
        "0",       "-1.5e+3",      "true",
        "false",   "null",         "\"\"",
        "\"a b\"", "\"\\\"\"",     "\"\\\\\"",
        "\"]}\"",  "\"{[\"",       "\"\\n,:\"",
        "12345",   "\"\xc3\xa9\"", "\"\\ud83d\\ude00\""};
    static const char *const spaces[] = {"", "", "", " ", "\n", "\r\n\t"};
    unsigned count = depth > 0 ? below(rng, 4) : 0;
    bool object = below(rng, 2) == 0;

    if (depth == 0 || below(rng, 3) == 0) {
        buf_add_str(body, ONE_OF(rng, leaves));
        return;
    }
    buf_add_char(body, object ? '{' : '[');
    for (unsigned i = 0; i < count; i++) {
        buf_add_str(body, i > 0 ? "," : "");
        buf_add_str(body, ONE_OF(rng, spaces));
        buf_add_str(body, object ? "\"k}\" :" : "");
        add_value(body, rng, depth - 1);
        buf_add_str(body, ONE_OF(rng, spaces));
    }
    buf_add_char(body, object ? '}' : ']');
}

/* The log is what was wanted; then the body, mutated, however cut. */
static void check_known(enum split_kind kind, struct buf *body,
                        struct split_log *want, struct rng *rng)
{
    struct split_log got;

    split_body(&got, kind, 65536, body, rng, 1 + below(rng, 50));
    CHECK_STR(got.text.data, want->text.data);
    buf_release(&got.text);
    if (body->len > 0)
        body->data[below(rng, (unsigned)body->len)] = (char)below(rng, 256);
    check_pieces(kind, body, rng);
}

static void test_values(struct rng *rng)
{
    static const char *const gaps[] = {"\n", " ", "\r\n", "\n\x1e", "\t\n "};

    for (unsigned i = 0; i < BODIES / 3; i++) {
        unsigned count = 1 + below(rng, 6);
        struct split_log want;
        struct buf body;

        log_init(&want);
        buf_init(&body, 65536);
        for (unsigned seq = 0; seq < count; seq++) {
            size_t start = body.len;

            add_value(&body, rng, 3);
            log_item(&want, &(struct split_item){.kind = SPLIT_JSON,
                                                 .seq = seq,
                                                 .text = body.data + start,
                                                 .len = body.len - start});
            buf_add_str(&body, ONE_OF(rng, gaps));
        }
        check_known(SPLIT_JSON, &body, &want, rng);
        buf_release(&body);
        buf_release(&want.text);
    }
}

/* What an event source knows while the events are written. */
struct source {
    char id[8];
    int64_t retry_ms;
};

static void add_field(struct buf *body, struct rng *rng, const char *name,
                      const char *value)
{
    static const char *const ends[] = {"\n", "\r", "\r\n"};
    static const char *const noise[] = {"",        "",       "",         ":\n",
                                        ": x\r\n", "y: z\r", "Data: 1\n"};

    buf_add_str(body, ONE_OF(rng, noise));
    buf_addf(body, "%s%s%s%s", name, *name != '\0' ? ":" : "",
             *name != '\0' && (*value == ' ' || below(rng, 2) == 0) ? " " : "",
             value);
    buf_add_str(body, ONE_OF(rng, ends));
}

/* An event's data lines; what they say is added to data. */
static void add_data(struct buf *body, struct rng *rng, struct buf *data)
{
    static const char *const texts[] = {"", "a", " b", ":c", "d: e", "\xff"};
    unsigned count = 1 + below(rng, 3);

    for (unsigned i = 0; i < count; i++) {
        const char *text = ONE_OF(rng, texts);

        add_field(body, rng, "data", text);
        buf_add_str(data, i > 0 ? "\n" : "");
        buf_add_str(data, text);
    }
}

static void add_event(struct buf *body, struct rng *rng, struct source *source,
                      unsigned seq, struct split_log *want)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    const char *event = below(rng, 2) == 0 ? "message" : "tick";
    struct buf data;

    buf_init(&data, 4096);
    if (below(rng, 3) == 0) {
        snprintf(source->id, sizeof source->id, "%u", below(rng, 1000));
        add_field(body, rng, "id", source->id);
    }
    if (strcmp(event, "message") != 0)
        add_field(body, rng, "event", event);
    add_data(body, rng, &data);
    if (below(rng, 4) == 0) {
        char digits[16];

        source->retry_ms = below(rng, 5000);
        snprintf(digits, sizeof digits, "%" PRIi64, source->retry_ms);
        add_field(body, rng, "retry", digits);
    }
    /* A CR is no end of its own before an LF. */
    buf_add_str(body, body->data[body->len - 1] == '\r'
                          ? ends[1 + below(rng, 2)]
                          : ONE_OF(rng, ends));
    log_item(want, &(struct split_item){.kind = SPLIT_SSE,
                                        .seq = seq,
                                        .text = data.len > 0 ? data.data : "",
                                        .len = data.len,
                                        .id = source->id,
                                        .id_len = strlen(source->id),
                                        .event = event,
                                        .event_len = strlen(event),
                                        .retry_ms = source->retry_ms});
    buf_release(&data);
}

static void test_events(struct rng *rng)
{
    for (unsigned i = 0; i < BODIES / 3; i++) {
        unsigned count = below(rng, 6);
        struct source source = {.id = "", .retry_ms = -1};
        struct split_log want;
        struct buf body;

        log_init(&want);
        buf_init(&body, 65536);
        buf_add_str(&body, below(rng, 2) == 0 ? "\xEF\xBB\xBF" : "");
        for (unsigned seq = 0; seq < count; seq++)
            add_event(&body, rng, &source, seq, &want);
        buf_addf(&want.text, " %" PRIi64 "%s", source.retry_ms, source.id);
        check_known(SPLIT_SSE, &body, &want, rng);
        buf_release(&body);
        buf_release(&want.text);
    }
}

int main(void)
{
    struct rng rng;

    rng_seed(&rng, 20);
    test_pieces(&rng);
    test_values(&rng);
    test_events(&rng);
    return check_end("split_random");
}
