/* SPDX-License-Identifier: MIT */
/* Proxies: what is one, which one a hop goes through, what is shown of it. */
#include "policy/proxy.h"

#include "check.h"

#include <stdlib.h>

#define PLAIN "http://a.test:80"
#define TLS   "https://a.test:443"

/* The proxy as it is given to libcurl, or why it is refused. */
static void expect(const char *text, const char *want)
{
    struct why why;
    char *proxy = proxy_parse(text, strlen(text), &why);

    CHECK_STR(proxy ? proxy : why.text, want);
    free(proxy);
}

static void proxies_are_read(void)
{
    static const char *const whole[] = {
        "",
        "http://p.test:3128",
        "HTTP://p.test:3128/",
        "https://p.test",
        "socks4://p.test:1080",
        "socks4a://p.test",
        "socks5://127.0.0.1:9050",
        "socks5h://[::1]:9050",
        "socks://p.test",
        "http://user:pa%3Ass@p.test:1",
        "http://us%40er@p.test:65535",
        "socks5h://localhost/run/tor/socks",
        "http://xn--bcher-kva.test:80",
    };

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        expect(whole[i], whole[i]);
    expect("p.test", "http://p.test");
    expect("p.test:3128", "http://p.test:3128");
    expect("ftp.test:3128", "http://ftp.test:3128");
    expect("user:pass@[::1]:3128", "http://user:pass@[::1]:3128");
}

static void texts_are_refused(void)
{
    static const char port[] = "the proxy's port is not a number from 1 to "
                               "65535";
    static const char path[] = "a proxy has no path";
    static const char query[] = "a proxy has no query and no fragment (write ? "
                                "as %3F and # as %23)";

    expect("http://", "the proxy has no host");
    expect("http:///x", "the proxy has no host");
    expect("//p.test", "the proxy has no host");
    expect("http://:3128", "the proxy has no host");
    expect("http://user@:3128", "the proxy has no host");
    expect("p.test:0", port);
    expect("p.test:65536", port);
    expect("p.test:x", port);
    expect("http:p.test", port);
    expect("ftp://p.test", "no proxy has the scheme \"ftp\" (http, https, "
                           "socks4, socks4a, socks5, socks5h)");
    expect("socks6://p.test", "no proxy has the scheme \"socks6\" (http, "
                              "https, socks4, socks4a, socks5, socks5h)");
    expect("u:secret://p.test", "what stands before :// is no scheme");
    expect("p .test", "the proxy holds white space");
    expect("p.test\r\nX: y", "the proxy holds a control byte");
    expect("p.test\x7f", "the proxy holds a control byte");
    expect("http://u%0ax:p@p.test", "the proxy's user or password hold a "
                                    "control byte");
    expect("http://u:p%00@p.test", "the proxy's user or password hold a "
                                   "control byte");
    expect("[::1", "the proxy's host is not an IPv6 address");
    expect("p.test/x", path);
    expect("socks5://p.test/x", path);
    expect("http://localhost/x", path);
    expect("p.test?x", query);
    expect("p.test/#x", query);
    expect("p.test/?", query);
    CHECK(proxy_parse("p\0q", 3, NULL) == NULL);
}

/* No refusal says anything of a password, wherever it went. */
static void refusals_keep_passwords(void)
{
    static const char *const texts[] = {
        "u:hunter2@",           "http://u:hunter2@",
        "ftp://u:hunter2@p",    "u:hunter2://@p",
        "u:hunter2#x@p.test",   "u:hunter2/x@p.test",
        "u:hunter2@p.test:x",   "u:hunter2@[::1",
        "u:hunter2 @p.test",    "hunter2%zz:\x01@p.test",
        "http://u:hunter2@p/x",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct why why;
        char *proxy = proxy_parse(texts[i], strlen(texts[i]), &why);

        CHECK(!proxy && !strstr(why.text, "hunter2"));
        free(proxy);
    }
}

static void check_shown(const char *proxy, const char *want)
{
    char *shown = proxy_shown(proxy);

    CHECK_STR(shown, want);
    free(shown);
}

static void proxies_are_shown_without_passwords(void)
{
    check_shown("http://user:pass@p.test:1", "http://p.test:1");
    check_shown("socks5h://u:p@w@[::1]:1", "socks5h://[::1]:1");
    check_shown("http://p.test", "http://p.test");
    check_shown("socks5://u@localhost/a@b", "socks5://localhost/a@b");
    check_shown("", "");
}

static void some_look_names_up(void)
{
    CHECK(proxy_resolves("http://p"));
    CHECK(proxy_resolves("https://p"));
    CHECK(proxy_resolves("socks4a://p"));
    CHECK(proxy_resolves("SOCKS5H://p"));
    CHECK(!proxy_resolves("socks4://p"));
    CHECK(!proxy_resolves("socks5://p"));
    CHECK(!proxy_resolves("socks://p"));
}

