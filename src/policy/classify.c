/* SPDX-License-Identifier: MIT */
/*
 * Evidence to error. It knows libcurl's numbers (not its header), errnos and
 * what the own checks found; it must not know options, requests or what will
 * be done about the error.
 *
 * The way: who ended the hop, then the own check of the headers, then the
 * CURLcode by table and, where that is ambiguous, by the other evidence, and
 * last what libcurl calls OK but is not whole.
 */
#include "policy/classify.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What a hop's end is called; text without a final stop. */
struct finding {
    enum error_class error_class;
    enum error_code code;
    bool retryable;
    bool theirs; /* libcurl's own words, where there are, say more */
    const char *text;
};

/* libcurl's numbers that are looked at by more than the table. */
enum {
    CURL_UNSUPPORTED_PROTOCOL = 1,
    CURL_RESOLVE_PROXY = 5,
    CURL_RESOLVE_HOST = 6,
    CURL_CONNECT = 7,
    CURL_WEIRD_REPLY = 8,
    CURL_PARTIAL = 18,
    CURL_NO_MEMORY = 27,
    CURL_TIMEDOUT = 28,
    CURL_SSL_CONNECT = 35,
    CURL_NOTHING = 52,
    CURL_SEND = 55,
    CURL_RECV = 56,
    CURL_VERIFICATION = 60,
    CURL_CLIENTCERT = 98,
    CURL_TOO_LARGE = 100,
};

#define PASSING true
#define LASTING false
#define THEIRS  true
#define OURS    false

/* NAME is only for the reader. */
#define ROW(NAME, CLASS, CODE, NATURE, WORDS, TEXT)                            \
    {                                                                          \
        CLASS_##CLASS, CODE_##CODE, NATURE, WORDS, TEXT                        \
    }
#define BUG                                                                    \
    ROW(many, INTERNAL, BUG, LASTING, THEIRS, "libcurl was used wrongly")
#define TLS_FAILED                                                             \
    ROW(many, TLS, HANDSHAKE, LASTING, THEIRS, "the TLS handshake failed")
#define BAD_SEND                                                               \
    ROW(many, PROTOCOL, SEND_FAILED, LASTING, THEIRS,                          \
        "the body could not be sent")
#define BAD_REPLY                                                              \
    ROW(many, PROTOCOL, PROTOCOL, LASTING, THEIRS,                             \
        "the answer breaks the rules of HTTP")
#define NO_SCHEME                                                              \
    ROW(many, BLOCKED, SCHEME, LASTING, THEIRS, "a scheme that is not spoken")

/*
 * By CURLcode. Without a row are the numbers of other protocols, which cannot
 * come over http and https: REMOTE_ACCESS_DENIED 9, FTP 10 to 15, 17, 19, 21,
 * 30, 31, 84, 87, 88, LDAP 38, 39, TFTP 68, 69, 71, 72, 74, files 70, 73, 78,
 * SSH 79, RTSP 85, 86; and those no longer used: 20, 24, 29, 32, 40, 44, 46,
 * 50, 51, 57, 62, 75, 76.
 */
