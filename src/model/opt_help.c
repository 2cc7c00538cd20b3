/* SPDX-License-Identifier: MIT */
/*
 * The views of an option table: the grouped help, the dump that completions
 * and the check of the man page read, and the table's check of itself. Knows
 * rows; must not know any option.
 */
#include "base/buf.h"
#include "model/opt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 32 /* where the help of a row begins */
#define HELP_WIDTH  80
#define HELP_MAX    60

/* A flag that is on by default is shown with its negation, the form that one
 * needs. */
static bool is_on(const struct opt *row)
{
    return row->kind == OPT_KIND_FLAG && row->def &&
           strcmp(row->def, "true") == 0;
}

/* "  -c, --concurrency N" */
static void add_forms(struct buf *line, const struct opt *row)
{
    if (row->letter)
        buf_addf(line, "  -%c, ", row->letter);
    else
        buf_add_str(line, "      ");
    buf_addf(line, "--%s%s", is_on(row) ? "[no-]" : "", row->name);
    if (row->alias)
        buf_addf(line, ", --%s", row->alias);
    if (row->arg)
        buf_addf(line, " %s", row->arg);
}

static void end_line(struct buf *line, FILE *out)
{
    fprintf(out, "%s\n", line->data ? line->data : "");
    buf_clear(line);
}

/* Adds a word in the help's column, on a new line where it does not fit. */
static void add_word(struct buf *line, const char *word, size_t len, FILE *out)
{
    if (line->len > HELP_COLUMN && line->len + 1 + len > HELP_WIDTH)
        end_line(line, out);
    if (line->len > HELP_COLUMN)
        buf_add_char(line, ' ');
    while (line->len < HELP_COLUMN)
        buf_add_char(line, ' ');
    buf_add(line, word, len);
}

static void add_help(struct buf *line, const struct opt *row, FILE *out)
{
    const char *text = row->help;

    while (*text) {
        size_t len = strcspn(text, " ");

        add_word(line, text, len, out);
        text += len;
        text += strspn(text, " ");
    }
}

/* The default in brackets, never broken. */
static void add_default(struct buf *line, const struct opt *row, FILE *out)
{
    struct buf word;

    if (!row->def || strcmp(row->def, "false") == 0)
        return;
    buf_init(&word, 4096);
    buf_addf(&word, "[%s]", is_on(row) ? "on" : row->def);
    add_word(line, word.data, word.len, out);
    buf_release(&word);
}

static void help_row(const struct opt *row, FILE *out)
{
    struct buf line;

    buf_init(&line, 4096);
    add_forms(&line, row);
    if (line.len > HELP_COLUMN - 2)
        end_line(&line, out);
    add_help(&line, row, out);
    add_default(&line, row, out);
    end_line(&line, out);
    buf_release(&line);
}

void opt_help(const struct opt_table *table, FILE *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct opt_group *group = table->groups[i];

        fprintf(out, "%s%s:\n", i > 0 ? "\n" : "", group->name);
        for (size_t j = 0; j < group->count; j++) {
            if (!group->rows[j].hidden)
                help_row(&group->rows[j], out);
        }
    }
}

static const char *kind_word(enum opt_kind kind)
{
    static const char *const words[] = {
        [OPT_KIND_FLAG] = "flag",         [OPT_KIND_UINT] = "uint",
        [OPT_KIND_U64] = "u64",           [OPT_KIND_SIZE] = "size",
        [OPT_KIND_DURATION] = "duration", [OPT_KIND_STRING] = "string",
        [OPT_KIND_LIST] = "list",         [OPT_KIND_CHOICE] = "choice",
        [OPT_KIND_MATCHSET] = "matchset", [OPT_KIND_CUSTOM] = "custom",
        [OPT_KIND_VALUE] = "value",       [OPT_KIND_ACTION] = "action",
        [OPT_KIND_PIECE] = "list",
    };

    return words[kind];
}

static const char *hint_word(enum opt_hint hint)
{
    static const char *const words[] = {
        [OPT_HINT_NONE] = "none",
        [OPT_HINT_FILE] = "file",
        [OPT_HINT_DIR] = "dir",
        [OPT_HINT_URL] = "url",
    };

    return words[hint];
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static void dump_choices(const struct opt *row, FILE *out)
{
    if (!row->choices)
        fputs("-", out);
    for (size_t i = 0; row->choices && row->choices[i]; i++)
        fprintf(out, "%s%s", i ? "," : "", row->choices[i]);
}

/* Its key in a line; "-" for what is no setting. */
static void dump_key(const struct opt *row, FILE *out)
{
    if (!opt_is_setting(row))
        fputs("-", out);
    for (const char *c = row->name; opt_is_setting(row) && *c; c++)
        fputc(*c == '-' ? '_' : *c, out);
}

static void dump_row(const struct opt *row, const char *group, FILE *out)
{
    fprintf(out, "%s\t%s\t%c\t%s\t%s\t%s\t", row->name, or_dash(row->alias),
            row->letter ? row->letter : '-', or_dash(row->arg),
            or_dash(row->def), kind_word(row->kind));
    dump_choices(row, out);
    fprintf(out, "\t%s\t%s\t%s\t", hint_word(row->hint), group, row->help);
    dump_key(row, out);
    fputc('\n', out);
}

void opt_dump(const struct opt_table *table, FILE *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct opt_group *group = table->groups[i];

        for (size_t j = 0; j < group->count; j++) {
            if (!group->rows[j].hidden)
                dump_row(&group->rows[j], group->name, out);
        }
    }
}

