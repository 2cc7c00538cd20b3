/* SPDX-License-Identifier: MIT */
/*
 * What the command line asks for in every request: its texts and files, to
 * config->asked and the credentials of config->settings.
 */
#ifndef APP_ASKED_H
#define APP_ASKED_H

#include "base/msg.h"
#include "model/config.h"

/*
 * Reads the files that -H, -d, -F and the credentials name, stdin among them
 * where the lists leave it, asks on the terminal for the passwords of names
 * that have none, and puts all together. 0, or -1 with why, which
 * names the option: a file that cannot be read, a field or method that may not
 * be sent, what does not go together. asked_release either way.
 */
int asked_read(struct config *config, struct why *why);
void asked_release(struct config *config);

#endif
