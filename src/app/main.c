/* SPDX-License-Identifier: MIT */
/* The command: argv to config, the actions that print and end, and the run. */
#include "app/asked.h"
#include "app/options.h"
#include "app/run.h"
#include "base/msg.h"
#include "world/fetch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef AFETCH_VERSION
#define AFETCH_VERSION "unknown"
#endif

static const char usage[] =
    "usage: afetch [options] [URL | FILE ...]\n"
    "Fetches URLs concurrently and prints one JSON line for each.\n"
    "\n"
    "  afetch https://example.com/ | jq .status\n"
    "  afetch urls.txt > records.jsonl\n"
    "  generate-urls | afetch --body inline -c 100\n"
    "\n"
    "afetch --help lists the options; man afetch explains them.\n";

/* A descriptor 0 to 2 that came closed must not become a socket of ours. The
 * stand-in only goes the wrong way, so that using it is still an error. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            die("descriptor %d is closed and cannot be held", fd);
}

static int print_version(void)
{
    char *libraries = fetch_versions();

    printf("afetch %s\n%s\n", AFETCH_VERSION, libraries);
    free(libraries);
    return STATUS_OK;
}

static int act(int action)
{
    switch (action) {
    case ACTION_HELP:
        fputs("usage: afetch [options] [URL | FILE ...]\n", stdout);
        opt_help(&options_table, stdout);
        break;
    case ACTION_VERSION:
        print_version();
        break;
    case ACTION_LIST_FIELDS:
        options_list_fields(stdout);
        break;
    case ACTION_DUMP_OPTIONS:
        opt_dump(&options_table, stdout);
        break;
    case ACTION_DUMP_WORDS:
        options_dump_words(stdout);
        break;
    }
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_LOCAL;
}

static int prepare(int argc, char *argv[], struct config *config)
{
    struct why why, environment;
    int status = opt_environment(&options_table, config, getenv, &environment);
    int action = opt_parse(&options_table, argc, argv, config, &why);

    if (action > 0)
        exit(act(action));
    if (action == 0 && options_settle(config, &why) == 0 &&
        fetch_check(config, &why) == 0 && status == 0 &&
        asked_read(config, &why) == 0)
        return 0;
    warn("%s", status ? environment.text : why.text);
    return -1;
}

int main(int argc, char *argv[])
{
    struct config config;
    int status = STATUS_USAGE;

    hold_standard_descriptors();
    opt_defaults(&options_table, &config);
    if (prepare(argc, argv, &config) == 0) {
        if (!config.settings.user_agent)
            config.settings.user_agent = "afetch/" AFETCH_VERSION;
        if (config.urls.count == 0 && config.inputs.count == 0 &&
            isatty(STDIN_FILENO))
            fputs(usage, stderr);
        else
            status = run(&config);
    }
    asked_release(&config);
    opt_release(&options_table, &config);
    return status;
}
