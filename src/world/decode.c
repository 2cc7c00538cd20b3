/* SPDX-License-Identifier: MIT */
/*
 * Content-Encoding to a chain of coders, and bytes through that chain. It
 * knows the field's grammar, where a body may end and how much it may grow;
 * it must not know the libraries, nor what becomes of the bytes.
 */
#include "world/decode_priv.h"

#include "base/msg.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Room for what one step of a layer makes. */
#define ROOM ((size_t)16 * 1024)

/* Below this no ratio counts: a small page of blanks is no bomb. */
#define RATIO_FLOOR ((uint64_t)1024 * 1024)

enum place {
    PLACE_BEFORE,  /* no byte came yet */
    PLACE_WITHIN,  /* a stream */
    PLACE_BEHIND,  /* its end: another may follow */
    PLACE_PADDING, /* zeros followed: only zeros may */
};

struct layer {
    const struct coder *coder;
    void *state; /* owned; NULL before the first byte */
    enum place place;
    uint64_t made;
    unsigned char room[ROOM];
};

struct decode {
    enum coding_fault fault;
    bool stopped;
    unsigned max_ratio;
    uint64_t taken;  /* bytes received */
    decode_put *put; /* while bytes are fed */
    void *to;
    unsigned count;
    struct layer layers[]; /* the coding that was applied last comes first */
};

/* Content-Encoding */

static bool is_word(const char *name, size_t len, const char *word)
{
    return word && strlen(word) == len && strncasecmp(name, word, len) == 0;
}

/* For a message: bytes that no token has could be anything. */
static void note_unknown(struct decode_plan *plan, const char *name, size_t len)
{
    size_t most = sizeof(plan->unknown) - 1;

    if (plan->fault == CODING_UNKNOWN)
        return;
    plan->fault = CODING_UNKNOWN;
    for (size_t i = 0; i < len && i < most; i++)
        plan->unknown[i] =
            name[i] > ' ' && name[i] < 0x7f && name[i] != '"' ? name[i] : '?';
    plan->unknown[len < most ? len : most] = '\0';
}

