/* SPDX-License-Identifier: MIT */
/*
 * Environment and file of settings into struct config, below argv. Knows which
 * value gives way to which; must not know any option, nor where a file is.
 */
#include "model/opt_layers.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* What one layer is read with. */
struct reading {
    const struct opt_table *table;
    struct config *config;
    struct opt_layers *layers;
    struct config checked; /* takes what gives way, to be checked like all */
    enum opt_layer layer;
};

void opt_layers_release(struct opt_layers *layers)
{
    opt_log_release(&layers->log);
    for (size_t i = 0; i < layers->text_count; i++)
        free(layers->texts[i]);
    free(layers->texts);
    *layers = (struct opt_layers){0};
}

/* A copy that lives as long as the layers. */
static char *keep(struct opt_layers *layers, const char *text, size_t len)
{
    char *copy = xmemdup(text, len);

    layers->texts = xrealloc(layers->texts,
                             (layers->text_count + 1) * sizeof *layers->texts);
    layers->texts[layers->text_count++] = copy;
    return copy;
}

/* True for a value that leaves its field alone: "false" of a row that has one
 * value to give, or a flag's that says no to an exclusion. */
static bool is_off(const struct opt *row, const char *text)
{
    return !opt_takes_value(row) && strcmp(text, "true") != 0;
}

static bool names(const char *excludes, const struct opt *row)
{
    return excludes && (strcmp(excludes, row->name) == 0 ||
                        (row->alias && strcmp(excludes, row->alias) == 0));
}

static bool exclude(const struct opt *row, const struct opt *other)
{
    return names(row->excludes, other) || names(other->excludes, row);
}

/* The row that a stronger layer gave in this one's place; or, with *side, one
 * of the same layer that cannot stand beside it. NULL: none. */
static const struct opt *rival(const struct reading *reading,
                               const struct opt *row, const char *text,
                               const struct opt_value **side)
{
    const struct opt_log *log = &reading->layers->log;

    *side = NULL;
    for (size_t i = 0; i < log->count; i++) {
        const struct opt_value *value = &log->items[i];
        const struct opt *other = opt_row(reading->table, value->place);
        bool out = exclude(row, other) && !is_off(row, text) &&
                   !is_off(other, value->text);

        if (value->layer < reading->layer &&
            (out || (row->field == other->field && !opt_is_list(row))))
            return other;
        if (value->layer == reading->layer && out && other != row)
            *side = value;
    }
    return NULL;
}

/* Puts one value where it belongs; 0, or -1 with why, which names neither the
 * place nor the option. */
static int take(struct reading *reading, const struct opt *row,
                const struct opt_value *value, struct why *why)
{
    const struct opt_value *side;
    bool weaker = rival(reading, row, value->text, &side) != NULL;
    bool aside = weaker || opt_is_list(row); /* see arrange */

    if (row->check_layer && row->check_layer(value->text, why) != 0)
        return -1;
    if (opt_set(row, aside ? &reading->checked : reading->config, value->text,
                why) != 0)
        return -1;
    if (weaker || (row->kind == OPT_KIND_VALUE && is_off(row, value->text)))
        return 0;
    if (side)
        return why_set(why, "it cannot stand beside %s",
                       opt_row(reading->table, side->place)->name);
    opt_log_add(&reading->layers->log, value);
    return 0;
}

/* Lists hold what all layers gave, the weakest first: there the last counts
 * where two of them contradict each other. */
static void arrange(struct reading *reading)
{
    const struct opt_log *log = &reading->layers->log;
    const struct opt *row;
    struct why why;

    for (size_t i = 0; (row = opt_row(reading->table, i)); i++)
        opt_clear_list(row, reading->config);
    for (int layer = OPT_FILE; layer >= OPT_ARGUMENTS; layer--) {
        for (size_t i = 0; i < log->count; i++) {
            const struct opt_value *value = &log->items[i];

            row = opt_row(reading->table, value->place);
            if ((int)value->layer == layer && opt_is_list(row) &&
                opt_set(row, reading->config, value->text, &why) != 0)
                die("--%s: %s", row->name, why.text);
        }
    }
    opt_release(reading->table, &reading->checked);
}

/* The variable of a name: "AFETCH_MAX_TIME". */
static void make_variable(struct buf *out, const char *name)
{
    buf_clear(out);
    buf_add_str(out, "AFETCH_");
    for (; *name; name++) {
        if (*name >= 'a' && *name <= 'z')
            buf_add_char(out, (char)(*name - 'a' + 'A'));
        else
            buf_add_char(out, *name == '-' || *name == '.' ? '_' : *name);
    }
}

