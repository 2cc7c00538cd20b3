/* SPDX-License-Identifier: MIT */
/*
 * The table of options, and what one option alone cannot see. The place where
 * defaults are written down; how texts become values is model/opt's business.
 */
#include "app/options.h"

#include "base/units.h"
#include "policy/fields.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INLINE_MAX_BODY (UINT64_C(10) * 1024 * 1024)
#define NOT_GIVEN       UINT64_MAX

static const char *const input_formats[] = {
    [INPUT_AUTO] = "auto",
    [INPUT_URLS] = "urls",
    [INPUT_JSONL] = "jsonl",
    NULL,
};

static const char *const schemes[] = {"http", "https", NULL};

static const char *const body_modes[] = {
    [BODY_NONE] = "none",
    [BODY_INLINE] = "inline",
    NULL,
};

static int parse_fields(struct config *config, const char *value,
                        struct why *why)
{
    uint64_t set;

    if (fields_parse(&set, value, why) != 0)
        return -1;
    if (set == 0)
        return why_set(why, "\"%.60s\" leaves no field", value);
    config->fields = set;
    return 0;
}

/* "auto" is what options_settle makes of the mode of the body. */
static int parse_max_body(struct config *config, const char *value,
                          struct why *why)
{
    if (strcmp(value, "auto") == 0)
        config->max_body = NOT_GIVEN;
    else if (strcmp(value, "none") == 0)
        config->max_body = 0;
    else
        return unit_size(value, &config->max_body, why);
    return 0;
}