static struct proxies *made(const struct proxy_setting *setting)
{
    struct proxies *proxies;
    struct why why;

    CHECK(proxies_new(&proxies, setting, &why) == 0);
    return proxies;
}

static void check_pick(const struct proxies *proxies, const char *host_key,
                       const char *own, const char *want)
{
    CHECK_STR(proxies_pick(proxies, host_key, own, NULL, 0, 0), want);
}

static void without_settings_all_is_direct(void)
{
    struct proxies *proxies = made(&(struct proxy_setting){0});

    CHECK(!proxies_any(proxies));
    check_pick(proxies, PLAIN, NULL, NULL);
    check_pick(proxies, TLS, NULL, NULL);
    check_pick(proxies, TLS, "http://own", "http://own");
    check_pick(proxies, TLS, "", NULL);
    proxies_free(proxies);
    proxies_free(NULL);
}

static void the_environment_goes_by_scheme(void)
{
    struct proxy_environment environment = {{NULL}};
    const struct proxy_setting setting = {.environment = &environment};
    struct proxies *proxies;

    environment.value[PROXY_HTTP] = "h.test:1";
    environment.value[PROXY_HTTPS_UPPER] = "S.test:2";
    proxies = made(&setting);
    CHECK(proxies_any(proxies));
    check_pick(proxies, PLAIN, NULL, "http://h.test:1");
    check_pick(proxies, TLS, NULL, "http://S.test:2");
    proxies_free(proxies);

    environment.value[PROXY_HTTPS] = "s.test:3";
    environment.value[PROXY_ALL] = "socks://unread:x";
    proxies = made(&setting);
    check_pick(proxies, TLS, NULL, "http://s.test:3");
    proxies_free(proxies);

    environment.value[PROXY_HTTPS] = environment.value[PROXY_HTTPS_UPPER] = "";
    environment.value[PROXY_ALL] = NULL;
    environment.value[PROXY_ALL_UPPER] = "socks5h://A.test";
    proxies = made(&setting);
    check_pick(proxies, PLAIN, NULL, "http://h.test:1");
    check_pick(proxies, TLS, NULL, "socks5h://A.test");
    proxies_free(proxies);

    environment.value[PROXY_ALL] = "socks5h://a.test";
    proxies = made(&setting);
    check_pick(proxies, TLS, NULL, "socks5h://a.test");
    proxies_free(proxies);
}

static void variables_have_their_names(void)
{
    CHECK_STR(proxy_variable_name(PROXY_HTTP), "http_proxy");
    CHECK_STR(proxy_variable_name(PROXY_HTTPS), "https_proxy");
    CHECK_STR(proxy_variable_name(PROXY_HTTPS_UPPER), "HTTPS_PROXY");
    CHECK_STR(proxy_variable_name(PROXY_ALL), "all_proxy");
    CHECK_STR(proxy_variable_name(PROXY_ALL_UPPER), "ALL_PROXY");
    CHECK_STR(proxy_variable_name(PROXY_NO), "no_proxy");
    CHECK_STR(proxy_variable_name(PROXY_NO_UPPER), "NO_PROXY");
}

static void options_go_before_the_environment(void)
{
    struct proxy_environment environment = {{NULL}};
    struct proxy_setting setting = {.environment = &environment};
    struct proxies *proxies;

    environment.value[PROXY_HTTP] = environment.value[PROXY_HTTPS] = "e.test";
    setting.proxy = "o.test";
    proxies = made(&setting);
    check_pick(proxies, PLAIN, NULL, "http://o.test");
    check_pick(proxies, TLS, NULL, "http://o.test");
    check_pick(proxies, TLS, "socks5://own", "socks5://own");
    check_pick(proxies, TLS, "", NULL);
    proxies_free(proxies);

    setting.proxy = "";
    proxies = made(&setting);
    CHECK(!proxies_any(proxies));
    check_pick(proxies, PLAIN, NULL, NULL);
    check_pick(proxies, TLS, NULL, NULL);
    proxies_free(proxies);
}

