/* SPDX-License-Identifier: MIT */
/*
 * The option-table engine on a table of its own: every kind, every way to
 * write an option, the help, the dump, and a check that finds each fault.
 */
#include "check.h"

#include "base/msg.h"
#include "model/opt.h"

#include <stdlib.h>

static int parse_double_of(void *field, const char *value, struct why *why)
{
    if (strcmp(value, "bad") == 0)
        return why_set(why, "it is bad");
    *(uint64_t *)field = strlen(value);
    return 0;
}

static const char *const formats[] = {"auto", "urls", "jsonl", NULL};
static const char *const schemes[] = {"http", "https", NULL};

static const struct opt rows[] = {
    {.name = "input",
     .letter = 'i',
     OPT_LIST(inputs),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "read from FILE"},
    {.name = "format",
     OPT_CHOICE(input_format),
     .arg = "FORMAT",
     .def = "urls",
     .choices = formats,
     .help = "what a line is"},
    {.name = "scheme",
     OPT_STRING(default_scheme),
     .arg = "SCHEME",
     .def = "https",
     .choices = schemes,
     .help = "the scheme that is put before a text that has none"},
    {.name = "location",
     .letter = 'L',
     OPT_FLAG(settings.location),
     .def = "true",
     .help = "follow redirects"},
    {.name = "insecure",
     .letter = 'k',
     OPT_FLAG(settings.insecure),
     .help = "verify nothing",
     .excludes = "agent"},
    {.name = "agent",
     .letter = 'A',
     OPT_STRING(settings.user_agent),
     .arg = "TEXT",
     .help = "the name"},
    {.name = "concurrency",
     .letter = 'c',
     OPT_UINT(concurrency),
     .arg = "N",
     .def = "64",
     .min = 1,
     .max = 100,
     .help = "at once"},
    {.name = "retry",
     OPT_UINT(settings.retry),
     .arg = "N",
     .def = "2",
     .help = "any unsigned"},
    {.name = "seed", OPT_U64(seed), .arg = "N", .help = "any number"},
    {.name = "speed-limit",
     OPT_SIZE(settings.speed_limit),
     .arg = "SIZE",
     .def = "1K",
     .help = "bytes"},
    {.name = "max-time",
     .alias = "timeout",
     .letter = 'm',
     OPT_DURATION(settings.max_time),
     .arg = "D",
     .def = "30s",
     .none = true,
     .help = "seconds"},
    {.name = "grace", OPT_DURATION(grace), .arg = "D", .help = "seconds"},
    {.name = "accept",
     OPT_MATCHSET(settings.accept),
     .arg = "LIST",
     .def = "200-399",
     .help = "what is ok"},
    {.name = "fields",
     OPT_CUSTOM(fields, parse_double_of),
     .arg = "LIST",
     .help = "the length counts"},
    {.name = "help", .letter = 'h', OPT_ACTION(7), .help = "show this"},
    {.name = "secret", OPT_ACTION(8), .help = "not shown", .hidden = true},
};
#define ROWS (sizeof rows / sizeof *rows)

static const struct opt_group group_input = {"Input", rows + 0, 3};
static const struct opt_group group_requests = {"Requests", rows + 3, 3};
static const struct opt_group group_numbers = {"Numbers", rows + 6, 6};
static const struct opt_group group_sets = {"Sets", rows + 12, 2};
static const struct opt_group group_general = {"General", rows + 14, 2};
static const struct opt_group *const groups[] = {
    &group_input, &group_requests, &group_numbers, &group_sets, &group_general};
#define GROUPS (sizeof groups / sizeof *groups)

static const struct opt_table table = {
    .groups = groups,
    .count = GROUPS,
    .positionals = offsetof(struct config, urls),
};

/* Parses up to nine words; the config must be released. */
static int parse(struct config *config, struct why *why, const char *words)
{
    char *copy = xstrdup(words), *rest = copy, *word;
    char *argv[10] = {copy};
    static char *kept[200]; /* values are borrowed: freed at the end */
    static size_t kept_count;
    int argc = 1;

    if (!config) {
        while (kept_count > 0)
            free(kept[--kept_count]);
        free(copy);
        return 0;
    }
    kept[kept_count++] = copy;
    while (argc < 10 && (word = strsep(&rest, " ")) != NULL) {
        if (strcmp(word, "''") == 0)
            word[0] = '\0';
        argv[argc++] = word;
    }
    why->text[0] = '\0';
    opt_defaults(&table, config);
    return opt_parse(&table, words[0] ? argc : 1, argv, config, why);
}

