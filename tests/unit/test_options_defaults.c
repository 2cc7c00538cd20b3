/* SPDX-License-Identifier: MIT */
/* What holds where no option is given. */
#include "settling.h"

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
          near_to(settings_max_time(&config.settings), 30));
    CHECK(near_to(config.request_time, 0) && near_to(config.deadline, 0));
    CHECK(near_to(config.grace, 5) &&
          near_to(settings_speed_time(&config.settings), 30));
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

static void test_default_control(void)
{
    struct config config;
    struct why why;

    CHECK(SETTLE("x") == 0);
    CHECK(near_to(config.rate, 0) && near_to(config.host_rate, 0));
    CHECK(config.burst == 1 && near_to(config.host_delay, 0));
    CHECK(config.jitter == 0 && !config.adaptive);
    CHECK(config.host_max_errors == 0 && near_to(config.host_retry_after, 30));
    CHECK(config.bandwidth == 0 && !config.host_config);
    CHECK(config.order == ORDER_FIFO);
    CHECK(!config.fail_fast && config.max_failures.count == 0 &&
          config.max_failures.millionths == 0);
    CHECK(config.min_sample == 20 && config.first == 0);
    CHECK(!config.race && !config.dry_run);
    RELEASE();
}

int main(void)
{
    test_default_input();
    test_default_times();
    test_default_control();
    return check_end("options_defaults");
}
