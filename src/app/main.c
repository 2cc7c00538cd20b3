/* SPDX-License-Identifier: MIT */
/* The command: argv to config, the actions that print and end, and the run. */
#include "app/asked.h"
#include "app/config_file.h"
#include "app/options.h"
#include "app/run.h"
#include "base/msg.h"
#include "policy/client_cert.h"
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

/* Says what is wrong, and where it stands if not in argv. */
static void complain(const struct opt_layers *layers, const struct why *why)
{
    struct why places;

    opt_layers_places(&options_table, layers, why->text, &places);
    warn("%s%s", why->text, places.text);
}

/* Of a password in --cert and --pass that of the stronger layer counts. */
static void settle_pass(struct settings *settings,
                        const struct opt_layers *layers)
{
    const struct opt_value *cert, *pass;
    struct client_cert parts;

    cert = opt_layers_last(&options_table, layers, "cert");
    pass = opt_layers_last(&options_table, layers, "pass");
    if (!cert || !pass || cert->layer == pass->layer)
        return;
    client_cert_init(&parts, settings->cert);
    if (parts.password)
        settings->pass = pass->layer < cert->layer ? pass->text : NULL;
    client_cert_release(&parts);
}

static int settle(struct config *config, const struct opt_layers *layers,
                  struct why *why)
{
    settle_pass(&config->settings, layers);
    return options_settle(config, why);
}

/* All that options say, wherever it stands. */
static int prepare(int argc, char *argv[], struct config *config,
                   struct opt_layers *layers)
{
    struct why why;
    int action =
        opt_parse_log(&options_table, argc, argv, config, &layers->log, &why);

    if (action > 0)
        exit(act(action));
    if (action == 0 &&
        opt_layers_environment(&options_table, config, layers, getenv, &why) ==
            0 &&
        config_file_read(config, layers, &why) == 0 &&
        settle(config, layers, &why) == 0 && fetch_check(config, &why) == 0 &&
        (config->show_config || asked_read(config, &why) == 0))
        return 0;
    complain(layers, &why);
    return -1;
}

static int show(const struct opt_layers *layers)
{
    opt_layers_show(&options_table, layers, stdout);
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_LOCAL;
}

static int run_or_explain(struct config *config)
{
    if (!config->settings.user_agent)
        config->settings.user_agent = "afetch/" AFETCH_VERSION;
    if (config->urls.count > 0 || config->inputs.count > 0 ||
        !isatty(STDIN_FILENO))
        return run(config);
    fputs(usage, stderr);
    return STATUS_USAGE;
}

int main(int argc, char *argv[])
{
    struct config config;
    struct opt_layers layers = {0};
    int status = STATUS_USAGE;

    hold_standard_descriptors();
    opt_defaults(&options_table, &config);
    if (prepare(argc, argv, &config, &layers) == 0)
        status = config.show_config ? show(&layers) : run_or_explain(&config);
    asked_release(&config);
    opt_release(&options_table, &config);
    opt_layers_release(&layers);
    return status;
}
