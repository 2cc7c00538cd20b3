/* SPDX-License-Identifier: MIT */
/* What becomes of a request after a hop. */
#include "policy/verdict.h"

#include "check.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* One request, one hop that ended, and what surrounds them. */
struct scene {
    struct config config;
    struct request *request;
    struct course course;
    struct response response;
    struct verdict verdict;
};

static void scene_init(struct scene *scene, const char *method)
{
    struct why why = {""};

    memset(scene, 0, sizeof *scene);
    scene->config = (struct config){.settings.location = true,
                                    .settings.max_redirs = 10,
                                    .settings.retry = 2,
                                    .retry_delay = 1,
                                    .retry_max_delay = 60,
                                    .retry_after = true,
                                    .max_retry_after = 60};
    CHECK(matchset_parse(&scene->config.settings.retry_on, NULL,
                         "429,503,transient", &why) == 0);
    CHECK(matchset_parse(&scene->config.settings.accept, NULL, "200-399",
                         &why) == 0);
    scene->request = request_new(&scene->config.settings);
    scene->request->url = xstrdup("http://a.test/x");
    scene->request->host_key = xstrdup("http://a.test:80");
    snprintf(scene->request->method, sizeof scene->request->method, "%s",
             method);
    scene->course = (struct course){.request = scene->request,
                                    .url = scene->request->url,
                                    .method = scene->request->method,
                                    .attempts = 1,
                                    .request_left = INFINITY,
                                    .wall = 784111777,
                                    .draw = 0.5};
    response_init(&scene->response);
    scene->response.evidence.length = -1;
}

static void scene_release(struct scene *scene)
{
    if (scene->verdict.kind == VERDICT_HOP)
        url_release(&scene->verdict.hop.to);
    response_release(&scene->response);
    request_free(scene->request);
}

/* The hop brought a whole response. */
static void scene_answer(struct scene *scene, int status)
{
    struct evidence *evidence = &scene->response.evidence;

    evidence->phase = PHASE_BODY;
    evidence->status = status;
    evidence->header_bytes = 50;
    evidence->headers_whole = true;
    evidence->request_sent = true;
}

static void scene_fail(struct scene *scene, int curl_code, enum phase phase)
{
    struct evidence *evidence = &scene->response.evidence;

    evidence->curl_code = curl_code;
    evidence->phase = phase;
    evidence->request_sent = phase >= PHASE_SEND;
}

static void scene_judge(struct scene *scene)
{
    if (scene->verdict.kind == VERDICT_HOP)
        url_release(&scene->verdict.hop.to);
    memset(&scene->verdict, 0xff, sizeof scene->verdict);
    verdict_give(&scene->verdict, &scene->config, &scene->course,
                 &scene->response);
}

static void set_parse(struct matchset *set, const char *text)
{
    struct why why = {""};

    CHECK(matchset_parse(set, NULL, text, &why) == 0);
}

static void test_ok(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    scene_answer(&scene, 200);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_NONE);
    CHECK(scene.verdict.cool == 0);
    scene_release(&scene);
}

static void test_status(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    scene_answer(&scene, 404);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_HTTP);
    CHECK(!scene.verdict.error.retryable);

    scene_answer(&scene, 503);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN && !scene.verdict.ok);
    CHECK(scene.verdict.wait == 0.5);
    CHECK(scene.verdict.error.error_class == CLASS_HTTP);
    CHECK(scene.verdict.error.retryable);

    scene.course.attempts = 3;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.retryable); /* by nature, though used up */

    /* An accepted status is ok, but tried again first where asked. */
    set_parse(&scene.config.settings.accept, "503");
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_NONE);
    scene.course.attempts = 1;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN && !scene.verdict.ok);
    scene_release(&scene);
}

/* A 304 that a validator of ours asked for stands for the 200 before it. */
static void test_not_modified(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    scene_answer(&scene, 304);
    scene_judge(&scene);
    CHECK(!scene.verdict.ok && !scene.verdict.not_modified);
    CHECK(scene.verdict.error.code == CODE_UNEXPECTED_STATUS);
    CHECK(scene.verdict.kind == VERDICT_FINAL);
    scene.config.asked.header_count = 1; /* the caller's own condition */
    scene.config.asked.headers = &(struct request_header){"if-none-match", "x"};
    scene_judge(&scene);
    CHECK(scene.verdict.ok && !scene.verdict.not_modified);
    scene.config.asked.headers[0].value = NULL;
    scene_judge(&scene);
    CHECK(!scene.verdict.ok);
    scene.config.asked.header_count = 0;
    scene.course.conditional = true;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.ok &&
          scene.verdict.not_modified);
    set_parse(&scene.config.settings.accept, "200");
    scene_judge(&scene);
    CHECK(scene.verdict.ok && scene.verdict.not_modified);
    CHECK(scene.verdict.error.error_class == CLASS_NONE);
    set_parse(&scene.config.settings.accept, "404");
    scene_judge(&scene);
    CHECK(!scene.verdict.ok && scene.verdict.error.error_class == CLASS_HTTP);
    CHECK_STR(scene.verdict.error.message, "status 304");
    scene_answer(&scene, 200);
    scene_judge(&scene);
    CHECK(!scene.verdict.not_modified);
    scene_release(&scene);
}

