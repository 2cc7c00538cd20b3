/* SPDX-License-Identifier: MIT */
/*
 * The option-table engine. One struct array drives the parser, the grouped
 * help, the defaults, and (through opt_dump) the completions and the check of
 * the man page. It knows kinds of values, not what the options mean; the
 * table itself is app/options.
 *
 * A row is one option. Its kind and field come from one macro for each kind
 * (OPT_FLAG and so on), in which a field of the wrong type does not compile.
 * Defaults are texts in the row, put through the same setter as argv, so the
 * help cannot lie about them. Rows stand in groups, which are the headings of
 * the help.
 *
 * A row whose field lies in config->settings is a setting: what the command
 * line gives a default for and a line of input may say otherwise, under the
 * name of the option with "_" for "-". A list may come from others: what
 * names a file or a socket of this machine is run_only.
 */
#ifndef MODEL_OPT_H
#define MODEL_OPT_H

#include "base/msg.h"
#include "model/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum opt_kind {
    OPT_KIND_FLAG,     /* bool; --no-NAME sets false */
    OPT_KIND_UINT,     /* unsigned, from min to max */
    OPT_KIND_U64,      /* uint64_t, any */
    OPT_KIND_SIZE,     /* uint64_t, bytes */
    OPT_KIND_DURATION, /* double, seconds */
    OPT_KIND_STRING,   /* const char *, borrowed from argv */
    OPT_KIND_LIST,     /* struct strings, appended */
    OPT_KIND_CHOICE,   /* unsigned: position in choices */
    OPT_KIND_MATCHSET, /* struct matchset; "!..." changes the default */
    OPT_KIND_PIECE,    /* struct pieces, appended with the row's own value */
    OPT_KIND_VALUE,    /* unsigned: the row's own value; takes none */
    OPT_KIND_CUSTOM,   /* the row's own parse function */
    OPT_KIND_ACTION,   /* sets opt_result.action, takes no value */
};

/* Of a setting: whether it is a limit, larger or true where it allows more.
 * For FLAG, UINT, DURATION, SIZE, and a CUSTOM that is a uint64_t. */
enum opt_limit {
    OPT_NO_LIMIT,
    OPT_LIMIT,
    OPT_LIMIT_OR_NONE, /* 0 is none */
};

/* What the shell should offer for the value. */
enum opt_hint {
    OPT_HINT_NONE,
    OPT_HINT_FILE,
    OPT_HINT_DIR,
    OPT_HINT_URL,
};

struct opt {
    const char *name;  /* long name, without dashes, lower case */
    const char *alias; /* a second long name, or NULL */
    char letter;       /* or 0 */
    enum opt_kind kind;
    size_t field;      /* offset in struct config */
    const char *arg;   /* name of the value ("N", "FILE"); NULL for none */
    const char *def;   /* default as text; NULL: the field's zero */
    uint64_t min, max; /* of UINT; max 0 is UINT_MAX */
    const char *const *choices; /* ended by NULL; of CHOICE, and of a STRING
                                   that must be one of them */
    bool none;      /* of DURATION: "none" may stand for 0, no limit */
    bool automatic; /* of DURATION: "auto" may stand for TIME_AUTO */
    bool positive;  /* of DURATION: 0 is refused */
    enum opt_hint hint;
    const char *help;     /* at most 60 columns, no final stop */
    const char *excludes; /* name of an option that may not stand beside it */
    int action;           /* of ACTION: > 0 */
    unsigned value;       /* of VALUE and PIECE */
    /* Of STRING and LIST: refuses a value; NULL: any will do. */
    int (*check)(const char *value, struct why *why);
    /* Refuses, elsewhere than in argv, a value that only argv may give. */
    int (*check_layer)(const char *value, struct why *why);
    bool hidden;      /* not in the help, completions and man page */
    bool secret;      /* its value must not be shown */
    bool not_in_file; /* refused in a file of settings */
    bool run_only;    /* no setting, wherever its field lies: not for lines */
    /* Of a setting: refuses a value that only the command line may give. */
    int (*check_line)(const char *value, struct why *why);
    enum opt_limit limit;
    /* Of CUSTOM: puts the value into the field. May borrow it. */
    int (*parse)(void *field, const char *value, struct why *why);
};

/* The offset of a member of struct config, if it has the type. */
#define OPT_FIELD(MEMBER, TYPE)                                                \
    .field = _Generic(&((struct config *)0)->MEMBER, TYPE *                    \
                      : offsetof(struct config, MEMBER))

#define OPT_FLAG(M)     .kind = OPT_KIND_FLAG, OPT_FIELD(M, bool)
#define OPT_UINT(M)     .kind = OPT_KIND_UINT, OPT_FIELD(M, unsigned)
#define OPT_U64(M)      .kind = OPT_KIND_U64, OPT_FIELD(M, uint64_t)
#define OPT_SIZE(M)     .kind = OPT_KIND_SIZE, OPT_FIELD(M, uint64_t)
#define OPT_DURATION(M) .kind = OPT_KIND_DURATION, OPT_FIELD(M, double)
#define OPT_STRING(M)   .kind = OPT_KIND_STRING, OPT_FIELD(M, const char *)
#define OPT_LIST(M)     .kind = OPT_KIND_LIST, OPT_FIELD(M, struct strings)
#define OPT_CHOICE(M)   .kind = OPT_KIND_CHOICE, OPT_FIELD(M, unsigned)
#define OPT_MATCHSET(M) .kind = OPT_KIND_MATCHSET, OPT_FIELD(M, struct matchset)
#define OPT_VALUE(M, N)                                                        \
    .kind = OPT_KIND_VALUE, OPT_FIELD(M, unsigned), .value = (N)
