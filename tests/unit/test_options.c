/* SPDX-License-Identifier: MIT */
/* The table of options, and what options_settle makes of combinations. */
#include "settling.h"

static void test_table(void)
{
    struct why why = {""};

    CHECK(opt_check(&options_table, &why) == 0);
    CHECK_STR(why.text, "");
}

static void test_control(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("--rate", "30/m", "--host-rate=5", "--bandwidth", "2M") == 0);
    CHECK(near_to(config.rate, 0.5) && near_to(config.host_rate, 5));
    CHECK(config.bandwidth == 2 * 1024 * 1024);
    RELEASE();
    CHECK(SETTLE("--max-failures", "5%", "--order", "random") == 0);
    CHECK(config.max_failures.millionths == 50000 &&
          config.max_failures.count == 0);
    CHECK(config.order == ORDER_RANDOM);
    RELEASE();
    CHECK(SETTLE("--max-failures", "5%", "--max-failures", "3") == 0);
    CHECK(config.max_failures.millionths == 0 &&
          config.max_failures.count == 3);
    RELEASE();
    CHECK(SETTLE("--max-failures", "0") == -1);
    CHECK(strstr(why.text, "--max-failures: ") != NULL);
    RELEASE();
    CHECK(SETTLE("--rate", "5", "--rate", "0") == 0 && !(config.rate > 0));
    RELEASE();
    CHECK(SETTLE("--rate", "-1") == -1);
    RELEASE();
    CHECK(SETTLE("--bandwidth", "2M/s") == 0 && config.bandwidth == 2 << 20);
    RELEASE();
    CHECK(SETTLE("--bandwidth", "2M/m") == -1);
    RELEASE();
    CHECK(SETTLE("--bandwidth", "/s") == -1);
    RELEASE();
    CHECK(SETTLE("--jitter", "101") == -1);
    RELEASE();
    CHECK(SETTLE("--burst", "0") == -1);
    RELEASE();
    CHECK(SETTLE("--host-retry-after", "0") == -1);
    RELEASE();
    CHECK(SETTLE("--order", "up") == -1);
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

static void test_stream(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("x") == 0 && config.settings.stream == STREAM_NONE);
    RELEASE();
    /* A stream may take its time, unless a time is given. */
    CHECK(SETTLE("--stream", "sse") == 0);
    CHECK(config.settings.stream == STREAM_SSE);
    CHECK(near_to(settings_max_time(&config.settings), 0));
    CHECK(near_to(settings_speed_time(&config.settings), 0));
    RELEASE();
    CHECK(SETTLE("--stream", "lines", "-m2", "--speed-time=3s") == 0);
    CHECK(near_to(settings_max_time(&config.settings), 2));
    CHECK(near_to(settings_speed_time(&config.settings), 3));
    RELEASE();
    CHECK(SETTLE("-m2", "-m", "auto", "--stream", "json", "--body=none") == 0);
    CHECK(near_to(settings_max_time(&config.settings), 0));
    RELEASE();
    CHECK(SETTLE("--connect-timeout", "auto") == -1);
    RELEASE();
    CHECK(SETTLE("--stream", "csv") == -1);
    RELEASE();
    CHECK(SETTLE("--stream", "sse", "--body", "inline") == -1);
    CHECK(strncmp(why.text, "--stream: ", 10) == 0);
    RELEASE();
    CHECK(SETTLE("--stream", "sse", "--fields", "+body") == -1);
    RELEASE();
    CHECK(SETTLE("--stream", "none", "--body", "inline") == 0);
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

