/* SPDX-License-Identifier: MIT */
/*
 * The syntax of -F. It knows how curl reads it; it must not know how a form
 * is written, nor where a file's bytes come from.
 */
#include "policy/form_parse.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define SPACE " \t\n\v\f\r"

/* What is still unread of an argument, and what ends a word besides ";". */
struct cursor {
    const char *at;
    const char *ends; /* ";", or ";," in a list of files */
};

/* A text or a file, and the attributes behind it. */
struct item {
    struct buf content; /* the text, or the file's name */
    struct buf type, filename;
    bool has_filename;
};

static void item_init(struct item *item, size_t max)
{
    buf_init(&item->content, max);
    buf_init(&item->type, max);
    buf_init(&item->filename, max);
    item->has_filename = false;
}

static void item_release(struct item *item)
{
    buf_release(&item->content);
    buf_release(&item->type);
    buf_release(&item->filename);
}

static void skip_space(struct cursor *cursor)
{
    cursor->at += strspn(cursor->at, SPACE);
}

static bool is_escape(const char *at)
{
    return *at == '\\' && (at[1] == '\\' || at[1] == '"');
}

/* The quote that closes the one before text; NULL: it is none then. */
static const char *closing_quote(const char *text)
{
    while (*text != '\0' && *text != '"')
        text += is_escape(text) ? 2 : 1;
    return *text == '"' ? text : NULL;
}

static int take_quoted(struct cursor *cursor, const char *close,
                       struct buf *word, struct why *why)
{
    for (const char *at = cursor->at + 1; at < close; at++) {
        at += is_escape(at);
        buf_add_char(word, *at);
    }
    cursor->at = close + 1;
    skip_space(cursor);
    if (*cursor->at != '\0' && strchr(cursor->ends, *cursor->at) == NULL)
        return why_set(why, "\"%.60s\" stands behind a closing quote",
                       cursor->at);
    return 0;
}

/* All up to the end of the word, without the white space before that. */
static void take_plain(struct cursor *cursor, struct buf *word)
{
    size_t len = strcspn(cursor->at, cursor->ends);
    const char *start = cursor->at;

    cursor->at += len;
    while (len > 0 && strchr(SPACE, start[len - 1]) != NULL)
        len--;
    buf_add(word, start, len);
}

static int take_word(struct cursor *cursor, struct buf *word, struct why *why)
{
    const char *close = NULL;

    buf_clear(word);
    skip_space(cursor);
    if (*cursor->at == '"')
        close = closing_quote(cursor->at + 1);
    if (close != NULL)
        return take_quoted(cursor, close, word, why);
    take_plain(cursor, word);
    return 0;
}

enum attribute { NO_ATTRIBUTE, TYPE, FILENAME, NOT_DONE };

/* The attribute whose "key=" stands at text; *len is that of "key=". */
static enum attribute attribute_at(const char *text, size_t *len)
{
    static const struct {
        const char *key;
        enum attribute attribute;
    } known[] = {
        {"type=", TYPE},
        {"filename=", FILENAME},
        {"headers=", NOT_DONE},
        {"encoder=", NOT_DONE},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        *len = strlen(known[i].key);
        if (strncasecmp(text, known[i].key, *len) == 0)
            return known[i].attribute;
    }
    return NO_ATTRIBUTE;
}

/* A type goes on over its own parameters, to the next attribute. */
static int take_type(struct cursor *cursor, struct buf *type, struct why *why)
{
    buf_clear(type);
    skip_space(cursor);
    take_plain(cursor, type);
    if (type->len == 0)
        return why_set(why, "\"type=\" without a media type");
    while (*cursor->at == ';') {
        const char *next = cursor->at + 1 + strspn(cursor->at + 1, SPACE);
        size_t len;

        if (attribute_at(next, &len) != NO_ATTRIBUTE)
            break;
        buf_add(type, cursor->at, (size_t)(next - cursor->at));
        cursor->at = next;
        take_plain(cursor, type);
    }
    return 0;
}

static int take_attribute(struct cursor *cursor, struct item *item,
                          struct why *why)
{
    size_t len;

    skip_space(cursor);
    switch (attribute_at(cursor->at, &len)) {
    case TYPE:
        cursor->at += len;
        return take_type(cursor, &item->type, why);
    case FILENAME:
        cursor->at += len;
        item->has_filename = true;
        return take_word(cursor, &item->filename, why);
    case NOT_DONE:
        return why_set(why, "\";%.*s\" is not supported", (int)len, cursor->at);
    case NO_ATTRIBUTE:
        break;
    }
    if (*cursor->at == '\0' || strchr(cursor->ends, *cursor->at) != NULL)
        return 0;
    return why_set(why,
                   "\";%.60s\" is neither ;type= nor ;filename=: a text "
                   "with \";\" stands in double quotes",
                   cursor->at);
}

static int take_item(struct cursor *cursor, struct item *item, struct why *why)
{
    if (take_word(cursor, &item->content, why) != 0)
        return -1;
    while (*cursor->at == ';') {
        cursor->at++;
        if (take_attribute(cursor, item, why) != 0)
            return -1;
    }
    return 0;
}

