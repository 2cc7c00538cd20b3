/* SPDX-License-Identifier: MIT */
/* Evidence to error: every CURLcode, and the ambiguous ones with each
 * evidence that tells their meanings apart. */
#include "policy/classify.h"

#include "check.h"

#include <curl/curl.h>
#include <errno.h>

struct row {
    struct evidence evidence;
    enum error_class error_class;
    enum error_code code;
    bool retryable;
};

/* The outcome of one piece of evidence, told by its line when it is wrong. */
static void check_row(const struct row *row, int line)
{
    struct error error;

    memset(&error, 0xff, sizeof error); /* classify fills all of it */
    classify(&error, &row->evidence);
    if (error.error_class != row->error_class || error.code != row->code ||
        error.retryable != row->retryable)
        printf("%s:%d: got %s/%s %s (%s)\n", __FILE__, line,
               error_class_name(error.error_class), error_code_name(error.code),
               error.retryable ? "retryable" : "lasting", error.message);
    CHECK(error.error_class == row->error_class);
    CHECK(error.code == row->code);
    CHECK(error.retryable == row->retryable);
    CHECK(error.error_class == CLASS_NONE || error.message[0]);
}

#define SAYS(CLASS, CODE, RETRYABLE, ...)                                      \
    check_row(                                                                 \
        &(struct row){{__VA_ARGS__}, CLASS_##CLASS, CODE_##CODE, RETRYABLE},   \
        __LINE__)

#define WHOLE                                                                  \
    .phase = PHASE_BODY, .status = 200, .header_bytes = 40,                    \
    .headers_whole = true, .request_sent = true

static bool may_be_internal(int code)
{
    static const int codes[] = {
        CURLE_FAILED_INIT,
        CURLE_NOT_BUILT_IN,
        CURLE_OUT_OF_MEMORY,
        CURLE_FUNCTION_NOT_FOUND,
        CURLE_UNKNOWN_OPTION,
        CURLE_BAD_FUNCTION_ARGUMENT,
        CURLE_AGAIN,
        CURLE_SETOPT_OPTION_SYNTAX,
        CURLE_RECURSIVE_API_CALL,
        CURLE_UNRECOVERABLE_POLL,
    };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i] == code)
            return true;
    }
    return false;
}

/* Each code of this libcurl, in every phase, with no other evidence. */
static void test_every_code(void)
{
    for (int code = 1; code < CURL_LAST; code++) {
        for (int phase = 0; phase < PHASE_COUNT; phase++) {
            struct evidence evidence = {
                .curl_code = code, .phase = (enum phase)phase, .length = -1};
            struct error error;

            classify(&error, &evidence);
            if (error.error_class == CLASS_NONE ||
                (error.error_class == CLASS_INTERNAL &&
                 !may_be_internal(code)) ||
                !error.message[0])
                printf("CURLcode %d (%s), phase %s\n", code,
                       curl_easy_strerror((CURLcode)code),
                       phase_name((enum phase)phase));
            CHECK(error.error_class != CLASS_NONE);
            CHECK(error.error_class != CLASS_HTTP);
            CHECK(error.error_class != CLASS_INTERNAL || may_be_internal(code));
            CHECK(error.code != CODE_NONE);
            CHECK(error.message[0] != '\0');
        }
    }
    SAYS(INTERNAL, BUG, false, .curl_code = 5000);
    SAYS(INTERNAL, BUG, false, .curl_code = -1);
}