static const struct finding by_code[] = {
    [1] = NO_SCHEME, /* UNSUPPORTED_PROTOCOL */
    [2] = BUG,       /* FAILED_INIT */
    [3] = ROW(URL_MALFORMAT, INPUT, BAD_URL, LASTING, THEIRS,
              "libcurl refuses the URL"),
    [4] = BUG, /* NOT_BUILT_IN */
    [5] = ROW(COULDNT_RESOLVE_PROXY, DNS, NOT_FOUND, LASTING, THEIRS,
              "the proxy's name was not found"),
    [6] = ROW(COULDNT_RESOLVE_HOST, DNS, NOT_FOUND, LASTING, THEIRS,
              "the name was not found"),
    [7] = ROW(COULDNT_CONNECT, CONNECT, CONNECT_FAILED, PASSING, THEIRS,
              "could not connect"),
    [8] = BAD_REPLY, /* WEIRD_SERVER_REPLY */
    [16] = ROW(HTTP2, PROTOCOL, HTTP2, PASSING, THEIRS, "HTTP/2 error"),
    [18] = ROW(PARTIAL_FILE, TRUNCATED, EOF, PASSING, OURS,
               "the connection closed before the end of the body"),
    [22] = ROW(HTTP_RETURNED_ERROR, PROTOCOL, UNEXPECTED_STATUS, LASTING,
               THEIRS, "unexpected status"),
    [23] = ROW(WRITE_ERROR, IO, WRITE, LASTING, THEIRS,
               "the answer could not be stored"),
    [25] = BAD_SEND, /* UPLOAD_FAILED */
    [26] = BAD_SEND, /* READ_ERROR */
    [27] =
        ROW(OUT_OF_MEMORY, INTERNAL, OUT_OF_MEMORY, LASTING, OURS, "no memory"),
    [28] = ROW(OPERATION_TIMEDOUT, TIMEOUT, MAX_TIME, PASSING, THEIRS,
               "timed out"),
    [33] = BAD_REPLY,  /* RANGE_ERROR */
    [34] = BAD_SEND,   /* HTTP_POST_ERROR */
    [35] = TLS_FAILED, /* SSL_CONNECT_ERROR */
    [36] = BAD_REPLY,  /* BAD_DOWNLOAD_RESUME */
    [37] = NO_SCHEME,  /* FILE_COULDNT_READ_FILE: only file: URLs read files */
    [41] = BUG,        /* FUNCTION_NOT_FOUND */
    [42] =
        ROW(ABORTED_BY_CALLBACK, CANCELLED, SIGNAL, LASTING, OURS, "cancelled"),
    [43] = BUG, /* BAD_FUNCTION_ARGUMENT */
    [45] = ROW(INTERFACE_FAILED, CONNECT, CONNECT_FAILED, LASTING, THEIRS,
               "the outgoing interface cannot be used"),
    [47] = ROW(TOO_MANY_REDIRECTS, REDIRECT, TOO_MANY, LASTING, THEIRS,
               "too many redirects"),
    [48] = BUG, /* UNKNOWN_OPTION */
    [49] = BUG, /* SETOPT_OPTION_SYNTAX */
    [52] = ROW(GOT_NOTHING, PROTOCOL, EMPTY_REPLY, PASSING, OURS,
               "the connection closed without an answer"),
    [53] = TLS_FAILED, /* SSL_ENGINE_NOTFOUND */
    [54] = TLS_FAILED, /* SSL_ENGINE_SETFAILED */
    [55] = ROW(SEND_ERROR, PROTOCOL, SEND_FAILED, PASSING, THEIRS,
               "the request could not be sent"),
    [56] = ROW(RECV_ERROR, TRUNCATED, RESET, PASSING, THEIRS,
               "the connection broke"),
    [58] = ROW(SSL_CERTPROBLEM, TLS, CLIENT_CERT, LASTING, THEIRS,
               "the client certificate cannot be used"),
    [59] = TLS_FAILED, /* SSL_CIPHER */
    [60] = ROW(PEER_FAILED_VERIFICATION, TLS, UNTRUSTED, LASTING, THEIRS,
               "the certificate is not trusted"),
    [61] = ROW(BAD_CONTENT_ENCODING, DECODE, BAD_ENCODING, LASTING, THEIRS,
               "the body's encoding is unknown or broken"),
    [63] = ROW(FILESIZE_EXCEEDED, TOO_LARGE, MAX_BODY, LASTING, OURS,
               "the body is larger than allowed"),
    [64] = TLS_FAILED, /* USE_SSL_FAILED */
    /* the reused connection was dead, the body half gone */
    [65] = ROW(SEND_FAIL_REWIND, PROTOCOL, SEND_FAILED, PASSING, OURS,
               "the connection closed while the body was sent"),
    [66] = TLS_FAILED, /* SSL_ENGINE_INITFAILED */
    [67] = BAD_REPLY,  /* LOGIN_DENIED */
    [77] = ROW(SSL_CACERT_BADFILE, TLS, NO_CA, LASTING, THEIRS,
               "no CA certificates could be read"),
    [80] = TLS_FAILED, /* SSL_SHUTDOWN_FAILED */
    [81] = BUG,        /* AGAIN */
    [82] = ROW(SSL_CRL_BADFILE, TLS, NO_CA, LASTING, THEIRS,
               "the revocation list could not be read"),
    [83] = ROW(SSL_ISSUER_ERROR, TLS, UNTRUSTED, LASTING, THEIRS,
               "the certificate has another issuer"),
    [89] = ROW(NO_CONNECTION_AVAILABLE, IO, LOCAL_LIMIT, PASSING, OURS,
               "no connection is free"),
    [90] = ROW(SSL_PINNEDPUBKEYNOTMATCH, TLS, PIN, LASTING, THEIRS,
               "the public key is not the pinned one"),
    [91] = ROW(SSL_INVALIDCERTSTATUS, TLS, UNTRUSTED, LASTING, THEIRS,
               "the certificate's status is not good"),
    [92] = ROW(HTTP2_STREAM, PROTOCOL, HTTP2, PASSING, THEIRS,
               "HTTP/2 stream error"),
    [93] = BUG,       /* RECURSIVE_API_CALL */
    [94] = BAD_REPLY, /* AUTH_ERROR */
    [95] = ROW(HTTP3, PROTOCOL, HTTP3, PASSING, THEIRS, "HTTP/3 error"),
    [96] = ROW(QUIC_CONNECT_ERROR, CONNECT, CONNECT_FAILED, PASSING, THEIRS,
               "could not connect by QUIC"),
    [97] = ROW(PROXY, CONNECT, PROXY, PASSING, THEIRS, "the proxy refused"),
    [98] = ROW(SSL_CLIENTCERT, TLS, CLIENT_CERT, LASTING, OURS,
               "the server demands a client certificate"),
    [99] = BUG, /* UNRECOVERABLE_POLL */
    /* since 8.6 */
    [100] = ROW(TOO_LARGE, PROTOCOL, HEADER_TOO_LARGE, LASTING, OURS,
                "a header field is too large"),
    [101] = TLS_FAILED, /* ECH_REQUIRED, since 8.8 */
};