static const struct opt rows[] = {
    {.name = "input",
     .letter = 'i',
     OPT_LIST(inputs),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .group = "Input",
     .help = "read requests from FILE, - is stdin; repeatable"},
    {.name = "input-format",
     OPT_CHOICE(input_format),
     .arg = "FORMAT",
     .def = "auto",
     .choices = input_formats,
     .group = "Input",
     .help = "auto ({ opens JSON), urls or jsonl"},
    {.name = "default-scheme",
     OPT_STRING(default_scheme),
     .arg = "SCHEME",
     .def = "https",
     .choices = schemes,
     .group = "Input",
     .help = "of URLs without one: http or https"},
    {.name = "glob",
     OPT_FLAG(glob),
     .group = "Input",
     .help = "expand [1-100], [a-z:2] and {a,b} in URLs"},
    {.name = "strict",
     OPT_FLAG(strict),
     .group = "Input",
     .help = "stop at the first invalid line, exit 2"},
    {.name = "queue",
     OPT_UINT(queue),
     .arg = "N",
     .def = "10000",
     .min = 1,
     .max = 1000000,
     .group = "Input",
     .help = "read at most N requests ahead"},

    {.name = "location",
     .letter = 'L',
     OPT_FLAG(location),
     .def = "true",
     .group = "Requests",
     .help = "follow redirects"},
    {.name = "max-redirs",
     OPT_UINT(max_redirs),
     .arg = "N",
     .def = "10",
     .max = 1000,
     .group = "Requests",
     .help = "follow at most N redirects in an attempt"},
    {.name = "user-agent",
     .letter = 'A',
     OPT_STRING(user_agent),
     .arg = "TEXT",
     .group = "Requests",
     .help = "User-Agent to send instead of afetch/VERSION"},
    {.name = "compressed",
     OPT_FLAG(compressed),
     .def = "true",
     .group = "Requests",
     .help = "ask for compressed bodies"},
    {.name = "insecure",
     .letter = 'k',
     OPT_FLAG(insecure),
     .group = "Requests",
     .help = "do not verify the certificates of servers"},
    {.name = "cacert",
     OPT_STRING(cacert),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .group = "Requests",
     .help = "trust the CA certificates in FILE (PEM)"},
    {.name = "capath",
     OPT_STRING(capath),
     .arg = "DIR",
     .hint = OPT_HINT_DIR,
     .group = "Requests",
     .help = "trust the CA certificates in DIR (hashed)"},

    {.name = "dns-ttl",
     OPT_DURATION(dns_ttl),
     .arg = "D",
     .def = "60s",
     .group = "Requests",
     .help = "keep what a name lookup found for D"},

    {.name = "concurrency",
     .letter = 'c',
     OPT_UINT(concurrency),
     .arg = "N",
     .def = "64",
     .min = 1,
     .max = 65535,
     .group = "Scheduling",
     .help = "run at most N requests at once"},
    {.name = "host-concurrency",
     OPT_UINT(host_concurrency),
     .arg = "N",
     .def = "8",
     .max = 65535,
     .group = "Scheduling",
     .help = "of them at most N to one host; 0: no limit"},

    {.name = "connect-timeout",
     OPT_DURATION(connect_timeout),
     .arg = "D",
     .def = "10s",
     .group = "Time limits",
     .help = "limit of a connection and its name lookup"},
    {.name = "max-time",
     .alias = "timeout",
     .letter = 'm',
     OPT_DURATION(max_time),
     .arg = "D",
     .def = "30s",
     .none = true,
     .group = "Time limits",
     .help = "limit of an attempt with its redirects"},
    {.name = "request-time",
     OPT_DURATION(request_time),
     .arg = "D",
     .none = true,
     .group = "Time limits",
     .help = "limit of a request with retries and waits"},
    {.name = "deadline",
     OPT_DURATION(deadline),
     .arg = "D",
     .none = true,
     .group = "Time limits",
     .help = "limit of the whole run; then exit 4"},
    {.name = "grace",
     OPT_DURATION(grace),
     .arg = "D",
     .def = "5s",
     .group = "Time limits",
     .help = "what is under way at a signal may take this"},
    {.name = "speed-limit",
     OPT_SIZE(speed_limit),
     .arg = "SIZE",
     .def = "1",
     .group = "Time limits",
     .help = "give up on transfers slower than SIZE/s"},
    {.name = "speed-time",
     OPT_DURATION(speed_time),
     .arg = "D",
     .def = "30s",
     .none = true,
     .group = "Time limits",
     .help = "for how long they may be slower"},

    {.name = "retry",
     OPT_UINT(retry),
     .arg = "N",
     .def = "2",
     .max = 1000,
     .group = "Retries",
     .help = "send a failed request up to N times more"},
    {.name = "retry-on",
     OPT_MATCHSET(retry_on),
     .arg = "LIST",
     .def = "408,425,429,500,502,503,504,522,524,transient",
     .group = "Retries",
     .help = "statuses, classes, codes; !WORD takes one out"},
    {.name = "retry-delay",
     OPT_DURATION(retry_delay),
     .arg = "D",
     .def = "1s",
     .group = "Retries",
     .help = "base of the backoff, doubled by every retry"},
    {.name = "retry-max-delay",
     OPT_DURATION(retry_max_delay),
     .arg = "D",
     .def = "60s",
     .group = "Retries",
     .help = "cap of the backoff"},
    {.name = "retry-max-time",
     OPT_DURATION(retry_max_time),
     .arg = "D",
     .none = true,
     .group = "Retries",
     .help = "no retry later than D after the first send"},
    {.name = "retry-after",
     OPT_FLAG(retry_after),
     .def = "true",
     .group = "Retries",
     .help = "wait at least as long as Retry-After asks"},
    {.name = "max-retry-after",
     OPT_DURATION(max_retry_after),
     .arg = "D",
     .def = "60s",
     .group = "Retries",
     .help = "cap of what Retry-After may ask for"},
    {.name = "retry-unsafe",
     OPT_FLAG(retry_unsafe),
     .group = "Retries",
     .help = "retry POST and PATCH that may have arrived"},
    {.name = "seed",
     OPT_U64(seed),
     .arg = "N",
     .group = "Retries",
     .help = "seed of the jitter, for repeatable runs"},

    {.name = "output",
     .letter = 'o',
     OPT_STRING(output),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .group = "Records",
     .help = "write records to FILE instead of stdout"},
    {.name = "force",
     OPT_FLAG(force),
     .group = "Records",
     .help = "overwrite an --output that is not empty"},
    {.name = "fields",
     OPT_CUSTOM(parse_fields),
     .arg = "LIST",
     .group = "Records",
     .help = "fields to print; +NAME, -NAME change the default"},
    {.name = "list-fields",
     OPT_ACTION(ACTION_LIST_FIELDS),
     .group = "Records",
     .help = "show the fields that there are"},
    {.name = "headers",
     OPT_FLAG(headers),
     .group = "Records",
     .help = "put the response headers into records"},
    {.name = "body",
     OPT_CHOICE(body),
     .arg = "MODE",
     .def = "none",
     .choices = body_modes,
     .group = "Records",
     .help = "none, or inline: put the response body into records"},
    {.name = "max-body",
     OPT_CUSTOM(parse_max_body),
     .arg = "SIZE",
     .def = "auto",
     .group = "Records",
     .help = "size limit; auto: 10M with --body inline, else none"},
    {.name = "max-ratio",
     OPT_UINT(max_ratio),
     .arg = "N",
     .def = "100",
     .max = 1000000,
     .group = "Records",
     .help = "most that decoding may make of a byte; 0: no limit"},
    {.name = "raw",
     OPT_FLAG(raw),
     .group = "Records",
     .help = "leave bodies compressed as they came"},
    {.name = "accept",
     OPT_MATCHSET(accept),
     .arg = "LIST",
     .def = "200-399",
     .group = "Records",
     .help = "statuses (404, 5xx) and errors that are ok"},
    {.name = "exit-zero",
     OPT_FLAG(exit_zero),
     .group = "Records",
     .help = "exit 0 even when records are not ok"},

    {.name = "silent",
     .letter = 's',
     OPT_FLAG(silent),
     .group = "General",
     .help = "print no summary at the end",
     .excludes = "verbose"},
    {.name = "verbose",
     .letter = 'v',
     OPT_FLAG(verbose),
     .group = "General",
     .help = "print diagnostic messages on stderr"},
    {.name = "help",
     .letter = 'h',
     OPT_ACTION(ACTION_HELP),
     .group = "General",
     .help = "show this help"},
    {.name = "version",
     .letter = 'V',
     OPT_ACTION(ACTION_VERSION),
     .group = "General",
     .help = "show the versions of afetch and its libraries"},
    {.name = "dump-options",
     OPT_ACTION(ACTION_DUMP_OPTIONS),
     .group = "General",
     .help = "print this table as tab-separated values",
     .hidden = true},
    {.name = "dump-words",
     OPT_ACTION(ACTION_DUMP_WORDS),
     .group = "General",
     .help = "print every published word as tab-separated values",
     .hidden = true},
};

