/* SPDX-License-Identifier: MIT */
/*
 * The engine's interface: the pool of transfers, the choice of a shard for
 * each hop, what may stay connected, and the memory for bodies. What libcurl
 * does with a transfer is in the other files of the family.
 */
#include "world/fetch_priv.h"

#include "base/msg.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Live hosts, and hops of one host, that call for a further shard: libcurl
 * scans its connections in a line (10,000 hosts x 2 URLs: 13.0 s with 1
 * shard, 1.5 s with 32). */
#define HOSTS_PER_SHARD 64
/* Streams of a TLS host mostly share connections. */
#define HOPS_PER_SHARD     32
#define HOPS_PER_TLS_SHARD 512

/* Descriptors of a shard (its epoll-free wake-up pair), and those of ours. */
#define FDS_PER_SHARD 4
#define FDS_RESERVED  24

/* A hop that has the grant and moves no byte for so long passes it on. */
#define GRANT_SECONDS 1.0

/* Set-Cookie fields after which the jar is bounded again. */
#define COOKIE_FIELDS 500

/* More idle connections than this cost more in scans than they save. */
#define IDLE_MAX 4096

static void on_watchdog(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct fetch *fetch = timer->data;

    (void)loop;
    (void)events;
    for (unsigned i = 0; i < fetch->shard_count; i++)
        if (shard_watch(fetch->shards[i], fetch->now)) {
            fetch->stalls++;
            if (fetch->config->debug)
                warn("libcurl missed an event: found by the watchdog");
        }
    still_forget(fetch);
}

unsigned fetch_fd_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
        limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > 1 << 20)
        return 1 << 20;
    return (unsigned)limit.rlim_cur;
}

/* A quarter of the descriptors for shards at most, half of the rest idle. */
static void share_descriptors(struct fetch *fetch)
{
    long left = (long)fetch_fd_limit() - FDS_RESERVED;
    long shards = left / 4 / FDS_PER_SHARD;

    if (shards < 1)
        shards = 1;
    fetch->shards_max = shards < SHARDS_MAX ? (unsigned)shards : SHARDS_MAX;
    left = (left - (long)fetch->shards_max * FDS_PER_SHARD) / 2;
    fetch->idle_max = left < 1 ? 1 : left < IDLE_MAX ? left : IDLE_MAX;
}

struct fetch *fetch_new(struct ev_loop *loop, const struct config *config,
                        struct pulse *pulse, struct resolve *resolve,
                        const struct guard *guard)
{
    struct fetch *fetch = xcalloc(1, sizeof(*fetch));

    library_init();
    fetch->loop = loop;
    fetch->config = config;
    fetch->pulse = pulse;
    fetch->resolve = resolve;
    fetch->guard = guard;
    fetch->body_most = SIZE_MAX;
    list_init(&fetch->live);
    list_init(&fetch->ended);
    list_init(&fetch->idle);
    list_init(&fetch->throttled);
    list_init(&fetch->streams);
    list_init(&fetch->kept);
    list_init(&fetch->behind);
    websocket_init(fetch);
    hash_seed_random(&fetch->seed);
    share_descriptors(fetch);
    ev_timer_init(&fetch->watchdog, on_watchdog, 1.0, 1.0);
    fetch->watchdog.data = fetch;
    ev_timer_start(loop, &fetch->watchdog);
    return fetch;
}

void fetch_use_cookies(struct fetch *fetch, struct cookies *cookies)
{
    fetch->cookies = cookies;
}

static void transfer_free(struct transfer *transfer)
{
    if (transfer->shard)
        shard_remove(transfer->shard, transfer);
    address_unwatch(transfer);
    curl_easy_cleanup(transfer->easy);
    curl_url_cleanup(transfer->parts);
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->connect_to);
    decode_free(transfer->decode);
    buf_release(&transfer->message);
    response_release(&transfer->response);
    free(transfer);
}

static void transfers_free(struct list *head)
{
    struct list *node;

    while ((node = list_pop_front(head)))
        transfer_free(container_of(node, struct transfer, place));
}

void fetch_free(struct fetch *fetch)
{
    if (!fetch)
        return;
    ev_timer_stop(fetch->loop, &fetch->watchdog);
    websocket_release(fetch);
    transfers_free(&fetch->live);
    transfers_free(&fetch->ended);
    transfers_free(&fetch->kept);
    transfers_free(&fetch->idle);
    for (unsigned i = 0; i < fetch->shard_count; i++)
        shard_free(fetch->shards[i]);
    for (unsigned i = 0; i < HEADER_SHAPES; i++)
        curl_slist_free_all(fetch->headers[i]);
    free(fetch->slots);
    free(fetch);
    library_cleanup();
}