/* The table counts by number: the numbers must be those of the header. */
static void test_numbers(void)
{
    SAYS(PROTOCOL, HTTP2, true, .curl_code = CURLE_HTTP2);
    SAYS(PROTOCOL, HTTP2, true, .curl_code = CURLE_HTTP2_STREAM);
    SAYS(PROTOCOL, HTTP3, true, .curl_code = CURLE_HTTP3);
    SAYS(PROTOCOL, EMPTY_REPLY, true, .curl_code = CURLE_GOT_NOTHING);
    SAYS(PROTOCOL, SEND_FAILED, true, .curl_code = CURLE_SEND_FAIL_REWIND);
    SAYS(PROTOCOL, SEND_FAILED, false, .curl_code = CURLE_UPLOAD_FAILED);
    SAYS(IO, WRITE, false, .curl_code = CURLE_WRITE_ERROR);
    SAYS(IO, LOCAL_LIMIT, true, .curl_code = CURLE_NO_CONNECTION_AVAILABLE);
    SAYS(INPUT, BAD_URL, false, .curl_code = CURLE_URL_MALFORMAT);
    SAYS(BLOCKED, SCHEME, false, .curl_code = CURLE_FILE_COULDNT_READ_FILE);
    SAYS(REDIRECT, TOO_MANY, false, .curl_code = CURLE_TOO_MANY_REDIRECTS);
    SAYS(DECODE, BAD_ENCODING, false, .curl_code = CURLE_BAD_CONTENT_ENCODING);
    SAYS(TOO_LARGE, MAX_BODY, false, .curl_code = CURLE_FILESIZE_EXCEEDED);
    SAYS(TLS, NO_CA, false, .curl_code = CURLE_SSL_CACERT_BADFILE);
    SAYS(TLS, CLIENT_CERT, false, .curl_code = CURLE_SSL_CERTPROBLEM);
    SAYS(TLS, CLIENT_CERT, false, .curl_code = CURLE_SSL_CLIENTCERT);
    SAYS(TLS, PIN, false, .curl_code = CURLE_SSL_PINNEDPUBKEYNOTMATCH);
    SAYS(TLS, UNTRUSTED, false, .curl_code = CURLE_SSL_INVALIDCERTSTATUS);
    SAYS(TLS, UNTRUSTED, false, .curl_code = CURLE_SSL_ISSUER_ERROR);
    SAYS(CONNECT, PROXY, true, .curl_code = CURLE_PROXY);
    SAYS(CONNECT, CONNECT_FAILED, true, .curl_code = CURLE_QUIC_CONNECT_ERROR);
    SAYS(CONNECT, CONNECT_FAILED, false, .curl_code = CURLE_INTERFACE_FAILED);
    SAYS(CANCELLED, SIGNAL, false, .curl_code = CURLE_ABORTED_BY_CALLBACK);
    SAYS(PROTOCOL, PROTOCOL, false, .curl_code = CURLE_FTP_PORT_FAILED);
    SAYS(PROTOCOL, PROTOCOL, false, .curl_code = CURLE_TFTP_ILLEGAL);
}

static void test_names(void)
{
    SAYS(DNS, NOT_FOUND, false, .curl_code = 6, .phase = PHASE_DNS,
         .text = "Could not resolve host: timeout.refused.test");
    SAYS(DNS, NOT_FOUND, false, .curl_code = 6, .phase = PHASE_DNS,
         .text = "Could not resolve host: x (Domain name not found)");
    SAYS(DNS, TEMPORARY, true, .curl_code = 6, .phase = PHASE_DNS,
         .text = "Could not resolve host: x (Timeout while contacting DNS "
                 "servers)");
    SAYS(DNS, LOOKUP_FAILED, true, .curl_code = 6, .phase = PHASE_DNS,
         .text = "Could not resolve host: x (DNS server returned general "
                 "failure)");
    SAYS(DNS, NOT_FOUND, false, .curl_code = 5, .phase = PHASE_DNS);
}

static void test_connect(void)
{
    SAYS(CONNECT, REFUSED, true, .curl_code = 7, .os_errno = ECONNREFUSED);
    SAYS(CONNECT, UNREACHABLE, true, .curl_code = 7, .os_errno = ENETUNREACH);
    SAYS(CONNECT, UNREACHABLE, true, .curl_code = 7, .os_errno = EHOSTUNREACH);
    SAYS(CONNECT, RESET, true, .curl_code = 7, .os_errno = ECONNRESET);
    SAYS(CONNECT, CONNECT_FAILED, true, .curl_code = 7, .os_errno = EACCES);
    SAYS(CONNECT, CONNECT_FAILED, true, .curl_code = 7,
         .os_errno = EINPROGRESS);
    SAYS(TIMEOUT, CONNECT_TIME, true, .curl_code = 7, .os_errno = ETIMEDOUT,
         .phase = PHASE_CONNECT);
}

