/* SPDX-License-Identifier: MIT */
/*
 * world/source: lines out of files, pipes, FIFOs, stdin and arguments; their
 * ends and their faults. What a stop leaves unread is in test_source_stop.
 */
#include "source_reading.h"

static void test_file(void)
{
    struct source *source = open_one(file_of("a", "one\n\ntwo\r\nthree"));

    check_line(source, "one", 1);
    CHECK(strstr(line.name, "/a") != NULL);
    CHECK(!line.is_argument);
    check_line(source, "", 2);
    check_line(source, "two\r", 3);
    check_line(source, "three", 4);
    check_end_of(source);
    const char *name;
    uint64_t number;
    CHECK(!source_unread(source, &name, &number));
    source_free(source);
}

static void test_bom(void)
{
    const char *inputs[] = {
        file_of("bom", "\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n"),
        file_of("bom2", "\xEF\xBB\xBFthree"),
        file_of("bom3", "\xEF\xBB\xBF"),
        file_of("bom4", "\n\xEF\xBB\xBF"),
    };
    struct source *source = open_inputs(0, NULL, 4, inputs);

    check_line(source, "one", 1);
    check_line(source, "\xEF\xBB\xBFtwo", 2);
    check_line(source, "three", 1);
    check_line(source, "", 1);
    check_line(source, "\xEF\xBB\xBF", 2);
    check_end_of(source);
    source_free(source);
}

static void test_order(void)
{
    const char *list = file_of("list", "from-list\n");
    const char *urls[] = {"http://a/", list, "no-such.example", ""};
    const char *inputs[] = {file_of("empty", ""), file_of("i", "from-i\n")};
    struct source *source = open_inputs(4, urls, 2, inputs);

    check_line(source, "http://a/", 0);
    CHECK(line.is_argument);
    CHECK_STR(line.name, "argument");
    check_line(source, "from-list", 1);
    CHECK(!line.is_argument);
    CHECK_STR(line.name, list);
    check_line(source, "no-such.example", 0);
    check_line(source, "", 0);
    check_line(source, "from-i", 1);
    check_end_of(source);
    source_free(source);
}

static void test_refused(void)
{
    const char *twice[] = {"-", "/dev/stdin"};

    CHECK(open_one(path_in("missing")) == NULL);
    CHECK(strstr(why.text, "No such file") != NULL);
    CHECK(open_one(folder) == NULL);
    CHECK(strstr(why.text, "folder") != NULL);
    const char *positional = folder;
    CHECK(open_inputs(1, &positional, 0, NULL) == NULL);
    CHECK(strstr(why.text, "folder") != NULL);
    CHECK(open_inputs(0, NULL, 2, twice) == NULL);
    CHECK(open_inputs(1, twice, 1, twice) == NULL);
    CHECK(strstr(why.text, "only once") != NULL);
}

static void test_closed_stdin(void)
{
    int saved = dup(STDIN_FILENO);

    close(STDIN_FILENO);
    CHECK(open_inputs(0, NULL, 0, NULL) == NULL);
    CHECK(strstr(why.text, "closed") != NULL);
    struct source *source = open_one("-");
    CHECK(source_pull(source, &line, &why) == SOURCE_FAILED);
    CHECK_STR(line.name, "stdin");
    check_end_of(source);
    source_free(source);
    restore_stdin(saved);
}

static void test_terminal(void)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);

    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        return; /* a system without pseudo-terminals */
    }
    int side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    int saved = replace_stdin(side);
    CHECK(open_inputs(0, NULL, 0, NULL) == NULL);
    CHECK(strstr(why.text, "nothing to fetch") != NULL);

    /* Asked for by name it is read, a line at a time. */
    struct source *source = open_one("-");
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    put(terminal, "typed\n");
    ev_run(loop, EVRUN_ONCE);
    check_line(source, "typed", 1);
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    source_free(source);
    restore_stdin(saved);
    close(side);
    close(terminal);
}

/* A folder, or whatever else fails at the first read. */
static void test_unreadable(void)
{
    int fd = open(folder, O_RDONLY);
    int saved = replace_stdin(fd);
    const char *urls[] = {"-", "http://b/"};
    struct source *source = open_inputs(2, urls, 0, NULL);

    CHECK(source_pull(source, &line, &why) == SOURCE_FAILED);
    CHECK_STR(line.name, "stdin");
    CHECK(line.number == 1);
    CHECK(strstr(why.text, "directory") != NULL);
    check_line(source, "http://b/", 0);
    check_end_of(source);
    source_free(source);
    restore_stdin(saved);
    close(fd);
}

