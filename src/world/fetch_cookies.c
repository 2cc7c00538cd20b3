/* SPDX-License-Identifier: MIT */
/*
 * One cookie jar over all handles. Knows libcurl's share interface and the
 * lines of a jar; must not know which request sends a cookie, libcurl does.
 */
#include "world/fetch_cookies.h"

#include "base/atomic_file.h"
#include "base/buf.h"
#include "base/lock_file.h"
#include "policy/cookie_bounds.h"
#include "world/fetch_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Well above what libcurl takes as one cookie (5000 bytes). */
#define LINE_SIZE ((size_t)16 * 1024)

/* The number of that member in a line, from 0. */
#define EXPIRES 4

/* Good lines of a file after which the jar is bounded, as each costs the more
 * the more there are. */
#define READ_AT_ONCE 1000

/* Bad lines of a file that are named one by one. */
#define WARNINGS 5

struct cookies {
    char *jar;              /* owned; NULL: nothing is saved */
    struct lock_file *lock; /* owned; of the jar */
    CURLSH *share;
    CURL *keeper; /* sends nothing: lines go into and out of the jar by it */
    bool bounded; /* said that cookies are forgotten */
};

void cookies_attach(struct cookies *cookies, CURL *easy)
{
    if (curl_easy_setopt(easy, CURLOPT_SHARE, cookies->share) != CURLE_OK)
        die("libcurl cannot share cookies");
    /* The share alone keeps cookies but neither takes nor sends any: a file,
     * here none, starts the engine of the handle. */
    curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
}

void cookies_detach(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_COOKIEFILE, NULL);
    curl_easy_setopt(easy, CURLOPT_SHARE, NULL);
}

/* A cookie, a comment or nothing; libcurl says of no line that it is bad. */
static bool is_cookie(const char *line)
{
    unsigned tabs = 0;

    for (const char *at = line; *at; at++)
        tabs += *at == '\t';
    return (tabs == 5 || tabs == 6) && line[0] != '\t';
}

static bool is_comment(const char *line)
{
    return !line[0] || (line[0] == '#' && strncmp(line, "#HttpOnly_", 10) != 0);
}

/* Reads a line without its end; false: there is none. Of one that is too long
 * the beginning is kept, but *whole is false. */
