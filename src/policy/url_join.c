/* SPDX-License-Identifier: MIT */
/*
 * What can be done with URLs as texts once policy/url reads them: join a
 * reference to a base, hide credentials, take host keys apart. Must not know
 * libcurl.
 */
#include "policy/url.h"

#include "base/buf.h"
#include "policy/url_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Appends a Location as browsers and curl read it: trimmed, its spaces and
 * raw non-ASCII bytes, of whatever encoding, as escapes. */
static void add_reference(struct buf *out, const char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte == ' ' || byte >= 0x80)
            buf_addf(out, "%%%02X", byte);
        else
            buf_add_char(out, text[i]);
    }
}

/* How much of the normalised base stands before the reference. */
static size_t kept_of_base(const char *base, const char *reference)
{
    const char *path = strchr(strstr(base, "://") + 3, '/');
    size_t path_len = strcspn(path, "?");

    if (reference[0] == '/' && reference[1] == '/')
        return strcspn(base, ":") + 1;
    if (reference[0] == '/')
        return (size_t)(path - base);
    if (reference[0] == '\0' || reference[0] == '#')
        return strlen(base);
    if (reference[0] != '?') {
        while (path[path_len - 1] != '/')
            path_len--;
    }
    return (size_t)(path - base) + path_len;
}

int url_join(struct url *url, const char *base, const char *reference,
             enum error_code *code, struct why *why)
{
    struct buf clean, full;
    size_t word;
    int status;

    memset(url, 0, sizeof(*url));
    buf_init(&clean, SIZE_MAX / 2);
    buf_init(&full, SIZE_MAX / 2);
    buf_add_str(&clean, "");
    add_reference(&clean, reference);
    if (clean.len == 0)
        buf_add_char(&clean, '#');
    word = url_text_scheme(clean.data, clean.len);
    if (word && !url_text_is_http(clean.data, word)) {
        status = url_text_refuse_scheme(clean.data, word, code, why);
    } else {
        if (!word)
            buf_add(&full, base, kept_of_base(base, clean.data));
        buf_add(&full, clean.data, clean.len);
        status = url_parse(url, full.data, full.len, "", code, why);
    }
    if (status == 0) {
        free(url->userinfo);
        url->userinfo = NULL;
    }
    buf_release(&full);
    buf_release(&clean);
    return status;
}

char *url_without_userinfo(const char *text, size_t len)
{
    size_t word = url_text_scheme(text, len), start = 0, end, at;
    struct buf shown;

    if (!memchr(text, '@', len))
        return xmemdup(text, len);
    if (word && word + 1 < len && text[word + 1] == '/')
        start = word + 1;
    while (start < len && text[start] == '/')
        start++;
    for (end = start;
         end < len && text[end] != '/' && text[end] != '?' && text[end] != '#';
         end++)
        ;
    for (at = end; at > start && text[at - 1] != '@'; at--)
        ;
    buf_init(&shown, SIZE_MAX / 2);
    buf_add(&shown, text, start);
    if (start == 0 && at > 0 && url_text_needs_slashes(text + at, len - at))
        buf_add_str(&shown, "//");
    buf_add(&shown, text + at, len - at);
    return buf_detach(&shown, NULL);
}

/* An address to write to is no secret. */
static bool is_mail(const char *text, size_t len)
{
    return len > 7 && strncasecmp(text, "mailto:", 7) == 0 &&
           !memchr(text, '/', len) && !memchr(text + 7, ':', len - 7);
}

char *url_censored(const char *text, size_t len)
{
    const char *first = memchr(text, '@', len), *last, *slashes;
    size_t start = 0, end;
    char *shown = xmemdup(text, len);

    if (!first || is_mail(text, len))
        return shown;
    last = memrchr(text, '@', len);
    slashes = memmem(text, len, "://", 3);
    if (slashes && slashes < first)
        start = (size_t)(slashes - text) + 3;
    end = (size_t)(last - text) + 1;
    memmove(shown + start, shown + end, len - end + 1);
    return shown;
}

const char *host_key_host(const char *host_key, size_t *len)
{
    const char *host = strchr(host_key, ':') + 3;

    *len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    return host;
}

bool host_key_is_address(const char *host_key)
{
    size_t len;
    const char *host = host_key_host(host_key, &len);

    return *host == '[' || url_text_is_quad(host, len);
}

bool host_key_is_tls(const char *host_key)
{
    return strncmp(host_key, "https:", 6) == 0;
}
