/* SPDX-License-Identifier: MIT */
/*
 * app/intake: lines and arguments to numbered requests; globs; what is
 * invalid, what is no request, what a stop leaves unread.
 */
#include "app/intake.h"
#include "app/options.h"

#include "check.h"
#include "policy/line.h"

#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct ev_loop *loop;
static char path[] = "/tmp/afetch-intake-XXXXXX";

/* An intake with its source, and what its last pull gave. */
struct fixture {
    struct config config;
    struct source *source;
    struct intake *intake;
    struct request *request;
    struct error error;
};

static void begin(struct fixture *fix, bool glob, size_t urls, const char **url,
                  size_t inputs, const char **input)
{
    struct why why;

    *fix = (struct fixture){.config = {.urls = {url, urls},
                                       .inputs = {input, inputs},
                                       .default_scheme = "https",
                                       .glob = glob}};
    fix->source = source_new(loop, &fix->config, &why);
    CHECK(fix->source != NULL);
    fix->intake = intake_new(&fix->config, &options_table, fix->source);
}

static void end(struct fixture *fix)
{
    request_free(fix->request);
    intake_free(fix->intake);
    source_free(fix->source);
}

/* Over a list with this text. */
static void begin_list(struct fixture *fix, bool glob, const char *text)
{
    static const char *input = path;
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
    begin(fix, glob, 0, NULL, 1, &input);
}

static enum intake_result pull(struct fixture *fix)
{
    request_free(fix->request);
    fix->request = NULL;
    return intake_pull(fix->intake, &fix->request, &fix->error);
}

static void check_request(struct fixture *fix, const char *url, uint64_t index,
                          uint64_t line)
{
    CHECK(pull(fix) == INTAKE_REQUEST);
    CHECK_STR(fix->request != NULL ? fix->request->url : NULL, url);
    CHECK(fix->request != NULL && fix->request->index == index);
    CHECK(fix->request != NULL && fix->request->line == line);
}

static void check_invalid(struct fixture *fix, enum error_code code,
                          uint64_t index, uint64_t line)
{
    CHECK(pull(fix) == INTAKE_INVALID);
    CHECK(fix->request != NULL && fix->request->index == index);
    CHECK(fix->request != NULL && fix->request->line == line);
    CHECK(fix->error.error_class == CLASS_INPUT);
    CHECK(fix->error.code == code);
    CHECK(fix->error.message[0] != '\0');
}

static void check_unread(struct fixture *fix, const char *want_name,
                         uint64_t want_number)
{
    const char *name = NULL;
    uint64_t number = 99;

    CHECK(pull(fix) == INTAKE_END);
    CHECK(intake_unread(fix->intake, &name, &number));
    CHECK_STR(name, want_name);
    CHECK(number == want_number);
}

static void check_all_read(struct fixture *fix)
{
    const char *name;
    uint64_t number;

    CHECK(pull(fix) == INTAKE_END);
    CHECK(!intake_unread(fix->intake, &name, &number));
}

static void test_list(void)
{
    struct fixture fix;

    begin_list(&fix, false,
               "# a comment\n"
               "http://a/\r\n"
               "\n"
               "  \t\n"
               "b.example/x\n"
               "mailto:someone@example.com\n"
               "{\"url\":\"http://c/\",\"id\":7}\n"
               "http://d/");
    check_request(&fix, "http://a/", 0, 2);
    check_request(&fix, "https://b.example/x", 1, 5);
    check_invalid(&fix, CODE_SCHEME, 2, 6);
    check_request(&fix, "http://c/", 3, 7);
    CHECK_STR(fix.request->id, "7");
    check_request(&fix, "http://d/", 4, 8);
    check_all_read(&fix);
    end(&fix);
}

/* An argument is a URL, whatever it looks like. */
static void test_arguments(void)
{
    const char *urls[] = {"http://a/", "#comment", "{\"url\":\"http://b/\"}",
                          "c.example"};
    struct fixture fix;

    begin(&fix, false, 4, urls, 0, NULL);
    check_request(&fix, "http://a/", 0, 0);
    CHECK(pull(&fix) == INTAKE_INVALID);
    CHECK(pull(&fix) == INTAKE_INVALID);
    check_request(&fix, "https://c.example/", 3, 0);
    check_all_read(&fix);
    end(&fix);
}

