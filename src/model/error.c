/* SPDX-License-Identifier: MIT */
/*
 * The published words of classes, codes and phases, and the names of errnos.
 * Tables and nothing else: which trouble gets which word is decided in policy/.
 */
#include "model/error.h"
#include "base/utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(ARRAY) (sizeof(ARRAY) / sizeof *(ARRAY))

static const char *const class_names[] = {
    [CLASS_NONE] = "none",
    [CLASS_HTTP] = "http",
    [CLASS_DNS] = "dns",
    [CLASS_CONNECT] = "connect",
    [CLASS_TLS] = "tls",
    [CLASS_TIMEOUT] = "timeout",
    [CLASS_PROTOCOL] = "protocol",
    [CLASS_TRUNCATED] = "truncated",
    [CLASS_TOO_LARGE] = "too_large",
    [CLASS_DECODE] = "decode",
    [CLASS_REDIRECT] = "redirect",
    [CLASS_BLOCKED] = "blocked",
    [CLASS_IO] = "io",
    [CLASS_INPUT] = "input",
    [CLASS_INTERNAL] = "internal",
    [CLASS_CANCELLED] = "cancelled",
};
static_assert(COUNT_OF(class_names) == CLASS_COUNT, "a class has no name");

static const char *const code_names[] = {
    [CODE_NONE] = "none",
    [CODE_STATUS] = "status",
    [CODE_NOT_FOUND] = "not_found",
    [CODE_TEMPORARY] = "temporary",
    [CODE_LOOKUP_FAILED] = "lookup_failed",
    [CODE_REFUSED] = "refused",
    [CODE_UNREACHABLE] = "unreachable",
    [CODE_CONNECT_FAILED] = "connect_failed",
    [CODE_RESET] = "reset",
    [CODE_PROXY] = "proxy",
    [CODE_HANDSHAKE] = "handshake",
    [CODE_UNTRUSTED] = "untrusted",
    [CODE_EXPIRED] = "expired",
    [CODE_WRONG_HOST] = "wrong_host",
    [CODE_NO_CA] = "no_ca",
    [CODE_CLIENT_CERT] = "client_cert",
    [CODE_PIN] = "pin",
    [CODE_CONNECT_TIME] = "connect_time",
    [CODE_MAX_TIME] = "max_time",
    [CODE_REQUEST_TIME] = "request_time",
    [CODE_SLOW] = "slow",
    [CODE_EMPTY_REPLY] = "empty_reply",
    [CODE_NOT_HTTP] = "not_http",
    [CODE_BAD_HEADER] = "bad_header",
    [CODE_HEADER_TOO_LARGE] = "header_too_large",
    [CODE_HEADER_FLOOD] = "header_flood",
    [CODE_BAD_CONTENT_LENGTH] = "bad_content_length",
    [CODE_BAD_CHUNK] = "bad_chunk",
    [CODE_UNEXPECTED_STATUS] = "unexpected_status",
    [CODE_BAD_RANGE] = "bad_range",
    [CODE_HTTP2] = "http2",
    [CODE_HTTP3] = "http3",
    [CODE_WEBSOCKET] = "websocket",
    [CODE_SEND_FAILED] = "send_failed",
    [CODE_PROTOCOL] = "protocol",
    [CODE_EOF] = "eof",
    [CODE_MAX_BODY] = "max_body",
    [CODE_RATIO] = "ratio",
    [CODE_ITEM] = "item",
    [CODE_BAD_ENCODING] = "bad_encoding",
    [CODE_TRUNCATED_STREAM] = "truncated_stream",
    [CODE_CONTENT_TYPE] = "content_type",
    [CODE_TOO_MANY] = "too_many",
    [CODE_BAD_LOCATION] = "bad_location",
    [CODE_SCHEME] = "scheme",
    [CODE_ADDRESS] = "address",
    [CODE_HOST] = "host",
    [CODE_LOCAL_LIMIT] = "local_limit",
    [CODE_WRITE] = "write",
    [CODE_BAD_URL] = "bad_url",
    [CODE_BAD_JSON] = "bad_json",
    [CODE_BAD_UTF8] = "bad_utf8",
    [CODE_LINE_TOO_LONG] = "line_too_long",
    [CODE_BAD_VALUE] = "bad_value",
    [CODE_BAD_METHOD] = "bad_method",
    [CODE_BAD_REQUEST_HEADER] = "bad_request_header",
    [CODE_UNKNOWN_KEY] = "unknown_key",
    [CODE_NO_URL] = "no_url",
    [CODE_BAD_GLOB] = "bad_glob",
    [CODE_BUG] = "bug",
    [CODE_OUT_OF_MEMORY] = "out_of_memory",
    [CODE_SIGNAL] = "signal",
    [CODE_DEADLINE] = "deadline",
    [CODE_FAIL_FAST] = "fail_fast",
    [CODE_MAX_FAILURES] = "max_failures",
    [CODE_ENOUGH] = "enough",
    [CODE_RACE] = "race",
    [CODE_STRICT] = "strict",
    [CODE_OUTPUT] = "output",
};
static_assert(COUNT_OF(code_names) == CODE_COUNT, "a code has no name");

static const char *const phase_names[] = {
    [PHASE_QUEUE] = "queue",     [PHASE_DNS] = "dns",
    [PHASE_CONNECT] = "connect", [PHASE_TLS] = "tls",
    [PHASE_SEND] = "send",       [PHASE_WAIT] = "wait",
    [PHASE_HEADERS] = "headers", [PHASE_BODY] = "body",
};
static_assert(COUNT_OF(phase_names) == PHASE_COUNT, "a phase has no name");

