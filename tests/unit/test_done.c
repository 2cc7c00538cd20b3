/* SPDX-License-Identifier: MIT */
/* policy/done: lines of the real encoder, lines that try to mislead it. */
#include "policy/done.h"

#include "base/json.h"
#include "check.h"
#include "model/record.h"
#include "policy/encode.h"
#include "policy/fields.h"

#include <stdlib.h>

#define KEY "00112233445566778899aabbccddeeff"

static const struct settings settings;

static struct why why;

static enum done_kind kind_of(const char *line, bool retry_failed)
{
    struct done_reader *reader = done_reader_new(retry_failed);
    struct done_line found;
    enum done_kind kind = done_read(reader, line, strlen(line), &found, &why);

    done_reader_free(reader);
    return kind;
}

/* A record of the request, by the encoder, its "\n" taken off. */
static void encode(struct buf *out, const struct request *request, bool ok,
                   enum error_class error_class)
{
    struct record record;

    record_init(&record, request);
    record.ok = ok;
    record.error.error_class = error_class;
    buf_clear(out);
    CHECK(encode_record(&record,
                        fields_default() | FIELD_BIT(FIELD_REQUEST) |
                            FIELD_BIT(FIELD_BODY),
                        out) == 0);
    out->data[--out->len] = '\0';
    record_release(&record);
}

static void test_encoder(void)
{
    static const struct {
        bool ok;
        enum error_class error_class;
        enum done_kind kind, strict;
    } rows[] = {
        {true, CLASS_NONE, DONE_YES, DONE_YES},
        {false, CLASS_HTTP, DONE_YES, DONE_NO},
        {false, CLASS_INPUT, DONE_YES, DONE_NO},
        {true, CLASS_TIMEOUT, DONE_YES, DONE_YES},
        {false, CLASS_CANCELLED, DONE_NO, DONE_NO},
        {true, CLASS_CANCELLED, DONE_NO, DONE_NO},
    };
    struct request *request = request_new(&settings);
    struct buf line;

    buf_init(&line, SIZE_MAX);
    request->asked = xstrdup("http://127.0.0.1/\"},\"ok\":false");
    request->url = xstrdup(request->asked);
    request->id = xstrdup("{\"ok\":false,\"error\":{\"class\":\"cancelled\"}}");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        encode(&line, request, rows[i].ok, rows[i].error_class);
        CHECK(kind_of(line.data, false) == rows[i].kind);
        CHECK(kind_of(line.data, true) == rows[i].strict);
        /* Torn anywhere, it is no line. */
        for (size_t len = line.len; len-- > 0;) {
            line.data[len] = '\0';
            CHECK(kind_of(line.data, false) == DONE_BROKEN);
        }
    }
    buf_release(&line);
    request_free(request);
}

/* What was a line of the greatest depth is a level deeper in its record. */
static void test_depth(void)
{
    struct request *request = request_new(&settings);
    char *source = xmalloc(8 * JSON_DEPTH_MAX);
    struct json_member members[JSON_MEMBERS_MAX];
    struct buf line;

    buf_init(&line, SIZE_MAX);
    snprintf(source, 8 * JSON_DEPTH_MAX, "{\"json\":%*s", JSON_DEPTH_MAX - 1,
             "");
    memset(source + 8, '[', JSON_DEPTH_MAX - 1);
    memset(source + 8 + JSON_DEPTH_MAX - 1, ']', JSON_DEPTH_MAX - 1);
    memcpy(source + 8 + 2 * (JSON_DEPTH_MAX - 1), "}", 2);
    CHECK(json_scan_object(source, strlen(source), members, &why) == 1);
    request->source = source;
    encode(&line, request, true, CLASS_NONE);
    CHECK(json_scan_object(line.data, line.len, members, &why) == -1);
    CHECK(kind_of(line.data, false) == DONE_YES);
    buf_release(&line);
    request_free(request);
}

