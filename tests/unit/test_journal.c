/* SPDX-License-Identifier: MIT */
/*
 * world/journal on files: what is done, what is cut and rewritten, torn tails
 * at every byte, what is refused, locks. world/lines by the way.
 */
#include "world/journal.h"

#include "base/buf.h"
#include "base/lock_file.h"
#include "check.h"
#include "policy/file_taken.h"
#include "world/lines.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/afetch-journal-XXXXXX";
static char path[128];
static struct why why;

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define KEY_C "cccccccccccccccccccccccccccccccc"

#define RECORD(INDEX, KEY, REST) "{\"index\":" INDEX ",\"key\":\"" KEY "\"" REST
#define OK                       ",\"ok\":true,\"error\":null}\n"
#define NOT_OK                   ",\"ok\":false,\"error\":{\"class\":"
#define FAILED                   NOT_OK "\"dns\"}}\n"
#define CANCELLED                NOT_OK "\"cancelled\"}}\n"
#define LOST                     NOT_OK "\"cancelled\",\"code\":\"race\"}}\n"
#define ITEM(INDEX)              "{\"index\":" INDEX ",\"seq\":0,\"value\":1}\n"

static void write_file(const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);

    CHECK(write(fd, text, len) == (ssize_t)len);
    close(fd);
}

/* What FILE holds; the caller frees. */
static char *read_file(void)
{
    struct buf buf;
    int fd = open(path, O_RDONLY);
    ssize_t n;

    buf_init(&buf, SIZE_MAX);
    while ((n = read(fd, buf_room(&buf, 4096), 4096)) > 0)
        buf_grown(&buf, (size_t)n);
    close(fd);
    buf_add_str(&buf, "");
    return buf_detach(&buf, NULL);
}

static struct journal *open_journal(bool retry_failed)
{
    struct journal_options options = {.retry_failed = retry_failed,
                                      .sync = retry_failed};

    return journal_open(path, &options, &why);
}

