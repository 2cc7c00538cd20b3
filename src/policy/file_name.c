/* SPDX-License-Identifier: MIT */
/*
 * Names of saved bodies. It knows requests and text, and touches no file: what
 * is in the way of a name on the disk is world/save's to see.
 */
#include "policy/file_name.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "policy/url.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest extension, its dot included, that cutting and numbering respect. */
#define EXTENSION_MAX 17

/* Most digits of an index. */
#define INDEX_DIGITS 20

/* Bytes of the key that a name has. */
#define KEY_BYTES 8

static const char reserved[] = ".afetch-";

enum piece_kind {
    PIECE_INDEX,
    PIECE_ID,
    PIECE_HOST,
    PIECE_PATH,
    PIECE_KEY,
    PIECE_SHA256,
    PIECE_EXT,
    PIECE_LITERAL,
};

static const char *const placeholders[PIECE_LITERAL] = {
    [PIECE_INDEX] = "index",   [PIECE_ID] = "id",   [PIECE_HOST] = "host",
    [PIECE_PATH] = "path",     [PIECE_KEY] = "key", [PIECE_EXT] = "ext",
    [PIECE_SHA256] = "sha256",
};

struct piece {
    enum piece_kind kind;
    char *text; /* owned; of a literal */
};

struct file_name {
    struct piece *pieces; /* owned array */
    size_t count;
    enum file_name_when when;
    bool distinct;
};

/* A template while it is read. */
struct reader {
    struct file_name *name;
    struct buf literal; /* not yet a piece */
    struct buf shape;   /* the template with a letter for each placeholder */
    struct why *why;
};

static void add_piece(struct file_name *name, enum piece_kind kind, char *text)
{
    name->pieces =
        xrealloc(name->pieces, (name->count + 1) * sizeof(*name->pieces));
    name->pieces[name->count++] = (struct piece){.kind = kind, .text = text};
}

static void end_literal(struct reader *reader)
{
    if (reader->literal.len > 0)
        add_piece(reader->name, PIECE_LITERAL,
                  buf_detach(&reader->literal, NULL));
    buf_clear(&reader->literal);
}

static void add_literal(struct reader *reader, char c)
{
    buf_add_char(&reader->literal, c);
    buf_add_char(&reader->shape, c);
}

static int refuse_placeholder(const char *word, struct why *why)
{
    struct nearest nearest;
    const char *near;

    nearest_init(&nearest, word);
    for (int i = 0; i < PIECE_LITERAL; i++)
        nearest_offer(&nearest, placeholders[i]);
    near = nearest_found(&nearest);
    if (near)
        return why_set(why, "unknown placeholder {%.40s}; did you mean {%s}?",
                       word, near);
    return why_set(why,
                   "unknown placeholder {%.40s}; there are {index}, {id}, "
                   "{host}, {path}, {key}, {sha256} and {ext}",
                   word);
}

static void add_placeholder(struct reader *reader, enum piece_kind kind)
{
    struct file_name *name = reader->name;

    end_literal(reader);
    add_piece(name, kind, NULL);
    buf_add_char(&reader->shape, 'x');
    if (kind == PIECE_SHA256)
        name->when = FILE_NAME_BY_BODY;
    else if (kind == PIECE_EXT && name->when == FILE_NAME_BY_REQUEST)
        name->when = FILE_NAME_BY_RESPONSE;
}

/* Reads what is behind "{"; *text moves behind "}". */
static int read_placeholder(struct reader *reader, const char **text)
{
    size_t len = strcspn(*text, "{}/");
    char *word;
    int kind = 0, status = 0;

    if ((*text)[len] != '}')
        return why_set(reader->why, "a \"{\" without its \"}\" (\"{{\" is a "
                                    "brace itself)");
    word = xmemdup(*text, len);
    *text += len + 1;
    while (kind < PIECE_LITERAL && strcmp(placeholders[kind], word) != 0)
        kind++;
    if (kind == PIECE_LITERAL)
        status = refuse_placeholder(word, reader->why);
    else
        add_placeholder(reader, (enum piece_kind)kind);
    free(word);
    return status;
}

static int read_pieces(struct reader *reader, const char *text)
{
    while (*text) {
        char c = *text++;

        if ((c == '{' || c == '}') && *text == c) {
            add_literal(reader, c);
            text++;
        } else if (c == '{') {
            if (read_placeholder(reader, &text) != 0)
                return -1;
        } else if (c == '}') {
            return why_set(reader->why, "a \"}\" without its \"{\" (\"}}\" is "
                                        "a brace itself)");
        } else {
            add_literal(reader, c);
        }
    }
    end_literal(reader);
    return 0;
}

