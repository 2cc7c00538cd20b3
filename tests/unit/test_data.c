/* SPDX-License-Identifier: MIT */
/* policy/data: each option of curl's -d family to its exact bytes. */
#include "check.h"
#include "policy/data.h"

#include <stdbool.h>
#include <stdlib.h>

static struct why why;

/* Files by name: text, empty, and none other. */
static int read_file(void *context, const char *name, struct buf *out,
                     struct why *reason)
{
    static const char text[] = "a \r\nb\0c\n";

    ++*(unsigned *)context;
    if (strcmp(name, "text") == 0)
        return buf_add(out, text, sizeof(text) - 1);
    if (strcmp(name, "empty") == 0)
        return 0;
    return why_set(reason, "%s: not there", name);
}

static unsigned reads;
static const struct reader reader = {.read = read_file, .context = &reads};
static struct buf data;

static void add(enum data_kind kind, const char *argument)
{
    CHECK(data_add(&data, kind, argument, &reader, &why) == 0);
}

/* What has come together, and a new start. */
static void check_data(const char *want, size_t len)
{
    CHECK(data.len == len);
    CHECK(data.len == len &&
          memcmp(data.data ? data.data : "", want, len) == 0);
    buf_clear(&data);
}

#define CHECK_DATA(WANT) check_data(WANT, sizeof(WANT) - 1)

#define CHECK_ONE(KIND, ARGUMENT, WANT)                                        \
    do {                                                                       \
        add(KIND, ARGUMENT);                                                   \
        CHECK_DATA(WANT);                                                      \
    } while (0)

static void test_plain(void)
{
    CHECK_ONE(DATA_PLAIN, "a b=c&\xc3\xa9%41", "a b=c&\xc3\xa9%41");
    CHECK_ONE(DATA_PLAIN, "", "");
    CHECK_ONE(DATA_PLAIN, "a@text", "a@text");
    CHECK_ONE(DATA_PLAIN, "a\r\nb", "a\r\nb");
    CHECK_ONE(DATA_PLAIN, "@text", "a bc");
    CHECK_ONE(DATA_PLAIN, "@empty", "");
}

static void test_joined(void)
{
    add(DATA_PLAIN, "a");
    add(DATA_PLAIN, "b=c");
    add(DATA_RAW, "@d");
    add(DATA_BINARY, "e");
    add(DATA_URLENCODE, "f=&");
    CHECK_DATA("a&b=c&@d&e&f=%26");
    add(DATA_PLAIN, "@text");
    add(DATA_PLAIN, "@text");
    CHECK_DATA("a bc&a bc");
    add(DATA_PLAIN, "a");
    add(DATA_BINARY, "@empty");
    add(DATA_PLAIN, "b");
    CHECK_DATA("a&&b");
    add(DATA_PLAIN, "");
    add(DATA_PLAIN, "a");
    CHECK_DATA("a");
}

static void test_as_it_stands(void)
{
    reads = 0;
    CHECK_ONE(DATA_RAW, "@text", "@text");
    CHECK(reads == 0);
    CHECK_ONE(DATA_BINARY, "a\r\n", "a\r\n");
    CHECK_ONE(DATA_BINARY, "@text", "a \r\nb\0c\n");
    CHECK(reads == 1);
}

static void test_json(void)
{
    add(DATA_JSON, "{\"a\":");
    add(DATA_JSON, "1}");
    CHECK_DATA("{\"a\":1}");
    CHECK_ONE(DATA_JSON, "@text", "a \r\nb\0c\n");
    add(DATA_PLAIN, "a");
    add(DATA_JSON, "b");
    add(DATA_PLAIN, "c");
    CHECK_DATA("ab&c");
}

static void test_urlencode(void)
{
    CHECK_ONE(DATA_URLENCODE, "a b", "a+b");
    CHECK_ONE(DATA_URLENCODE, "=a=b@c", "a%3Db%40c");
    CHECK_ONE(DATA_URLENCODE, "n=a&b", "n=a%26b");
    CHECK_ONE(DATA_URLENCODE, "n m%5B=a", "n m%5B=a");
    CHECK_ONE(DATA_URLENCODE, "@text", "a+%0D%0Ab%00c%0A");
    CHECK_ONE(DATA_URLENCODE, "n@text", "n=a+%0D%0Ab%00c%0A");
    CHECK_ONE(DATA_URLENCODE, "", "");
    CHECK_ONE(DATA_URLENCODE, "=", "");
    CHECK_ONE(DATA_URLENCODE, "n=", "n=");
    CHECK_ONE(DATA_URLENCODE, "@empty", "");
    CHECK_ONE(DATA_URLENCODE, "n@empty", "n=");
    CHECK_ONE(DATA_URLENCODE, "a@b=@text", "a@b=%40text");
}

