/* SPDX-License-Identifier: MIT */
/*
 * Builds multipart/form-data. It knows the format alone, not the syntax of
 * options or lines that parts come from.
 *
 * Each part is written at once, all but its boundary, which the bytes of all
 * the parts decide.
 */
#include "policy/form.h"

#include "base/hash.h"
#include "policy/wire.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGEST_SIZE 16
#define DASHES      "------------------------"

struct form {
    struct buf bytes; /* the parts, one behind the other */
    size_t *ends;     /* where each ends in them */
    size_t count, room;
};

struct form *form_new(size_t max)
{
    struct form *form = xcalloc(1, sizeof(*form));

    buf_init(&form->bytes, max);
    return form;
}

void form_free(struct form *form)
{
    if (form == NULL)
        return;
    buf_release(&form->bytes);
    free(form->ends);
    free(form);
}

size_t form_max(const struct form *form)
{
    return form->bytes.max;
}

const char *form_guess_type(const char *filename, size_t len)
{
    static const struct {
        const char *ending, *type;
    } known[] = {
        {".gif", "image/gif"},       {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},     {".png", "image/png"},
        {".svg", "image/svg+xml"},   {".txt", "text/plain"},
        {".htm", "text/html"},       {".html", "text/html"},
        {".pdf", "application/pdf"}, {".xml", "application/xml"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        size_t size = strlen(known[i].ending);

        if (len >= size &&
            strncasecmp(filename + len - size, known[i].ending, size) == 0)
            return known[i].type;
    }
    return NULL;
}

static const char *type_of(const struct form_part *part)
{
    const char *type = part->type;

    if (type == NULL && part->filename == NULL)
        return "";
    if (type == NULL)
        type = form_guess_type(part->filename, part->filename_len);
    return type != NULL ? type : "application/octet-stream";
}

/* A token, "/" and a token; then parameters, of which only what could end the
 * line is refused. */
static int check_type(const char *type, struct why *why)
{
    size_t major = strcspn(type, "/");
    const char *minor = type + major + (type[major] == '/');
    size_t len = strcspn(minor, "; \t");
    const char *rest = minor + len + strspn(minor + len, " \t");

    if (!wire_is_token(type, major) || !wire_is_token(minor, len) ||
        (*rest != '\0' && *rest != ';'))
        return why_set(why, "\"%.60s\" is not a media type", type);
    return wire_check_header_value("Content-Type", strlen("Content-Type"), type,
                                   strlen(type), why);
}

/* A parameter `; key="text"`. */
static void add_parameter(struct buf *out, const char *key, const char *text,
                          size_t len)
{
    buf_addf(out, "; %s=\"", key);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f || c == '"')
            buf_addf(out, "%%%02X", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

static void add_end(struct form *form)
{
    if (form->count == form->room) {
        form->room = form->room > 0 ? 2 * form->room : 8;
        form->ends = xrealloc(form->ends, form->room * sizeof(*form->ends));
    }
    form->ends[form->count++] = form->bytes.len;
}

int form_add(struct form *form, const struct form_part *part, struct why *why)
{
    struct buf *out = &form->bytes;
    const char *type = type_of(part);

    if (*type != '\0' && check_type(type, why) != 0)
        return -1;
    buf_add_str(out, "Content-Disposition: form-data");
    add_parameter(out, "name", part->name, part->name_len);
    if (part->filename != NULL)
        add_parameter(out, "filename", part->filename, part->filename_len);
    if (*type != '\0')
        buf_addf(out, "\r\nContent-Type: %s", type);
    buf_add_str(out, "\r\n\r\n");
    buf_add(out, part->value, part->value_len);
    buf_add_str(out, "\r\n");
    if (out->over)
        return why_set(why, "the form is over %zu bytes", out->max);
    add_end(form);
    return 0;
}

/* The lengths go in too: no two lists of parts are hashed alike. */
static void write_boundary(const struct form *form,
                           char boundary[2 * DIGEST_SIZE + 1])
{
    struct digest *digest = digest_new();
    unsigned char sum[DIGEST_SIZE];

    for (size_t i = 0; i < form->count; i++) {
        uint64_t end = form->ends[i];
        unsigned char bytes[8];

        for (unsigned b = 0; b < 8; b++)
            bytes[b] = (unsigned char)(end >> (8 * b));
        digest_add(digest, bytes, sizeof(bytes));
    }
    digest_add(digest, form->bytes.data, form->bytes.len);
    digest_end(digest, sum, sizeof(sum));
    digest_free(digest);
    hex_encode(boundary, sum, sizeof(sum));
}

int form_finish(const struct form *form, struct buf *body,
                char content_type[FORM_TYPE_SIZE], struct why *why)
{
    char boundary[2 * DIGEST_SIZE + 1];
    size_t start = 0;

    write_boundary(form, boundary);
    for (size_t i = 0; i < form->count; i++) {
        buf_addf(body, "--" DASHES "%s\r\n", boundary);
        buf_add(body, form->bytes.data + start, form->ends[i] - start);
        start = form->ends[i];
    }
    buf_addf(body, "--" DASHES "%s--\r\n", boundary);
    snprintf(content_type, FORM_TYPE_SIZE,
             "multipart/form-data; boundary=" DASHES "%s", boundary);
    if (body->over)
        return why_set(why, "the form is over %zu bytes", body->max);
    return 0;
}
