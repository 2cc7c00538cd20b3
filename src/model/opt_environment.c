/* SPDX-License-Identifier: MIT */
/*
 * Options out of the environment. Knows how a variable is called after its
 * option; must not know any option, nor the environment itself.
 */
#include "base/buf.h"
#include "model/opt.h"

/* The variable of a row: "AFETCH_MAX_TIME". */
static void add_variable(struct buf *out, const struct opt *row)
{
    buf_clear(out);
    buf_add_str(out, "AFETCH_");
    for (const char *c = row->name; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            buf_add_char(out, (char)(*c - 'a' + 'A'));
        else
            buf_add_char(out, *c == '-' || *c == '.' ? '_' : *c);
    }
}

int opt_environment(const struct opt_table *table, struct config *config,
                    char *(*get)(const char *name), struct why *why)
{
    const struct opt *row;
    struct why inner;
    struct buf name;
    int result = 0;

    buf_init(&name, 4096);
    for (size_t i = 0; (row = opt_row(table, i)); i++) {
        const char *value;

        if (row->kind == OPT_KIND_ACTION || row->hidden)
            continue;
        add_variable(&name, row);
        value = get(name.data);
        if (value && *value && opt_set(row, config, value, &inner) != 0)
            result = why_set(why, "%s: %s", name.data, inner.text);
    }
    buf_release(&name);
    return result;
}
