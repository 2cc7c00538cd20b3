/* SPDX-License-Identifier: MIT */
/*
 * A JSON line to a request: for policy/line alone. An object of the keys that
 * policy/line names, or a record of afetch fed back.
 */
#ifndef POLICY_LINE_JSON_H
#define POLICY_LINE_JSON_H

#include "model/config.h"
#include "model/error.h"
#include "model/opt.h"
#include "model/request.h"
#include "policy/hosts.h"

#include <stddef.h>

struct line_json;

/* A reader of JSON lines; both are borrowed. */
struct line_json *line_json_new(const struct config *config,
                                const struct opt_table *options);
void line_json_free(struct line_json *json);

/* See line_reader_set_hosts. */
void line_json_set_hosts(struct line_json *json, const struct hosts *hosts);

/*
 * Reads the line into the empty request. Returns 0, or -1 with the error;
 * asked, id and method are then set as far as the line told them.
 */
int line_json_read(struct line_json *json, const char *text, size_t len,
                   struct request *request, struct error *error);

#endif
