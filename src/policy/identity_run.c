/* SPDX-License-Identifier: MIT */
/*
 * As whom the run sends its requests. It knows which parts of that are names
 * and which are secrets; must not know who asks.
 */
#include "policy/identity_run.h"

#include "policy/client_cert.h"
#include "policy/credentials.h"
#include "policy/wire.h"

#include <string.h>

/* What has been taken in so far. */
struct sum {
    struct digest *digest;
    bool any;
    bool secret; /* there is something that must not be */
};

/* Texts hold no NUL, so no two lists of parts look the same. */
static void add(struct sum *sum, const char *name, const char *text, size_t len)
{
    sum->any = true;
    digest_add(sum->digest, name, strlen(name) + 1);
    digest_add(sum->digest, text, len);
    digest_add(sum->digest, "", 1);
}

static void add_text(struct sum *sum, const char *name, const char *text)
{
    if (text)
        add(sum, name, text, strlen(text));
}

static void add_fields(struct sum *sum, const struct request_header *headers,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = headers[i].value;

        if (value && wire_is_secret(headers[i].name, strlen(headers[i].name)))
            sum->secret = true;
        add_text(sum, "field", headers[i].name);
        add_text(sum, "value", value ? value : "");
    }
}

/* Those without a "=" are files. */
static void add_cookies(struct sum *sum, const struct strings *cookies)
{
    for (size_t i = 0; i < cookies->count; i++) {
        if (strchr(cookies->items[i], '='))
            sum->secret = true;
        else
            add_text(sum, "cookies", cookies->items[i]);
    }
}

static void add_cert(struct sum *sum, const char *text)
{
    struct client_cert cert;

    if (!text)
        return;
    client_cert_init(&cert, text);
    add_text(sum, "cert", cert.file);
    client_cert_release(&cert);
}

/* What a request without credentials of its own is sent with. */
static void add_settings(struct sum *sum, const struct settings *settings)
{
    if (settings->user)
        add(sum, "user", settings->user, strcspn(settings->user, ":"));
    if (settings->oauth2_bearer)
        sum->secret = true;
    add_text(sum, "netrc", settings->netrc_file);
}

bool identity_in_run(const struct request *request, const struct config *config,
                     struct digest *digest, unsigned char key[REQUEST_KEY_SIZE])
{
    const struct settings *settings = request->settings;
    size_t lines = request->header_count - request->host_header_count;
    struct sum sum = {.digest = digest};
    struct credentials credentials;

    credentials_of(request, &credentials);
    if (!credentials.of_line)
        add_settings(&sum, settings);
    if (settings->cookie.items == request->run->cookie.items)
        add_cookies(&sum, &settings->cookie);
    add_text(&sum, "jar", config->cookie_jar);
    add_cert(&sum, settings->cert);
    add_fields(&sum, config->asked.headers, config->asked.header_count);
    add_fields(&sum, request->headers + lines, request->host_header_count);
    digest_add(digest, request->key, sizeof(request->key));
    digest_end(digest, key, REQUEST_KEY_SIZE);
    if (!sum.any)
        memcpy(key, request->key, REQUEST_KEY_SIZE);
    return !sum.secret;
}

bool identity_run_is_secret(const struct config *config)
{
    struct request request = {.run = &config->settings,
                              .settings = &config->settings};
    unsigned char key[REQUEST_KEY_SIZE];
    struct digest *digest = digest_new();
    bool whole = identity_in_run(&request, config, digest, key);

    digest_free(digest);
    return !whole;
}
