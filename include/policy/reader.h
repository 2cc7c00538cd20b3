/* SPDX-License-Identifier: MIT */
/*
 * How a pure module comes by the bytes of a file that an option names: its
 * caller gives it this. world/slurp has the one that reads files.
 */
#ifndef POLICY_READER_H
#define POLICY_READER_H

#include "base/buf.h"
#include "base/msg.h"

struct reader {
    /*
     * Appends the bytes of the file called name ("-" is stdin) to out, whose
     * max is the limit. 0, or -1 with why, which names the file.
     */
    int (*read)(void *context, const char *name, struct buf *out,
                struct why *why);
    void *context; /* borrowed */
};

#endif
