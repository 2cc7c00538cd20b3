/* SPDX-License-Identifier: MIT */
/* Options: whose requests they are. All of it is for the origin that a line
 * names. */
#include "app/options_rows.h"

#include "policy/wire.h"

static const struct opt rows[] = {
    {.name = "user",
     .letter = 'u',
     OPT_STRING(settings.user),
     .arg = "NAME:PASSWORD",
     .check = wire_check_text,
     .check_layer = wire_check_user,
     .check_line = wire_check_user,
     .secret = true,
     .help = "credentials, where a URL has none"},
    {.name = "user-file",
     OPT_STRING(user_file),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "the same, the first line of FILE"},
    {.name = "digest",
     OPT_FLAG(settings.digest),
     .help = "show them by Digest, not by Basic"},
    {.name = "oauth2-bearer",
     OPT_STRING(settings.oauth2_bearer),
     .arg = "TOKEN",
     .check = wire_check_bearer,
     .secret = true,
     .help = "token to show as a bearer of it"},
    {.name = "oauth2-bearer-file",
     OPT_STRING(oauth2_bearer_file),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "the same, the first line of FILE"},
    {.name = "netrc-file",
     OPT_STRING(settings.netrc_file),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .run_only = true,
     .help = "look credentials up in FILE, as in ~/.netrc"},
    {.name = "show-secrets",
     OPT_FLAG(show_secrets),
     .help = "show passwords, tokens and cookies in records and -v"},
};

const struct opt_group options_credentials = OPT_GROUP("Credentials", rows);
