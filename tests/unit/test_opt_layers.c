/* SPDX-License-Identifier: MIT */
/*
 * Options from a file's text and from variables, on a small table: the shapes
 * of lines, where texts end, and which layer holds.
 */
#include "check.h"

#include "model/opt_layers.h"

#include <stdlib.h>
#include <string.h>

static const struct opt rows[] = {
    {.name = "location",
     OPT_FLAG(settings.location),
     .def = "true",
     .help = "follow redirects"},
    {.name = "retry",
     .alias = "tries",
     OPT_UINT(settings.retry),
     .arg = "N",
     .def = "2",
     .help = "again"},
    {.name = "agent",
     OPT_STRING(settings.user_agent),
     .arg = "TEXT",
     .help = "name"},
    {.name = "input", OPT_LIST(inputs), .arg = "FILE", .help = "from there"},
    {.name = "http1.1", OPT_VALUE(settings.http, HTTP_1_1), .help = "no other"},
    {.name = "http2", OPT_VALUE(settings.http, HTTP_2), .help = "no other"},
    {.name = "silent",
     OPT_FLAG(silent),
     .help = "nothing",
     .excludes = "verbose"},
    {.name = "verbose", OPT_FLAG(verbose), .help = "all"},
    {.name = "data",
     OPT_PIECE(pieces, PIECE_DATA),
     .arg = "DATA",
     .help = "of it"},
    {.name = "json",
     OPT_PIECE(pieces, PIECE_JSON),
     .arg = "DATA",
     .help = "of it"},
    {.name = "help", OPT_ACTION(1), .help = "this"},
    {.name = "dump", OPT_FLAG(raw), .help = "that", .hidden = true},
};

static const struct opt_group group = OPT_GROUP("All", rows);
static const struct opt_group *const groups[] = {&group};
static const struct opt_table table = {
    .groups = groups, .count = 1, .positionals = offsetof(struct config, urls)};

struct setup {
    struct config config;
    struct opt_layers layers;
    struct why why;
};

static void begin(struct setup *setup)
{
    *setup = (struct setup){0};
    opt_defaults(&table, &setup->config);
}

static void end(struct setup *setup)
{
    opt_release(&table, &setup->config);
    opt_layers_release(&setup->layers);
}

static int file(struct setup *setup, const char *text, size_t len)
{
    char *copy = xmemdup(text, len); /* nothing may borrow it */
    int result = opt_layers_file(&table, &setup->config, &setup->layers, "f",
                                 copy, len, &setup->why);

    memset(copy, 'x', len);
    free(copy);
    return result;
}

static int file_text(struct setup *setup, const char *text)
{
    return file(setup, text, strlen(text));
}

static char *variables(const char *name)
{
    static char agent[] = "from env", tries[] = "7", list[] = "a\n\nb",
                http2[] = "true", data[] = "x\ny", none[] = "", bad[] = "x";

    return strcmp(name, "AFETCH_AGENT") == 0     ? agent
           : strcmp(name, "AFETCH_DATA") == 0    ? data
           : strcmp(name, "AFETCH_TRIES") == 0   ? tries
           : strcmp(name, "AFETCH_INPUT") == 0   ? list
           : strcmp(name, "AFETCH_HTTP2") == 0   ? http2
           : strcmp(name, "AFETCH_VERBOSE") == 0 ? none
           : strcmp(name, "AFETCH_DUMP") == 0    ? bad
           : strcmp(name, "AFETCH_HELP") == 0    ? bad
                                                 : NULL;
}

static void check_lines(void)
{
    struct setup setup;

    begin(&setup);
    CHECK(file_text(&setup, "\xef\xbb\xbf# no\r\n\r\n \t\nagent = a=b # c\r\n"
                            "no-location\nretry=3\nretry = 4\ninput = x\n"
                            "input = y") == 0);
    CHECK_STR(setup.config.settings.user_agent, "a=b # c");
    CHECK(!setup.config.settings.location);
    CHECK(setup.config.settings.retry == 4);
    CHECK(setup.config.inputs.count == 2);
    CHECK_STR(setup.config.inputs.items[1], "y");
    CHECK(setup.layers.log.items[0].line == 4);
    end(&setup);

    begin(&setup);
    CHECK(file_text(&setup, "") == 0);
    CHECK(file_text(&setup, "agent =") == 0);
    CHECK_STR(setup.config.settings.user_agent, "");
    CHECK(file(&setup, "agent = a\0b\n", 12) != 0);
    CHECK_STR(setup.why.text, "f:1: a NUL byte in it");
    CHECK(file_text(&setup, "\n\ndump\n") != 0);
    CHECK_STR(setup.why.text, "f:3: unknown option dump");
    CHECK(file_text(&setup, "http1.1 = maybe") != 0);
    end(&setup);
}

static void check_order(void)
{
    char *argv[] = {"afetch",      "--http1.1", "--silent",
                    "--input=arg", "--data=z",  NULL};
    struct setup setup;

    begin(&setup);
    CHECK(opt_parse_log(&table, 5, argv, &setup.config, &setup.layers.log,
                        &setup.why) == 0);
    CHECK(opt_layers_environment(&table, &setup.config, &setup.layers,
                                 variables, &setup.why) == 0);
    CHECK(file_text(&setup, "agent = file\ninput = c\nverbose\nhttp2\n"
                            "retry = 9\nno-location\njson = {}\n") == 0);
    CHECK(setup.config.settings.http == HTTP_1_1);
    CHECK(setup.config.silent && !setup.config.verbose);
    CHECK_STR(setup.config.settings.user_agent, "from env");
    CHECK(setup.config.settings.retry == 7);
    /* Lists: all, the weakest first; pieces of all rows in one. */
    CHECK(setup.config.inputs.count == 4);
    CHECK_STR(setup.config.inputs.items[0], "c");
    CHECK_STR(setup.config.inputs.items[2], "b");
    CHECK_STR(setup.config.inputs.items[3], "arg");
    CHECK(setup.config.pieces.count == 3);
    CHECK_STR(setup.config.pieces.items[0].text, "{}");
    CHECK_STR(setup.config.pieces.items[1].text, "x\ny");
    CHECK_STR(setup.config.pieces.items[2].text, "z");
    CHECK(setup.config.pieces.items[0].kind == PIECE_JSON);
    CHECK(!setup.config.settings.location);
    CHECK(!setup.config.raw);
    end(&setup);

    begin(&setup);
    CHECK(file_text(&setup, "http2\nhttp1.1\nhttp2 = false\n") == 0);
    CHECK(setup.config.settings.http == HTTP_1_1);
    CHECK(file_text(&setup, "silent = false\nverbose\nno-silent\n") == 0);
    CHECK(file_text(&setup, "silent\n") != 0);
    end(&setup);
}

int main(void)
{
    check_lines();
    check_order();
    return check_end("opt_layers");
}
