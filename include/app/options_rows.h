/* SPDX-License-Identifier: MIT */
/*
 * The groups of options that app/options puts together, a file each
 * (options_GROUP.c), and what their rows share with main.
 */
#ifndef APP_OPTIONS_ROWS_H
#define APP_OPTIONS_ROWS_H

#include "model/opt.h"

#include <stdint.h>

/* The actions that opt_parse may return. */
enum option_action {
    ACTION_HELP = 1,
    ACTION_VERSION,
    ACTION_LIST_FIELDS,
    ACTION_DUMP_OPTIONS,
    ACTION_DUMP_WORDS, /* exit statuses, classes, codes, for the man check */
};

/* --max-body as long as options_settle has not chosen. */
#define MAX_BODY_NOT_GIVEN UINT64_MAX

extern const struct opt_group options_input;
extern const struct opt_group options_request;
extern const struct opt_group options_data;
extern const struct opt_group options_credentials;
extern const struct opt_group options_state;
extern const struct opt_group options_tls;
extern const struct opt_group options_connection;
extern const struct opt_group options_schedule;
extern const struct opt_group options_stop;
extern const struct opt_group options_time;
extern const struct opt_group options_retry;
extern const struct opt_group options_record;
extern const struct opt_group options_body;
extern const struct opt_group options_general;

/* What is wrong with the values of options_state, and of options_tls and the
 * files that they name; -1 with why. */
int options_check_state(const struct config *config, struct why *why);
int options_check_tls(const struct settings *settings, struct why *why);

/* The path, which may be NULL, of an option: a file that can be read. 0, or -1
 * with why, which names the option. */
int options_check_file(const char *option, const char *path, struct why *why);

#endif