/* By who ended the hop; its phase is told behind the text. */
static const struct finding by_ender[ENDED_BY_CANCEL + 1] = {
    [ENDED_BY_MAX_TIME] = ROW(own, TIMEOUT, MAX_TIME, PASSING, OURS,
                              "the attempt's time was over"),
    [ENDED_BY_REQUEST_TIME] = ROW(own, TIMEOUT, REQUEST_TIME, PASSING, OURS,
                                  "the request's time was over"),
    [ENDED_BY_CANCEL] = ROW(own, CANCELLED, SIGNAL, LASTING, OURS, "cancelled"),
};

/* By how the lookup of the name failed; the resolver's words say more. */
static const struct finding by_lookup[LOOKUP_TIMEOUT + 1] = {
    [LOOKUP_NOT_FOUND] =
        ROW(own, DNS, NOT_FOUND, LASTING, THEIRS, "the name was not found"),
    [LOOKUP_TEMPORARY] = ROW(own, DNS, TEMPORARY, PASSING, THEIRS,
                             "the name could not be looked up now"),
    [LOOKUP_FAILED] = ROW(own, DNS, LOOKUP_FAILED, PASSING, THEIRS,
                          "the name could not be looked up"),
    [LOOKUP_TIMEOUT] = ROW(own, TIMEOUT, CONNECT_TIME, PASSING, OURS,
                           "the lookup of the name took too long"),
};

/* By what the own check of the header fields found. */
static const struct finding by_framing[FRAMING_BAD_STATUS + 1] = {
    [FRAMING_BAD_LENGTH] = ROW(own, PROTOCOL, BAD_CONTENT_LENGTH, LASTING, OURS,
                               "Content-Length is not a number that can be"),
    [FRAMING_TWO_LENGTHS] = ROW(own, PROTOCOL, BAD_CONTENT_LENGTH, LASTING,
                                OURS, "two different Content-Length fields"),
    [FRAMING_HEADER_FLOOD] = ROW(own, PROTOCOL, HEADER_FLOOD, LASTING, OURS,
                                 "more header fields than allowed"),
    [FRAMING_BAD_STATUS] = ROW(own, PROTOCOL, UNEXPECTED_STATUS, LASTING, OURS,
                               "unexpected status"),
};

static bool says(const struct evidence *evidence, const char *words)
{
    return strcasestr(evidence->text, words) != NULL;
}

/* True once a byte of an answer has come. */
static bool has_answer(const struct evidence *evidence)
{
    return evidence->status != 0 || evidence->header_bytes > 0 ||
           evidence->body_bytes > 0;
}

/* The errno of the trouble. libcurl keeps that of the last call, which may
 * only say "not yet"; and of a reset it keeps only the words. */
