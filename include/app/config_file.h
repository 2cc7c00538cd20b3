/* SPDX-License-Identifier: MIT */
/*
 * The file of settings: which one it is, and whether it can be trusted.
 */
#ifndef APP_CONFIG_FILE_H
#define APP_CONFIG_FILE_H

#include "model/opt_layers.h"

/* Largest file of settings, in bytes. */
#define CONFIG_FILE_MAX 1048576

/*
 * Reads the file that config names, or else $XDG_CONFIG_HOME/afetch/config
 * (~/.config/afetch/config), which need not be there; none with no_config.
 * For after argv and the environment. Warns when others may write to it. 0,
 * or -1 with why, which names the file, and the line if it is one's fault.
 */
int config_file_read(struct config *config, struct opt_layers *layers,
                     struct why *why);

#endif
