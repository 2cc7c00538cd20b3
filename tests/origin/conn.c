/* SPDX-License-Identifier: MIT */
/*
 * Connections: bytes in, a reply's bytes out, in the time that the reply
 * asks for. Knows sockets and libev; what to answer, script.c knows.
 *
 * Callbacks note what happened; conn_run takes steps until one must wait, and
 * is the only place where a connection is freed.
 */
#include "conn.h"
#include "script.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE      ((size_t)8 << 10)
#define MAX_IN         ((size_t)1 << 20) /* of a head, or pipelined */
#define ACCEPT_BATCH   64
#define LINGER_SECONDS 1.0
#define RESET_SECONDS  0.05

enum conn_state {
    CONN_READ_HEAD,
    CONN_READ_BODY,
    CONN_DELAY,
    CONN_SEND,
    CONN_HANG,
    CONN_LINGER,
    CONN_DEAD,
};

enum send_stage { SEND_HEAD, SEND_GENERATED, SEND_TAIL, SEND_END };

enum step { STEP_ON, STEP_WAIT };

struct conn {
    struct ev_io io;
    struct ev_timer timer;
    struct server *server;
    struct conn *prev, *next;
    uint64_t serial;
    unsigned nth;       /* requests so far */
    uint64_t raised_to; /* the most open connections, if this one set it */
    bool counted;       /* among the open ones */
    int fd;

    enum conn_state state;
    enum send_stage stage;
    bool eof; /* the peer sends no more */
    bool due; /* the timer has fired */
    bool blocked;
    struct text in, out;
    size_t sent; /* of out */
    size_t head_sent;
    struct request req;
    struct reply reply;
    struct entry *host; /* of the request in progress, else NULL */
};

static void conn_free(struct conn *c)
{
    struct server *s = c->server;

    if (c->host)
        stats_end(&s->stats, c->host);
    if (c->counted)
        s->stats.open--;
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    ev_io_stop(s->loop, &c->io);
    ev_timer_stop(s->loop, &c->timer);
    close(c->fd);
    text_release(&c->in);
    text_release(&c->out);
    request_release(&c->req);
    reply_release(&c->reply);
    free(c);
    ev_io_start(s->loop, &s->listener); /* may have run out of descriptors */
}

/* Closing will send RST: at once, and dropping what was not delivered. */
static void arm_reset(int fd)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

static void timer_set(struct conn *c, double seconds)
{
    struct ev_loop *loop = c->server->loop;

    c->due = false;
    ev_now_update(loop); /* a long batch must not shorten the wait */
    ev_timer_stop(loop, &c->timer);
    ev_timer_set(&c->timer, seconds, 0);
    ev_timer_start(loop, &c->timer);
}

static enum step start_sending(struct conn *c)
{
    c->state = CONN_SEND;
    c->stage = SEND_HEAD;
    c->head_sent = 0;
    c->due = true;
    return STEP_ON;
}

static enum step refuse(struct conn *c, int status)
{
    reply_reset(&c->reply);
    c->reply.end = END_CLOSE;
    reply_text(&c->reply, &c->req, status, "refused\n");
    return start_sending(c);
}

/* Connections that only ask about the origin are not among those counted. */
static void uncount(struct conn *c)
{
    struct stats *st = &c->server->stats;

    c->counted = false;
    st->open--;
    st->all.connections--;
    if (c->raised_to && st->max_open == c->raised_to)
        st->max_open--;
}

static void request_begins(struct conn *c)
{
    struct server *s = c->server;

    c->nth++;
    s->busy_at = ev_now(s->loop);
    if (script_is_control(&c->req)) {
        if (c->nth == 1)
            uncount(c);
        return;
    }
    c->host = table_at(&s->stats.hosts, c->req.host);
    if (c->nth == 1)
        c->host->counts.connections++;
    stats_begin(&s->stats, c->host);
    stats_log(&s->stats, c->req.method, c->req.target);
}

static void request_ends(struct conn *c)
{
    if (c->host)
        stats_end(&c->server->stats, c->host);
    c->host = NULL;
    c->server->busy_at = ev_now(c->server->loop);
}

static enum step step_read_head(struct conn *c)
{
    size_t blank = 0, len;

    while (blank < c->in.len &&
           (c->in.bytes[blank] == '\r' || c->in.bytes[blank] == '\n'))
        blank++; /* as RFC 9112, section 2.2, lets servers do */
    if (blank)
        text_drop(&c->in, blank);
    len = c->in.len ? request_head_length(c->in.bytes, c->in.len) : 0;
    if (len == 0) {
        if (c->eof)
            c->state = CONN_DEAD;
        else if (c->in.len >= MAX_IN)
            return refuse(c, 431);
        return STEP_WAIT;
    }
    if (request_parse(&c->req, c->in.bytes, len))
        return refuse(c, 400);
    text_drop(&c->in, len);
    request_begins(c);
    if (c->req.expects_continue && c->in.len == 0)
        text_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
    c->state = CONN_READ_BODY;
    return STEP_ON;
}

