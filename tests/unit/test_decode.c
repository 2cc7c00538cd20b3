/* SPDX-License-Identifier: MIT */
/* Content decoding: what Content-Encoding says, and streams of each coding
 * cut at every byte, split at every byte, with every bit turned. */
#include "world/decode.h"

#include "base/msg.h"
#include "check.h"

#include <stdlib.h>
#include <zlib.h>

static const char text[] =
    "To be decoded, to be decoded, or not to be decoded.\n";

/* The text, coded; made by the libraries' own encoders. */
struct sample {
    const char *field; /* Content-Encoding */
    const char *hex;
    unsigned ends[2]; /* where a body may end before the last byte */
    bool unchecked;   /* without a checksum: damage need not show */
};

#define GZIP_WHOLE                                                             \
    "1f8b08000000000002030bc957484a5548494dce4f494dd1512841e5e61729e4e597a0"   \
    "8aea7101006d097cb134000000"
#define GZIP_FIRST                                                             \
    "1f8b08000000000002030bc957484a5548494dce4f494dd15128017101ac30bb3f1400"   \
    "0000"
#define GZIP_SECOND                                                            \
    "1f8b08000000000002035348494dce4f494dd151c82f52c8cb2f5128c957484a55808a"   \
    "ea71010024d29bca20000000"
#define ZSTD_FIRST                                                             \
    "28b52ffd2414a10000546f206265206465636f6465642c20746f206265958b1889"
#define ZSTD_SECOND                                                            \
    "28b52ffd2420010100206465636f6465642c206f72206e6f7420746f20626520646563"   \
    "6f6465642e0ad19b6e29"
#define SKIPPED "502a4d1803000000616263"

static const struct sample samples[] = {
    {.field = "gzip", .hex = GZIP_WHOLE},
    /* with every optional field of the header */
    {.field = "X-GZip",
     .hex =
         "1f8b081f01000000020306006162020078796e616d65006e6f00ca540bc957484a"
         "5548494dce4f494dd1512841e5e61729e4e597a08aea7101006d097cb134000000"},
    {.field = "gzip", .hex = GZIP_FIRST GZIP_SECOND, .ends = {37}},
    {.field = "gzip", .hex = GZIP_WHOLE "0000", .ends = {48, 49}},
    {.field = "deflate",
     .hex = "78da0bc957484a5548494dce4f494dd1512841e5e61729e4e597a08aea710100cc"
            "c71139"},
    {.field = "deflate",
     .hex = "0bc957484a5548494dce4f494dd1512841e5e61729e4e597a08aea710100",
     .unchecked = true},
    {.field = "br",
     .hex = "1b3300f88dc3b8b15b7c1bb5b84a052a39c8c591fe7997426ddaa494441ea54a80"
            "1296c2187923ab782173f91a",
     .unchecked = true},
    {.field = "zstd",
     .hex = "28b52ffd24340d0100c0546f206265206465636f6465642c20746f72206e6f742e"
            "0a020039e542e4b9046b7cdbcd"},
    {.field = "zstd", .hex = ZSTD_FIRST SKIPPED ZSTD_SECOND, .ends = {33, 44}},
    {.field = "gzip, br",
     .hex = "8b17801f8b08000000000002030bc957484a5548494dce4f494dd1512841e5e617"
            "29e4e597a08aea7101006d097cb13400000003"},
    {.field = "gzip,gzip,deflate",
     .hex = "78da93efe660000126e6c9ef9f253030aaa5bd9bfc502e6ea1dcbc7dcfffd8d6ea"
            "b36559d8d5aaadfbf9e4e517d6d8f55c92924596d966b318ae3232ecdeb63ed400"
            "a813001b9e1871"},
    {.field = "zstd, gzip",
     .hex = "1f8b0800000000000203d3d8aaff57c5849791e14048be4252aa424a6a727e4a6a"
            "8a8e42497e91425e7e891e171383e553a7273b59b26b6e9f050086c4c4f42e0000"
            "00"},
};

#define COUNT (sizeof samples / sizeof *samples)

/* Bytes of hex digits. */
struct bytes {
    char at[256];
    size_t len;
};

static struct bytes bytes_of(const char *hex)
{
    struct bytes bytes = {.len = strlen(hex) / 2};

    for (size_t i = 0; i < bytes.len; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

        bytes.at[i] = (char)strtoul(digits, NULL, 16);
    }
    return bytes;
}

static struct decode_plan plan_of(const char *field)
{
    struct decode_plan plan = {0};

    decode_plan_add(&plan, field, strlen(field));
    return plan;
}

