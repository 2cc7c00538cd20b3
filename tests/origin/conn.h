/* SPDX-License-Identifier: MIT */
/*
 * The listening server and its connections. One request of a connection is
 * answered at a time; what was pipelined waits in the connection's buffer.
 */
#ifndef ORIGIN_CONN_H
#define ORIGIN_CONN_H

#include "stats.h"

#include <ev.h>
#include <stdbool.h>

struct conn;

struct server {
    struct ev_loop *loop;
    struct ev_io listener;
    bool reset_on_accept;
    unsigned max_requests; /* of one connection; 0: no limit */

    struct stats stats;
    struct conn *conns; /* all that are open */
    uint64_t serial;    /* of the last connection */
    ev_tstamp busy_at;  /* when a connection or a request last came */
};

/* Starts to accept on a listening, non-blocking socket. */
void server_start(struct server *s, int fd);

/* Ends every connection and stops listening. */
void server_stop(struct server *s);

#endif
