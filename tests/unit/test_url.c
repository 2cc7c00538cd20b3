/* SPDX-License-Identifier: MIT */
/*
 * URLs: normalising, refusals, joining, host keys; and a property test: the
 * fast path and libcurl's parser say the same of generated URLs.
 */
#include "check.h"
#include "policy/url.h"

#include "policy/url_text.h"

#include <stdint.h>
#include <stdlib.h>

struct pair {
    const char *in, *want;
};

static char *normal(const char *text)
{
    enum error_code code;
    struct url url;
    struct why why;
    char *result = NULL;

    if (url_parse(&url, text, strlen(text), "https", &code, &why) == 0) {
        result = xstrdup(url.text);
        url_release(&url);
    }
    return result;
}

static void test_normal(void)
{
    static const struct pair pairs[] = {
        {"http://a", "http://a/"},
        {"http://a/", "http://a/"},
        {"HTTP://ExAmple.COM/A", "http://example.com/A"},
        {"https://a:443/", "https://a/"},
        {"http://a:80", "http://a/"},
        {"http://a:443/", "http://a:443/"},
        {"http://a:00080/x", "http://a/x"},
        {"http://a:08080/x", "http://a:8080/x"},
        {"http://a:65535/x", "http://a:65535/x"},
        {"http://a:/x", "http://a/x"},
        {"http://a?x=1", "http://a/?x=1"},
        {"http://a/?", "http://a/?"},
        {"http://a/x?#f", "http://a/x?"},
        {"http://a/x#f", "http://a/x"},
        {"http://a#f", "http://a/"},
        {"http://a/x?y#z?w", "http://a/x?y"},
        {"http://a/x?y?z", "http://a/x?y?z"},
        {"http://a/./b/../c/.", "http://a/c/"},
        {"http://a/../../b", "http://a/b"},
        {"http://a/b/..", "http://a/"},
        {"http://a/b/..?x", "http://a/?x"},
        {"http://a/b/...", "http://a/b/..."},
        {"http://a/.well-known/x", "http://a/.well-known/x"},
        {"http://a//b//..", "http://a//b/"},
        {"http://a/b?x=/../y", "http://a/b?x=/../y"},
        {"http://a/%2e%2E/x", "http://a/x"},
        {"http://a/b/%2e./x", "http://a/x"},
        {"http://a/b/.%2e", "http://a/"},
        {"http://a/%7euser/%41%2f%c3%bc", "http://a/~user/A%2F%C3%BC"},
        {"http://a/%2d%5F%2E", "http://a/-_."},
        {"http://a/?q=%7e%2f", "http://a/?q=%7e%2f"},
        {"http://a/\xc3\xbc?q=\xc3\xbc", "http://a/%C3%BC?q=%C3%BC"},
        {"http://a/%zz%", "http://a/%zz%"},
        {"http://a/%%34%31", "http://a/%%341"},
        {"http://a/%%32%65", "http://a/%%32e"},
        {"http://a/%2%65", "http://a/%2%65"},
        {"http://a/b\\c", "http://a/b\\c"},
        {"http://0x7f.1/", "http://127.0.0.1/"},
        {"http://2130706433/", "http://127.0.0.1/"},
        {"http://127.1", "http://127.0.0.1/"},
        {"http://01.02.03.04/", "http://1.2.3.4/"},
        {"http://%31%32%37.0.0.1/", "http://127.0.0.1/"},
        {"http://%30x7f.1/", "http://127.0.0.1/"},
        {"http://127.0.0.1./", "http://127.0.0.1./"},
        {"http://[FE80::0:1]:080/", "http://[fe80::1]/"},
        {"http://[::1]:8080", "http://[::1]:8080/"},
        {"http://A%2eB/", "http://a.b/"},
        {"http://xn--bcher-kva.de/", "http://xn--bcher-kva.de/"},
        {"http://a_b/", "http://a_b/"},
        {"http://a./", "http://a./"},
        {"http://a?@b/", "http://a/?@b/"},
        {"http://a/@b:c", "http://a/@b:c"},
        /* without a scheme */
        {"example.com", "https://example.com/"},
        {"example.com/x?y", "https://example.com/x?y"},
        {"Example.com:8080/x", "https://example.com:8080/x"},
        {"localhost:8080/x", "https://localhost:8080/x"},
        {"localhost:443", "https://localhost/"},
        {"a:1?x", "https://a:1/?x"},
        {"127.0.0.1:8080", "https://127.0.0.1:8080/"},
        {"[::1]:80/x", "https://[::1]:80/x"},
        {"//example.com/x", "https://example.com/x"},
        {"httpbin.org/get", "https://httpbin.org/get"},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *got = normal(pairs[i].in), *again;

        CHECK_STR(got, pairs[i].want);
        again = got ? normal(got) : NULL;
        CHECK_STR(again, got);
        free(again);
        free(got);
    }
}