static void exceptions_hold_for_every_proxy(void)
{
    struct proxy_environment environment = {{NULL}};
    struct proxy_setting setting = {.environment = &environment};
    struct proxies *proxies;

    setting.proxy = "o.test";
    environment.value[PROXY_NO] = "";
    environment.value[PROXY_NO_UPPER] = "a.test";
    proxies = made(&setting);
    check_pick(proxies, PLAIN, NULL, NULL);
    check_pick(proxies, PLAIN, "http://own", NULL);
    check_pick(proxies, "http://b.test:80", NULL, "http://o.test");
    proxies_free(proxies);

    environment.value[PROXY_NO] = "b.test";
    proxies = made(&setting);
    check_pick(proxies, PLAIN, NULL, "http://o.test");
    check_pick(proxies, "http://b.test:80", NULL, NULL);
    proxies_free(proxies);

    setting.noproxy = "";
    proxies = made(&setting);
    check_pick(proxies, "http://b.test:80", NULL, "http://o.test");
    proxies_free(proxies);
}

static void a_request_has_its_own_exceptions(void)
{
    static const char direct[] = "http://direct.test:80";
    const struct proxy_setting setting = {.proxy = "p",
                                          .noproxy = "direct.test"};
    const struct proxy_setting all = {.proxy = "p", .noproxy = "a.test,*"};
    struct proxies *proxies = made(&setting);

    CHECK_STR(proxies_pick(proxies, direct, NULL, "", 0, 0), "http://p");
    CHECK_STR(proxies_pick(proxies, direct, NULL, "b.test", 0, 0), "http://p");
    CHECK(!proxies_pick(proxies, "http://b.test:80", NULL, "b.test", 0, 0));
    CHECK(!proxies_pick(proxies, TLS, "http://own", "*", 0, 0));
    CHECK(proxies_any(proxies));
    proxies_free(proxies);

    proxies = made(&all);
    CHECK(!proxies_any(proxies));
    CHECK_STR(proxies_pick(proxies, direct, NULL, "", 0, 0), "http://p");
    proxies_free(proxies);
}

static void a_list_rotates(void)
{
    static const char *items[] = {"p0", "p1", "socks5h://p2"};
    static const char *const want[] = {"http://p0", "http://p1",
                                       "socks5h://p2"};
    const struct strings list = {items, 3};
    const struct proxy_setting setting = {.list = &list,
                                          .noproxy = "direct.test"};
    struct proxies *proxies = made(&setting);

    for (uint64_t index = 0; index < 7; index++)
        for (uint64_t attempt = 0; attempt < 5; attempt++)
            CHECK_STR(proxies_pick(proxies, TLS, NULL, NULL, index, attempt),
                      want[(index + attempt) % 3]);
    CHECK_STR(proxies_pick(proxies, TLS, NULL, NULL, UINT64_MAX, 1),
              "http://p1");
    CHECK_STR(proxies_pick(proxies, TLS, "http://own", NULL, 1, 1),
              "http://own");
    CHECK(!proxies_pick(proxies, TLS, "", NULL, 1, 1));
    CHECK(!proxies_pick(proxies, "http://direct.test:80", NULL, NULL, 0, 0));
    CHECK(proxies_any(proxies));
    proxies_free(proxies);
}

static const char *refusal(const struct proxy_setting *setting)
{
    static struct why why;
    struct proxies *proxies;

    if (proxies_new(&proxies, setting, &why) == 0) {
        proxies_free(proxies);
        return NULL;
    }
    CHECK(proxies == NULL);
    return why.text;
}

static void settings_are_refused(void)
{
    static const char *items[] = {"good", "", "u:hunter2@"};
    const struct strings list = {items, 3};
    struct proxy_environment environment = {{NULL}};
    struct proxy_setting setting = {.proxy = "http://"};

    CHECK_STR(refusal(&setting), "--proxy: the proxy has no host");
    setting.proxy = NULL;
    setting.list = &list;
    CHECK_STR(refusal(&setting), "proxy 2 of --proxy-list: the proxy is empty");
    setting.proxy = "p";
    CHECK_STR(refusal(&setting),
              "--proxy and --proxy-list cannot both be given");
    setting = (struct proxy_setting){.environment = &environment};
    environment.value[PROXY_ALL_UPPER] = "ftp://p";
    CHECK_STR(refusal(&setting),
              "the environment variable ALL_PROXY: no proxy has the scheme "
              "\"ftp\" (http, https, socks4, socks4a, socks5, socks5h)");
    environment.value[PROXY_HTTP] = environment.value[PROXY_HTTPS] = "p";
    CHECK(refusal(&setting) == NULL);
}

int main(void)
{
    proxies_are_read();
    texts_are_refused();
    refusals_keep_passwords();
    proxies_are_shown_without_passwords();
    some_look_names_up();
    without_settings_all_is_direct();
    the_environment_goes_by_scheme();
    variables_have_their_names();
    options_go_before_the_environment();
    exceptions_hold_for_every_proxy();
    a_request_has_its_own_exceptions();
    a_list_rotates();
    settings_are_refused();
    return check_end("proxy");
}
