/* SPDX-License-Identifier: MIT */
/*
 * What the files of the fetch family share, and nobody else includes.
 *
 *   fetch.c           the interface: pool of transfers, choice of shard
 *   fetch_shard.c     a libcurl multi handle on the libev loop
 *   fetch_handle.c    where an easy handle is configured
 *   fetch_request.c   the request of a hop: method, header fields, credentials
 *   fetch_bandwidth.c how fast all transfers together receive
 *   fetch_preview.c   what a hop would send, without sending it
 *   fetch_verbose.c   -v: the heads of requests and responses
 *   fetch_address.c   which address of a name is connected to
 *   fetch_still.c      what libcurl's own clocks make of a process that stood
 *   fetch_transfer.c  libcurl's callbacks of a transfer: facts into evidence
 *   fetch_headers.c   the header block of a response
 *   fetch_collect.c   what libcurl knows of a transfer at its end
 *   fetch_cookies.c   one cookie jar over all handles
 *   fetch_stream.c    bodies that go on while they come
 *   fetch_websocket.c messages, both ways
 *   fetch_answer.c    who takes the body besides memory
 *   fetch_library.c   libcurl as a whole: initialisation, versions, checks
 */
#ifndef WORLD_FETCH_PRIV_H
#define WORLD_FETCH_PRIV_H

#include "base/hash.h"
#include "base/list.h"
#include "policy/host.h"
#include "policy/redact.h"
#include "world/decode.h"
#include "world/fetch.h"

#include <curl/curl.h>
#include <ev.h>

/* Most bytes and fields of a response's header block. */
#define HEADER_BYTES_MAX  (64 * 1024)
#define HEADER_FIELDS_MAX 256

/* Most shards; TLS hosts use fewer, for each loads the CA store once. */
#define SHARDS_MAX     32
#define SHARDS_TLS_MAX 8

/* Kinds of hops whose header fields are all of the run's making. */
#define HEADER_SHAPES 8

/* A multi handle and its place on the loop. */
struct shard {
    struct fetch *fetch; /* borrowed */
    CURLM *multi;
    ev_timer timer;
    unsigned running;  /* transfers added to it */
    long max_connects; /* CURLMOPT_MAXCONNECTS as last set */
    double last_turn;  /* when libcurl last ran: for the watchdog */
    struct list socks; /* struct sock */
};

/* What an easy handle was given, which need not be given again. All 0: what it
 * is made with and reset to, and what holds for every hop. */
struct given {
    bool as_run; /* the run's settings */
    bool proxy, connect_to, cookie, user, target;
    bool other_method; /* than GET */
    bool fresh, single;
    bool no_names;                    /* none are kept in libcurl's cache */
    long version, connect_ms, buffer; /* 0: not yet */
    const struct curl_slist *fields;  /* borrowed */
};

/* One exchange under way, or an idle handle in the pool. */
struct transfer {
    struct fetch *fetch; /* borrowed */
    struct shard *shard; /* borrowed; NULL when idle or ended */
    CURL *easy;
    CURLU *parts;      /* owned; of hop.url */
    struct list place; /* in fetch->live, ->ended or ->idle */
    size_t slot;       /* its index in fetch->slots */
    uint32_t generation;
    fetch_id id; /* 0 when idle */
    struct fetch_hop hop;
    struct given given;
    bool tunnels;               /* over TLS, through a proxy that speaks HTTP */
    bool upgrades;              /* asks for HTTP/2 in place of plain HTTP/1.1 */
    struct curl_slist *headers; /* owned; of this hop; NULL: the engine's */
    struct body_rest rest;      /* what is asked for of the body; 0: all */
    size_t body_sent;           /* bytes of hop.body given to libcurl */

    struct addresses addresses;    /* of the name; none: not ours to know */
    unsigned address_at;           /* the one that is connected to */
    struct curl_slist *connect_to; /* owned; names connect_to_address */
    struct address connect_to_address;
    char target[HOST_KEY_TEXT]; /* connected to; "": the URL's host */
    bool address_known;         /* libcurl needs no lookup */
    ev_timer probe;             /* how long the address may take */
    curl_socket_t socket;       /* last opened; CURL_SOCKET_BAD: none */
    struct address peer;        /* of a TCP socket; family 0: another */
    int peer_port;
    bool connected;    /* socket has its TCP connection */
    double fell_back;  /* seconds after the start; 0: first address */
    bool last_address; /* no further one may be tried */