/* A list's items are the variable's lines. */
static int take_variable(struct reading *reading, size_t place,
                         const char *variable, const char *text,
                         struct why *why)
{
    const struct opt *row = opt_row(reading->table, place);
    bool list = row->kind == OPT_KIND_LIST;
    struct opt_value value = {.place = place, .layer = OPT_ENVIRONMENT};
    struct why inner;

    value.from = keep(reading->layers, variable, strlen(variable));
    while (*text) {
        size_t len = list ? strcspn(text, "\n") : strlen(text);

        value.text = keep(reading->layers, text, len);
        if (len > 0 && take(reading, row, &value, &inner) != 0)
            return why_set(why, "%s: %s", variable, inner.text);
        text += text[len] ? len + 1 : len;
    }
    return 0;
}

/* The row's variable, or its alias's; its name is left in `name`. */
static const char *find_variable(const struct opt *row, struct buf *name,
                                 char *(*get)(const char *name))
{
    const char *text;

    make_variable(name, row->name);
    text = get(name->data);
    if ((text && *text) || !row->alias)
        return text;
    make_variable(name, row->alias);
    return get(name->data);
}

int opt_layers_environment(const struct opt_table *table, struct config *config,
                           struct opt_layers *layers,
                           char *(*get)(const char *name), struct why *why)
{
    struct reading reading = {.table = table,
                              .config = config,
                              .layers = layers,
                              .layer = OPT_ENVIRONMENT};
    const struct opt *row;
    struct buf name;
    int result = 0;

    buf_init(&name, 4096);
    for (size_t i = 0; result == 0 && (row = opt_row(table, i)); i++) {
        const char *text;

        if (row->kind == OPT_KIND_ACTION || row->hidden)
            continue;
        text = find_variable(row, &name, get);
        if (text && *text)
            result = take_variable(&reading, i, name.data, text, why);
    }
    buf_release(&name);
    arrange(&reading);
    return result;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_blank((*text)[*len - 1]))
        --*len;
    while (*len > 0 && is_blank(**text)) {
        ++*text;
        --*len;
    }
}

/* What a row takes as its value when the line has none. */
static const char *bare(const struct opt *row, bool negated, struct why *why)
{
    if (!opt_takes_value(row))
        return negated ? "false" : "true";
    why_set(why, "%s needs a value: %s = %s", row->name, row->name, row->arg);
    return NULL;
}

/* One line's name and, behind its "=", value. */
static int take_setting(struct reading *reading, struct opt_value *value,
                        const char *line, size_t len, struct why *why)
{
    const char *equals = memchr(line, '=', len), *text = NULL;
    size_t name_len = equals ? (size_t)(equals - line) : len, text_len = 0;
    const struct opt *row;
    struct why inner;
    bool negated;

    if (equals) {
        text = equals + 1;
        text_len = len - name_len - 1;
        trim(&text, &text_len);
    }
    trim(&line, &name_len);
    if (name_len == 0)
        return why_set(why, "there is no name before the =");
    row = opt_find(reading->table, line, name_len, &negated, &value->place);
    if (!row || row->hidden)
        return opt_unknown(reading->table, line, name_len, "", why);
    if (row->kind == OPT_KIND_ACTION || row->not_in_file)
        return why_set(why, "%s is for the command line alone", row->name);
    if (equals && negated)
        return why_set(why, "no-%s takes no value", row->name);
    value->text = equals ? keep(reading->layers, text, text_len)
                         : bare(row, negated, why);
    if (value->text && take(reading, row, value, &inner) != 0)
        return why_set(why, "%s: %s", row->name, inner.text);
    return value->text ? 0 : -1;
}

static int take_line(struct reading *reading, const char *name, unsigned line,
                     const char *text, size_t len, struct why *why)
{
    struct opt_value value = {.layer = OPT_FILE, .from = name, .line = line};
    struct why inner;
    int result = 0;

    trim(&text, &len);
    if (len == 0 || text[0] == '#')
        return 0;
    if (memchr(text, '\0', len))
        result = why_set(&inner, "a NUL byte in it");
    else
        result = take_setting(reading, &value, text, len, &inner);
    if (result != 0)
        why_set(why, "%.110s:%u: %s", name, line, inner.text);
    return result;
}

