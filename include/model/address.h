/* SPDX-License-Identifier: MIT */
/*
 * IP addresses, and what a lookup of a name gave. Plain data, by value: it is
 * what goes to the threads that look names up and what comes back of them.
 */
#ifndef MODEL_ADDRESS_H
#define MODEL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Most addresses of a name that are kept. */
#define ADDRESSES_MAX 8

/* Room for the text of any address, the NUL included. */
#define ADDRESS_TEXT 46

struct address {
    unsigned char family;    /* 4 or 6 */
    unsigned char bytes[16]; /* in network order; the first 4 of family 4 */
};

struct addresses {
    unsigned count;
    struct address list[ADDRESSES_MAX]; /* the one to try first is first */
};

/* How a lookup failed. */
enum lookup {
    LOOKUP_FINE,      /* it did not */
    LOOKUP_NOT_FOUND, /* there is no such name, or it has no address */
    LOOKUP_TEMPORARY, /* no answer now; another time there may be one */
    LOOKUP_FAILED,    /* any other way */
    LOOKUP_TIMEOUT,   /* it took longer than a connection may */
};

struct lookup_result {
    enum lookup lookup;
    int os_errno;     /* where it was the system that failed; 0 without */
    const char *text; /* the resolver's words, static; NULL without */
    struct addresses addresses; /* none unless LOOKUP_FINE */
};

bool address_equal(const struct address *a, const struct address *b);

/*
 * Reads len bytes as an IPv4 address (four decimal numbers) or an IPv6 address
 * (RFC 4291 2.2; no brackets, no zone) into *address. False when they are
 * neither; *address is then undefined.
 */
bool address_parse(const char *text, size_t len, struct address *address);

/* Writes "192.0.2.1" or "2001:db8::1" into text. */
void address_print(const struct address *address, char text[ADDRESS_TEXT]);

#endif