#define OPT_PIECE(M, N)                                                        \
    .kind = OPT_KIND_PIECE, OPT_FIELD(M, struct pieces), .value = (N)
#define OPT_CUSTOM(M, FN)                                                      \
    .kind = OPT_KIND_CUSTOM, .field = offsetof(struct config, M), .parse = (FN)
#define OPT_ACTION(N) .kind = OPT_KIND_ACTION, .action = (N)

/* Rows under one heading. */
struct opt_group {
    const char *name;
    const struct opt *rows;
    size_t count;
};

#define OPT_GROUP(NAME, ROWS)                                                  \
    {                                                                          \
        .name = (NAME), .rows = (ROWS), .count = sizeof(ROWS) / sizeof *(ROWS) \
    }

/* A table: count groups. Positionals are appended to *positionals' field. */
struct opt_table {
    const struct opt_group *const *groups;
    size_t count;
    size_t positionals; /* offset of a struct strings in struct config */
};

/* Where a value came from; what comes later in this list gives way. */
enum opt_layer {
    OPT_ARGUMENTS,
    OPT_ENVIRONMENT,
    OPT_FILE,
    OPT_DEFAULTS,
};

/* A value that was given. The texts are borrowed. */
struct opt_value {
    size_t place;     /* of its row */
    const char *text; /* "true" or "false" of what takes no value */
    enum opt_layer layer;
    const char *from; /* the variable or the file; NULL: argv */
    unsigned line;    /* of the file, from 1 */
};

/* Values in the order in which they were given. Zero at first. */
struct opt_log {
    struct opt_value *items; /* owned array */
    size_t count;
};

/* Appends a value; frees the array. */
void opt_log_add(struct opt_log *log, const struct opt_value *value);
void opt_log_release(struct opt_log *log);

/* The row at a place, from 0, counted over all groups; NULL behind the last. */
const struct opt *opt_row(const struct opt_table *table, size_t place);

/* True for a row whose option is followed by a value. */
bool opt_takes_value(const struct opt *row);

/* True for a row whose values are appended, not put in each other's place. */
bool opt_is_list(const struct opt *row);

/* True for a row whose field lies in config->settings, and which lines may
 * give too. */
bool opt_is_setting(const struct opt *row);

/* The setting whose name or alias, with "_" for "-", is the key; NULL. */
const struct opt *opt_setting(const struct opt_table *table, const char *key,
                              size_t len);

/* The same of a row that would be one, but is for the run only; NULL. */
const struct opt *opt_run_only(const struct opt_table *table, const char *key,
                               size_t len);

/*
 * Puts a value into the row's field: the one setter that defaults and argv go
 * through. Borrows value for STRING and LIST. 0, or -1 with why, which does
 * not name the option. FLAG takes "true" and "false", ACTION nothing.
 */
int opt_set(const struct opt *row, struct config *config, const char *value,
            struct why *why);

/* The same for a setting, into settings of their own. A LIST is appended to:
 * one that is to replace another must be emptied first. */
int opt_set_setting(const struct opt *row, struct settings *settings,
                    const char *value, struct why *why);

/* Where a setting's field is in settings. */
void *opt_setting_field(const struct opt *row, struct settings *settings);

/*
 * Sets every default of the table, and all else in config to zero. Dies on a
 * default that does not parse.
 */
void opt_defaults(const struct opt_table *table, struct config *config);

/*
 * Reads argv[1..] into config as GNU tools do: "--name value", "--name=value",
 * "-c 5", "-c5", bundled flags, "--no-name" for flags, "--" ends options, "-"
 * is a positional; options and positionals may mix. A long name must be whole.
 * Returns 0; an action's number (> 0) as soon as one is met; -1 with why
 * naming the option (an unknown one with the nearest known).
 */
int opt_parse(const struct opt_table *table, int argc, char *const argv[],
              struct config *config, struct why *why);

/* As opt_parse, and appends each value to the log, which borrows the texts. */
int opt_parse_log(const struct opt_table *table, int argc, char *const argv[],
                  struct config *config, struct opt_log *log, struct why *why);

/* The row of a long name as written, and its place; "no-" may stand before a
 * flag's. NULL: unknown. */
const struct opt *opt_find(const struct opt_table *table, const char *text,
                           size_t len, bool *negated, size_t *place);

/* Says that there is no option of this name, and which one is near. The dashes
 * go before names ("--" or ""). Returns -1. */
int opt_unknown(const struct opt_table *table, const char *text, size_t len,
                const char *dashes, struct why *why);

/* Empties what the row appends to. */
void opt_clear_list(const struct opt *row, struct config *config);

/* Frees what the fields own (the arrays of lists). */
void opt_release(const struct opt_table *table, struct config *config);

/* Prints the rows by group, "-c, --concurrency N  help [default]", <= 80
 * columns. */
void opt_help(const struct opt_table *table, FILE *out);

/*
 * Prints each row that is not hidden as tab-separated values, for the shell:
 * name, alias, letter, arg, default, kind (a word), choices (comma list),
 * hint (none, file, dir, url), group, help, key (of a setting, in a line); "-"
 * where there is nothing. A flag's negation is its own business: kind "flag"
 * says --no-NAME exists.
 */
void opt_dump(const struct opt_table *table, FILE *out);

/*
 * Checks the table itself: unique names, aliases and letters, lower case,
 * help within 60 columns and without final stop, defaults that parse and lie
 * in range, choices there, excluded names known, groups that have names.
 * Returns 0, or -1 with why naming the row. A unit test calls it.
 */
int opt_check(const struct opt_table *table, struct why *why);

#endif