static void test_timeouts(void)
{
    SAYS(TIMEOUT, CONNECT_TIME, true, .curl_code = 28, .phase = PHASE_DNS,
         .text = "Resolving timed out after 1000 milliseconds");
    SAYS(TIMEOUT, CONNECT_TIME, true, .curl_code = 28, .phase = PHASE_CONNECT);
    SAYS(TIMEOUT, CONNECT_TIME, true, .curl_code = 28, .phase = PHASE_TLS,
         .text = "SSL connection timeout");
    SAYS(TIMEOUT, MAX_TIME, true, .curl_code = 28, .phase = PHASE_WAIT);
    SAYS(TIMEOUT, MAX_TIME, true, .curl_code = 28, .phase = PHASE_HEADERS,
         .status = 200, .header_bytes = 17);
    SAYS(TIMEOUT, SLOW, true, .curl_code = 28, WHOLE,
         .text = "Operation too slow. Less than 1 bytes/sec transferred the "
                 "last 30 seconds");
    /* Whoever ended it says which clock it was, libcurl's code does not. */
    for (int phase = 0; phase < PHASE_COUNT; phase++) {
        SAYS(TIMEOUT, MAX_TIME, true, .ender = ENDED_BY_MAX_TIME,
             .phase = (enum phase)phase);
        SAYS(TIMEOUT, REQUEST_TIME, true, .ender = ENDED_BY_REQUEST_TIME,
             .curl_code = 42, .phase = (enum phase)phase);
        SAYS(CANCELLED, SIGNAL, false, .ender = ENDED_BY_CANCEL,
             .phase = (enum phase)phase);
    }
}

/* libcurl quotes the proxy's URL, which may hold a password. */
static void test_proxy_url(void)
{
    static const char *const texts[] = {
        "Unsupported proxy scheme for 'foo://u:SECRET@h'",
        "Unsupported proxy syntax in 'http://u:SEC RET@h'",
        "Unsupported proxy 'https://u:SECRET@h', libcurl is built without",
    };
    static const int codes[] = {
        CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_PROXY, CURLE_NOT_BUILT_IN};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct evidence evidence = {.curl_code = codes[i]};
        struct error error;

        memcpy(evidence.text, texts[i], strlen(texts[i]) + 1);
        classify(&error, &evidence);
        CHECK(error.error_class == CLASS_CONNECT && error.code == CODE_PROXY);
        CHECK(!error.retryable);
        CHECK_STR(error.message, "the proxy's URL cannot be used");
    }
}

