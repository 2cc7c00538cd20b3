/* SPDX-License-Identifier: MIT */
/* The ETag store: what it keeps from run to run, and what it refuses. */
#include "check.h"
#include "world/etag_store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define KEY  "\"key\":\"0000000000000000000000000000000"

static const char *key_of(unsigned number, unsigned char key[REQUEST_KEY_SIZE])
{
    memset(key, 0, REQUEST_KEY_SIZE);
    for (int i = 0; i < 4; i++)
        key[REQUEST_KEY_SIZE - 1 - i] = (unsigned char)(number >> 8 * i);
    return (const char *)key;
}

/* The ETag of a request, in static storage; NULL: the store knows none. */
static const char *find(const struct etag_store *store, unsigned number)
{
    static struct validators got;
    unsigned char key[REQUEST_KEY_SIZE];

    key_of(number, key);
    return etag_store_find(store, key, &got) ? got.etag : NULL;
}

static void put(struct etag_store *store, unsigned number, const char *etag)
{
    struct validators validators = {.last_modified = DATE};
    unsigned char key[REQUEST_KEY_SIZE];

    snprintf(validators.etag, sizeof(validators.etag), "%s", etag);
    key_of(number, key);
    etag_store_put(store, key, &validators, "http://a.test/");
}

static void forget(struct etag_store *store, unsigned number)
{
    unsigned char key[REQUEST_KEY_SIZE];

    key_of(number, key);
    etag_store_put(store, key, NULL, NULL);
}

static struct etag_store *open_store(const char *path)
{
    struct why why = {""};
    struct etag_store *store = etag_store_open(path, &why);

    CHECK_STR(why.text, "");
    if (!store)
        exit(check_end("etag_store"));
    return store;
}

static void save_and_close(struct etag_store *store)
{
    struct why why = {""};

    CHECK(etag_store_save(store, &why) == 0);
    CHECK_STR(why.text, "");
    etag_store_close(store);
}

static void write_text(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    CHECK(stream && fputs(text, stream) >= 0 && fclose(stream) == 0);
}

/* The text of a file; the caller frees. */
static char *read_text(const char *path)
{
    FILE *stream = fopen(path, "r");
    char *text = calloc(1, 1000);

    CHECK(stream && fread(text, 1, 999, stream) < 999);
    fclose(stream);
    return text;
}

static void check_text(const char *path, const char *want)
{
    char *text = read_text(path);

    CHECK_STR(text, want);
    free(text);
}

