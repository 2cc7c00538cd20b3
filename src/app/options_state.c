/* SPDX-License-Identifier: MIT */
/* Options: what is kept from response to request, and from run to run. */
#include "app/options_rows.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A control byte in a header field would smuggle in another one. */
static int check_cookie(const char *value, struct why *why)
{
    for (; *value; value++) {
        unsigned char byte = (unsigned char)*value;

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return why_set(why, "control byte 0x%02x in it", byte);
    }
    return 0;
}

/* "" takes the cookies of the command line away. */
static int check_line_cookie(const char *value, struct why *why)
{
    if (!*value || strchr(value, '='))
        return 0;
    return why_set(why,
                   "\"%.40s\" has no \"=\", and a line cannot name a file of "
                   "cookies",
                   value);
}

static const struct opt rows[] = {
    {.name = "cookie",
     .letter = 'b',
     OPT_LIST(settings.cookie),
     .arg = "DATA",
     .hint = OPT_HINT_FILE,
     .secret = true,
     .check = check_cookie,
     .check_line = check_line_cookie,
     .help = "send the cookies a=1; b=2, or those of a file"},
    {.name = "cookie-jar",
     OPT_STRING(cookie_jar),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "keep the cookies of servers, in FILE between runs"},
    {.name = "etag-store",
     OPT_STRING(etag_store),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .help = "ask only for what has changed since the last run"},
};

const struct opt_group options_state = OPT_GROUP("Cookies and ETags", rows);

/* The jar is read anyway, and need not be there yet. */
static int check_file(const char *file, const char *jar, struct why *why)
{
    if (!*file || (jar && strcmp(file, jar) == 0) || access(file, R_OK) == 0)
        return 0;
    return why_set(why, "--cookie: cannot read %.100s: %s (a cookie has a =)",
                   file, strerror(errno));
}

int options_check_state(const struct config *config, struct why *why)
{
    const struct strings *cookies = &config->settings.cookie;

    for (size_t i = 0; i < cookies->count; i++) {
        const char *cookie = cookies->items[i];

        if (strcmp(cookie, "-") == 0)
            return why_set(why, "--cookie: stdin is for requests");
        if (!strchr(cookie, '=') &&
            check_file(cookie, config->cookie_jar, why) != 0)
            return -1;
    }
    if (config->cookie_jar && strcmp(config->cookie_jar, "-") == 0)
        return why_set(why, "--cookie-jar: stdout is for records");
    if (config->etag_store && strcmp(config->etag_store, "-") == 0)
        return why_set(why, "--etag-store: it is read and written, so it "
                            "cannot be \"-\"");
    return 0;
}