    struct response response; /* its evidence is filled as facts come */
    CURLcode code;            /* how libcurl ended it */
    bool over;                /* ended: in fetch->ended */
    bool opened;              /* a socket, since the request last went out */
    bool sent_fresh;          /* the request, over a connection opened for it */
    bool sent_again;          /* likewise, though that brought no answer */
    bool tls;
    bool websocket;
    bool in_block; /* between a status line and its blank line */
    unsigned header_fields;
    bool has_length, has_coding; /* Content-Length, Transfer-Encoding seen */
    struct decode_plan plan;     /* what Content-Encoding says */
    struct decode *decode;       /* owned; NULL while no coded body comes */
    bool streams;                /* its body goes into hop.stream */
    bool stream_ended;           /* which was told that it is over */
    size_t stream_bytes;         /* of that stream, in fetch->stream_bytes */
    struct buf message;          /* of a WebSocket: the one that comes */
    bool message_done;           /* hop.body was sent as one */
    struct list due_place;       /* in fetch->due: see websocket_turn */
    struct list stream_place;    /* in fetch->streams while it has lines */
    bool paused;
    struct list throttled; /* in fetch->throttled: paused for the bandwidth */
    struct list behind;    /* in fetch->behind: the answer's digest is */
    bool stalled; /* a stream's pause is the reader's: it counts as one */
    double paused_at, paused_for;
    double started;
    double launched;       /* the same, at this address */
    double stopped_before; /* of the pulse, then */
    double eased_at;       /* see fetch_still.c; 0: it is not */
    char error_text[CURL_ERROR_SIZE];
    struct redact shown; /* of the answer's head, with -v */
    bool head_cut;       /* the request's went out up to within a line */
};

struct fetch {
    struct ev_loop *loop;        /* borrowed */
    const struct config *config; /* borrowed */
    struct pulse *pulse;         /* borrowed */
    struct resolve *resolve;     /* borrowed */
    const struct guard *guard;   /* borrowed; NULL: everything is open */
    struct cookies *cookies;     /* borrowed; NULL: none are kept */
    unsigned cookie_fields;      /* Set-Cookie seen since they were bounded */
    struct shard *shards[SHARDS_MAX];
    unsigned shard_count;
    unsigned shards_max; /* by the limit on file descriptors */
    long idle_max;       /* connections kept for reuse, all shards */
    struct hash_seed seed;
    /* Owned; of hops that have none of their own, by what they are. */
    struct curl_slist *headers[HEADER_SHAPES];
    ev_timer watchdog;
    unsigned stalls; /* found by the watchdog */

    struct transfer **slots; /* by the low half of an id */
    size_t slot_count, slot_cap;
    struct list live;  /* under way, in the order of their start */
    struct list ended; /* to be reaped */
    struct list idle;
    struct list streams; /* stream_place: lines wait to be moved on */
    struct list due;     /* due_place: WebSockets with something to do */
    ev_timer again;      /* when to look at `due` though nothing happens */
    struct list kept;    /* ended, but their lines wait, or their digest */
    struct list behind;  /* bodies to be read again, a piece in each turn */
    unsigned running, running_most; /* now, and at any time so far */
    size_t body_bytes, body_most;
    size_t stream_bytes; /* of all streams */
    enum fetch_hold hold;
    fetch_id granted; /* with FETCH_ONE: who may receive; 0 nobody */
    uint64_t granted_bytes;
    double granted_at; /* when it last moved */
    double stopped;    /* of the pulse, as far as fetch_still.c knows */
    bool eased;        /* a transfer may be */
    double now;
    struct list throttled; /* in the order in which they were paused */
    double receive_due;    /* when the next bytes may come: see --bandwidth */
};

/* fetch.c */

/* Lets a paused transfer go on; from the pump only. It may be paused anew at
 * once. */
void transfer_resume(struct transfer *transfer);