static void test_transfer_errors(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    scene_fail(&scene, 52, PHASE_WAIT);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    CHECK(scene.verdict.error.code == CODE_EMPTY_REPLY);
    scene.course.attempts = 3;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);

    /* --accept timeout: ok, once the retries are used up. */
    set_parse(&scene.config.settings.accept, "200,timeout");
    scene_fail(&scene, 28, PHASE_WAIT);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_TIMEOUT);
    scene.course.attempts = 2;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN && !scene.verdict.ok);

    scene_fail(&scene, 6, PHASE_DNS);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    scene_release(&scene);
}

static void test_final_enders(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    /* Even where the user asks for everything to be tried again. */
    set_parse(&scene.config.settings.retry_on, "timeout,cancelled,503");
    scene_fail(&scene, 0, PHASE_WAIT);
    scene.response.evidence.ender = ENDED_BY_MAX_TIME;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    scene.response.evidence.ender = ENDED_BY_REQUEST_TIME;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL);
    CHECK(scene.verdict.error.code == CODE_REQUEST_TIME);
    scene.response.evidence.ender = ENDED_BY_CANCEL;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL);
    CHECK(scene.verdict.error.error_class == CLASS_CANCELLED);
    /* A run that drains sends nothing again. */
    scene.response.evidence.ender = ENDED_BY_MAX_TIME;
    scene.course.stopping = true;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.code == CODE_MAX_TIME);
    scene.response.evidence.ender = ENDED_BY_PEER;
    scene_answer(&scene, 503);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    scene_release(&scene);
}

static void test_local(void)
{
    struct scene scene;

    scene_init(&scene, "POST");
    scene_fail(&scene, 7, PHASE_CONNECT);
    scene.response.evidence.os_errno = EMFILE;
    scene.course.attempts = 3;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_LOCAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.code == CODE_LOCAL_LIMIT);
    scene_release(&scene);
}

static void test_unsafe(void)
{
    struct scene scene;

    scene_init(&scene, "POST");
    scene_fail(&scene, 7, PHASE_CONNECT);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    scene_fail(&scene, 35, PHASE_TLS);
    scene.response.evidence.os_errno = ECONNRESET;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    scene_fail(&scene, 52, PHASE_WAIT);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL);
    scene.config.settings.retry_unsafe = true;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    scene.config.settings.retry_unsafe = false;

    /* An earlier hop of the attempt sent it, this one is a GET. */
    scene_fail(&scene, 7, PHASE_CONNECT);
    scene.course.method = "GET";
    scene.course.hops = 1;
    scene.course.request_sent = true;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL);

    /* A status was answered to something. */
    scene.course.hops = 0;
    scene.course.request_sent = false;
    scene_fail(&scene, 0, PHASE_BODY);
    scene_answer(&scene, 503);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.retryable);
    scene_release(&scene);
}

static void test_redirects(void)
{
    struct scene scene;

    scene_init(&scene, "POST");
    scene_answer(&scene, 302);
    scene.response.location = xstrdup("https://b.test/y");
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_HOP && !scene.verdict.ok);
    CHECK_STR(scene.verdict.hop.to.text, "https://b.test/y");
    CHECK(scene.verdict.hop.to_get && !scene.verdict.hop.is_origin);
    CHECK(scene.verdict.error.error_class == CLASS_NONE);

    scene.course.hops = 10;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.code == CODE_TOO_MANY);

    scene.course.hops = 0;
    scene.config.settings.location = false;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_NONE);
    scene.config.settings.location = true;

    /* Its own body may be coded as it likes, when nobody reads it. */
    scene.response.evidence.coding = CODING_UNKNOWN;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_HOP);
    CHECK(scene.verdict.error.error_class == CLASS_NONE);
    scene.config.settings.location = false;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_DECODE);
    scene.config.settings.location = true;
    scene.response.evidence.coding = CODING_FINE;

    /* Relative to the hop's URL, and home again to the request's origin. */
    free(scene.response.location);
    scene.response.location = xstrdup("http://a.test/home");
    scene.course.url = "https://b.test/y";
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_HOP && scene.verdict.hop.is_origin);

    free(scene.response.location);
    scene.response.location = xstrdup("file:///etc/passwd");
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_BLOCKED);

    free(scene.response.location);
    scene.response.location = NULL;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.ok);

    /* A response that is not whole leads nowhere. */
    scene.response.location = xstrdup("/z");
    scene.response.evidence.length = 10;
    scene.config.settings.retry_unsafe = true;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    CHECK(scene.verdict.error.error_class == CLASS_TRUNCATED);
    scene_release(&scene);
}

