/* SPDX-License-Identifier: MIT */
/* world/progress: the last line. */
#include "world/progress.h"

#include "check.h"

#include <stdlib.h>

static void check_summary(const struct stats *stats, double seconds,
                          const char *want)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    progress_summary(out, stats, seconds);
    fclose(out);
    CHECK_STR(text, want);
    free(text);
}

int main(void)
{
    struct stats stats = {.done = 120, .ok = 104};

    stats.failed[CLASS_CONNECT] = 3;
    stats.failed[CLASS_TIMEOUT] = 4;
    stats.failed[CLASS_HTTP] = 9;
    check_summary(&stats, 2.31,
                  "afetch: 120 done, 104 ok, 16 failed (http 9, timeout 4, "
                  "connect 3) in 2.31 s, 51.9/s\n");

    /* Equal counts stand in the order of the classes. */
    stats = (struct stats){.done = 5, .ok = 1};
    stats.failed[CLASS_CANCELLED] = 2;
    stats.failed[CLASS_DNS] = 2;
    check_summary(&stats, 10,
                  "afetch: 5 done, 1 ok, 4 failed (dns 2, cancelled 2) in "
                  "10.00 s, 0.5/s\n");

    /* What was cancelled because enough was there is no failure. */
    stats = (struct stats){.done = 5, .ok = 3, .neutral = 2};
    check_summary(&stats, 1,
                  "afetch: 5 done, 3 ok, 2 cancelled, 0 failed in 1.00 s, "
                  "5.0/s\n");

    stats = (struct stats){.done = 5, .ok = 3, .duplicates = 2};
    check_summary(&stats, 1,
                  "afetch: 5 done, 3 ok, 2 duplicates, 0 failed in 1.00 s, "
                  "5.0/s\n");

    stats = (struct stats){.done = 0};
    check_summary(&stats, 0, "afetch: 0 done, 0 ok, 0 failed in 0.00 s\n");
    stats = (struct stats){.done = UINT64_MAX, .ok = UINT64_MAX};
    check_summary(&stats, -1,
                  "afetch: 18446744073709551615 done, 18446744073709551615 ok, "
                  "0 failed in 0.00 s\n");
    return check_end("progress");
}