/* Left out at build time. */
static bool is_missing(const char *field)
{
    return plan_of(field).fault == CODING_UNKNOWN;
}

/* What came out. */
struct got {
    char at[1024];
    size_t len, most; /* of a piece */
    uint64_t total;
    bool refuse;
};

static bool take(void *to, const char *piece, size_t len)
{
    struct got *got = to;

    got->total += len;
    got->most = len > got->most ? len : got->most;
    for (size_t i = 0; i < len && got->len < sizeof got->at; i++)
        got->at[got->len++] = piece[i];
    return !got->refuse;
}

static bool is_text(const struct got *got)
{
    return got->len == strlen(text) && memcmp(got->at, text, got->len) == 0;
}

static bool is_start_of_text(const struct got *got)
{
    return got->len <= strlen(text) && memcmp(got->at, text, got->len) == 0;
}

/* Decodes in three pieces, the second from `from` to `to`. */
static enum coding_fault run(const char *field, const char *at, size_t len,
                             size_t from, size_t to, struct got *got)
{
    struct decode_plan plan = plan_of(field);
    struct decode *decode = decode_new(&plan, 0);
    enum coding_fault fault;
    bool on;

    memset(got, 0, sizeof *got);
    on = decode_feed(decode, at, from, take, got) &&
         decode_feed(decode, at + from, to - from, take, got) &&
         decode_feed(decode, at + to, len - to, take, got);
    fault = decode_end(decode);
    CHECK(decode_fault(decode) == (on ? CODING_FINE : fault));
    CHECK(!on || fault == CODING_FINE || fault == CODING_CUT);
    decode_free(decode);
    return fault;
}

static void test_prefixes(const struct sample *sample)
{
    struct bytes bytes = bytes_of(sample->hex);
    struct got got;

    for (size_t len = 0; len <= bytes.len; len++) {
        enum coding_fault fault = run(sample->field, bytes.at, len, 0, 0, &got);
        bool may_end = len == 0 || len == bytes.len || len == sample->ends[0] ||
                       len == sample->ends[1];

        CHECK(fault == (may_end ? CODING_FINE : CODING_CUT));
        CHECK(is_start_of_text(&got));
        CHECK(len < bytes.len || is_text(&got));
    }
}

static void test_splits(const struct sample *sample)
{
    struct bytes bytes = bytes_of(sample->hex);
    struct got got;
    unsigned bad = 0;

    for (size_t from = 0; from <= bytes.len; from++)
        for (size_t to = from; to <= bytes.len; to++)
            if (run(sample->field, bytes.at, bytes.len, from, to, &got) !=
                    CODING_FINE ||
                !is_text(&got))
                bad++;
    CHECK(bad == 0);
}

static void test_single_bytes(const struct sample *sample)
{
    struct decode_plan plan = plan_of(sample->field);
    struct bytes bytes = bytes_of(sample->hex);
    struct decode *decode = decode_new(&plan, 100);
    struct got got = {0};

    for (size_t i = 0; i < bytes.len; i++)
        CHECK(decode_feed(decode, bytes.at + i, 1, take, &got));
    CHECK(decode_end(decode) == CODING_FINE);
    CHECK(is_text(&got));
    decode_free(decode);
}

/* Damage never passes for the whole text, where there is a checksum. */
static void test_damage(const struct sample *sample)
{
    struct bytes bytes = bytes_of(sample->hex);
    struct got got;
    unsigned bad = 0, seen = 0;

    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        bytes.at[bit / 8] = (char)(bytes.at[bit / 8] ^ (1 << bit % 8));
        if (run(sample->field, bytes.at, bytes.len, 7, 9, &got) != CODING_FINE)
            seen++;
        else if (!sample->unchecked && !is_text(&got))
            bad++;
        bytes.at[bit / 8] = (char)(bytes.at[bit / 8] ^ (1 << bit % 8));
    }
    CHECK(bad == 0);
    CHECK(seen > bytes.len);
}

static enum coding_fault fault_of(const char *field, const char *hex)
{
    struct bytes bytes = bytes_of(hex);
    struct got got;

    return run(field, bytes.at, bytes.len, 0, bytes.len, &got);
}