/* There when the run began, gone when its turn comes. */
static void test_vanished(void)
{
    const char *path = file_of("gone", "x\n");
    struct source *source = open_one(path);

    unlink(path);
    CHECK(source_pull(source, &line, &why) == SOURCE_FAILED);
    CHECK_STR(line.name, path);
    check_end_of(source);
    source_free(source);
}

static void test_pipe(void)
{
    int ends[2];

    CHECK(pipe(ends) == 0);
    int saved = replace_stdin(ends[0]);
    struct source *source = open_inputs(0, NULL, 0, NULL);
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    ev_run(loop, EVRUN_NOWAIT);
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    put(ends[1], "one\ntw");
    ev_run(loop, EVRUN_ONCE);
    CHECK(ev_pending_count(loop) == 0);
    check_line(source, "one", 1);
    CHECK_STR(line.name, "stdin");
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    put(ends[1], "o\nlast");
    close(ends[1]); /* hung up with data pending */
    ev_run(loop, EVRUN_ONCE);
    check_line(source, "two", 2);
    check_line(source, "last", 3);
    check_end_of(source);
    CHECK((fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK) == 0);
    CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    source_free(source);
    restore_stdin(saved);
    close(ends[0]);
}

/* After readiness nothing watches until somebody asks for more: a loop with
 * nothing active does not block. */
static void test_no_spin(void)
{
    int ends[2];

    CHECK(pipe(ends) == 0);
    int saved = replace_stdin(ends[0]);
    struct source *source = open_one("-");
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    put(ends[1], "one\n");
    CHECK(ev_run(loop, 0) == 0);
    check_line(source, "one", 1);
    source_free(source);
    CHECK(ev_run(loop, 0) == 0);
    restore_stdin(saved);
    close(ends[0]);
    close(ends[1]);
}

