/* SPDX-License-Identifier: MIT */
/*
 * Signals as facts that the run looks at. SIGINT and SIGTERM: the first and
 * second are counted; then the default action is restored, so that a third ends
 * the process. SIGPIPE and SIGXFSZ are ignored from the beginning: a closed
 * stdout is seen as EPIPE, a file size limit as EFBIG.
 */
#ifndef WORLD_SIGNALS_H
#define WORLD_SIGNALS_H

struct ev_loop;
struct signals;

struct signals *signals_new(struct ev_loop *loop);

/* From here on signals are counted. Until then, while nobody would look at the
 * counts (an old output may take long to read), each ends the process. */
void signals_start(struct signals *signals);

/* Stops the watchers and restores the default actions. */
void signals_free(struct signals *signals);

/* How many stop signals came (0, 1, 2), and the first one's number. */
int signals_count(const struct signals *signals);
int signals_first(const struct signals *signals);

/*
 * Counts a further signal (SIGUSR1, SIGUSR2, SIGHUP) from now on, which then
 * does nothing else; one that is ignored stays so. At most 4 of them.
 */
void signals_watch(struct signals *signals, int signum);

/* How often a watched signal came since it was last asked for. */
unsigned signals_take(struct signals *signals, int signum);

/* Ends the process as SIGPIPE does by default (status 141 for a shell). */
_Noreturn void signals_die_of_sigpipe(void);

#endif
