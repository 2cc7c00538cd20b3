/* SPDX-License-Identifier: MIT */
/*
 * The option-table engine: defaults and argv into struct config, by the rows
 * of a table. Knows kinds of values and GNU's way to write options; must not
 * know any option. The views of a table (help, dump, check) are in opt_help.
 */
#include "model/opt.h"

#include "base/nearest.h"
#include "base/units.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One walk over argv. */
struct parser {
    const struct opt_table *table;
    struct config *config;
    int argc;
    char *const *argv;
    int next;              /* the argument to be read next */
    bool only_positionals; /* "--" was read */
    struct opt_log *log;   /* of what was read; borrowed */
    struct why *why;
};

const struct opt *opt_row(const struct opt_table *table, size_t place)
{
    for (size_t i = 0; i < table->count; i++) {
        if (place < table->groups[i]->count)
            return &table->groups[i]->rows[place];
        place -= table->groups[i]->count;
    }
    return NULL;
}

/* The array is full whenever the count is a power of two, and then doubles. */
static void *room_for_one(void *items, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return items;
    return xrealloc(items, (count ? 2 * count : 1) * size);
}

void opt_log_add(struct opt_log *log, const struct opt_value *value)
{
    log->items = room_for_one(log->items, log->count, sizeof *log->items);
    log->items[log->count++] = *value;
}

void opt_log_release(struct opt_log *log)
{
    free(log->items);
    *log = (struct opt_log){0};
}

bool opt_takes_value(const struct opt *row)
{
    return row->kind != OPT_KIND_FLAG && row->kind != OPT_KIND_VALUE &&
           row->kind != OPT_KIND_ACTION;
}

bool opt_is_list(const struct opt *row)
{
    return row->kind == OPT_KIND_LIST || row->kind == OPT_KIND_PIECE;
}

bool opt_is_setting(const struct opt *row)
{
    return row->kind != OPT_KIND_ACTION && !row->run_only &&
           row->field >= offsetof(struct config, settings) &&
           row->field <
               offsetof(struct config, settings) + sizeof(struct settings);
}

/* A key is the name with "_" for "-". */
static bool key_is(const char *name, const char *key, size_t len)
{
    if (!name || strlen(name) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (key[i] != (name[i] == '-' ? '_' : name[i]))
            return false;
    }
    return true;
}

const struct opt *opt_setting(const struct opt_table *table, const char *key,
                              size_t len)
{
    const struct opt *row;

    for (size_t i = 0; (row = opt_row(table, i)); i++) {
        if (opt_is_setting(row) &&
            (key_is(row->name, key, len) || key_is(row->alias, key, len)))
            return row;
    }
    return NULL;
}

const struct opt *opt_run_only(const struct opt_table *table, const char *key,
                               size_t len)
{
    const struct opt *row;

    for (size_t i = 0; (row = opt_row(table, i)); i++) {
        if (row->run_only &&
            (key_is(row->name, key, len) || key_is(row->alias, key, len)))
            return row;
    }
    return NULL;
}

static void *field_at(struct config *config, size_t field)
{
    return (char *)config + field;
}

static void strings_append(struct strings *strings, const char *text)
{
    strings->items =
        room_for_one(strings->items, strings->count, sizeof *strings->items);
    strings->items[strings->count++] = text;
}

static void pieces_append(struct pieces *pieces, unsigned kind,
                          const char *text)
{
    pieces->items =
        room_for_one(pieces->items, pieces->count, sizeof *pieces->items);
    pieces->items[pieces->count++] = (struct piece){kind, text};
}

static int set_flag(bool *field, const char *value, struct why *why)
{
    if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        return why_set(why, "\"%s\" is neither true nor false", value);
    *field = value[0] == 't';
    return 0;
}

static int set_uint(const struct opt *row, unsigned *field, const char *value,
                    struct why *why)
{
    uint64_t number;

