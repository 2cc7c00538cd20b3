/* SPDX-License-Identifier: MIT */
/*
 * What a run does with bodies beside printing them: the folder they are saved
 * in, the names of their files, and which requests have their file already.
 */
#ifndef APP_SAVING_H
#define APP_SAVING_H

#include "model/config.h"
#include "model/record.h"
#include "world/body.h"

#include <stdbool.h>

struct saving;

/* Opens the folder where the config names one: before threads are started.
 * NULL with why. config is borrowed. */
struct saving *saving_new(const struct config *config, struct why *why);

/* Every body of it must be freed. NULL is allowed. */
void saving_free(struct saving *saving);

/* Checks what of the config is for saving; -1 with why naming the option. */
int saving_check(const struct config *config, struct why *why);

/* The names that are given, where a name that is given twice is numbered; else
 * NULL. Borrowed. */
struct file_taken *saving_names(const struct saving *saving);

/* Where the body of the request goes; NULL: nowhere. Freed by body_free;
 * borrows the request. */
struct body *saving_body(struct saving *saving, const struct request *request);

/* True when the request has its file and is not to be sent: its record, new,
 * is then filled. */
bool saving_skips(struct saving *saving, struct record *record);

/*
 * The request is over: gives its body its file, or ends it otherwise, and says
 * in the record what came of it. What is ok there may not be any more: then
 * this machine could not save the body. body NULL does nothing.
 */
void saving_settle(struct saving *saving, struct body *body,
                   struct record *record);

#endif
