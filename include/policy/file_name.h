/* SPDX-License-Identifier: MIT */
/*
 * The name of a saved body, relative to the folder of all bodies: from a
 * template with placeholders. A "/" that the template itself has makes
 * folders; nothing that a placeholder gives can: what is put in its place is
 * made harmless first.
 *
 * Placeholders: {index} the number of the request; {id} the caller's id ("_"
 * without one); {host} its host, without port and brackets; {path} the path
 * of its URL, without the first "/" and the query, escapes decoded once
 * ("index" when nothing is left); {key} the first 16 hex digits of its key;
 * {sha256} that of the body in hex; {ext} the extension by the type of the
 * response, without dot ("bin" when the type says nothing). "{{" and "}}" are
 * braces.
 *
 * In the value of a placeholder "_" stands for each: separator ("/", "\"),
 * dot or dash at the start, code point that is not printable (utf8_unprintable;
 * control bytes are), run of bytes that is no UTF-8; and for an empty value.
 * Each component of the name is cut to FILE_NAME_COMPONENT_MAX bytes, between
 * code points, its extension kept. No name begins with ".afetch-", in any
 * component: world/save's own files do.
 */
#ifndef POLICY_FILE_NAME_H
#define POLICY_FILE_NAME_H

#include "base/buf.h"
#include "base/msg.h"
#include "model/request.h"

#include <stdbool.h>
#include <stddef.h>

/* Longest component of a name, in bytes. */
#define FILE_NAME_COMPONENT_MAX 200

/* Longest template, in bytes; most components it may have. */
#define FILE_NAME_TEMPLATE_MAX   1024
#define FILE_NAME_COMPONENTS_MAX 16

/* What a buf for a name must have room for. */
#define FILE_NAME_MAX (FILE_NAME_COMPONENTS_MAX * (FILE_NAME_COMPONENT_MAX + 1))

/* The template of names that nobody has chosen. A repeated request has the
 * same name, on purpose: it overwrites its own file. */
#define FILE_NAME_DEFAULT "{host}/{key}.{ext}"

/* When a template's names are known. */
enum file_name_when {
    FILE_NAME_BY_REQUEST,  /* before anything is sent */
    FILE_NAME_BY_RESPONSE, /* with {ext}: at the head of the response */
    FILE_NAME_BY_BODY,     /* with {sha256}: when the body is whole */
};

/* What a name is made of, all borrowed. */
struct file_facts {
    const struct request *request;
    const char *extension; /* by file_type_extension; from FILE_NAME_BY_RESPONSE
                              on it must not be NULL */
    const char *sha256;    /* hex; with FILE_NAME_BY_BODY not NULL */
};

/* A template that was read. */
struct file_name;

/*
 * Reads a template. NULL with why when it has an unknown placeholder (named,
 * with the nearest one), a single brace, a component that is empty, ".", ".."
 * or begins with ".afetch-", bytes that are not printable or no UTF-8, or too
 * many of either.
 */
struct file_name *file_name_new(const char *template, struct why *why);
void file_name_free(struct file_name *name); /* NULL is allowed */

enum file_name_when file_name_when(const struct file_name *name);

/*
 * True when no two requests of a run can have the same name: {index} is the
 * first placeholder and no digit or placeholder is next to it. Such names
 * need no policy/file_taken.
 */
bool file_name_distinct(const struct file_name *name);

/* Writes the name into out, which is cleared before. A name once given is the
 * same for the same facts. */
void file_name_make(const struct file_name *name,
                    const struct file_facts *facts, struct buf *out);

/* Writes the name with "-NUMBER" before its extension into out, which is
 * cleared before; its last component is cut where it would be too long. */
void file_name_numbered(struct buf *out, const char *name, unsigned number);

#endif
