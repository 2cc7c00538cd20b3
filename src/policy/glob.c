/* SPDX-License-Identifier: MIT */
/*
 * URL globbing as curl has it, one expansion at a time: an odometer whose
 * wheels are the pattern's ranges and sets. Knows text only; whether what
 * comes out is a URL is not its affair.
 */
#include "policy/glob.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* Patterns in one text: more than that is no list of URLs. */
#define PATTERNS_MAX 64

enum part_kind {
    PART_LITERAL, /* a set of one word */
    PART_SET,
    PART_NUMBERS,
    PART_LETTERS,
};

/* A piece of a word's or literal's unescaped text. */
struct slice {
    size_t at, len;
};

/* A stretch of the pattern: a wheel of the odometer. */
struct part {
    enum part_kind kind;
    struct slice *words; /* owned; of literals and sets */
    uint64_t first, step;
    int width;      /* least digits of a number */
    uint64_t count; /* how many values it has; at least 1 */
    uint64_t turn;  /* which of them is next */
};

struct glob {
    char *pattern; /* owned copy; ended by a NUL */
    size_t len;
    char *text; /* owned; the unescaped literals and words */
    size_t text_len;
    struct part *parts; /* owned array */
    size_t count;
    size_t patterns; /* how many of the parts are no literals */
    bool ended;
};

static int fail(struct why *why, const char *what, size_t at)
{
    return why_set(why, "%s at column %zu", what, at + 1);
}

/* Appends to an owned array that grows at powers of two. */
static void *grown(void *array, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return array;
    return xrealloc(array, (count ? count * 2 : 1) * size);
}

static struct part *add_part(struct glob *glob, enum part_kind kind)
{
    struct part *part;

    glob->parts = grown(glob->parts, glob->count, sizeof(*glob->parts));
    part = &glob->parts[glob->count++];
    glob->patterns += kind != PART_LITERAL;
    *part = (struct part){.kind = kind, .step = 1};
    return part;
}

/* Begins another word at the end of the text. */
static struct slice *add_word(struct glob *glob, struct part *part)
{
    struct slice *word;

    part->words = grown(part->words, part->count, sizeof(*part->words));
    word = &part->words[part->count++];
    *word = (struct slice){glob->text_len, 0};
    return word;
}

/* Takes one byte, or what a backslash escapes, into the word. */
static size_t take_byte(struct glob *glob, struct slice *word, size_t at)
{
    if (glob->pattern[at] == '\\' && at + 1 < glob->len)
        at++;
    glob->text[glob->text_len++] = glob->pattern[at];
    word->len++;
    return at + 1;
}

/* Length of the bracketed IPv6 address at `at`; 0 when there is none. A zone
 * is taken too: it is refused where the URL is read. */
static size_t ipv6_length(const struct glob *glob, size_t at)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    const char *start = glob->pattern + at + 1;
    size_t len = strcspn(start, "]"), digits = strcspn(start, "]%");

    if (start[len] != ']' || digits >= sizeof(text))
        return 0;
    memcpy(text, start, digits);
    text[digits] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1 ? len + 2 : 0;
}

/* Reads text up to the next pattern; *at moves behind it. */
static int read_literal(struct glob *glob, size_t *at, struct why *why)
{
    struct part *part = add_part(glob, PART_LITERAL);
    struct slice *word = add_word(glob, part);

    while (*at < glob->len) {
        char c = glob->pattern[*at];
        size_t plain = 0;

        if (c == '{')
            return 0;
        if (c == '}' || c == ']')
            return fail(why, "a closing bracket without its opening one", *at);
        if (c == '[') {
            plain = glob->pattern[*at + 1] == ']' ? 2 : ipv6_length(glob, *at);
            if (!plain)
                return 0;
        }
        for (; plain > 0; plain--, (*at)++) {
            glob->text[glob->text_len++] = glob->pattern[*at];
            word->len++;
        }
        if (c != '[')
            *at = take_byte(glob, word, *at);
    }
    return 0;
}

/* Reads "{one,two}". */
static int read_set(struct glob *glob, size_t *at, struct why *why)
{
    size_t open = (*at)++;
    struct part *part = add_part(glob, PART_SET);
    struct slice *word = add_word(glob, part);

    while (*at < glob->len) {
        switch (glob->pattern[*at]) {
        case '}':
            if (*at == open + 1)
                return fail(why, "an empty set", open);
            ++*at;
            return 0;
        case ',':
            word = add_word(glob, part);
            ++*at;
            break;
        case '{':
        case '[':
            return fail(why, "a pattern inside a set", *at);
        case ']':
            return fail(why, "a closing bracket without its opening one", *at);
        default:
            *at = take_byte(glob, word, *at);
        }
    }
    return fail(why, "a set that is not closed", open);
}

/* Reads digits; -1 when there are none or too many. */
static int read_number(const char **text, uint64_t *value)
{
    const char *start = *text;

    *value = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        unsigned digit = (unsigned)(**text - '0');

        if (*value > ((uint64_t)INT64_MAX - digit) / 10)
            return -1;
        *value = *value * 10 + digit;
    }
    return *text > start ? 0 : -1;
}