/* What may follow the end of a stream. */
static void test_behind(void)
{
    CHECK(fault_of("gzip", GZIP_WHOLE "00") == CODING_FINE);
    CHECK(fault_of("gzip", GZIP_WHOLE "000000000000") == CODING_FINE);
    CHECK(fault_of("gzip", GZIP_WHOLE "0a") == CODING_JUNK);
    CHECK(fault_of("gzip", GZIP_WHOLE "6a756e6b") == CODING_JUNK);
    CHECK(fault_of("gzip", GZIP_WHOLE "006a") == CODING_JUNK);
    CHECK(fault_of("gzip", GZIP_WHOLE "00" GZIP_SECOND) == CODING_JUNK);
    CHECK(fault_of("gzip", GZIP_WHOLE "1f") == CODING_CUT);
    CHECK(fault_of("gzip", GZIP_WHOLE "1f8c") == CODING_CORRUPT);
    CHECK(fault_of("gzip", GZIP_WHOLE GZIP_WHOLE) == CODING_FINE);
    CHECK(fault_of("deflate", samples[4].hex) == CODING_FINE);
    CHECK(fault_of("deflate", "0300") == CODING_FINE);
    CHECK(fault_of("deflate", "03000000") == CODING_FINE);
    CHECK(fault_of("deflate", "03000300") == CODING_JUNK);
    if (!is_missing("br")) {
        CHECK(fault_of("br", "06") == CODING_FINE);
        CHECK(fault_of("br", "0600") == CODING_FINE);
        CHECK(fault_of("br", "0606") == CODING_JUNK);
    }
    if (!is_missing("zstd")) {
        CHECK(fault_of("zstd", ZSTD_FIRST SKIPPED) == CODING_FINE);
        CHECK(fault_of("zstd", SKIPPED) == CODING_FINE);
        CHECK(fault_of("zstd", ZSTD_FIRST "2a") == CODING_JUNK);
        CHECK(fault_of("zstd", ZSTD_FIRST "28b52ffe") == CODING_CORRUPT);
    }
}

static void test_not_coded(void)
{
    static const char page[] = "<!doctype html>";
    struct got got;

    for (size_t i = 0; i < COUNT; i++)
        if (!is_missing(samples[i].field)) {
            CHECK(run(samples[i].field, page, strlen(page), 3, 5, &got) ==
                  CODING_CORRUPT);
        }
    /* A frame whose window has 16 MiB: more than HTTP allows. */
    if (!is_missing("zstd")) {
        CHECK(fault_of("zstd", "28b52ffd0070010000") == CODING_CORRUPT);
        CHECK(fault_of("zstd", "28b52ffd0068010000") == CODING_FINE);
    }
}

static void test_plan(void)
{
    struct decode_plan plan = plan_of("gzip");

    CHECK(plan.count == 1 && plan.fault == CODING_FINE);
    decode_plan_add(&plan, "deflate", 7); /* a second field */
    CHECK(plan.count == 2 && plan.codings[0] != plan.codings[1]);
    plan = plan_of("GZIP ,\t, x-gzip,");
    CHECK(plan.count == 2 && plan.fault == CODING_FINE);
    CHECK(plan.codings[0] == plan.codings[1]);
    plan = plan_of("");
    CHECK(plan.count == 0 && plan.fault == CODING_FINE);
    plan = plan_of("identity, Identity, none");
    CHECK(plan.count == 0 && plan.fault == CODING_FINE);

    plan = plan_of("gzip, gzip, gzip, gzip, gzip, identity");
    CHECK(plan.count == 5 && plan.fault == CODING_FINE);
    decode_plan_add(&plan, "gzip", 4);
    CHECK(plan.count == 5 && plan.fault == CODING_LAYERS);

    plan = plan_of("gzip, snappy, lzma");
    CHECK(plan.fault == CODING_UNKNOWN);
    CHECK_STR(plan.unknown, "snappy");
    CHECK(plan_of("gzi").fault == CODING_UNKNOWN);
    CHECK(plan_of("gzipp").fault == CODING_UNKNOWN);
    plan = plan_of("a\x1b\x80\"b c-and-much-more-than-there-is-room-for");
    CHECK_STR(plan.unknown, "a???b?c-and-much-more-t");
    CHECK(strlen(plan.unknown) == CODING_NAME_MAX - 1);
}

static void test_codings(void)
{
    struct buf versions;

    CHECK(strncmp(decode_codings(), "gzip, deflate", 13) == 0);
    CHECK((strstr(decode_codings(), "br") == NULL) == is_missing("br"));
    CHECK((strstr(decode_codings(), "zstd") == NULL) == is_missing("zstd"));
    CHECK(plan_of(decode_codings()).fault == CODING_FINE);
    buf_init(&versions, 200);
    decode_versions(&versions);
    CHECK(strncmp(versions.data, "zlib ", 5) == 0);
    CHECK(strstr(versions.data, "\nbrotli ") &&
          strstr(versions.data, "\nzstd "));
    buf_release(&versions);
}

