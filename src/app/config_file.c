/* SPDX-License-Identifier: MIT */
/*
 * The file of settings, found and read. What its lines mean is the affair of
 * model/opt_layers.
 */
#include "app/config_file.h"

#include "app/options.h"
#include "base/buf.h"
#include "world/slurp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The default file's path. A relative XDG_CONFIG_HOME counts as none (XDG Base
 * Directory Specification). False: there is no place for one. */
static bool default_path(struct buf *path)
{
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (folder && folder[0] == '/')
        buf_addf(path, "%s/afetch/config", folder);
    else if (home && home[0] == '/')
        buf_addf(path, "%s/.config/afetch/config", home);
    return path->len > 0 && !path->over;
}

/* Who can write to it decides where requests go, and with which secrets. */
static void look_at_rights(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return;
    if (info.st_mode & S_IWOTH)
        warn("%s: everybody may write to this file of options", path);
    else if (info.st_uid != geteuid() && info.st_uid != 0)
        warn("%s: this file of options belongs to somebody else", path);
}

static int read_file(struct config *config, struct opt_layers *layers,
                     const char *path, struct why *why)
{
    struct slurp slurp = {.stdin_taken = true};
    struct buf text;
    int result;

    buf_init(&text, CONFIG_FILE_MAX);
    result = slurp_file(&slurp, path, &text, why);
    if (result == 0) {
        look_at_rights(path);
        result = opt_layers_file(&options_table, config, layers, path,
                                 text.data ? text.data : "", text.len, why);
    }
    buf_release(&text);
    return result;
}

int config_file_read(struct config *config, struct opt_layers *layers,
                     struct why *why)
{
    struct buf path;
    int result = 0;

    if (config->no_config)
        return 0;
    if (config->config_file)
        return read_file(config, layers, config->config_file, why);
    buf_init(&path, 4096);
    /* What cannot be looked at for want of rights is told by the reading. */
    if (default_path(&path) &&
        (access(path.data, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)))
        result = read_file(config, layers, path.data, why);
    buf_release(&path);
    return result;
}