const struct opt_table options_table = {
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .positionals = offsetof(struct config, urls),
};

/* A control byte in a header field would smuggle in another one. */
static int check_user_agent(const char *text, struct why *why)
{
    for (; text && *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return why_set(why, "--user-agent: control byte 0x%02x in it",
                           byte);
    }
    return 0;
}

static int check_times(const struct config *config, struct why *why)
{
    if (config->connect_timeout <= 0)
        return why_set(why, "--connect-timeout: it must be above 0");
    if (config->retry_delay > config->retry_max_delay)
        return why_set(why,
                       "--retry-delay (%gs) is above --retry-max-delay (%gs)",
                       config->retry_delay, config->retry_max_delay);
    return 0;
}

/* Else every https URL of the run would fail for what is wrong here. */
static int check_authorities(const struct config *config, struct why *why)
{
    struct stat info;

    if (config->cacert &&
        (access(config->cacert, R_OK) != 0 || stat(config->cacert, &info) != 0))
        return why_set(why, "--cacert: cannot read %s: %s", config->cacert,
                       strerror(errno));
    if (config->cacert && S_ISDIR(info.st_mode))
        return why_set(why, "--cacert: %s is a folder (--capath takes one)",
                       config->cacert);
    if (config->capath && access(config->capath, R_OK | X_OK) != 0)
        return why_set(why, "--capath: cannot read %s: %s", config->capath,
                       strerror(errno));
    return 0;
}

/* Options ask for fields, and fields ask for what fills them. */
static void settle_fields(struct config *config)
{
    const uint64_t body =
        FIELD_BIT(FIELD_BODY) | FIELD_BIT(FIELD_BODY_ENCODING);

    if (config->fields == 0)
        config->fields = fields_default();
    if (config->output)
        config->fields |= FIELD_BIT(FIELD_KEY);
    if (config->headers)
        config->fields |= FIELD_BIT(FIELD_HEADERS);
    config->headers = config->fields & FIELD_BIT(FIELD_HEADERS);
    if (config->body == BODY_INLINE || (config->fields & body)) {
        config->fields |= body; /* neither can be read without the other */
        config->body = BODY_INLINE;
    }
}

int options_settle(struct config *config, struct why *why)
{
    if (check_user_agent(config->user_agent, why) != 0 ||
        check_times(config, why) != 0 || check_authorities(config, why) != 0)
        return -1;
    settle_fields(config);
    if (config->max_body == NOT_GIVEN)
        config->max_body = config->body == BODY_INLINE ? INLINE_MAX_BODY : 0;
    return 0;
}

void options_list_fields(FILE *out)
{
    size_t name_width = 0, type_width = 0;

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        size_t name = strlen(field_rows[i].name);
        size_t type = strlen(field_rows[i].type);

        name_width = name > name_width ? name : name_width;
        type_width = type > type_width ? type : type_width;
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const struct field_row *row = &field_rows[i];

        fprintf(out, "%-*s  %-*s  %s%s\n", (int)name_width, row->name,
                (int)type_width, row->type, row->text,
                row->asked_for ? " (opt-in)" : "");
    }
}

void options_dump_words(FILE *out)
{
    for (const struct exit_row *row = exit_rows; row->status; row++)
        fprintf(out, "exit\t%s\t%s\n", row->status, row->text);
    for (unsigned i = CLASS_NONE + 1; i < CLASS_COUNT; i++)
        fprintf(out, "class\t%s\n", error_class_name((enum error_class)i));
    for (unsigned i = CODE_NONE + 1; i < CODE_COUNT; i++)
        fprintf(out, "code\t%s\n", error_code_name((enum error_code)i));
    for (unsigned i = 0; i < PHASE_COUNT; i++)
        fprintf(out, "phase\t%s\n", phase_name((enum phase)i));
    for (size_t i = 0; i < FIELD_COUNT; i++)
        fprintf(out, "field\t%s\t%s\t%s\n", field_rows[i].name,
                field_rows[i].type, field_rows[i].text);
}
