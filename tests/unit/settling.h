/* SPDX-License-Identifier: MIT */
/* Arguments to a config, for the tests of the options. */
#ifndef SETTLING_H
#define SETTLING_H

#include "app/options.h"
#include "check.h"
#include "policy/fields.h"

#include <stdlib.h>

/* Parses argv (ended by NULL) and settles; the config must be released. */
static inline int settle(struct config *config, struct why *why,
                         const char *const argv[])
{
    int argc = 0, result;

    while (argv[argc])
        argc++;
    why->text[0] = '\0';
    opt_defaults(&options_table, config);
    result = opt_parse(&options_table, argc, (char *const *)argv, config, why);
    return result ? result : options_settle(config, why);
}

#define SETTLE(...)                                                            \
    settle(&config, &why, (const char *[]){"afetch", __VA_ARGS__, NULL})
#define RELEASE() opt_release(&options_table, &config)

static inline bool near_to(double got, double want)
{
    return got > want - 1e-6 && got < want + 1e-6;
}

#endif