/* Every byte, but NUL, which an argument cannot hold. */
static void test_bytes(void)
{
    char all[257] = "=", want[800];
    size_t at = 0;

    for (unsigned c = 1; c < 256; c++) {
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                     (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
                     c == '_' || c == '~';

        all[c] = (char)c;
        at += (size_t)snprintf(want + at, sizeof(want) - at,
                               plain      ? "%c"
                               : c == ' ' ? "+"
                                          : "%%%02X",
                               c);
    }
    all[256] = '\0';
    add(DATA_URLENCODE, all);
    check_data(want, at);
}

static void test_faults(void)
{
    struct buf small;

    CHECK(data_add(&data, DATA_PLAIN, "@none", &reader, &why) == -1);
    CHECK_STR(why.text, "none: not there");
    CHECK(data.len == 0);
    CHECK(data_add(&data, DATA_URLENCODE, "n@none", &reader, &why) == -1);
    buf_init(&small, 4);
    CHECK(data_add(&small, DATA_PLAIN, "abcd", &reader, &why) == 0);
    CHECK(data_add(&small, DATA_PLAIN, "", &reader, &why) == -1);
    CHECK_STR(why.text, "the request data is over 4 bytes");
    buf_release(&small);
    CHECK(data_add(&small, DATA_URLENCODE, "\n\n", &reader, &why) == -1);
    buf_release(&small);
    CHECK(data_add(&small, DATA_JSON, "abcd", &reader, &why) == 0);
    CHECK(data_add(&small, DATA_JSON, "e", &reader, &why) == -1);
    buf_release(&small);
}

static void check_query(const char *url, const char *bytes, size_t len,
                        const char *want)
{
    struct buf out;

    buf_init(&out, 1000);
    buf_add_str(&out, url);
    CHECK(data_add_query(&out, bytes, len, &why) == 0);
    CHECK_STR(out.data, want);
    buf_release(&out);
}

#define CHECK_QUERY(URL, DATA, WANT)                                           \
    check_query(URL, DATA, sizeof(DATA) - 1, WANT)

static void test_query(void)
{
    struct buf small;

    CHECK_QUERY("http://h/", "a=1&b", "http://h/?a=1&b");
    CHECK_QUERY("http://h/p?", "a", "http://h/p?a");
    CHECK_QUERY("http://h/p?x", "a", "http://h/p?x&a");
    CHECK_QUERY("http://h/p?x&", "a", "http://h/p?x&a");
    CHECK_QUERY("http://h/p?x", "&a", "http://h/p?x&&a");
    CHECK_QUERY("http://h/p?x", "", "http://h/p?x");
    CHECK_QUERY("http://h/p?x", "a?b/%zz\"<>", "http://h/p?x&a?b/%zz\"<>");
    CHECK_QUERY("http://h/", " #\xc3\xa9\t\r\n\0\x7f",
                "http://h/?%20%23%C3%A9%09%0D%0A%00%7F");
    CHECK_QUERY("http://h/", "a HTTP/1.1\r\nHost: x",
                "http://h/?a%20HTTP/1.1%0D%0AHost:%20x");
    buf_init(&small, 10);
    buf_add_str(&small, "http://h/");
    CHECK(data_add_query(&small, "a", 1, &why) == -1);
    CHECK_STR(why.text, "the URL with its data is over 10 bytes");
    buf_release(&small);
}

static void test_huge(void)
{
    size_t len = 4u << 20;
    char *text = malloc(len + 1);

    memset(text, '&', len);
    text[len] = '\0';
    add(DATA_URLENCODE, text);
    CHECK(data.len == 3 * len && memcmp(data.data, "%26%26", 6) == 0);
    buf_clear(&data);
    free(text);
}

static void test_pair(void)
{
    struct buf data;

    buf_init(&data, 100);
    data_add_pair(&data, "a b", "c&d");
    data_add_pair(&data, "@e", "");
    CHECK_STR(data.data, "a+b=c%26d&%40e=");
    buf_release(&data);
}

int main(void)
{
    test_pair();
    buf_init(&data, 64u << 20);
    test_plain();
    test_joined();
    test_as_it_stands();
    test_json();
    test_urlencode();
    test_bytes();
    test_faults();
    test_query();
    test_huge();
    buf_release(&data);
    return check_end("data");
}