static void test_globs(void)
{
    const char *urls[] = {"http://h/[1-3]", "{x,y}.example", "http://h/plain"};
    struct fixture fix;

    begin(&fix, true, 3, urls, 0, NULL);
    check_request(&fix, "http://h/1", 0, 0);
    check_request(&fix, "http://h/2", 1, 0);
    check_request(&fix, "http://h/3", 2, 0);
    check_request(&fix, "https://x.example/", 3, 0);
    check_request(&fix, "https://y.example/", 4, 0);
    check_request(&fix, "http://h/plain", 5, 0);
    check_all_read(&fix);
    end(&fix);

    begin_list(&fix, true,
               " # [1-2]\n"
               "  http://h/{a,b} \r\n"
               "http://h/[9-\n"
               "{\"url\":\"http://h/{1,2}\"}\n"
               "http://[::1]/\n");
    check_request(&fix, "http://h/a", 0, 2);
    check_request(&fix, "http://h/b", 1, 2);
    check_invalid(&fix, CODE_BAD_GLOB, 2, 3);
    CHECK_STR(fix.request->asked, "http://h/[9-");
    enum intake_result json = pull(&fix); /* one line of JSON: no glob */
    CHECK(json == INTAKE_REQUEST || json == INTAKE_INVALID);
    CHECK(fix.request->index == 3 && fix.request->line == 4);
    check_request(&fix, "http://[::1]/", 4, 5);
    check_all_read(&fix);
    end(&fix);
}

/* An expansion that looks like a comment is still one request. */
static void test_odd_expansions(void)
{
    struct fixture fix;

    begin_list(&fix, true, "[a-b]{,#}\n");
    check_request(&fix, "https://a/", 0, 1);
    check_request(&fix, "https://a/", 1, 1);
    check_request(&fix, "https://b/", 2, 1);
    check_request(&fix, "https://b/", 3, 1);
    check_all_read(&fix);
    end(&fix);

    const char *url = "{#,a}";
    begin(&fix, true, 1, &url, 0, NULL);
    CHECK(pull(&fix) == INTAKE_INVALID);
    check_request(&fix, "https://a/", 1, 0);
    check_all_read(&fix);
    end(&fix);
}

static void test_no_glob(void)
{
    struct fixture fix;

    begin_list(&fix, false, "http://h/[1-3]\nhttp://h/x\n");
    enum intake_result result = pull(&fix);
    CHECK(result == INTAKE_REQUEST || result == INTAKE_INVALID);
    check_request(&fix, "http://h/x", 1, 2);
    check_all_read(&fix);
    end(&fix);
}

static void test_stop_in_glob(void)
{
    struct fixture fix;

    begin_list(&fix, true, "http://h/\nhttp://h/[1-1000000000]\nhttp://h/z\n");
    check_request(&fix, "http://h/", 0, 1);
    check_request(&fix, "http://h/1", 1, 2);
    check_request(&fix, "http://h/2", 2, 2);
    intake_stop(fix.intake);
    intake_stop(fix.intake);
    check_unread(&fix, path, 2);
    end(&fix);

    /* A glob that has given all is read. */
    begin_list(&fix, true, "http://h/[1-2]\nhttp://h/z\n");
    check_request(&fix, "http://h/1", 0, 1);
    check_request(&fix, "http://h/2", 1, 1);
    intake_stop(fix.intake);
    check_request(&fix, "http://h/z", 2, 2);
    check_all_read(&fix);
    end(&fix);

    /* One that is in memory is not begun any more. */
    begin_list(&fix, true, "http://h/a\nhttp://h/b\nhttp://h/[1-2]\nc\n");
    check_request(&fix, "http://h/a", 0, 1);
    intake_stop(fix.intake);
    check_request(&fix, "http://h/b", 1, 2);
    check_unread(&fix, path, 3);
    end(&fix);
}