/* 56 is a reset, a bad chunk, a flood, a refusal of the proxy or by TLS. */
static void test_receive(void)
{
    SAYS(CONNECT, RESET, true, .curl_code = 56, .os_errno = ECONNRESET,
         .phase = PHASE_WAIT);
    SAYS(CONNECT, RESET, true, .curl_code = 56, .phase = PHASE_WAIT,
         .text = "Recv failure: Connection reset by peer");
    SAYS(TRUNCATED, RESET, true, .curl_code = 56, .os_errno = ECONNRESET,
         .phase = PHASE_HEADERS, .status = 200, .header_bytes = 17);
    SAYS(TRUNCATED, RESET, true, .curl_code = 56, .os_errno = ECONNRESET, WHOLE,
         .body_bytes = 5);
    SAYS(TLS, RESET, true, .curl_code = 56, .os_errno = ECONNRESET,
         .phase = PHASE_TLS);
    SAYS(PROTOCOL, BAD_CHUNK, false, .curl_code = 56, WHOLE,
         .text = "Illegal or missing hexadecimal sequence in chunked-encoding");
    SAYS(PROTOCOL, BAD_CHUNK, false, .curl_code = 56, WHOLE,
         .text = "Too long hexadecimal number in chunked-encoding");
    SAYS(PROTOCOL, BAD_CHUNK, false, .curl_code = 56, WHOLE, .body_bytes = 5,
         .text = "chunk hex-length char not a hex digit: 0x5a");
    SAYS(PROTOCOL, BAD_CHUNK, false, .curl_code = 56, WHOLE,
         .text = "chunk hex-length longer than 16");
    SAYS(PROTOCOL, BAD_CHUNK, false, .curl_code = 56, WHOLE,
         .text = "invalid chunk size: 'ffffffffffffffff'");
    SAYS(PROTOCOL, HEADER_TOO_LARGE, false, .curl_code = 56, WHOLE,
         .text = "Out of memory in chunked-encoding");
    SAYS(PROTOCOL, HEADER_TOO_LARGE, false, .curl_code = 100, WHOLE,
         .text = "Out of memory in chunked-encoding");
    SAYS(PROTOCOL, HEADER_FLOOD, false, .curl_code = 56, .phase = PHASE_HEADERS,
         .status = 200, .header_bytes = 300000,
         .text = "Too large response headers: 307201 > 307200");
    SAYS(PROTOCOL, HEADER_FLOOD, false, .curl_code = 56, .phase = PHASE_HEADERS,
         .status = 103, .header_bytes = 300000,
         .text = "Too large response headers: 307201 > 307200");
    SAYS(PROTOCOL, BAD_CONTENT_LENGTH, false, .curl_code = 56,
         .phase = PHASE_HEADERS, .status = 200,
         .text = "Overflow Content-Length: value");
    SAYS(TRUNCATED, EOF, true, .curl_code = 56, WHOLE, .body_bytes = 5,
         .text = "OpenSSL SSL_read: error:0A000126:SSL routines::unexpected "
                 "eof while reading, errno 0");
    SAYS(PROTOCOL, EMPTY_REPLY, true, .curl_code = 56, .phase = PHASE_WAIT,
         .text = "OpenSSL SSL_read: error:0A000126:SSL routines::unexpected "
                 "eof while reading, errno 0");
    SAYS(TLS, CLIENT_CERT, false, .curl_code = 56, .phase = PHASE_WAIT,
         .text = "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert "
                 "certificate required, errno 0");
    SAYS(TLS, HANDSHAKE, false, .curl_code = 56, .phase = PHASE_WAIT,
         .text = "OpenSSL SSL_read: error:0A000119:SSL routines::decryption "
                 "failed or bad record mac, errno 0");
    SAYS(CONNECT, PROXY, true, .curl_code = 56, .phase = PHASE_CONNECT,
         .text = "Received HTTP code 403 from proxy after CONNECT");
    SAYS(CONNECT, PROXY, true, .curl_code = 56, .phase = PHASE_CONNECT,
         .text = "CONNECT tunnel failed, response 502");
    SAYS(CONNECT, PROXY, false, .curl_code = 56, .phase = PHASE_CONNECT,
         .text = "CONNECT tunnel failed, response 407");
}

/* The frames of HTTP/2: broken, refused, or none. */
static void test_http2(void)
{
    SAYS(PROTOCOL, HTTP2, true, .curl_code = CURLE_RECV_ERROR,
         .phase = PHASE_WAIT,
         .text = "h2_process_pending_input: nghttp2_session_mem_recv() "
                 "returned -905:Too many CONTINUATION frames");
    SAYS(PROTOCOL, HTTP2, true, .curl_code = CURLE_ABORTED_BY_CALLBACK,
         .phase = PHASE_WAIT, .ender = ENDED_BY_REFUSAL);
    SAYS(PROTOCOL, EMPTY_REPLY, true, .curl_code = CURLE_PARTIAL_FILE,
         .phase = PHASE_WAIT, .length = -1,
         .text = "HTTP/2 stream 1 was not closed cleanly before end of the "
                 "underlying stream");
    SAYS(TRUNCATED, EOF, true, .curl_code = CURLE_PARTIAL_FILE, WHOLE,
         .length = -1, .body_bytes = 5);
}

static void test_send(void)
{
    SAYS(PROTOCOL, SEND_FAILED, true, .curl_code = 55, .phase = PHASE_SEND);
    SAYS(CONNECT, RESET, true, .curl_code = 55, .phase = PHASE_SEND,
         .os_errno = EPIPE);
    SAYS(CONNECT, RESET, true, .curl_code = 55, .phase = PHASE_SEND,
         .text = "Send failure: Connection reset by peer");
    SAYS(TRUNCATED, RESET, true, .curl_code = 55, .phase = PHASE_HEADERS,
         .status = 413, .header_bytes = 20, .os_errno = EPIPE);
    SAYS(TLS, CLIENT_CERT, false, .curl_code = 55, .phase = PHASE_SEND,
         .text = "OpenSSL SSL_write: tlsv13 alert certificate required");
}