static void test_requests(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("x") == 0);
    CHECK(!config.method && !config.head && !config.get);
    CHECK(config.header_texts.count == 0 && config.pieces.count == 0);
    CHECK(!config.settings.user && !config.settings.digest &&
          !config.settings.netrc_file && !config.show_secrets);
    RELEASE();
    CHECK(SETTLE("-XPUT", "-H", "A: 1", "-Hb;", "-e", "r", "-r", "0-1", "-u",
                 "a:b", "--digest") == 0);
    CHECK_STR(config.method, "PUT");
    CHECK(config.header_texts.count == 2 && config.settings.digest);
    CHECK_STR(config.settings.referer, "r");
    CHECK_STR(config.settings.range, "0-1");
    CHECK_STR(config.settings.user, "a:b");
    RELEASE();
    CHECK(SETTLE("-I", "-G", "-d", "1", "--data-raw=2", "--data-binary", "3",
                 "--data-urlencode", "4", "--json", "5", "-F", "a=6",
                 "--form-string", "b=7", "--show-secrets") == 0);
    CHECK(config.head && config.get && config.show_secrets);
    CHECK(config.pieces.count == 7);
    for (unsigned i = 0; i < config.pieces.count; i++)
        CHECK(config.pieces.items[i].kind == i);
    RELEASE();
    CHECK(SETTLE("--user-file=u", "--oauth2-bearer-file=b",
                 "--oauth2-bearer=t") == 0);
    CHECK_STR(config.user_file, "u");
    CHECK_STR(config.oauth2_bearer_file, "b");
    CHECK_STR(config.settings.oauth2_bearer, "t");
    RELEASE();
    CHECK(SETTLE("-X", "a b") == -1);
    RELEASE();
    CHECK(SETTLE("--netrc-file", "/nowhere/at/all") == -1);
    CHECK(strstr(why.text, "--netrc-file: cannot read") != NULL);
    RELEASE();
    CHECK(!opt_setting(&options_table, "netrc_file", 10));
    CHECK(opt_setting(&options_table, "user", 4)->secret);
    CHECK(opt_setting(&options_table, "oauth2_bearer", 13)->secret);
}

static void test_state(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("x") == 0);
    CHECK(config.settings.cookie.count == 0 && !config.cookie_jar &&
          !config.etag_store);
    RELEASE();
    CHECK(SETTLE("-ba=1", "--cookie", "b=2; c=3", "-b", "", "--cookie-jar", "j",
                 "-b", "j", "--etag-store=e") == 0);
    CHECK(config.settings.cookie.count == 4);
    CHECK_STR(config.settings.cookie.items[1], "b=2; c=3");
    CHECK_STR(config.cookie_jar, "j");
    CHECK_STR(config.etag_store, "e");
    RELEASE();
    CHECK(SETTLE("-b", "a=1\r\nEvil: 1") == -1);
    CHECK_STR(why.text, "--cookie: control byte 0x0d in it");
    RELEASE();
    CHECK(SETTLE("-b", "/no/such/file") == -1);
    CHECK_STR(why.text, "--cookie: cannot read /no/such/file: No such file or "
                        "directory (a cookie has a =)");
    RELEASE();
    CHECK(SETTLE("-b", "-") == -1 && strstr(why.text, "--cookie: "));
    RELEASE();
    CHECK(SETTLE("--cookie-jar", "-") == -1 &&
          strstr(why.text, "--cookie-jar: "));
    RELEASE();
    CHECK(SETTLE("--etag-store", "-") == -1 &&
          strstr(why.text, "--etag-store: "));
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

static void test_tls(void)
{
    static const char pin[] =
        "sha256//YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=";
    static const char two[] =
        "sha256//YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=;"
        "sha256//YmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=";
    struct config config;
    struct why why;

    CHECK(SETTLE("x") == 0);
    CHECK(config.settings.tls_min == TLS_1_2);
    CHECK(config.settings.tls_max == TLS_1_3);
    RELEASE();
    CHECK(SETTLE("--tlsv1.3", "--pinnedpubkey", pin, "--ciphers", "A") == 0);
    CHECK(config.settings.tls_min == TLS_1_3);
    CHECK_STR(config.settings.pinnedpubkey, pin);
    CHECK_STR(config.settings.ciphers, "A");
    RELEASE();
    CHECK(SETTLE("--pinnedpubkey", two) == 0);
    RELEASE();
    CHECK(SETTLE("--tlsv1.3", "--tls-max", "1.2") == -1);
    RELEASE();
    CHECK(SETTLE("--pinnedpubkey", "sha256//YQ==") == -1);
    CHECK(strstr(why.text, "--pinnedpubkey: ") != NULL);
    RELEASE();
    for (int i = 0; i < 4; i++) {
        static const char *const files[] = {"--cacert", "--cert", "--key",
                                            "--pinnedpubkey"};

        CHECK(SETTLE(files[i], "/nowhere/file") == -1);
        CHECK(strstr(why.text, files[i]) != NULL);
        RELEASE();
        CHECK(SETTLE(files[i], "/") == -1);
        RELEASE();
    }
}