static int check_component(const char *text, size_t len, struct why *why)
{
    if (len == 0)
        return why_set(why, "an empty name before or behind a \"/\"");
    if ((len == 1 && text[0] == '.') || (len == 2 && !memcmp(text, "..", 2)))
        return why_set(why, "\"%.*s\" is no name of a file", (int)len, text);
    if (strncmp(text, reserved, sizeof(reserved) - 1) == 0)
        return why_set(why, "names that begin with \"%s\" are reserved",
                       reserved);
    return 0;
}

/* Looks at the folders and the file that the template's own text makes. */
static int check_shape(const char *shape, struct why *why)
{
    unsigned count = 0;
    size_t len;

    do {
        len = strcspn(shape, "/");
        if (check_component(shape, len, why) != 0)
            return -1;
        if (++count > FILE_NAME_COMPONENTS_MAX)
            return why_set(why, "more than %d folders",
                           FILE_NAME_COMPONENTS_MAX - 1);
        shape += len + 1;
    } while (shape[-1] == '/');
    return 0;
}

static int check_text(const char *text, struct why *why)
{
    size_t len = strlen(text), step;
    uint32_t cp;

    if (len == 0)
        return why_set(why, "an empty template");
    if (len > FILE_NAME_TEMPLATE_MAX)
        return why_set(why, "longer than %d bytes", FILE_NAME_TEMPLATE_MAX);
    for (size_t at = 0; at < len; at += step) {
        step = utf8_decode(text + at, len - at, &cp);
        if (step == 0)
            return why_set(why, "no UTF-8 at byte %zu", at + 1);
        if (utf8_unprintable(cp))
            return why_set(why, "an unprintable character at byte %zu", at + 1);
    }
    return 0;
}

/* The index is then readable in the name, and survives a cut. */
static bool is_distinct(const struct file_name *name)
{
    const char *before = "", *after = "", *folder;
    size_t i = 0;

    if (name->pieces[0].kind == PIECE_LITERAL)
        before = name->pieces[i++].text;
    if (i == name->count || name->pieces[i].kind != PIECE_INDEX)
        return false;
    if (++i < name->count) {
        if (name->pieces[i].kind != PIECE_LITERAL)
            return false;
        after = name->pieces[i].text;
    }
    folder = strrchr(before, '/');
    return strlen(folder ? folder + 1 : before) + INDEX_DIGITS <=
               FILE_NAME_COMPONENT_MAX - EXTENSION_MAX &&
           !(*after >= '0' && *after <= '9');
}

struct file_name *file_name_new(const char *template, struct why *why)
{
    struct reader reader = {.why = why};
    struct file_name *name;
    int status = check_text(template, why);

    if (status != 0)
        return NULL;
    name = reader.name = xcalloc(1, sizeof(*name));
    buf_init(&reader.literal, FILE_NAME_TEMPLATE_MAX);
    buf_init(&reader.shape, FILE_NAME_TEMPLATE_MAX);
    status = read_pieces(&reader, template);
    if (status == 0)
        status = check_shape(reader.shape.data, why);
    buf_release(&reader.literal);
    buf_release(&reader.shape);
    if (status != 0) {
        file_name_free(name);
        return NULL;
    }
    name->distinct = is_distinct(name);
    return name;
}

void file_name_free(struct file_name *name)
{
    if (!name)
        return;
    for (size_t i = 0; i < name->count; i++)
        free(name->pieces[i].text);
    free(name->pieces);
    free(name);
}

enum file_name_when file_name_when(const struct file_name *name)
{
    return name->when;
}

bool file_name_distinct(const struct file_name *name)
{
    return name->distinct;
}

/* Appends a placeholder's value, made harmless. */
static void add_value(struct buf *out, const char *text, size_t len)
{
    bool leading = true;
    uint32_t cp;

    if (len == 0)
        buf_add_char(out, '_');
    for (size_t at = 0, step; at < len; at += step) {
        step = utf8_decode(text + at, len - at, &cp);
        leading = leading && (text[at] == '.' || text[at] == '-');
        if (step > 0 && !leading && cp != '/' && cp != '\\' &&
            !utf8_unprintable(cp)) {
            buf_add(out, text + at, step);
            continue;
        }
        if (step == 0)
            step = utf8_invalid_length(text + at, len - at);
        buf_add_char(out, '_');
    }
}

