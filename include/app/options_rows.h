/* SPDX-License-Identifier: MIT */
/*
 * The groups of options that app/options puts together, a file each
 * (options_GROUP.c): nobody else includes this.
 */
#ifndef APP_OPTIONS_ROWS_H
#define APP_OPTIONS_ROWS_H

#include "model/opt.h"

#include <stdint.h>

/* --max-body as long as options_settle has not chosen. */
#define MAX_BODY_NOT_GIVEN UINT64_MAX

extern const struct opt_group options_input;
extern const struct opt_group options_request;
extern const struct opt_group options_tls;
extern const struct opt_group options_connection;
extern const struct opt_group options_schedule;
extern const struct opt_group options_time;
extern const struct opt_group options_retry;
extern const struct opt_group options_record;
extern const struct opt_group options_body;
extern const struct opt_group options_general;

#endif