    if (unit_uint(value, row->min, row->max ? row->max : UINT_MAX, &number,
                  why) != 0)
        return -1;
    *field = (unsigned)number;
    return 0;
}

static int set_duration(const struct opt *row, double *field, const char *value,
                        struct why *why)
{
    if (row->none && strcmp(value, "none") == 0) {
        *field = 0;
        return 0;
    }
    if (row->automatic && strcmp(value, "auto") == 0) {
        *field = TIME_AUTO;
        return 0;
    }
    if (row->positive && strspn(value, "0.") == strcspn(value, "hms"))
        return why_set(why, "must be above 0");
    return unit_duration(value, field, why);
}

static int unknown_choice(const struct opt *row, const char *value,
                          struct why *why)
{
    char list[120] = "";
    size_t len = 0;

    for (size_t i = 0; row->choices[i]; i++) {
        int wrote = snprintf(list + len, sizeof list - len, "%s%s",
                             i ? ", " : "", row->choices[i]);

        if (wrote < 0 || (size_t)wrote >= sizeof list - len)
            break;
        len += (size_t)wrote;
    }
    return why_set(why, "\"%.40s\" is none of %s", value, list);
}

static int find_choice(const struct opt *row, const char *value,
                       unsigned *place, struct why *why)
{
    for (unsigned i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], value) == 0) {
            *place = i;
            return 0;
        }
    }
    return unknown_choice(row, value, why);
}

static int set_string(const struct opt *row, const char **field,
                      const char *value, struct why *why)
{
    unsigned place;

    if (row->choices && find_choice(row, value, &place, why) != 0)
        return -1;
    if (row->check && row->check(value, why) != 0)
        return -1;
    *field = value;
    return 0;
}

/* A list of "!" words changes the row's default, not what was set before. */
static int set_matchset(const struct opt *row, struct matchset *field,
                        const char *value, struct why *why)
{
    struct matchset base = {0};

    if (row->def && matchset_parse(&base, NULL, row->def, why) != 0)
        return -1;
    return matchset_parse(field, &base, value, why);
}

static int set_field(const struct opt *row, void *field, const char *value,
                     struct why *why)
{
    bool on = true;

    switch (row->kind) {
    case OPT_KIND_FLAG:
        return set_flag(field, value, why);
    case OPT_KIND_UINT:
        return set_uint(row, field, value, why);
    case OPT_KIND_U64:
        return unit_uint(value, 0, UINT64_MAX, field, why);
    case OPT_KIND_SIZE:
        return unit_size(value, field, why);
    case OPT_KIND_DURATION:
        return set_duration(row, field, value, why);
    case OPT_KIND_STRING:
        return set_string(row, field, value, why);
    case OPT_KIND_LIST:
        if (row->check && row->check(value, why) != 0)
            return -1;
        strings_append(field, value);
        return 0;
    case OPT_KIND_CHOICE:
        return find_choice(row, value, field, why);
    case OPT_KIND_MATCHSET:
        return set_matchset(row, field, value, why);
    case OPT_KIND_PIECE:
        pieces_append(field, row->value, value);
        return 0;
    case OPT_KIND_VALUE:
        if (set_flag(&on, value, why) != 0)
            return -1;
        if (on)
            *(unsigned *)field = row->value;
        return 0;
    case OPT_KIND_CUSTOM:
        return row->parse(field, value, why);
    case OPT_KIND_ACTION:
        break;
    }
    return why_set(why, "it takes no value");
}

int opt_set(const struct opt *row, struct config *config, const char *value,
            struct why *why)
{
    return set_field(row, field_at(config, row->field), value, why);
}

void *opt_setting_field(const struct opt *row, struct settings *settings)
{
    return (char *)settings + row->field - offsetof(struct config, settings);
}

