/* SPDX-License-Identifier: MIT */
/*
 * world/body: the digest of a body that is continued is that of the whole,
 * whatever came in between, and reads what is there in pieces.
 */
#include "world/body.h"

#include "base/hash.h"
#include "save_folder.h"

static const struct saves_options resume = {.resume = true};
static const unsigned char key[REQUEST_KEY_SIZE] = {0x0a};
static struct settings settings;
static struct saves *saves;
static const char *etag = "\"1\"";
static bool coded;

static const char *sha256_of(const char *text)
{
    static char hex[BODY_SHA256_SIZE];
    struct digest *digest = digest_new();
    unsigned char sum[(BODY_SHA256_SIZE - 1) / 2];

    digest_add(digest, text, strlen(text));
    digest_end(digest, sum, sizeof(sum));
    digest_free(digest);
    hex_encode(hex, sum, sizeof(sum));
    return hex;
}

static bool head(struct body *body, int status, const char *range,
                 struct evidence *evidence)
{
    struct response response = {0};
    struct body_rest rest;
    bool good;

    body_ask(body, &rest);
    response.evidence.status = status;
    response.evidence.length = status == 200 ? 8 : -1;
    response.etag = (char *)(size_t)etag;
    response.content_range = (char *)(size_t)range;
    good = body_head(body, &settings, &response, coded);
    *evidence = response.evidence;
    return good;
}

static void take(struct body *body, const char *text)
{
    CHECK(body_take(body, text, strlen(text)));
}

static void cut(struct body *body, const char *text)
{
    static const struct error eof = {.error_class = CLASS_TRUNCATED,
                                     .retryable = true};
    struct evidence evidence;

    CHECK(head(body, 200, NULL, &evidence));
    take(body, text);
    CHECK(body_cut(body, &eof));
}

static void commit(struct body *body)
{
    char hex[BODY_SHA256_SIZE];
    int os_errno;

    CHECK(body_sha256(body, hex));
    CHECK_STR(hex, sha256_of("abcdefgh"));
    CHECK(body_commit(body, "whole", &os_errno, &why) == 0);
    check_file("whole", "abcdefgh");
    body_free(body);
}

static void test_later_run(void)
{
    struct body *body = body_new(saves, key, true);
    struct evidence evidence;

    cut(body, "abcde");
    body_free(body);
    body = body_new(saves, key, true);
    CHECK(head(body, 206, "bytes 5-7/8", &evidence));
    CHECK(evidence.continued && body_is_behind(body));
    CHECK(body_catch_up(body, 2) && body_is_behind(body));
    take(body, "f");
    CHECK(body_catch_up(body, 2) && body_is_behind(body));
    CHECK(body_catch_up(body, 1) && body_is_behind(body));
    CHECK(body_catch_up(body, 2) && !body_is_behind(body));
    take(body, "gh");
    CHECK(!body_is_behind(body));
    commit(body);
}

static void test_next_attempt(void)
{
    struct body *body = body_new(saves, key, true);
    struct evidence evidence;

    cut(body, "abcde");
    CHECK(head(body, 206, "bytes 5-7/8", &evidence));
    CHECK(!body_is_behind(body)); /* it has them */
    take(body, "fgh");
    commit(body);
}

/* Of another answer in between, which is as long. */
static void test_other_answer(void)
{
    struct body *body = body_new(saves, key, true);
    const struct error busy = {.error_class = CLASS_HTTP, .retryable = true};
    struct evidence evidence;
    char hex[BODY_SHA256_SIZE];

    cut(body, "abcde");
    CHECK(head(body, 503, NULL, &evidence));
    take(body, "later");
    CHECK(body_sha256(body, hex));
    CHECK_STR(hex, sha256_of("later"));
    CHECK(body_cut(body, &busy));
    CHECK(head(body, 503, NULL, &evidence));
    take(body, "later");
    CHECK(body_cut(body, &busy));
    CHECK(head(body, 206, "bytes 5-7/8", &evidence));
    CHECK(body_is_behind(body));
    CHECK(body_catch_up(body, 100) && !body_is_behind(body));
    take(body, "fgh");
    commit(body);
}

