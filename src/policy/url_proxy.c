/* SPDX-License-Identifier: MIT */
/*
 * The URLs of proxies. Knows libcurl's parser and which schemes of proxies
 * libcurl speaks; must not know which proxy is used for what.
 */
#include "policy/url_proxy.h"

#include "base/buf.h"
#include "policy/url_text.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static bool is_scheme(const char *text, size_t len)
{
    static const char *const schemes[] = {
        "http", "https", "socks4", "socks", "socks4a", "socks5", "socks5h"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strlen(schemes[i]) == len &&
            strncasecmp(schemes[i], text, len) == 0)
            return true;
    return false;
}

static int check_bytes(const char *text, size_t len, struct why *why)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ' || text[i] == '\t')
            return why_set(why, "the proxy holds white space");
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return why_set(why, "the proxy holds a control byte");
    }
    return 0;
}

/* Writes the text with its scheme. One that ends before "://" is quoted only
 * when it looks like one: anything else may be a password. */
static int add_scheme(struct buf *out, const char *text, size_t len,
                      struct why *why)
{
    const char *slashes = len ? memmem(text, len, "://", 3) : NULL;
    size_t word = slashes ? (size_t)(slashes - text) : 0;

    if (!slashes)
        buf_add_str(out, "http://");
    else if (url_text_scheme(text, len) != word || word == 0)
        return why_set(why, "what stands before :// is no scheme");
    else if (!is_scheme(text, word))
        return why_set(why,
                       "no proxy has the scheme \"%.*s\" (http, https, "
                       "socks4, socks4a, socks5, socks5h)",
                       (int)(word < 40 ? word : 40), text);
    return buf_add(out, text, len);
}

/* True when this part of what the handle has read is the wanted text; one
 * that it has not is "". */
static bool part_is(CURLU *handle, CURLUPart part, const char *wanted)
{
    char *value = NULL;
    bool same;

    if (curl_url_get(handle, part, &value, 0) == CURLUE_OUT_OF_MEMORY)
        die("out of memory");
    same = strcasecmp(value ? value : "", wanted) == 0;
    curl_free(value);
    return same;
}

/* libcurl decodes it when the proxy is used, and refuses control bytes. */
static bool decodes(CURLU *handle, CURLUPart part)
{
    char *value = NULL;
    CURLUcode code = curl_url_get(handle, part, &value, CURLU_URLDECODE);

    curl_free(value);
    return code != CURLUE_URLDECODE;
}

static int check_parts(CURLU *handle, const char *text, struct why *why)
{
    bool socket = strncasecmp(text, "socks", 5) == 0 &&
                  part_is(handle, CURLUPART_HOST, "localhost");

    if (part_is(handle, CURLUPART_HOST, ""))
        return why_set(why, "the proxy has no host");
    if (part_is(handle, CURLUPART_PORT, "0"))
        return why_set(why, "the proxy's port is not a number from 1 to 65535");
    if (!decodes(handle, CURLUPART_USER) ||
        !decodes(handle, CURLUPART_PASSWORD))
        return why_set(why, "the proxy's user or password hold a control byte");
    if (!part_is(handle, CURLUPART_QUERY, "") ||
        !part_is(handle, CURLUPART_FRAGMENT, "") || strpbrk(text, "?#"))
        return why_set(why, "a proxy has no query and no fragment (write ? "
                            "as %%3F and # as %%23)");
    if (!socket && !part_is(handle, CURLUPART_PATH, "/") &&
        !part_is(handle, CURLUPART_PATH, ""))
        return why_set(why, "a proxy has no path");
    return 0;
}

static const char *refusal(CURLUcode code)
{
    switch (code) {
    case CURLUE_BAD_PORT_NUMBER:
        return "the proxy's port is not a number from 1 to 65535";
    case CURLUE_BAD_HOSTNAME:
        return "the proxy's host is not a host name";
    case CURLUE_BAD_IPV6:
        return "the proxy's host is not an IPv6 address";
    case CURLUE_NO_HOST:
        return "the proxy has no host";
    default:
        return "the proxy cannot be read as a URL";
    }
}

static int check(const char *text, struct why *why)
{
    const char *authority = strstr(text, "://") + 3;
    CURLU *handle;
    CURLUcode code;
    int status;

    if (*authority == '\0' || strchr("/?#", *authority))
        return why_set(why, "the proxy has no host");
    handle = curl_url();
    if (!handle)
        die("out of memory");
    code = curl_url_set(handle, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OUT_OF_MEMORY)
        die("out of memory");
    status = code == CURLUE_OK ? check_parts(handle, text, why)
                               : why_set(why, "%s", refusal(code));
    curl_url_cleanup(handle);
    return status;
}

char *url_proxy_parse(const char *text, size_t len, struct why *why)
{
    struct buf out;

    buf_init(&out, SIZE_MAX / 2);
    if (len == 0)
        why_set(why, "the proxy is empty");
    else if (check_bytes(text, len, why) == 0 &&
             add_scheme(&out, text, len, why) == 0 && check(out.data, why) == 0)
        return buf_detach(&out, NULL);
    buf_release(&out);
    return NULL;
}
