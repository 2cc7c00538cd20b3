/* SPDX-License-Identifier: MIT */
/*
 * Runs one command and writes what it cost as one line of tab-separated
 * fields: seconds, user and system CPU seconds, peak RSS in KiB, status, ms
 * to its first line while stdin was open, lines, and RSS in KiB at the mark
 * and at the last line ("-" where nothing was measured). With -n it feeds
 * numbered URLs to the command's stdin, and keeps it open until a line has
 * come back for each.
 *
 * It is small on purpose: a child's ru_maxrss starts at the RSS of what
 * called exec, so the floor of the figure is this program's, not a shell's.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct feed {
    const char *prefix; /* a URL is the prefix and its number */
    long urls;          /* to send; 0: the command inherits stdin, stdout */
    long mark;          /* sample the RSS at that many lines */
    int patience_ms;    /* close stdin after so long without a line */
    int in, out;        /* our ends of the command's pipes; -1 when closed */
    long made;          /* URLs formatted so far */
    long lines;         /* lines that came back */
    double first_at;    /* clock at the first line, if stdin was open; or 0 */
    long rss_mark, rss_end;
    char pending[1 << 16]; /* formatted, not yet written */
    size_t pending_from, pending_to;
};

static pid_t child; /* for the signal handler */

static void fail(const char *what)
{
    fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
    exit(125);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* The time limit is over, or somebody ends us: so ends the command. */
static void on_end(int number)
{
    (void)number;
    kill(child, SIGKILL);
}

/* The RSS of the child now, in KiB; -1 when it cannot be read. */
static long rss_now(void)
{
    char path[64], line[256];
    long kib = -1;
    FILE *status;

    snprintf(path, sizeof(path), "/proc/%ld/status", (long)child);
    status = fopen(path, "re");
    if (status == NULL) {
        return -1;
    }
    while (fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kib = strtol(line + 6, NULL, 10);
            break;
        }
    }
    fclose(status);
    return kib;
}

static void feed_close(struct feed *f)
{
    if (f->in >= 0) {
        close(f->in);
        f->in = -1;
    }
}

static void feed_write(struct feed *f)
{
    ssize_t n;

    if (f->pending_from == f->pending_to) {
        f->pending_from = f->pending_to = 0;
        while (f->made < f->urls &&
               sizeof(f->pending) - f->pending_to > strlen(f->prefix) + 32) {
            f->pending_to += (size_t)snprintf(
                f->pending + f->pending_to, sizeof(f->pending) - f->pending_to,
                "%s%ld\n", f->prefix, f->made++);
        }
    }
    n = write(f->in, f->pending + f->pending_from,
              f->pending_to - f->pending_from);
    if (n > 0) {
        f->pending_from += (size_t)n;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        feed_close(f);
    }
}

static void feed_count(struct feed *f, const char *from, const char *end)
{
    while ((from = memchr(from, '\n', (size_t)(end - from))) != NULL) {
        from++;
        if (f->lines++ == 0 && f->in >= 0) {
            f->first_at = now();
        }
        if (f->lines == f->mark) {
            f->rss_mark = rss_now();
        }
        if (f->lines == f->urls) {
            f->rss_end = rss_now();
            feed_close(f);
        }
    }
}

