/* SPDX-License-Identifier: MIT */
/*
 * The table of libcurl's codes. It knows what a code alone says; what the
 * other evidence makes of it is in classify.c.
 */
#include "policy/classify_codes.h"

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
const struct finding classify_codes[CURL_CODES] = {
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