static void test_tls(void)
{
    SAYS(TLS, HANDSHAKE, false, .curl_code = 35, .phase = PHASE_TLS,
         .text = "error:0A00010B:SSL routines::wrong version number");
    SAYS(TLS, RESET, true, .curl_code = 35, .phase = PHASE_TLS,
         .text = "OpenSSL SSL_connect: Connection reset by peer in connection "
                 "to x:443");
    SAYS(TLS, RESET, true, .curl_code = 35, .phase = PHASE_TLS,
         .os_errno = ECONNRESET);
    SAYS(TLS, RESET, true, .curl_code = 35, .phase = PHASE_TLS,
         .text = "error:0A000126:SSL routines::unexpected eof while reading");
    SAYS(TLS, RESET, true, .curl_code = 35, .phase = PHASE_TLS,
         .text = "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to x");
    SAYS(PROTOCOL, EMPTY_REPLY, true, .curl_code = 55, .phase = PHASE_WAIT,
         .text = "Connection died, tried 5 times before giving up");
    SAYS(TLS, HANDSHAKE, false, .curl_code = 35, .phase = PHASE_TLS,
         .text = "OpenSSL SSL_connect: wrong in connection to reset.test:443");
    SAYS(TLS, CLIENT_CERT, false, .curl_code = 35, .phase = PHASE_TLS,
         .text = "error:0A000412:SSL routines::sslv3 alert bad certificate");
    SAYS(TLS, EXPIRED, false, .curl_code = 60, .tls_verify = 10);
    SAYS(TLS, EXPIRED, false, .curl_code = 60,
         .text = "SSL certificate problem: certificate has expired");
    SAYS(TLS, UNTRUSTED, false, .curl_code = 60, .tls_verify = 9);
    SAYS(TLS, UNTRUSTED, false, .curl_code = 60, .tls_verify = 18);
    SAYS(TLS, UNTRUSTED, false, .curl_code = 60, .tls_verify = 19);
    SAYS(TLS, UNTRUSTED, false, .curl_code = 60, .tls_verify = 20);
    SAYS(TLS, UNTRUSTED, false, .curl_code = 60, .tls_verify = 21);
    SAYS(TLS, UNTRUSTED, false, .curl_code = 60, .tls_verify = 26);
    SAYS(TLS, WRONG_HOST, false, .curl_code = 60, .tls_verify = 1,
         .text = "SSL: no alternative certificate subject name matches target "
                 "host name 'a'");
    SAYS(TLS, WRONG_HOST, false, .curl_code = 60, .tls_verify = 62);
    SAYS(TLS, WRONG_HOST, false, .curl_code = 60, .tls_verify = 64);
    SAYS(TLS, WRONG_HOST, false, .curl_code = 60,
         .text = "SSL: no alternative certificate subject name matches target "
                 "host name 'expired.test'");
    SAYS(TLS, WRONG_HOST, false, .curl_code = 60,
         .text = "SSL: certificate subject name 'a' does not match target host "
                 "name 'b'");
    SAYS(TLS, UNTRUSTED, false, .curl_code = 60);
}