static void test_connections(void)
{
    static const char *const bad[][2] = {
        {"--proxy", "foo://p"},
        {"--resolve", "a:80"},
        {"--resolve", "a:80:b"},
        {"--connect-to", "a:80"},
        {"--allow-host", "http://a/"},
        {"--deny-host", "10.0.0.0/33"},
        {"--interface", "no.such.interface"},
        {"--interface", "if!127.0.0.1"},
        {"--interface", "host!lo"},
    };
    struct config config;
    struct why why;

    CHECK(SETTLE("x") == 0);
    CHECK(config.settings.http == HTTP_ANY && config.settings.ip == IP_ANY);
    CHECK(!config.settings.proxy && !config.block_private);
    CHECK(near_to(config.dns_ttl, 60) && config.settings.limit_rate == 0);
    RELEASE();
    CHECK(SETTLE("--http2", "--http1.1", "-6", "-4") == 0);
    CHECK(config.settings.http == HTTP_1_1 && config.settings.ip == IP_4);
    RELEASE();
    CHECK(SETTLE("--http2-prior-knowledge", "-6", "--limit-rate", "10k") == 0);
    CHECK(config.settings.http == HTTP_2_PRIOR && config.settings.ip == IP_6);
    CHECK(config.settings.limit_rate == 10 * 1024);
    RELEASE();
    CHECK(SETTLE("-x", "", "--resolve", "a:80:::1", "--connect-to", ":::1",
                 "--interface", "host!127.0.0.1") == 0);
    CHECK_STR(config.settings.proxy, "");
    RELEASE();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(SETTLE(bad[i][0], bad[i][1]) == -1);
        CHECK(strstr(why.text, bad[i][0]) != NULL);
        RELEASE();
    }
}

/* What names files or sockets of this machine is no key of a line. */
static void test_run_only(void)
{
    static const char *const names[] = {"cacert", "capath", "cert",
                                        "key",    "pass",   "unix_socket"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        CHECK(!opt_setting(&options_table, names[i], strlen(names[i])));
        CHECK(opt_run_only(&options_table, names[i], strlen(names[i])));
    }
    CHECK(opt_setting(&options_table, "http1.1", 7));
    CHECK(!opt_run_only(&options_table, "http1.1", 7));
}

/* What a line could lift is a limit, or one of those that cost only itself. */
static void test_limits_of_lines(void)
{
    static const char *const others[] = {"speed-limit", "speed-time",
                                         "limit-rate"};
    const struct opt *row;

    for (size_t i = 0; (row = opt_row(&options_table, i)); i++) {
        bool other = false;

        for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++)
            other |= strcmp(row->name, others[j]) == 0;
        if (opt_is_setting(row) && !other &&
            (row->kind == OPT_KIND_UINT || row->kind == OPT_KIND_SIZE ||
             row->kind == OPT_KIND_DURATION || row->kind == OPT_KIND_CUSTOM))
            CHECK(row->limit != OPT_NO_LIMIT);
        if (row->limit != OPT_NO_LIMIT)
            CHECK(opt_is_setting(row));
    }
}

static void test_files(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("x", "--output-dir", "d") == 0);
    CHECK(config.body == BODY_FILE && config.settings.max_body == 0);
    CHECK(near_to(config.settings.max_time, 0)); /* as long as it takes */
    CHECK(config.fields & FIELD_BIT(FIELD_BODY_FILE));
    CHECK(!(config.fields & FIELD_BIT(FIELD_SHA256)));
    CHECK_STR(config.name, "{host}/{key}.{ext}");
    CHECK(!config.skip_existing && !config.resume_bodies);
    RELEASE();
    CHECK(SETTLE("x", "--output-dir", "d", "-m", "30s", "--continue") == 0);
    CHECK(near_to(config.settings.max_time, 30));
    CHECK(config.fields & FIELD_BIT(FIELD_TRUNCATED));
    RELEASE();
    CHECK(SETTLE("x", "--fields", "sha256") == 0);
    CHECK(config.hash == HASH_SHA256 && config.body == BODY_NONE);
    CHECK(near_to(settings_max_time(&config.settings), 30));
    RELEASE();
    CHECK(SETTLE("x", "--hash", "sha256") == 0);
    CHECK(config.fields & FIELD_BIT(FIELD_SHA256));
    RELEASE();
    CHECK(SETTLE("x", "--body", "file") != 0);
    RELEASE();
}

int main(void)
{
    test_table();
    test_control();
    test_fields();
    test_output();
    test_body();
    test_stream();
    test_combinations();
    test_requests();
    test_state();
    test_actions();
    test_words();
    test_tls();
    test_connections();
    test_run_only();
    test_limits_of_lines();
    test_files();
    return check_end("options");
}