static void refused(const char *text, size_t len, enum error_code want)
{
    enum error_code code = CODE_NONE;
    struct why why = {{0}};
    struct url url;
    int status = url_parse(&url, text, len, "https", &code, &why);

    if (status != -1 || code != want || why.text[0] == '\0')
        printf("url \"%s\": code %s, \"%s\"\n", text, error_code_name(code),
               why.text);
    CHECK(status == -1);
    CHECK(code == want);
    CHECK(why.text[0] != '\0');
    CHECK(!url.text && !url.host_key && !url.userinfo);
    url_release(&url);
}

static void test_refused(void)
{
    static const char *const bad[] = {
        "",
        "http://",
        "http:///x",
        "http:////h",
        "http:/x",
        "http:x",
        "https:8080/x",
        "http://?x",
        "http://#x",
        "http://u:p@/x",
        "http://:80/",
        "/x",
        "?x",
        "#x",
        "http://a b/",
        "http://a/b c",
        "http://a/?q=a b",
        "http://a/b\tc",
        "http://a/\x01",
        "http://a/\x7f",
        "http://a/\r\nX: y",
        "http://a%0d%0aX/",
        "http://a:0/",
        "http://a:65536/",
        "http://a:8x/",
        "http://a:-1/",
        "http://a@b@c/",
        "http://u%0a:p@h/",
        "http://u%00:p@h/",
        "http://u%3ax:p@h/",
        "http://[::1%25eth0]/",
        "http://[::1%eth0]/",
        "http://[1.2.3.4]/",
        "http://[::1/",
        "http://[::1]x/",
        "http://a%00b/",
        "http://a%20b/",
        "http://a%2fb/",
        "http://a%zz/",
        "http://a|b/",
        "http://a~b/",
        "http://a\\b/",
        "http://a..b/",
        "http://.a/",
        "http://./",
        "http://\xe2\x80\x8b/",
        "http://a%ff/",
        "{\"url\":1}",
        "\xef\xbb\xbfhttp://a/",
        "1http://a/",
        "http//u:p@h/",
        "HTTPS//h",
        "http/u:p@h/",
        "ttp//u:p@h/",
    };
    static const char *const schemes[] = {
        "mailto:x@y",    "javascript:alert(1)",
        "ftp://x",       "file:///x",
        "gopher://x/",   "word:",
        "data:,x",       "a:80x/",
        "tel:+1",        "user:pass@host/",
        "x-y+z.1://",    "httpx://a",
        "javascript:1;", "htt://a",
    };
    char host[400];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refused(bad[i], strlen(bad[i]), CODE_BAD_URL);
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        refused(schemes[i], strlen(schemes[i]), CODE_SCHEME);
    refused("http://a/\xff", 10, CODE_BAD_UTF8);
    refused("http://\xc3/", 9, CODE_BAD_UTF8);
    refused("http://a\0b/", 11, CODE_BAD_URL);
    refused("a\0:x", 4, CODE_BAD_URL);
    memset(host, 'a', sizeof(host));
    memcpy(host, "http://", 7);
    refused(host, 7 + 254, CODE_BAD_URL);
    host[260] = '\0';
    free(normal(host));
    CHECK(strlen(host) == 260);
}

static void test_messages(void)
{
    enum error_code code;
    struct url url;
    struct why why;

    url_parse(&url, "ftp://x", 7, "https", &code, &why);
    CHECK(strstr(why.text, "\"ftp\"") != NULL);
    url_parse(&url, "mailto:x", 8, "https", &code, &why);
    CHECK(strstr(why.text, "\"mailto\"") != NULL);
    url_parse(&url, "http://a/b c", 12, "https", &code, &why);
    CHECK(strstr(why.text, "white space") != NULL);
}

