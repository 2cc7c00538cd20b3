/* SPDX-License-Identifier: MIT */
/* Options: whom to trust and how to show who we are. */
#include "app/options_rows.h"

static const struct opt rows[] = {
    {.name = "insecure",
     .letter = 'k',
     OPT_FLAG(settings.insecure),
     .help = "do not verify the certificates of servers"},
    {.name = "cacert",
     OPT_STRING(settings.cacert),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "trust the CA certificates in FILE (PEM)"},
    {.name = "capath",
     OPT_STRING(settings.capath),
     .arg = "DIR",
     .hint = OPT_HINT_DIR,
     .help = "trust the CA certificates in DIR (hashed)"},
};

const struct opt_group options_tls = OPT_GROUP("TLS", rows);
