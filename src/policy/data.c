/* SPDX-License-Identifier: MIT */
/*
 * Request data out of options. It knows curl's syntax; it must not know where
 * a file's bytes come from, nor what the data is sent as.
 */
#include "policy/data.h"

#include <stdbool.h>
#include <string.h>

/* An argument in its parts. */
struct piece {
    const char *name; /* of DATA_URLENCODE; not ended by a NUL */
    size_t name_len;
    const char *content; /* or the name of the file that holds it */
    bool is_file;
};

static int too_large(const struct buf *buf, const char *what, struct why *why)
{
    return why_set(why, "%s is over %zu bytes", what, buf->max);
}

static struct piece split_named(const char *argument)
{
    const char *mark = strchr(argument, '=');

    if (mark == NULL)
        mark = strchr(argument, '@');
    if (mark == NULL)
        return (struct piece){.content = argument};
    return (struct piece){
        .name = argument,
        .name_len = (size_t)(mark - argument),
        .content = mark + 1,
        .is_file = *mark == '@',
    };
}

static struct piece split(enum data_kind kind, const char *argument)
{
    if (kind == DATA_URLENCODE)
        return split_named(argument);
    if (kind != DATA_RAW && argument[0] == '@')
        return (struct piece){.content = argument + 1, .is_file = true};
    return (struct piece){.content = argument};
}

/* RFC 3986 section 2.3, whatever the locale. */
static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
}

static void add_encoded(struct buf *data, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (is_unreserved(c))
            buf_add_char(data, (char)c);
        else if (c == ' ')
            buf_add_char(data, '+');
        else
            buf_addf(data, "%%%02X", c);
    }
}

static void add_stripped(struct buf *data, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\r' && bytes[i] != '\n' && bytes[i] != '\0')
            buf_add_char(data, bytes[i]);
    }
}

static void add_content(struct buf *data, enum data_kind kind,
                        const struct piece *piece, const char *bytes,
                        size_t len)
{
    if (kind == DATA_URLENCODE) {
        if (piece->name_len > 0) {
            buf_add(data, piece->name, piece->name_len);
            buf_add_char(data, '=');
        }
        add_encoded(data, bytes, len);
    } else if (kind == DATA_PLAIN && piece->is_file) {
        add_stripped(data, bytes, len);
    } else {
        buf_add(data, bytes, len);
    }
}

int data_add(struct buf *data, enum data_kind kind, const char *argument,
             const struct reader *reader, struct why *why)
{
    struct piece piece = split(kind, argument);
    struct buf file;

    buf_init(&file, data->max);
    if (piece.is_file &&
        reader->read(reader->context, piece.content, &file, why) != 0) {
        buf_release(&file);
        return -1;
    }
    if (data->len > 0 && kind != DATA_JSON)
        buf_add_char(data, '&');
    if (piece.is_file)
        add_content(data, kind, &piece, file.data, file.len);
    else
        add_content(data, kind, &piece, piece.content, strlen(piece.content));
    buf_release(&file);
    return data->over ? too_large(data, "the request data", why) : 0;
}

void data_add_pair(struct buf *data, const char *name, const char *value)
{
    if (data->len > 0)
        buf_add_char(data, '&');
    add_encoded(data, name, strlen(name));
    buf_add_char(data, '=');
    add_encoded(data, value, strlen(value));
}

int data_add_query(struct buf *url, const char *data, size_t len,
                   struct why *why)
{
    const char *query = url->len > 0 ? memchr(url->data, '?', url->len) : NULL;

    if (len == 0)
        return 0;
    if (query == NULL)
        buf_add_char(url, '?');
    else if (query + 1 < url->data + url->len && url->data[url->len - 1] != '&')
        buf_add_char(url, '&');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];

        if (c <= ' ' || c >= 0x7f || c == '#')
            buf_addf(url, "%%%02X", c);
        else
            buf_add_char(url, (char)c);
    }
    return url->over ? too_large(url, "the URL with its data", why) : 0;
}