static void plan_add_one(struct decode_plan *plan, const char *name, size_t len)
{
    unsigned char i = 0;

    /* "none" is no coding, but servers send it and curl takes it as that. */
    if (len == 0 || is_word(name, len, "identity") ||
        is_word(name, len, "none"))
        return;
    while (coders[i].name && !is_word(name, len, coders[i].name) &&
           !is_word(name, len, coders[i].alias))
        i++;
    if (!coders[i].name)
        note_unknown(plan, name, len);
    else if (plan->count == DECODE_LAYERS_MAX)
        plan->fault = plan->fault ? plan->fault : CODING_LAYERS;
    else
        plan->codings[plan->count++] = i;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void decode_plan_add(struct decode_plan *plan, const char *value, size_t len)
{
    const char *end = value + len;

    while (value < end) {
        const char *comma = memchr(value, ',', (size_t)(end - value));
        const char *stop = comma ? comma : end;
        const char *next = comma ? comma + 1 : end;

        while (value < stop && is_blank(*value))
            value++;
        while (stop > value && is_blank(stop[-1]))
            stop--;
        plan_add_one(plan, value, (size_t)(stop - value));
        value = next;
    }
}

/* The chain */

struct decode *decode_new(const struct decode_plan *plan, unsigned max_ratio)
{
    size_t layers = plan->count * sizeof(struct layer);
    struct decode *decode = xmalloc(sizeof(*decode) + layers);

    *decode = (struct decode){.max_ratio = max_ratio, .count = plan->count};
    for (unsigned i = 0; i < plan->count; i++) {
        struct layer *layer = &decode->layers[i];

        layer->coder = &coders[plan->codings[plan->count - 1 - i]];
        layer->state = NULL;
        layer->place = PLACE_BEFORE;
        layer->made = 0;
    }
    return decode;
}

void decode_free(struct decode *decode)
{
    if (!decode)
        return;
    for (unsigned i = 0; i < decode->count; i++)
        if (decode->layers[i].state)
            decode->layers[i].coder->free(decode->layers[i].state);
    free(decode);
}

static bool fail(struct decode *decode, enum coding_fault fault)
{
    decode->fault = fault;
    decode->stopped = true;
    return false;
}

/* The bytes between streams. false: what came may not stand there. */
static bool layer_enter(struct layer *layer, struct flow *flow)
{
    while (flow->in_len > 0 && layer->place != PLACE_WITHIN) {
        unsigned char first = *flow->in;

        if (layer->place == PLACE_BEFORE) {
            layer->state = layer->coder->start(first);
            layer->place = PLACE_WITHIN;
        } else if (first == 0) {
            layer->place = PLACE_PADDING;
            flow->in++;
            flow->in_len--;
        } else if (layer->place == PLACE_BEHIND && layer->coder->again &&
                   layer->coder->again(layer->state, first)) {
            layer->place = PLACE_WITHIN;
        } else {
            return false;
        }
    }
    return true;
}

/* Every layer is looked at: what an inner one shrinks again took its time
 * all the same. */
static bool within_ratio(const struct decode *decode, const struct layer *layer)
{
    return decode->max_ratio == 0 || layer->made <= RATIO_FLOOR ||
           layer->made / decode->max_ratio < decode->taken;
}

static bool layer_feed(struct decode *decode, unsigned index,
                       const unsigned char *bytes, size_t len);

/* What a layer made goes into the next one, or out. */
static bool pass_on(struct decode *decode, unsigned index, size_t len)
{
    struct layer *layer = &decode->layers[index];

    layer->made += len;
    if (!within_ratio(decode, layer))
        return fail(decode, CODING_RATIO);
    if (index + 1 < decode->count)
        return layer_feed(decode, index + 1, layer->room, len);
    if (!decode->put(decode->to, (const char *)layer->room, len))
        decode->stopped = true;
    return !decode->stopped;
}

/* As deep as there are layers. */
static bool layer_feed(struct decode *decode, unsigned index,
                       const unsigned char *bytes, size_t len)
{
    struct layer *layer = &decode->layers[index];
    struct flow flow = {.in = bytes, .in_len = len};

    for (;;) {
        size_t before = flow.in_len;
        enum step step;

        if (!layer_enter(layer, &flow))
            return fail(decode, CODING_JUNK);
        if (layer->place != PLACE_WITHIN)
            return true;
        flow.out = layer->room;
        flow.out_len = ROOM;
        step = layer->coder->step(layer->state, &flow);
        if (flow.out_len < ROOM && !pass_on(decode, index, ROOM - flow.out_len))
            return false;
        if (step == STEP_BAD)
            return fail(decode, CODING_CORRUPT);
        if (step == STEP_END)
            layer->place = PLACE_BEHIND;
        else if (flow.in_len == 0 && flow.out_len > 0)
            return true;
        else if (flow.in_len == before && flow.out_len == ROOM)
            return fail(decode,
                        CODING_CORRUPT); /* it would go round for ever */
    }
}

bool decode_feed(struct decode *decode, const char *bytes, size_t len,
                 decode_put *put, void *to)
{
    if (decode->stopped)
        return false;
    decode->taken += len;
    decode->put = put;
    decode->to = to;
    return layer_feed(decode, 0, (const unsigned char *)bytes, len);
}

enum coding_fault decode_fault(const struct decode *decode)
{
    return decode->fault;
}

enum coding_fault decode_end(const struct decode *decode)
{
    if (decode->stopped)
        return decode->fault;
    for (unsigned i = 0; i < decode->count; i++)
        if (decode->layers[i].place == PLACE_WITHIN)
            return CODING_CUT;
    return CODING_FINE;
}

uint64_t decode_peak(const struct decode *decode)
{
    uint64_t peak = 0;

    for (unsigned i = 0; i < decode->count; i++)
        if (decode->layers[i].made > peak)
            peak = decode->layers[i].made;
    return peak;
}
