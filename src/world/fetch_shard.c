/* SPDX-License-Identifier: MIT */
/*
 * A shard: one libcurl multi handle driven by libev (libcurl's "multi_socket"
 * interface). libcurl's two callbacks only move watchers; libev's callbacks
 * only call libcurl and put what has ended on the fetch's list.
 */
#include "world/fetch_priv.h"

#include "base/msg.h"

#include <stdlib.h>

/* Running transfers and no turn of libcurl for so long: it missed an event. */
#define STALL_SECONDS 2.0

/* A socket that libcurl watches. */
struct sock {
    ev_io io;
    struct shard *shard; /* borrowed */
    struct list place;   /* in shard->socks */
    int mask;            /* EV_READ | EV_WRITE as watched */
};

/* Moves what libcurl says has ended to the fetch's list. */
static void shard_gather(struct shard *shard)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(shard->multi, &left))) {
        struct transfer *transfer = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        transfer->code = message->data.result;
        transfer->over = true;
        list_remove(&transfer->place);
        list_push_back(&shard->fetch->ended, &transfer->place);
    }
}

static void shard_act(struct shard *shard, curl_socket_t fd, int mask)
{
    int running;

    still_feel(shard->fetch);
    shard->last_turn = shard->fetch->now;
    curl_multi_socket_action(shard->multi, fd, mask, &running);
    if (shard->fetch->config->debug)
        pulse_read(shard->fetch->pulse, PULSE_LIBCURL);
    shard_gather(shard);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
    struct sock *sock = io->data;
    int mask = 0;

    (void)loop;
    if (events & EV_READ)
        mask |= CURL_CSELECT_IN;
    if (events & EV_WRITE)
        mask |= CURL_CSELECT_OUT;
    if (events & EV_ERROR)
        mask |= CURL_CSELECT_ERR;
    shard_act(sock->shard, io->fd, mask);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct shard *shard = timer->data;

    (void)loop;
    (void)events;
    shard_act(shard, CURL_SOCKET_TIMEOUT, 0);
}

/* CURLMOPT_TIMERFUNCTION: -1 stops, 0 is the loop's next turn. */
static int on_timeout(CURLM *multi, long timeout_ms, void *data)
{
    struct shard *shard = data;
    struct ev_loop *loop = shard->fetch->loop;

    (void)multi;
    ev_timer_stop(loop, &shard->timer);
    if (timeout_ms >= 0) {
        ev_timer_set(&shard->timer, (double)timeout_ms / 1000.0, 0.0);
        ev_timer_start(loop, &shard->timer);
    }
    return 0;
}

static void sock_forget(struct sock *sock)
{
    ev_io_stop(sock->shard->fetch->loop, &sock->io);
    list_remove(&sock->place);
    free(sock);
}

static struct sock *sock_new(struct shard *shard, curl_socket_t fd)
{
    struct sock *sock = xcalloc(1, sizeof(*sock));

    sock->shard = shard;
    ev_io_init(&sock->io, on_io, fd, EV_NONE);
    sock->io.data = sock;
    list_push_back(&shard->socks, &sock->place);
    curl_multi_assign(shard->multi, fd, sock);
    return sock;
}

static int mask_of(int what)
{
    switch (what) {
    case CURL_POLL_IN:
        return EV_READ;
    case CURL_POLL_OUT:
        return EV_WRITE;
    case CURL_POLL_INOUT:
        return EV_READ | EV_WRITE;
    default:
        return EV_NONE;
    }
}

/* CURLMOPT_SOCKETFUNCTION: easy may be a handle of libcurl's own. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data,
                     void *socket_data)
{
    struct shard *shard = data;
    struct sock *sock = socket_data;
    struct transfer *transfer = NULL;
    int mask = mask_of(what);

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    if (transfer && (mask & EV_READ))
        transfer_on_wait(transfer, fd);
    if (what == CURL_POLL_REMOVE) {
        if (sock)
            sock_forget(sock);
        return 0;
    }
    if (!sock)
        sock = sock_new(shard, fd);
    if (sock->mask == mask)
        return 0;
    ev_io_stop(shard->fetch->loop, &sock->io);
    ev_io_set(&sock->io, fd, mask);
    ev_io_start(shard->fetch->loop, &sock->io);
    sock->mask = mask;
    return 0;
}

struct shard *shard_new(struct fetch *fetch)
{
    CURLM *multi = curl_multi_init();
    struct shard *shard;

    if (!multi)
        return NULL;
    shard = xcalloc(1, sizeof(*shard));
    shard->fetch = fetch;
    shard->multi = multi;
    shard->last_turn = fetch->now;
    list_init(&shard->socks);
    ev_timer_init(&shard->timer, on_timer, 0.0, 0.0);
    shard->timer.data = shard;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, shard);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, shard);
    return shard;
}

void shard_free(struct shard *shard)
{
    if (!shard)
        return;
    curl_multi_cleanup(shard->multi);
    while (!list_empty(&shard->socks))
        sock_forget(container_of(shard->socks.next, struct sock, place));
    ev_timer_stop(shard->fetch->loop, &shard->timer);
    free(shard);
}

void shard_add(struct shard *shard, struct transfer *transfer)
{
    CURLMcode code = curl_multi_add_handle(shard->multi, transfer->easy);

    if (code != CURLM_OK)
        die("libcurl refuses a transfer: %s", curl_multi_strerror(code));
    if (shard->running++ == 0)
        shard->last_turn = shard->fetch->now;
    transfer->shard = shard;
}

void shard_remove(struct shard *shard, struct transfer *transfer)
{
    curl_multi_remove_handle(shard->multi, transfer->easy);
    shard->running--;
    transfer->shard = NULL;
}

void shard_set_connects(struct shard *shard, long max_connects)
{
    if (shard->max_connects == max_connects)
        return;
    shard->max_connects = max_connects;
    curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, max_connects);
}

bool shard_watch(struct shard *shard, double now)
{
    struct list *last_ended = shard->fetch->ended.prev;

    if (shard->running == 0 || now - shard->last_turn < STALL_SECONDS)
        return false;
    shard_act(shard, CURL_SOCKET_TIMEOUT, 0);
    return shard->fetch->ended.prev != last_ended;
}