static bool read_line(FILE *stream, char line[LINE_SIZE], bool *whole)
{
    size_t len = 0;
    int c;

    *whole = true;
    while ((c = getc(stream)) != EOF && c != '\n') {
        if (len < LINE_SIZE - 1 && c != '\0')
            line[len++] = (char)c;
        else
            *whole = false;
    }
    if (len > 0 && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    return c != EOF || len > 0 || !*whole;
}

/* Not by CURLOPT_COOKIEFILE: that passes over a file that it cannot read, and
 * takes "-" for stdin. false: it has lines, and none is a cookie. */
static bool read_stream(struct cookies *cookies, const char *path, FILE *stream)
{
    uint64_t number = 0, bad = 0, good = 0;
    char line[LINE_SIZE];
    bool whole;

    while (read_line(stream, line, &whole)) {
        number++;
        if (whole && is_comment(line))
            continue;
        if (whole && is_cookie(line)) {
            curl_easy_setopt(cookies->keeper, CURLOPT_COOKIELIST, line);
            if (++good % READ_AT_ONCE == 0)
                cookies_bound(cookies);
        } else if (++bad <= WARNINGS) {
            warn("%s:%" PRIu64 ": not a cookie; the line is left out", path,
                 number);
        }
    }
    cookies_bound(cookies);
    if (bad > WARNINGS)
        warn("%s: %" PRIu64 " more such lines", path, bad - WARNINGS);
    return good > 0 || bad == 0;
}

static int read_path(struct cookies *cookies, const char *path, bool is_jar,
                     struct why *why)
{
    FILE *stream = fopen(path, "re");
    bool failed, plausible;

    if (!stream && is_jar && errno == ENOENT)
        return 0;
    if (stream) {
        errno = 0;
        plausible = read_stream(cookies, path, stream);
        failed = ferror(stream);
        fclose(stream);
        /* It would be replaced. */
        if (!failed && is_jar && !plausible)
            return why_set(why, "%s is no cookie jar", path);
        if (!failed)
            return 0;
    }
    return why_set(why, "cannot read the cookies of %s: %s", path,
                   strerror(errno));
}

static struct cookies *cookies_new(void)
{
    struct cookies *cookies = xcalloc(1, sizeof(*cookies));

    library_init();
    cookies->share = curl_share_init();
    cookies->keeper = curl_easy_init();
    /* No lock functions: all handles belong to one thread. */
    if (!cookies->share || !cookies->keeper ||
        curl_share_setopt(cookies->share, CURLSHOPT_SHARE,
                          CURL_LOCK_DATA_COOKIE) != CURLSHE_OK)
        die("libcurl cannot share cookies");
    /* Where libcurl has no list of public suffixes this fails: no matter. */
    curl_share_setopt(cookies->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_PSL);
    cookies_attach(cookies, cookies->keeper);
    return cookies;
}

struct cookies *cookies_open(const char *jar, const char *const *files,
                             size_t count, struct why *why)
{
    struct cookies *cookies = cookies_new();
    int result = 0;

    if (jar) {
        cookies->jar = xstrdup(jar);
        cookies->lock = lock_file_open(jar, why);
        result = cookies->lock ? 0 : -1;
    }
    for (size_t i = 0; i < count && result == 0; i++)
        result = read_path(cookies, files[i], false, why);
    if (jar && result == 0)
        result = read_path(cookies, jar, true, why);
    if (result == 0)
        return cookies;
    cookies_close(cookies);
    return NULL;
}

/* The jar as lines of its file; the caller's. NULL: it is empty. */
static struct curl_slist *list_of(struct cookies *cookies)
{
    struct curl_slist *list = NULL;

    if (curl_easy_getinfo(cookies->keeper, CURLINFO_COOKIELIST, &list) !=
        CURLE_OK)
        die("no memory for cookies");
    return list;
}

/* The host of a line: its first member, which may have a dot before it. */
static struct cookie_place place_of(const char *line)
{
    if (strncmp(line, "#HttpOnly_", 10) == 0)
        line += 10;
    line += *line == '.';
    return (struct cookie_place){.host = line, .len = strcspn(line, "\t")};
}

/* Where the member of that number begins in a line; NULL: it has fewer. */
static const char *member_of(const char *line, int number)
{
    for (; line && number > 0; number--) {
        line = strchr(line, '\t');
        line = line ? line + 1 : NULL;
    }
    return line;
}

/* The same cookie, of long ago: libcurl drops the one that it has. (To empty
 * the jar and fill it again would take 0.06 ms for each that stays.) */
static void forget(struct cookies *cookies, const char *line)
{
    const char *expires = member_of(line, EXPIRES);
    struct buf text;

    buf_init(&text, LINE_SIZE);
    buf_add(&text, line, (size_t)(expires - line));
    buf_addf(&text, "1%s", strchr(expires, '\t'));
    curl_easy_setopt(cookies->keeper, CURLOPT_COOKIELIST, text.data);
    buf_release(&text);
}

void cookies_bound(struct cookies *cookies)
{
    struct curl_slist *list = list_of(cookies), *node;
    struct cookie_place *places;
    size_t count = 0, dropped, i = 0;

    for (node = list; node; node = node->next)
        count++;
    places = xcalloc(count + 1, sizeof(*places));
    /* libcurl lists those of a host in the order in which they came. */
    for (node = list; node; node = node->next)
        places[i++] = place_of(node->data);
    dropped = cookie_bounds(places, count);
    for (node = list, i = 0; node; node = node->next)
        if (places[i++].drop)
            forget(cookies, node->data);
    if (dropped > 0 && !cookies->bounded)
        warn("more than %d cookies, %d of one site or %d of one host: the "
             "oldest are forgotten",
             COOKIES_MAX, COOKIES_SITE_MAX, COOKIES_HOST_MAX);
    cookies->bounded |= dropped > 0;
    free(places);
    curl_slist_free_all(list);
}

/* libcurl lists what has expired until it next looks. Lines are
 * host, subdomains, path, secure, expires (0: with the session), ... */
static bool has_expired(const char *line, time_t now)
{
    const char *expires = member_of(line, EXPIRES);
    long long at = expires ? strtoll(expires, NULL, 10) : 0;

    return at != 0 && at <= now;
}

int cookies_save(struct cookies *cookies, struct why *why)
{
    struct atomic_file *file;
    struct curl_slist *list;
    time_t now = time(NULL);
    FILE *stream;

    if (!cookies->jar)
        return 0;
    file = atomic_file_open(cookies->jar, 0600, why);
    if (!file)
        return -1;
    stream = atomic_file_stream(file);
    cookies_bound(cookies);
    list = list_of(cookies);
    fputs("# Netscape HTTP Cookie File\n\n", stream);
    for (struct curl_slist *node = list; node; node = node->next)
        if (!has_expired(node->data, now))
            fprintf(stream, "%s\n", node->data);
    curl_slist_free_all(list);
    return atomic_file_commit(file, why);
}

void cookies_close(struct cookies *cookies)
{
    if (!cookies)
        return;
    curl_easy_cleanup(cookies->keeper);
    if (curl_share_cleanup(cookies->share) != CURLSHE_OK)
        die("bug: a handle still shares the cookies");
    lock_file_close(cookies->lock);
    library_cleanup();
    free(cookies->jar);
    free(cookies);
}