/* As curl, a text whose filename tells no type gets none. */
static const char *type_of_text(const struct item *item)
{
    if (item->type.len > 0)
        return item->type.data;
    if (!item->has_filename)
        return NULL;
    return form_guess_type(item->filename.data, item->filename.len) ? NULL : "";
}

static int add_text(struct form *form, struct form_part *part,
                    struct cursor *cursor, struct item *item, struct why *why)
{
    if (take_item(cursor, item, why) != 0)
        return -1;
    part->value = item->content.data;
    part->value_len = item->content.len;
    part->type = type_of_text(item);
    if (item->has_filename) {
        part->filename = item->filename.len > 0 ? item->filename.data : "";
        part->filename_len = item->filename.len;
    }
    return form_add(form, part, why);
}

/* Reads the file that the item names into *bytes. */
static int read_item(const struct item *item, const struct reader *reader,
                     struct buf *bytes, struct why *why)
{
    if (item->content.len == 0)
        return why_set(why, "no file is named");
    return reader->read(reader->context, item->content.data, bytes, why);
}

/* As curl, the name of the file tells the type, though it is not sent; only
 * that of a plain text is left out. */
static const char *type_of_file_text(const struct item *item)
{
    const char *type;

    if (item->type.len > 0)
        return item->type.data;
    type = form_guess_type(item->content.data, item->content.len);
    return type != NULL && strcmp(type, "text/plain") != 0 ? type : NULL;
}

static int add_file_text(struct form *form, struct form_part *part,
                         struct cursor *cursor, struct item *item,
                         const struct reader *reader, struct why *why)
{
    struct buf bytes;
    int result = -1;

    if (take_item(cursor, item, why) != 0)
        return -1;
    if (item->has_filename)
        return why_set(why, "\";filename=\" goes with \"@\", not with \"<\"");
    buf_init(&bytes, form_max(form));
    if (read_item(item, reader, &bytes, why) == 0) {
        part->value = bytes.data;
        part->value_len = bytes.len;
        part->type = type_of_file_text(item);
        result = form_add(form, part, why);
    }
    buf_release(&bytes);
    return result;
}

/* The name that is sent, and the type: of that name or, when it tells none,
 * of the file's own. */
static void name_file(struct form_part *part, const struct item *item)
{
    const char *slash = strrchr(item->content.data, '/');
    const char *base = slash != NULL ? slash + 1 : item->content.data;

    part->filename = base;
    if (item->has_filename)
        part->filename = item->filename.len > 0 ? item->filename.data : "";
    part->filename_len = strlen(part->filename);
    part->type = item->type.len > 0 ? item->type.data : NULL;
    if (part->type == NULL)
        part->type = form_guess_type(part->filename, part->filename_len);
    if (part->type == NULL)
        part->type = form_guess_type(base, strlen(base));
}

static int add_file(struct form *form, struct form_part *part,
                    struct cursor *cursor, struct item *item,
                    const struct reader *reader, struct why *why)
{
    struct buf bytes;
    int result = -1;

    if (take_item(cursor, item, why) != 0)
        return -1;
    buf_init(&bytes, form_max(form));
    if (read_item(item, reader, &bytes, why) == 0) {
        part->value = bytes.data;
        part->value_len = bytes.len;
        name_file(part, item);
        result = form_add(form, part, why);
    }
    buf_release(&bytes);
    return result;
}

static int add_files(struct form *form, const struct form_part *part,
                     struct cursor *cursor, const struct reader *reader,
                     struct why *why)
{
    int result;

    cursor->ends = ";,";
    do {
        struct form_part file = *part;
        struct item item;

        cursor->at++; /* the "@", or the comma */
        item_init(&item, strlen(cursor->at));
        result = add_file(form, &file, cursor, &item, reader, why);
        item_release(&item);
    } while (result == 0 && *cursor->at == ',');
    return result;
}

/* The name, up to the "="; *content is what stands behind that. */
static int split_name(const char *argument, struct form_part *part,
                      const char **content, struct why *why)
{
    const char *equals = strchr(argument, '=');

    if (equals == NULL)
        return why_set(why, "\"%.60s\" is not NAME=CONTENT", argument);
    *part = (struct form_part){
        .name = argument,
        .name_len = (size_t)(equals - argument),
    };
    *content = equals + 1;
    return 0;
}

int form_parse(struct form *form, const char *argument,
               const struct reader *reader, struct why *why)
{
    struct form_part part;
    struct cursor cursor = {.ends = ";"};
    struct item item;
    int result;

    if (split_name(argument, &part, &cursor.at, why) != 0)
        return -1;
    if (*cursor.at == '(')
        return why_set(why,
                       "parts in parts (\"%.40s\") are not supported: "
                       "a text that begins so stands in double quotes",
                       cursor.at);
    if (*cursor.at == '@')
        return add_files(form, &part, &cursor, reader, why);
    item_init(&item, strlen(cursor.at));
    if (*cursor.at == '<') {
        cursor.at++;
        result = add_file_text(form, &part, &cursor, &item, reader, why);
    } else {
        result = add_text(form, &part, &cursor, &item, why);
    }
    item_release(&item);
    return result;
}

int form_parse_string(struct form *form, const char *argument, struct why *why)
{
    struct form_part part;

    if (split_name(argument, &part, &part.value, why) != 0)
        return -1;
    part.value_len = strlen(part.value);
    return form_add(form, &part, why);
}
