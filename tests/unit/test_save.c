/* SPDX-License-Identifier: MIT */
/*
 * world/save: whole bodies under their names, planted links and other things
 * in the way, full disks, the lock and the sweep. Bodies that are continued
 * are in test_save_kept.
 */
#include "world/save.h"

#include "save_folder.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

static struct saves *saves;
static int os_errno;

/* Saves the text under the name; the errno, or 0. */
static int put(const char *name, const char *text)
{
    struct save *save = save_begin(saves, NULL, NULL, &os_errno, &why);

    CHECK(save != NULL);
    CHECK(save_write(save, text, strlen(text)) == 0);
    os_errno = 0;
    return save_commit(save, name, &os_errno, &why) == 0 ? 0 : os_errno;
}

static unsigned traps; /* to be laid */

/* Lays a link in the place of a temporary file at the last moment, as somebody
 * would who can guess its name. */
int openat(int dir, const char *name, int flags, ...)
{
    size_t len = strlen(name);
    mode_t mode = 0;
    va_list args;

    va_start(args, flags);
    if (flags & O_CREAT)
        mode = va_arg(args, mode_t);
    va_end(args);
    if (traps > 0 && len > 5 && strcmp(name + len - 5, ".part") == 0) {
        traps--;
        CHECK(symlinkat("elsewhere", dir, name) == 0);
    }
    return (int)syscall(SYS_openat, dir, name, flags, mode);
}

static void test_trapped(void)
{
    char name[256];

    put_file("elsewhere", "mine");
    traps = 2;
    CHECK(put("trapped", "body") == 0);
    CHECK(traps == 0);
    check_file("elsewhere", "mine");
    check_file("trapped", "body");
    CHECK(unlink(path_in("elsewhere")) == 0);
    while (count_parts(name) > 0)
        CHECK(unlink(path_in(name)) == 0);
}

static void test_names(void)
{
    uint64_t size = 99;
    struct stat info;

    CHECK(put("plain", "one") == 0);
    check_file("plain", "one");
    CHECK(put("a/b/c.txt", "deep") == 0);
    check_file("a/b/c.txt", "deep");
    CHECK(put("a/b/c.txt", "again") == 0);
    check_file("a/b/c.txt", "again");
    CHECK(put("a/empty", "") == 0);
    check_file("a/empty", "");
    CHECK(stat(path_in("plain"), &info) == 0);
    CHECK((info.st_mode & 07777) == 0640); /* the umask is 027 */

    CHECK(saves_exists(saves, "a/b/c.txt", &size) && size == 5);
    CHECK(!saves_exists(saves, "a/b", &size));
    CHECK(!saves_exists(saves, "no/such", &size));
    CHECK(!exists("no"));
    CHECK(!saves_exists(saves, "../plain", &size));
    CHECK(parts() == 0);
}

