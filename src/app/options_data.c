/* SPDX-License-Identifier: MIT */
/* Options: the body that is sent, where a line has none of its own. */
#include "app/options_rows.h"

static const struct opt rows[] = {
    {.name = "data",
     .letter = 'd',
     OPT_PIECE(pieces, PIECE_DATA),
     .arg = "DATA",
     .help = "POST DATA, or @FILE without its line ends"},
    {.name = "data-raw",
     OPT_PIECE(pieces, PIECE_DATA_RAW),
     .arg = "DATA",
     .help = "POST DATA, a first @ included"},
    {.name = "data-binary",
     OPT_PIECE(pieces, PIECE_DATA_BINARY),
     .arg = "DATA",
     .help = "POST DATA, or @FILE as it is"},
    {.name = "data-urlencode",
     OPT_PIECE(pieces, PIECE_DATA_URLENCODE),
     .arg = "DATA",
     .help = "POST DATA encoded: TEXT, NAME=TEXT, @FILE, NAME@FILE"},
    {.name = "json",
     OPT_PIECE(pieces, PIECE_JSON),
     .arg = "DATA",
     .help = "POST DATA, or @FILE, as application/json"},
    {.name = "get",
     .letter = 'G',
     OPT_FLAG(get),
     .help = "put the data into the query of each URL, GET it"},
    {.name = "form",
     .letter = 'F',
     OPT_PIECE(pieces, PIECE_FORM),
     .arg = "PART",
     .help = "POST a form: NAME=TEXT, NAME=@FILE, NAME=<FILE"},
    {.name = "form-string",
     OPT_PIECE(pieces, PIECE_FORM_STRING),
     .arg = "PART",
     .help = "POST a form: NAME=TEXT, whatever TEXT begins with"},
};

const struct opt_group options_data = OPT_GROUP("Request bodies", rows);
