/* SPDX-License-Identifier: MIT */
/* What counts as ok. */
#include "policy/accept.h"

#include "check.h"

static struct matchset set_of(const char *text)
{
    struct matchset set = {0};
    struct why why = {""};

    CHECK(matchset_parse(&set, NULL, text, &why) == 0);
    return set;
}

/* ok for a whole response of this status; *error is left for the caller. */
static bool ok_status(const char *accept, int status, struct error *error)
{
    struct matchset set = set_of(accept);

    memset(error, 0, sizeof *error);
    return accept_outcome(&set, status, error);
}

static void test_statuses(void)
{
    struct error error;

    CHECK(ok_status("200-399", 200, &error));
    CHECK(error.error_class == CLASS_NONE);
    CHECK(ok_status("200-399", 399, &error));
    CHECK(!ok_status("200-399", 400, &error));
    CHECK(error.error_class == CLASS_HTTP && error.code == CODE_STATUS);
    CHECK(error.phase == PHASE_BODY && !error.retryable);
    CHECK_STR(error.message, "status 400");
    CHECK(!ok_status("200-399", 199, &error));
    CHECK(ok_status("404,5xx", 503, &error));
    CHECK(!ok_status("404,5xx", 200, &error));
    CHECK(!ok_status("200-399", 999, &error));
    CHECK(!ok_status("200-399", 0, &error));
}

static void test_errors(void)
{
    struct matchset set = set_of("200,timeout,reset");
    struct error error;

    error_set(&error, CLASS_TIMEOUT, CODE_SLOW, PHASE_BODY, "slow");
    CHECK(accept_outcome(&set, 0, &error));
    CHECK(error.error_class == CLASS_TIMEOUT); /* the error stays told */
    CHECK(accept_outcome(&set, 500, &error));

    error_set(&error, CLASS_CONNECT, CODE_RESET, PHASE_WAIT, "reset");
    CHECK(accept_outcome(&set, 0, &error));
    error_set(&error, CLASS_CONNECT, CODE_REFUSED, PHASE_CONNECT, "refused");
    CHECK(!accept_outcome(&set, 0, &error));
    /* An accepted status does not make a broken response good. */
    error_set(&error, CLASS_TRUNCATED, CODE_EOF, PHASE_BODY, "cut");
    CHECK(!accept_outcome(&set, 200, &error));
    CHECK(error.error_class == CLASS_TRUNCATED);
}

int main(void)
{
    test_statuses();
    test_errors();
    return check_end("accept");
}