static enum step answer(struct conn *c)
{
    struct server *s = c->server;
    struct script x = {.stats = &s->stats,
                       .req = &c->req,
                       .reply = &c->reply,
                       .connection = c->serial,
                       .nth = c->nth};

    reply_reset(&c->reply);
    if (!c->req.keep_alive || (s->max_requests && c->nth >= s->max_requests))
        c->reply.end = END_CLOSE;
    script_answer(&x);
    if (c->reply.delay <= 0)
        return start_sending(c);
    c->state = CONN_DELAY;
    timer_set(c, c->reply.delay);
    return STEP_WAIT;
}

/* Sends what is in out. STEP_WAIT: the socket takes no more now. */
static enum step flush(struct conn *c)
{
    while (c->sent < c->out.len) {
        ssize_t n = send(c->fd, c->out.bytes + c->sent, c->out.len - c->sent,
                         MSG_NOSIGNAL);

        if (n < 0) {
            c->blocked = errno == EAGAIN || errno == EINTR;
            if (!c->blocked)
                c->state = CONN_DEAD;
            return STEP_WAIT;
        }
        c->sent += (size_t)n;
    }
    text_clear(&c->out);
    c->sent = 0;
    return STEP_ON;
}

static enum step step_read_body(struct conn *c)
{
    size_t used;
    int whole = request_feed(&c->req, c->in.bytes, c->in.len, &used);

    text_drop(&c->in, used);
    if (whole > 0)
        return answer(c);
    if (whole < 0)
        return refuse(c, 400);
    if (c->eof)
        c->state = CONN_DEAD;
    else
        flush(c); /* 100 Continue */
    return STEP_WAIT;
}

static void begin_close(struct conn *c)
{
    int unread = 0;

    request_ends(c);
    c->state = CONN_DEAD;
    ioctl(c->fd, FIONREAD, &unread);
    if (c->eof || (unread == 0 && c->in.len == 0))
        return;
    /* Closing over unread bytes would send RST, which can overtake the reply */
    shutdown(c->fd, SHUT_WR);
    c->state = CONN_LINGER;
    timer_set(c, LINGER_SECONDS);
}

static enum step reply_ends(struct conn *c)
{
    switch (c->reply.end) {
    case END_KEEP:
        request_ends(c);
        c->state = CONN_READ_HEAD;
        return STEP_ON;
    case END_CLOSE:
        begin_close(c);
        return STEP_WAIT;
    case END_RESET:
        if (c->head_sent && !c->due) {
            timer_set(c, RESET_SECONDS); /* let the peer read what came */
            return STEP_WAIT;
        }
        arm_reset(c->fd);
        c->state = CONN_DEAD;
        return STEP_WAIT;
    case END_HANG:
        c->state = CONN_HANG;
        return STEP_ON;
    }
    return STEP_WAIT;
}

/* Puts the next bytes of the reply into out, and moves on the stage. */
static void produce(struct conn *c)
{
    struct reply *r = &c->reply;
    size_t len = r->head.len - c->head_sent;

    switch (c->stage) {
    case SEND_HEAD:
        if (r->slow_head && len > r->piece)
            len = r->piece ? r->piece : 1;
        text_add(&c->out, r->head.bytes + c->head_sent, len);
        c->head_sent += len;
        if (c->head_sent == r->head.len)
            c->stage = SEND_GENERATED;
        break;
    case SEND_GENERATED:
        if (r->generated)
            reply_generate(r, &c->out);
        else
            c->stage = SEND_TAIL;
        break;
    case SEND_TAIL:
        text_add(&c->out, r->tail.bytes, r->tail.len);
        c->stage = SEND_END;
        c->due = false;
        break;
    case SEND_END:
        break;
    }
}

static bool is_paced(const struct conn *c)
{
    const struct reply *r = &c->reply;

    if (r->every <= 0)
        return false;
    return c->stage == SEND_HEAD ? r->slow_head
                                 : c->stage == SEND_GENERATED && r->generated;
}

static enum step step_send(struct conn *c)
{
    bool paced = is_paced(c);

    if (flush(c) == STEP_WAIT)
        return STEP_WAIT;
    if (c->stage == SEND_END)
        return reply_ends(c);
    if (paced && c->eof) {
        c->state = CONN_DEAD;
        return STEP_WAIT;
    }
    if (paced && !c->due)
        return STEP_WAIT;
    produce(c);
    if (is_paced(c) && paced)
        timer_set(c, c->reply.every);
    return STEP_ON;
}

