/* SPDX-License-Identifier: MIT */
/*
 * The test origin: an HTTP/1.1 server that does what the request's path and
 * query tell it. Knows options, the listening socket and signals.
 *
 * Arguments that every word takes:
 *   ?delay=SECONDS          wait before the first byte
 *   &close=1                close the connection after the reply
 * and every correct reply:
 *   &status=N               in place of 200 (or 302, 503, 429)
 *   &header=Name:value      a further header, any number of times
 *   &chunked=1              a chunked body in place of Content-Length
 *
 * Correct answers:
 *   /status/N               this status
 *   /delay/SECONDS          200 after this time
 *   /bytes/N                N bytes, always the same ones, in constant memory
 *   /drip?bytes=N&every=SECONDS&size=K
 *                           N bytes (10), K (1) at a time, every (0.1) s
 *   /redirect/N             N redirects one after the other, then 200; the
 *                           query goes along; &absolute=1: absolute URLs
 *   /redirect-to?url=URL    Location: URL
 *   /loop                   redirects to itself
 *   /flaky/KEY?fail=N       503 for the first N (1) requests of KEY, then 200;
 *                           &how=reset|empty|close|hang: RST, closed without
 *                           a byte, closed in the body, never answered
 *   /retry-after/KEY?fail=N&after=TEXT
 *                           429 with Retry-After: TEXT (1) for the first N (1)
 *                           requests; &in=SECONDS: as a date, this far ahead
 *   /echo                   the request as JSON: method, target, path, query,
 *                           headers (pairs, in order), body, body_length,
 *                           connection (serial number), nth (request of it)
 *   /digest?user=NAME       401 with a Digest challenge and "denied\n"; to
 *                           that user's answer, whatever its hash, as /echo
 *   /headers?name=value     with these headers
 *   /body?text=BYTES        with this body (percent-encoded)
 *   /bin /utf8 /html        all 256 bytes; some UTF-8 text; a page
 *   anything else           200, "ok\n"
 *
 * Faults:
 *   /reset                  RST once the request is read
 *   /reset-body?bytes=N     RST after a head and N (10) bytes of body
 *   /empty                  closes without a byte
 *   /truncate?length=N&bytes=M    Content-Length: N (100), but M (10) bytes
 *   /cut-chunk /bad-chunk   closes within a chunk; a chunk size of ZZ
 *   /chunk-extension?bytes=N    a chunk with an extension of N (300000) bytes
 *   /eof-headers            closes within the headers
 *   /hang /hang-headers /hang-body
 *                           never answers; stops after the status line; stops
 *                           within the body
 *   /slow-headers?every=SECONDS&size=K    the head, K (1) bytes every 0.2 s
 *   /no-length?bytes=N      a body that ends with the connection
 *   /extra-bytes            more body than Content-Length says
 *   /raw?text=BYTES         just these bytes (percent-encoded), then closes;
 *                           &close=0: does not
 *   /two-lengths /both-framings /bad-length?value=TEXT
 *                           differing Content-Lengths; Content-Length beside
 *                           chunked; Content-Length: TEXT (5x)
 *   /header-flood?fields=N&bytes=M    N (10000) headers of M (100) bytes
 *   /big-header?bytes=N     one header of N (200000) bytes
 *   /interim?count=N        N (1) 103 responses, then 200
 *   /endless?every=SECONDS&size=K    a chunked body without end
 *   /not-http /nul-header   an SSH banner; a NUL in a header
 *   /status-101 /status-206 statuses that nobody asked for
 *   /no-location /bad-location[?url=TEXT]    302 without, with a broken one
 *
 * About the origin itself (neither counted nor logged):
 *   /stats                  JSON: connections, requests, active, max_active,
 *                           open, max_open, and hosts: by Host header
 *   /stats/reset            as /stats, once counts, keys and log are cleared
 *   /count/HOST             JSON: the counts of this Host header
 *   /log                    the requests seen, a line "METHOD TARGET" each
 *
 * A peer that stops sending while a delayed, dripping or hanging reply is
 * under way is taken to have gone.
 */
#include "conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define BACKLOG 65535

struct settings {
    const char *address, *port_file;
    unsigned port;
    double idle_exit; /* seconds; 0: never */
    bool with_parent, no_read;
};

/* Room for the address of either family. */
union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "origin: %s: %s\n", what, strerror(errno));
    exit(5);
}

static void usage(FILE *out)
{
    fputs("usage: origin [--port N] [--address A] [--port-file FILE]\n"
          "              [--idle-exit SECONDS] [--with-parent]\n"
          "              [--max-requests-per-connection N]\n"
          "              [--reset-on-accept | --no-read]\n"
          "Prints \"port N\" once it listens. tests/origin/main.c tells what\n"
          "paths it understands.\n",
          out);
}

