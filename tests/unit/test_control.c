/* SPDX-License-Identifier: MIT */
/* The file of --control: what may stand in it, and what is said of the rest. */
#include "check.h"

#include "policy/control.h"

#include <string.h>

static struct control parsed;
static struct why why;

static int parse(const char *text)
{
    why.text[0] = '\0';
    return control_parse(&parsed, text, strlen(text), &why);
}

static void what_may_stand(void)
{
    CHECK(parse("{}") == 0);
    CHECK(!parsed.has_concurrency && !parsed.has_host_concurrency &&
          !parsed.has_rate && !parsed.has_host_rate && !parsed.has_pause);

    CHECK(parse(" {\"concurrency\": 7, \"host_concurrency\": 0, \"rate\": 2.5,"
                "\"host_rate\": \"30/m\", \"pause\": true}\n") == 0);
    CHECK(parsed.has_concurrency && parsed.concurrency == 7);
    CHECK(parsed.has_host_concurrency && parsed.host_concurrency == 0);
    CHECK(parsed.has_rate && parsed.rate >= 2.5 && parsed.rate <= 2.5);
    CHECK(parsed.has_host_rate && parsed.host_rate >= 0.5 &&
          parsed.host_rate <= 0.5);
    CHECK(parsed.has_pause && parsed.pause);

    CHECK(parse("{\"rate\": null, \"host_rate\": 0, \"pause\": false}") == 0);
    CHECK(parsed.has_rate && parsed.rate <= 0.0 && parsed.host_rate <= 0.0);
    CHECK(!parsed.pause);
    CHECK(parse("{\"rate\": \"\\u0035/s\"}") == 0);
    CHECK(parsed.rate >= 5.0 && parsed.rate <= 5.0);
    CHECK(parse("{\"concurrency\": 65535}") == 0);
}

static void what_may_not(void)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", ""},
        {"[]", ""},
        {"{\"pause\": true", ""},
        {"{\"pause\": true, \"pause\": true}", "second time"},
        {"{\"concurrency\": 0}", "concurrency: "},
        {"{\"concurrency\": 65536}", "concurrency: "},
        {"{\"concurrency\": 1.5}", "concurrency: "},
        {"{\"concurrency\": \"5\"}", "concurrency: a string, not a number"},
        {"{\"host_concurrency\": -1}", "host_concurrency: "},
        {"{\"host_concurrency\": null}", "host_concurrency: "},
        {"{\"rate\": -1}", "rate: "},
        {"{\"rate\": 1e10}", "rate: "},
        {"{\"rate\": \"often\"}", "rate: "},
        {"{\"rate\": \"-1/s\"}", "rate: "},
        {"{\"host_rate\": true}", "host_rate: true"},
        {"{\"pause\": 1}", "pause: a number, not true or false"},
        {"{\"host-rate\": 1}", "did you mean \"host_rate\"?"},
        {"{\"frobnicate\": 1}", "unknown member \"frobnicate\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(parse(cases[i].text) == -1);
        CHECK(strstr(why.text, cases[i].said) && *why.text);
    }
}

int main(void)
{
    what_may_stand();
    what_may_not();
    return check_end("control");
}