static int trouble(const struct evidence *evidence)
{
    int number = evidence->os_errno;

    if (number != 0 && number != EINPROGRESS && number != EAGAIN &&
        number != EINTR)
        return number;
    if (says(evidence, "reset by peer"))
        return ECONNRESET;
    return says(evidence, "broken pipe") ? EPIPE : 0;
}

static bool is_reset(int number)
{
    return number == ECONNRESET || number == EPIPE || number == ECONNABORTED ||
           number == ENOTCONN;
}

/* A TLS 1.3 server asks for the certificate after the handshake is over, so
 * its refusal comes while sending or receiving. */
static bool wants_client_cert(const struct evidence *evidence)
{
    return says(evidence, "certificate required") ||
           says(evidence, "alert bad certificate");
}

static void set(struct finding *finding, enum error_class error_class,
                enum error_code code, bool retryable, const char *text)
{
    finding->error_class = error_class;
    finding->code = code;
    finding->retryable = retryable;
    finding->theirs = OURS;
    finding->text = text;
}

/* 5, 6: some resolvers say more, in parentheses behind the name, than that
 * there is no address. */
static void refine_dns(struct finding *finding, const struct evidence *evidence)
{
    const char *reason = strchr(evidence->text, '(');

    if (!reason)
        return;
    finding->retryable = !strcasestr(reason, "not found");
    if (strcasestr(reason, "timeout") || strcasestr(reason, "tempora"))
        finding->code = CODE_TEMPORARY;
    else if (finding->retryable)
        finding->code = CODE_LOOKUP_FAILED;
}

/* 7 */
static void refine_connect(struct finding *finding,
                           const struct evidence *evidence)
{
    int number = trouble(evidence);

    if (number == ECONNREFUSED)
        set(finding, CLASS_CONNECT, CODE_REFUSED, PASSING,
            "connection refused");
    else if (number == ENETUNREACH || number == EHOSTUNREACH ||
             number == ENETDOWN || number == EHOSTDOWN)
        set(finding, CLASS_CONNECT, CODE_UNREACHABLE, PASSING,
            "no route to the host");
    else if (number == ECONNRESET)
        set(finding, CLASS_CONNECT, CODE_RESET, PASSING, "connection reset");
    else if (number == ETIMEDOUT)
        set(finding, CLASS_TIMEOUT, CODE_CONNECT_TIME, PASSING,
            "no answer to the connection request");
}

/* 8: the rules of HTTP that libcurl checks itself. */
static void refine_reply(struct finding *finding,
                         const struct evidence *evidence)
{
    if (says(evidence, "content-length"))
        finding->code = CODE_BAD_CONTENT_LENGTH;
    else if (says(evidence, "header") || says(evidence, "nul byte"))
        finding->code = CODE_BAD_HEADER;
    else if (says(evidence, "version") || says(evidence, "status line"))
        finding->code = CODE_NOT_HTTP;
}

/* 28: which of libcurl's clocks. */
static void refine_timeout(struct finding *finding,
                           const struct evidence *evidence)
{
    if (says(evidence, "too slow"))
        finding->code = CODE_SLOW;
    else if (evidence->phase <= PHASE_TLS)
        finding->code = CODE_CONNECT_TIME;
}

/* 35: a handshake that was refused will be again, one that was cut may not. */
static void refine_handshake(struct finding *finding,
                             const struct evidence *evidence)
{
    if (wants_client_cert(evidence))
        *finding = by_code[CURL_CLIENTCERT];
    else if (is_reset(trouble(evidence)) || says(evidence, "unexpected eof") ||
             says(evidence, "SSL_ERROR_SYSCALL"))
        set(finding, CLASS_TLS, CODE_RESET, PASSING,
            "the connection closed in the TLS handshake");
}

/* 56: the chunks of a body. */
static bool refine_chunk(struct finding *finding,
                         const struct evidence *evidence)
{
    if (!says(evidence, "chunked"))
        return false;
    if (says(evidence, "out of memory"))
        *finding = by_code[CURL_TOO_LARGE]; /* a trailer line */
    else
        set(finding, CLASS_PROTOCOL, CODE_BAD_CHUNK, LASTING,
            "the body's chunks are malformed");
    return true;
}

/* 56, 100: too much header. */
static bool refine_flood(struct finding *finding,
                         const struct evidence *evidence)
{
    if (!says(evidence, "response headers") &&
        !says(evidence, "too many headers"))
        return false;
    *finding = by_framing[FRAMING_HEADER_FLOOD];
    return true;
}