/* Ends a transfer from our side. */
void transfer_end(struct transfer *transfer, CURLcode code);

/* Takes a transfer without a task of its own, and gives it back. */
struct transfer *transfer_borrow(struct fetch *fetch);
void transfer_return(struct transfer *transfer);

/* fetch_bandwidth.c */

/* Whether the transfer may take len bytes of its body now, which are then
 * counted. false: it is to pause, and is resumed when its turn comes. */
bool bandwidth_lets(struct transfer *transfer, size_t len);

/* Resumes what may go on. */
void bandwidth_resume(struct fetch *fetch);

/* fetch_shard.c */

/* A new multi handle on the loop; NULL when libcurl can make none. */
struct shard *shard_new(struct fetch *fetch);
void shard_free(struct shard *shard);

/* Adds a configured transfer; libcurl begins at the loop's next turn. */
void shard_add(struct shard *shard, struct transfer *transfer);

/* Takes it out, dropping its connection if the exchange is under way. */
void shard_remove(struct shard *shard, struct transfer *transfer);

/* Sets how many idle connections the shard may keep. */
void shard_set_connects(struct shard *shard, long max_connects);

/* Wakes libcurl when it has not run for long; true when that ended something,
 * so an event had been missed. */
bool shard_watch(struct shard *shard, double now);

/* fetch_request.c */

/* Sets URL, method, header fields and credentials of the transfer's hop. */
void request_prepare(struct transfer *transfer);

/* Appends what the hop's Cookie field says, those of the jar apart. */
void request_cookie(const struct transfer *transfer, struct buf *text);

/* True when the user says this field of the hop. */
bool request_has_header(const struct transfer *transfer, const char *name);

/*
 * What the run knows of a host (passwords of a file, the jar) is for that host
 * alone. False: no certificate proves that it is the host, and the line itself
 * says that none shall (insecure) or where the host is to be found (resolve,
 * connect_to, proxy).
 */
bool request_may_know(const struct transfer *transfer);

/* The same, and the line has no Host field of its own: libcurl takes that for
 * the host whose cookies they are. */
bool request_may_use_jar(const struct transfer *transfer);

/* fetch_verbose.c */

/* CURLOPT_DEBUGFUNCTION: says heads on stderr, a line each. */
int verbose_on_debug(CURL *easy, curl_infotype type, char *bytes, size_t len,
                     void *data);

/* fetch_handle.c */

/* Sets everything that a hop may change, so nothing of the last one stays. */
void handle_prepare(struct transfer *transfer, bool forbid_reuse);

/* fetch_stream.c */

/* The blank line of the header block was seen: whether the body is a stream.
 * false: it should be one and is not; the evidence says so. */
bool stream_open(struct transfer *transfer);

/* Bytes of its body. false: the transfer is not to go on. */
bool stream_take(struct transfer *transfer, const char *bytes, size_t len);

/* True while it may not take more. */
bool stream_must_pause(const struct transfer *transfer);

/* Of a transfer that ended: true once all its lines have been moved on, and
 * its evidence is complete. */
bool stream_is_done(struct transfer *transfer);

/* Forgets that there was one. */
void stream_leave(struct transfer *transfer);

/* Notes what its stream has now, once that has changed. */
void stream_note(struct transfer *transfer);

/* fetch_websocket.c: WebSockets, where libcurl has them */

void websocket_init(struct fetch *fetch);
void websocket_release(struct fetch *fetch);

/* The answer was 101: messages go both ways from now on. */
void websocket_open(struct transfer *transfer);

/* A piece of a frame; false: the transfer is not to go on. */
bool websocket_take(struct transfer *transfer, const char *bytes, size_t len);

/* Sends what is to be sent, pauses who is ahead of the reader, ends who was
 * closed. From the pump only. */
void websocket_turn(struct fetch *fetch);

/* Says that we go; the connection is then dropped. */
void websocket_leave(struct transfer *transfer);

/* fetch_transfer.c */

/* Forgets the last hop and takes the new one (shallow copy). */
void transfer_begin(struct transfer *transfer, const struct fetch_hop *hop);

/* Seconds that it is paused now, as far as its clocks stand still. */
double transfer_pause(const struct transfer *transfer);