static void test_kinds(void)
{
    static const struct {
        const char *line;
        enum done_kind kind;
    } rows[] = {
        {"{\"index\":0,\"key\":\"" KEY "\",\"ok\":true,\"error\":null}",
         DONE_YES},
        /* In another order, with blanks: somebody's jq. */
        {" { \"error\": null, \"ok\": true, \"key\": \"" KEY
         "\", \"index\": 7 } ",
         DONE_YES},
        {"{\"index\":0,\"key\":\"" KEY "\",\"ok\":false,"
         "\"error\":{\"code\":\"x\",\"class\":\"cancelled\"}}",
         DONE_NO},
        {"{\"index\":0,\"key\":\"" KEY "\",\"ok\":false,"
         "\"error\":{\"message\":\"class\\\":\\\"cancelled\",\"class\":\"dns\"}"
         "}",
         DONE_YES},
        /* A dry run sent nothing, whatever its record looks like else. */
        {"{\"index\":0,\"key\":\"" KEY
         "\",\"ok\":true,\"would_send\":{},\"error\":null}",
         DONE_NO},
        {"{\"index\":0,\"id\":1,\"seq\":4,\"value\":{\"ok\":true}}", DONE_ITEM},
        /* A record may have a seq. */
        {"{\"index\":0,\"key\":\"" KEY
         "\",\"seq\":4,\"ok\":true,\"error\":null}",
         DONE_YES},
        {"{\"seq\":4}", DONE_FOREIGN},
        {"{\"url\":\"http://127.0.0.1/\"}", DONE_FOREIGN},
        {"{}", DONE_FOREIGN},
        {"{\"index\":-1,\"key\":\"" KEY "\",\"ok\":true,\"error\":null}",
         DONE_FOREIGN},
        {"{\"index\":0,\"key\":\"" KEY "0\",\"ok\":true,\"error\":null}",
         DONE_FOREIGN},
        {"{\"index\":0,\"key\":\"0011223344556677G899aabbccddeeff\","
         "\"ok\":true,\"error\":null}",
         DONE_FOREIGN},
        {"{\"index\":0,\"key\":\"" KEY "\",\"ok\":1,\"error\":null}",
         DONE_FOREIGN},
        {"{\"index\":0,\"key\":\"" KEY "\",\"ok\":true}", DONE_FOREIGN},
        {"{\"index\":0,\"key\":\"" KEY "\",\"ok\":false,\"error\":{}}",
         DONE_FOREIGN},
        {"{\"index\":0,\"key\":\"" KEY "\",\"ok\":true,\"error\":null}x",
         DONE_BROKEN},
        {"https://127.0.0.1/", DONE_BROKEN},
        {"", DONE_BROKEN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why.text[0] = '\0';
        CHECK(kind_of(rows[i].line, false) == rows[i].kind);
        CHECK((why.text[0] != '\0') == (rows[i].kind >= DONE_BROKEN));
    }
    CHECK(kind_of("{\"index\":0}", false) == DONE_FOREIGN);
    CHECK_STR(why.text, "no record of afetch: no fit \"key\"");
}

/* What lost its race is done, and neither ok nor failed. */
static void test_lost(void)
{
    static const struct {
        const char *error;
        enum done_kind kind, strict;
        bool lost;
    } rows[] = {
        {"{\"class\":\"cancelled\",\"code\":\"race\"}", DONE_YES, DONE_YES,
         true},
        {"{\"code\":\"race\",\"class\":\"cancelled\"}", DONE_YES, DONE_YES,
         true},
        {"{\"class\":\"cancelled\",\"code\":\"enough\"}", DONE_NO, DONE_NO,
         false},
        {"{\"class\":\"cancelled\"}", DONE_NO, DONE_NO, false},
        {"{\"class\":\"http\",\"code\":\"race\"}", DONE_YES, DONE_NO, false},
    };
    char line[256];

    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        bool strict = i % 2 != 0;
        struct done_reader *reader = done_reader_new(strict);
        struct done_line found;

        snprintf(line, sizeof(line),
                 "{\"index\":0,\"key\":\"" KEY "\",\"ok\":false,\"error\":%s}",
                 rows[i / 2].error);
        CHECK(done_read(reader, line, strlen(line), &found, &why) ==
              (strict ? rows[i / 2].strict : rows[i / 2].kind));
        CHECK(found.lost == rows[i / 2].lost && !found.ok && !found.duplicate);
        done_reader_free(reader);
    }
}