int opt_set_setting(const struct opt *row, struct settings *settings,
                    const char *value, struct why *why)
{
    void *field = opt_setting_field(row, settings);
    struct matchset base;

    if (row->check_line && row->check_line(value, why) != 0)
        return -1;
    if (row->kind != OPT_KIND_MATCHSET)
        return set_field(row, field, value, why);
    /* Here "!" words change what the run says. */
    base = *(struct matchset *)field;
    return matchset_parse(field, &base, value, why);
}

void opt_defaults(const struct opt_table *table, struct config *config)
{
    const struct opt *row;
    struct why why;

    *config = (struct config){0};
    for (size_t i = 0; (row = opt_row(table, i)); i++) {
        if (row->def && opt_set(row, config, row->def, &why) != 0)
            die("the default of --%s: %s", row->name, why.text);
    }
}

static void strings_release(struct strings *strings)
{
    free(strings->items);
    *strings = (struct strings){0};
}

static void pieces_release(struct pieces *pieces)
{
    free(pieces->items);
    *pieces = (struct pieces){0};
}

void opt_clear_list(const struct opt *row, struct config *config)
{
    if (row->kind == OPT_KIND_LIST)
        strings_release(field_at(config, row->field));
    else if (row->kind == OPT_KIND_PIECE)
        pieces_release(field_at(config, row->field));
}

void opt_release(const struct opt_table *table, struct config *config)
{
    const struct opt *row;

    strings_release(field_at(config, table->positionals));
    for (size_t i = 0; (row = opt_row(table, i)); i++)
        opt_clear_list(row, config);
}

static bool name_is(const char *name, const char *text, size_t len)
{
    return name && strlen(name) == len && memcmp(name, text, len) == 0;
}

/* The row of a name, and its place; NULL when there is none. */
static const struct opt *find_name(const struct opt_table *table,
                                   const char *text, size_t len, size_t *place)
{
    const struct opt *row;

    for (*place = 0; (row = opt_row(table, *place)); (*place)++) {
        if (name_is(row->name, text, len) || name_is(row->alias, text, len))
            return row;
    }
    return NULL;
}

const struct opt *opt_find(const struct opt_table *table, const char *text,
                           size_t len, bool *negated, size_t *place)
{
    const struct opt *row = find_name(table, text, len, place);

    *negated = false;
    if (row || len < 3 || memcmp(text, "no-", 3) != 0)
        return row;
    row = find_name(table, text + 3, len - 3, place);
    if (!row || row->kind != OPT_KIND_FLAG)
        return NULL;
    *negated = true;
    return row;
}

/* The known name nearest to the word, or NULL. */
static const char *nearest_name(const struct opt_table *table, const char *word,
                                bool only_flags)
{
    const struct opt *row;
    struct nearest nearest;

    nearest_init(&nearest, word);
    for (size_t i = 0; (row = opt_row(table, i)); i++) {
        if (row->hidden || (only_flags && row->kind != OPT_KIND_FLAG))
            continue;
        nearest_offer(&nearest, row->name);
        if (row->alias)
            nearest_offer(&nearest, row->alias);
    }
    return nearest_found(&nearest);
}

int opt_unknown(const struct opt_table *table, const char *text, size_t len,
                const char *dashes, struct why *why)
{
    char *word = xmemdup(text, len);
    const char *prefix = "no-", *best = NULL;

    if (strncmp(word, prefix, 3) == 0)
        best = nearest_name(table, word + 3, true);
    if (!best) {
        prefix = "";
        best = nearest_name(table, word, false);
    }
    if (best)
        why_set(why, "unknown option %s%.60s; did you mean %s%s%s?", dashes,
                word, dashes, prefix, best);
    else
        why_set(why, "unknown option %s%.60s", dashes, word);
    free(word);
    return -1;
}

