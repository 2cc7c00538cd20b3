/* SPDX-License-Identifier: MIT */
/*
 * The text of URLs, byte by byte: which need no change, and the parts of
 * normalising that libcurl leaves undone. Knows RFC 3986; must not know
 * libcurl.
 */
#include "policy/url_text.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Sets of ASCII bytes: a bit for each, 0 to 63 and 64 to 127. */
#define BITS(FIRST, LAST)                                                      \
    ((UINT64_MAX >> (63 - ((LAST) - (FIRST)))) << ((FIRST)&63))
#define BIT(BYTE) BITS(BYTE, BYTE)

struct byte_set {
    uint64_t low, high;
};

#define LETTERS (BITS('A', 'Z') | BITS('a', 'z'))

static const struct byte_set host_bytes = {BITS('0', '9') | BIT('.') | BIT('-'),
                                           BITS('a', 'z')};

static const struct byte_set unreserved = {BITS('0', '9') | BIT('.') | BIT('-'),
                                           LETTERS | BIT('_') | BIT('~')};

/* pchar of RFC 3986 without "%", and "/". */
static const struct byte_set path_bytes = {
    BIT('!') | BIT('$') | BITS('&', '/') | BITS('0', ';') | BIT('='),
    BIT('@') | LETTERS | BIT('_') | BIT('~')};

static bool set_has(const struct byte_set *set, unsigned char byte)
{
    uint64_t half = byte < 64 ? set->low : set->high;

    return byte < 128 && (half >> (byte & 63) & 1);
}

bool url_text_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool url_text_is_host_byte(char c)
{
    return set_has(&host_bytes, (unsigned char)c) || c == '_';
}

static int hex_value(char c)
{
    if (url_text_is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* True for four decimal numbers to 255 without leading zeros. */
bool url_text_is_quad(const char *text, size_t len)
{
    size_t at = 0;

    for (int part = 0; part < 4; part++) {
        size_t start = at;
        unsigned value = 0;

        while (at < len && at - start < 3 && url_text_is_digit(text[at]))
            value = value * 10 + (unsigned)(text[at++] - '0');
        if (at == start || value > 255 ||
            (text[start] == '0' && at > start + 1))
            return false;
        if (part < 3 && (at == len || text[at++] != '.'))
            return false;
    }
    return at == len;
}

/* Where the host from `at` on ends; 0 when it is not normal for certain. */
static size_t normal_host(const char *text, size_t at, size_t len)
{
    size_t start = at, label = at;

    for (; at < len && set_has(&host_bytes, (unsigned char)text[at]); at++) {
        if (text[at] != '.')
            continue;
        if (at == label)
            return 0;
        label = at + 1;
    }
    if (at == label || at - start >= URL_HOST_MAX)
        return 0;
    /* A last label with a letter in front can be no number of any base. */
    if (!is_letter(text[label]) && !url_text_is_quad(text + start, at - start))
        return 0;
    return at;
}

/* Where the port, if any, ends; 0 when it is default or not canonical. */
static size_t normal_port(const char *text, size_t at, size_t len, bool tls)
{
    size_t start = at + 1;
    unsigned long value = 0;

    if (at == len || text[at] != ':')
        return at;
    for (at = start; at < len && at < start + 6 && url_text_is_digit(text[at]);
         at++)
        value = value * 10 + (unsigned long)(text[at] - '0');
    if (at == start || text[start] == '0' || value > 65535 ||
        value == (tls ? 443UL : 80UL))
        return 0;
    return at;
}

/* True when a dot segment starts behind the slash at `at`. */
static bool is_dot_segment(const char *text, size_t at, size_t len)
{
    size_t end = at + 1;

    while (end < len && text[end] == '.')
        end++;
    if (end == at + 1 || end > at + 3)
        return false;
    return end == len || text[end] == '/' || text[end] == '?';
}

/* True when path and query need no change. */
static bool normal_tail(const char *text, size_t at, size_t len)
{
    bool query = false;

    if (at < len && text[at] != '/')
        return false;
    for (; at < len; at++) {
        if (set_has(&path_bytes, (unsigned char)text[at])) {
            if (text[at] == '/' && !query && is_dot_segment(text, at, len))
                return false;
        } else if (text[at] == '?') {
            query = true;
        } else {
            return false;
        }
    }
    return true;
}

/* Each test is narrower than libcurl's, and whatever is in doubt is not
 * normal: it goes the long way. */
bool url_text_is_normal(const char *text, size_t len, struct url_span *span)
{
    span->tls = len > 4 && text[4] == 's';
    span->authority = span->tls ? 8 : 7;
    if (len <= span->authority ||
        memcmp(text, span->tls ? "https://" : "http://", span->authority) != 0)
        return false;
    span->host_end = normal_host(text, span->authority, len);
    if (!span->host_end)
        return false;
    span->path = normal_port(text, span->host_end, len, span->tls);
    return span->path && normal_tail(text, span->path, len);
}

/*
 * Appends text with raw non-ASCII encoded. In a path also decodes what is
 * unreserved and writes other escapes in upper case. A "%" without two hex
 * digits stays as it is, and what follows it is not decoded into them: the
 * result must read the same the next time.
 */
void url_text_add(struct buf *out, const char *text, bool path)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t lone_end = 0; /* up to here a lone "%" could gain its digits */

    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        bool escape = path && byte == '%';
        bool whole =
            escape && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0;

        if (whole) {
            byte =
                (unsigned char)(hex_value(text[1]) * 16 + hex_value(text[2]));
            text += 2;
        } else if (escape) {
            lone_end = out->len + 3;
        }
        if (byte >= 0x80 ||
            (whole && (out->len < lone_end || !set_has(&unreserved, byte)))) {
            buf_add_char(out, '%');
            buf_add_char(out, hex[byte >> 4]);
            buf_add_char(out, hex[byte & 15]);
        } else {
            buf_add_char(out, (char)byte);
        }
    }
}

