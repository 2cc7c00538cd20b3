/* SPDX-License-Identifier: MIT */
/* Pins: addresses given for names, and hosts connected to for others. */
#include "policy/pins.h"

#include "check.h"

#include <stdlib.h>

#define EXPIRES 100.0

/* Up to four entries of --resolve, ended by NULL. */
static struct pins *resolved(const char *a, const char *b, const char *c,
                             const char *d)
{
    const char *items[] = {a, b, c, d, NULL};
    struct strings strings = {items, 0};
    struct pins *pins;
    struct why why = {""};

    while (items[strings.count])
        strings.count++;
    CHECK(pins_new(&pins, &strings, NULL, EXPIRES, &why) == 0);
    CHECK_STR(why.text, "");
    return pins;
}

static struct pins *detoured(const char *a, const char *b)
{
    const char *items[] = {a, b, NULL};
    struct strings strings = {items, b ? 2 : 1};
    struct pins *pins;
    struct why why = {""};

    CHECK(pins_new(&pins, NULL, &strings, EXPIRES, &why) == 0);
    CHECK_STR(why.text, "");
    return pins;
}

/* The addresses with commas between; "" for none. */
static const char *addresses_at(const struct pins *pins, const char *host_key,
                                double now)
{
    static char out[ADDRESSES_MAX * ADDRESS_TEXT];
    const struct addresses *addresses = pins_addresses(pins, host_key, now);
    size_t len = 0;

    out[0] = '\0';
    for (unsigned i = 0; addresses && i < addresses->count; i++) {
        char text[ADDRESS_TEXT];

        address_print(&addresses->list[i], text);
        len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
                                i ? "," : "", text);
    }
    return out;
}

static const char *addresses(const struct pins *pins, const char *host_key)
{
    return addresses_at(pins, host_key, 0);
}

static const char *target(const struct pins *pins, const char *host_key)
{
    static char out[HOST_KEY_TEXT];

    return pins_target(pins, host_key, out) ? out : NULL;
}

static void without_entries_there_are_none(void)
{
    const struct strings empty = {NULL, 0};
    struct pins *pins;

    CHECK(pins_new(&pins, NULL, NULL, 0, NULL) == 0 && pins == NULL);
    CHECK(pins_new(&pins, &empty, &empty, 0, NULL) == 0 && pins == NULL);
    CHECK_STR(addresses(NULL, "http://a.test:80"), "");
    CHECK_STR(target(NULL, "http://a.test:80"), NULL);
    pins_free(NULL);
}

static void names_have_the_addresses_given(void)
{
    struct pins *pins =
        resolved("A.Test.:80:127.0.0.1", "b.test:443:[::1],127.0.0.2,fe80::1",
                 "[2001:db8::1]:80:127.0.0.3", "192.0.2.1:80:127.0.0.4");

    CHECK_STR(addresses(pins, "http://a.test:80"), "127.0.0.1");
    CHECK_STR(addresses(pins, "http://a.test.:80"), "127.0.0.1");
    CHECK_STR(addresses(pins, "https://a.test:443"), "");
    CHECK_STR(addresses(pins, "http://a.test:8"), "");
    CHECK_STR(addresses(pins, "http://www.a.test:80"), "");
    CHECK_STR(addresses(pins, "https://b.test:443"), "::1,127.0.0.2,fe80::1");
    CHECK_STR(addresses(pins, "http://[2001:db8::1]:80"), "127.0.0.3");
    CHECK_STR(addresses(pins, "http://192.0.2.1:80"), "127.0.0.4");
    CHECK_STR(target(pins, "http://a.test:80"), NULL);
    pins_free(pins);
}

static void the_most_exact_counts(void)
{
    struct pins *pins = resolved("*:*:127.0.0.4", "*:80:127.0.0.3",
                                 "a.test:*:127.0.0.2", "a.test:80:127.0.0.1");

    CHECK_STR(addresses(pins, "http://a.test:80"), "127.0.0.1");
    CHECK_STR(addresses(pins, "http://a.test:81"), "127.0.0.2");
    CHECK_STR(addresses(pins, "http://b.test:80"), "127.0.0.3");
    CHECK_STR(addresses(pins, "https://b.test:443"), "127.0.0.4");
    pins_free(pins);
}