int opt_layers_file(const struct opt_table *table, struct config *config,
                    struct opt_layers *layers, const char *name,
                    const char *text, size_t len, struct why *why)
{
    struct reading reading = {
        .table = table, .config = config, .layers = layers, .layer = OPT_FILE};
    const char *end = text + len;
    int result = 0;

    name = keep(layers, name, strlen(name));
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3; /* a byte order mark */
    for (unsigned line = 1; result == 0 && text < end; line++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        if (!stop)
            stop = end;
        result =
            take_line(&reading, name, line, text, (size_t)(stop - text), why);
        text = stop + 1;
    }
    arrange(&reading);
    return result;
}

const struct opt_value *opt_layers_last(const struct opt_table *table,
                                        const struct opt_layers *layers,
                                        const char *name)
{
    const struct opt_log *log = &layers->log;
    const struct opt_value *last = NULL;
    bool negated;
    size_t place;

    if (!opt_find(table, name, strlen(name), &negated, &place))
        return NULL;
    for (size_t i = 0; i < log->count; i++) {
        if (log->items[i].place == place &&
            (!last || log->items[i].layer <= last->layer))
            last = &log->items[i];
    }
    return last;
}

static void add_place(const struct opt_value *value, const char *name,
                      struct buf *out)
{
    char line[16] = "";

    if (value->line > 0)
        snprintf(line, sizeof(line), ":%u", value->line);
    buf_addf(out, "%s%s: %s%s", out->len > 0 ? ", " : " (", name, value->from,
             line);
}

void opt_layers_places(const struct opt_table *table,
                       const struct opt_layers *layers, const char *message,
                       struct why *places)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    struct buf out;

    buf_init(&out, sizeof(places->text) - 2);
    while ((message = strstr(message, "--"))) {
        size_t len = strspn(message + 2, letters);
        char *name = xmemdup(message + 2, len);
        const struct opt_value *value;

        value = opt_layers_last(table, layers, name);
        if (value && value->layer != OPT_ARGUMENTS)
            add_place(value, name, &out);
        free(name);
        message += 2 + len;
    }
    places->text[0] = '\0';
    if (out.len > 0)
        why_set(places, "%s)", out.data);
    buf_release(&out);
}

/* What no terminal should get is made visible, so that a line stays one. */
static void print_text(const char *text, FILE *out)
{
    while (*text) {
        uint32_t cp;
        size_t len = utf8_decode(text, strlen(text), &cp);
        bool plain = len > 0 && !utf8_unprintable(cp);

        for (size_t i = 0; i < (len ? len : 1); i++)
            fprintf(out, plain ? "%c" : "\\x%02x", (unsigned char)text[i]);
        text += len ? len : 1;
    }
}

static void show_value(const struct opt *row, const struct opt_value *value,
                       FILE *out)
{
    fprintf(out, "%s\t", row->name);
    print_text(row->secret ? "***" : value->text, out);
    fputc('\t', out);
    if (value->layer == OPT_DEFAULTS)
        fputs("default", out);
    else
        print_text(value->from ? value->from : "command line", out);
    if (value->line > 0)
        fprintf(out, ":%u", value->line);
    fputc('\n', out);
}

/* What holds of a row: its own last value, unless another row that shares the
 * field came later; the text is NULL then. */
static struct opt_value last_value(const struct opt_table *table, size_t place,
                                   const struct opt_log *log)
{
    const struct opt *row = opt_row(table, place);
    struct opt_value last = {.text = row->def, .layer = OPT_DEFAULTS};

    if (!last.text && row->kind == OPT_KIND_FLAG)
        last.text = "false";
    for (size_t i = 0; i < log->count; i++) {
        if (log->items[i].place == place)
            last = log->items[i];
        else if (opt_row(table, log->items[i].place)->field == row->field)
            last.text = NULL;
    }
    return last;
}

static void show_row(const struct opt_table *table, size_t place,
                     const struct opt_log *log, FILE *out)
{
    const struct opt *row = opt_row(table, place);
    struct opt_value last;

    for (int layer = OPT_FILE; opt_is_list(row) && layer >= 0; layer--)
        for (size_t i = 0; i < log->count; i++)
            if (log->items[i].place == place &&
                (int)log->items[i].layer == layer)
                show_value(row, &log->items[i], out);
    if (opt_is_list(row))
        return;
    last = last_value(table, place, log);
    if (last.text)
        show_value(row, &last, out);
}

void opt_layers_show(const struct opt_table *table,
                     const struct opt_layers *layers, FILE *out)
{
    const struct opt *row;

    for (size_t i = 0; (row = opt_row(table, i)); i++) {
        if (row->kind != OPT_KIND_ACTION && !row->hidden)
            show_row(table, i, &layers->log, out);
    }
}
