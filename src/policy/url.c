/* SPDX-License-Identifier: MIT */
/*
 * URLs, checked and normalised by libcurl's parser, so that what is compared
 * and limited here is what libcurl fetches. URLs that are normal already,
 * which is nearly all of them, are recognised without it. Knows text only:
 * no name is looked up, no policy on addresses is applied.
 */
#include "policy/url.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "policy/url_text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int fail(enum error_code *code, struct why *why, enum error_code what,
                const char *text)
{
    *code = what;
    return why_set(why, "%s", text);
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static const char *default_port(bool tls)
{
    return tls ? "443" : "80";
}

/* Sets text and host_key of a URL that is normal but for a missing path. */
static void fill(struct url *url, const char *text, size_t len,
                 const struct url_span *span)
{
    const char *port = default_port(span->tls);
    size_t key_len = span->path;
    char *copy = xmalloc(len + 2), *key = xmalloc(key_len + sizeof(":443"));

    memcpy(copy, text, len);
    if (span->path == len)
        copy[len++] = '/';
    copy[len] = '\0';
    memcpy(key, text, key_len);
    if (span->host_end == span->path) {
        key[key_len++] = ':';
        memcpy(key + key_len, port, strlen(port));
        key_len += strlen(port);
    }
    key[key_len] = '\0';
    url->text = copy;
    url->host_key = key;
}

/* The fast path: no parser, and two allocations. */
static bool parse_normal(struct url *url, const char *text, size_t len)
{
    struct url_span span;

    if (!url_text_is_normal(text, len, &span))
        return false;
    fill(url, text, len, &span);
    return true;
}

/* ---- the long way: libcurl's parser, and what it leaves undone ---- */

/* Lower-cases the host; 0 when it can be asked for as it then is. */
static int check_host(char *host, enum error_code *code, struct why *why)
{
    size_t len = strlen(host), label = 0;

    if (*host == '[') /* libcurl has read it as an address */
        return 0;
    for (size_t i = 0; i < len; i++) {
        host[i] = lower(host[i]);
        if (!url_text_is_host_byte(host[i]))
            return fail(code, why, CODE_BAD_URL,
                        "the host holds a byte that no host name has");
        if (host[i] == '.' && i == label)
            return fail(code, why, CODE_BAD_URL,
                        "a part of the host name is empty");
        if (host[i] == '.')
            label = i + 1;
    }
    if (len >= URL_HOST_MAX)
        return fail(code, why, CODE_BAD_URL, "the host name is too long");
    return 0;
}

static bool is_ascii(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

/*
 * The host in punycode. libcurl takes the name to be in the locale's
 * encoding, whatever the URL is in, so the locale is set for this call.
 */
static CURLUcode get_punycode(CURLU *handle, char **host)
{
#ifdef CURLU_PUNYCODE
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before;
    CURLUcode result;

    if (!utf8)
        utf8 = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
    if (!utf8)
        return curl_url_get(handle, CURLUPART_HOST, host, CURLU_PUNYCODE);
    before = uselocale(utf8);
    result = curl_url_get(handle, CURLUPART_HOST, host, CURLU_PUNYCODE);
    uselocale(before);
    freelocale(utf8);
    return result;
#else
    (void)handle;
    *host = NULL;
    return CURLUE_BAD_HANDLE;
#endif
}

/* The host, in ASCII and lower case; freed by curl_free. NULL with why. */
static char *get_host(CURLU *handle, enum error_code *code, struct why *why)
{
    char *host = NULL, *zone = NULL;

    if (curl_url_get(handle, CURLUPART_ZONEID, &zone, 0) == CURLUE_OK) {
        curl_free(zone);
        fail(code, why, CODE_BAD_URL, "an IPv6 zone is not accepted");
        return NULL;
    }
    if (curl_url_get(handle, CURLUPART_HOST, &host, 0) != CURLUE_OK || !*host) {
        curl_free(host);
        fail(code, why, CODE_BAD_URL, "there is no host");
        return NULL;
    }
    if (!is_ascii(host)) {
        curl_free(host);
        host = NULL;
        if (get_punycode(handle, &host) != CURLUE_OK || !is_ascii(host)) {
            curl_free(host);
            fail(code, why, CODE_BAD_URL,
                 "the host name cannot be turned into ASCII (punycode)");
            return NULL;
        }
    }
    if (check_host(host, code, why) != 0) {
        curl_free(host);
        return NULL;
    }
    return host;
}

/* Sets url->userinfo where the URL has one. */
static int get_userinfo(struct url *url, CURLU *handle, enum error_code *code,
                        struct why *why)
{
    char *user = NULL, *password = NULL;
    CURLUcode u = curl_url_get(handle, CURLUPART_USER, &user, CURLU_URLDECODE);
    CURLUcode p =
        curl_url_get(handle, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
    int result = 0;

    if ((u != CURLUE_OK && u != CURLUE_NO_USER) ||
        (p != CURLUE_OK && p != CURLUE_NO_PASSWORD)) {
        result = fail(code, why, CODE_BAD_URL,
                      "user or password hold a control byte");
    } else if (user && strchr(user, ':')) {
        result = fail(code, why, CODE_BAD_URL, "the user holds a colon");
    } else if ((user && *user) || (password && *password)) {
        struct buf out;

        buf_init(&out, SIZE_MAX / 2);
        buf_add_str(&out, user ? user : "");
        buf_add_char(&out, ':');
        buf_add_str(&out, password ? password : "");
        free(url->userinfo);
        url->userinfo = buf_detach(&out, NULL);
    }
    curl_free(user);
    curl_free(password);
    return result;
}

/* The port as text, NULL for the default one; freed by curl_free. */
static int get_port(CURLU *handle, bool tls, char **port, enum error_code *code,
                    struct why *why)
{
    *port = NULL;
    if (curl_url_get(handle, CURLUPART_PORT, port, 0) != CURLUE_OK)
        return 0;
    if (strcmp(*port, "0") == 0) {
        curl_free(*port);
        return fail(code, why, CODE_BAD_URL, "port 0 cannot be connected to");
    }
    if (strcmp(*port, default_port(tls)) == 0) {
        curl_free(*port);
        *port = NULL;
    }
    return 0;
}

/* Appends path and query. */
static void add_tail(struct buf *out, CURLU *handle)
{
    size_t start = out->len;
    unsigned flags = 0;
    char *part = NULL;

#ifdef CURLU_GET_EMPTY
    flags = CURLU_GET_EMPTY; /* "/?" is not "/" */
#endif
    if (curl_url_get(handle, CURLUPART_PATH, &part, 0) == CURLUE_OK) {
        if (*part != '/')
            buf_add_char(out, '/');
        url_text_add(out, part, true);
        curl_free(part);
        out->len =
            start + url_text_remove_dots(out->data + start, out->len - start);
        out->data[out->len] = '\0';
    }
    part = NULL;
    if (curl_url_get(handle, CURLUPART_QUERY, &part, flags) == CURLUE_OK) {
        buf_add_char(out, '?');
        url_text_add(out, part, false);
        curl_free(part);
    }
}

/* Appends the host, an IPv6 address in its one form (RFC 5952): libcurl only
 * rewrites those that get shorter. */
static void add_host(struct buf *out, const char *host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    size_t len = strlen(host);

    if (*host == '[' && len - 2 < sizeof(text)) {
        memcpy(text, host + 1, len - 2);
        text[len - 2] = '\0';
        if (inet_pton(AF_INET6, text, &address) == 1) {
            inet_ntop(AF_INET6, &address, text, sizeof(text));
            buf_addf(out, "[%s]", text);
            return;
        }
    }
    buf_add_str(out, host);
}

/* Normalises what the handle holds into *url. */
static int compose(struct url *url, CURLU *handle, bool tls,
                   enum error_code *code, struct why *why)
{
    struct url_span span = {.tls = tls};
    char *host, *port;
    struct buf out;

    if (get_userinfo(url, handle, code, why) != 0 ||
        get_port(handle, tls, &port, code, why) != 0)
        return -1;
    host = get_host(handle, code, why);
    if (!host) {
        curl_free(port);
        return -1;
    }
    buf_init(&out, SIZE_MAX / 2);
    buf_add_str(&out, tls ? "https://" : "http://");
    span.authority = out.len;
    add_host(&out, host);
    span.host_end = out.len;
    if (port)
        buf_addf(&out, ":%s", port);
    span.path = out.len;
    add_tail(&out, handle);
    fill(url, out.data, out.len, &span);
    buf_release(&out);
    curl_free(host);
    curl_free(port);
    return 0;
}

static const char *curl_refusal(CURLUcode result)
{
    switch (result) {
    case CURLUE_BAD_PORT_NUMBER:
        return "the port is not a number from 1 to 65535";
    case CURLUE_BAD_HOSTNAME:
        return "the host is not a host name";
    case CURLUE_BAD_IPV6:
        return "the host is not an IPv6 address";
    case CURLUE_NO_HOST:
        return "there is no host";
    default:
        return curl_url_strerror(result);
    }
}

static int parse_once(struct url *url, const char *text, enum error_code *code,
                      struct why *why)
{
    bool tls = lower(text[4]) == 's';
    CURLU *handle = curl_url();
    CURLUcode result;
    int status;

    if (!handle)
        die("out of memory");
    /* Dots are removed here, after the path's escapes are decoded. */
    result = curl_url_set(handle, CURLUPART_URL, text, CURLU_PATH_AS_IS);
    if (result == CURLUE_OUT_OF_MEMORY)
        die("out of memory");
    if (result != CURLUE_OK)
        status = fail(code, why, CODE_BAD_URL, curl_refusal(result));
    else
        status = compose(url, handle, tls, code, why);
    curl_url_cleanup(handle);
    return status;
}

/* True when the authority holds an escape or non-ASCII: its host is new once
 * it is decoded, and may only then be seen to be a number. */
static bool is_encoded(const char *authority)
{
    for (; *authority && !strchr("/?#", *authority); authority++) {
        if (*authority == '%' || (unsigned char)*authority >= 0x80)
            return true;
    }
    return false;
}

/* Reads a text that begins with "http://" or "https://" in any case. */
static int parse_slowly(struct url *url, const char *text, size_t len,
                        enum error_code *code, struct why *why)
{
    const char *authority = strstr(text, "://") + 3;

    if (utf8_valid_prefix(text, len) != len)
        return fail(code, why, CODE_BAD_UTF8, "the URL is not valid UTF-8");
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ' || text[i] == '\t')
            return fail(code, why, CODE_BAD_URL, "the URL holds white space");
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return fail(code, why, CODE_BAD_URL,
                        "the URL holds a control byte");
    }
    /* libcurl would take the first part of the path for the host. */
    if (*authority == '\0' || strchr("/?#", *authority))
        return fail(code, why, CODE_BAD_URL, "there is no host");
    if (parse_once(url, text, code, why) != 0)
        return -1;
    if (is_encoded(authority)) {
        char *decoded = url->text;
        int status;

        free(url->host_key);
        url->host_key = url->text = NULL;
        status = parse_once(url, decoded, code, why);
        free(decoded);
        return status;
    }
    return 0;
}

/* ---- schemes ---- */

/* True when "://" stands behind something that is no scheme, such as a byte
 * order mark and "http": libcurl could take that for a host. */
static bool has_odd_scheme(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && text[at] && !strchr("/?#", text[at]))
        at++;
    return at > 0 && len - at >= 2 && memcmp(text + at - 1, "://", 3) == 0;
}

/*
 * What is to stand before the text to make it absolute: *scheme and *slashes
 * are "" where it says so itself.
 */
static int missing_prefix(const char *text, size_t len,
                          const char *default_scheme, const char **scheme,
                          const char **slashes, enum error_code *code,
                          struct why *why)
{
    size_t word = url_text_scheme(text, len);
    const char *rest = text + word + 1;
    size_t rest_len = len - word - 1;

    *scheme = *slashes = "";
    if (word && rest_len >= 2 && rest[0] == '/' && rest[1] == '/')
        return url_text_is_http(text, word)
                   ? 0
                   : url_text_refuse_scheme(text, word, code, why);
    if (word && url_text_is_http(text, word))
        return fail(code, why, CODE_BAD_URL,
                    "two slashes must follow the scheme");
    if (word && !url_text_is_port(rest, rest_len))
        return url_text_refuse_scheme(text, word, code, why);
    if (has_odd_scheme(text, len))
        return fail(code, why, CODE_BAD_URL,
                    "what stands before :// is no scheme");
    if (url_text_lacks_colon(text, len))
        return fail(code, why, CODE_BAD_URL,
                    "the colon behind the scheme is missing");
    *scheme = default_scheme;
    *slashes = len >= 2 && text[0] == '/' && text[1] == '/' ? ":" : "://";
    return 0;
}

/* Before 8.11 it was an experiment, with other functions. */
bool url_has_websocket(void)
{
#if LIBCURL_VERSION_NUM >= 0x080b00
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    for (const char *const *name = info->protocols; *name; name++)
        if (strcmp(*name, "ws") == 0)
            return true;
#endif
    return false;
}

bool url_has_http3(void)
{
    return curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP3;
}

bool url_is_websocket(const char *text)
{
    return text[0] == 'w' && text[1] == 's';
}

/* The length of a WebSocket's scheme, if "://" follows it; 0. */
static size_t websocket_scheme(const char *text, size_t len)
{
    size_t word = url_text_scheme(text, len);

    if ((word != 2 && word != 3) || strncasecmp(text, "wss", word) != 0 ||
        len < word + 3 || memcmp(text + word, "://", 3) != 0)
        return 0;
    return word;
}

/* Read as the http or https that it begins as (RFC 6455 section 3). */
static int parse_websocket(struct url *url, const char *text, size_t len,
                           size_t word, enum error_code *code, struct why *why)
{
    struct buf full;
    int status;

    if (!url_has_websocket()) {
        *code = CODE_SCHEME;
        return why_set(
            why, "the scheme \"%.*s\": this libcurl (%s) has no WebSocket",
            (int)word, text, curl_version_info(CURLVERSION_NOW)->version);
    }
    buf_init(&full, SIZE_MAX / 2);
    buf_add_str(&full, word == 2 ? "http" : "https");
    buf_add(&full, text + word, len - word);
    status = url_parse(url, full.data, full.len, "http", code, why);
    buf_clear(&full);
    if (status == 0) {
        buf_addf(&full, "ws%s", url->text + sizeof("http") - 1);
        free(url->text);
        url->text = buf_detach(&full, NULL);
    }
    buf_release(&full);
    return status;
}

int url_parse(struct url *url, const char *text, size_t len,
              const char *default_scheme, enum error_code *code,
              struct why *why)
{
    size_t websocket;
    const char *scheme, *slashes;
    struct buf full;
    int status = 0;

    memset(url, 0, sizeof(*url));
    if (parse_normal(url, text, len))
        return 0;
    websocket = websocket_scheme(text, len);
    if (websocket)
        return parse_websocket(url, text, len, websocket, code, why);
    if (len == 0)
        return fail(code, why, CODE_BAD_URL, "the URL is empty");
    if (missing_prefix(text, len, default_scheme, &scheme, &slashes, code,
                       why) != 0)
        return -1;
    buf_init(&full, SIZE_MAX / 2);
    buf_add_str(&full, scheme);
    buf_add_str(&full, slashes);
    buf_add(&full, text, len);
    if (!parse_normal(url, full.data, full.len))
        status = parse_slowly(url, full.data, full.len, code, why);
    buf_release(&full);
    if (status != 0)
        url_release(url);
    return status;
}

void url_release(struct url *url)
{
    free(url->text);
    free(url->host_key);
    free(url->userinfo);
    memset(url, 0, sizeof(*url));
}