static void test_pieces(void)
{
    struct save *save = save_begin(saves, NULL, NULL, &os_errno, &why);
    struct stat info;

    CHECK(parts() == 1);
    CHECK(save_size(save) == 0);
    CHECK(save_write(save, "one ", 4) == 0 && save_write(save, "two", 3) == 0);
    CHECK(save_size(save) == 7);
    CHECK(stat(path_in(part_name()), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
    CHECK(!exists("pieces"));
    CHECK(save_restart(save) == 0 && save_write(save, "three", 5) == 0);
    CHECK(save_commit(save, "pieces", &os_errno, &why) == 0);
    check_file("pieces", "three");
}

static void test_drop(void)
{
    struct save *save = save_begin(saves, NULL, NULL, &os_errno, &why);

    CHECK(save_write(save, "x", 1) == 0);
    save_drop(save);
    save_drop(NULL);
    save = save_begin(saves, NULL, NULL, &os_errno, &why);
    CHECK(save_write(save, "x", 1) == 0);
    CHECK(!save_keep(save)); /* no key */
    CHECK(parts() == 0);
}

/* What a name must not be, whoever made it. */
static void test_bad_names(void)
{
    static const char *const names[] = {
        "",     "/",  "/etc/x", "..",    "../x",      "a/../../x",
        "a//b", "a/", ".",      "a/./b", ".afetch-x", "a/.afetch-lock",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        CHECK(put(names[i], "x") == EINVAL);
        CHECK(strstr(why.text, "the name is not allowed") != NULL);
    }
    CHECK(parts() == 0);
}

/* Links at every level, and what else may stand where a file is to be. */
static void test_planted(void)
{
    uint64_t size;

    CHECK(mkdir(path_in("d"), 0755) == 0);
    CHECK(mkdir(path_in("d/e"), 0755) == 0);
    CHECK(mkdir(path_in("outside"), 0755) == 0);
    CHECK(symlink("../outside", path_in("d/up")) == 0);
    CHECK(symlink("outside", path_in("link")) == 0);
    CHECK(symlink("outside/new", path_in("d/dangling")) == 0);
    CHECK(symlink("../../plain", path_in("d/e/file")) == 0);
    CHECK(mkfifo(path_in("d/fifo"), 0644) == 0);
    put_file("outside/there", "untouched");

    CHECK(put("link/x", "x") == ENOTDIR);
    CHECK(strstr(why.text, "link/x: a folder of it is a link") != NULL);
    CHECK(put("d/up/x", "x") == ENOTDIR);
    CHECK(put("d/up/deeper/x", "x") == ENOTDIR);
    CHECK(put("plain/x", "x") == ENOTDIR);
    CHECK(put("d/dangling", "x") == EEXIST);
    CHECK(strstr(why.text, "something else than a regular file") != NULL);
    CHECK(put("d/e/file", "x") == EEXIST);
    CHECK(put("d/fifo", "x") == EEXIST);
    CHECK(put("d/e", "x") == EEXIST);
    CHECK(put("link", "x") == EEXIST);
    CHECK(!saves_exists(saves, "d/e/file", &size));
    CHECK(!saves_exists(saves, "link/there", &size));
    CHECK(!saves_exists(saves, "d/fifo", &size));

    check_file("plain", "one");
    check_file("outside/there", "untouched");
    CHECK(!exists("outside/x") && !exists("outside/new"));
    CHECK(!exists("outside/deeper"));
    CHECK(parts() == 0);
}

/* A hard link of an existing file does not see the new body. */
static void test_replaced(void)
{
    put_file("old", "before");
    CHECK(link(path_in("old"), path_in("old2")) == 0);
    CHECK(put("old", "after") == 0);
    check_file("old", "after");
    check_file("old2", "before");
}

/* More folders than are kept open; one that is removed meanwhile. */
static void test_folders(void)
{
    char name[32];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 20; i++) {
            snprintf(name, sizeof(name), "many%d/file", i);
            CHECK(put(name, name) == 0);
            check_file(name, name);
        }
    }
    CHECK(unlink(path_in("many19/file")) == 0);
    CHECK(rmdir(path_in("many19")) == 0);
    CHECK(put("many19/file", "new") == 0);
    check_file("many19/file", "new");
}

/* A limit of the file's size stands for a full disk: errors come alike. */
static void test_full(void)
{
    struct rlimit old, small;
    struct save *save;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){.rlim_cur = 6, .rlim_max = old.rlim_max};
    save = save_begin(saves, NULL, NULL, &os_errno, &why);
    setrlimit(RLIMIT_FSIZE, &small);
    CHECK(save_write(save, "1234", 4) == 0);
    CHECK(save_errno(save) == 0);
    CHECK(save_write(save, "5678", 4) == -1);
    setrlimit(RLIMIT_FSIZE, &old);
    CHECK(save_errno(save) == EFBIG);
    CHECK(save_write(save, "9", 1) == -1); /* sticky */
    CHECK(save_commit(save, "full", &os_errno, &why) == -1);
    CHECK(os_errno == EFBIG);
    CHECK_STR(why.text, "cannot save full: File too large");
    CHECK(!exists("full") && parts() == 0);
}

