/* SPDX-License-Identifier: MIT */
/*
 * A libcurl that never says when it wants to be called again, but for at once,
 * for LD_PRELOAD. What needs a later time is then found by a watchdog alone.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>

#define TIMERFUNCTION 20004 /* CURLMOPT_TIMERFUNCTION */

typedef int (*setopt_function)(void *, int, ...);
typedef int (*timer_function)(void *, long, void *);

static timer_function timer;

static int only_at_once(void *multi, long milliseconds, void *data)
{
    return milliseconds <= 0 ? timer(multi, milliseconds, data) : 0;
}

int curl_multi_setopt(void *multi, int option, ...)
{
    setopt_function setopt =
        (setopt_function)dlsym(RTLD_NEXT, "curl_multi_setopt");
    va_list list;
    void *value;

    if (!setopt)
        abort();
    va_start(list, option);
    value = va_arg(list, void *);
    va_end(list);
    if (option != TIMERFUNCTION)
        return setopt(multi, option, value);
    timer = (timer_function)value;
    return setopt(multi, option, only_at_once);
}