static void test_replies(void)
{
    SAYS(BLOCKED, SCHEME, false, .curl_code = 1, .phase = PHASE_QUEUE);
    SAYS(PROTOCOL, NOT_HTTP, false, .curl_code = 1, .phase = PHASE_WAIT,
         .text = "Received HTTP/0.9 when not allowed");
    SAYS(PROTOCOL, NOT_HTTP, false, .curl_code = 1, .phase = PHASE_HEADERS);
    SAYS(PROTOCOL, PROTOCOL, false, .curl_code = 8);
    SAYS(PROTOCOL, BAD_HEADER, false, .curl_code = 8,
         .text = "Nul byte in header");
    SAYS(PROTOCOL, BAD_HEADER, false, .curl_code = 8,
         .text = "Header without colon");
    SAYS(PROTOCOL, BAD_CONTENT_LENGTH, false, .curl_code = 8,
         .text = "Invalid Content-Length: value");
    SAYS(INTERNAL, OUT_OF_MEMORY, false, .curl_code = 27,
         .phase = PHASE_CONNECT);
    SAYS(PROTOCOL, HEADER_TOO_LARGE, false, .curl_code = 27,
         .phase = PHASE_HEADERS, .status = 200, .header_bytes = 17);
    SAYS(PROTOCOL, HEADER_TOO_LARGE, false, .curl_code = 100,
         .phase = PHASE_HEADERS);
    SAYS(PROTOCOL, HEADER_FLOOD, false, .curl_code = 100,
         .phase = PHASE_HEADERS,
         .text = "Too many response headers, 5000 is max");
    SAYS(TRUNCATED, EOF, true, .curl_code = 18, WHOLE, .body_bytes = 3,
         .length = 10);
}

/* What libcurl calls OK. */
static void test_own_checks(void)
{
    SAYS(NONE, NONE, false, WHOLE, .length = -1);
    SAYS(NONE, NONE, false, WHOLE, .body_bytes = 10, .length = 10);
    SAYS(NONE, NONE, false, WHOLE, .body_bytes = 11, .length = 10);
    SAYS(NONE, NONE, false, WHOLE, .length = 0);
    SAYS(TRUNCATED, EOF, true, .phase = PHASE_HEADERS, .status = 200,
         .header_bytes = 30);
    SAYS(TRUNCATED, EOF, true, WHOLE, .body_bytes = 9, .length = 10);
    SAYS(NONE, NONE, false, WHOLE, .length = 10, .head = true);
    SAYS(NONE, NONE, false, .status = 204, .headers_whole = true, .length = 10);
    SAYS(NONE, NONE, false, .status = 304, .headers_whole = true, .length = 10);
    SAYS(TRUNCATED, EOF, true, .status = 205, .headers_whole = true,
         .length = 10);
    SAYS(NONE, NONE, false, WHOLE, .body_bytes = 9, .length = 10,
         .framing = FRAMING_AMBIGUOUS);
    SAYS(PROTOCOL, BAD_CONTENT_LENGTH, false, WHOLE,
         .framing = FRAMING_BAD_LENGTH);
    SAYS(PROTOCOL, BAD_CONTENT_LENGTH, false, WHOLE,
         .framing = FRAMING_TWO_LENGTHS, .ender = ENDED_BY_HEADERS,
         .curl_code = 23);
    SAYS(PROTOCOL, HEADER_FLOOD, false, .phase = PHASE_HEADERS,
         .framing = FRAMING_HEADER_FLOOD, .ender = ENDED_BY_HEADERS,
         .curl_code = 23);
    SAYS(PROTOCOL, HEADER_FLOOD, false, .framing = FRAMING_HEADER_FLOOD,
         .curl_code = 18);
    SAYS(PROTOCOL, UNEXPECTED_STATUS, false, .status = 101,
         .framing = FRAMING_BAD_STATUS);
    SAYS(PROTOCOL, BAD_HEADER, false, .ender = ENDED_BY_HEADERS,
         .curl_code = 23);
    SAYS(TOO_LARGE, MAX_BODY, false, WHOLE, .ender = ENDED_BY_MAX_BODY,
         .curl_code = 23, .body_bytes = 1048577);
}

/* A body of ours: its file, and the rest of one that was there. */
static void test_own_body(void)
{
    SAYS(IO, WRITE, false, WHOLE, .ender = ENDED_BY_WRITE, .os_errno = ENOSPC,
         .curl_code = CURLE_WRITE_ERROR);
    SAYS(PROTOCOL, BAD_RANGE, true, WHOLE, .ender = ENDED_BY_HEADERS,
         .range = RANGE_OTHER, .curl_code = CURLE_WRITE_ERROR);
    SAYS(PROTOCOL, BAD_RANGE, true, WHOLE, .ender = ENDED_BY_HEADERS,
         .range = RANGE_REFUSED, .curl_code = CURLE_WRITE_ERROR);
    SAYS(TRUNCATED, EOF, true, WHOLE, .range = RANGE_SHORT);
    SAYS(TIMEOUT, MAX_TIME, true, WHOLE, .range = RANGE_SHORT,
         .ender = ENDED_BY_MAX_TIME, .curl_code = CURLE_OPERATION_TIMEDOUT);
}

