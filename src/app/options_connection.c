/* SPDX-License-Identifier: MIT */
/* Options: how servers are reached: names, addresses, proxies, protocols. */
#include "app/options_rows.h"

static const struct opt rows[] = {
    {.name = "dns-ttl",
     OPT_DURATION(dns_ttl),
     .arg = "D",
     .def = "60s",
     .help = "keep what a name lookup found for D"},
};

const struct opt_group options_connection = OPT_GROUP("Connections", rows);
