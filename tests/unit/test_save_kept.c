/* SPDX-License-Identifier: MIT */
/*
 * world/save: bodies that are cut off, kept, and continued; and every reason
 * not to continue one.
 */
#include "save_folder.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define PART    ".afetch-" KEY_A ".part"
#define SIDECAR ".afetch-" KEY_A ".json"

static const struct saves_options resume = {.resume = true};
static const unsigned char key[REQUEST_KEY_SIZE] = {0x0a};
static struct saves *saves;
static struct save_origin origin;
static int os_errno;

static struct save *begin(void)
{
    save_origin_release(&origin);
    return save_begin(saves, key, &origin, &os_errno, &why);
}

static void reopen(const struct saves_options *options)
{
    saves_close(saves);
    saves = saves_open(folder, options, &why);
    CHECK(saves != NULL);
}

static void note(struct save *save, const char *etag, const char *modified,
                 uint64_t total)
{
    const struct save_origin of = {.etag = (char *)(size_t)etag,
                                   .last_modified = (char *)(size_t)modified,
                                   .total = total};

    save_note(save, &of);
}

/* Leaves the text as a kept body; the part and its sidecar are there. */
static void keep(const char *text, const char *etag, uint64_t total)
{
    struct save *save = begin();

    CHECK(save_size(save) == 0);
    note(save, etag, "Mon, 01 Jan 2024 00:00:00 GMT", total);
    CHECK(save_write(save, text, strlen(text)) == 0);
    CHECK(save_keep(save));
    CHECK(exists(PART) && exists(SIDECAR));
}

static void on_bytes(void *to, const void *bytes, size_t len)
{
    strncat(to, bytes, len);
}

static void test_continue(void)
{
    char read_back[32] = "";
    struct save *save;

    keep("one ", "\"v\\\"1\"", 7);
    reopen(&resume);
    save = begin();
    CHECK(save_size(save) == 4);
    CHECK_STR(origin.etag, "\"v\\\"1\"");
    CHECK_STR(origin.last_modified, "Mon, 01 Jan 2024 00:00:00 GMT");
    CHECK(origin.total == 7);
    CHECK(save_reread(save, 0, SIZE_MAX, on_bytes, read_back) == 0);
    CHECK_STR(read_back, "one ");
    CHECK(save_write(save, "two", 3) == 0);
    CHECK(save_commit(save, "sub/whole", &os_errno, &why) == 0);
    check_file("sub/whole", "one two");
    CHECK(!exists(PART) && !exists(SIDECAR) && parts() == 0);
}

/* The server sends it all again, then breaks off. */
static void test_restart(void)
{
    struct save *save;

    keep("old", "\"1\"", 0);
    save = begin();
    CHECK(save_size(save) == 2); /* a byte to ask for: that may be all */
    CHECK(origin.total == 0);
    CHECK(save_restart(save) == 0);
    CHECK(!exists(SIDECAR)); /* it is not of these bytes */
    CHECK(save_write(save, "newer", 5) == 0);
    note(save, "\"2\"", NULL, 9);
    CHECK(save_keep(save));
    save = begin();
    CHECK(save_size(save) == 5);
    CHECK_STR(origin.etag, "\"2\"");
    CHECK_STR(origin.last_modified, NULL);
    save_drop(save);
    CHECK(!exists(PART) && !exists(SIDECAR));
}

/* What the next begin makes of what lies there. */
static void check_unusable(void)
{
    struct save *save;

    save = begin();
    CHECK(save != NULL && save_size(save) == 0);
    CHECK(!origin.etag && !origin.last_modified);
    CHECK(!exists(SIDECAR));
    CHECK(save_write(save, "x", 1) == 0);
    CHECK(save_commit(save, "unusable", &os_errno, &why) == 0);
    check_file("unusable", "x");
}

static void test_unusable(void)
{
    static const char *const sidecars[] = {
        "",
        "{",
        "[]",
        "{\"etag\":1,\"total\":9}",
        "{\"etag\":\"a\\u0000\"}",
        "{\"total\":9}",
        "{\"etag\":\"a\",\"etag\":\"b\"}",
        "{\"etag\":\"a\",\"\\u0065tag\":\"b\"}",
    };

    for (size_t i = 0; i < sizeof(sidecars) / sizeof(sidecars[0]); i++) {
        keep("old", "\"1\"", 9);
        put_file(SIDECAR, sidecars[i]);
        check_unusable();
    }
    keep("old", "\"1\"", 9);
    put_file(PART, "");
    check_unusable();
    keep("longer than that", "\"1\"", 9);
    check_unusable();
    put_file(PART, "of nobody knows what");
    check_unusable();
}