/* Files of the folder: none but FILE may stay. */
static unsigned files(void)
{
    DIR *dir = opendir(folder);
    unsigned count = 0;

    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

/* FILE becomes `want` when it is opened. */
static void check_clean(const char *text, bool retry_failed, const char *want)
{
    struct journal *journal;
    char *got;

    write_file(text, strlen(text));
    journal = open_journal(retry_failed);
    CHECK(journal != NULL);
    got = read_file();
    CHECK_STR(got, want);
    free(got);
    journal_close(journal);
    CHECK(files() == 1);
}

static bool skip(struct journal *journal, char digit, const char *id)
{
    unsigned char key[16];

    memset(key, digit << 4 | digit, sizeof(key));
    return journal_skip(journal, key, id, false);
}

static void test_skip(void)
{
    static const char text[] = RECORD("0", KEY_A, OK) RECORD("3", KEY_A, FAILED)
        RECORD("1", KEY_B, ",\"id\":\"x\"" OK) RECORD("2", KEY_C, CANCELLED);
    struct journal *journal;
    const struct journal_counts *counts;

    write_file(text, sizeof(text) - 1);
    journal = open_journal(false);
    counts = journal_counts(journal);
    CHECK(counts->found == 3 && counts->dropped == 1 && counts->skipped == 0);
    CHECK(!skip(journal, 0xc, NULL));
    CHECK(!skip(journal, 0xb, NULL) && !skip(journal, 0xb, "\"y\""));
    CHECK(skip(journal, 0xb, "\"x\"") && !skip(journal, 0xb, "\"x\""));
    CHECK(!skip(journal, 0xa, "1"));
    CHECK(skip(journal, 0xa, NULL) && skip(journal, 0xa, NULL));
    CHECK(!skip(journal, 0xa, NULL));
    CHECK(counts->skipped == 3);
    journal_close(journal);

    write_file(text, sizeof(text) - 1);
    journal = open_journal(true);
    CHECK(skip(journal, 0xa, NULL) && !skip(journal, 0xa, NULL));
    CHECK(journal_counts(journal)->dropped == 2);
    journal_close(journal);
    journal_close(NULL);
}

/* How it ended, as often as it did. */
static void test_ends(void)
{
    static const char text[] = RECORD("0", KEY_A, OK) RECORD("1", KEY_A, FAILED)
        RECORD("2", KEY_B, LOST) RECORD("3", KEY_C, FAILED)
            RECORD("4", KEY_C, ",\"duplicate_of\":3" OK);
    unsigned char keys[3][16];
    struct journal *journal;
    const struct journal_counts *counts;

    for (int i = 0; i < 3; i++)
        memset(keys[i], 0xaa + 0x11 * i, sizeof(keys[i]));
    write_file(text, sizeof(text) - 1);
    journal = open_journal(false);
    counts = journal_counts(journal);
    CHECK(counts->found == 5 && counts->ok == 1 && counts->failed == 2);
    CHECK(journal_skip(journal, keys[0], NULL, false) == JOURNAL_FAILED);
    CHECK(journal_skip(journal, keys[0], NULL, false) == JOURNAL_OK);
    CHECK(journal_skip(journal, keys[0], NULL, false) == JOURNAL_NONE);
    CHECK(journal_skip(journal, keys[1], NULL, false) == JOURNAL_LOST);
    CHECK(journal_skip(journal, keys[1], NULL, false) == JOURNAL_NONE);
    CHECK(journal_skip(journal, keys[2], NULL, true) == JOURNAL_OK);
    CHECK(journal_skip(journal, keys[2], NULL, false) == JOURNAL_FAILED);
    journal_close(journal);
    /* With --retry-failed a lost race stays lost. */
    check_clean(text, true,
                RECORD("0", KEY_A, OK) RECORD("2", KEY_B, LOST)
                    RECORD("4", KEY_C, ",\"duplicate_of\":3" OK));
}

/* The files of what is done belong to it. */
static void test_names(void)
{
    static const char text[] =
        RECORD("0", KEY_A, ",\"body_file\":\"a/\\u00e9\"" OK)
            RECORD("1", KEY_B, ",\"body_file\":\"b\"" CANCELLED)
                RECORD("2", KEY_C, ",\"body_file\":null" OK);
    struct journal_options options = {.names = file_taken_new()};
    struct journal *journal;

    write_file(text, sizeof(text) - 1);
    journal = journal_open(path, &options, &why);
    CHECK(file_taken_has(options.names, "a/\xc3\xa9"));
    CHECK(!file_taken_has(options.names, "b"));
    journal_close(journal);
    file_taken_free(options.names);
}

static void test_clean(void)
{
    /* Nothing to do; at the end; in the middle; all. */
    check_clean("", false, "");
    check_clean(RECORD("0", KEY_A, OK), false, RECORD("0", KEY_A, OK));
    check_clean(RECORD("0", KEY_A, OK) RECORD("1", KEY_A, CANCELLED), false,
                RECORD("0", KEY_A, OK));
    check_clean(RECORD("0", KEY_A, OK) RECORD("1", KEY_A, CANCELLED)
                    RECORD("2", KEY_B, FAILED) "{\"in",
                false, RECORD("0", KEY_A, OK) RECORD("2", KEY_B, FAILED));
    check_clean(RECORD("0", KEY_A, FAILED) RECORD("1", KEY_A, CANCELLED)
                    RECORD("2", KEY_B, OK) "{\"index\":7}x\n",
                true, RECORD("2", KEY_B, OK));
    check_clean(RECORD("0", KEY_A, CANCELLED), false, "");
    /* A last line that is whole, but no JSON. */
    check_clean(RECORD("0", KEY_A, OK) "\x01\x02\n", false,
                RECORD("0", KEY_A, OK));
    check_clean("{\"index\":0,\"key\":\n", false, "");
    /* A whole record without its "\n". */
    check_clean("{\"index\":0,\"key\":\"" KEY_A "\",\"ok\":true,"
                "\"error\":null}",
                false, "");
}

static void test_items(void)
{
    /* With their record they stay; without, or when that is not done, not. */
    check_clean(ITEM("0") ITEM("1") ITEM("0") RECORD("0", KEY_A, OK), false,
                ITEM("0") ITEM("0") RECORD("0", KEY_A, OK));
    check_clean(ITEM("0") RECORD("0", KEY_A, OK) ITEM("1"), false,
                ITEM("0") RECORD("0", KEY_A, OK));
    check_clean(ITEM("0") RECORD("0", KEY_A, CANCELLED) RECORD("1", KEY_B, OK),
                false, RECORD("1", KEY_B, OK));
    check_clean(ITEM("0") RECORD("0", KEY_A, FAILED) RECORD("1", KEY_B, OK),
                false,
                ITEM("0") RECORD("0", KEY_A, FAILED) RECORD("1", KEY_B, OK));
    check_clean(ITEM("0") RECORD("0", KEY_A, FAILED) RECORD("1", KEY_B, OK),
                true, RECORD("1", KEY_B, OK));
    /* Of another list's run, the same index. */
    check_clean(ITEM("0") RECORD("0", KEY_A, OK) ITEM("0")
                    RECORD("1", KEY_B, OK),
                false, ITEM("0") RECORD("0", KEY_A, OK) RECORD("1", KEY_B, OK));
}

static void test_item_counts(void)
{
    static const char text[] =
        ITEM("0") ITEM("1") ITEM("1") RECORD("0", KEY_A, OK) "{\"index\"";
    struct journal *journal;

    write_file(text, sizeof(text) - 1);
    journal = open_journal(false);
    CHECK(journal_counts(journal)->items == 2);
    CHECK(journal_counts(journal)->torn == 8);
    CHECK(journal_counts(journal)->found == 1);
    journal_close(journal);
}

/* The file as an end at any byte would leave it: what stays are the lines
 * that are whole, without what is not done. */
static void test_torn(void)
{
    static const struct {
        const char *line;
        int needs; /* stays only when this line is there; -1: never stays */
    } lines[] = {
        {RECORD("0", KEY_A, ",\"id\":{\"ok\":false}" OK), 0},
        {ITEM("1"), 4},
        {RECORD("2", KEY_B, CANCELLED), -1},
        {ITEM("3"), -1},
        {RECORD("1", KEY_B, ",\"url\":\"\\\"}\\\\\"" FAILED), 4},
        {RECORD("4", KEY_A, OK), 5},
    };
    enum { COUNT = sizeof(lines) / sizeof(lines[0]) };
    char text[1024] = "", want[1024];
    size_t ends[COUNT];

    for (size_t i = 0; i < COUNT; i++) {
        strncat(text, lines[i].line, sizeof(text) - strlen(text) - 1);
        ends[i] = strlen(text);
    }
    for (size_t len = 0; len <= ends[COUNT - 1]; len++) {
        char part[1024];

        want[0] = '\0';
        for (size_t i = 0; i < COUNT; i++) {
            if (lines[i].needs >= 0 && len >= ends[lines[i].needs])
                strncat(want, lines[i].line, sizeof(want) - strlen(want) - 1);
        }
        snprintf(part, sizeof(part), "%.*s", (int)len, text);
        check_clean(part, false, want);
    }
}

/* FILE stays as it is, and why says what is wrong. */
static void check_refused(const char *text, size_t len, const char *want)
{
    char *got;

    write_file(text, len);
    why.text[0] = '\0';
    CHECK(open_journal(false) == NULL);
    CHECK(strstr(why.text, want) != NULL);
    got = read_file();
    CHECK(memcmp(got, text, len) == 0);
    free(got);
    CHECK(files() == 1);
}

static void test_refused(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"shopping list", "line 1: expected an object"},
        {"shopping list\n", "line 1: expected an object"},
        {"{\"url\":\"http://127.0.0.1/\"}\n", "line 1: no record"},
        {"{\"url\":\"http://127.0.0.1/\"}", "line 1: no record"},
        {"{\"a\":", "line 1: expected"},
        {"\n", "line 1:"},
        {RECORD("0", KEY_A, OK) "{\"a\":1}", "line 2: no record"},
        {RECORD("0", KEY_A, OK) "\n" RECORD("1", KEY_A, CANCELLED),
         "line 2: expected an object"},
        {RECORD("0", KEY_A, CANCELLED) "x\n" RECORD("1", KEY_A, OK),
         "line 2: expected an object"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_refused(rows[i].text, strlen(rows[i].text), rows[i].want);
    check_refused("\0\0x\n", 4, "line 1");
}

/* After a power cut the bytes may be 0. */
static void test_zeros(void)
{
    static const char text[] = RECORD("0", KEY_A, OK) "\0\0\0";
    struct journal *journal;
    char *got;

    write_file(text, sizeof(text) - 1);
    journal = open_journal(false);
    got = read_file();
    CHECK_STR(got, RECORD("0", KEY_A, OK));
    free(got);
    journal_close(journal);
    write_file("\0\0\0\0", 4);
    journal = open_journal(false);
    CHECK(journal && journal_counts(journal)->torn == 4);
    journal_close(journal);
}

static void test_lock(void)
{
    static const char text[] = RECORD("0", KEY_A, CANCELLED);
    struct journal *journal;
    char *got;
    int fd;

    write_file(text, sizeof(text) - 1);
    journal = open_journal(false);
    CHECK(open_journal(false) == NULL);
    CHECK(strstr(why.text, "another run") && strstr(why.text, ".lock"));
    journal_close(journal);
    /* A run without --resume that is writing. */
    write_file(text, sizeof(text) - 1);
    fd = open(path, O_RDWR);
    CHECK(flock(fd, LOCK_EX) == 0);
    CHECK(open_journal(false) == NULL);
    CHECK(strstr(why.text, "in use by another run"));
    close(fd);
    got = read_file();
    CHECK_STR(got, text);
    free(got);
    CHECK(files() == 1);
}

/* In place of the C library's: what another run does between the opening of
 * the lock file and its locking. */
static char removed[160];

int flock(int fd, int operation)
{
    int (*next)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");

    if (removed[0])
        unlink(removed);
    removed[0] = '\0';
    return next(fd, operation);
}

/* The holder has removed the file in this moment: a lock on that is none. */
static void test_lock_removed(void)
{
    struct lock_file *lock;

    snprintf(removed, sizeof(removed), "%s.lock", path);
    lock = lock_file_open(path, &why);
    CHECK(lock != NULL && removed[0] == '\0');
    CHECK(lock_file_open(path, &why) == NULL && errno == EWOULDBLOCK);
    lock_file_close(lock);
    CHECK(files() == 1);
}

/* What the file was stays: mode, link; what a killed run left goes. */
static void test_file(void)
{
    static const char text[] =
        RECORD("1", KEY_B, CANCELLED) RECORD("0", KEY_A, OK);
    char real[128], left[128];
    struct journal *journal;
    struct stat st;
    int fd;

    unlink(path);
    journal = open_journal(false);
    CHECK(journal && access(path, F_OK) != 0);
    CHECK(journal && !skip(journal, 0xa, NULL));
    journal_close(journal);
    CHECK(files() == 0);

    write_file(text, sizeof(text) - 1);
    CHECK(chmod(path, 0604) == 0);
    snprintf(real, sizeof(real), "%s/real", folder);
    snprintf(left, sizeof(left), "%s/.real.afetch-new", folder);
    CHECK(rename(path, real) == 0 && symlink("real", path) == 0);
    fd = open(left, O_CREAT | O_WRONLY, 0600);
    close(fd);
    journal = open_journal(false);
    CHECK(journal != NULL);
    CHECK(lstat(path, &st) == 0 && S_ISLNK(st.st_mode));
    CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0604);
    CHECK(st.st_size == (off_t)strlen(RECORD("0", KEY_A, OK)));
    journal_close(journal);
    CHECK(files() == 2);
    unlink(real);
    unlink(path);

    CHECK(mkfifo(path, 0600) == 0);
    CHECK(open_journal(false) == NULL);
    unlink(path);
    CHECK(files() == 0);
}

