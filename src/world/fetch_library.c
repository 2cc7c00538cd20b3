/* SPDX-License-Identifier: MIT */
/*
 * libcurl as a whole: initialisation, what it can do, and the versions of the
 * libraries for --version (the fetch family answers for all of them).
 */
#include "base/buf.h"
#include "world/fetch_priv.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <strings.h>

void library_init(void)
{
    CURLcode code;

    /* libcurl would write the secrets of every TLS connection to that file:
     * nothing that an environment should be able to ask for. */
    unsetenv("SSLKEYLOGFILE");
    code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK)
        die("libcurl cannot start: %s", curl_easy_strerror(code));
}

void library_cleanup(void)
{
    curl_global_cleanup();
}

static int check_proxy(const char *proxy, const curl_version_info_data *info,
                       struct why *why)
{
    if (proxy && strncasecmp(proxy, "https:", 6) == 0 &&
        !(info->features & CURL_VERSION_HTTPS_PROXY))
        return why_set(why, "this libcurl (%s) has no https proxies",
                       info->version);
    return 0;
}

int fetch_check(const struct config *config, struct why *why)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    if (info->version_num < 0x075500)
        return why_set(why, "libcurl %s is too old: 7.85.0 or newer is needed",
                       info->version);
    if (!(info->features & CURL_VERSION_ASYNCHDNS))
        return why_set(why,
                       "libcurl %s looks names up in the loop: one with "
                       "asynchronous lookups is needed",
                       info->version);
    if (config->settings.http >= HTTP_2 &&
        !(info->features & CURL_VERSION_HTTP2))
        return why_set(why, "this libcurl (%s) has no HTTP/2", info->version);
    return check_proxy(config->settings.proxy, info, why);
}

static void add_feature(struct buf *out, const char *name, bool has)
{
    buf_addf(out, " %s%s", has ? "+" : "-", name);
}

char *fetch_versions(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    struct buf out;

    buf_init(&out, 4096);
    buf_addf(&out, "libcurl %s (%s;", info->version,
             info->ssl_version ? info->ssl_version : "no TLS");
    add_feature(&out, "HTTP/2", info->features & CURL_VERSION_HTTP2);
    add_feature(&out, "HTTP/3", info->features & CURL_VERSION_HTTP3);
    add_feature(&out, "PSL", info->features & CURL_VERSION_PSL);
    buf_addf(&out, ")\nlibev %d.%d\ncJSON %s\n", ev_version_major(),
             ev_version_minor(), cJSON_Version());
    decode_versions(&out);
    return buf_detach(&out, NULL);
}