/* Fills the response from what libcurl knows at the end. */
void transfer_collect(struct transfer *transfer);

/* How far it has come. */
enum phase transfer_phase(const struct transfer *transfer);

/* Forgets how it ended, to be started again; times go on. */
void transfer_reset(struct transfer *transfer);

/* libcurl's callbacks (CURLOPT_*FUNCTION); data is the transfer. That it waits
 * for bytes of a socket it says to the shard (CURLMOPT_SOCKETFUNCTION). */
size_t transfer_on_header(char *bytes, size_t size, size_t count, void *data);
size_t transfer_on_body(char *bytes, size_t size, size_t count, void *data);
size_t transfer_on_read(char *room, size_t size, size_t count, void *data);
curl_socket_t transfer_on_socket(void *data, curlsocktype purpose,
                                 struct curl_sockaddr *address);
void transfer_on_wait(struct transfer *transfer, curl_socket_t fd);
int transfer_on_request(void *data, char *remote_ip, char *local_ip,
                        int remote_port, int local_port);

/* The server says that it did nothing with the request (REFUSED_STREAM). */
void transfer_note_refusal(struct transfer *transfer);

/* fetch_answer.c: each does nothing for a hop without an `answer` */

/* The head is whole; the next bytes of the body, decoded. False: the transfer
 * is not to go on, and the evidence says why. */
bool answer_begin(struct transfer *transfer);
bool answer_take(struct transfer *transfer, const char *bytes, size_t len);

/* libcurl has ended it. */
void answer_end(struct transfer *transfer);

/* The digest of the answer's body goes on by a piece, where one is behind. */
void answer_turn(struct fetch *fetch);

/* True when the hop has ended but for that digest; it is then kept. */
bool answer_waits(struct transfer *transfer);

/* Gives the digest up: nobody asks for it any more. */
void answer_leave(struct transfer *transfer);

/* fetch_address.c */

/* Once for each new transfer. */
void address_init(struct transfer *transfer);

/* The host key of what is connected to: the target, or the URL's host. */
const char *address_target(const struct transfer *transfer);

/* Takes over the addresses of the hop. */
void address_begin(struct transfer *transfer);

/* Tells libcurl where to connect to, and how long that may take. */
void address_prepare(struct transfer *transfer);

/* Bounds the time of an address that is not the last one; and no longer. */
void address_watch(struct transfer *transfer);
void address_unwatch(struct transfer *transfer);

/* Of a collected transfer: notes what was learnt, and chooses the next
 * address. False: there is none to try, the transfer has ended. */
bool address_next(struct transfer *transfer);

/* fetch_still.c */

/* Before libcurl looks at its clock: whether the process stood still. */
void still_feel(struct fetch *fetch);

/* Once a second: what was eased for a stop is so no longer than it must. */
void still_forget(struct fetch *fetch);

/* True for a collected transfer that only the time the process stood still
 * ended, before its request went out: it may be launched again. */
bool still_spares(const struct transfer *transfer);

/* fetch_cookies.c */

/*
 * Lets the handle take cookies into the jar and send them; once for each new
 * handle, which is cleaned up before cookies_close. Of such a handle:
 *   - a Cookie field of the line goes by CURLOPT_COOKIE, which joins it to the
 *     jar's; as a header field it would be a second one beside them;
 *   - after a hop with a Host field of its own the handle is not used again:
 *     libcurl 7.88 goes on to give and take that host's cookies, and
 *     curl_easy_reset does not end that.
 */
struct cookies;
void cookies_attach(struct cookies *cookies, CURL *easy);

/* Before curl_easy_reset of any handle, which would lose the name of the file
 * that cookies_attach gave it. The handle has no jar until it is attached
 * again; the jar stays as it is. */
void cookies_detach(CURL *easy);

/* Forgets cookies that are too many: see policy/cookie_bounds. Costs 20 ms
 * where the jar is full, as libcurl lists it in quadratic time. */
void cookies_bound(struct cookies *cookies);

/* fetch_library.c */

/* curl_global_init, once for the process; dies when it fails. */
void library_init(void);
void library_cleanup(void);

#endif