/* Descriptors run out: a caller's to deal with. */
static void test_no_descriptor(void)
{
    struct rlimit old, none;

    getrlimit(RLIMIT_NOFILE, &old);
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    CHECK(save_begin(saves, NULL, NULL, &os_errno, &why) == NULL);
    setrlimit(RLIMIT_NOFILE, &old);
    CHECK(os_errno == EMFILE);
    CHECK(strstr(why.text, "cannot make a file in ") != NULL);
}

/* A file system mounted below DIR, in a child's own view where it may. */
static void test_mounted(void)
{
#ifdef __linux__
    int status;
    pid_t child;

    CHECK(mkdir(path_in("mounted"), 0755) == 0);
    child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("tmpfs", path_in("mounted"), "tmpfs", 0, NULL) != 0)
            _exit(0);
        saves = saves_open(folder, &usual, &why); /* in that view */
        _exit(put("mounted/x", "x") == EXDEV && parts() == 0 &&
                      strstr(why.text, "another file system is mounted")
                  ? 0
                  : 1);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
#endif
}

static void test_durable(void)
{
    const struct saves_options durable = {.durable = true};

    saves_close(saves);
    saves = saves_open(folder, &durable, &why);
    CHECK(put("safe/and/sound", "x") == 0);
    CHECK(put("sound", "x") == 0);
    check_file("safe/and/sound", "x");
    saves_close(saves);
    saves = saves_open(folder, &usual, &why);
}

/* DIR: missing, a link, a file, under a file. */
static void test_dir(void)
{
    struct saves *other = saves_open(path_in("new/deep/dir/"), &usual, &why);

    CHECK(other != NULL);
    CHECK(exists("new/deep/dir/.afetch-lock"));
    saves_close(other);
    CHECK(!exists("new/deep/dir/.afetch-lock"));
    saves_close(NULL);

    CHECK(symlink("new", path_in("dirlink")) == 0);
    other = saves_open(path_in("dirlink"), &usual, &why);
    CHECK(other != NULL);
    saves_close(other);
    CHECK(saves_open(path_in("plain"), &usual, &why) == NULL);
    CHECK(strstr(why.text, "/plain: Not a directory") != NULL);
    CHECK(saves_open(path_in("plain/x"), &usual, &why) == NULL);
    CHECK(saves_open("", &usual, &why) == NULL);

    /* no lock through a link */
    CHECK(symlink("../victim", path_in("new/.afetch-lock")) == 0);
    CHECK(saves_open(path_in("new"), &usual, &why) == NULL);
    CHECK(!exists("victim"));

    if (geteuid() == 0)
        return; /* whom no mode binds */
    CHECK(mkdir(path_in("closed"), 0555) == 0);
    CHECK(saves_open(path_in("closed"), &usual, &why) == NULL);
    CHECK(strstr(why.text, "cannot write to the folder") != NULL);
}

static void plant_leftovers(void)
{
    put_file(".afetch-0123456789abcdef.part", "x");
    put_file(".afetch-" KEY_A ".part", "x");
    put_file(".afetch-" KEY_A ".json", "x");
    put_file(".afetch-" KEY_B ".part", "x");
    put_file(".afetch-" KEY_C ".json", "x");
    put_file(".afetch-0123456789abcdef", "x");
    put_file(".afetch-0123456789abcdeX.part", "x");
    put_file(".afetch-mine.part", "x");
    put_file("0123456789abcdef.part", "x");
}

/* What is not one of our names stays; so does what can be continued. */
static void check_swept(bool resume)
{
    CHECK(!exists(".afetch-0123456789abcdef.part"));
    CHECK(exists(".afetch-" KEY_A ".part") == resume);
    CHECK(exists(".afetch-" KEY_A ".json") == resume);
    CHECK(!exists(".afetch-" KEY_B ".part"));
    CHECK(!exists(".afetch-" KEY_C ".json"));
    CHECK(exists(".afetch-0123456789abcdef"));
    CHECK(exists(".afetch-0123456789abcdeX.part"));
    CHECK(exists(".afetch-mine.part"));
    CHECK(exists("0123456789abcdef.part"));
}