static void test_retry_after(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    scene_answer(&scene, 503);
    scene.response.retry_after = xstrdup("2");
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    CHECK(scene.verdict.wait == 2 && scene.verdict.cool == 2);

    /* The others of the host wait also when this one is at its end. */
    scene.course.attempts = 3;
    scene_answer(&scene, 429);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.cool == 2);

    scene_answer(&scene, 500);
    scene_judge(&scene);
    CHECK(scene.verdict.cool == 0);

    free(scene.response.retry_after);
    scene.response.retry_after = xstrdup("1000000000");
    scene.course.attempts = 1;
    scene_answer(&scene, 429);
    scene_judge(&scene);
    CHECK(scene.verdict.wait == 60 && scene.verdict.cool == 60);
    scene.config.retry_after = false;
    scene_judge(&scene);
    CHECK(scene.verdict.wait == 0.5 && scene.verdict.cool == 0);
    scene.config.retry_after = true;

    free(scene.response.retry_after);
    scene.response.retry_after = xstrdup("Sun, 06 Nov 1994 08:49:47 GMT");
    scene_judge(&scene);
    CHECK(scene.verdict.wait == 10 && scene.verdict.cool == 10);
    free(scene.response.retry_after);
    scene.response.retry_after = xstrdup("soon");
    scene_judge(&scene);
    CHECK(scene.verdict.wait == 0.5 && scene.verdict.cool == 0);
    scene_release(&scene);
}

static void test_own_settings(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    scene_answer(&scene, 503);
    request_own_settings(scene.request)->retry = 0;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL);
    scene.request->own->retry = 7;
    scene.course.attempts = 7;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    scene.course.attempts = 8;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);

    scene_answer(&scene, 404);
    set_parse(&scene.request->own->accept, "404");
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.ok);
    scene_answer(&scene, 200);
    scene_judge(&scene);
    CHECK(!scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_HTTP);
    scene_release(&scene);
}

/* Items must not come twice; events go on behind the last one, unless we
 * ended them ourselves. */
static void test_stream(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    scene_answer(&scene, 200);
    scene.response.evidence.curl_code = 18;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    scene.course.stream = COURSE_REPEATS;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    CHECK(scene.verdict.error.error_class == CLASS_TRUNCATED);
    scene.course.stream = COURSE_RESUMES;
    scene.course.reconnect = 7;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN && scene.verdict.wait == 7);
    scene.response.evidence.ender = ENDED_BY_MAX_TIME;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL);
    CHECK(scene.verdict.error.code == CODE_MAX_TIME);
    scene.course.stream = COURSE_NO_ITEMS;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    scene_release(&scene);
}

static void test_time(void)
{
    struct scene scene;

    scene_init(&scene, "GET");
    scene_fail(&scene, 52, PHASE_WAIT);
    scene.course.request_left = 0.4;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL);
    CHECK(scene.verdict.error.code == CODE_EMPTY_REPLY);
    scene.course.request_left = INFINITY;
    scene.config.retry_max_time = 5;
    scene.course.elapsed = 4.8;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL);
    scene.course.elapsed = 4;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_AGAIN);
    scene_release(&scene);
}

/* The rest of a body that was there is what a 200 would be. */
static void test_continued(void)
{
    struct scene scene;
    struct why why = {""};

    scene_init(&scene, "GET");
    CHECK(matchset_parse(&scene.config.settings.accept, NULL, "200", &why) ==
          0);
    scene_answer(&scene, 206);
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && !scene.verdict.ok);
    scene.response.evidence.continued = true;
    scene_judge(&scene);
    CHECK(scene.verdict.kind == VERDICT_FINAL && scene.verdict.ok);
    scene_release(&scene);
}

int main(void)
{
    test_continued();
    test_ok();
    test_status();
    test_not_modified();
    test_transfer_errors();
    test_final_enders();
    test_local();
    test_unsafe();
    test_redirects();
    test_retry_after();
    test_own_settings();
    test_stream();
    test_time();
    return check_end("verdict");
}
