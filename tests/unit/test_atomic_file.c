/* SPDX-License-Identifier: MIT */
/* Files that are replaced as a whole, and the lock beside them. */
#include "base/atomic_file.h"
#include "base/lock_file.h"
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned synced; /* calls */
static bool in_time;    /* the first one: a file, before its name is there */

/* What is renamed must be on the disk before: else a power cut may leave the
 * new name with nothing behind it. */
int fsync(int fd)
{
    struct stat st;

    if (synced++ == 0)
        in_time = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                  access("durable", F_OK) != 0;
    return (int)syscall(SYS_fsync, fd);
}

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *stream = fopen(path, "w");

    CHECK(stream && fputs(text, stream) >= 0 && fclose(stream) == 0);
    CHECK(chmod(path, mode) == 0);
}

/* The text of a file, in a buffer of the caller's; NULL: there is none. */
static const char *get(const char *path, char text[64])
{
    FILE *stream = fopen(path, "r");
    size_t len;

    if (!stream)
        return NULL;
    len = fread(text, 1, 63, stream);
    text[len] = '\0';
    fclose(stream);
    return text;
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

/* Names in a folder, but "." and "..". */
static int count_names(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count - 2;
}

static int write_file(const char *path, const char *text, mode_t mode,
                      struct why *why)
{
    struct atomic_file *file = atomic_file_open(path, mode, why);

    if (!file)
        return -1;
    fputs(text, atomic_file_stream(file));
    return atomic_file_commit(file, why);
}

static void test_replace(void)
{
    struct why why;
    char text[64];

    umask(027);
    CHECK(write_file("new", "one", 0666, &why) == 0);
    CHECK_STR(get("new", text), "one");
    CHECK(mode_of("new") == 0640);
    CHECK(write_file("secret", "s", 0600, &why) == 0);
    CHECK(mode_of("secret") == 0600);
    umask(022);
    CHECK(write_file("new", "two", 0666, &why) == 0);
    CHECK_STR(get("new", text), "two");
    CHECK(mode_of("new") == 0640);
    CHECK(chmod("new", 06755) == 0);
    CHECK(write_file("new", "three", 0600, &why) == 0);
    CHECK(mode_of("new") == 0755);
    CHECK(count_names(".") == 2);
    synced = 0;
    CHECK(write_file("durable", "four", 0600, &why) == 0);
    CHECK(synced > 0 && in_time);
    CHECK(unlink("durable") == 0);
}

/* Until the commit the old file is what it was, and the new one closed. */
static void test_abort(void)
{
    struct why why;
    char text[64];
    struct stat st;
    struct atomic_file *file;

    put("kept", "old", 0644);
    file = atomic_file_open("kept", 0666, &why);
    CHECK(file && fputs("half", atomic_file_stream(file)) >= 0);
    CHECK(fflush(atomic_file_stream(file)) == 0);
    CHECK_STR(get("kept", text), "old");
    CHECK(fstat(fileno(atomic_file_stream(file)), &st) == 0);
    CHECK((st.st_mode & 0777) == 0644);
    atomic_file_abort(file);
    atomic_file_abort(NULL);
    CHECK_STR(get("kept", text), "old");
    CHECK(count_names(".") == 3);
}

/* A limit on the size of files stands for a full disk. */
static void test_no_room(void)
{
    struct rlimit old, small;
    struct why why;
    char text[64];

    signal(SIGXFSZ, SIG_IGN);
    CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
    small = old;
    small.rlim_cur = 2;
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK(write_file("kept", "too long", 0666, &why) == -1);
    CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
    CHECK_STR(why.text, "cannot write kept: File too large");
    CHECK_STR(get("kept", text), "old");
    CHECK(count_names(".") == 3);
}

static void test_links(void)
{
    struct why why;
    char text[64];

    CHECK(mkdir("far", 0755) == 0);
    put("far/real", "old", 0600);
    CHECK(symlink("far/real", "link") == 0);
    CHECK(write_file("link", "new", 0666, &why) == 0);
    CHECK_STR(get("far/real", text), "new");
    CHECK(mode_of("far/real") == 0600);
    CHECK(readlink("link", text, sizeof(text)) == 8);
    CHECK(count_names("far") == 1);
    CHECK(symlink("nowhere", "loose") == 0);
    CHECK(write_file("loose", "new", 0666, &why) == -1);
    CHECK_STR(why.text, "cannot write loose: it is a link to nothing");
    CHECK(get("nowhere", text) == NULL);
}

static void test_refused(void)
{
    struct why why;

    CHECK(write_file("far", "x", 0666, &why) == -1);
    CHECK_STR(why.text, "cannot write far: it is a folder");
    CHECK(mkfifo("pipe", 0600) == 0);
    CHECK(write_file("pipe", "x", 0666, &why) == -1);
    CHECK_STR(why.text, "cannot write pipe: it is no regular file");
    CHECK(write_file("missing/x", "x", 0666, &why) == -1);
    CHECK(write_file("kept/x", "x", 0666, &why) == -1);
    CHECK_STR(why.text, "cannot write kept/x: Not a directory");
}

static void test_scratch(void)
{
    struct why why;
    int names = count_names("far"), fd = atomic_file_scratch("far/x", &why);
    char text[4] = "";

    CHECK(fd >= 0 && count_names("far") == names);
    CHECK(write(fd, "abc", 3) == 3 && pread(fd, text, 3, 0) == 3);
    CHECK_STR(text, "abc");
    close(fd);
    CHECK(atomic_file_scratch("missing/x", &why) == -1);
}

static void test_lock(void)
{
    struct why why;
    mode_t mask = umask(0);
    struct lock_file *lock = lock_file_open("guarded", &why);
    char text[64];
    struct stat st;

    umask(mask);
    CHECK(lock != NULL);
    /* Others could lock it too, and would keep every run out. */
    CHECK(stat("guarded.lock", &st) == 0 && (st.st_mode & 07777) == 0600);
    errno = 0;
    CHECK(lock_file_open("guarded", &why) == NULL && errno == EWOULDBLOCK);
    CHECK_STR(why.text, "guarded is in use by another run, which holds "
                        "guarded.lock");
    CHECK(access("guarded.lock", F_OK) == 0);
    lock_file_close(lock);
    lock_file_close(NULL);
    CHECK(access("guarded.lock", F_OK) != 0);

    /* One file by two names is one lock. */
    lock = lock_file_open("link", &why);
    CHECK(lock && lock_file_open("far/real", &why) == NULL);
    lock_file_close(lock);

    /* What a killed run left is taken over; what somebody wrote stays. */
    put("guarded.lock", "", 0644);
    lock_file_close(lock_file_open("guarded", &why));
    CHECK(access("guarded.lock", F_OK) != 0);
    put("guarded.lock", "mine", 0644);
    lock_file_close(lock_file_open("guarded", &why));
    CHECK_STR(get("guarded.lock", text), "mine");
    CHECK(unlink("guarded.lock") == 0);
    CHECK(symlink("kept", "guarded.lock") == 0);
    CHECK(lock_file_open("guarded", &why) == NULL);
}

/* Many that take and give back at once: never two inside. */
static void inside(void)
{
    struct why why;

    for (int i = 0; i < 300; i++) {
        struct lock_file *lock = lock_file_open("race", &why);

        if (!lock)
            continue;
        int fd = open("inside", O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        if (fd < 0)
            _exit(1);
        close(fd);
        unlink("inside");
        lock_file_close(lock);
    }
    _exit(0);
}

static void test_lock_race(void)
{
    int status, alone = 0;

    for (int i = 0; i < 4; i++)
        if (fork() == 0)
            inside();
    while (wait(&status) > 0)
        alone += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    CHECK(alone == 4);
}

int main(void)
{
    char folder[] = "/tmp/afetch-atomic-XXXXXX";
    char command[64];

    CHECK(mkdtemp(folder) && chdir(folder) == 0);
    test_replace();
    test_abort();
    test_no_room();
    test_links();
    test_refused();
    test_scratch();
    test_lock();
    test_lock_race();
    snprintf(command, sizeof(command), "rm -r %s", folder);
    CHECK(chdir("/") == 0);
    FILE *rm = popen(command, "r");
    CHECK(rm && pclose(rm) == 0);
    return check_end("atomic_file");
}
