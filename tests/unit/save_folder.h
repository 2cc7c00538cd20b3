/* SPDX-License-Identifier: MIT */
/* A temporary folder for the tests of world/save, and looks into it. */
#ifndef TESTS_SAVE_FOLDER_H
#define TESTS_SAVE_FOLDER_H

#include "world/save.h"

#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "0a000000000000000000000000000000"
#define KEY_B "0b000000000000000000000000000000"
#define KEY_C "0c000000000000000000000000000000"

static char folder[] = "/tmp/afetch-save-XXXXXX";
static struct why why;
static const struct saves_options usual;

static inline void make_folder(void)
{
    if (!mkdtemp(folder))
        abort();
}

static inline int on_remove(const char *path, const struct stat *info, int type,
                            struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void remove_folder(void)
{
    CHECK(nftw(folder, on_remove, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* Valid until the eighth call after it. */
static inline const char *path_in(const char *name)
{
    static char paths[8][512];
    static unsigned turn;
    char *path = paths[turn++ % 8];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static inline bool exists(const char *name)
{
    struct stat info;

    return lstat(path_in(name), &info) == 0;
}

static inline void put_file(const char *name, const char *text)
{
    int fd = open(path_in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    CHECK(fd >= 0);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static inline void check_file(const char *name, const char *want)
{
    char got[256] = "";
    int fd = open(path_in(name), O_RDONLY);

    CHECK(fd >= 0 && read(fd, got, sizeof(got) - 1) >= 0);
    CHECK_STR(got, want);
    if (fd >= 0)
        close(fd);
}

/* How many files named .afetch-*.part there are; name: the last of them. */
static inline unsigned count_parts(char name[256])
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    unsigned count = 0;

    while ((entry = readdir(entries))) {
        size_t len = strlen(entry->d_name);

        if (strncmp(entry->d_name, ".afetch-", 8) == 0 && len > 13 &&
            strcmp(entry->d_name + len - 5, ".part") == 0) {
            snprintf(name, 256, "%s", entry->d_name);
            count++;
        }
    }
    closedir(entries);
    return count;
}

static inline unsigned parts(void)
{
    char name[256];

    return count_parts(name);
}

static inline const char *part_name(void)
{
    static char name[256];

    count_parts(name);
    return name;
}

#endif