void fetch_turn(struct fetch *fetch, double now)
{
    fetch->now = now;
    still_feel(fetch);
    /* Not in a callback: it changes what libcurl may be walking through. */
    if (fetch->cookie_fields >= COOKIE_FIELDS) {
        fetch->cookie_fields = 0;
        cookies_bound(fetch->cookies);
    }
    websocket_turn(fetch);
    bandwidth_resume(fetch);
    answer_turn(fetch);
}

/* An id is a generation and a slot, so that an old id names nobody. */
static struct transfer *transfer_find(const struct fetch *fetch, fetch_id id)
{
    size_t slot = (size_t)(id & 0xffffffff);
    struct transfer *transfer =
        id && slot < fetch->slot_count ? fetch->slots[slot] : NULL;

    return transfer && transfer->id == id ? transfer : NULL;
}

static void renew_handle(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    transfer->easy = curl_easy_init();
    if (!transfer->easy)
        die("libcurl gives no handle");
    transfer->given = (struct given){0};
}

static struct transfer *transfer_new(struct fetch *fetch)
{
    struct transfer *transfer = xcalloc(1, sizeof(*transfer));

    if (fetch->slot_count == fetch->slot_cap) {
        fetch->slot_cap = fetch->slot_cap ? 2 * fetch->slot_cap : 64;
        fetch->slots =
            xrealloc(fetch->slots, fetch->slot_cap * sizeof(*fetch->slots));
    }
    transfer->parts = curl_url();
    if (!transfer->parts)
        die("no memory for a URL");
    transfer->fetch = fetch;
    transfer->slot = fetch->slot_count;
    fetch->slots[fetch->slot_count++] = transfer;
    list_init(&transfer->place);
    list_init(&transfer->throttled);
    list_init(&transfer->behind);
    list_init(&transfer->stream_place);
    list_init(&transfer->due_place);
    buf_init(&transfer->message, SPLIT_ITEM_MAX);
    response_init(&transfer->response);
    renew_handle(transfer);
    address_init(transfer);
    return transfer;
}

static struct transfer *transfer_take(struct fetch *fetch)
{
    struct list *node = list_pop_front(&fetch->idle);
    struct transfer *transfer =
        node ? container_of(node, struct transfer, place) : transfer_new(fetch);

    transfer->id = ((fetch_id)++transfer->generation << 32) | transfer->slot;
    return transfer;
}

/* Lamping and Veach's jump consistent hash: when a shard is added, only the
 * hosts that move to it lose their warm connections. */
static unsigned jump_hash(uint64_t key, unsigned buckets)
{
    int64_t b = -1, j = 0;

    while (j < (int64_t)buckets) {
        b = j;
        key = key * UINT64_C(2862933555777941757) + 1;
        j = (int64_t)((double)(b + 1) *
                      ((double)(INT64_C(1) << 31) / (double)((key >> 33) + 1)));
    }
    return (unsigned)b;
}

/* Each shard may keep its part of the idle connections, but never fewer than
 * it has live ones: libcurl would close warm connections at every end. */
static void shard_share(struct fetch *fetch, struct shard *shard)
{
    long share = fetch->idle_max / (long)fetch->shard_count;
    long live = (long)shard->running + 1;

    while (share < live)
        share = share ? 2 * share : 1;
    shard_set_connects(shard, share);
}

static void shards_grow(struct fetch *fetch, size_t wanted)
{
    while (fetch->shard_count < wanted &&
           fetch->shard_count < fetch->shards_max) {
        struct shard *shard = shard_new(fetch);

        if (!shard && fetch->shard_count == 0)
            die("libcurl gives no multi handle");
        if (!shard) { /* short of descriptors: do with what is there */
            fetch->shards_max = fetch->shard_count;
            return;
        }
        fetch->shards[fetch->shard_count++] = shard;
    }
}

/* Hops that mostly share connections, as streams of HTTP/2. */
static bool shares(const struct fetch_hop *hop, bool tls)
{
    return tls ? hop->settings->http != HTTP_1_1
               : hop->settings->http == HTTP_2_PRIOR;
}

static struct shard *shard_for(struct fetch *fetch, const struct fetch_hop *hop,
                               bool tls)
{
    unsigned span =
        1 + hop->host_running /
                (shares(hop, tls) ? HOPS_PER_TLS_SHARD : HOPS_PER_SHARD);
    unsigned usable, home;
    struct shard *best;

    shards_grow(fetch, hop->hosts / HOSTS_PER_SHARD + span);
    usable = fetch->shard_count;
    if (tls && usable > SHARDS_TLS_MAX)
        usable = SHARDS_TLS_MAX;
    home = jump_hash(
        hash_bytes(&fetch->seed, hop->host_key, strlen(hop->host_key)), usable);
    best = fetch->shards[home];
    /* Where the fewest run is also where a connection has become free. */
    for (unsigned i = 1; i < span && i < usable; i++) {
        struct shard *other = fetch->shards[(home + i) % usable];

        if (other->running < best->running)
            best = other;
    }
    return best;
}