/* Carries out one option of argv; value as it stood with it, or NULL. */
static int apply(struct parser *parser, size_t place, bool negated,
                 const char *value)
{
    const struct opt *row = opt_row(parser->table, place);
    struct why inner;

    if (row->kind == OPT_KIND_ACTION)
        return row->action;
    if (!opt_takes_value(row))
        value = negated ? "false" : "true";
    else if (!value && parser->next < parser->argc)
        value = parser->argv[parser->next++];
    if (!value)
        return why_set(parser->why, "--%s needs a value: %s", row->name,
                       row->arg);
    if (opt_set(row, parser->config, value, &inner) != 0)
        return why_set(parser->why, "--%s: %s", row->name, inner.text);
    opt_log_add(parser->log,
                &(struct opt_value){.place = place, .text = value});
    return 0;
}

static int read_long(struct parser *parser, const char *text)
{
    size_t len = strcspn(text, "=");
    const char *value = text[len] == '=' ? text + len + 1 : NULL;
    bool negated;
    size_t place;
    const struct opt *row =
        opt_find(parser->table, text, len, &negated, &place);

    if (!row)
        return opt_unknown(parser->table, text, len, "--", parser->why);
    if (value && !opt_takes_value(row))
        return why_set(parser->why, "--%.*s takes no value", (int)len, text);
    return apply(parser, place, negated, value);
}

static const struct opt *find_letter(const struct opt_table *table, char letter,
                                     size_t *place)
{
    const struct opt *row;

    for (*place = 0; (row = opt_row(table, *place)); (*place)++) {
        if (row->letter == letter)
            return row;
    }
    return NULL;
}

/* "-kL", "-c5", "-kc5", "-c" "5". */
static int read_letters(struct parser *parser, const char *text)
{
    int result = 0;

    while (result == 0 && *text) {
        size_t place;
        const struct opt *row = find_letter(parser->table, *text, &place);

        if (!row)
            return why_set(parser->why, "unknown option -%c", *text);
        text++;
        if (opt_takes_value(row))
            return apply(parser, place, false, *text ? text : NULL);
        result = apply(parser, place, false, NULL);
    }
    return result;
}

static int read_argument(struct parser *parser, const char *text)
{
    if (parser->only_positionals || text[0] != '-' || !text[1]) {
        strings_append(field_at(parser->config, parser->table->positionals),
                       text);
        return 0;
    }
    if (text[1] != '-')
        return read_letters(parser, text + 1);
    if (text[2])
        return read_long(parser, text + 2);
    parser->only_positionals = true;
    return 0;
}

/* True when the last that was read of a row did not negate it. */
static bool is_given(const struct parser *parser, size_t place)
{
    for (size_t i = parser->log->count; i-- > 0;) {
        const struct opt_value *value = &parser->log->items[i];

        if (value->place == place)
            return opt_takes_value(opt_row(parser->table, place)) ||
                   strcmp(value->text, "true") == 0;
    }
    return false;
}

static int check_excluded(const struct parser *parser)
{
    const struct opt *row, *other;
    size_t place;

    for (size_t i = 0; (row = opt_row(parser->table, i)); i++) {
        if (!row->excludes || !is_given(parser, i))
            continue;
        other = find_name(parser->table, row->excludes, strlen(row->excludes),
                          &place);
        if (other && is_given(parser, place))
            return why_set(parser->why,
                           "--%s and --%s cannot stand side by side", row->name,
                           other->name);
    }
    return 0;
}

int opt_parse_log(const struct opt_table *table, int argc, char *const argv[],
                  struct config *config, struct opt_log *log, struct why *why)
{
    struct parser parser = {.table = table,
                            .config = config,
                            .argc = argc,
                            .argv = argv,
                            .next = 1,
                            .log = log,
                            .why = why};
    int result = 0;

    while (result == 0 && parser.next < argc)
        result = read_argument(&parser, argv[parser.next++]);
    if (result == 0)
        result = check_excluded(&parser);
    return result;
}

int opt_parse(const struct opt_table *table, int argc, char *const argv[],
              struct config *config, struct why *why)
{
    struct opt_log log = {0};
    int result = opt_parse_log(table, argc, argv, config, &log, why);

    opt_log_release(&log);
    return result;
}
