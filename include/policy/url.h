/* SPDX-License-Identifier: MIT */
/*
 * URLs: one parser (libcurl's CURLU) for checking, normalising, joining and,
 * because what it gives is what is fetched, for sending. Normalised: scheme
 * and host in lower case, default port dropped, dot segments resolved,
 * unreserved %XX decoded, other %XX in upper case, raw non-ASCII encoded,
 * fragment dropped, empty path "/"; the query is not touched beyond the
 * encoding of raw non-ASCII bytes (RFC 3986 section 6.2.2 and 6.2.3).
 */
#ifndef POLICY_URL_H
#define POLICY_URL_H

#include "base/msg.h"
#include "model/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A parsed URL; all strings owned. */
struct url {
    char *text;     /* normalised, without userinfo and fragment */
    char *host_key; /* "http://example.com:80": scheme, host, port */
    char *userinfo; /* "user:password", percent-decoded; NULL without */
};

/*
 * Reads len bytes (no NUL needed) as an absolute http or https URL; without a
 * scheme, default_scheme is put before it. A word, a colon and neither "//"
 * nor a port behind it ("mailto:x") is an unknown scheme, and one that lacks
 * its colon ("http//x") is refused. White space, control bytes, an empty host,
 * IPv6 zones and port 0 are refused; a host that is not ASCII becomes punycode.
 * Returns 0 and fills *url (url_release it), or -1 with *code (CODE_BAD_URL,
 * CODE_SCHEME or CODE_BAD_UTF8) and why.
 */
int url_parse(struct url *url, const char *text, size_t len,
              const char *default_scheme, enum error_code *code,
              struct why *why);

/*
 * Resolves a reference (a Location) against a normalised base; otherwise as
 * url_parse, but that inner spaces and bytes that are not ASCII become escapes,
 * as browsers and curl do. Userinfo in the reference is dropped: credentials
 * belong to the URL that the line names.
 */
int url_join(struct url *url, const char *base, const char *reference,
             enum error_code *code, struct why *why);

/* True where this libcurl speaks WebSocket: url_parse then takes ws and wss
 * too. Their host_key is that of http and https: it is the same server. */
bool url_has_websocket(void);

/* True where it speaks HTTP/3. */
bool url_has_http3(void);

/* True for a normalised URL of ws or wss. */
bool url_is_websocket(const char *text);

/* Frees what it owns. */
void url_release(struct url *url);

/*
 * A copy of a text that url_parse accepts with "user:password@" taken out of
 * its authority, for showing: url_parse reads the rest of it the same. Caller
 * frees.
 */
char *url_without_userinfo(const char *text, size_t len);

/*
 * A copy of a text that url_parse refuses, for showing: whatever may be a
 * password in it, which is all from its first "://" to its last "@", is taken
 * out. Caller frees.
 */
char *url_censored(const char *text, size_t len);

/* The host in a host_key, brackets of IPv6 included: points into it. */
const char *host_key_host(const char *host_key, size_t *len);

/* True when the host of a host_key is an IP address (no lookup is needed). */
bool host_key_is_address(const char *host_key);

/* True when the scheme of a host_key is https. */
bool host_key_is_tls(const char *host_key);

#endif
