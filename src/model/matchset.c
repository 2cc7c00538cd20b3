/* SPDX-License-Identifier: MIT */
/*
 * Sets of outcomes as --accept and --retry-on give them: text to bits, and
 * the two questions. Knows the words of model/error, not what a set is for.
 */
#include "model/matchset.h"

#include "base/nearest.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_MIN 100
#define STATUS_MAX 999

static_assert(CODE_COUNT <= 128, "codes do not fit their bits");
static_assert(CLASS_COUNT <= 32, "classes do not fit their bits");

static uint64_t bit_of(unsigned number)
{
    return UINT64_C(1) << (number % 64);
}

static void set_statuses(struct matchset *set, int first, int last, bool out)
{
    for (unsigned status = (unsigned)first; status <= (unsigned)last;
         status++) {
        if (out)
            set->statuses[status / 64] &= ~bit_of(status);
        else
            set->statuses[status / 64] |= bit_of(status);
    }
}

/* What is named last counts: a word and its "!" undo each other. */
static void set_code(struct matchset *set, unsigned code, bool out)
{
    uint64_t *to = out ? set->not_codes : set->codes;
    uint64_t *from = out ? set->codes : set->not_codes;

    to[code / 64] |= bit_of(code);
    from[code / 64] &= ~bit_of(code);
}

static void set_class(struct matchset *set, unsigned number, bool out)
{
    uint32_t bit = UINT32_C(1) << number;

    if (out) {
        set->not_classes |= bit;
        set->classes &= ~bit;
    } else {
        set->classes |= bit;
        set->not_classes &= ~bit;
    }
}

/* Three digits and nothing else in front of the end; -1 otherwise. */
static int read_status(const char *text, const char *end)
{
    int status = 0;

    if (end - text != 3)
        return -1;
    for (; text < end; text++) {
        if (!isdigit((unsigned char)*text))
            return -1;
        status = status * 10 + (*text - '0');
    }
    return status >= STATUS_MIN ? status : -1;
}

/* "404", "200-399" or "5xx". */
static int parse_statuses(struct matchset *set, const char *word, bool out,
                          struct why *why)
{
    const char *end = word + strlen(word);
    const char *dash = strchr(word, '-');
    int first, last;

    if (word[0] != '0' && strcmp(word + 1, "xx") == 0) {
        first = (word[0] - '0') * 100;
        last = first + 99;
    } else {
        first = read_status(word, dash ? dash : end);
        last = dash ? read_status(dash + 1, end) : first;
    }
    if (first < 0 || last < 0)
        return why_set(why,
                       "\"%s\" is no status (%d to %d), range (200-399) "
                       "or century (5xx)",
                       word, STATUS_MIN, STATUS_MAX);
    if (first > last)
        return why_set(why, "the range \"%s\" runs backwards", word);
    set_statuses(set, first, last, out);
    return 0;
}

static int unknown_word(const char *word, struct why *why)
{
    struct nearest nearest;
    const char *best;

    nearest_init(&nearest, word);
    nearest_offer(&nearest, "transient");
    for (unsigned i = CLASS_NONE + 1; i < CLASS_COUNT; i++)
        nearest_offer(&nearest, error_class_name((enum error_class)i));
    for (unsigned i = CODE_NONE + 1; i < CODE_COUNT; i++)
        nearest_offer(&nearest, error_code_name((enum error_code)i));
    best = nearest_found(&nearest);
    if (best)
        return why_set(why,
                       "\"%.60s\" is no status, class or code of errors; "
                       "did you mean \"%s\"?",
                       word, best);
    return why_set(why, "\"%.60s\" is no status, class or code of errors",
                   word);
}

static int parse_name(struct matchset *set, const char *word, bool out,
                      struct why *why)
{
    if (strcmp(word, "transient") == 0) {
        set->transient = !out;
        return 0;
    }
    for (unsigned i = CLASS_NONE + 1; i < CLASS_COUNT; i++) {
        if (strcmp(word, error_class_name((enum error_class)i)) == 0) {
            set_class(set, i, out);
            return 0;
        }
    }
    for (unsigned i = CODE_NONE + 1; i < CODE_COUNT; i++) {
        if (strcmp(word, error_code_name((enum error_code)i)) == 0) {
            set_code(set, i, out);
            return 0;
        }
    }
    return unknown_word(word, why);
}

static int parse_word(struct matchset *set, const char *word, struct why *why)
{
    bool out = word[0] == '!';

    if (out)
        word++;
    if (!word[0])
        return why_set(why, "a word is missing in the list");
    if (isdigit((unsigned char)word[0]))
        return parse_statuses(set, word, out, why);
    return parse_name(set, word, out, why);
}

int matchset_parse(struct matchset *set, const struct matchset *base,
                   const char *text, struct why *why)
{
    struct matchset made = {0};
    char *copy = xstrdup(text);
    char *word = copy;
    int result;

    if (text[0] == '!' && base)
        made = *base;
    do {
        char *next = strchr(word, ',');

        if (next)
            *next++ = '\0';
        result = parse_word(&made, word, why);
        word = next;
    } while (result == 0 && word);
    free(copy);
    if (result == 0)
        *set = made;
    return result;
}

bool matchset_status(const struct matchset *set, int status)
{
    if (status < 0 || status >= 64 * 16)
        return false;
    return set->statuses[status / 64] & bit_of((unsigned)status);
}

/* From the most to the least specific word; each level may say yes or no. */
bool matchset_error(const struct matchset *set, const struct error *error)
{
    unsigned code = (unsigned)error->code;
    uint32_t class_bit = UINT32_C(1) << (unsigned)error->error_class;

    if (error->error_class == CLASS_NONE)
        return false;
    if (set->not_codes[code / 64] & bit_of(code))
        return false;
    if (set->codes[code / 64] & bit_of(code))
        return true;
    if (set->not_classes & class_bit)
        return false;
    if (set->classes & class_bit)
        return true;
    return set->transient && error->retryable;
}