static void test_defaults(void)
{
    struct config config;
    struct why why;

    memset(&config, 0x55, sizeof config);
    CHECK(parse(&config, &why, "") == 0);
    CHECK(config.input_format == 1);
    CHECK_STR(config.default_scheme, "https");
    CHECK(config.settings.location && !config.settings.insecure &&
          !config.settings.user_agent);
    CHECK(config.concurrency == 64 && config.settings.retry == 2 &&
          config.seed == 0);
    CHECK(config.settings.speed_limit == 1024);
    CHECK(config.settings.max_time >= 30 && config.settings.max_time <= 30);
    CHECK(config.grace <= 0);
    CHECK(matchset_status(&config.settings.accept, 399));
    CHECK(config.urls.count == 0 && config.inputs.count == 0);
    opt_release(&table, &config);
}

static void test_forms(void)
{
    struct config config;
    struct why why;

    CHECK(parse(&config, &why, "-c 5 -i a --input=b --input c -id") == 0);
    CHECK(config.concurrency == 5 && config.inputs.count == 4);
    CHECK_STR(config.inputs.items[0], "a");
    CHECK_STR(config.inputs.items[1], "b");
    CHECK_STR(config.inputs.items[2], "c");
    CHECK_STR(config.inputs.items[3], "d");
    opt_release(&table, &config);
    CHECK(config.inputs.count == 0 && !config.inputs.items);

    CHECK(parse(&config, &why, "-kc7 --no-location u -") == 0);
    CHECK(config.settings.insecure && config.concurrency == 7 &&
          !config.settings.location);
    CHECK(config.urls.count == 2);
    CHECK_STR(config.urls.items[1], "-");
    opt_release(&table, &config);

    CHECK(parse(&config, &why, "-kL -c=5") == -1);
    CHECK(strstr(why.text, "--concurrency: \"=5\"") != NULL);
    opt_release(&table, &config);

    CHECK(parse(&config, &why, "a -- -k --bogus -- ''") == 0);
    CHECK(!config.settings.insecure && config.urls.count == 5);
    CHECK_STR(config.urls.items[2], "--bogus");
    CHECK_STR(config.urls.items[4], "");
    opt_release(&table, &config);

    CHECK(parse(&config, &why, "--no-location --location -A -k") == 0);
    CHECK(config.settings.location && !config.settings.insecure);
    CHECK_STR(config.settings.user_agent, "-k");
    opt_release(&table, &config);

    CHECK(parse(&config, &why, "-c 5 -c 6 --agent=a=b --fields=") == 0);
    CHECK(config.concurrency == 6 && config.fields == 0);
    CHECK_STR(config.settings.user_agent, "a=b");
    opt_release(&table, &config);
}

static void test_values(void)
{
    struct config config;
    struct why why;

    CHECK(parse(&config, &why,
                "--timeout 200ms --seed 18446744073709551615 --format=jsonl "
                "--scheme http --speed-limit 2M") == 0);
    CHECK(config.settings.max_time > 0.19 && config.settings.max_time < 0.21);
    CHECK(config.seed == UINT64_MAX && config.input_format == 2);
    CHECK_STR(config.default_scheme, "http");
    CHECK(config.settings.speed_limit == 2 * 1024 * 1024);
    opt_release(&table, &config);

    CHECK(parse(&config, &why, "-m none --retry 4294967295") == 0);
    CHECK(config.settings.max_time <= 0 &&
          config.settings.retry == 4294967295U);
    opt_release(&table, &config);

    CHECK(parse(&config, &why, "--accept !304") == 0);
    CHECK(!matchset_status(&config.settings.accept, 304));
    CHECK(matchset_status(&config.settings.accept, 200));
    opt_release(&table, &config);
    /* "!" changes the row's default, whatever was said before. */
    CHECK(parse(&config, &why, "--accept 404 --accept !200") == 0);
    CHECK(!matchset_status(&config.settings.accept, 404));
    CHECK(matchset_status(&config.settings.accept, 201));
    opt_release(&table, &config);
}