/* What only waits for the timer or for the peer to go. */
static enum step step_wait(struct conn *c)
{
    if (c->eof)
        c->state = CONN_DEAD;
    else if (c->due && c->state == CONN_DELAY)
        return start_sending(c);
    else if (c->due && c->state == CONN_LINGER)
        c->state = CONN_DEAD;
    return STEP_WAIT;
}

static enum step conn_step(struct conn *c)
{
    switch (c->state) {
    case CONN_READ_HEAD:
        return step_read_head(c);
    case CONN_READ_BODY:
        return step_read_body(c);
    case CONN_SEND:
        return step_send(c);
    case CONN_HANG:
        c->due = false;
        return step_wait(c);
    case CONN_DELAY:
    case CONN_LINGER:
        return step_wait(c);
    case CONN_DEAD:
        break;
    }
    return STEP_WAIT;
}

static void conn_run(struct conn *c)
{
    struct ev_loop *loop = c->server->loop;
    int events;

    c->blocked = false;
    while (conn_step(c) == STEP_ON)
        continue;
    if (c->state == CONN_DEAD) {
        conn_free(c);
        return;
    }
    events = (c->eof || c->in.len >= MAX_IN ? 0 : EV_READ) |
             (c->blocked ? EV_WRITE : 0);
    if ((c->io.events & (EV_READ | EV_WRITE)) != events) {
        ev_io_stop(loop, &c->io);
        ev_io_set(&c->io, c->fd, events);
        if (events)
            ev_io_start(loop, &c->io);
    }
}

/* false: the connection broke */
static bool take_bytes(struct conn *c)
{
    char *place = text_reserve(&c->in, READ_SIZE);
    ssize_t n = recv(c->fd, place, READ_SIZE, 0);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    c->eof = n == 0;
    if (c->state != CONN_LINGER)
        c->in.len += (size_t)n;
    c->in.bytes[c->in.len] = '\0';
    return true;
}

static void on_io(struct ev_loop *loop, struct ev_io *io, int events)
{
    struct conn *c = io->data;

    (void)loop;
    if ((events & EV_READ) && !take_bytes(c))
        c->state = CONN_DEAD;
    conn_run(c);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    struct conn *c = timer->data;

    (void)loop, (void)events;
    c->due = true;
    conn_run(c);
}

static void count(struct conn *c)
{
    struct stats *st = &c->server->stats;

    c->counted = true;
    st->all.connections++;
    if (++st->open > st->max_open)
        c->raised_to = st->max_open = st->open;
}

static void conn_new(struct server *s, int fd)
{
    struct conn *c = text_grow(NULL, sizeof *c);
    int on = 1;

    *c = (struct conn){.server = s, .fd = fd, .serial = ++s->serial};
    c->next = s->conns;
    if (c->next)
        c->next->prev = c;
    s->conns = c;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ev_io_init(&c->io, on_io, fd, EV_READ);
    c->io.data = c;
    ev_timer_init(&c->timer, on_timer, 0, 0);
    c->timer.data = c;
    count(c);
    ev_io_start(s->loop, &c->io);
}

/* Bound to 0.0.0.0 it has all of 127.0.0.0/8, but nobody else is served. */
static bool is_loopback(const struct sockaddr_storage *peer)
{
    const struct sockaddr_in *v4 = (const void *)peer;
    const struct sockaddr_in6 *v6 = (const void *)peer;

    if (peer->ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    return peer->ss_family == AF_INET &&
           ntohl(v4->sin_addr.s_addr) >> 24 == 127;
}

static void on_accept(struct ev_loop *loop, struct ev_io *io, int events)
{
    struct server *s = io->data;

    (void)events;
    s->busy_at = ev_now(loop);
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t size = sizeof peer;
        int fd = accept4(io->fd, (struct sockaddr *)&peer, &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE)
                ev_io_stop(loop, io); /* until a connection ends */
            return;
        }
        if (!is_loopback(&peer)) {
            close(fd);
        } else if (s->reset_on_accept) {
            arm_reset(fd);
            close(fd);
        } else {
            conn_new(s, fd);
        }
    }
}

void server_start(struct server *s, int fd)
{
    ev_io_init(&s->listener, on_accept, fd, EV_READ);
    s->listener.data = s;
    s->busy_at = ev_now(s->loop);
    ev_io_start(s->loop, &s->listener);
}

void server_stop(struct server *s)
{
    while (s->conns)
        conn_free(s->conns);
    ev_io_stop(s->loop, &s->listener);
    stats_release(&s->stats);
}
