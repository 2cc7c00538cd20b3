/* SPDX-License-Identifier: MIT */
/*
 * What of an input line may go onto the wire: methods, header names and
 * values. Whatever passes here cannot end its line and begin another.
 */
#ifndef POLICY_WIRE_H
#define POLICY_WIRE_H

#include "base/msg.h"

#include <stdbool.h>
#include <stddef.h>

/* True for an RFC 9110 token (section 5.6.2): not empty, no separator. */
bool wire_is_token(const char *text, size_t len);

/* A token of at most METHOD_MAX bytes, but CONNECT. 0, or -1 with why. */
int wire_check_method(const char *method, size_t len, struct why *why);

/*
 * A token, but none of the names whose fields frame a message or manage the
 * connection: those are afetch's alone. 0, or -1 with why.
 */
int wire_check_header_name(const char *name, size_t len, struct why *why);

/* No control byte but tab. 0, or -1 with why, which names the field. */
int wire_check_header_value(const char *name, size_t name_len,
                            const char *value, size_t len, struct why *why);

/* True for a header whose value must not be shown: Authorization, Cookie,
 * Set-Cookie, Proxy-*, and names that hold token, secret, api-key, apikey or
 * password. */
bool wire_is_secret(const char *name, size_t len);

/* The same for a response: Set-Cookie, and credentials that are sent back. A
 * token in another field is what was asked for. */
bool wire_is_secret_answer(const char *name, size_t len);

/* True for a field whose value is a URL, which may hold a password. */
bool wire_is_url(const char *name, size_t len);

/* True for a field that makes a request conditional: If-None-Match and its kin
 * (RFC 9110 section 13.1). */
bool wire_is_condition(const char *name);

/* What else options and lines put into fields. 0, or -1 with why, which quotes
 * nothing of a secret. */

/* Any text without a control byte but tab. */
int wire_check_text(const char *text, struct why *why);

/* "NAME:PASSWORD", likewise. */
int wire_check_user(const char *text, struct why *why);

/* A token: visible ASCII, at least one byte. */
int wire_check_bearer(const char *text, struct why *why);

/* Byte ranges "0-499,1000-,-500" (RFC 9110 section 14.1.2, without "bytes=").
 */
int wire_check_range(const char *text, struct why *why);

#endif
