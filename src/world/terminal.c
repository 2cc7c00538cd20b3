/* SPDX-License-Identifier: MIT */
/*
 * Asks what must not be seen. It knows terminals and the signals that they
 * send; it must not know what is asked for.
 */
#include "world/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* How often a signal that was held back is looked for, in milliseconds. */
#define LOOK_MS 100

/* One question. */
struct asking {
    int fd;
    struct termios saved;
    sigset_t held, before;
};

static void say(const struct asking *asking, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t wrote = write(asking->fd, text, len);

        if (wrote < 0 && errno != EINTR)
            return; /* who cannot read it may know it */
        text += wrote > 0 ? wrote : 0;
        len -= wrote > 0 ? (size_t)wrote : 0;
    }
}

/* Signals are held back until the terminal is as it was. */
static int begin(struct asking *asking)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    struct termios silent;

    sigemptyset(&asking->held);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&asking->held, numbers[i]);
    sigprocmask(SIG_BLOCK, &asking->held, &asking->before);
    if (tcgetattr(asking->fd, &asking->saved) != 0)
        return -1;
    silent = asking->saved;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ICANON | ISIG;
    return tcsetattr(asking->fd, TCSAFLUSH, &silent);
}

/* What was held back takes its course, and may end the process. */
static void end(const struct asking *asking)
{
    tcsetattr(asking->fd, TCSAFLUSH, &asking->saved);
    say(asking, "\n"); /* the one that was typed was not seen */
    sigprocmask(SIG_SETMASK, &asking->before, NULL);
}

static bool signal_came(const struct asking *asking)
{
    sigset_t pending;

    sigpending(&pending);
    for (int number = 1; number < NSIG; number++) {
        if (sigismember(&asking->held, number) == 1 &&
            sigismember(&pending, number) == 1)
            return true;
    }
    return false;
}

/* 1: the line is whole; 0: a signal came first; -1 with why. */
static int read_line(const struct asking *asking, struct buf *out,
                     struct why *why)
{
    struct pollfd input = {.fd = asking->fd, .events = POLLIN};
    char c = 0;

    buf_clear(out);
    while (!signal_came(asking)) {
        ssize_t got;

        if (poll(&input, 1, LOOK_MS) <= 0)
            continue;
        got = read(asking->fd, &c, 1);
        if (got == 0)
            return why_set(why, "nothing was typed");
        if (got == -1 && errno != EINTR)
            return why_set(why, "cannot read the terminal: %s",
                           strerror(errno));
        if (got == 1 && c == '\n')
            return out->over ? why_set(why, "too much was typed") : 1;
        if (got == 1)
            buf_add_char(out, c);
    }
    return 0;
}

int terminal_ask(const char *prompt, struct buf *out, struct why *why)
{
    struct asking asking = {.fd = open("/dev/tty", O_RDWR | O_CLOEXEC)};
    int status = 0;

    if (asking.fd < 0)
        return why_set(why, "there is no terminal to ask on");
    while (status == 0) {
        status = begin(&asking);
        if (status == 0) {
            say(&asking, prompt);
            status = read_line(&asking, out, why);
        } else {
            why_set(why, "cannot set the terminal: %s", strerror(errno));
        }
        end(&asking);
    }
    close(asking.fd);
    return status > 0 ? 0 : -1;
}
