/* SPDX-License-Identifier: MIT */
/*
 * Words for a person on stderr. Knows how to say counts; must not know where
 * they come from.
 */
#include "world/progress.h"

#include <inttypes.h>

/* The class with the largest count that is not in done yet (a set of bits);
 * CLASS_NONE when none is left. */
static enum error_class largest(const struct stats *stats, unsigned done)
{
    enum error_class found = CLASS_NONE;

    for (enum error_class i = CLASS_NONE + 1; i < CLASS_COUNT; i++) {
        if ((done & (1U << i)) == 0 && stats->failed[i] > 0 &&
            (found == CLASS_NONE || stats->failed[i] > stats->failed[found])) {
            found = i;
        }
    }
    return found;
}

/* " (http 9, timeout 4)", the most frequent first. */
static void print_classes(FILE *out, const struct stats *stats)
{
    const char *before = " (";
    unsigned done = 0;
    enum error_class next;

    while ((next = largest(stats, done)) != CLASS_NONE) {
        fprintf(out, "%s%s %" PRIu64, before, error_class_name(next),
                stats->failed[next]);
        done |= 1U << next;
        before = ", ";
    }
    if (done != 0) {
        fputs(")", out);
    }
}

void progress_summary(FILE *out, const struct stats *stats, double seconds)
{
    fprintf(out, "afetch: %" PRIu64 " done, %" PRIu64 " ok", stats->done,
            stats->ok);
    if (stats->neutral > 0) {
        fprintf(out, ", %" PRIu64 " cancelled", stats->neutral);
    }
    if (stats->duplicates > 0) {
        fprintf(out, ", %" PRIu64 " duplicates", stats->duplicates);
    }
    fprintf(out, ", %" PRIu64 " failed", stats_failures(stats));
    print_classes(out, stats);
    fprintf(out, " in %.2f s", seconds > 0 ? seconds : 0.0);
    if (seconds > 0) {
        fprintf(out, ", %.1f/s", (double)stats->done / seconds);
    }
    fputs("\n", out);
    fflush(out);
}
