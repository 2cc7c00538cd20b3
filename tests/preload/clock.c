/* SPDX-License-Identifier: MIT */
/*
 * Clocks that jump, for LD_PRELOAD. CLOCK_JUMP="AFTER BY" adds BY seconds to
 * CLOCK_REALTIME, AFTER seconds after the first look at it. CLOCK_FILE names a
 * file; once it is there, all clocks are ahead by the seconds that it holds.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef long (*syscall_function)(long, ...);

static syscall_function real_syscall(void)
{
    syscall_function found = (syscall_function)dlsym(RTLD_NEXT, "syscall");

    if (!found)
        abort();
    return found;
}

/* Seconds to add now. */
static time_t jump(void)
{
    static struct timespec first;
    struct timespec now;
    const char *text = getenv("CLOCK_JUMP");
    char *end;
    double after;

    if (!text)
        return 0;
    after = strtod(text, &end);
    real_syscall()(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    if (first.tv_sec == 0)
        first = now;
    if ((double)(now.tv_sec - first.tv_sec) +
            (double)(now.tv_nsec - first.tv_nsec) / 1e9 <
        after)
        return 0;
    return (time_t)strtod(end, NULL);
}

/* Seconds that the file holds now. */
static time_t ahead(void)
{
    const char *name = getenv("CLOCK_FILE");
    int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    char text[32] = "";

    if (fd < 0)
        return 0;
    if (read(fd, text, sizeof(text) - 1) < 0)
        text[0] = '\0';
    close(fd);
    return (time_t)strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int status = (int)real_syscall()(SYS_clock_gettime, clock, time);

    if (status == 0 &&
        (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += jump();
    if (status == 0)
        time->tv_sec += ahead();
    return status;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *place)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (place)
        *place = now.tv_sec;
    return now.tv_sec;
}

/* libev asks the kernel itself. */
long syscall(long number, ...)
{
    long a[6];
    va_list args;

    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_clock_gettime)
        return clock_gettime((clockid_t)a[0], (struct timespec *)a[1]);
    return real_syscall()(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
