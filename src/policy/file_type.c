/* SPDX-License-Identifier: MIT */
/*
 * The table of media types and extensions. It knows text only; what names are
 * made with it is policy/file_name's.
 */
#include "policy/file_type.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct type_row {
    const char *type, *extension;
};

/* Rows of one extension stand together: file_type_known counts on it. */
static const struct type_row types[] = {
    {"text/html", "html"},
    {"application/xhtml+xml", "html"},
    {"application/json", "json"},
    {"text/json", "json"},
    {"application/x-ndjson", "jsonl"},
    {"application/jsonl", "jsonl"},
    {"application/xml", "xml"},
    {"text/xml", "xml"},
    {"application/rss+xml", "xml"},
    {"application/atom+xml", "xml"},
    {"text/plain", "txt"},
    {"text/css", "css"},
    {"text/javascript", "js"},
    {"application/javascript", "js"},
    {"application/x-javascript", "js"},
    {"text/csv", "csv"},
    {"text/markdown", "md"},
    {"application/pdf", "pdf"},
    {"image/png", "png"},
    {"image/jpeg", "jpg"},
    {"image/jpg", "jpg"},
    {"image/gif", "gif"},
    {"image/webp", "webp"},
    {"image/svg+xml", "svg"},
    {"image/x-icon", "ico"},
    {"image/vnd.microsoft.icon", "ico"},
    {"image/avif", "avif"},
    {"video/mp4", "mp4"},
    {"video/webm", "webm"},
    {"audio/mpeg", "mp3"},
    {"audio/mp3", "mp3"},
    {"audio/wav", "wav"},
    {"audio/x-wav", "wav"},
    {"audio/wave", "wav"},
    {"audio/ogg", "ogg"},
    {"video/ogg", "ogg"},
    {"application/ogg", "ogg"},
    {"application/zip", "zip"},
    {"application/x-zip-compressed", "zip"},
    {"application/gzip", "gz"},
    {"application/x-gzip", "gz"},
    {"application/x-tar", "tar"},
    {"application/x-7z-compressed", "7z"},
    {"application/wasm", "wasm"},
    {"font/woff", "woff"},
    {"application/font-woff", "woff"},
    {"font/woff2", "woff2"},
    {"application/octet-stream", "bin"},
};

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

static const struct type_row suffixes[] = {
    {"+json", "json"},
    {"+xml", "xml"},
    {"+zip", "zip"},
};

static bool ends_with(const char *text, size_t len, const char *end)
{
    size_t end_len = strlen(end);

    return len > end_len &&
           strncasecmp(text + len - end_len, end, end_len) == 0;
}

const char *file_type_extension(const char *content_type)
{
    size_t len;

    if (!content_type)
        return "bin";
    content_type += strspn(content_type, " \t");
    len = strcspn(content_type, "; \t,");
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (strlen(types[i].type) == len &&
            strncasecmp(content_type, types[i].type, len) == 0)
            return types[i].extension;
    }
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (ends_with(content_type, len, suffixes[i].type))
            return suffixes[i].extension;
    }
    return len > 5 && strncasecmp(content_type, "text/", 5) == 0 ? "txt"
                                                                 : "bin";
}

const char *file_type_known(size_t number)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (i > 0 && strcmp(types[i].extension, types[i - 1].extension) == 0)
            continue;
        if (number-- == 0)
            return types[i].extension;
    }
    return NULL;
}