/* Only what is taken out of the middle needs another file. */
static void test_in_place(void)
{
    static const struct {
        const char *text;
        bool same;
    } rows[] = {
        {RECORD("0", KEY_A, OK) "{", true},
        {RECORD("0", KEY_A, OK) RECORD("1", KEY_A, CANCELLED), true},
        {RECORD("1", KEY_A, CANCELLED) RECORD("0", KEY_A, OK), false},
    };
    struct stat before, after;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct journal *journal;
        int fd;

        write_file(rows[i].text, strlen(rows[i].text));
        fd = open(path, O_RDONLY); /* or the number would be used again */
        journal = open_journal(false);
        CHECK(fstat(fd, &before) == 0 && stat(path, &after) == 0);
        CHECK((before.st_ino == after.st_ino) == rows[i].same);
        close(fd);
        journal_close(journal);
    }
}

/* Lines longer than a read, over the places where reads end. */
static void test_long(void)
{
    struct buf text;
    struct lines lines;
    struct line line;
    uint64_t at = 0;
    int fd;

    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < 40; i++) {
        size_t len = i * i * 700;
        char *room = buf_room(&text, len + 1);

        memset(room, 'a' + (int)i % 26, len);
        room[len] = '\n';
        buf_grown(&text, len + 1);
    }
    buf_add_str(&text, "tail");
    write_file(text.data, text.len);
    fd = open(path, O_RDONLY);
    lines_init(&lines, fd, 0);
    for (size_t i = 0; i < 40; i++) {
        CHECK(lines_next(&lines, &line) == 1);
        CHECK(line.len == i * i * 700 && line.at == at);
        CHECK(memcmp(line.text, text.data + at, line.len + 1) == 0);
        at += line.len + 1;
    }
    CHECK(lines_next(&lines, &line) == 0 && line.len == 4 && line.at == at);
    CHECK(lines_next(&lines, &line) == 0 && line.len == 4);
    lines_release(&lines);
    close(fd);
    buf_release(&text);
    unlink(path);
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/out", folder);
    test_skip();
    test_ends();
    test_names();
    test_clean();
    test_items();
    test_item_counts();
    test_torn();
    test_refused();
    test_zeros();
    test_lock();
    test_lock_removed();
    test_file();
    test_in_place();
    test_long();
    CHECK(rmdir(folder) == 0);
    return check_end("journal");
}
