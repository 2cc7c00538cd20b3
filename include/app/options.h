/* SPDX-License-Identifier: MIT */
/* The table of options: the one place that says what afetch can be told. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "model/opt.h"

/* The actions that opt_parse may return. */
enum option_action {
    ACTION_HELP = 1,
    ACTION_VERSION,
    ACTION_LIST_FIELDS,
    ACTION_DUMP_OPTIONS,
    ACTION_DUMP_WORDS, /* exit statuses, classes, codes, for the man check */
};

extern const struct opt_table options_table;

/* What one option alone cannot see: combinations, and what follows from them
 * (fields of --headers and --body, the default of --max-body). -1 with why. */
int options_settle(struct config *config, struct why *why);

#endif