/* Somebody else made the shared description non-blocking. */
static void test_nonblocking_stdin(void)
{
    int ends[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    int saved = replace_stdin(ends[0]);
    struct source *source = open_one("/dev/stdin");
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    put(ends[1], "over a socket\n");
    ev_run(loop, EVRUN_ONCE);
    check_line(source, "over a socket", 1);
    close(ends[1]);
    CHECK(source_pull(source, &line, &why) == SOURCE_END);
    source_free(source);
    restore_stdin(saved);
    close(ends[0]);
}

/* A FIFO without a writer neither blocks the open nor counts as ended. */
static void test_fifo(void)
{
    const char *path = path_in("fifo");

    CHECK(mkfifo(path, 0600) == 0);
    struct source *source = open_one(path);
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    ev_run(loop, EVRUN_NOWAIT);
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    int fd = open(path, O_WRONLY | O_NONBLOCK);
    CHECK(fd >= 0);
    put(fd, "late\n");
    ev_run(loop, EVRUN_ONCE);
    check_line(source, "late", 1);
    CHECK(source_pull(source, &line, &why) == SOURCE_WAIT);
    close(fd);
    ev_run(loop, EVRUN_ONCE);
    check_end_of(source);
    source_free(source);
}

/* A process substitution is read once, by its number. */
static void test_dev_fd(void)
{
    int ends[2];
    char path[32];

    CHECK(pipe(ends) == 0);
    put(ends[1], "substituted\n");
    close(ends[1]);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    struct source *source = open_one(path);
    CHECK(source != NULL);
    check_line(source, "substituted", 1);
    check_end_of(source);
    source_free(source);
    close(ends[0]);
}

static void write_run(int fd, char byte, size_t count)
{
    char block[4096];

    memset(block, byte, sizeof(block));
    while (count > 0) {
        size_t n = count < sizeof(block) ? count : sizeof(block);
        CHECK(write(fd, block, n) == (ssize_t)n);
        count -= n;
    }
}

/* The next line, over as many calls as its reading takes. */
static enum source_result pull_through(struct source *source, unsigned *more)
{
    enum source_result result;

    *more = 0;
    while ((result = source_pull(source, &line, &why)) == SOURCE_MORE) {
        ++*more;
    }
    return result;
}

static void test_longest(void)
{
    const char *path = file_of("longest", "");
    int fd = open(path, O_WRONLY);
    unsigned more;

    put(fd, "\xEF\xBB\xBF"); /* does not count */
    write_run(fd, 'a', LINE_MAX_BYTES);
    put(fd, "\r\n");
    write_run(fd, 'b', LINE_MAX_BYTES);
    put(fd, "\n");
    write_run(fd, 'c', LINE_MAX_BYTES);
    close(fd);
    struct source *source = open_one(path);
    CHECK(pull_through(source, &more) == SOURCE_LINE);
    CHECK(line.len == LINE_MAX_BYTES + 1 && !line.too_long);
    CHECK(line.text[line.len - 1] == '\r' && line.text[0] == 'a');
    CHECK(pull_through(source, &more) == SOURCE_LINE);
    CHECK(line.len == LINE_MAX_BYTES && !line.too_long);
    CHECK(line.text[0] == 'b');
    CHECK(pull_through(source, &more) == SOURCE_LINE);
    CHECK(line.len == LINE_MAX_BYTES && !line.too_long);
    CHECK(line.text[0] == 'c' && line.number == 3);
    check_end_of(source);
    source_free(source);
}

static void test_too_long(void)
{
    const char *path = file_of("long", "");
    int fd = open(path, O_WRONLY);
    unsigned more;

    write_run(fd, 'a', LINE_MAX_BYTES + 1);
    put(fd, "\nshort\n");
    write_run(fd, 'b', 5 * (size_t)LINE_MAX_BYTES);
    put(fd, "\nafter\n");
    write_run(fd, 'c', 2 * (size_t)LINE_MAX_BYTES);
    close(fd);
    struct source *source = open_one(path);
    CHECK(pull_through(source, &more) == SOURCE_LINE);
    CHECK(line.too_long && line.len == LINE_MAX_BYTES && line.number == 1);
    check_line(source, "short", 2);
    CHECK(pull_through(source, &more) == SOURCE_LINE);
    CHECK(line.too_long && line.len == LINE_MAX_BYTES && line.number == 3);
    CHECK(line.text[0] == 'b' && line.text[line.len - 1] == 'b');
    CHECK(pull_through(source, &more) == SOURCE_LINE);
    CHECK(more > 0); /* the rest is passed over in several calls */
    CHECK(line.len == 5 && memcmp(line.text, "after", 5) == 0);
    CHECK(line.number == 4);
    CHECK(pull_through(source, &more) == SOURCE_LINE);
    CHECK(line.too_long && line.text[0] == 'c' && line.number == 5);
    CHECK(pull_through(source, &more) == SOURCE_END);
    source_free(source);
}

/* A line that never ends gives its record and does not hold the loop. */
static void test_endless(void)
{
    struct source *source = open_one("/dev/zero");
    unsigned more;

    CHECK(pull_through(source, &more) == SOURCE_LINE);
    CHECK(line.too_long && line.len == LINE_MAX_BYTES);
    for (int i = 0; i < 10; i++) {
        CHECK(source_pull(source, &line, &why) == SOURCE_MORE);
    }
    source_free(source);
}

static void test_many(void)
{
    const char *path = path_in("many");
    FILE *file = fopen(path, "w");
    unsigned wrong = 0;
    char want[64];

    for (int i = 1; i <= 50000; i++) {
        fprintf(file, "http://host-%d.example/\n", i);
    }
    fclose(file);
    struct source *source = open_one(path);
    for (unsigned i = 1; i <= 50000; i++) {
        int len = snprintf(want, sizeof(want), "http://host-%u.example/", i);
        wrong += source_pull(source, &line, &why) != SOURCE_LINE ||
                 line.number != i || line.len != (size_t)len ||
                 memcmp(line.text, want, line.len) != 0;
    }
    CHECK(wrong == 0);
    check_end_of(source);
    source_free(source);
}

int main(void)
{
    begin_sources();
    test_file();
    test_bom();
    test_order();
    test_refused();
    test_closed_stdin();
    test_terminal();
    test_unreadable();
    test_vanished();
    test_pipe();
    test_no_spin();
    test_nonblocking_stdin();
    test_fifo();
    test_dev_fd();
    test_longest();
    test_too_long();
    test_endless();
    test_many();
    return end_sources("source");
}