/* Cut off while it was behind, and anew while it was. */
static void test_behind_again(void)
{
    struct body *body = body_new(saves, key, true);
    const struct error eof = {.error_class = CLASS_TRUNCATED,
                              .retryable = true};
    struct evidence evidence;

    cut(body, "abcde");
    body_free(body);
    body = body_new(saves, key, true);
    CHECK(head(body, 206, "bytes 5-7/8", &evidence));
    CHECK(body_catch_up(body, 2));
    take(body, "f");
    CHECK(body_cut(body, &eof));
    CHECK(!body_is_behind(body));
    CHECK(head(body, 206, "bytes 6-7/8", &evidence));
    CHECK(body_is_behind(body) && body_catch_up(body, 100));
    take(body, "g");
    CHECK(body_cut(body, &eof));
    CHECK(head(body, 200, NULL, &evidence)); /* from the start */
    CHECK(!body_is_behind(body));
    take(body, "abcdefgh");
    commit(body);
}

/* What one attempt leaves is nothing that the next may go on with. */
static void check_anew(void)
{
    static const struct error eof = {.error_class = CLASS_TRUNCATED,
                                     .retryable = true};
    struct body *body = body_new(saves, key, true);
    struct evidence evidence;
    struct body_rest rest;

    CHECK(head(body, 200, NULL, &evidence));
    take(body, "abcde");
    CHECK(!body_cut(body, &eof));
    body_ask(body, &rest);
    CHECK(rest.from == 0 && !rest.validator);
    body_free(body);
}

static void test_cannot_go_on(void)
{
    etag = "W/\"1\"";
    check_anew();
    etag = "\"1\"\r\nX: y";
    check_anew();
    etag = "\"1\x7f\"";
    check_anew();
    etag = "\"1\"";
    coded = true; /* its bytes are not those that a range counts */
    check_anew();
    coded = false;
}

/* The rest is of another length than it said, or coded. */
static void test_other_rest(void)
{
    struct body *body = body_new(saves, key, true);
    struct evidence evidence;

    cut(body, "abcde");
    CHECK(head(body, 206, "bytes 5-7/8", &evidence));
    evidence.decoded_bytes = 7;
    body_end(body, &evidence);
    CHECK(evidence.range == RANGE_SHORT);
    evidence.range = RANGE_FINE;
    evidence.decoded_bytes = 8;
    body_end(body, &evidence);
    CHECK(evidence.range == RANGE_FINE);
    evidence.decoded_bytes = 9;
    body_end(body, &evidence);
    CHECK(evidence.range == RANGE_OTHER);
    body_free(body);

    body = body_new(saves, key, true);
    coded = true;
    CHECK(!head(body, 206, "bytes 5-7/8", &evidence));
    CHECK(evidence.range == RANGE_OTHER);
    coded = false;
    body_free(body);
}

/* Of an answer without a body there is no file, not even an empty one. */
static void test_not_modified(void)
{
    struct body *body = body_new(saves, key, true);
    struct evidence evidence;

    CHECK(head(body, 304, NULL, &evidence) && !body_is_wanted(body));
    CHECK(head(body, 200, NULL, &evidence) && body_is_wanted(body));
    body_free(body);
}

int main(void)
{
    struct matchset *accept = &settings.accept;

    make_folder();
    CHECK(matchset_parse(accept, NULL, "200-399", &why) == 0);
    saves = saves_open(folder, &resume, &why);
    CHECK(saves != NULL);
    test_later_run();
    test_next_attempt();
    test_other_answer();
    test_behind_again();
    test_cannot_go_on();
    test_other_rest();
    test_not_modified();
    saves_close(saves);
    remove_folder();
    return check_end("body");
}