static void test_all_there(void)
{
    struct save *save;

    keep("whole", "\"1\"", 5);
    save = begin();
    CHECK(save_size(save) == 4); /* a byte is left to ask for */
    CHECK(save_write(save, "e", 1) == 0);
    CHECK(save_commit(save, "whole", &os_errno, &why) == 0);
    check_file("whole", "whole");
}

/* Nothing to check it by, nothing of it, nobody who wants it. */
static void test_not_kept(void)
{
    struct save *save = begin();

    note(save, NULL, NULL, 9);
    CHECK(save_write(save, "x", 1) == 0 && !save_keep(save));
    save = begin();
    note(save, "W/\"weak\"", NULL, 9);
    CHECK(save_write(save, "x", 1) == 0 && !save_keep(save));
    save = begin();
    note(save, "\"1\"", NULL, 9);
    CHECK(exists(SIDECAR));
    CHECK(!save_keep(save));
    CHECK(!exists(PART) && !exists(SIDECAR));

    reopen(&usual);
    save = begin();
    note(save, "\"1\"", NULL, 9);
    CHECK(!exists(PART));
    CHECK(save_write(save, "x", 1) == 0 && !save_keep(save));
    CHECK(parts() == 0);
    reopen(&resume);
}

/* One save has the key; the next one, in whatever run, is on its own. */
static void test_busy(void)
{
    struct saves *other = saves_open(folder, &resume, &why);
    struct save *first = begin(), *second, *third;

    CHECK(!saves_kept(saves, key));
    note(first, "\"1\"", NULL, 9);
    CHECK(saves_kept(saves, key));
    CHECK(save_write(first, "first", 5) == 0);
    second = begin();
    CHECK(save_size(second) == 0);
    note(second, "\"2\"", NULL, 0);
    CHECK(save_write(second, "second", 6) == 0);
    third = save_begin(other, key, &origin, &os_errno, &why);
    CHECK(save_size(third) == 0);
    CHECK(!save_keep(third));
    CHECK(save_commit(second, "second", &os_errno, &why) == 0);
    CHECK(save_keep(first));
    first = begin();
    CHECK(save_size(first) == 5);
    CHECK_STR(origin.etag, "\"1\"");
    CHECK(save_commit(first, "first", &os_errno, &why) == 0);
    check_file("first", "first");
    check_file("second", "second");
    saves_close(other);
}

static void test_planted(void)
{
    put_file("victim", "precious");
    CHECK(symlink("victim", path_in(PART)) == 0);
    check_unusable();
    CHECK(unlink(path_in(PART)) == 0);
    CHECK(symlink("created", path_in(PART)) == 0);
    check_unusable();
    CHECK(!exists("created"));
    CHECK(unlink(path_in(PART)) == 0);
    CHECK(link(path_in("victim"), path_in(PART)) == 0);
    check_unusable();
    CHECK(unlink(path_in(PART)) == 0);
    CHECK(mkfifo(path_in(PART), 0600) == 0);
    check_unusable();
    CHECK(unlink(path_in(PART)) == 0);
    CHECK(mkdir(path_in(PART), 0700) == 0);
    check_unusable();
    CHECK(rmdir(path_in(PART)) == 0);

    keep("old", "\"1\"", 9);
    CHECK(rename(path_in(SIDECAR), path_in("real")) == 0);
    CHECK(symlink("real", path_in(SIDECAR)) == 0);
    check_unusable();
    keep("old", "\"1\"", 9);
    CHECK(unlink(path_in(SIDECAR)) == 0);
    CHECK(mkfifo(path_in(SIDECAR), 0600) == 0);
    check_unusable();
    check_file("victim", "precious");
}

/* A process that is killed once the head is known loses nothing it wrote. */
static void test_killed(void)
{
    struct save *save;
    int status;
    pid_t child;

    saves_close(saves);
    child = fork();
    if (child == 0) {
        saves = saves_open(folder, &resume, &why);
        save = begin();
        note(save, "\"1\"", NULL, 100);
        save_write(save, "half", 4);
        raise(SIGKILL);
    }
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    saves = saves_open(folder, &resume, &why);
    save = begin();
    CHECK(save_size(save) == 4);
    CHECK_STR(origin.etag, "\"1\"");
    CHECK(save_keep(save));
    reopen(&usual);
    CHECK(!exists(PART) && !exists(SIDECAR));
    reopen(&resume);
}

static void test_durable(void)
{
    const struct saves_options durable = {.durable = true, .resume = true};

    reopen(&durable);
    keep("safe", "\"1\"", 9);
    save_drop(begin());
    reopen(&resume);
}

int main(void)
{
    make_folder();
    saves = saves_open(folder, &resume, &why);
    CHECK(saves != NULL);
    test_continue();
    test_restart();
    test_unusable();
    test_all_there();
    test_not_kept();
    test_busy();
    test_planted();
    test_killed();
    test_durable();
    save_origin_release(&origin);
    saves_close(saves);
    remove_folder();
    return check_end("save_kept");
}
