/* SPDX-License-Identifier: MIT */
/*
 * What the files of the decode family share, and nobody else includes.
 *
 *   decode.c         Content-Encoding, and the chain of its codings
 *   decode_coders.c  the libraries, each behind a struct coder
 */
#ifndef WORLD_DECODE_PRIV_H
#define WORLD_DECODE_PRIV_H

#include "world/decode.h"

/* Bytes before and room behind a step; a step moves them on. */
struct flow {
    const unsigned char *in;
    size_t in_len;
    unsigned char *out;
    size_t out_len;
};

enum step {
    STEP_ON,  /* wants more bytes, or more room */
    STEP_END, /* the stream is whole, and all of it is out */
    STEP_BAD, /* not of this coding, or damaged */
};

/* One coding. A stream is a gzip member, a zstd frame, or all there is. */
struct coder {
    const char *name;
    const char *alias; /* NULL: none */

    /* State for a stream that begins with this byte; never NULL. */
    void *(*start)(unsigned char first);
    void (*free)(void *state);

    /* Goes on until the input or the room is used up, or the stream. */
    enum step (*step)(void *state, struct flow *flow);

    /* Makes ready for a further stream, where one may begin with this byte
     * and follow; else false. NULL: none may follow. */
    bool (*again)(void *state, unsigned char first);
};

/* Those that are built in; ended by a NULL name. */
extern const struct coder coders[];

#endif
