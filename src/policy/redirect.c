/* SPDX-License-Identifier: MIT */
/*
 * Where a 3xx leads. It knows statuses, methods and URLs; it must not know
 * what happens on the way there, nor headers and credentials themselves: it
 * only says whether the hop stays with the origin that may have them.
 */
#include "policy/redirect.h"

#include <stdlib.h>
#include <string.h>

/* The statuses that send elsewhere. 300 offers a choice, 304 has no body,
 * 305 and 306 are dead (RFC 9110 section 15.4). */
static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 ||
           status == 308;
}

/* An empty Location names nothing: browsers and curl do not follow it. */
static bool is_empty(const char *location)
{
    return location[strspn(location, " \t")] == '\0';
}

bool redirect_leads(int status, const char *location)
{
    return is_redirect(status) && location && !is_empty(location);
}

/* 301 and 302 spare other methods than POST: that is what all clients do. */
static bool becomes_get(int status, const char *method)
{
    if (status == 303)
        return strcmp(method, "HEAD") != 0;
    return (status == 301 || status == 302) && strcmp(method, "POST") == 0;
}

/* The Location is quoted, its userinfo is not. */
static void set_bad(struct error *error, enum error_code code,
                    const char *location)
{
    char *shown = url_censored(location, strlen(location));

    if (code == CODE_SCHEME)
        error_set(error, CLASS_BLOCKED, CODE_SCHEME, PHASE_HEADERS,
                  "redirect to another scheme than http or https: %.120s",
                  shown);
    else
        error_set(error, CLASS_REDIRECT, CODE_BAD_LOCATION, PHASE_HEADERS,
                  "Location is not a valid URL: %.120s", shown);
    free(shown);
}

enum redirect_result redirect_decide(struct redirect_hop *hop,
                                     struct error *error, int status,
                                     const char *location, const char *method,
                                     const char *url, const char *origin,
                                     unsigned hops, unsigned max)
{
    enum error_code code = CODE_BAD_URL;
    struct why why;

    if (!redirect_leads(status, location))
        return REDIRECT_NONE;
    if (hops >= max) {
        error_set(error, CLASS_REDIRECT, CODE_TOO_MANY, PHASE_HEADERS,
                  "more than %u redirect%s", max, max == 1 ? "" : "s");
        return REDIRECT_ERROR;
    }
    if (url_join(&hop->to, url, location, &code, &why) != 0) {
        set_bad(error, code, location);
        return REDIRECT_ERROR;
    }
    hop->to_get = becomes_get(status, method);
    hop->is_origin = strcmp(hop->to.host_key, origin) == 0;
    return REDIRECT_FOLLOW;
}
