/* SPDX-License-Identifier: MIT */
/* What the tests of world/source share: a folder, a loop, and lines. */
#ifndef SOURCE_READING_H
#define SOURCE_READING_H

#include "world/source.h"

#include "check.h"
#include "policy/line.h"

#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ev_loop *loop;
static char folder[] = "/tmp/afetch-source-XXXXXX";

static struct source_line line;
static struct why why;

static inline const char *path_in(const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static inline void put(int fd, const char *text)
{
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static inline const char *file_of(const char *name, const char *text)
{
    const char *path = path_in(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    put(fd, text);
    close(fd);
    return path;
}

static inline struct source *open_inputs(size_t urls, const char **url,
                                         size_t inputs, const char **input)
{
    struct config config = {.urls = {url, urls}, .inputs = {input, inputs}};

    return source_new(loop, &config, &why);
}

static inline struct source *open_one(const char *path)
{
    return open_inputs(0, NULL, 1, &path);
}

static inline void check_line(struct source *source, const char *want,
                              uint64_t number)
{
    CHECK(source_pull(source, &line, &why) == SOURCE_LINE);
    char *got = xmemdup(line.text, line.len);
    CHECK_STR(got, want);
    CHECK(line.len == strlen(want));
    CHECK(line.number == number);
    CHECK(!line.too_long);
    free(got);
}

static inline void check_end_of(struct source *source)
{
    CHECK(source_pull(source, &line, &why) == SOURCE_END);
    CHECK(source_pull(source, &line, &why) == SOURCE_END);
}

/* stdin stands for fd while the inputs are made; the caller restores it. */
static inline int replace_stdin(int fd)
{
    int saved = dup(STDIN_FILENO);

    dup2(fd, STDIN_FILENO);
    return saved;
}

static inline void restore_stdin(int saved)
{
    dup2(saved, STDIN_FILENO);
    close(saved);
}

static inline void remove_files(void)
{
    const char *names[] = {"a",    "bom",   "bom2",    "bom3", "bom4",
                           "list", "empty", "i",       "fifo", "later",
                           "long", "many",  "longest", "s1",   "s2"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unlink(path_in(names[i]));
    }
    rmdir(folder);
}

static inline void begin_sources(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    CHECK(loop && mkdtemp(folder));
}

static inline int end_sources(const char *name)
{
    remove_files();
    ev_loop_destroy(loop);
    return check_end(name);
}

#endif
