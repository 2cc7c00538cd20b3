/* SPDX-License-Identifier: MIT */
/*
 * Blocks of addresses in the notation of CIDR (RFC 4632 3.1, RFC 4291 2.3).
 * Plain data, by value.
 */
#ifndef MODEL_CIDR_H
#define MODEL_CIDR_H

#include "base/msg.h"
#include "model/address.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for the text of any block, the NUL included. */
#define CIDR_TEXT (ADDRESS_TEXT + 4)

struct cidr {
    struct address
        base;           /* the bits behind the first `bits` count for nothing */
    unsigned char bits; /* 0 to 32, or to 128 of family 6 */
};

/*
 * Reads len bytes, "10.0.0.0/8" or "2001:db8::/32"; an address alone is a
 * block of its own. Bits set behind the prefix become 0. Returns 0, or -1 with
 * why, which names the part that is wrong but not the text.
 */
int cidr_parse(const char *text, size_t len, struct cidr *cidr,
               struct why *why);

/* True when the address is of the block; never across families. */
bool cidr_has(const struct cidr *cidr, const struct address *address);

/* Writes "10.0.0.0/8"; an address alone without "/32" or "/128". */
void cidr_print(const struct cidr *cidr, char text[CIDR_TEXT]);

#endif
