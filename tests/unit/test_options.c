/* SPDX-License-Identifier: MIT */
/* The table of options, and what options_settle makes of combinations. */
#include "check.h"

#include "app/options.h"
#include "policy/fields.h"

#include <stdlib.h>

/* Parses argv (ended by NULL) and settles; the config must be released. */
static int settle(struct config *config, struct why *why,
                  const char *const argv[])
{
    int argc = 0, result;

    while (argv[argc])
        argc++;
    why->text[0] = '\0';
    opt_defaults(&options_table, config);
    result = opt_parse(&options_table, argc, (char *const *)argv, config, why);
    return result ? result : options_settle(config, why);
}

#define SETTLE(...)                                                            \
    settle(&config, &why, (const char *[]){"afetch", __VA_ARGS__, NULL})
#define RELEASE() opt_release(&options_table, &config)

static bool near_to(double got, double want)
{
    return got > want - 1e-6 && got < want + 1e-6;
}

static void test_table(void)
{
    struct why why = {""};

    CHECK(opt_check(&options_table, &why) == 0);
    CHECK_STR(why.text, "");
}

static void test_default_input(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("http://a/", "-") == 0);
    CHECK(config.urls.count == 2 && config.inputs.count == 0);
    CHECK(config.input_format == INPUT_AUTO);
    CHECK_STR(config.default_scheme, "https");
    CHECK(!config.glob && !config.strict && config.queue == 10000);
    CHECK(config.settings.location && config.settings.max_redirs == 10);
    CHECK(!config.settings.user_agent && !config.settings.cacert &&
          !config.settings.capath);
    CHECK(!config.settings.insecure && config.settings.compressed &&
          !config.raw);
    CHECK(config.max_ratio == 100);
    CHECK(config.concurrency == 64 && config.host_concurrency == 8);
    CHECK(!config.output && !config.force && !config.exit_zero);
    CHECK(!config.resume && !config.retry_failed && !config.dedupe);
    CHECK(config.fsync == FSYNC_NONE);
    CHECK(!config.keep_order && config.order_window == 10000);
    CHECK(!config.silent && !config.verbose);
    CHECK(config.fields == fields_default());
    CHECK(!config.headers && config.body == BODY_NONE &&
          config.settings.max_body == 0);
    CHECK(matchset_status(&config.settings.accept, 200));
    CHECK(matchset_status(&config.settings.accept, 399));
    CHECK(!matchset_status(&config.settings.accept, 400));
    RELEASE();
}

static void test_default_times(void)
{
    struct error reset = {
        .error_class = CLASS_CONNECT, .code = CODE_RESET, .retryable = true};
    struct config config;
    struct why why;

    CHECK(SETTLE("x") == 0);
    CHECK(near_to(config.settings.connect_timeout, 10) &&
          near_to(config.settings.max_time, 30));
    CHECK(near_to(config.request_time, 0) && near_to(config.deadline, 0));
    CHECK(near_to(config.grace, 5) && near_to(config.settings.speed_time, 30));
    CHECK(config.settings.speed_limit == 1 && config.settings.retry == 2 &&
          config.seed == 0);
    CHECK(near_to(config.retry_delay, 1));
    CHECK(near_to(config.retry_max_delay, 60));
    CHECK(near_to(config.retry_max_time, 0));
    CHECK(near_to(config.max_retry_after, 60));
    CHECK(config.retry_after && !config.settings.retry_unsafe);
    CHECK(matchset_status(&config.settings.retry_on, 503));
    CHECK(!matchset_status(&config.settings.retry_on, 501));
    CHECK(matchset_error(&config.settings.retry_on, &reset));
    reset.retryable = false;
    CHECK(!matchset_error(&config.settings.retry_on, &reset));
    RELEASE();
}

static void test_fields(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("--headers") == 0);
    CHECK(config.fields == (fields_default() | FIELD_BIT(FIELD_HEADERS)));
    RELEASE();
    CHECK(SETTLE("--fields", "url,headers") == 0);
    CHECK(config.headers && config.body == BODY_NONE);
    CHECK(config.fields == (FIELD_BIT(FIELD_URL) | FIELD_BIT(FIELD_HEADERS)));
    RELEASE();
    CHECK(SETTLE("--fields", "url", "-o", "f") == 0);
    CHECK(config.fields == (FIELD_BIT(FIELD_URL) | FIELD_BIT(FIELD_KEY)));
    RELEASE();
    CHECK(SETTLE("--fields", "url", "--fields", "status,ok") == 0);
    CHECK(config.fields == (FIELD_BIT(FIELD_STATUS) | FIELD_BIT(FIELD_OK)));
    RELEASE();
    CHECK(SETTLE("--fields", "statsu") == -1);
    CHECK(strstr(why.text, "--fields: ") != NULL);
    CHECK(strstr(why.text, "status") != NULL);
    RELEASE();
}

