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

#include "policy/classify_body.h"
#include "policy/classify_codes.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* libcurl's numbers that are looked at by more than the table. */
enum {
    CURL_UNSUPPORTED_PROTOCOL = 1,
    CURL_RESOLVE_PROXY = 5,
    CURL_RESOLVE_HOST = 6,
    CURL_CONNECT = 7,
    CURL_WEIRD_REPLY = 8,
    CURL_HTTP2 = 16,
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
        *finding = classify_codes[CURL_CLIENTCERT];
    else if (is_reset(trouble(evidence)) || says(evidence, "unexpected eof") ||
             says(evidence, "SSL_ERROR_SYSCALL"))
        set(finding, CLASS_TLS, CODE_RESET, PASSING,
            "the connection closed in the TLS handshake");
}

/* 56: the chunks of a body: "chunked-encoding", "chunk hex-length" and "chunk
 * size" are libcurl's words. */
static bool refine_chunk(struct finding *finding,
                         const struct evidence *evidence)
{
    if (!says(evidence, "chunk"))
        return false;
    if (says(evidence, "out of memory"))
        *finding = classify_codes[CURL_TOO_LARGE]; /* a trailer line */
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
        set(finding, CLASS_CONNECT, CODE_PROXY,
            says(evidence, " 407") ? LASTING : PASSING, finding->text);
    else if (evidence->phase == PHASE_TLS)
        set(finding, CLASS_TLS, CODE_RESET, PASSING,
            "the connection closed in the TLS handshake");
    else if (says(evidence, "nghttp2")) /* the frames, by its own words */
        *finding = classify_codes[CURL_HTTP2];
    else if (says(evidence, "connection died")) /* reused ones, all closed */
        *finding = classify_codes[CURL_NOTHING];
    else if (says(evidence, "unexpected eof"))
        *finding =
            classify_codes[has_answer(evidence) ? CURL_PARTIAL : CURL_NOTHING];
    else if (says(evidence, "SSL routines") && !is_reset(number))
        set(finding, CLASS_TLS, CODE_HANDSHAKE, LASTING, finding->text);
    else if (has_answer(evidence))
        set(finding, CLASS_TRUNCATED, CODE_RESET, PASSING, finding->text);
    else if (evidence->curl_code == CURL_RECV || is_reset(number))
        set(finding, CLASS_CONNECT, CODE_RESET, PASSING, "connection reset");
    finding->theirs =
        finding->code == CODE_PROXY || finding->code == CODE_HANDSHAKE ||
        finding->code == CODE_HTTP2 || finding->code == CODE_SEND_FAILED;
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
    else if (verify == 26)
        finding->text = "the certificate is for another purpose";
    else if (verify == 23)
        finding->text = "the certificate is revoked";
    finding->theirs = finding->text == classify_codes[CURL_VERIFICATION].text;
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
    case CURL_PARTIAL: /* what 7.88 says of HTTP/2 without an answer, too */
        if (!has_answer(evidence))
            *finding = classify_codes[CURL_NOTHING];
        break;
    case CURL_NO_MEMORY: /* what 7.88 says of a line over 100 KB, too */
        if (has_answer(evidence) && !evidence->headers_whole)
            *finding = classify_codes[CURL_TOO_LARGE];
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
            *finding = classify_codes[CURL_CLIENTCERT];
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
        classify_coding(error, evidence);
        return true;
    }
    if (evidence->ender == ENDED_BY_STREAM) {
        classify_stream(error, evidence);
        return true;
    }
    if (evidence->ender == ENDED_BY_WRITE) {
        error_set(error, CLASS_IO, CODE_WRITE, evidence->phase, "%s",
                  *evidence->text ? evidence->text
                                  : "the body cannot be written");
        error->os_errno = evidence->os_errno;
        return true;
    }
    if (evidence->ender == ENDED_BY_GUARD) {
        error_set(error, CLASS_BLOCKED,
                  evidence->denied_host ? CODE_HOST : CODE_ADDRESS,
                  evidence->phase, "%s", evidence->text);
        return true;
    }
    if (evidence->ender == ENDED_BY_REFUSAL) {
        error_set(error, CLASS_PROTOCOL, CODE_HTTP2, evidence->phase,
                  "the server refused the HTTP/2 stream");
        error->retryable = true;
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

    if (number < 0 || (size_t)number >= CURL_CODES) {
        error_set(error, CLASS_INTERNAL, CODE_BUG, evidence->phase,
                  "unknown CURLcode %d", number);
        return;
    }
    if (classify_codes[number].text)
        finding = classify_codes[number];
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

/* A WebSocket that was open: its time is over, or it was closed. RFC 6455
 * section 7.4.1: 1000 is "done", 1001 "going away". */
static void judge_websocket(struct error *error,
                            const struct evidence *evidence)
{
    int code = evidence->close_code;

    if (evidence->ender == ENDED_BY_MAX_TIME)
        return;
    if (judge_ender(error, evidence))
        return;
    if (evidence->stream != STREAM_FINE) {
        classify_stream(error, evidence);
    } else if (evidence->closed && code != 0 && code != 1000 && code != 1001) {
        error_set(error, CLASS_PROTOCOL, CODE_WEBSOCKET, PHASE_BODY,
                  "the peer closed the WebSocket with %d%s%s", code,
                  *evidence->stream_text ? ": " : "", evidence->stream_text);
    } else if (!evidence->closed && evidence->curl_code != 0) {
        judge_code(error, evidence);
    } else if (!evidence->closed) {
        error_set(error, CLASS_TRUNCATED, CODE_EOF, PHASE_BODY,
                  "the connection was closed without a close frame");
        error->retryable = true;
    }
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
    if (evidence->upgraded) {
        judge_websocket(error, evidence);
        return;
    }
    if (judge_ender(error, evidence) || judge_lookup(error, evidence) ||
        classify_range(error, evidence) || judge_framing(error, evidence))
        return;
    if (evidence->curl_code != 0)
        judge_code(error, evidence);
    else if (!evidence->headers_whole || is_short(evidence))
        give_truncated(error, evidence, CODE_EOF);
    else if (evidence->coding != CODING_FINE)
        classify_coding(error, evidence);
    else if (evidence->stream != STREAM_FINE)
        classify_stream(error, evidence);
}
