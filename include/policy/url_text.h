/* SPDX-License-Identifier: MIT */
/*
 * The text of URLs, byte by byte; for policy/url alone. Which URLs are normal
 * as they stand, and the parts of normalising that libcurl leaves undone.
 */
#ifndef POLICY_URL_TEXT_H
#define POLICY_URL_TEXT_H

#include "base/buf.h"
#include "base/msg.h"
#include "model/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Longest host name that the DNS can hold, a final dot included. */
#define URL_HOST_MAX 254

/* Where the parts of an absolute http or https URL stand. */
struct url_span {
    size_t authority; /* the host's first byte: behind "://" */
    size_t host_end;  /* behind the host's last byte */
    size_t path;      /* the path's first byte: behind the port, if any */
    bool tls;         /* the scheme is https */
};

/*
 * True, and *span filled, for a URL without userinfo that normalising would
 * not change, but for a "/" behind a bare host. False where that is not
 * certain.
 */
bool url_text_is_normal(const char *text, size_t len, struct url_span *span);

bool url_text_is_digit(char c);

/* True for a byte that a normalised host name may hold. */
bool url_text_is_host_byte(char c);

/* True for four decimal numbers to 255 without leading zeros. */
bool url_text_is_quad(const char *text, size_t len);

/*
 * Appends text with raw non-ASCII encoded. In a path also decodes what is
 * unreserved and writes other escapes in upper case. A "%" without two hex
 * digits stays as it is, and what follows it is not decoded into them: the
 * result must read the same the next time.
 */
void url_text_add(struct buf *out, const char *text, bool path);

/* Removes dot segments (RFC 3986 5.2.4) of a path that begins with "/", in
 * place; returns its new length. */
size_t url_text_remove_dots(char *path, size_t len);

/* Length of the word before a ":" at the start that could be a scheme; 0. */
size_t url_text_scheme(const char *text, size_t len);

/* True for a port, then the end of the authority. */
bool url_text_is_port(const char *text, size_t len);

/* True for a text such as "http//x" or "x//user@host", in which an authority
 * is surely meant, that would be read as a host and a path. */
bool url_text_lacks_colon(const char *text, size_t len);

/* True for a text without a scheme that is not read as one unless "//" stands
 * before it. */
bool url_text_needs_slashes(const char *text, size_t len);

/* True when the first scheme bytes of the text are http or https. */
bool url_text_is_http(const char *text, size_t scheme);

/* Sets *code and why of a scheme that is not spoken; returns -1. */
int url_text_refuse_scheme(const char *text, size_t scheme,
                           enum error_code *code, struct why *why);

#endif