static void test_stop(void)
{
    const char *urls[] = {"http://a/", "http://b/"};
    struct fixture fix;

    begin(&fix, false, 2, urls, 0, NULL);
    check_request(&fix, "http://a/", 0, 0);
    intake_stop(fix.intake);
    check_unread(&fix, "argument", 0);
    end(&fix);
}

/* What is no request is passed over in bounded pieces. */
static void test_comments(void)
{
    FILE *file = fopen(path, "w");
    const char *input = path;
    struct fixture fix;
    unsigned more = 0;
    enum intake_result result;

    for (int i = 0; i < 2500; i++) {
        fputs("# none\n", file);
    }
    fputs("http://a/\n", file);
    fclose(file);
    begin(&fix, false, 0, NULL, 1, &input);
    while ((result = pull(&fix)) == INTAKE_MORE) {
        more++;
    }
    CHECK(more == 2);
    CHECK(result == INTAKE_REQUEST);
    CHECK(fix.request->index == 0 && fix.request->line == 2501);
    check_all_read(&fix);
    end(&fix);
}

static void test_too_long(void)
{
    FILE *file = fopen(path, "w");
    const char *input = path;
    struct fixture fix;
    enum intake_result result;

    for (int i = 0; i <= LINE_MAX_BYTES; i++) {
        putc('a', file);
    }
    fputs("\nhttp://b/\n", file);
    fclose(file);
    begin(&fix, true, 0, NULL, 1, &input);
    do {
        result = pull(&fix);
    } while (result == INTAKE_MORE);
    CHECK(result == INTAKE_INVALID);
    CHECK(fix.error.code == CODE_LINE_TOO_LONG);
    CHECK(fix.request->index == 0 && fix.request->line == 1);
    check_request(&fix, "http://b/", 1, 2);
    check_all_read(&fix);
    end(&fix);
}

/* A list that is gone is said on stderr, and the next one is read. */
static void test_failed(void)
{
    char gone[] = "/tmp/afetch-intake-gone-XXXXXX", said[512] = "";
    const char *inputs[] = {gone, path};
    struct fixture fix;
    int ends[2];

    close(mkstemp(gone));
    begin_list(&fix, false, "http://a/\n");
    end(&fix);
    begin(&fix, false, 0, NULL, 2, inputs);
    unlink(gone);
    CHECK(pipe(ends) == 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    enum intake_result result = pull(&fix);
    dup2(saved, STDERR_FILENO);
    CHECK(result == INTAKE_FAILED);
    CHECK(read(ends[0], said, sizeof(said) - 1) > 0);
    CHECK(strstr(said, gone) != NULL);
    CHECK(strstr(said, "No such file") != NULL);
    check_request(&fix, "http://a/", 0, 1);
    check_all_read(&fix);
    end(&fix);
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

static void test_wait(void)
{
    struct fixture fix;
    char name[32];
    const char *input = name;
    int ends[2];

    CHECK(pipe(ends) == 0);
    snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
    begin(&fix, false, 0, NULL, 1, &input);
    CHECK(pull(&fix) == INTAKE_WAIT);
    CHECK(write(ends[1], "http://a/\nhttp", 14) == 14);
    ev_run(loop, EVRUN_ONCE);
    check_request(&fix, "http://a/", 0, 1);
    CHECK(pull(&fix) == INTAKE_WAIT);
    CHECK(write(ends[1], "://b/", 5) == 5);
    close(ends[1]);
    ev_run(loop, EVRUN_ONCE);
    check_request(&fix, "http://b/", 1, 2);
    check_all_read(&fix);
    end(&fix);
    close(ends[0]);
}

int main(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    int fd = mkstemp(path);
    if (fd < 0) {
        return 1;
    }
    close(fd);
    test_list();
    test_arguments();
    test_globs();
    test_odd_expansions();
    test_no_glob();
    test_stop_in_glob();
    test_stop();
    test_comments();
    test_too_long();
    test_failed();
    test_wait();
    unlink(path);
    ev_loop_destroy(loop);
    return check_end("intake");
}