/* Their numbers differ between systems, so the table is searched. */
struct errno_row {
    int number;
    const char *name;
};

/* clang-format off */
#define ROW(NAME) {NAME, #NAME}

static const struct errno_row errno_rows[] = {
    /* what a network gives, first because it is searched most */
    ROW(ECONNREFUSED), ROW(ECONNRESET), ROW(ETIMEDOUT), ROW(EPIPE),
    ROW(EHOSTUNREACH), ROW(ENETUNREACH), ROW(ECONNABORTED),
    ROW(EADDRNOTAVAIL), ROW(EMFILE), ROW(ENFILE), ROW(ENOBUFS),
    ROW(ENETDOWN), ROW(ENETRESET), ROW(EADDRINUSE), ROW(EAFNOSUPPORT),
    ROW(EALREADY), ROW(EDESTADDRREQ), ROW(EINPROGRESS), ROW(EISCONN),
    ROW(EMSGSIZE), ROW(ENOPROTOOPT), ROW(ENOTCONN), ROW(ENOTSOCK),
    ROW(EPROTO), ROW(EPROTONOSUPPORT), ROW(EPROTOTYPE),
    /* the rest of POSIX */
    ROW(E2BIG), ROW(EACCES), ROW(EAGAIN), ROW(EBADF), ROW(EBADMSG),
    ROW(EBUSY), ROW(ECANCELED), ROW(ECHILD), ROW(EDEADLK), ROW(EDOM),
    ROW(EDQUOT), ROW(EEXIST), ROW(EFAULT), ROW(EFBIG), ROW(EIDRM),
    ROW(EILSEQ), ROW(EINTR), ROW(EINVAL), ROW(EIO), ROW(EISDIR), ROW(ELOOP),
    ROW(EMLINK), ROW(EMULTIHOP), ROW(ENAMETOOLONG), ROW(ENODEV), ROW(ENOENT),
    ROW(ENOEXEC), ROW(ENOLCK), ROW(ENOLINK), ROW(ENOMEM), ROW(ENOMSG),
    ROW(ENOSPC), ROW(ENOSYS), ROW(ENOTDIR), ROW(ENOTEMPTY),
    ROW(ENOTRECOVERABLE), ROW(ENOTSUP), ROW(ENOTTY), ROW(ENXIO),
    ROW(EOVERFLOW), ROW(EOWNERDEAD), ROW(EPERM), ROW(ERANGE), ROW(EROFS),
    ROW(ESPIPE), ROW(ESRCH), ROW(ESTALE), ROW(ETXTBSY), ROW(EXDEV),
    /* what some systems have besides */
#if EOPNOTSUPP != ENOTSUP
    ROW(EOPNOTSUPP),
#endif
#ifdef EHOSTDOWN
    ROW(EHOSTDOWN),
#endif
#ifdef EPFNOSUPPORT
    ROW(EPFNOSUPPORT),
#endif
#ifdef ESHUTDOWN
    ROW(ESHUTDOWN),
#endif
#ifdef ESOCKTNOSUPPORT
    ROW(ESOCKTNOSUPPORT),
#endif
#ifdef ETOOMANYREFS
    ROW(ETOOMANYREFS),
#endif
#ifdef EUSERS
    ROW(EUSERS),
#endif
#ifdef ENONET
    ROW(ENONET),
#endif
#ifdef ECOMM
    ROW(ECOMM),
#endif
#ifdef EREMOTEIO
    ROW(EREMOTEIO),
#endif
};
/* clang-format on */

const char *error_class_name(enum error_class error_class)
{
    /* As unsigned, a negative value is out of range too. */
    if ((unsigned)error_class >= CLASS_COUNT)
        error_class = CLASS_INTERNAL;
    return class_names[error_class];
}

const char *error_code_name(enum error_code code)
{
    if ((unsigned)code >= CODE_COUNT)
        code = CODE_BUG;
    return code_names[code];
}

const char *phase_name(enum phase phase)
{
    if ((unsigned)phase >= PHASE_COUNT)
        return error_class_name(CLASS_INTERNAL);
    return phase_names[phase];
}

const char *errno_name(int os_errno)
{
    for (size_t i = 0; i < COUNT_OF(errno_rows); i++) {
        if (errno_rows[i].number == os_errno)
            return errno_rows[i].name;
    }
    return NULL;
}

/* Drops a character that the end of the buffer cut in two. */
static void trim_cut_character(char *text, size_t len)
{
    size_t start = len;
    uint32_t cp;

    while (start > 0 && len - start < 3 && (text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && utf8_decode(text + start - 1, len - start + 1, &cp) == 0)
        text[start - 1] = '\0';
}

void error_set(struct error *error, enum error_class error_class,
               enum error_code code, enum phase phase, const char *format, ...)
{
    size_t size = sizeof error->message;
    va_list args;
    int len;

    error->error_class = error_class;
    error->code = code;
    error->phase = phase;
    error->os_errno = 0;
    error->retryable = false;
    va_start(args, format);
    len = vsnprintf(error->message, size, format, args);
    va_end(args);
    if (len < 0)
        error->message[0] = '\0';
    else if ((size_t)len >= size)
        trim_cut_character(error->message, size - 1);
}