/* Removes dot segments (RFC 3986 5.2.4) of a path that begins with "/". */
size_t url_text_remove_dots(char *path, size_t len)
{
    size_t out = 0;

    for (size_t at = 0, end; at < len; at = end) {
        bool dots = is_dot_segment(path, at, len);

        for (end = at + 1; end < len && path[end] != '/'; end++)
            ;
        if (!dots) {
            memmove(path + out, path + at, end - at);
            out += end - at;
            continue;
        }
        if (end - at == 3) {
            while (out > 0 && path[--out] != '/')
                ;
        }
        if (end == len)
            path[out++] = '/';
    }
    return out;
}

/* Length of the word before a ":" at the start that could be a scheme; 0. */
size_t url_text_scheme(const char *text, size_t len)
{
    size_t at = 0;

    if (len == 0 || !is_letter(text[0]))
        return 0;
    while (at < len && (is_letter(text[at]) || url_text_is_digit(text[at]) ||
                        (text[at] && strchr("+-.", text[at]))))
        at++;
    return at < len && text[at] == ':' ? at : 0;
}

bool url_text_is_http(const char *text, size_t scheme)
{
    return (scheme == 4 || scheme == 5) &&
           strncasecmp(text, "https", scheme) == 0;
}

bool url_text_is_port(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && url_text_is_digit(text[at]))
        at++;
    return at > 0 && (at == len || (text[at] && strchr("/?#", text[at])));
}

bool url_text_lacks_colon(const char *text, size_t len)
{
    bool http, slashes;
    size_t at = 0;

    while (at < len && is_letter(text[at]))
        at++;
    if (at == 0 || at == len || text[at] != '/')
        return false;
    http = url_text_is_http(text, at);
    slashes = at + 1 < len && text[at + 1] == '/';
    return (http && slashes) || ((http || slashes) && memchr(text, '@', len));
}

bool url_text_needs_slashes(const char *text, size_t len)
{
    size_t word = url_text_scheme(text, len);

    if (!word)
        return url_text_lacks_colon(text, len);
    return url_text_is_http(text, word) ||
           !url_text_is_port(text + word + 1, len - word - 1);
}

int url_text_refuse_scheme(const char *text, size_t scheme,
                           enum error_code *code, struct why *why)
{
    *code = CODE_SCHEME;
    return why_set(why, "the scheme \"%.*s\" is neither http nor https",
                   (int)(scheme < 40 ? scheme : 40), text);
}