static void parse_options(int argc, char **argv, struct settings *set,
                          struct server *server)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"address", required_argument, NULL, 'a'},
        {"port-file", required_argument, NULL, 'f'},
        {"idle-exit", required_argument, NULL, 'i'},
        {"max-requests-per-connection", required_argument, NULL, 'm'},
        {"with-parent", no_argument, NULL, 'w'},
        {"reset-on-accept", no_argument, NULL, 'r'},
        {"no-read", no_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'p')
            set->port = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'a')
            set->address = optarg;
        else if (c == 'f')
            set->port_file = optarg;
        else if (c == 'i')
            set->idle_exit = strtod(optarg, NULL);
        else if (c == 'm')
            server->max_requests = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'w')
            set->with_parent = true;
        else if (c == 'r')
            server->reset_on_accept = true;
        else if (c == 'n')
            set->no_read = true;
        else {
            usage(c == 'h' ? stdout : stderr);
            exit(c == 'h' ? 0 : 2);
        }
    }
}

static socklen_t address_parse(const struct settings *set, union address *a)
{
    *a = (union address){.v6 = {0}};
    if (inet_pton(AF_INET, set->address, &a->v4.sin_addr) == 1) {
        a->v4.sin_family = AF_INET;
        a->v4.sin_port = htons((uint16_t)set->port);
        return sizeof a->v4;
    }
    if (inet_pton(AF_INET6, set->address, &a->v6.sin6_addr) == 1) {
        a->v6.sin6_family = AF_INET6;
        a->v6.sin6_port = htons((uint16_t)set->port);
        return sizeof a->v6;
    }
    errno = EINVAL;
    fail(set->address);
}

/* Listens, and puts the address that it really got into a. */
static int listen_on(const struct settings *set, union address *a)
{
    socklen_t len = address_parse(set, a);
    int on = 1, fd;

    fd =
        socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &a->any, len) || listen(fd, set->no_read ? 0 : BACKLOG) ||
        getsockname(fd, &a->any, &len))
        fail(set->address);
    return fd;
}

/*
 * Fills the backlog of a socket that nobody accepts from: the next SYN gets no
 * answer. The connections stay open until the process ends.
 */
static void fill_backlog(const union address *a)
{
    for (int i = 0; i < 4; i++) {
        int type = SOCK_STREAM | SOCK_CLOEXEC | (i ? SOCK_NONBLOCK : 0);
        int fd = socket(a->any.sa_family, type, 0);

        if (fd < 0)
            fail("socket");
        if (connect(fd, &a->any, sizeof *a) && errno != EINPROGRESS)
            fail("connect");
    }
}

static void announce(const struct settings *set, unsigned port)
{
    char name[4096];
    FILE *file;

    printf("port %u\n", port);
    fflush(stdout);
    if (!set->port_file)
        return;
    snprintf(name, sizeof name, "%s.%ld", set->port_file, (long)getpid());
    file = fopen(name, "we");
    if (!file || fprintf(file, "%u\n", port) < 0 || fclose(file) ||
        rename(name, set->port_file))
        fail(set->port_file);
}

static void follow_parent(void)
{
#ifdef __linux__
    pid_t parent = getppid();

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent || parent == 1)
        exit(0); /* it went before we asked */
#endif
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void on_signal(struct ev_loop *loop, struct ev_signal *w, int events)
{
    (void)w, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void on_idle(struct ev_loop *loop, struct ev_timer *w, int events)
{
    const struct server *s = w->data;
    double idle = ev_now(loop) - s->busy_at;

    (void)events;
    if (s->stats.all.active == 0 && idle >= w->repeat)
        ev_break(loop, EVBREAK_ALL);
}

static void serve(struct server *s, const struct settings *set, int fd)
{
    struct ev_signal terminate, interrupt;
    struct ev_timer idle;

    ev_signal_init(&terminate, on_signal, SIGTERM);
    ev_signal_start(s->loop, &terminate);
    ev_signal_init(&interrupt, on_signal, SIGINT);
    ev_signal_start(s->loop, &interrupt);
    ev_timer_init(&idle, on_idle, set->idle_exit, set->idle_exit);
    idle.data = s;
    if (set->idle_exit > 0)
        ev_timer_start(s->loop, &idle);
    if (!set->no_read)
        server_start(s, fd);
    ev_run(s->loop, 0);
    if (!set->no_read)
        server_stop(s);
    ev_loop_destroy(s->loop);
}

int main(int argc, char **argv)
{
    struct settings set = {.address = "127.0.0.1"};
    struct server server = {.loop = NULL};
    union address address;
    int fd;

    parse_options(argc, argv, &set, &server);
    if (set.with_parent)
        follow_parent();
    raise_descriptor_limit();
    fd = listen_on(&set, &address);
    if (set.no_read)
        fill_backlog(&address);
    server.loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
    if (!server.loop)
        fail("libev");
    /* sin_port and sin6_port are at the same place */
    announce(&set, ntohs(address.v4.sin_port));
    serve(&server, &set, fd);
    close(fd);
    return 0;
}
