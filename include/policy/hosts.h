/* SPDX-License-Identifier: MIT */
/*
 * What --host-config says of single hosts: a JSON object that maps each
 * pattern to an object of limits ("concurrency", "rate", "burst", "delay",
 * "jitter"), "headers", and settings by the names that they have in a JSON
 * line.
 *
 * A pattern is a host name, an address, or a glob of them (* and ?), with
 * ":PORT" behind it where it is to hold for one port alone. One pattern holds
 * for a host: the most exact one, which is the one with the most bytes that
 * are no wildcard; of several, the first.
 */
#ifndef POLICY_HOSTS_H
#define POLICY_HOSTS_H

#include "base/msg.h"
#include "model/config.h"
#include "model/opt.h"
#include "model/request.h"
#include "policy/sched.h"

#include <stddef.h>

struct hosts;

/*
 * Reads the text of a file, strictly: what JSON lines would refuse, and an
 * unknown key, are errors. config and options are borrowed; config->settings,
 * on which the hosts' build, must be complete. NULL with why, which names the
 * pattern and the key.
 */
struct hosts *hosts_new(const char *text, size_t len,
                        const struct config *config,
                        const struct opt_table *options, struct why *why);
void hosts_free(struct hosts *hosts);

/* Changes the limits by what is said of the host. hosts may be NULL. */
void hosts_limits(const struct hosts *hosts, const char *host_key,
                  struct sched_limits *limits);

/* Gives a request that has no settings of its own those of its host, which it
 * borrows: what its line says is to come on top. hosts may be NULL. */
void hosts_settle(const struct hosts *hosts, struct request *request);

/* Adds the header fields of the request's host whose names it does not have
 * itself. hosts may be NULL. */
void hosts_add_headers(const struct hosts *hosts, struct request *request);

#endif