static void test_errors(void)
{
    static const struct {
        const char *words, *part;
    } cases[] = {
        {"--concurency 5", "unknown option --concurency; did you mean "
                           "--concurrency?"},
        {"--concurency=5", "unknown option --concurency; did"},
        {"--conc 5", "unknown option --conc"},
        {"--tiemout 5", "did you mean --timeout?"},
        {"--no-locatoin", "did you mean --no-location?"},
        {"--no-concurrency", "unknown option --no-concurrency"},
        {"--secre", "unknown option --secre"},
        {"--no-", "unknown option --no-"},
        {"--=x", "unknown option --"},
        {"-z", "unknown option -z"},
        {"-kz", "unknown option -z"},
        {"-c", "--concurrency needs a value: N"},
        {"-kc", "--concurrency needs a value: N"},
        {"--concurrency", "--concurrency needs a value: N"},
        {"--location=no", "--location takes no value"},
        {"--no-location=x", "--no-location takes no value"},
        {"--help=x", "--help takes no value"},
        {"-c 0", "--concurrency: \"0\""},
        {"-c 101", "--concurrency: \"101\""},
        {"-c ''", "--concurrency: \"\""},
        {"--retry 4294967296", "--retry: \"4294967296\""},
        {"--format json", "\"json\" is none of auto, urls, jsonl"},
        {"--scheme ftp", "\"ftp\" is none of http, https"},
        {"--grace none", "--grace: \"none\""},
        {"--timeout 5x", "--max-time: \"5x\""},
        {"--fields bad", "--fields: it is bad"},
        {"--accept tiemout", "--accept: \"tiemout\""},
        {"-k -A x", "--insecure and --agent cannot stand side by side"},
        {"-A x -k", "--insecure and --agent cannot stand side by side"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config config;
        struct why why;

        CHECK(parse(&config, &why, cases[i].words) == -1);
        if (!strstr(why.text, cases[i].part))
            printf("%s: \"%s\"\n", cases[i].words, why.text);
        CHECK(strstr(why.text, cases[i].part) != NULL);
        CHECK(strstr(why.text, "secret") == NULL);
        opt_release(&table, &config);
    }
}

static void test_actions(void)
{
    struct config config;
    struct why why;

    CHECK(parse(&config, &why, "-kh --bogus") == 7);
    opt_release(&table, &config);
    CHECK(parse(&config, &why, "--secret -c") == 8);
    opt_release(&table, &config);
    CHECK(parse(&config, &why, "-A x --no-insecure") == 0);
    opt_release(&table, &config);
    CHECK(parse(&config, &why, "-- --help") == 0);
    opt_release(&table, &config);
}

static char *printed(void (*print)(const struct opt_table *, FILE *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        die("open_memstream failed");
    print(&table, out);
    fclose(out);
    return text;
}

static void test_help(void)
{
    char *text = printed(opt_help);

    CHECK(strncmp(text, "Input:\n  -i, --input FILE              read from",
                  41) == 0);
    CHECK(strstr(text, "\n\nRequests:\n  -L, --[no-]location           "
                       "follow redirects [on]\n") != NULL);
    CHECK(strstr(text,
                 "\n      --scheme SCHEME           the scheme that is "
                 "put before a text that has\n"
                 "                                none [https]\n") != NULL);
    CHECK(strstr(text, "\n  -m, --max-time, --timeout D   seconds [30s]\n") !=
          NULL);
    CHECK(strstr(text, "\n  -k, --insecure                verify nothing\n") !=
          NULL);
    CHECK(strstr(text, "secret") == NULL);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        CHECK(strcspn(line, "\n") <= 80);
    free(text);
}

static void test_dump(void)
{
    char *text = printed(opt_dump);
    unsigned lines = 0;

    CHECK(strncmp(
              text,
              "input\t-\ti\tFILE\t-\tlist\t-\tfile\tInput\tread from FILE\t-\n",
              52) == 0);
    CHECK(strstr(text, "\nmax-time\ttimeout\tm\tD\t30s\tduration\t-\tnone\t"
                       "Numbers\tseconds\tmax_time\n") != NULL);
    CHECK(strstr(text,
                 "\nformat\t-\t-\tFORMAT\turls\tchoice\t"
                 "auto,urls,jsonl\tnone\tInput\twhat a line is\t-\n") != NULL);
    CHECK(strstr(text, "\nhelp\t-\th\t-\t-\taction\t-\t") != NULL);
    CHECK(strstr(text, "secret") == NULL);
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    CHECK(lines == ROWS - 1);
    free(text);
}

/* The table of these rows must be refused with the text. */
static void refused(const struct opt *changed, const char *name,
                    const char *part)
{
    struct opt_group own[GROUPS];
    const struct opt_group *places[GROUPS];
    struct opt_table faulty = {.groups = places, .count = GROUPS};
    struct why why = {""};

    for (size_t i = 0; i < GROUPS; i++) {
        own[i] = *groups[i];
        own[i].rows = changed + (groups[i]->rows - rows);
        places[i] = &own[i];
    }
    own[1].name = name;
    CHECK(opt_check(&faulty, &why) == -1);
    if (!strstr(why.text, part))
        printf("got \"%s\", want \"%s\"\n", why.text, part);
    CHECK(strstr(why.text, part) != NULL);
}

static void check_fault(size_t place, struct opt row, const char *part)
{
    struct opt copy[ROWS];

    memcpy(copy, rows, sizeof rows);
    copy[place] = row;
    refused(copy, "Requests", part);
}

/* Row PLACE of the table with one member changed. */
#define FAULT(PLACE, CHANGE, PART)                                             \
    do {                                                                       \
        struct opt row = rows[PLACE];                                          \
        row.CHANGE;                                                            \
        check_fault(PLACE, row, PART);                                         \
    } while (0)

static void test_check(void)
{
    static const char *const empty[] = {NULL};
    struct why why;

    CHECK(opt_check(&table, &why) == 0);
    FAULT(6, name = "Concurrency", "no good name");
    FAULT(6, name = "no-location", "taken by the flag --location");
    FAULT(6, name = "-c", "no good name");
    FAULT(6, name = NULL, "no good name");
    FAULT(6, alias = "a b", "no good alias");
    FAULT(6, name = "input", "taken by --input");
    FAULT(11, name = "timeout", "taken by --max-time");
    FAULT(11, alias = "timeout", "taken by --max-time");
    FAULT(6, alias = "concurrency", "its alias is its name");
    FAULT(6, letter = 'i', "taken by --input");
    FAULT(6, letter = '-', "neither letter nor digit");
    FAULT(6, help = NULL, "columns");
    FAULT(6, help = "", "columns");
    FAULT(6, help = "ends with a stop.", "stop");
    FAULT(6, help = "a\ttab", "tab");
    FAULT(6,
          help = "1234567890123456789012345678901234567890"
                 "123456789012345678901",
          "61 columns");
    refused(rows, NULL, "no name");
    refused(rows, "Input", "torn apart");
    FAULT(6, arg = NULL, "no name");
    FAULT(4, arg = "N", "takes none");
    FAULT(1, choices = NULL, "no choices");
    FAULT(1, choices = empty, "choices are empty");
    FAULT(13, parse = NULL, "no parse function");
    FAULT(14, action = 0, "not above 0");
    FAULT(6, min = 200, "range is empty");
    FAULT(6, def = "0", "the default");
    FAULT(6, def = "101", "the default");
    FAULT(1, def = "json", "the default");
    FAULT(12, def = "200-", "the default");
    FAULT(3, def = "on", "the default");
    FAULT(4, excludes = "nobody", "not there");
    FAULT(4, excludes = "insecure", "not there");
}

static const struct opt piece_rows[] = {
    {.name = "data",
     .letter = 'd',
     OPT_PIECE(pieces, PIECE_DATA),
     .arg = "TEXT",
     .help = "a body"},
    {.name = "json",
     OPT_PIECE(pieces, PIECE_JSON),
     .arg = "TEXT",
     .help = "another"},
    {.name = "netrc-file",
     OPT_STRING(settings.netrc_file),
     .arg = "FILE",
     .run_only = true,
     .help = "not for lines"},
    {.name = "tlsv1.3", OPT_FLAG(strict), .help = "a name with a dot"},
    {.name = "input", OPT_LIST(inputs), .arg = "FILE", .help = "a list"},
    {.name = "help", OPT_ACTION(1), .help = "acts"},
    {.name = "hidden", OPT_FLAG(glob), .help = "is hidden", .hidden = true},
};

static const struct opt_group piece_group = OPT_GROUP("Pieces", piece_rows);
static const struct opt_group *const piece_groups[] = {&piece_group};
static const struct opt_table piece_table = {
    .groups = piece_groups,
    .count = 1,
    .positionals = offsetof(struct config, urls),
};

/* Texts of several options in one list, in the order of argv. */
static void test_pieces(void)
{
    char *argv[] = {"x", "-d", "1", "--json", "2", "--data=3"};
    struct config config;
    struct why why;

    CHECK(opt_check(&piece_table, &why) == 0);
    opt_defaults(&piece_table, &config);
    CHECK(opt_parse(&piece_table, 6, argv, &config, &why) == 0);
    CHECK(config.pieces.count == 3);
    CHECK(config.pieces.items[0].kind == PIECE_DATA &&
          config.pieces.items[1].kind == PIECE_JSON &&
          config.pieces.items[2].kind == PIECE_DATA);
    CHECK_STR(config.pieces.items[1].text, "2");
    CHECK_STR(config.pieces.items[2].text, "3");
    opt_release(&piece_table, &config);
    CHECK(config.pieces.count == 0 && !config.pieces.items);
}

static void test_run_only(void)
{
    CHECK(!opt_is_setting(&piece_rows[2]) && !opt_is_setting(&piece_rows[0]));
    CHECK(!opt_setting(&piece_table, "netrc_file", 10));
    CHECK(opt_run_only(&piece_table, "netrc_file", 10) == &piece_rows[2]);
}

int main(void)
{
    test_defaults();
    test_forms();
    test_values();
    test_errors();
    test_actions();
    test_help();
    test_dump();
    test_check();
    test_pieces();
    test_run_only();
    parse(NULL, NULL, "");
    return check_end("opt");
}
