/* SPDX-License-Identifier: MIT */
/*
 * The table of options, put together of its groups, and what one option alone
 * cannot see. How texts become values is model/opt's business.
 */
#include "app/options.h"

#include "app/options_rows.h"
#include "app/saving.h"
#include "policy/fields.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INLINE_MAX_BODY (UINT64_C(10) * 1024 * 1024)

static const struct opt_group *const groups[] = {
    &options_input, &options_request, &options_data,       &options_credentials,
    &options_state, &options_tls,     &options_connection, &options_schedule,
    &options_stop,  &options_time,    &options_retry,      &options_record,
    &options_body,  &options_general,
};

const struct opt_table options_table = {
    .groups = groups,
    .count = sizeof groups / sizeof *groups,
    .positionals = offsetof(struct config, urls),
};

static int check_times(const struct config *config, struct why *why)
{
    if (config->retry_delay > config->retry_max_delay)
        return why_set(why,
                       "--retry-delay (%gs) is above --retry-max-delay (%gs)",
                       config->retry_delay, config->retry_max_delay);
    return 0;
}

int options_check_file(const char *option, const char *path, struct why *why)
{
    struct stat info;

    if (path && (access(path, R_OK) != 0 || stat(path, &info) != 0))
        return why_set(why, "--%s: cannot read %s: %s", option, path,
                       strerror(errno));
    if (path && S_ISDIR(info.st_mode))
        return why_set(why, "--%s: %s is a folder", option, path);
    return 0;
}

static int check_stream(const struct config *config, struct why *why)
{
    if (config->settings.stream != STREAM_NONE && config->body == BODY_INLINE)
        return why_set(why, "--stream: its items are the body: --body inline "
                            "and the fields of bodies cannot stand beside it");
    if (config->settings.stream != STREAM_NONE && config->keep_order)
        return why_set(why, "--stream: its items come as they arrive: "
                            "--keep-order cannot stand beside it");
    return 0;
}

static const uint64_t body_fields =
    FIELD_BIT(FIELD_BODY) | FIELD_BIT(FIELD_BODY_ENCODING);

static bool has_file(const struct config *config)
{
    return config->output && strcmp(config->output, "-") != 0;
}

static int check_output(const struct config *config, struct why *why)
{
    if (config->resume && !has_file(config))
        return why_set(why, "--resume needs --output FILE, which it continues");
    if (config->retry_failed && !config->resume)
        return why_set(why, "--retry-failed needs --resume");
    if (config->resume && config->dry_run)
        return why_set(why, "--dry-run: its records would stand in the file of "
                            "--resume as if they had been sent");
    if (config->fsync != FSYNC_NONE && !has_file(config))
        return why_set(why, "--fsync needs --output FILE");
    return 0;
}

/* Options ask for fields, and fields ask for what fills them. */
static void settle_fields(struct config *config)
{
    const uint64_t sha256 = FIELD_BIT(FIELD_SHA256);

    if (config->fields == 0)
        config->fields = fields_default();
    if (config->output)
        config->fields |= FIELD_BIT(FIELD_KEY);
    if (config->resume) /* by these a later run knows what is done */
        config->fields |= FIELD_BIT(FIELD_INDEX) | FIELD_BIT(FIELD_ID) |
                          FIELD_BIT(FIELD_OK) | FIELD_BIT(FIELD_ERROR);
    if (config->dedupe)
        config->fields |= FIELD_BIT(FIELD_DUPLICATE_OF);
    if (config->output && config->dry_run) /* nor what is not */
        config->fields |= FIELD_BIT(FIELD_WOULD_SEND);
    if (config->headers)
        config->fields |= FIELD_BIT(FIELD_HEADERS);
    config->headers = config->fields & FIELD_BIT(FIELD_HEADERS);
    if (config->body == BODY_INLINE || (config->fields & body_fields)) {
        config->fields |=
            body_fields; /* neither can be read without the other */
        config->body = BODY_INLINE;
    }
    if (config->hash != HASH_NONE || (config->fields & sha256)) {
        config->fields |= sha256;
        config->hash = HASH_SHA256;
    }
    if (config->body == BODY_FILE)
        config->fields |= FIELD_BIT(FIELD_BODY_FILE);
    if (config->resume_bodies)
        config->fields |= FIELD_BIT(FIELD_TRUNCATED);
}

/* What follows from where bodies go: their limits. */
static void settle_limits(struct config *config)
{
    struct settings *settings = &config->settings;

    if (settings->max_body == MAX_BODY_NOT_GIVEN)
        settings->max_body = config->body == BODY_INLINE ? INLINE_MAX_BODY : 0;
    if (settings->max_time < 0.0 && config->body == BODY_FILE)
        settings->max_time = 0.0; /* a large one takes its time */
}

int options_settle(struct config *config, struct why *why)
{
    if (check_times(config, why) != 0 || check_output(config, why) != 0 ||
        options_check_file("netrc-file", config->settings.netrc_file, why) !=
            0 ||
        options_check_tls(&config->settings, why) != 0 ||
        options_check_state(config, why) != 0)
        return -1;
    if (config->output_dir && config->body == BODY_NONE)
        config->body = BODY_FILE;
    if (config->body == BODY_FILE && (config->fields & body_fields))
        return why_set(why, "--fields: bodies that are saved as files are not "
                            "in records too");
    settle_fields(config);
    if (check_stream(config, why) != 0 || saving_check(config, why) != 0)
        return -1;
    settle_limits(config);
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