static void test_sweep(void)
{
    const struct saves_options resume = {.resume = true};

    saves_close(saves);
    plant_leftovers();
    saves = saves_open(folder, &resume, &why);
    check_swept(true);
    saves_close(saves);
    plant_leftovers();
    saves = saves_open(folder, &usual, &why);
    check_swept(false);
    CHECK(unlink(path_in(".afetch-0123456789abcdef")) == 0);
    CHECK(unlink(path_in(".afetch-0123456789abcdeX.part")) == 0);
    CHECK(unlink(path_in(".afetch-mine.part")) == 0);
}

/* A run beside a living one sweeps nothing, whichever of them came first. */
static void test_lock(void)
{
    struct saves *second, *third;

    put_file(".afetch-0123456789abcdef.part", "x");
    second = saves_open(folder, &usual, &why);
    CHECK(second != NULL);
    CHECK(exists(".afetch-0123456789abcdef.part"));
    saves_close(saves);
    CHECK(exists(".afetch-lock")); /* the second is still there */
    third = saves_open(folder, &usual, &why);
    CHECK(exists(".afetch-0123456789abcdef.part"));
    saves_close(second);
    saves_close(third);
    CHECK(!exists(".afetch-lock"));
    saves = saves_open(folder, &usual, &why);
    CHECK(!exists(".afetch-0123456789abcdef.part"));
}

/* A process that is killed leaves its part, and its lock ends with it. */
static void test_killed(void)
{
    int ready[2];
    char byte;
    pid_t child;

    saves_close(saves);
    CHECK(pipe(ready) == 0);
    child = fork();
    if (child == 0) {
        saves = saves_open(folder, &usual, &why);
        struct save *save = save_begin(saves, NULL, NULL, &os_errno, &why);
        save_write(save, "cut", 3);
        if (write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    saves = saves_open(folder, &usual, &why);
    CHECK(parts() == 1); /* it lives */
    saves_close(saves);
    CHECK(exists(".afetch-lock"));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK(parts() == 1);
    saves = saves_open(folder, &usual, &why);
    CHECK(saves != NULL && parts() == 0);
    close(ready[0]);
    close(ready[1]);
}

/* Runs that come and go at once never lose the lock file to each other. */
static void test_crowd(void)
{
    pid_t children[8];
    int status;

    saves_close(saves);
    for (int i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        for (int round = 0; round < 50; round++) {
            struct saves *own = saves_open(folder, &usual, &why);
            struct save *save =
                own ? save_begin(own, NULL, NULL, &os_errno, &why) : NULL;
            char name[32];

            snprintf(name, sizeof(name), "crowd/%d-%d", i, round);
            if (!save || save_write(save, "x", 1) != 0 ||
                save_commit(save, name, &os_errno, &why) != 0)
                _exit(1); /* somebody has swept it */
            saves_close(own);
        }
        _exit(0);
    }
    for (int i = 0; i < 8; i++) {
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(status == 0);
    }
    CHECK(!exists(".afetch-lock") && parts() == 0);
    saves = saves_open(folder, &usual, &why);
}

int main(void)
{
    make_folder();
    umask(027);
    saves = saves_open(folder, &usual, &why);
    CHECK(saves != NULL);
    test_names();
    test_pieces();
    test_drop();
    test_bad_names();
    test_planted();
    test_trapped();
    test_replaced();
    test_folders();
    test_full();
    test_no_descriptor();
    test_mounted();
    test_durable();
    test_dir();
    test_sweep();
    test_lock();
    test_killed();
    test_crowd();
    saves_close(saves);
    remove_folder();
    return check_end("save");
}
