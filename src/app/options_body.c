/* SPDX-License-Identifier: MIT */
/* Options: what becomes of the bodies of responses. */
#include "app/options_rows.h"

#include "base/units.h"
#include "policy/file_name.h"

#include <stdint.h>
#include <string.h>

static const char *const body_modes[] = {
    [BODY_NONE] = "none",
    [BODY_INLINE] = "inline",
    [BODY_FILE] = "file",
    NULL,
};

static const char *const hash_choices[] = {
    [HASH_NONE] = "none",
    [HASH_SHA256] = "sha256",
    NULL,
};

static const char *const stream_choices[] = {
    [STREAM_NONE] = "none",
    [STREAM_LINES] = "lines",
    [STREAM_SSE] = "sse",
    [STREAM_JSON] = "json",
    NULL,
};

/* "auto" is what options_settle makes of the mode of the body. */
static int parse_max_body(void *field, const char *value, struct why *why)
{
    uint64_t *size = field;

    if (strcmp(value, "auto") == 0)
        *size = MAX_BODY_NOT_GIVEN;
    else if (strcmp(value, "none") == 0)
        *size = 0;
    else
        return unit_size(value, size, why);
    return 0;
}

static const struct opt rows[] = {
    {.name = "body",
     OPT_CHOICE(body),
     .arg = "MODE",
     .def = "none",
     .choices = body_modes,
     .help = "none, inline (into records) or file (--output-dir)"},
    {.name = "output-dir",
     OPT_STRING(output_dir),
     .arg = "DIR",
     .hint = OPT_HINT_DIR,
     .help = "save each body in a file of its own below DIR"},
    {.name = "name",
     OPT_STRING(name),
     .arg = "TEMPLATE",
     .def = FILE_NAME_DEFAULT,
     .help = "of files; also {index} {id} {path} {sha256}"},
    {.name = "skip-existing",
     OPT_FLAG(skip_existing),
     .help = "send no request whose file is there"},
    {.name = "continue",
     OPT_FLAG(resume_bodies),
     .help = "keep bodies that were cut off, and ask for the rest"},
    {.name = "hash",
     OPT_CHOICE(hash),
     .arg = "KIND",
     .def = "none",
     .choices = hash_choices,
     .help = "none, or sha256: hash each body"},
    {.name = "max-body",
     OPT_CUSTOM(settings.max_body, parse_max_body),
     .arg = "SIZE",
     .def = "auto",
     .limit = OPT_LIMIT_OR_NONE,
     .help = "size limit; auto: 10M with --body inline, else none"},
    {.name = "max-ratio",
     OPT_UINT(max_ratio),
     .arg = "N",
     .def = "100",
     .max = 1000000,
     .help = "most that decoding may make of a byte; 0: no limit"},
    {.name = "stream",
     OPT_CHOICE(settings.stream),
     .arg = "KIND",
     .def = "none",
     .choices = stream_choices,
     .help = "print each line, event (sse) or JSON value as it comes"},
    {.name = "raw",
     OPT_FLAG(raw),
     .help = "leave bodies compressed as they came"},
};

const struct opt_group options_body = OPT_GROUP("Bodies", rows);