/* What undoing the Content-Encoding found, and what splitting did. */
static void test_coding(void)
{
    /* What splitting it found; a body that was cut is cut first of all. */
    SAYS(TOO_LARGE, ITEM, false, WHOLE, .stream = STREAM_BIG_ITEM,
         .ender = ENDED_BY_STREAM, .curl_code = CURLE_WRITE_ERROR,
         .stream_text = "x");
    SAYS(DECODE, BAD_JSON, false, WHOLE, .stream = STREAM_BAD_JSON,
         .stream_text = "x");
    SAYS(DECODE, CONTENT_TYPE, false, WHOLE, .stream = STREAM_NO_EVENTS,
         .ender = ENDED_BY_STREAM, .curl_code = CURLE_WRITE_ERROR);
    SAYS(TRUNCATED, EOF, true, WHOLE, .stream = STREAM_BAD_JSON,
         .stream_text = "x", .curl_code = CURLE_PARTIAL_FILE, .length = 9);
    SAYS(TOO_LARGE, RATIO, false, WHOLE, .coding = CODING_RATIO,
         .ender = ENDED_BY_DECODE, .curl_code = CURLE_WRITE_ERROR);
    SAYS(DECODE, BAD_ENCODING, false, WHOLE, .coding = CODING_CORRUPT,
         .ender = ENDED_BY_DECODE, .curl_code = CURLE_WRITE_ERROR);
    SAYS(DECODE, BAD_ENCODING, false, WHOLE, .coding = CODING_JUNK,
         .ender = ENDED_BY_DECODE, .curl_code = CURLE_WRITE_ERROR);
    SAYS(DECODE, BAD_ENCODING, false, WHOLE, .coding = CODING_UNKNOWN);
    SAYS(DECODE, BAD_ENCODING, false, WHOLE, .coding = CODING_LAYERS);
    SAYS(DECODE, TRUNCATED_STREAM, true, WHOLE, .coding = CODING_CUT);

    /* A transfer that did not end well goes before. */
    SAYS(TRUNCATED, EOF, true, WHOLE, .coding = CODING_CUT, .length = 10,
         .body_bytes = 9);
    SAYS(TRUNCATED, RESET, true, WHOLE, .coding = CODING_CUT, .length = -1,
         .curl_code = CURLE_RECV_ERROR, .os_errno = ECONNRESET);
    SAYS(TRUNCATED, EOF, true, WHOLE, .coding = CODING_UNKNOWN, .length = -1,
         .curl_code = CURLE_PARTIAL_FILE);
    SAYS(TIMEOUT, MAX_TIME, true, WHOLE, .coding = CODING_CUT,
         .ender = ENDED_BY_MAX_TIME, .curl_code = CURLE_OPERATION_TIMEDOUT);
    SAYS(TOO_LARGE, MAX_BODY, false, WHOLE, .coding = CODING_CUT,
         .ender = ENDED_BY_MAX_BODY, .curl_code = CURLE_WRITE_ERROR);
}

static void test_local(void)
{
    static const int short_of[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};

    for (size_t i = 0; i < sizeof short_of / sizeof short_of[0]; i++) {
        struct evidence evidence = {.curl_code = 7, .os_errno = short_of[i]};

        CHECK(classify_is_local(&evidence));
        evidence.curl_code = 56;
        CHECK(!classify_is_local(&evidence));
    }
    SAYS(IO, LOCAL_LIMIT, true, .curl_code = 7, .no_socket = true);
    SAYS(IO, LOCAL_LIMIT, true, .curl_code = 6, .no_thread = true);
    SAYS(DNS, NOT_FOUND, false, .curl_code = 6);
    /* It came whole by another way, or we ended it: not local trouble. */
    SAYS(NONE, NONE, false, WHOLE, .no_socket = true);
    SAYS(CANCELLED, SIGNAL, false, .curl_code = 7, .no_socket = true,
         .ender = ENDED_BY_CANCEL);
    CHECK(!classify_is_local(
        &(struct evidence){.curl_code = 7, .os_errno = ECONNREFUSED}));
}

