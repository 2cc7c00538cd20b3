/* SPDX-License-Identifier: MIT */
/* The table of options: the one place that says what afetch can be told. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/options_rows.h"
#include "model/opt.h"

#include <stdio.h>

extern const struct opt_table options_table;

/* What one option alone cannot see: combinations, and what follows from them
 * (fields of --headers and --body, the default of --max-body). -1 with why. */
int options_settle(struct config *config, struct why *why);

/* The fields of a record in aligned columns: name, type, meaning; those that
 * are there only when asked for are marked "(opt-in)". */
void options_list_fields(FILE *out);

/*
 * Every published word as tab-separated values, for the check of the
 * documents: "exit" STATUS TEXT, "class" NAME, "code" NAME, "phase" NAME,
 * "field" NAME TYPE TEXT.
 */
void options_dump_words(FILE *out);

#endif
