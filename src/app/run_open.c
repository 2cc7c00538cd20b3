/* SPDX-License-Identifier: MIT */
/*
 * The beginning and the end of a run: what is opened before anything starts,
 * saved once all records are out, and given back. What goes wrong here is the
 * user's to mend, or a local fault; it knows nothing of the loop's turns.
 */
#include "app/run_priv.h"

#include "app/options.h"
#include "base/hash.h"
#include "base/msg.h"
#include "policy/identity_run.h"
#include "world/slurp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Name lookups at once: a thread each. */
#define LOOKUPS_MAX 32

/* Largest file of --host-config, in bytes. */
#define HOST_CONFIG_MAX (4u << 20)

static void raise_fd_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static unsigned slots_cap(const struct run *run)
{
    unsigned most = fetch_capacity(run->fetch);

    if (run->config->body == BODY_FILE) /* a file beside each socket */
        return most > 1 ? most / 2 : 1;
    return most;
}

static unsigned slots_of(const struct run *run)
{
    unsigned wanted = run->config->concurrency;

    if (wanted <= run->slots_cap)
        return wanted;
    warn("concurrency %u lowered to %u: the limit on open files is %u", wanted,
         run->slots_cap, fetch_fd_limit());
    return run->slots_cap;
}

/* --host-config: 0, or -1 with why, which names file and key. */
static int read_hosts(struct run *run, struct why *why)
{
    const char *name = run->config->host_config;
    struct slurp slurp = {.stdin_taken = true};
    struct buf text;
    struct why inner;

    buf_init(&text, HOST_CONFIG_MAX);
    if (slurp_file(&slurp, name, &text, &inner) == 0) {
        run->hosts = hosts_new(text.data ? text.data : "", text.len,
                               run->config, &options_table, &inner);
        if (!run->hosts)
            why_set(why, "--host-config: %.60s: %.130s", name, inner.text);
    } else {
        why_set(why, "--host-config: %.180s", inner.text);
    }
    buf_release(&text);
    return run->hosts ? 0 : -1;
}

static enum sink_mode mode_of(const struct config *config)
{
    return config->resume  ? SINK_APPEND
           : config->force ? SINK_OVERWRITE
                           : SINK_REFUSE;
}

/* Those of --cookie that are no cookies are files of them; the jar is read
 * anyway, and need not be there yet. */
static struct cookies *open_cookies(const struct config *config,
                                    struct why *why)
{
    const struct strings *given = &config->settings.cookie;
    const char **files = xcalloc(given->count + 1, sizeof(*files));
    struct cookies *cookies;
    size_t count = 0;

    for (size_t i = 0; i < given->count; i++) {
        const char *file = given->items[i];

        if (*file && !strchr(file, '=') &&
            !(config->cookie_jar && strcmp(file, config->cookie_jar) == 0))
            files[count++] = file;
    }
    cookies = cookies_open(config->cookie_jar, files, count, why);
    free(files);
    return cookies;
}

/* What is kept from run to run. */
static int open_state(struct run *run, struct why *why)
{
    const struct config *config = run->config;
    bool wants_cookies = config->cookie_jar != NULL;

    for (size_t i = 0; i < config->settings.cookie.count; i++)
        wants_cookies |= !strchr(config->settings.cookie.items[i], '=');
    run->local_fault = true; /* unless it is opened */
    if (wants_cookies) {
        run->cookies = open_cookies(config, why);
        if (!run->cookies)
            return -1;
        fetch_use_cookies(run->fetch, run->cookies);
    }
    if (config->etag_store) {
        run->etags = etag_store_open(config->etag_store, why);
        if (!run->etags)
            return -1;
        run->digest = digest_new();
        if (identity_run_is_secret(config) && !config->silent)
            warn("--etag-store is left alone where tokens, cookies or secret "
                 "fields of the run go out");
    }
    run->local_fault = false;
    return 0;
}