static void launch(struct fetch *fetch, struct transfer *transfer)
{
    struct shard *shard = shard_for(fetch, &transfer->hop, transfer->tls);

    shard_share(fetch, shard);
    list_remove(&transfer->place);
    list_push_back(&fetch->live, &transfer->place);
    transfer->launched = fetch->now;
    transfer->stopped_before = fetch->pulse->stopped;
    transfer->eased_at = 0.0;
    shard_add(shard, transfer);
    address_watch(transfer);
}

fetch_id fetch_start(struct fetch *fetch, const struct fetch_hop *hop)
{
    struct transfer *transfer = transfer_take(fetch);
    /* With more hosts than idle connections may be kept, a kept one would be
     * closed before its host's next turn anyway, at the price of a scan. */
    bool forbid_reuse = hop->hosts > (size_t)fetch->idle_max;

    transfer_begin(transfer, hop);
    fetch->running++;
    if (fetch->running > fetch->running_most)
        fetch->running_most = fetch->running;
    handle_prepare(transfer, forbid_reuse || transfer->websocket);
    launch(fetch, transfer);
    return transfer->id;
}

/* Fewer idle connections when the system refuses a socket. */
static void give_descriptors_back(struct fetch *fetch)
{
    fetch->idle_max = fetch->idle_max > 8 ? fetch->idle_max / 2 : 4;
    fetch->shards_max = fetch->shard_count;
    for (unsigned i = 0; i < fetch->shard_count; i++)
        shard_share(fetch, fetch->shards[i]);
}

static void transfer_rest(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;

    stream_leave(transfer);
    answer_leave(transfer);
    transfer->id = 0;
    list_remove(&transfer->throttled);
    fetch->running--;
    response_init(&transfer->response); /* the caller owns what it held */
    /* See cookies_attach; and a handle that could not rewind a body goes on
     * trying to, with newer libcurls. */
    if ((fetch->cookies && request_has_header(transfer, "Host")) ||
        transfer->code == CURLE_SEND_FAIL_REWIND)
        renew_handle(transfer);
    list_remove(&transfer->place);
    list_push_front(&fetch->idle, &transfer->place);
}

struct transfer *transfer_borrow(struct fetch *fetch)
{
    return transfer_take(fetch);
}

void transfer_return(struct transfer *transfer)
{
    transfer->fetch->running++;
    transfer_rest(transfer);
}

/* The next transfer that has ended for good; NULL when there is none. One
 * that could not connect goes on to the next address of its name; one whose
 * items wait is kept until they have gone. */
static struct transfer *take_ended(struct fetch *fetch)
{
    while (!list_empty(&fetch->ended)) {
        struct transfer *transfer =
            container_of(fetch->ended.next, struct transfer, place);

        if (transfer->shard) {
            transfer_collect(transfer);
            shard_remove(transfer->shard, transfer);
        }
        address_unwatch(transfer);
        if (transfer->streams || answer_waits(transfer)) {
            if (transfer->streams && stream_is_done(transfer))
                return transfer;
            list_remove(&transfer->place);
            list_push_back(&fetch->kept, &transfer->place);
            continue;
        }
        if (still_spares(transfer))
            transfer->fell_back = fetch->now - transfer->started;
        else if (!address_next(transfer))
            return transfer;
        response_release(&transfer->response);
        transfer_reset(transfer);
        address_prepare(transfer);
        launch(fetch, transfer);
    }
    return NULL;
}

bool fetch_reap(struct fetch *fetch, void **tag, struct response *response)
{
    struct transfer *transfer = take_ended(fetch);

    if (!transfer)
        return false;
    if (transfer->response.evidence.no_socket &&
        transfer->response.evidence.curl_code != CURLE_OK)
        give_descriptors_back(fetch);
    fetch->body_bytes -= transfer->response.body.cap;
    *tag = transfer->hop.tag;
    *response = transfer->response;
    transfer_rest(transfer);
    return true;
}

bool fetch_has_ended(const struct fetch *fetch)
{
    return !list_empty(&fetch->ended);
}

void transfer_end(struct transfer *transfer, CURLcode code)
{
    transfer->code = code;
    transfer_collect(transfer);
    shard_remove(transfer->shard, transfer);
    transfer->over = true;
    list_remove(&transfer->throttled);
    list_remove(&transfer->place);
    list_push_back(&transfer->fetch->ended, &transfer->place);
}

