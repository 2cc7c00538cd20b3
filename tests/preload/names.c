/* SPDX-License-Identifier: MIT */
/*
 * Names as a test wants them, for LD_PRELOAD: getaddrinfo of a table of its
 * own, and a pthread_create that may refuse.
 *
 *   NAMES_TABLE    a file of lines "NAME ANSWER|ANSWER...": the first lookup
 *                  gets the first answer, and so on; the last one stays. "*.x"
 *                  is any name that ends in ".x". Other names are looked up
 *                  as ever. An answer is "[SECONDS~]WHAT", where WHAT is
 *                  "none", "again", "fail", "emfile" or ADDRESS,ADDRESS...
 *   NAMES_LOG      the file to which each lookup's name is appended
 *   NAMES_THREADS  how many threads the process may ever start
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 1024

typedef int (*lookup_function)(const char *, const char *,
                               const struct addrinfo *, struct addrinfo **);
typedef int (*create_function)(pthread_t *, const pthread_attr_t *,
                               void *(*)(void *), void *);

static void *real(const char *symbol)
{
    void *found = dlsym(RTLD_NEXT, symbol);

    if (!found)
        abort();
    return found;
}

static bool is_named(const char *pattern, const char *name)
{
    size_t len = strlen(name), tail = strlen(pattern);

    if (pattern[0] != '*')
        return strcmp(pattern, name) == 0;
    return len >= tail && strcmp(name + len - (tail - 1), pattern + 1) == 0;
}

/* How often the name stands in the log; and once more from now on. */
static unsigned log_call(const char *name)
{
    const char *path = getenv("NAMES_LOG");
    char line[LINE_BYTES];
    unsigned calls = 0;
    FILE *log = path ? fopen(path, "a+e") : NULL;

    if (!log)
        return 0;
    rewind(log);
    while (fgets(line, sizeof(line), log)) {
        line[strcspn(line, "\n")] = '\0';
        calls += strcmp(line, name) == 0;
    }
    fprintf(log, "%s\n", name);
    fclose(log);
    return calls;
}

/* Finds the name's answers in the table: they stand in line. */
static char *answers_of(const char *name, char line[LINE_BYTES])
{
    const char *path = getenv("NAMES_TABLE");
    FILE *table = path ? fopen(path, "re") : NULL;
    char *answers = NULL;

    while (table && !answers && fgets(line, LINE_BYTES, table)) {
        char *blank = strchr(line, ' ');

        line[strcspn(line, "\n")] = '\0';
        if (!blank)
            continue;
        *blank = '\0';
        if (is_named(line, name))
            answers = blank + 1;
    }
    if (table)
        fclose(table);
    return answers;
}

/* The n-th of "A|B|C", or the last one. */
static char *choose(char *answers, unsigned n)
{
    char *bar;

    while ((bar = strchr(answers, '|'))) {
        *bar = '\0';
        if (n-- == 0)
            break;
        answers = bar + 1;
    }
    return answers;
}

/* "0.5~WHAT": waits, and gives WHAT. */
static char *wait_for(char *answer)
{
    char *tilde = strchr(answer, '~');
    double seconds = tilde ? strtod(answer, NULL) : 0.0;
    struct timespec time = {.tv_sec = (time_t)seconds};

    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
    return tilde ? tilde + 1 : answer;
}

/* The C library frees each entry of a chain by itself. */
static int chain(char *list, const struct addrinfo *hints,
                 struct addrinfo **found)
{
    lookup_function lookup = (lookup_function)real("getaddrinfo");
    struct addrinfo numeric = *hints;
    char *rest = NULL;

    numeric.ai_flags |= AI_NUMERICHOST;
    for (char *text = strtok_r(list, ",", &rest); text;
         text = strtok_r(NULL, ",", &rest)) {
        int code = lookup(text, NULL, &numeric, found);

        if (code != 0)
            return code;
        while (*found)
            found = &(*found)->ai_next;
    }
    return 0;
}

int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **found)
{
    char line[LINE_BYTES];
    unsigned calls = log_call(name);
    char *answer = answers_of(name, line);

    if (!answer)
        return ((lookup_function)real("getaddrinfo"))(name, service, hints,
                                                      found);
    answer = wait_for(choose(answer, calls));
    if (strcmp(answer, "none") == 0)
        return EAI_NONAME;
    if (strcmp(answer, "again") == 0)
        return EAI_AGAIN;
    if (strcmp(answer, "fail") == 0)
        return EAI_FAIL;
    errno = EMFILE;
    if (strcmp(answer, "emfile") == 0)
        return EAI_SYSTEM;
    *found = NULL;
    return chain(answer, hints, found);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*start)(void *), void *data)
{
    static atomic_int started;
    const char *most = getenv("NAMES_THREADS");

    if (most && atomic_fetch_add(&started, 1) >= strtol(most, NULL, 10))
        return EAGAIN;
    return ((create_function)real("pthread_create"))(thread, attributes, start,
                                                     data);
}