/* A name begins with a letter. */
static bool name_is_good(const char *name)
{
    if (!name || !islower((unsigned char)name[0]))
        return false;
    for (; *name; name++) {
        if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) &&
            *name != '-' && *name != '.')
            return false;
    }
    return true;
}

static int check_names(const struct opt *row, struct why *why)
{
    if (!name_is_good(row->name))
        return why_set(why, "\"%s\" is no good name", or_dash(row->name));
    if (row->alias && !name_is_good(row->alias))
        return why_set(why, "--%s: \"%s\" is no good alias", row->name,
                       row->alias);
    if (row->letter && !isalnum((unsigned char)row->letter))
        return why_set(why, "--%s: its letter is neither letter nor digit",
                       row->name);
    return 0;
}

static int check_help(const struct opt *row, struct why *why)
{
    size_t len = row->help ? strlen(row->help) : 0;

    if (len == 0 || len > HELP_MAX)
        return why_set(why, "--%s: the help has %zu columns, not 1 to %d",
                       row->name, len, HELP_MAX);
    if (row->help[len - 1] == '.')
        return why_set(why, "--%s: the help ends with a stop", row->name);
    if (strpbrk(row->help, "\t\n"))
        return why_set(why, "--%s: the help has a tab or newline", row->name);
    return 0;
}

static int check_kind(const struct opt *row, struct why *why)
{
    if (opt_takes_value(row) != (row->arg != NULL))
        return why_set(why, "--%s: %s", row->name,
                       row->arg ? "it names a value but takes none"
                                : "its value has no name");
    if (row->kind == OPT_KIND_CHOICE && !row->choices)
        return why_set(why, "--%s: it has no choices", row->name);
    if (row->choices && !row->choices[0])
        return why_set(why, "--%s: its choices are empty", row->name);
    if (row->kind == OPT_KIND_CUSTOM && !row->parse)
        return why_set(why, "--%s: it has no parse function", row->name);
    if (row->kind == OPT_KIND_ACTION && row->action <= 0)
        return why_set(why, "--%s: its action is not above 0", row->name);
    if (row->max && row->min > row->max)
        return why_set(why, "--%s: its range is empty", row->name);
    return 0;
}

static int check_default(const struct opt *row, struct why *why)
{
    struct config config = {0};
    struct why inner;
    int result = 0;

    if (row->def && opt_set(row, &config, row->def, &inner) != 0)
        result = why_set(why, "--%s: the default: %s", row->name, inner.text);
    if (row->kind == OPT_KIND_LIST)
        opt_release(&(struct opt_table){.positionals = row->field}, &config);
    return result;
}

/* "no-NAME" of a flag is its negation. */
static int check_negation(const struct opt_table *table, const char *name,
                          struct why *why)
{
    const struct opt *other;
    size_t place;
    bool negated;

    if (!name || strncmp(name, "no-", 3) != 0)
        return 0;
    other = opt_find(table, name + 3, strlen(name + 3), &negated, &place);
    if (other && other->kind == OPT_KIND_FLAG)
        return why_set(why, "--%s: the name is taken by the flag --%s", name,
                       other->name);
    return 0;
}

static bool has_name(const struct opt *row, const char *name)
{
    return name && (strcmp(row->name, name) == 0 ||
                    (row->alias && strcmp(row->alias, name) == 0));
}

/* The row against those above it. */
static int check_unique(const struct opt_table *table, size_t place,
                        struct why *why)
{
    const struct opt *row = opt_row(table, place);

    if (has_name(row, row->alias) && strcmp(row->name, row->alias) == 0)
        return why_set(why, "--%s: its alias is its name", row->name);
    for (size_t i = 0; i < place; i++) {
        const struct opt *above = opt_row(table, i);

        if (has_name(above, row->name) || has_name(above, row->alias))
            return why_set(why, "--%s: the name is taken by --%s", row->name,
                           above->name);
        if (row->letter && above->letter == row->letter)
            return why_set(why, "--%s: the letter -%c is taken by --%s",
                           row->name, row->letter, above->name);
    }
    return 0;
}

static int check_excludes(const struct opt_table *table, const struct opt *row,
                          struct why *why)
{
    const struct opt *other;

    if (!row->excludes)
        return 0;
    for (size_t i = 0; (other = opt_row(table, i)); i++) {
        if (other != row && has_name(other, row->excludes))
            return 0;
    }
    return why_set(why, "--%s: it excludes --%s, which is not there", row->name,
                   row->excludes);
}

/* Every group is a heading, and no two are the same one. */
static int check_groups(const struct opt_table *table, struct why *why)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->groups[i]->name;

        if (!name || !*name)
            return why_set(why, "group %zu has no name", i);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(table->groups[j]->name, name) == 0)
                return why_set(why, "the group %s is torn apart", name);
        }
    }
    return 0;
}

int opt_check(const struct opt_table *table, struct why *why)
{
    const struct opt *row;

    if (check_groups(table, why) != 0)
        return -1;
    for (size_t i = 0; (row = opt_row(table, i)); i++) {
        if (check_names(row, why) != 0 || check_help(row, why) != 0 ||
            check_kind(row, why) != 0 || check_default(row, why) != 0 ||
            check_unique(table, i, why) != 0)
            return -1;
    }
    for (size_t i = 0; (row = opt_row(table, i)); i++) {
        if (check_excludes(table, row, why) != 0 ||
            check_negation(table, row->name, why) != 0 ||
            check_negation(table, row->alias, why) != 0)
            return -1;
    }
    return 0;
}