void fetch_end(struct fetch *fetch, fetch_id id, enum ender ender)
{
    struct transfer *transfer = transfer_find(fetch, id);

    if (!transfer)
        return;
    transfer->last_address = true;
    if (transfer->over && list_empty(&transfer->behind))
        return;
    transfer->response.evidence.ender = ender;
    if (transfer->over) { /* it waits for its digest only */
        answer_leave(transfer);
        list_remove(&transfer->place);
        list_push_back(&fetch->ended, &transfer->place);
        return;
    }
    if (transfer->response.evidence.upgraded)
        websocket_leave(transfer);
    transfer_end(transfer, ender == ENDED_BY_CANCEL ? CURLE_ABORTED_BY_CALLBACK
                                                    : CURLE_OPERATION_TIMEDOUT);
}

void fetch_state(const struct fetch *fetch, fetch_id id, enum phase *phase,
                 uint64_t *bytes)
{
    const struct transfer *transfer = transfer_find(fetch, id);

    *phase = PHASE_QUEUE;
    *bytes = 0;
    if (!transfer)
        return;
    *phase = transfer_phase(transfer);
    *bytes = transfer->response.evidence.body_bytes;
}

double fetch_paused(const struct fetch *fetch, fetch_id id)
{
    const struct transfer *transfer = transfer_find(fetch, id);

    if (!transfer)
        return 0.0;
    return transfer->paused_for + transfer_pause(transfer);
}

void transfer_resume(struct transfer *transfer)
{
    CURLcode code;

    list_remove(&transfer->throttled);
    transfer->paused_for += transfer_pause(transfer);
    transfer->paused = false;
    /* Calls the write callback at once: so only here, from the pump. What that
     * refuses is told here and nowhere else. */
    code = curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
    if (code != CURLE_OK)
        transfer_end(transfer, code);
}

/* Picks the next paused hop behind the one that had the grant. */
static void grant_next(struct fetch *fetch)
{
    struct transfer *last = transfer_find(fetch, fetch->granted);
    struct list *from = last && !last->over ? &last->place : &fetch->live;
    struct list *node = from->next;

    for (; node != from; node = node->next) {
        struct transfer *transfer = container_of(node, struct transfer, place);

        if (node == &fetch->live || !transfer->paused || transfer->streams)
            continue;
        fetch->granted = transfer->id;
        fetch->granted_at = fetch->now;
        fetch->granted_bytes = transfer->response.evidence.body_bytes;
        transfer_resume(transfer);
        return;
    }
}

/* One hop at a time has the grant to go on, as long as it moves: a slow peer
 * must not keep those waiting that could end. */
static void grant(struct fetch *fetch)
{
    struct transfer *holder = transfer_find(fetch, fetch->granted);
    uint64_t bytes;

    if (!holder || holder->over) {
        grant_next(fetch);
        return;
    }
    if (holder->paused)
        transfer_resume(holder);
    bytes = holder->response.evidence.body_bytes;
    if (bytes != fetch->granted_bytes) {
        fetch->granted_bytes = bytes;
        fetch->granted_at = fetch->now;
    } else if (fetch->now - fetch->granted_at >= GRANT_SECONDS) {
        grant_next(fetch);
    }
}

void fetch_set_hold(struct fetch *fetch, enum fetch_hold hold, size_t most)
{
    struct list *node, *next;

    fetch->body_most = most;
    if (fetch->hold == FETCH_FLOW && hold == FETCH_FLOW)
        return;
    fetch->hold = hold;
    if (hold == FETCH_ONE)
        grant(fetch);
    if (hold != FETCH_FLOW)
        return;
    fetch->granted = 0;
    for (node = fetch->live.next; node != &fetch->live; node = next) {
        struct transfer *transfer = container_of(node, struct transfer, place);

        next = node->next;
        if (transfer->paused && !transfer->streams)
            transfer_resume(transfer);
        if (fetch->hold != FETCH_FLOW)
            return; /* the limit was met again */
    }
}

unsigned fetch_stalls(const struct fetch *fetch)
{
    return fetch->stalls;
}

unsigned fetch_capacity(const struct fetch *fetch)
{
    long left = (long)fetch_fd_limit() - FDS_RESERVED -
                (long)fetch->shards_max * FDS_PER_SHARD;

    return left < 1 ? 1 : (unsigned)left;
}

unsigned fetch_running(const struct fetch *fetch)
{
    return fetch->running;
}

size_t fetch_body_bytes(const struct fetch *fetch)
{
    return fetch->body_bytes;
}