/* Gzip of `len` bytes at `from`, or of zeros where that is NULL. */
static char *gzip(const char *from, size_t len, size_t *coded_len)
{
    size_t room = len + 1000;
    char *coded = xmalloc(room), *zeros = from ? NULL : xcalloc(1, len);
    z_stream zlib = {0};

    CHECK(deflateInit2(&zlib, 9, Z_DEFLATED, 15 + 16, 8, 0) == Z_OK);
    zlib.next_in = (unsigned char *)(uintptr_t)(from ? from : zeros);
    zlib.avail_in = (uInt)len;
    zlib.next_out = (unsigned char *)coded;
    zlib.avail_out = (uInt)room;
    CHECK(deflate(&zlib, Z_FINISH) == Z_STREAM_END);
    *coded_len = zlib.total_out;
    deflateEnd(&zlib);
    free(zeros);
    return coded;
}

/* Feeds pieces of 1000 bytes; frees the bytes. */
static struct decode *feed_take(const char *field, unsigned ratio, char *coded,
                                size_t len, struct got *got)
{
    struct decode_plan plan = plan_of(field);
    struct decode *decode = decode_new(&plan, ratio);

    memset(got, 0, sizeof *got);
    for (size_t at = 0; at < len; at += 1000)
        if (!decode_feed(decode, coded + at, len - at < 1000 ? len - at : 1000,
                         take, got))
            break;
    free(coded);
    return decode;
}

static void test_ratio(void)
{
    const size_t mib = 1024 * 1024;
    struct decode *decode;
    struct got got;
    char *coded;
    size_t len;

    coded = gzip(NULL, 8 * mib, &len); /* about 1000:1 */
    CHECK(len < 9000);
    decode = feed_take("gzip", 100, coded, len, &got);
    CHECK(decode_end(decode) == CODING_RATIO);
    CHECK(got.total <= mib + 16 * 1024 && decode_peak(decode) > mib);
    CHECK(!decode_feed(decode, "", 0, take, &got)); /* for good */
    decode_free(decode);

    coded = gzip(NULL, 8 * mib, &len);
    decode = feed_take("gzip", 0, coded, len, &got);
    CHECK(decode_end(decode) == CODING_FINE && got.total == 8 * mib);
    CHECK(got.most <= 16 * 1024); /* no step makes more */
    decode_free(decode);

    coded = gzip(NULL, 8 * mib, &len);
    decode = feed_take("gzip", 1100, coded, len, &got);
    CHECK(decode_end(decode) == CODING_FINE && got.total == 8 * mib);
    decode_free(decode);

    coded = gzip(NULL, mib, &len); /* just not above */
    decode = feed_take("gzip", 1, coded, len, &got);
    CHECK(decode_end(decode) == CODING_FINE && got.total == mib);
    decode_free(decode);
}

/* A middle layer that grows and shrinks again costs time all the same. */
static void test_hidden_bomb(void)
{
    struct bytes empty = bytes_of("1f8b08000000000002030300"
                                  "0000000000000000");
    size_t len, count = 200000;
    char *members = xmalloc(count * empty.len), *coded;
    struct decode *decode;
    struct got got;

    for (size_t i = 0; i < count; i++)
        memcpy(members + i * empty.len, empty.at, empty.len);
    coded = gzip(members, count * empty.len, &len);
    decode = feed_take("gzip, gzip", 100, coded, len, &got);
    CHECK(decode_end(decode) == CODING_RATIO);
    CHECK(got.total == 0 && decode_peak(decode) > 1024 * 1024);
    decode_free(decode);
    free(members);
}

static void test_refusal(void)
{
    struct bytes bytes = bytes_of(GZIP_WHOLE);
    struct decode_plan plan = plan_of("gzip");
    struct decode *decode = decode_new(&plan, 100);
    struct got got = {.refuse = true};

    CHECK(!decode_feed(decode, bytes.at, bytes.len, take, &got));
    CHECK(decode_fault(decode) == CODING_FINE);
    CHECK(decode_end(decode) == CODING_FINE);
    CHECK(!decode_feed(decode, bytes.at, bytes.len, take, &got));
    CHECK(is_text(&got)); /* once */
    decode_free(decode);
    decode_free(NULL);
}

int main(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (is_missing(samples[i].field))
            continue;
        test_prefixes(&samples[i]);
        test_splits(&samples[i]);
        test_single_bytes(&samples[i]);
        test_damage(&samples[i]);
    }
    test_behind();
    test_not_coded();
    test_plan();
    test_codings();
    test_ratio();
    test_hidden_bomb();
    test_refusal();
    return check_end("decode");
}