/* Phases, errnos and words that the record shows. */
static void test_details(void)
{
    struct error error;

    classify(&error, &(struct evidence){.curl_code = 7,
                                        .phase = PHASE_CONNECT,
                                        .os_errno = ECONNREFUSED,
                                        .text = "Failed to connect to x"});
    CHECK(error.phase == PHASE_CONNECT && error.os_errno == ECONNREFUSED);
    CHECK_STR(error.message, "connection refused");

    classify(&error,
             &(struct evidence){.curl_code = 7, .os_errno = EINPROGRESS});
    CHECK(error.os_errno == 0);

    classify(&error,
             &(struct evidence){.curl_code = 56,
                                .phase = PHASE_WAIT,
                                .text = "Recv failure: Connection reset by "
                                        "peer"});
    CHECK(error.os_errno == ECONNRESET && error.phase == PHASE_WAIT);

    classify(&error, &(struct evidence){.phase = PHASE_WAIT, .length = -1});
    CHECK(error.phase == PHASE_HEADERS);
    CHECK_STR(error.message, "the connection was closed within the headers");

    classify(&error, &(struct evidence){.length = 10, .body_bytes = 4, WHOLE});
    CHECK(error.phase == PHASE_BODY);
    CHECK_STR(error.message,
              "the connection was closed after 4 of 10 body bytes");

    classify(&error, &(struct evidence){.curl_code = 56,
                                        .os_errno = ECONNRESET,
                                        .length = -1,
                                        .body_bytes = 4,
                                        WHOLE});
    CHECK_STR(error.message, "the connection was reset after 4 body bytes, "
                             "before their end");

    classify(&error, &(struct evidence){.ender = ENDED_BY_MAX_BODY,
                                        .body_bytes = 1000,
                                        .decoded_bytes = 1048577});
    CHECK(strstr(error.message, "1048577") != NULL);

    classify(&error, &(struct evidence){.ender = ENDED_BY_DECODE,
                                        .coding = CODING_RATIO,
                                        .body_bytes = 10000,
                                        .peak_bytes = 1234567});
    CHECK_STR(error.message,
              "10000 bytes of the body became 1234567 when decoded (123:1), "
              "more than --max-ratio allows");

    classify(&error, &(struct evidence){.coding = CODING_UNKNOWN,
                                        .coding_name = "snappy",
                                        WHOLE});
    CHECK(strstr(error.message, "\"snappy\"") != NULL);

    classify(&error, &(struct evidence){.coding = CODING_CUT,
                                        .body_bytes = 28,
                                        .decoded_bytes = 50,
                                        .length = 28,
                                        WHOLE});
    CHECK(error.phase == PHASE_BODY);
    CHECK(strstr(error.message, "28 bytes (50 decoded)") != NULL);

    classify(&error,
             &(struct evidence){.ender = ENDED_BY_MAX_TIME,
                                .phase = PHASE_WAIT,
                                .text = "words of libcurl do not count here"});
    CHECK(error.phase == PHASE_WAIT);
    CHECK_STR(error.message,
              "the attempt's time was over waiting for the answer");

    classify(&error, &(struct evidence){.curl_code = 28,
                                        .phase = PHASE_CONNECT,
                                        .text = "Connection timed out after "
                                                "10001 milliseconds\n"});
    CHECK_STR(error.message, "Connection timed out after 10001 milliseconds");

    classify(&error, &(struct evidence){.curl_code = 52});
    CHECK_STR(error.message, "the connection closed without an answer");
}

int main(void)
{
    test_every_code();
    test_numbers();
    test_names();
    test_connect();
    test_timeouts();
    test_proxy_url();
    test_receive();
    test_http2();
    test_send();
    test_tls();
    test_replies();
    test_own_checks();
    test_own_body();
    test_coding();
    test_local();
    test_details();
    return check_end("classify");
}