/* The identity of a record with this id, and that of the request. */
static void identities(const char *id, unsigned char *record,
                       unsigned char *request)
{
    static const unsigned char key[DONE_KEY_SIZE] = {
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
        0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    struct done_reader *reader = done_reader_new(false);
    struct request *asked = request_new(&settings);
    struct done_line found;
    struct buf line;

    buf_init(&line, SIZE_MAX);
    memcpy(asked->key, key, sizeof(key));
    asked->id = id ? xstrdup(id) : NULL;
    encode(&line, asked, true, CLASS_NONE);
    CHECK(done_read(reader, line.data, line.len, &found, &why) == DONE_YES);
    memcpy(record, found.key, DONE_KEY_SIZE);
    done_identity(reader, key, id, false, request);
    if (!id)
        CHECK(memcmp(request, key, DONE_KEY_SIZE) == 0);
    buf_release(&line);
    request_free(asked);
    done_reader_free(reader);
}

/* Each id is another piece of work, and is known again from its record. */
static void test_identity(void)
{
    static const char *const ids[] = {
        NULL,      "null",         "\"\"",
        "1",       "1.0",          "\"1\"",
        "[1,\t2]", "\"\xc2\x85\"", "{\"a\":\"\xe2\x80\xae\"}",
    };
    enum { COUNT = sizeof(ids) / sizeof(ids[0]) };
    unsigned char record[COUNT][DONE_KEY_SIZE], request[DONE_KEY_SIZE];

    for (size_t i = 0; i < COUNT; i++) {
        identities(ids[i], record[i], request);
        CHECK(memcmp(record[i], request, DONE_KEY_SIZE) == 0);
        for (size_t j = 0; j < i; j++)
            CHECK(memcmp(record[i], record[j], DONE_KEY_SIZE) != 0);
    }
}

/* A duplicate, of which nothing was sent, is other work than what was. */
static void test_duplicate(void)
{
    static const char *const lines[] = {
        "{\"index\":4,\"key\":\"" KEY
        "\",\"ok\":true,\"duplicate_of\":0,\"error\":null}",
        "{\"index\":4,\"key\":\"" KEY
        "\",\"id\":7,\"ok\":true,\"duplicate_of\":0,\"error\":null}",
    };
    static const char *const ids[] = {NULL, "7"};
    struct done_reader *reader = done_reader_new(true);
    unsigned char sent[DONE_KEY_SIZE], same[DONE_KEY_SIZE];
    unsigned char key[DONE_KEY_SIZE];
    struct done_line found;

    for (int i = 0; i < DONE_KEY_SIZE; i++)
        key[i] = (unsigned char)(i * 0x11);
    for (int i = 0; i < 2; i++) {
        CHECK(done_read(reader, lines[i], strlen(lines[i]), &found, &why) ==
              DONE_YES);
        done_identity(reader, key, ids[i], false, sent);
        done_identity(reader, key, ids[i], true, same);
        CHECK(memcmp(found.key, same, DONE_KEY_SIZE) == 0);
        CHECK(memcmp(found.key, sent, DONE_KEY_SIZE) != 0);
        CHECK(found.ok);
    }
    done_reader_free(reader);
}

int main(void)
{
    test_encoder();
    test_depth();
    test_kinds();
    test_lost();
    test_identity();
    test_duplicate();
    return check_end("done");
}
