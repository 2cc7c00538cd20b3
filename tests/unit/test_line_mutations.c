/* SPDX-License-Identifier: MIT */
/*
 * The property of input lines: no mutation of a line makes a request that
 * could carry a second one, and each gives one request or one error.
 */
#include "line_reading.h"

static unsigned long long next(unsigned long long *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static bool is_clean(const char *text)
{
    for (; text && *text; text++) {
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
            return false;
    }
    return true;
}

/* What was accepted cannot end its line on the wire. */
static bool is_safe(void)
{
    if (!request->url || !request->host_key || !is_clean(request->url) ||
        strpbrk(request->url, " \t#") || !is_clean(request->userinfo) ||
        strpbrk(request->method, " \t:\r\n"))
        return false;
    for (size_t i = 0; i < request->header_count; i++) {
        if (!is_clean(request->headers[i].value) ||
            strpbrk(request->headers[i].name, ": \t\r\n"))
            return false;
    }
    return true;
}

static void test_mutations(void)
{
    static const char url[] =
        "https://user:pw@Example.com:8443/a/../b%2e%2E/c?x=%zz#f";
    static const char object[] =
        "{\"url\":\"http://a/\",\"headers\":{\"X\":[\"1\",\"2\"]},\"json\":[1,"
        "{\"b\":\"\\u00fc\"}],\"id\":{},\"accept\":[404,\"5xx\"],\"timeout\":"
        "\"1.5s\",\"retry\":3,\"method\":\"PUT\"}";
    static const char record[] =
        "{\"index\":1,\"ok\":false,\"url\":\"http://a\",\"request\":"
        "{\"body_base64\":\"YWI=\",\"headers\":{\"Cookie\":\"a\"}}}";
    const char *const seeds[] = {url, object, record};
    static const char bytes[] = "\"\\{}[]:,/@?#%.u0rn \t\r\n\x01\x7f\xc3\xff";
    unsigned long long state = 88172645463325252ull;
    unsigned unsafe = 0, made = 0, refused = 0;

    config.fields = FIELD_BIT(FIELD_REQUEST);
    for (int i = 0; i < 60000; i++) {
        char text[512];
        size_t len;

        len = (size_t)snprintf(text, sizeof(text), "%s", seeds[i % 3]);
        for (unsigned long long n = next(&state) % 4; n > 0; n--) {
            size_t at = next(&state) % len;

            if (next(&state) % 3 == 0)
                memmove(text + at, text + at + 1, len-- - at);
            else
                text[at] = bytes[next(&state) % (sizeof(bytes) - 1)];
        }
        switch (read_n(text, len, next(&state) % 8 == 0)) {
        case LINE_REQUEST:
            made++;
            unsafe += !is_safe();
            break;
        case LINE_INVALID:
            refused++;
            unsafe += error.error_class != CLASS_INPUT || !*error.message;
            break;
        case LINE_SKIP:
            unsafe += request != NULL;
            break;
        }
    }
    config.fields = 0;
    CHECK(unsafe == 0);
    CHECK(made > 5000);
    CHECK(refused > 5000);
}

int main(void)
{
    begin_lines();
    test_mutations();
    return end_lines("line_mutations");
}
