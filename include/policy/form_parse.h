/* SPDX-License-Identifier: MIT */
/*
 * The arguments of curl's -F and --form-string (curl.1: --form), to parts of
 * a form.
 */
#ifndef POLICY_FORM_PARSE_H
#define POLICY_FORM_PARSE_H

#include "base/msg.h"
#include "policy/form.h"
#include "policy/reader.h"

/*
 * -F. Appends what the argument says:
 *   NAME=TEXT           a text
 *   NAME=<FILE          a text that a file holds
 *   NAME=@FILE[,FILE]   files; their names without the folders are sent
 * Behind a text or a FILE may stand ";type=TYPE" and (not with "<")
 * ";filename=NAME". A text, FILE or NAME with ";" (or, in a list of files,
 * ",") in it stands in double quotes, in which a backslash goes before a quote
 * or a backslash. White space around each is dropped, but in quotes.
 *
 * Other than curl's: several files are parts of their own of the same name
 * (RFC 7578 section 4.3), not a multipart/mixed; and what curl drops with a
 * warning (";" and something unknown, text behind a quote), or what is not
 * done here (";headers=", ";encoder=", parts in parts with "("), is refused.
 *
 * 0, or -1 with why: such a text, a file that cannot be read, or what form_add
 * refuses. The form may then have got some of the files.
 */
int form_parse(struct form *form, const char *argument,
               const struct reader *reader, struct why *why);

/* --form-string: NAME=TEXT, nothing of which is read as above. */
int form_parse_string(struct form *form, const char *argument, struct why *why);

#endif
