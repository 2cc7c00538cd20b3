/* SPDX-License-Identifier: MIT */
/* world/source: what a stop leaves unread, and where. */
#include "source_reading.h"

static void check_unread(struct source *source, const char *want_name,
                         uint64_t want_number)
{
    const char *name = NULL;
    uint64_t number = 99;

    check_end_of(source);
    CHECK(source_unread(source, &name, &number));
    CHECK_STR(name, want_name);
    CHECK(number == want_number);
}

/* Whole lines in memory come out, a part of a line does not. */
static void test_stop_pipe(void)
{
    int ends[2];
    const char *inputs[] = {"-", file_of("later", "x\n")};

    CHECK(pipe(ends) == 0);
    int saved = replace_stdin(ends[0]);
    struct source *source = open_inputs(0, NULL, 2, inputs);
    put(ends[1], "one\ntwo\npart");
    check_line(source, "one", 1);
    put(ends[1], "ial\nunread\n");
    source_stop(source);
    source_stop(source);
    check_line(source, "two", 2);
    check_unread(source, "stdin", 3);
    source_free(source);
    restore_stdin(saved);
    close(ends[0]);
    close(ends[1]);
}

/* The writer has gone: what is there is the whole last line. */
static void test_stop_hung_up(void)
{
    int ends[2];
    const char *name;
    uint64_t number;

    CHECK(pipe(ends) == 0);
    int saved = replace_stdin(ends[0]);
    struct source *source = open_one("-");
    put(ends[1], "one\nlast");
    check_line(source, "one", 1);
    close(ends[1]);
    source_stop(source);
    check_line(source, "last", 2);
    check_end_of(source);
    CHECK(!source_unread(source, &name, &number));
    source_free(source);
    restore_stdin(saved);
    close(ends[0]);
}

static void test_stop_file(void)
{
    const char *inputs[] = {file_of("s1", "one\nlast"), file_of("s2", "x\n")};
    struct source *source = open_inputs(0, NULL, 2, inputs);

    check_line(source, "one", 1);
    source_stop(source);
    check_line(source, "last", 2);
    check_unread(source, inputs[1], 1);
    source_free(source);
}

static void test_stop_arguments(void)
{
    const char *urls[] = {"http://a/", "http://b/"};
    struct source *source = open_inputs(2, urls, 0, NULL);

    check_line(source, "http://a/", 0);
    source_stop(source);
    check_unread(source, "argument", 0);
    source_free(source);
}

/* Waiting ends with the stop: the loop has nothing to wait for. */
static void test_stop_waiting(void)
{
    int ends[2];

    CHECK(pipe(ends) == 0);
    int saved = replace_stdin(ends[0]);
    struct source *source = open_one("-");
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    source_stop(source);
    CHECK(ev_run(loop, 0) == 0);
    check_unread(source, "stdin", 1);
    source_free(source);
    restore_stdin(saved);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    begin_sources();
    test_stop_pipe();
    test_stop_hung_up();
    test_stop_file();
    test_stop_arguments();
    test_stop_waiting();
    return end_sources("source_stop");
}
