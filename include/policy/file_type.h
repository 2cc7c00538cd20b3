/* SPDX-License-Identifier: MIT */
/*
 * From a media type to the extension of a file's name. A small table of what
 * the web is made of, not the system's, so that a name is the same on every
 * machine.
 */
#ifndef POLICY_FILE_TYPE_H
#define POLICY_FILE_TYPE_H

#include <stddef.h>

/*
 * The extension, without its dot, of a Content-Type field's value (RFC 9110
 * section 8.3.1): parameters and case do not matter. A type that is not in
 * the table goes by its suffix (RFC 6839: "+json", "+xml", "+zip"), then any
 * "text/" is "txt". Everything else, and NULL, is "bin": so each name has an
 * extension, and where it begins is never in doubt.
 */
const char *file_type_extension(const char *content_type);

/*
 * The extensions that file_type_extension gives, each once, by number from 0;
 * NULL behind the last. For finding a saved file whose type is not known.
 */
const char *file_type_known(size_t number);

#endif
