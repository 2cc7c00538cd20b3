/* SPDX-License-Identifier: MIT */
/*
 * Pins: names whose addresses are given (--resolve), and hosts that are
 * connected to instead of others (--connect-to); CURLOPT_RESOLVE(3) and
 * CURLOPT_CONNECT_TO(3). First pins_target says where a hop connects to, then
 * pins_addresses whether the addresses of that are given; what is sent (Host,
 * SNI) stays the URL's.
 *
 * --resolve [+|-]HOST:PORT:ADDRESS[,ADDRESS...]
 *   HOST is a name, an address (IPv6 in brackets) or "*", any; PORT a number
 *   or "*", any. Each ADDRESS is IPv4 or IPv6, in brackets or not. The most
 *   exact entry counts: HOST:PORT before HOST:* before *:PORT before *:*. A
 *   later entry for the same HOST:PORT replaces an earlier one, "-HOST:PORT"
 *   takes it away. One with "+" ends after a time; then names are looked up
 *   as without it.
 *
 * --connect-to HOST1:PORT1:HOST2:PORT2
 *   A hop to HOST1:PORT1 connects to HOST2:PORT2. HOST1 or PORT1 empty: any;
 *   HOST2 or PORT2 empty: as the URL has it. The first that fits counts. HOST2
 *   may be a name, which is then pinned or looked up itself.
 */
#ifndef POLICY_PINS_H
#define POLICY_PINS_H

#include "base/msg.h"
#include "model/address.h"
#include "model/config.h"
#include "policy/host.h"

#include <stdbool.h>

struct pins;

/*
 * Reads both lists (NULL is an empty one; texts are copied); *pins becomes
 * NULL, which pins nothing, when they are empty. expires is when entries with
 * "+" end, on the clock that pins_addresses is asked by. Returns 0, or -1 with
 * why: the option, the entry, and the part of it that is wrong.
 */
int pins_new(struct pins **pins, const struct strings *resolve,
             const struct strings *connect_to, double expires, struct why *why);
void pins_free(struct pins *pins);

/*
 * Where a hop to the host of host_key connects to: writes that as a host key
 * of the same scheme ("https://other.example:8443") and returns true; false,
 * and target unchanged, when it is the host itself.
 */
bool pins_target(const struct pins *pins, const char *host_key,
                 char target[HOST_KEY_TEXT]);

/*
 * The addresses given for the name and port of a host key (that of pins_target
 * where it wrote one), at least one, living as long as the pins; NULL when
 * none are: then it is looked up.
 */
const struct addresses *pins_addresses(const struct pins *pins,
                                       const char *host_key, double now);

#endif