static void later_entries_replace_and_remove(void)
{
    struct pins *pins = resolved("a.test:80:127.0.0.1", "a.test:80:127.0.0.2",
                                 "b.test:80:127.0.0.3", "-b.test:80");

    CHECK_STR(addresses(pins, "http://a.test:80"), "127.0.0.2");
    CHECK_STR(addresses(pins, "http://b.test:80"), "");
    pins_free(pins);
    pins = resolved("-a.test:80", "a.test:80:127.0.0.1", "-A.test.:81",
                    "-*:80:junk");
    CHECK_STR(addresses(pins, "http://a.test:80"), "127.0.0.1");
    pins_free(pins);
    pins = resolved("*:80:127.0.0.1", "-*:80", NULL, NULL);
    CHECK_STR(addresses(pins, "http://a.test:80"), "");
    pins_free(pins);
}

static void some_end(void)
{
    struct pins *pins = resolved("+a.test:80:127.0.0.1", "b.test:80:127.0.0.2",
                                 "*:80:127.0.0.3", NULL);

    CHECK_STR(addresses_at(pins, "http://a.test:80", EXPIRES - 1), "127.0.0.1");
    CHECK_STR(addresses_at(pins, "http://a.test:80", EXPIRES), "127.0.0.3");
    CHECK_STR(addresses_at(pins, "http://b.test:80", EXPIRES + 1), "127.0.0.2");
    pins_free(pins);
}

static void as_many_as_are_kept(void)
{
    struct pins *pins =
        resolved("a.test:80:1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,"
                 "1.1.1.7,1.1.1.8",
                 NULL, NULL, NULL);

    CHECK(pins_addresses(pins, "http://a.test:80", 0)->count == ADDRESSES_MAX);
    pins_free(pins);
}

static void hosts_are_connected_to_for_others(void)
{
    struct pins *pins = detoured("A.test:443:B.test:8443", NULL);

    CHECK_STR(target(pins, "https://a.test:443"), "https://b.test:8443");
    CHECK_STR(target(pins, "https://a.test.:443"), "https://b.test:8443");
    CHECK_STR(target(pins, "http://a.test:443"), "http://b.test:8443");
    CHECK_STR(target(pins, "https://a.test:444"), NULL);
    CHECK_STR(target(pins, "https://www.a.test:443"), NULL);
    pins_free(pins);

    pins = detoured("[::1]:80:[2001:DB8::1]:81", "192.0.2.1:80:127.0.0.1:82");
    CHECK_STR(target(pins, "http://[::1]:80"), "http://[2001:db8::1]:81");
    CHECK_STR(target(pins, "http://192.0.2.1:80"), "http://127.0.0.1:82");
    pins_free(pins);
}

static void empty_parts_fit_and_keep(void)
{
    struct pins *pins = detoured("::b.test:81", NULL);

    CHECK_STR(target(pins, "https://a.test:443"), "https://b.test:81");
    CHECK_STR(target(pins, "http://b.test:81"), NULL);
    pins_free(pins);

    pins = detoured("a.test::b.test:", ":80::81");
    CHECK_STR(target(pins, "https://a.test:443"), "https://b.test:443");
    CHECK_STR(target(pins, "http://a.test:80"), "http://b.test:80");
    CHECK_STR(target(pins, "http://c.test:80"), "http://c.test:81");
    CHECK_STR(target(pins, "http://[::1]:80"), "http://[::1]:81");
    CHECK_STR(target(pins, "http://c.test:82"), NULL);
    pins_free(pins);

    /* The first that fits counts, also where it changes nothing. */
    pins = detoured("a.test:80::", "::b.test:");
    CHECK_STR(target(pins, "http://a.test:80"), NULL);
    CHECK_STR(target(pins, "http://c.test:80"), "http://b.test:80");
    pins_free(pins);
}

static void both_go_together(void)
{
    const char *resolve[] = {"b.test:81:127.0.0.1"};
    const char *connect_to[] = {"a.test:80:b.test:81"};
    struct strings r = {resolve, 1}, c = {connect_to, 1};
    struct pins *pins;

    CHECK(pins_new(&pins, &r, &c, 0, NULL) == 0);
    CHECK_STR(addresses(pins, "http://a.test:80"), "");
    CHECK_STR(addresses(pins, target(pins, "http://a.test:80")), "127.0.0.1");
    pins_free(pins);
}

