/* SPDX-License-Identifier: MIT */
/*
 * Options from elsewhere than argv: the environment and a file of settings.
 * Read from the strongest to the weakest, argv (opt_parse_log) first: what a
 * stronger one gave stays, but every value is checked; what excludes an option,
 * or shares its field, takes its place. Only lists hold what all have given,
 * the weakest first.
 */
#ifndef MODEL_OPT_LAYERS_H
#define MODEL_OPT_LAYERS_H

#include "model/opt.h"

#include <stddef.h>
#include <stdio.h>

/* All that was given, and the texts that config and log borrow. Zero at first.
 */
struct opt_layers {
    struct opt_log log;
    char **texts; /* owned, each and the array */
    size_t text_count;
};

/* config must not be used afterwards. */
void opt_layers_release(struct opt_layers *layers);

/*
 * Takes from the environment: of an option NAME the variable AFETCH_NAME, in
 * upper case, "_" for "-" and ".", or that of its alias, as get gives it
 * (getenv); an empty one is none. Flags take true and false, a list an item a
 * line. Not for what only acts or is hidden. 0, or -1 with why, which names
 * the variable.
 */
int opt_layers_environment(const struct opt_table *table, struct config *config,
                           struct opt_layers *layers,
                           char *(*get)(const char *name), struct why *why);

/*
 * Takes from a file's text (len bytes) of lines "name = value"; a flag's name
 * alone is true, "no-NAME" false; blanks around names and values are dropped,
 * lines that begin with "#" and blank ones skipped; a list may come again. The
 * name is that of the file, for messages. 0, or -1 with why, which names file
 * and line.
 */
int opt_layers_file(const struct opt_table *table, struct config *config,
                    struct opt_layers *layers, const char *name,
                    const char *text, size_t len, struct why *why);

/* What was given last for the option in the strongest layer that gives it;
 * NULL: its default holds, or there is no such option. */
const struct opt_value *opt_layers_last(const struct opt_table *table,
                                        const struct opt_layers *layers,
                                        const char *name);

/* Of a message that names options ("--retry: ..."): where those of them came
 * from that argv did not give, as " (retry: FILE:3, ...)"; "" for none. */
void opt_layers_places(const struct opt_table *table,
                       const struct opt_layers *layers, const char *message,
                       struct why *places);

/*
 * Prints what holds, a line each: name, value and where it came from (default,
 * FILE:LINE, the variable, command line), with tabs between them. Options that
 * have no value and no default have no line, secrets are shown as ***.
 */
void opt_layers_show(const struct opt_table *table,
                     const struct opt_layers *layers, FILE *out);

#endif
