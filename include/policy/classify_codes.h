/* SPDX-License-Identifier: MIT */
/*
 * What each of libcurl's codes is called before other evidence is looked at:
 * the table of policy/classify. The numbers are stable (libcurl-errors(3)), so
 * its header is not needed.
 */
#ifndef POLICY_CLASSIFY_CODES_H
#define POLICY_CLASSIFY_CODES_H

#include "model/error.h"

#include <stdbool.h>

/* What a hop's end is called; text without a final stop. */
struct finding {
    enum error_class error_class;
    enum error_code code;
    bool retryable;
    bool theirs; /* libcurl's own words, where there are, say more */
    const char *text;
};

#define PASSING true
#define LASTING false
#define THEIRS  true
#define OURS    false

/* NAME is only for the reader. */
#define ROW(NAME, CLASS, CODE, NATURE, WORDS, TEXT)                            \
    {                                                                          \
        CLASS_##CLASS, CODE_##CODE, NATURE, WORDS, TEXT                        \
    }

/* One more than the largest CURLcode that has a name here. */
#define CURL_CODES 102

/* By CURLcode; a row without a text is none that http and https can give. */
extern const struct finding classify_codes[CURL_CODES];

#endif