/* Returns false at the end of the command's output. */
static bool feed_read(struct feed *f)
{
    char bytes[1 << 16];
    ssize_t n = read(f->out, bytes, sizeof(bytes));

    if (n > 0) {
        feed_count(f, bytes, bytes + n);
    }
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Feeds and reads until the command closes its output. */
static void feed_run(struct feed *f)
{
    bool unsent, open = true;

    while (open) {
        unsent = f->made < f->urls || f->pending_from < f->pending_to;
        struct pollfd fds[] = {
            {.fd = f->out, .events = POLLIN},
            {.fd = unsent ? f->in : -1, .events = POLLOUT},
        };
        bool impatient = f->patience_ms > 0 && !unsent && f->in >= 0;
        int n = poll(fds, 2, impatient ? f->patience_ms : -1);

        if (n == 0) {
            feed_close(f);
        }
        if (n > 0 && fds[1].revents != 0) {
            feed_write(f);
        }
        if (n > 0 && fds[0].revents != 0) {
            open = feed_read(f);
        }
    }
    feed_close(f);
    close(f->out);
}

/* Starts the command; with URLs to feed, on pipes that we hold. */
static void start(struct feed *f, char **argv)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};

    if (f->urls > 0 &&
        (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)) {
        fail("pipe");
    }
    child = fork();
    if (child < 0) {
        fail("fork");
    }
    if (child == 0) {
        if (f->urls > 0) {
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
        }
        execvp(argv[0], argv);
        fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    if (f->urls > 0) {
        close(in[0]);
        close(out[1]);
        f->in = in[1];
        f->out = out[0];
        fcntl(f->in, F_SETFL, O_NONBLOCK);
        signal(SIGPIPE, SIG_IGN);
    }
}

static void put_kib(FILE *to, long kib)
{
    if (kib >= 0) {
        fprintf(to, "\t%ld", kib);
    } else {
        fputs("\t-", to);
    }
}

static void report(const char *path, const struct feed *f, double began,
                   double ended, const struct rusage *use, int status)
{
    FILE *to = fopen(path, "we");
    long peak = use->ru_maxrss;

    if (to == NULL) {
        fail(path);
    }
    /* The kernel adds up the peak a little late; the samples are exact. */
    peak = f->rss_mark > peak ? f->rss_mark : peak;
    peak = f->rss_end > peak ? f->rss_end : peak;
    fprintf(to, "%.6f\t%.6f\t%.6f\t%ld\t%d", ended - began,
            seconds(use->ru_utime), seconds(use->ru_stime), peak,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    if (f->first_at > 0) {
        fprintf(to, "\t%.3f", (f->first_at - began) * 1e3);
    } else {
        fputs("\t-", to);
    }
    put_kib(to, f->urls > 0 ? f->lines : -1);
    put_kib(to, f->rss_mark);
    put_kib(to, f->rss_end);
    fputc('\n', to);
    if (fclose(to) != 0) {
        fail(path);
    }
}

static long number(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (*text == '\0' || *end != '\0' || n < 0 || n > INT_MAX) {
        fprintf(stderr, "measure: not a number: %s\n", text);
        exit(125);
    }
    return n;
}

static void usage(void)
{
    fputs("usage: measure -o FILE [-t SECONDS] [-n URLS -u PREFIX [-m MARK]"
          " [-w MS]] COMMAND...\n",
          stderr);
    exit(125);
}

int main(int argc, char **argv)
{
    static struct feed f = {.in = -1, .out = -1, .rss_mark = -1, .rss_end = -1};
    struct sigaction act = {.sa_handler = on_end, .sa_flags = SA_RESTART};
    const char *output = NULL;
    unsigned limit = 0;
    double began, ended;
    struct rusage use;
    int option, status;

    while ((option = getopt(argc, argv, "+o:t:n:u:m:w:")) != -1) {
        switch (option) {
        case 'o':
            output = optarg;
            break;
        case 't':
            limit = (unsigned)number(optarg);
            break;
        case 'n':
            f.urls = number(optarg);
            break;
        case 'u':
            f.prefix = optarg;
            break;
        case 'm':
            f.mark = number(optarg);
            break;
        case 'w':
            f.patience_ms = (int)number(optarg);
            break;
        default:
            usage();
        }
    }
    if (optind == argc || output == NULL ||
        (f.urls > 0 && (f.prefix == NULL || strlen(f.prefix) > 1024))) {
        usage();
    }
    began = now();
    start(&f, argv + optind);
    sigaction(SIGALRM, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    alarm(limit);
    if (f.urls > 0) {
        feed_run(&f);
    }
    while (wait4(child, &status, 0, &use) < 0) {
        if (errno != EINTR) {
            fail("wait4");
        }
    }
    ended = now();
    report(output, &f, began, ended, &use, status);
    return 0;
}