/* The longest name and port fit into a host key, whichever way. */
static void the_longest_fits(void)
{
    char name[260], entry[400], key[400], want[400];
    struct pins *pins;

    memset(name, 'a', 253);
    name[63] = name[127] = name[191] = '.';
    name[253] = '\0';
    snprintf(entry, sizeof(entry), "%s:65535:127.0.0.1", name);
    snprintf(key, sizeof(key), "https://%s:65535", name);
    pins = resolved(entry, NULL, NULL, NULL);
    CHECK_STR(addresses(pins, key), "127.0.0.1");
    pins_free(pins);
    snprintf(entry, sizeof(entry), "::%s:65534", name);
    snprintf(want, sizeof(want), "https://%s:65534", name);
    pins = detoured(entry, NULL);
    CHECK_STR(target(pins, key), want);
    pins_free(pins);
}

static void expect(bool resolve, const char *entry, const char *want)
{
    const char *items[] = {entry};
    struct strings strings = {items, 1};
    struct pins *pins;
    struct why why = {""};
    const char *reason;

    CHECK(pins_new(&pins, resolve ? &strings : NULL, resolve ? NULL : &strings,
                   0, &why) == -1);
    CHECK(pins == NULL);
    CHECK(strncmp(why.text, resolve ? "--resolve \"" : "--connect-to \"",
                  resolve ? 11 : 14) == 0);
    reason = strstr(why.text, "\": ");
    CHECK_STR(reason ? reason + 3 : why.text, want);
    pins_free(pins);
}

static void entries_are_refused(void)
{
    static const char form[] = "it must be HOST:PORT:ADDRESS[,ADDRESS...]";
    static const char four[] =
        "it must be HOST1:PORT1:HOST2:PORT2 (each may be empty)";

    expect(true, "", form);
    expect(true, "a.test", form);
    expect(true, "a.test:80", form);
    expect(true, "a.test:80:", "\"\" is no IPv4 or IPv6 address");
    expect(true, "a.test:80:b.test", "\"b.test\" is no IPv4 or IPv6 address");
    expect(true, "a.test:80:127.0.0.1,", "\"\" is no IPv4 or IPv6 address");
    expect(true,
           "a.test:80:1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,"
           "1.1.1.7,1.1.1.8,1.1.1.9",
           "more than 8 addresses");
    expect(true, "a.test:0:127.0.0.1",
           "the port \"0\" is not a number from 1 to 65535, nor *");
    expect(true, "a.test:http:127.0.0.1",
           "the port \"http\" is not a number from 1 to 65535, nor *");
    expect(true, ":80:127.0.0.1", "the host name is missing");
    expect(true, "*.test:80:127.0.0.1",
           "the host name holds a byte that none has");
    expect(true, "::1:80:127.0.0.1",
           "the port \"\" is not a number from 1 to "
           "65535, nor *");
    expect(true, "-a.test", "it must be -HOST:PORT");
    expect(true, "-a.test:",
           "the port \"\" is not a number from 1 to 65535, "
           "nor *");
    expect(false, "", four);
    expect(false, "a.test:80:b.test", four);
    expect(false, "a.test:80:b.test:80:x",
           "it has more than four parts (an IPv6 address needs brackets)");
    expect(false, "a.test:x:b.test:80",
           "PORT1 \"x\" is not a number from 1 to 65535");
    expect(false, "a.test:80:b.test:0",
           "PORT2 \"0\" is not a number from 1 to 65535");
    expect(false, "a b:80:b.test:80",
           "HOST1: the host name holds a byte that none has");
    expect(false, "a.test:80:[::x]:80",
           "HOST2: the host is not an IPv6 address");
}

int main(void)
{
    without_entries_there_are_none();
    names_have_the_addresses_given();
    the_most_exact_counts();
    later_entries_replace_and_remove();
    some_end();
    as_many_as_are_kept();
    hosts_are_connected_to_for_others();
    empty_parts_fit_and_keep();
    both_go_together();
    the_longest_fits();
    entries_are_refused();
    return check_end("pins");
}