/* FILE is locked before it is opened, and read before it is appended to. */
static int open_output(struct run *run, struct why *why)
{
    const struct config *config = run->config;

    run->ledger = ledger_open(config, saving_names(run->saving), why);
    if (!run->ledger) {
        run->local_fault = true;
        return -1;
    }
    if (config->resume) {
        run->ok_before = ledger_counts(run->ledger)->ok;
        run->failed_before = ledger_counts(run->ledger)->failed;
    }
    run->sink = sink_open(run->loop, config->output, mode_of(config), why);
    if (!run->sink) {
        run->local_fault = errno == EWOULDBLOCK;
        return -1;
    }
    if (config->keep_order)
        run->ordered = ordered_new(config->order_window, ORDERED_MEMORY, NULL);
    return 0;
}

int run_open(struct run *run, struct why *why)
{
    const struct config *config = run->config;
    struct rng chance;

    raise_fd_limit();
    if (config->host_config && read_hosts(run, why) != 0)
        return -1;
    run->source = source_new(run->loop, config, why);
    if (!run->source)
        return -1;
    if (source_check_output(run->source, config->output, why) != 0)
        return -1;
    run->saving = saving_new(config, why);
    if (!run->saving)
        return -1;
    run->resolve = resolve_new(run->loop, LOOKUPS_MAX, config->dns_ttl);
    run->routes = routes_new(config, run->resolve, run->started, why);
    if (!run->routes)
        return -1;
    if (config->verbose)
        routes_tell(run->routes);
    run->signals = signals_new(run->loop);
    steer_watch(run);
    if (open_output(run, why) != 0)
        return -1;
    run->intake = intake_new(config, &options_table, run->source);
    intake_set_hosts(run->intake, run->hosts);
    signals_start(run->signals);
    run->fetch = fetch_new(run->loop, config, &run->pulse, run->resolve,
                           routes_guard(run->routes));
    if (!config->dry_run && open_state(run, why) != 0)
        return -1;
    run->slots_cap = slots_cap(run);
    run->slots_most = slots_of(run);
    run->sched = sched_new(run->slots_most, config->host_concurrency);
    chance = run->rng; /* another sequence than that of the backoff */
    run->pace = pace_new(config, run->hosts, run->sched, rng_next(&chance),
                         run->started);
    if (config->race)
        run->races = races_new();
    if (steer_open(run, why) != 0)
        return -1;
    stop_judge(run); /* an earlier run may have had enough */
    return 0;
}

/* Tasks that a lost output left without a record. */
static void drop_tasks(struct run *run)
{
    struct list *node;
    struct sched_item *item;

    while ((item = sched_take(run->sched)))
        task_free(container_of(item, struct task, item));
    while ((node = list_pop_front(&run->flying)))
        task_free(container_of(node, struct task, flying));
    while ((node = list_pop_front(&run->doomed)))
        task_free(container_of(node, struct task, flying));
}

static void close_sink(struct run *run)
{
    struct why why;

    if (!run->sink)
        return;
    run->lost_records |= sink_error(run->sink) != 0;
    if (sink_close(run->sink, &why) != 0) {
        warn("%s", why.text);
        run->local_fault = run->lost_records = true;
    }
    run->sink = NULL;
}

/* Validators of what nobody got would keep it from being fetched again. */
static void save_etags(struct run *run)
{
    struct why why;

    if (!run->etags || run->lost_records ||
        etag_store_save(run->etags, &why) == 0)
        return;
    warn("%s", why.text);
    run->local_fault = true;
}

void run_save(struct run *run)
{
    struct why why;

    close_sink(run);
    if (run->cookies && cookies_save(run->cookies, &why) != 0) {
        warn("%s", why.text);
        run->local_fault = true;
    }
    save_etags(run);
}

void run_close(struct run *run)
{
    heap_release(&run->clocks); /* its nodes are in the tasks */
    if (run->sched)
        drop_tasks(run);
    fetch_free(run->fetch);
    routes_free(run->routes);
    resolve_free(run->resolve);
    pace_free(run->pace);
    races_free(run->races);
    sched_free(run->sched);
    saving_free(run->saving);
    intake_free(run->intake);
    source_free(run->source);
    hosts_free(run->hosts);
    ordered_free(run->ordered);
    close_sink(run);
    ledger_close(run->ledger);
    cookies_close(run->cookies);
    etag_store_close(run->etags);
    digest_free(run->digest);
    steer_close(run);
    signals_free(run->signals);
    ev_loop_destroy(run->loop);
}