static void test_output(void)
{
    const uint64_t journal = FIELD_BIT(FIELD_INDEX) | FIELD_BIT(FIELD_KEY) |
                             FIELD_BIT(FIELD_ID) | FIELD_BIT(FIELD_OK) |
                             FIELD_BIT(FIELD_ERROR);
    struct config config;
    struct why why;

    CHECK(SETTLE("--resume", "--retry-failed", "-o", "f", "--fields", "url",
                 "--fsync", "end") == 0);
    CHECK(config.resume && config.retry_failed && config.fsync == FSYNC_END);
    CHECK(config.fields == (FIELD_BIT(FIELD_URL) | journal));
    RELEASE();
    CHECK(SETTLE("-o", "f", "--fsync", "100", "--keep-order", "--order-window",
                 "7") == 0);
    CHECK(config.fsync == 100 && config.keep_order && config.order_window == 7);
    RELEASE();
    CHECK(SETTLE("--dedupe", "--fields", "url") == 0);
    CHECK(config.fields ==
          (FIELD_BIT(FIELD_URL) | FIELD_BIT(FIELD_DUPLICATE_OF)));
    RELEASE();
    CHECK(SETTLE("--resume") == -1 && strstr(why.text, "--output"));
    RELEASE();
    CHECK(SETTLE("--resume", "-o", "-") == -1 && strstr(why.text, "--output"));
    RELEASE();
    CHECK(SETTLE("--retry-failed", "-o", "f") == -1 &&
          strstr(why.text, "--resume"));
    RELEASE();
    CHECK(SETTLE("--fsync", "end") == -1 && strstr(why.text, "--fsync"));
    RELEASE();
    CHECK(SETTLE("--fsync", "0", "-o", "f") == -1);
    RELEASE();
    CHECK(SETTLE("--order-window", "0") == -1);
    RELEASE();
}

static void test_body(void)
{
    const uint64_t both =
        FIELD_BIT(FIELD_BODY) | FIELD_BIT(FIELD_BODY_ENCODING);
    struct config config;
    struct why why;

    CHECK(SETTLE("--body", "inline") == 0);
    CHECK(config.fields == (fields_default() | both));
    CHECK(config.settings.max_body == 10 * 1024 * 1024 && !config.headers);
    RELEASE();
    CHECK(SETTLE("--fields=body") == 0);
    CHECK(config.body == BODY_INLINE && config.fields == both);
    CHECK(config.settings.max_body == 10 * 1024 * 1024);
    RELEASE();
    CHECK(SETTLE("--body=inline", "--max-body=0") == 0);
    CHECK(config.settings.max_body == 0);
    RELEASE();
    CHECK(SETTLE("--body=inline", "--max-body", "none") == 0);
    CHECK(config.settings.max_body == 0);
    RELEASE();
    CHECK(SETTLE("--max-body", "1K") == 0);
    CHECK(config.settings.max_body == 1024 && config.body == BODY_NONE);
    RELEASE();
    CHECK(SETTLE("--max-body", "1K", "--max-body", "auto") == 0);
    CHECK(config.settings.max_body == 0);
    RELEASE();
    CHECK(SETTLE("--max-body", "much") == -1);
    CHECK(strstr(why.text, "--max-body: \"much\"") != NULL);
    RELEASE();
    CHECK(SETTLE("--body", "file") == -1);
    RELEASE();
}

static void test_combinations(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("--retry-delay", "61s") == -1);
    CHECK(strstr(why.text, "--retry-delay (61s)") != NULL);
    RELEASE();
    CHECK(SETTLE("--retry-delay=2m", "--retry-max-delay=2m") == 0);
    RELEASE();
    CHECK(SETTLE("--connect-timeout", "0") == -1);
    CHECK(strstr(why.text, "--connect-timeout") != NULL);
    RELEASE();
    CHECK(SETTLE("--connect-timeout", "none") == -1);
    RELEASE();
    CHECK(SETTLE("-m0", "--deadline=none", "--grace=0") == 0);
    CHECK(near_to(config.settings.max_time, 0) && near_to(config.grace, 0));
    RELEASE();
    CHECK(SETTLE("-A", "a\r\nEvil: 1") == -1);
    CHECK(strstr(why.text, "0x0d") != NULL);
    RELEASE();
    CHECK(SETTLE("-A", "") == 0);
    CHECK_STR(config.settings.user_agent, "");
    RELEASE();
    CHECK(SETTLE("-s", "-v") == -1);
    RELEASE();
    CHECK(SETTLE("-c", "0") == -1);
    RELEASE();
    CHECK(SETTLE("--queue", "1000001") == -1);
    RELEASE();
    CHECK(SETTLE("--host-concurrency", "0", "--no-retry-after") == 0);
    CHECK(config.host_concurrency == 0 && !config.retry_after);
    RELEASE();
}

static void test_actions(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("-h") == ACTION_HELP);
    RELEASE();
    CHECK(SETTLE("-V") == ACTION_VERSION);
    RELEASE();
    CHECK(SETTLE("--list-fields") == ACTION_LIST_FIELDS);
    RELEASE();
    CHECK(SETTLE("--dump-options") == ACTION_DUMP_OPTIONS);
    RELEASE();
    CHECK(SETTLE("--dump-words") == ACTION_DUMP_WORDS);
    RELEASE();
}

static char *printed(void (*print)(FILE *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        die("open_memstream failed");
    print(out);
    fclose(out);
    return text;
}

static unsigned count_lines(const char *text)
{
    unsigned lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void test_words(void)
{
    char *text = printed(options_list_fields);

    CHECK(count_lines(text) == FIELD_COUNT);
    CHECK(strncmp(text, "index ", 6) == 0);
    CHECK(strstr(text, "\nheaders ") != NULL);
    CHECK(strstr(text, " (opt-in)\n") != NULL);
    free(text);

    text = printed(options_dump_words);
    CHECK(strncmp(text, "exit\t0\t", 7) == 0);
    CHECK(strstr(text, "\nclass\thttp\n") != NULL);
    CHECK(strstr(text, "\ncode\treset\n") != NULL);
    CHECK(strstr(text, "\nphase\tqueue\n") != NULL);
    CHECK(strstr(text, "\nfield\tindex\tint\t") != NULL);
    CHECK(count_lines(text) ==
          7 + CLASS_COUNT - 1 + CODE_COUNT - 1 + PHASE_COUNT + FIELD_COUNT);
    free(text);
}

int main(void)
{
    test_table();
    test_default_input();
    test_default_times();
    test_fields();
    test_output();
    test_body();
    test_combinations();
    test_actions();
    test_words();
    return check_end("options");
}