/* 55, 56: the connection itself broke. Where depends on what had come. */
static void refine_break(struct finding *finding,
                         const struct evidence *evidence)
{
    int number = trouble(evidence);

    if (says(evidence, "proxy connect") || says(evidence, "from proxy") ||
        says(evidence, "connect tunnel"))
        set(finding, CLASS_CONNECT, CODE_PROXY, PASSING, finding->text);
    else if (evidence->phase == PHASE_TLS)
        set(finding, CLASS_TLS, CODE_RESET, PASSING,
            "the connection closed in the TLS handshake");
    else if (says(evidence, "connection died")) /* reused ones, all closed */
        *finding = by_code[CURL_NOTHING];
    else if (says(evidence, "unexpected eof"))
        *finding = by_code[has_answer(evidence) ? CURL_PARTIAL : CURL_NOTHING];
    else if (says(evidence, "SSL routines") && !is_reset(number))
        set(finding, CLASS_TLS, CODE_HANDSHAKE, LASTING, finding->text);
    else if (has_answer(evidence))
        set(finding, CLASS_TRUNCATED, CODE_RESET, PASSING, finding->text);
    else if (evidence->curl_code == CURL_RECV || is_reset(number))
        set(finding, CLASS_CONNECT, CODE_RESET, PASSING, "connection reset");
    finding->theirs = finding->code == CODE_PROXY ||
                      finding->code == CODE_HANDSHAKE ||
                      finding->code == CODE_SEND_FAILED;
}

/* 60: OpenSSL's numbers (X509_V_ERR_*) where there is one, else the words:
 * the name is compared by libcurl, which leaves 1 ("unspecified"). */
static void refine_certificate(struct finding *finding,
                               const struct evidence *evidence)
{
    long verify = evidence->tls_verify;
    bool no_number = verify == 0 || verify == 1;
    bool other_name = says(evidence, "does not match") ||
                      says(evidence, "subject name matches");

    if (verify == 10 || (no_number && says(evidence, "has expired")))
        set(finding, CLASS_TLS, CODE_EXPIRED, LASTING,
            "the certificate has expired");
    else if (verify == 62 || verify == 64 || (no_number && other_name))
        set(finding, CLASS_TLS, CODE_WRONG_HOST, LASTING,
            "the certificate is for another host");
    else if (verify == 9)
        finding->text = "the certificate is not valid yet";
    else if (verify == 18 || verify == 19)
        finding->text = "the certificate is self-signed";
    else if (verify == 20 || verify == 21)
        finding->text = "the certificate's issuer is not known";
    else if (verify == 23)
        finding->text = "the certificate is revoked";
    finding->theirs = finding->text == by_code[CURL_VERIFICATION].text;
}

/* One CURLcode, several meanings. */
static void refine(struct finding *finding, const struct evidence *evidence)
{
    if (says(evidence, "unsupported proxy")) { /* quoted, password and all */
        set(finding, CLASS_CONNECT, CODE_PROXY, LASTING,
            "the proxy's URL cannot be used");
        return;
    }
    switch (evidence->curl_code) {
    case CURL_UNSUPPORTED_PROTOCOL: /* of the URL, or of the answer */
        if (evidence->phase >= PHASE_SEND)
            set(finding, CLASS_PROTOCOL, CODE_NOT_HTTP, LASTING,
                "the answer is not HTTP");
        break;
    case CURL_RESOLVE_PROXY:
    case CURL_RESOLVE_HOST:
        refine_dns(finding, evidence);
        break;
    case CURL_CONNECT:
        refine_connect(finding, evidence);
        break;
    case CURL_WEIRD_REPLY:
        refine_reply(finding, evidence);
        break;
    case CURL_NO_MEMORY: /* what 7.88 says of a line over 100 KB, too */
        if (has_answer(evidence) && !evidence->headers_whole)
            *finding = by_code[CURL_TOO_LARGE];
        break;
    case CURL_TIMEDOUT:
        refine_timeout(finding, evidence);
        break;
    case CURL_SSL_CONNECT:
        refine_handshake(finding, evidence);
        break;
    case CURL_SEND:
    case CURL_RECV:
        if (wants_client_cert(evidence))
            *finding = by_code[CURL_CLIENTCERT];
        else if (says(evidence, "content-length"))
            set(finding, CLASS_PROTOCOL, CODE_BAD_CONTENT_LENGTH, LASTING,
                "malformed Content-Length");
        else if (!refine_chunk(finding, evidence) &&
                 !refine_flood(finding, evidence))
            refine_break(finding, evidence);
        break;
    case CURL_VERIFICATION:
        refine_certificate(finding, evidence);
        break;
    case CURL_TOO_LARGE:
        refine_flood(finding, evidence);
        break;
    }
}