static bool is_letter_pair(char a, char b)
{
    return (a >= 'a' && a <= 'z' && b >= 'a' && b <= 'z') ||
           (a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z');
}

/* Reads the two ends of a range. */
static int read_ends(struct part *part, const char **text, uint64_t *last)
{
    const char *start = *text;

    if (start[0] && start[1] == '-' && is_letter_pair(start[0], start[2])) {
        part->kind = PART_LETTERS;
        part->first = (unsigned char)start[0];
        *last = (unsigned char)start[2];
        *text += 3;
        return 0;
    }
    if (read_number(text, &part->first) != 0 || **text != '-')
        return -1;
    /* A leading zero pads all numbers to the width of the first. */
    if (*start == '0')
        part->width = (int)(*text - start);
    ++*text;
    return read_number(text, last);
}

/* Widest zero padding: a number is never more than this. */
#define WIDTH_MAX 1024

/* Reads "[1-100]", "[a-z:2]". */
static int read_range(struct glob *glob, size_t *at, struct why *why)
{
    struct part *part = add_part(glob, PART_NUMBERS);
    const char *text = glob->pattern + *at + 1;
    uint64_t last;

    if (read_ends(part, &text, &last) != 0)
        return fail(why, "a bracket that is no range such as [1-9] or [a-z:2]",
                    *at);
    if (*text == ':') {
        text++;
        if (read_number(&text, &part->step) != 0)
            return fail(why, "a step that is no number", *at);
    }
    if (*text != ']')
        return fail(why, "a range that is not closed", *at);
    if (last < part->first)
        return fail(why, "a range that ends before it begins", *at);
    if (part->width > WIDTH_MAX)
        return fail(why, "a range of too many digits", *at);
    if (part->step == 0 ||
        (last > part->first && part->step > last - part->first))
        return fail(why, "a step that does not fit the range", *at);
    part->count = (last - part->first) / part->step + 1;
    *at = (size_t)(text + 1 - glob->pattern);
    return 0;
}

static int read_pattern(struct glob *glob, struct why *why)
{
    const char *nul = memchr(glob->pattern, '\0', glob->len);
    size_t at = 0;

    if (nul)
        return fail(why, "a NUL byte", (size_t)(nul - glob->pattern));
    while (at < glob->len) {
        int status;

        if (glob->pattern[at] == '{')
            status = read_set(glob, &at, why);
        else if (glob->pattern[at] == '[' && glob->pattern[at + 1] != ']' &&
                 !ipv6_length(glob, at))
            status = read_range(glob, &at, why);
        else
            status = read_literal(glob, &at, why);
        if (status == 0 && glob->patterns > PATTERNS_MAX)
            status = why_set(why, "more than %d patterns", PATTERNS_MAX);
        if (status != 0)
            return -1;
    }
    return 0;
}

struct glob *glob_new(const char *text, size_t len, struct why *why)
{
    struct glob *glob = xcalloc(1, sizeof(*glob));

    glob->pattern = xmemdup(text, len);
    glob->len = len;
    glob->text = xmalloc(len); /* unescaping only shortens */
    if (read_pattern(glob, why) != 0) {
        glob_free(glob);
        return NULL;
    }
    return glob;
}

void glob_free(struct glob *glob)
{
    if (!glob)
        return;
    for (size_t i = 0; i < glob->count; i++)
        free(glob->parts[i].words);
    free(glob->parts);
    free(glob->text);
    free(glob->pattern);
    free(glob);
}

/* Appends the part's value of this turn. */
static void add_value(const struct glob *glob, const struct part *part,
                      struct buf *out)
{
    uint64_t value = part->first + part->turn * part->step;

    switch (part->kind) {
    case PART_LITERAL:
    case PART_SET:
        buf_add(out, glob->text + part->words[part->turn].at,
                part->words[part->turn].len);
        break;
    case PART_NUMBERS:
        buf_addf(out, "%0*llu", part->width, (unsigned long long)value);
        break;
    case PART_LETTERS:
        buf_add_char(out, (char)value);
        break;
    }
}

bool glob_next(struct glob *glob, struct buf *out)
{
    size_t i;

    buf_clear(out);
    if (glob->ended)
        return false;
    for (i = 0; i < glob->count; i++)
        add_value(glob, &glob->parts[i], out);
    for (i = glob->count; i > 0; i--) {
        struct part *part = &glob->parts[i - 1];

        if (++part->turn < part->count)
            return true;
        part->turn = 0;
    }
    glob->ended = true; /* the leftmost wheel is back at its start */
    return true;
}

uint64_t glob_count(const struct glob *glob)
{
    uint64_t total = 1;

    for (size_t i = 0; i < glob->count; i++) {
        if (total > UINT64_MAX / glob->parts[i].count)
            return UINT64_MAX;
        total *= glob->parts[i].count;
    }
    return total;
}