static void check_userinfo(const char *text, const char *want)
{
    enum error_code code;
    struct url url;
    struct why why;

    CHECK(url_parse(&url, text, strlen(text), "https", &code, &why) == 0);
    CHECK_STR(url.userinfo, want);
    CHECK(!url.text || !strchr(url.text, '@'));
    url_release(&url);
}

static void test_userinfo(void)
{
    check_userinfo("http://u:p@h/", "u:p");
    check_userinfo("http://u:p%40x@h/", "u:p@x");
    check_userinfo("http://u@h/", "u:");
    check_userinfo("http://:p@h/", ":p");
    check_userinfo("http://u:p:q@h/", "u:p:q");
    check_userinfo("http://u:p@%68/", "u:p");
    check_userinfo("http://@h/", NULL);
    check_userinfo("http://:@h/", NULL);
    check_userinfo("http://h/", NULL);
}

static void check_key(const char *text, const char *want, bool address,
                      bool tls)
{
    enum error_code code;
    struct url url;
    struct why why;
    size_t len;

    CHECK(url_parse(&url, text, strlen(text), "https", &code, &why) == 0);
    CHECK_STR(url.host_key, want);
    if (url.host_key) {
        CHECK(host_key_is_address(url.host_key) == address);
        CHECK(host_key_is_tls(url.host_key) == tls);
        CHECK(*host_key_host(url.host_key, &len) != ':');
        CHECK(len > 0 && url.host_key[len + (tls ? 8 : 7)] == ':');
    }
    url_release(&url);
}

static void test_host_keys(void)
{
    size_t len;

    check_key("http://a", "http://a:80", false, false);
    check_key("https://A/x", "https://a:443", false, true);
    check_key("https://a:80/x", "https://a:80", false, true);
    check_key("http://a:443/x", "http://a:443", false, false);
    check_key("http://a:00080/x", "http://a:80", false, false);
    check_key("http://[::1]/", "http://[::1]:80", true, false);
    check_key("https://[::1]:8/", "https://[::1]:8", true, true);
    check_key("http://127.1/", "http://127.0.0.1:80", true, false);
    check_key("http://1.2.3.4.5/", "http://1.2.3.4.5:80", false, false);
    check_key("http://1.2.3.4./", "http://1.2.3.4.:80", false, false);
    check_key("http://1.2.3.4.a/", "http://1.2.3.4.a:80", false, false);
    CHECK(strncmp(host_key_host("http://[::1]:80", &len), "[::1]", 5) == 0);
    CHECK(len == 5);
    CHECK(strcmp(host_key_host("https://ab.c:443", &len), "ab.c:443") == 0);
    CHECK(len == 4);
}

/* Names beyond ASCII need a UTF-8 locale and libidn2 in libcurl; where they
 * are missing, the URL must be refused, never sent raw. */
static void test_idn(void)
{
    static const struct pair pairs[] = {
        {"http://b\xc3\xbc"
         "cher.de/\xc3\xbc",
         "http://xn--bcher-kva.de/%C3%BC"},
        {"http://b%c3%bccher.de/", "http://xn--bcher-kva.de/"},
        /* full-width digits of 127.0.0.1 */
        {"http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/",
         "http://127.0.0.1/"},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *got = normal(pairs[i].in);

        if (got)
            CHECK_STR(got, pairs[i].want);
        else
            CHECK(got == NULL);
        free(got);
    }
}

static void check_join(const char *base, const char *reference,
                       const char *want)
{
    enum error_code code;
    struct url url;
    struct why why;
    int status = url_join(&url, base, reference, &code, &why);

    CHECK_STR(url.text, want);
    CHECK(status == (want ? 0 : -1));
    CHECK(url.userinfo == NULL);
    url_release(&url);
}

