/* SPDX-License-Identifier: MIT */
/*
 * zlib, brotli and zstd, each behind the few words of struct coder. It knows
 * the libraries; it must not know HTTP, limits, or what the bytes are for.
 */
#include "world/decode_priv.h"

#include "base/msg.h"

#include <stdlib.h>
#include <zlib.h>
#ifdef WITH_BROTLI
#include <brotli/decode.h>
#endif
#ifdef WITH_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

/* zlib: 15 is the largest window; 16 more means gzip, below 0 raw deflate. */
enum wrapper {
    WRAPPER_GZIP = 15 + 16,
    WRAPPER_ZLIB = 15,
    WRAPPER_NONE = -15,
};

/* zlib counts in unsigned int. */
#define ZLIB_MOST ((size_t)1 << 30)

static void *zlib_start(enum wrapper wrapper)
{
    z_stream *zlib = xcalloc(1, sizeof(*zlib));

    if (inflateInit2(zlib, wrapper) != Z_OK)
        die("zlib cannot start: %s", zlib->msg ? zlib->msg : "no memory");
    return zlib;
}

static void *gzip_start(unsigned char first)
{
    (void)first;
    return zlib_start(WRAPPER_GZIP);
}

/* RFC 9110 section 8.4.1.2: "deflate" is the zlib format, but some send the
 * bare stream. The low half of a zlib header's first byte is 8; in a bare
 * stream that would be a stored block behind a stray bit. */
static void *deflate_start(unsigned char first)
{
    return zlib_start((first & 0x0f) == 8 ? WRAPPER_ZLIB : WRAPPER_NONE);
}

static void zlib_free(void *state)
{
    inflateEnd(state);
    free(state);
}

static enum step zlib_step(void *state, struct flow *flow)
{
    z_stream *zlib = state;
    size_t in = flow->in_len < ZLIB_MOST ? flow->in_len : ZLIB_MOST;
    size_t out = flow->out_len < ZLIB_MOST ? flow->out_len : ZLIB_MOST;
    int code;

    zlib->next_in = (unsigned char *)(uintptr_t)flow->in; /* never written */
    zlib->avail_in = (uInt)in;
    zlib->next_out = flow->out;
    zlib->avail_out = (uInt)out;
    code = inflate(zlib, Z_NO_FLUSH);
    flow->in += in - zlib->avail_in;
    flow->in_len -= in - zlib->avail_in;
    flow->out += out - zlib->avail_out;
    flow->out_len -= out - zlib->avail_out;
    if (code == Z_MEM_ERROR)
        die("no memory to decode a body");
    if (code == Z_STREAM_END)
        return STEP_END;
    /* Z_BUF_ERROR: there was nothing to do. */
    return code == Z_OK || code == Z_BUF_ERROR ? STEP_ON : STEP_BAD;
}

static bool gzip_again(void *state, unsigned char first)
{
    return first == 0x1f && inflateReset(state) == Z_OK;
}

#ifdef WITH_BROTLI
static void *brotli_start(unsigned char first)
{
    void *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);

    (void)first;
    if (!state)
        die("no memory to decode a body");
    return state;
}

static void brotli_free(void *state)
{
    BrotliDecoderDestroyInstance(state);
}

static bool brotli_lacks_memory(const void *state)
{
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(state);

    return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
           code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
}

static enum step brotli_step(void *state, struct flow *flow)
{
    switch (BrotliDecoderDecompressStream(state, &flow->in_len, &flow->in,
                                          &flow->out_len, &flow->out, NULL)) {
    case BROTLI_DECODER_RESULT_SUCCESS:
        return STEP_END;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
        return STEP_ON;
    default:
        if (brotli_lacks_memory(state))
            die("no memory to decode a body");
        return STEP_BAD;
    }
}
#endif

#ifdef WITH_ZSTD
/* RFC 9659: of the coding "zstd" no window is larger than 8 MiB. */
#define ZSTD_WINDOW_LOG 23

static void *zstd_start(unsigned char first)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();

    (void)first;
    if (!zstd || ZSTD_isError(ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax,
                                                     ZSTD_WINDOW_LOG)))
        die("no memory to decode a body");
    return zstd;
}

static void zstd_free(void *state)
{
    ZSTD_freeDCtx(state);
}

static enum step zstd_step(void *state, struct flow *flow)
{
    ZSTD_inBuffer in = {flow->in, flow->in_len, 0};
    ZSTD_outBuffer out = {flow->out, flow->out_len, 0};
    size_t left = ZSTD_decompressStream(state, &out, &in);

    flow->in += in.pos;
    flow->in_len -= in.pos;
    flow->out += out.pos;
    flow->out_len -= out.pos;
    if (!ZSTD_isError(left))
        return left == 0 ? STEP_END : STEP_ON;
    if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
        die("no memory to decode a body");
    return STEP_BAD;
}

/* The first byte of a frame, or of a skippable one (RFC 8878 section 3.1). */
static bool zstd_again(void *state, unsigned char first)
{
    (void)state; /* it is ready for the next frame by itself */
    return first == 0x28 || (first & 0xf0) == 0x50;
}
#endif

const struct coder coders[] = {
    {"gzip", "x-gzip", gzip_start, zlib_free, zlib_step, gzip_again},
    {"deflate", NULL, deflate_start, zlib_free, zlib_step, NULL},
#ifdef WITH_BROTLI
    {"br", NULL, brotli_start, brotli_free, brotli_step, NULL},
#endif
#ifdef WITH_ZSTD
    {"zstd", NULL, zstd_start, zstd_free, zstd_step, zstd_again},
#endif
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

const char *decode_codings(void)
{
    return "gzip, deflate"
#ifdef WITH_BROTLI
           ", br"
#endif
#ifdef WITH_ZSTD
           ", zstd"
#endif
        ;
}

#ifdef WITH_BROTLI
static void brotli_version(struct buf *out)
{
    unsigned version = BrotliDecoderVersion();

    buf_addf(out, "\nbrotli %u.%u.%u", version >> 24, version >> 12 & 0xfff,
             version & 0xfff);
}
#endif

void decode_versions(struct buf *out)
{
    buf_addf(out, "zlib %s", zlibVersion());
#ifdef WITH_BROTLI
    brotli_version(out);
#else
    buf_add_str(out, "\nbrotli left out");
#endif
#ifdef WITH_ZSTD
    buf_addf(out, "\nzstd %s", ZSTD_versionString());
#else
    buf_add_str(out, "\nzstd left out");
#endif
}