/* stderr of what follows goes to a file. */
static void catch_warnings(void)
{
    int fd = open("warnings", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    CHECK(fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
}

static void test_runs(void)
{
    struct etag_store *store = open_store("runs");

    CHECK(etag_store_count(store) == 0 && !find(store, 1));
    put(store, 1, "\"one\"");
    put(store, 2, "W/\"two\"");
    put(store, 3, "\"three\"");
    CHECK_STR(find(store, 2), "W/\"two\"");
    CHECK(access("runs", F_OK) != 0);
    save_and_close(store);
    check_text("runs",
               "{" KEY "1\",\"etag\":\"\\\"one\\\"\",\"last_modified\":"
               "\"" DATE "\",\"url\":\"http://a.test/\"}\n"
               "{" KEY "2\",\"etag\":\"W/\\\"two\\\"\","
               "\"last_modified\":\"" DATE "\",\"url\":\"http://a.test/\"}\n"
               "{" KEY "3\",\"etag\":\"\\\"three\\\"\","
               "\"last_modified\":\"" DATE "\",\"url\":\"http://a.test/\"}\n");
    CHECK(access("runs.lock", F_OK) != 0);

    store = open_store("runs");
    CHECK(etag_store_count(store) == 3);
    CHECK_STR(find(store, 1), "\"one\"");
    put(store, 1, "\"uno\"");
    forget(store, 2);
    forget(store, 9);
    CHECK_STR(find(store, 1), "\"uno\"");
    CHECK(etag_store_count(store) == 2 && !find(store, 2));
    save_and_close(store);

    store = open_store("runs");
    CHECK_STR(find(store, 1), "\"uno\"");
    CHECK_STR(find(store, 3), "\"three\"");
    CHECK(etag_store_count(store) == 2 && !find(store, 2));
    etag_store_close(store);
}

/* What did not change is not written again: its own inode stays. */
/* What this run remembered, and what an earlier one did. */
static void test_new(void)
{
    struct etag_store *store = open_store("new");
    unsigned char key[REQUEST_KEY_SIZE];

    key_of(1, key);
    CHECK(!etag_store_is_new(store, key));
    put(store, 1, "\"one\"");
    CHECK(etag_store_is_new(store, key));
    save_and_close(store);
    store = open_store("new");
    CHECK(find(store, 1) && !etag_store_is_new(store, key));
    put(store, 1, "\"two\"");
    CHECK(etag_store_is_new(store, key));
    forget(store, 1);
    CHECK(!etag_store_is_new(store, key));
    etag_store_close(store);
}

static void test_unchanged(void)
{
    struct stat before, after;

    CHECK(stat("runs", &before) == 0);
    save_and_close(open_store("runs"));
    CHECK(stat("runs", &after) == 0 && before.st_ino == after.st_ino);
}

static void test_locked(void)
{
    struct etag_store *store = open_store("runs");
    struct why why;

    CHECK(etag_store_open("runs", &why) == NULL);
    CHECK_STR(why.text, "runs is in use by another run, which holds runs.lock");
    etag_store_close(store);
}

static void test_bad_lines(void)
{
    struct etag_store *store;

    write_text("bad", "{" KEY "1\",\"etag\":\"\\\"a\\\"\"}\n"
                      "nonsense\n"
                      "{" KEY "2\",\"etag\":\"\\\"a\\r\\nEvil: 1\\\"\"}\n"
                      "{" KEY "3\",\"etag\":\"\\\"c\\\"\"}\n"
                      "{" KEY "1\",\"etag\":\"\\\"later\\\"\"}\n"
                      "{" KEY "4\",\"eta");
    catch_warnings();
    store = open_store("bad");
    check_text("warnings",
               "afetch: bad:2: expected an object at byte 1; the line is left "
               "out\n"
               "afetch: bad:3: etag: not an entity-tag; the line is left out\n"
               "afetch: bad:6: cut off; the line is left out\n");
    CHECK(etag_store_count(store) == 2);
    CHECK_STR(find(store, 1), "\"later\"");
    CHECK_STR(find(store, 3), "\"c\"");
    save_and_close(store);
    check_text("bad", "{" KEY "1\",\"etag\":\"\\\"later\\\"\"}\n"
                      "{" KEY "3\",\"etag\":\"\\\"c\\\"\"}\n");

    /* A whole line without its end is whole. */
    write_text("bad", "{" KEY "1\",\"etag\":\"\\\"a\\\"\"}");
    store = open_store("bad");
    CHECK_STR(find(store, 1), "\"a\"");
    etag_store_close(store);

    /* Of a great many only some are named. */
    write_text("bad", "{\n{\n{\n{\n{\n{\n{\n{" KEY "1\",\"etag\":\"\\\"a"
                      "\\\"\"}");
    catch_warnings();
    etag_store_close(open_store("bad"));
    char *text = read_text("warnings");
    CHECK(strstr(text, "bad:5:") && !strstr(text, "bad:6:"));
    CHECK(strstr(text, "afetch: bad: 2 more such lines\n"));
    free(text);
}

/* A line that is longer than any of ours, in the middle and at the end. */
static void test_long_line(void)
{
    static const char whole[] = "{" KEY "1\",\"etag\":\"\\\"a\\\"\"}\n";
    size_t size = 300000;
    char *text = calloc(1, 2 * size + sizeof(whole));
    struct etag_store *store;

    memset(text, 'x', size);
    text[0] = '{';
    text[size - 1] = '\n';
    memcpy(text + size, whole, sizeof(whole) - 1);
    memset(text + size + sizeof(whole) - 1, 'y', size);
    write_text("long", text);
    catch_warnings();
    store = open_store("long");
    check_text("warnings", "afetch: long:1: longer than 65536 bytes; the line "
                           "is left out\n"
                           "afetch: long:3: cut off; the line is left out\n");
    CHECK_STR(find(store, 1), "\"a\"");
    put(store, 2, "\"b\"");
    save_and_close(store);
    store = open_store("long");
    CHECK(etag_store_count(store) == 2);
    etag_store_close(store);
    free(text);
}

static void check_refused(const char *path, const char *want)
{
    struct why why = {""};

    CHECK(etag_store_open(path, &why) == NULL);
    CHECK_STR(why.text, want);
}

static void test_refused(void)
{
    catch_warnings();
    CHECK(mkdir("folder", 0755) == 0 && mkfifo("pipe", 0600) == 0);
    check_refused("folder", "cannot write folder: it is a folder");
    check_refused("pipe", "cannot write pipe: it is no regular file");
    check_refused("nowhere/x",
                  "cannot lock nowhere/x: nowhere/x.lock: No such file or "
                  "directory");
    write_text("list", "https://example.com/\n");
    check_refused("list", "list is no ETag store");
    check_text("list", "https://example.com/\n");
    CHECK(access("list.lock", F_OK) != 0);
    if (geteuid() != 0) {
        CHECK(chmod("list", 0) == 0);
        check_refused("list", "cannot read list: Permission denied");
    }
}

static void test_no_room(void)
{
    struct etag_store *store = open_store("runs");
    struct rlimit old, small;
    struct why why;
    char *before = read_text("runs");

    put(store, 7, "\"seven\"");
    signal(SIGXFSZ, SIG_IGN);
    CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
    small = old;
    small.rlim_cur = 10;
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK(etag_store_save(store, &why) == -1);
    CHECK_STR(why.text, "cannot write runs: File too large");
    for (unsigned i = 0; i < 5000; i++)
        put(store, 100 + i, "\"more\"");
    CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
    CHECK(etag_store_save(store, &why) == -1);
    CHECK_STR(why.text, "cannot write beside runs: File too large");
    CHECK_STR(find(store, 7), "\"seven\"");
    etag_store_close(store);
    check_text("runs", before);
    free(before);
}

/* Somebody writes into the file: no line of theirs is taken for ours. */
static void test_changed_below(void)
{
    struct etag_store *store = open_store("runs");

    char *text = read_text("runs");

    CHECK_STR(find(store, 1), "\"uno\"");
    *strstr(text, "1\",\"etag") = '8'; /* another request's line */
    write_text("runs", text);
    free(text);
    CHECK(!find(store, 1));
    CHECK_STR(find(store, 3), "\"three\"");
    write_text("runs", "{}\n");
    CHECK(!find(store, 3));
    put(store, 5, "\"five\"");
    catch_warnings();
    save_and_close(store);
    check_text("warnings", "afetch: runs: 2 lines changed while it was in use "
                           "and are left out\n");
    store = open_store("runs");
    CHECK(etag_store_count(store) == 1);
    CHECK_STR(find(store, 5), "\"five\"");
    etag_store_close(store);
}

/* Enough to go through every growth, and out of memory into the scratch. */
static void test_many(void)
{
    struct etag_store *store = open_store("many");
    char etag[32];
    unsigned right = 0, count = 20000;

    for (unsigned i = 0; i < count; i++) {
        snprintf(etag, sizeof(etag), "\"%u\"", i);
        put(store, i, etag);
    }
    for (unsigned i = 0; i < count; i += 3)
        put(store, i, "\"third\"");
    CHECK_STR(find(store, 0), "\"third\"");
    save_and_close(store);
    store = open_store("many");
    for (unsigned i = 0; i < count; i++) {
        const char *got = find(store, i);

        snprintf(etag, sizeof(etag), "\"%u\"", i);
        right += got && strcmp(got, i % 3 ? etag : "\"third\"") == 0;
    }
    CHECK(right == count && etag_store_count(store) == count);
    etag_store_close(store);
}

int main(void)
{
    char folder[] = "/tmp/afetch-etags-XXXXXX";
    char command[64];

    CHECK(mkdtemp(folder) && chdir(folder) == 0);
    test_runs();
    test_new();
    test_unchanged();
    test_locked();
    test_bad_lines();
    test_long_line();
    test_refused();
    test_no_room();
    test_changed_below();
    test_many();
    snprintf(command, sizeof(command), "rm -r %s", folder);
    CHECK(chdir("/") == 0);
    FILE *rm = popen(command, "r");
    CHECK(rm && pclose(rm) == 0);
    return check_end("etag_store");
}
