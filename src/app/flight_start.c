/* SPDX-License-Identifier: MIT */
/*
 * Hops that leave: whose turn it is is the scheduler's affair, what its name
 * means the resolver's; what comes back goes to flight_land.
 */
#include "app/run_priv.h"

#include "policy/url.h"

#include <stdio.h>

bool flight_blocked(const struct run *run)
{
    return sink_full(run->sink) ||
           fetch_body_bytes(run->fetch) + sink_queued(run->sink) >= BODY_BYTES;
}

static void depart(struct run *run, struct task *task,
                   const struct route *route)
{
    struct validators room;
    struct fetch_hop hop;

    flight_go(run, task);
    task_looked_up(task, &route->reply);
    if (!task->body)
        task->body = saving_body(run->saving, task->request);
    task_describe(task, run->config, &hop);
    revalidate_ask(run, task, &hop, &room);
    hop.proxy = route->proxy;
    hop.target = route->target;
    hop.addresses = route->addresses.list;
    hop.address_count = route->addresses.count;
    hop.host_running = sched_host_running(&task->item);
    hop.host_waiting = sched_host_waiting(&task->item);
    hop.hosts = sched_hosts(run->sched);
    task_depart(task, run->now, run->wall);
    task->id = fetch_start(run->fetch, &hop);
    list_push_back(&run->flying, &task->flying);
    flight_arm_clock(run, task);
}

/* A hop that cannot leave comes back at once. */
static void come_back(struct run *run, struct task *task,
                      const struct route *route, struct response *response)
{
    flight_go(run, task);
    task_looked_up(task, &route->reply);
    task_depart(task, run->now, run->wall);
    flight_land_response(run, task, response);
}

/* Its name has no address. */
static void depart_nowhere(struct run *run, struct task *task,
                           const struct route *route)
{
    const struct lookup_result *failure = &route->reply.failure;
    struct response response;
    struct evidence *evidence = &response.evidence;
    bool impatient = failure->lookup == LOOKUP_TIMEOUT && task->asked > 0.0;
    size_t len;
    const char *name = host_key_host(
        route->target ? route->target : task_host_key(task), &len);

    response_init(&response);
    evidence->phase = PHASE_DNS;
    evidence->lookup = failure->lookup;
    evidence->os_errno = failure->os_errno;
    if (impatient)
        evidence->ender = route->ender;
    if (failure->text)
        snprintf(evidence->text, sizeof(evidence->text), "%s: %.*s",
                 failure->text, (int)len, name);
    come_back(run, task, route, &response);
}

/* The guard does not let it out. */
static void depart_blocked(struct run *run, struct task *task,
                           const struct route *route)
{
    struct response response;

    response_init(&response);
    response.evidence.phase = PHASE_QUEUE;
    response.evidence.ender = ENDED_BY_GUARD;
    response.evidence.denied_host = route->denied_host;
    snprintf(response.evidence.text, sizeof(response.evidence.text), "%.*s",
             (int)sizeof(response.evidence.text) - 1, route->why.text);
    come_back(run, task, route, &response);
}

/* One hop to the engine, or its host to those that wait for their names. */
static void start(struct run *run, struct sched_item *item)
{
    struct task *task = container_of(item, struct task, item);
    struct route route;
    struct error error;
    enum route_say say;

    if (!pace_lets(run->pace, task_host_key(task), run->now, &error)) {
        sched_undo(run->sched, item);
        flight_skip(run, task, &error);
        return;
    }
    say = routes_find(run->routes, task, run->config, run->now, &route);
    if (say != ROUTE_WAIT)
        pace_leaves(run->pace, task_host_key(task), run->now);
    switch (say) {
    case ROUTE_GO:
        depart(run, task, &route);
        break;
    case ROUTE_WAIT:
        if (task->asked <= 0.0)
            task->asked = run->now;
        sched_hold(run->sched, item);
        break;
    case ROUTE_FAILED:
        depart_nowhere(run, task, &route);
        break;
    case ROUTE_BLOCKED:
        depart_blocked(run, task, &route);
        break;
    }
}

void flight_start(struct run *run)
{
    struct sched_item *item;
    const char *host_key;

    resolve_turn(run->resolve, run->now);
    while ((host_key = resolve_next(run->resolve)))
        sched_open(run->sched, host_key);
    run->start_left = false;
    for (int n = 0; !flight_blocked(run); n++) {
        run->start_left = n >= TURN_MAX;
        if (run->start_left || !(item = sched_next(run->sched, run->now)))
            return;
        start(run, item);
    }
}