/* Makes the error. libcurl's words may end in a newline. */
static void give(struct error *error, const struct evidence *evidence,
                 const struct finding *finding)
{
    size_t len = strcspn(evidence->text, "\r\n");

    if (finding->theirs && len > 0)
        error_set(error, finding->error_class, finding->code, evidence->phase,
                  "%.*s", (int)len, evidence->text);
    else
        error_set(error, finding->error_class, finding->code, evidence->phase,
                  "%s", finding->text);
    error->retryable = finding->retryable;
}

/* A body or a header block that ended too early. */
static void give_truncated(struct error *error, const struct evidence *evidence,
                           enum error_code code)
{
    const char *how = code == CODE_RESET ? "reset" : "closed";

    if (!evidence->headers_whole)
        error_set(error, CLASS_TRUNCATED, code, PHASE_HEADERS,
                  "the connection was %s within the headers", how);
    else if (evidence->length >= 0)
        error_set(error, CLASS_TRUNCATED, code, PHASE_BODY,
                  "the connection was %s after %" PRIu64 " of %" PRId64
                  " body bytes",
                  how, evidence->body_bytes, evidence->length);
    else
        error_set(error, CLASS_TRUNCATED, code, PHASE_BODY,
                  "the connection was %s after %" PRIu64
                  " body bytes, before their end",
                  how, evidence->body_bytes);
    error->retryable = true;
}

/* A body that came, but is not what its Content-Encoding says. */
static void give_coding(struct error *error, const struct evidence *evidence)
{
    switch (evidence->coding) {
    case CODING_UNKNOWN:
        error_set(error, CLASS_DECODE, CODE_BAD_ENCODING, PHASE_BODY,
                  "the content coding \"%s\" is not known; the body is kept as "
                  "it came",
                  evidence->coding_name);
        break;
    case CODING_LAYERS:
        error_set(error, CLASS_DECODE, CODE_BAD_ENCODING, PHASE_BODY,
                  "too many content codings; the body is kept as it came");
        break;
    case CODING_JUNK:
        error_set(error, CLASS_DECODE, CODE_BAD_ENCODING, PHASE_BODY,
                  "other bytes follow the end of the coded body");
        break;
    case CODING_CUT:
        error_set(error, CLASS_DECODE, CODE_TRUNCATED_STREAM, PHASE_BODY,
                  "the coded body ends before its end, after %" PRIu64
                  " bytes (%" PRIu64 " decoded)",
                  evidence->body_bytes, evidence->decoded_bytes);
        error->retryable = true;
        break;
    case CODING_RATIO:
        error_set(error, CLASS_TOO_LARGE, CODE_RATIO, PHASE_BODY,
                  "%" PRIu64 " bytes of the body became %" PRIu64
                  " when decoded (%" PRIu64 ":1), more than --max-ratio allows",
                  evidence->body_bytes, evidence->peak_bytes,
                  evidence->peak_bytes /
                      (evidence->body_bytes ? evidence->body_bytes : 1));
        break;
    default: /* CODING_CORRUPT */
        error_set(error, CLASS_DECODE, CODE_BAD_ENCODING, PHASE_BODY,
                  "the body is not what its Content-Encoding says, or damaged");
        break;
    }
}

static const char *doing(enum phase phase)
{
    static const char *const words[PHASE_COUNT] = {
        [PHASE_QUEUE] = "before it was sent",
        [PHASE_DNS] = "while the name was looked up",
        [PHASE_CONNECT] = "while connecting",
        [PHASE_TLS] = "in the TLS handshake",
        [PHASE_SEND] = "while the request was sent",
        [PHASE_WAIT] = "waiting for the answer",
        [PHASE_HEADERS] = "within the headers",
        [PHASE_BODY] = "within the body",
    };

    return phase < PHASE_COUNT ? words[phase] : "";
}