static void add_host(struct buf *out, const char *host_key)
{
    size_t len = 0;
    const char *host = host_key ? host_key_host(host_key, &len) : "";

    if (len > 1 && host[0] == '[') {
        host++;
        len -= 2;
    }
    add_value(out, host, len);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes escapes in place; returns the length. */
static size_t unescape(char *text, size_t len)
{
    size_t to = 0;

    for (size_t at = 0; at < len; at++, to++) {
        int high = -1, low = -1;

        if (text[at] == '%' && len - at > 2) {
            high = hex_value(text[at + 1]);
            low = hex_value(text[at + 2]);
        }
        if (high >= 0 && low >= 0) {
            text[to] = (char)(high * 16 + low);
            at += 2;
        } else {
            text[to] = text[at];
        }
    }
    return to;
}

static void add_path(struct buf *out, const char *url)
{
    const char *path = url ? strstr(url, "://") : NULL;
    size_t len;
    char *copy;

    path = path ? path + 3 : "";
    path += strcspn(path, "/?#");
    path += *path == '/';
    len = strcspn(path, "?#");
    copy = xmemdup(path, len);
    len = unescape(copy, len);
    if (len > 0)
        add_value(out, copy, len);
    else
        buf_add_str(out, "index");
    free(copy);
}

static void add_id(struct buf *out, const char *id)
{
    size_t len = id ? strlen(id) : 0;
    char *text;

    if (len < 2 || id[0] != '"') {
        add_value(out, id, len);
        return;
    }
    text = xmalloc(len);
    len = json_unquote(id, len, text);
    add_value(out, text, len);
    free(text);
}

static void add_piece_of(struct buf *out, const struct piece *piece,
                         const struct file_facts *facts)
{
    char key[2 * KEY_BYTES + 1];
    const char *text = "";

    switch (piece->kind) {
    case PIECE_INDEX:
        buf_addf(out, "%" PRIu64, facts->request->index);
        return;
    case PIECE_ID:
        add_id(out, facts->request->id);
        return;
    case PIECE_HOST:
        add_host(out, facts->request->host_key);
        return;
    case PIECE_PATH:
        add_path(out, facts->request->url);
        return;
    case PIECE_KEY:
        hex_encode(key, facts->request->key, KEY_BYTES);
        buf_add_str(out, key);
        return;
    case PIECE_SHA256:
        text = facts->sha256;
        break;
    case PIECE_EXT:
        text = facts->extension;
        break;
    case PIECE_LITERAL:
        buf_add_str(out, piece->text);
        return;
    }
    add_value(out, text, text ? strlen(text) : 0);
}

/* Length of the extension, its dot included, that ends a component. */
static size_t extension_length(const char *text, size_t len)
{
    size_t count = 0;

    while (count + 1 < len && count < EXTENSION_MAX - 1) {
        char c = text[len - 1 - count];

        if (c == '.')
            return count > 0 ? count + 1 : 0;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
              (c >= 'A' && c <= 'Z')))
            return 0;
        count++;
    }
    return count + 1 < len && text[len - 1 - count] == '.' ? count + 1 : 0;
}

/* Appends a component with `tail` before its extension, cut to fit. */
static void add_component(struct buf *out, const char *text, size_t len,
                          const char *tail)
{
    size_t extension = extension_length(text, len), stem = len - extension;
    size_t most = FILE_NAME_COMPONENT_MAX - extension - strlen(tail);

    if (stem > most) {
        stem = most;
        while (stem > 0 && ((unsigned char)text[stem] & 0xC0) == 0x80)
            stem--;
    }
    buf_add(out, text, stem);
    buf_add_str(out, tail);
    buf_add(out, text + len - extension, extension);
}

void file_name_make(const struct file_name *name,
                    const struct file_facts *facts, struct buf *out)
{
    struct buf whole;
    char *text;
    size_t len;

    buf_clear(out);
    buf_init(&whole, SIZE_MAX);
    for (size_t i = 0; i < name->count; i++)
        add_piece_of(&whole, &name->pieces[i], facts);
    text = whole.data;
    do {
        len = strcspn(text, "/");
        /* the template's "." and a value's "afetch-" */
        if (strncmp(text, reserved, sizeof(reserved) - 1) == 0)
            text[0] = '_';
        add_component(out, text, len, "");
        text += len + 1;
        if (text[-1] == '/')
            buf_add_char(out, '/');
    } while (text[-1] == '/');
    buf_release(&whole);
}

void file_name_numbered(struct buf *out, const char *name, unsigned number)
{
    const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
    char tail[16];

    snprintf(tail, sizeof(tail), "-%u", number);
    buf_clear(out);
    buf_add(out, name, (size_t)(last - name));
    add_component(out, last, strlen(last), tail);
}
