/* SPDX-License-Identifier: MIT */
/* Options: messages, and what only prints and ends. */
#include "app/options_rows.h"

static const struct opt rows[] = {
    {.name = "silent",
     .letter = 's',
     OPT_FLAG(silent),
     .help = "print no summary at the end",
     .excludes = "verbose"},
    {.name = "verbose",
     .letter = 'v',
     OPT_FLAG(verbose),
     .help = "print diagnostic messages on stderr"},
    {.name = "help",
     .letter = 'h',
     OPT_ACTION(ACTION_HELP),
     .help = "show this help"},
    {.name = "version",
     .letter = 'V',
     OPT_ACTION(ACTION_VERSION),
     .help = "show the versions of afetch and its libraries"},
    {.name = "dump-options",
     OPT_ACTION(ACTION_DUMP_OPTIONS),
     .help = "print this table as tab-separated values",
     .hidden = true},
    {.name = "dump-words",
     OPT_ACTION(ACTION_DUMP_WORDS),
     .help = "print every published word as tab-separated values",
     .hidden = true},
};

const struct opt_group options_general = OPT_GROUP("General", rows);
