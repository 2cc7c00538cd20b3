/* SPDX-License-Identifier: MIT */
/*
 * What came back of one hop (one exchange with one server), in afetch's own
 * terms: made by world/fetch, judged by policy/, kept in the record. Plain
 * data; whoever holds it frees it with response_release.
 */
#ifndef MODEL_RESPONSE_H
#define MODEL_RESPONSE_H

#include "base/buf.h"
#include "model/address.h"
#include "model/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who ended the transfer. */
enum ender {
    ENDED_BY_PEER,         /* libcurl reported the end, good or bad */
    ENDED_BY_MAX_TIME,     /* the attempt's clock */
    ENDED_BY_REQUEST_TIME, /* the request's clock */
    ENDED_BY_MAX_BODY,     /* the body passed --max-body */
    ENDED_BY_HEADERS,      /* own check of the header block (see framing) */
    ENDED_BY_DECODE,       /* own decoding of the body (see coding) */
    ENDED_BY_STREAM,       /* own splitting of the body (see stream) */
    ENDED_BY_WRITE,        /* the body's file could not be written */
    ENDED_BY_GUARD,        /* the address may not be connected to */
    ENDED_BY_REFUSAL,      /* the server refused the HTTP/2 stream */
    ENDED_BY_CANCEL,       /* the run is stopping */
};

/* What the own check of the header fields found (RFC 9112 section 6.3). */
enum framing {
    FRAMING_PLAIN,        /* nothing odd */
    FRAMING_AMBIGUOUS,    /* Content-Length beside Transfer-Encoding: a note */
    FRAMING_BAD_LENGTH,   /* Content-Length is no number, or overflows */
    FRAMING_TWO_LENGTHS,  /* two different ones */
    FRAMING_HEADER_FLOOD, /* more header bytes or fields than allowed */
    FRAMING_BAD_STATUS,   /* unasked 101, or not in 100 to 999 */
};

/* What undoing the Content-Encoding of the body found. */
enum coding_fault {
    CODING_FINE,    /* nothing, or there was none to undo */
    CODING_UNKNOWN, /* a coding that is not built in; the body is as it came */
    CODING_LAYERS,  /* too many codings; likewise */
    CODING_CORRUPT, /* bytes that are not of the coding, or damaged */
    CODING_JUNK,    /* bytes behind the end that are no padding */
    CODING_CUT,     /* the stream ends early, though the transfer does not */
    CODING_RATIO,   /* more was made of the bytes than --max-ratio allows */
};

/* What splitting the body into the items of a stream found. */
enum stream_fault {
    STREAM_FINE,      /* nothing, or it was not split */
    STREAM_NO_EVENTS, /* the Content-Type is not text/event-stream */
    STREAM_BIG_ITEM,  /* an item is larger than allowed */
    STREAM_BAD_JSON,  /* not a sequence of JSON values, or cut */
};

/* What became of the rest of a body that was asked for (RFC 9110 section 14).
 */
enum range_fault {
    RANGE_FINE,    /* nothing, or none was asked for */
    RANGE_OTHER,   /* a 206, but not of the bytes that were asked for */
    RANGE_REFUSED, /* a 416: there are no such bytes any more */
    RANGE_SHORT,   /* it came, but does not reach the end of the body */
};

/* Room for a coding's name in a message. */
#define CODING_NAME_MAX 24

/* Everything that policy/classify needs to name an outcome. */
struct evidence {
    int curl_code;      /* CURLcode, a stable number; 0 is CURLE_OK */
    int os_errno;       /* errno of the socket trouble; 0 without */
    enum lookup lookup; /* of the name, before libcurl had anything to do */
    enum ender ender;
    enum framing framing;
    enum phase phase;      /* how far it came */
    int status;            /* last status; 0 when none was received */
    bool head;             /* asked with HEAD: no body belongs to the answer */
    bool request_sent;     /* a byte of the request may have left */
    bool refused;          /* the server says that it did nothing with it (RFC
                              9113 section 8.7) */
    bool headers_whole;    /* the blank line that ends them was seen */
    bool no_socket;        /* the system refused a socket (EMFILE and such) */
    bool no_thread;        /* the system refused a thread for the lookup */
    uint64_t header_bytes; /* of the last header block */
    uint64_t body_bytes;   /* received, before content decoding */
    bool length_unknown;   /* only the end of the connection ended the body */
    int64_t length;        /* Content-Length; -1 without */
    long tls_verify;       /* X509 verify result; 0 when none or good */
    char text[160];        /* libcurl's own words, or the guard's; or empty */
    bool denied_host;      /* the guard refused the host by its name */

    bool upgraded;  /* to a WebSocket: items are its messages */
    bool closed;    /* by a close frame of the peer, */
    int close_code; /* with this; 0: without one */
    enum stream_fault stream;
    char stream_text[120]; /* what was wrong where; may be empty */
    enum range_fault range;
    bool continued; /* the body is the rest of one that was there before */
    enum coding_fault coding;
    char coding_name[CODING_NAME_MAX]; /* of CODING_UNKNOWN */
    uint64_t decoded_bytes; /* of the body, after content decoding; with those
                               that were there before */
    uint64_t peak_bytes;    /* the most that one of its codings made */
};

/* Seconds from the start of the hop; 0 where the phase did not happen. */
struct hop_times {
    double dns, connect, tls, ttfb, total;
};

/* Header fields that tell of a rate limit: those of policy/cooldown. */
#define RATE_FIELDS 7

struct response {
    struct evidence evidence;
    struct hop_times times;
    double seconds; /* what counts in -m: total without pauses of our own */
    char http_version[8]; /* "1.1", "2", "3"; empty when none came */
    char remote_ip[64];   /* empty when there was no connection */
    int remote_port;
    char *content_type;         /* owned; NULL without */
    char *location;             /* owned; NULL without */
    char *retry_after;          /* owned; NULL without */
    char *etag, *last_modified; /* owned; NULL without, or unless asked */
    char *content_range;        /* likewise */
    char **rate_fields; /* owned array of RATE_FIELDS texts, owned, NULL where
                           one did not come; NULL: none came */
    struct buf headers; /* the final header block as it came, lines with their
                           CRLF, without the status line; empty unless asked */
    struct buf body;    /* empty unless asked */
    uint64_t size;      /* body bytes after content decoding */
    uint64_t size_download; /* body bytes before */
};

/* Forgets the rate fields. */
void response_clear_rate_fields(struct response *response);

/* All zero and empty, but for a Content-Length of -1: none was seen. */
void response_init(struct response *response);

/* Frees and forgets the values of single header fields. */
void response_drop_fields(struct response *response);

/* Frees what it owns; it is then as after response_init. */
void response_release(struct response *response);

#endif