static void test_join(void)
{
    /* RFC 3986 section 5.4, less what is not http. */
    static const char base[] = "http://a/b/c/d;p?q";
    static const struct pair pairs[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {"g?y#s", "http://a/b/c/g?y"},
        {";x", "http://a/b/c/;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"%2e%2e/g", "http://a/b/g"},
        {"https://x:443/y", "https://x/y"},
        {"HTTPS://X", "https://x/"},
        {"http://u:p@x/", "http://x/"},
        {"//u:p@x/", "http://x/"},
        {" /a b ", "http://a/a%20b"},
        {"/\xfc", "http://a/%FC"},
        {"/\xc3\xbc", "http://a/%C3%BC"},
        {"./a:b", "http://a/b/c/a:b"},
        {"?x:y", "http://a/b/c/d;p?x:y"},
        {"/x/y:z", "http://a/x/y:z"},
        {"1:2", "http://a/b/c/1:2"},
        {"g:h", NULL},
        {"localhost:80/", NULL},
        {"http:g", NULL},
        {"http:///x", NULL},
        {"///x", NULL},
        {"file:///etc/passwd", NULL},
        {"//a b/", NULL},
        {"/a\r\nX: y", NULL},
        {"http://a:99999/", NULL},
    };
    enum error_code code = CODE_NONE;
    struct url url;
    struct why why;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        check_join(base, pairs[i].in, pairs[i].want);
    check_join("https://a/", "//b/c", "https://b/c");
    check_join("https://a:8443/x?y/z", "w", "https://a:8443/w");
    check_join("http://[::1]:8/x", "/y", "http://[::1]:8/y");
    CHECK(url_join(&url, base, "gopher://x", &code, &why) == -1);
    CHECK(code == CODE_SCHEME);
    url_release(&url);
}

static void check_shown(const char *text, const char *want)
{
    char *got = url_without_userinfo(text, strlen(text));

    CHECK_STR(got, want);
    free(got);
}

static void test_without_userinfo(void)
{
    check_shown("http://u:p@h/x@y", "http://h/x@y");
    check_shown("http://u:p@q@h/", "http://h/");
    check_shown("u:p@h/x", "h/x");
    check_shown("//u:p@h", "//h");
    check_shown("http://u:p@h?a@b", "http://h?a@b");
    check_shown("http://h/?a=b@c", "http://h/?a=b@c");
    check_shown("http://h#@", "http://h#@");
    check_shown("http://h", "http://h");
    check_shown("\\x@h/", "h/");
    check_shown("u@h:80/x", "h:80/x");
    check_shown("u@[::1]:80", "[::1]:80");
    /* what is shown asks for the same */
    check_shown("h@np:/x", "//np:/x");
    check_shown("u@http:80/x", "//http:80/x");
    check_shown("u@http//x", "//http//x");
    check_shown("//h@np:/x", "//np:/x");
    check_shown("", "");
    check_shown("@", "");
    check_shown("http://u:p@", "http://");
}

static void check_censored(const char *text, const char *want)
{
    char *got = url_censored(text, strlen(text));

    CHECK_STR(got, want);
    free(got);
}

static void test_censored(void)
{
    check_censored("", "");
    check_censored("http://a b/", "http://a b/");
    check_censored("\"http://u:p@h/\"", "\"http://h/\"");
    check_censored("<http://u:p@h/>", "<http://h/>");
    check_censored("http://u:p/q@h/", "http://h/");
    check_censored("http://u:p#q@h/", "http://h/");
    check_censored("http://u:p?q@h/", "http://h/");
    check_censored("http://u:p@h http://v:q@i/", "http://i/");
    check_censored("http: //u:p@h", "h");
    check_censored("u:p@h http://i", "h http://i");
    check_censored("me@a: http://u:p@h", "h");
    check_censored("url=http://u:p@h", "url=http://h");
    check_censored("ftp://u:p@h/", "ftp://h/");
    check_censored("u:p@", "");
    check_censored("mailto:a@b", "mailto:a@b");
    check_censored("mailto:u:p@b", "b");
    check_censored("mailto://u@b", "mailto://b");
}

/* An address has one text, whichever way it was written. */
static void test_ipv6(void)
{
    static const struct pair pairs[] = {
        {"http://[2001:DB8::A]/", "http://[2001:db8::a]/"},
        {"http://[2001:db8::a]:80/", "http://[2001:db8::a]/"},
        {"http://[2001:0db8:0:0:0:0:0:A]/", "http://[2001:db8::a]/"},
        {"http://[::102:304]/", "http://[::1.2.3.4]/"},
        {"http://[::1.2.3.4]/", "http://[::1.2.3.4]/"},
        {"http://[::FFFF:102:304]:81/", "http://[::ffff:1.2.3.4]:81/"},
        {"http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"},
        {"http://[1:0:0:2:0:0:0:3]/", "http://[1:0:0:2::3]/"},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *got = normal(pairs[i].in), *again = got ? normal(got) : NULL;

        CHECK_STR(got, pairs[i].want);
        CHECK_STR(again, got);
        free(again);
        free(got);
    }
    check_key("http://[2001:DB8::A]/", "http://[2001:db8::a]:80", true, false);
}

/* ---- the property test ---- */

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A URL of pieces that are mostly harmless. */
static size_t generate(uint64_t *state, char out[512])
{
    static const char *const starts[] = {"http://", "https://", "http://",
                                         "HTTP://", "",         "//"};
    static const char *const hosts[] = {
        "a",     "example.com", "127.0.0.1", "1.2.3",     "0x7f.1",   "[::1]",
        "a.b-c", "-a-",         "xn--a",     "A.b",       "a.1",      "1.a",
        "9",     "a..b",        "a.",        "256.1.1.1", "1.2.3.04", "0.0.0.0",
        "a_b",   "a%2Eb",       "a.0x1",
    };
    static const char *const ports[] = {
        "",       "",  "",   ":80",    ":443",   ":81",
        ":08080", ":", ":0", ":65535", ":65536", ":99999999999"};
    static const char *const tails[] = {
        "/", "a", ".",       "..",  "/.",  "/..",      "?",  "b=c",
        "&", "~", "%",       "%2e", "%41", "!",        "'",  "(",
        ";", ":", "@",       "\\",  "*",   "+",        ",",  "$",
        "-", "_", "/%2e%2e", "\"",  "<",   "\xc3\xbc", "//", "/a/",
        "0", "Z", "%2F",     "|",   "^",   "`",        "{",  "=",
    };
    static const char *const plain[] = {
        "/", "a", ".",  "..", "/.", "/..", "?", "b=c", "&", "~",
        "!", "'", "(",  ";",  ":",  "@",   "*", "+",   ",", "$",
        "-", "_", "//", "/a", "0",  "Z",   "=", "/a/", "x", ".a",
    };
    bool is_plain = next(state) % 2;
    char *end = out;

#define PICK(LIST)                                                             \
    end = stpcpy(end, LIST[next(state) % (sizeof(LIST) / sizeof(LIST[0]))])
    PICK(starts);
    PICK(hosts);
    PICK(ports);
    if (next(state) % 8)
        *end++ = '/';
    for (uint64_t n = next(state) % 10; n > 0; n--) {
        if (is_plain)
            PICK(plain);
        else
            PICK(tails);
    }
#undef PICK
    *end = '\0';
    return (size_t)(end - out);
}

/*
 * A fragment changes nothing but the way that is taken: with one, libcurl
 * parses. Both must say the same; and what is normal stays as it is.
 */
static void test_fast_path(void)
{
    uint64_t state = 88172645463325252u;
    unsigned fast = 0, valid = 0, differ = 0, unstable = 0;

    for (int i = 0; i < 40000; i++) {
        char text[512];
        size_t len = generate(&state, text);
        struct url plain, slow, again;
        struct url_span span;
        enum error_code code;
        struct why why;
        int status = url_parse(&plain, text, len, "https", &code, &why);

        fast += url_text_is_normal(text, len, &span);
        text[len] = '#';
        if (status != url_parse(&slow, text, len + 1, "https", &code, &why))
            differ++;
        if (status == 0 && slow.text) {
            valid++;
            differ += strcmp(plain.text, slow.text) != 0;
            differ += strcmp(plain.host_key, slow.host_key) != 0;
            url_parse(&again, plain.text, strlen(plain.text), "", &code, &why);
            unstable += !again.text || strcmp(again.text, plain.text) != 0;
            unstable += strstr(plain.text, "/../") != NULL &&
                        strstr(plain.text, "/../") <
                            plain.text + strcspn(plain.text, "?");
            url_release(&again);
        }
        if (differ + unstable > 0 && (differ + unstable) < 5)
            printf("url %s: %s\n", text, plain.text ? plain.text : "refused");
        url_release(&plain);
        url_release(&slow);
    }
    CHECK(differ == 0);
    CHECK(unstable == 0);
    CHECK(fast > 1000);
    CHECK(valid > 10000 && valid < 40000);
}

int main(void)
{
    test_normal();
    test_refused();
    test_messages();
    test_userinfo();
    test_host_keys();
    test_idn();
    test_join();
    test_without_userinfo();
    test_censored();
    test_ipv6();
    test_fast_path();
    return check_end("url");
}