/* We ended it. False: it ended by itself. */
static bool judge_ender(struct error *error, const struct evidence *evidence)
{
    const struct finding *finding = &by_ender[evidence->ender];

    if (evidence->ender == ENDED_BY_MAX_BODY) {
        error_set(error, CLASS_TOO_LARGE, CODE_MAX_BODY, PHASE_BODY,
                  "the body is larger than allowed (%" PRIu64 " bytes came)",
                  evidence->decoded_bytes);
        return true;
    }
    if (evidence->ender == ENDED_BY_DECODE) {
        give_coding(error, evidence);
        return true;
    }
    if (!finding->text)
        return false;
    error_set(error, finding->error_class, finding->code, evidence->phase,
              "%s %s", finding->text, doing(evidence->phase));
    error->retryable = finding->retryable;
    return true;
}

/* The own check goes before libcurl's word: what libcurl says may only be a
 * consequence. False: nothing is wrong. */
static bool judge_framing(struct error *error, const struct evidence *evidence)
{
    static const struct finding odd =
        ROW(own, PROTOCOL, BAD_HEADER, LASTING, OURS,
            "the header block is malformed");
    const struct finding *finding = &by_framing[evidence->framing];

    if (!finding->text) {
        if (evidence->ender != ENDED_BY_HEADERS)
            return false;
        finding = &odd;
    }
    give(error, evidence, finding);
    return true;
}

/* No address, so libcurl was not asked. False: there was one. */
static bool judge_lookup(struct error *error, const struct evidence *evidence)
{
    if (evidence->lookup == LOOKUP_FINE)
        return false;
    give(error, evidence, &by_lookup[evidence->lookup]);
    error->os_errno = evidence->os_errno;
    return true;
}

/* What libcurl reported. */
static void judge_code(struct error *error, const struct evidence *evidence)
{
    struct finding finding = {CLASS_PROTOCOL, CODE_PROTOCOL, LASTING, THEIRS,
                              "an error of another protocol than HTTP"};
    int number = evidence->curl_code;

    if (number < 0 || (size_t)number >= sizeof by_code / sizeof by_code[0]) {
        error_set(error, CLASS_INTERNAL, CODE_BUG, evidence->phase,
                  "unknown CURLcode %d", number);
        return;
    }
    if (by_code[number].text)
        finding = by_code[number];
    refine(&finding, evidence);
    if (finding.error_class == CLASS_TRUNCATED && has_answer(evidence))
        give_truncated(error, evidence, finding.code);
    else
        give(error, evidence, &finding);
    error->os_errno = trouble(evidence);
}

/* A Content-Length says how many bytes follow, except where none may (RFC
 * 9112 section 6.3) and where chunks say it instead. */
static bool is_short(const struct evidence *evidence)
{
    bool no_body =
        evidence->head || evidence->status == 204 || evidence->status == 304;

    return !no_body && evidence->framing != FRAMING_AMBIGUOUS &&
           evidence->length >= 0 &&
           evidence->body_bytes < (uint64_t)evidence->length;
}

bool classify_is_local(const struct evidence *evidence)
{
    if (evidence->ender != ENDED_BY_PEER || evidence->request_sent ||
        (evidence->curl_code == 0 && evidence->lookup == LOOKUP_FINE))
        return false;
    if (evidence->no_socket || evidence->no_thread)
        return true;
    if (evidence->lookup == LOOKUP_FINE &&
        evidence->curl_code != CURL_RESOLVE_PROXY &&
        evidence->curl_code != CURL_RESOLVE_HOST &&
        evidence->curl_code != CURL_CONNECT)
        return false;
    return evidence->os_errno == EMFILE || evidence->os_errno == ENFILE ||
           evidence->os_errno == ENOBUFS || evidence->os_errno == ENOMEM;
}

void classify(struct error *error, const struct evidence *evidence)
{
    memset(error, 0, sizeof *error);
    if (classify_is_local(evidence)) {
        error_set(error, CLASS_IO, CODE_LOCAL_LIMIT, evidence->phase,
                  "this machine has no %s left",
                  evidence->no_thread ? "thread" : "socket");
        error->retryable = true;
        error->os_errno = evidence->os_errno;
        return;
    }
    if (judge_ender(error, evidence) || judge_lookup(error, evidence) ||
        judge_framing(error, evidence))
        return;
    if (evidence->curl_code != 0)
        judge_code(error, evidence);
    else if (!evidence->headers_whole || is_short(evidence))
        give_truncated(error, evidence, CODE_EOF);
    else if (evidence->coding != CODING_FINE)
        give_coding(error, evidence);
}
