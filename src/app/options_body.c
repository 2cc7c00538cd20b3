/* SPDX-License-Identifier: MIT */
/* Options: what becomes of the bodies of responses. */
#include "app/options_rows.h"

#include "base/units.h"

#include <stdint.h>
#include <string.h>

static const char *const body_modes[] = {
    [BODY_NONE] = "none",
    [BODY_INLINE] = "inline",
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
     .help = "none, or inline: put the response body into records"},
    {.name = "max-body",
     OPT_CUSTOM(settings.max_body, parse_max_body),
     .arg = "SIZE",
     .def = "auto",
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
