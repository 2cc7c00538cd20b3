/* SPDX-License-Identifier: MIT */
/* The terminal that the process runs on, whatever its descriptors are. */
#ifndef WORLD_TERMINAL_H
#define WORLD_TERMINAL_H

#include "base/buf.h"
#include "base/msg.h"

/*
 * Shows the prompt, and takes a line typed without echo, without its end, into
 * out, which is empty and has a limit. The terminal is as it was afterwards,
 * also when a signal stops or ends the process meanwhile; one that was stopped
 * asks again. Blocks. 0, or -1 with why: no terminal, nothing typed (an end of
 * file) or too much.
 */
int terminal_ask(const char *prompt, struct buf *out, struct why *why);

#endif
