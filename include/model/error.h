/* SPDX-License-Identifier: MIT */
/*
 * The words for what went wrong: class, code and phase, as records print
 * them and as --accept and --retry-on take them. Published: words are only
 * ever added. The tables in error.c drive the help, the man page and schema.
 */
#ifndef MODEL_ERROR_H
#define MODEL_ERROR_H

#include <stdbool.h>
#include <stddef.h>

enum error_class {
    CLASS_NONE, /* no error */
    CLASS_HTTP,
    CLASS_DNS,
    CLASS_CONNECT,
    CLASS_TLS,
    CLASS_TIMEOUT,
    CLASS_PROTOCOL,
    CLASS_TRUNCATED,
    CLASS_TOO_LARGE,
    CLASS_DECODE,
    CLASS_REDIRECT,
    CLASS_BLOCKED,
    CLASS_IO,
    CLASS_INPUT,
    CLASS_INTERNAL,
    CLASS_CANCELLED,
    CLASS_COUNT
};

enum error_code {
    CODE_NONE,
    /* http */
    CODE_STATUS,
    /* dns */
    CODE_NOT_FOUND,
    CODE_TEMPORARY,
    CODE_LOOKUP_FAILED,
    /* connect */
    CODE_REFUSED,
    CODE_UNREACHABLE,
    CODE_CONNECT_FAILED,
    CODE_RESET, /* also tls, truncated */
    CODE_PROXY,
    /* tls */
    CODE_HANDSHAKE,
    CODE_UNTRUSTED,
    CODE_EXPIRED,
    CODE_WRONG_HOST,
    CODE_NO_CA,
    CODE_CLIENT_CERT,
    CODE_PIN,
    /* timeout */
    CODE_CONNECT_TIME,
    CODE_MAX_TIME,
    CODE_REQUEST_TIME,
    CODE_SLOW,
    /* protocol */
    CODE_EMPTY_REPLY,
    CODE_NOT_HTTP,
    CODE_BAD_HEADER,
    CODE_HEADER_TOO_LARGE,
    CODE_HEADER_FLOOD,
    CODE_BAD_CONTENT_LENGTH,
    CODE_BAD_CHUNK,
    CODE_UNEXPECTED_STATUS,
    CODE_BAD_RANGE,
    CODE_HTTP2,
    CODE_HTTP3,
    CODE_WEBSOCKET,
    CODE_SEND_FAILED,
    CODE_PROTOCOL,
    /* truncated */
    CODE_EOF,
    /* too_large */
    CODE_MAX_BODY,
    CODE_RATIO,
    CODE_ITEM,
    /* decode */
    CODE_BAD_ENCODING,
    CODE_TRUNCATED_STREAM,
    CODE_CONTENT_TYPE,
    /* redirect */
    CODE_TOO_MANY,
    CODE_BAD_LOCATION,
    /* blocked */
    CODE_SCHEME, /* also input */
    CODE_ADDRESS,
    CODE_HOST,
    /* io */
    CODE_LOCAL_LIMIT,
    CODE_WRITE,
    /* input */
    CODE_BAD_URL,
    CODE_BAD_JSON, /* also decode */
    CODE_BAD_UTF8,
    CODE_LINE_TOO_LONG,
    CODE_BAD_VALUE,
    CODE_BAD_METHOD,
    CODE_BAD_REQUEST_HEADER,
    CODE_UNKNOWN_KEY,
    CODE_NO_URL,
    CODE_BAD_GLOB,
    /* internal */
    CODE_BUG,
    CODE_OUT_OF_MEMORY,
    /* cancelled */
    CODE_SIGNAL,
    CODE_DEADLINE,
    CODE_FAIL_FAST,
    CODE_MAX_FAILURES,
    CODE_ENOUGH,
    CODE_RACE,
    CODE_STRICT,
    CODE_OUTPUT,
    CODE_COUNT
};

enum phase {
    PHASE_QUEUE, /* not sent: waiting for its turn, host or retry */
    PHASE_DNS,
    PHASE_CONNECT,
    PHASE_TLS,
    PHASE_SEND,
    PHASE_WAIT, /* sent, no byte came back yet */
    PHASE_HEADERS,
    PHASE_BODY,
    PHASE_COUNT
};

/* What went wrong with one request. error_class CLASS_NONE: nothing did. */
struct error {
    enum error_class error_class;
    enum error_code code;
    enum phase phase;
    int os_errno;   /* the system's number; 0 where there was none */
    bool retryable; /* another try may help: a passing trouble */
    char message[200];
};

/* The published words; a value out of range gives "internal" or "bug". */
const char *error_class_name(enum error_class error_class);
const char *error_code_name(enum error_code code);
const char *phase_name(enum phase phase);

/* The system's name of an errno ("ECONNREFUSED"); NULL for an unknown one. */
const char *errno_name(int os_errno);

/* Fills *error (os_errno 0, not retryable) with a formatted message. */
void error_set(struct error *error, enum error_class error_class,
               enum error_code code, enum phase phase, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
