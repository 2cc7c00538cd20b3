/* SPDX-License-Identifier: MIT */
/* Options: whom to trust and how to show who we are. */
#include "app/options_rows.h"

#include "base/list.h"
#include "policy/client_cert.h"

#include <string.h>

static const char *const versions[] = {
    [TLS_1_2] = "1.2", [TLS_1_3] = "1.3", NULL};

#define PIN       "sha256//"
#define PIN_BYTES 44 /* of base64 */

/* One or more pins between semicolons. */
static int check_hashes(const char *value, struct why *why)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/=";

    for (;; value++) {
        if (strncmp(value, PIN, strlen(PIN)) != 0)
            return why_set(why, "\"%.80s\" does not begin with " PIN, value);
        value += strlen(PIN);
        if (strspn(value, base64) != PIN_BYTES)
            return why_set(why, "\"%.80s\" is no SHA-256 in base64", value);
        value += PIN_BYTES;
        if (*value == '\0')
            return 0;
        if (*value != ';')
            return why_set(why, "\"%.80s\" stands behind a hash", value);
    }
}

/* Anything else is the name of a file. */
static int check_pin(const char *value, struct why *why)
{
    return strncmp(value, PIN, strlen(PIN)) == 0 ? check_hashes(value, why) : 0;
}

/* The later one of a password here and of --pass counts, as with curl. */
static int parse_cert(void *field, const char *value, struct why *why)
{
    struct settings *settings = container_of(field, struct settings, cert);
    struct client_cert cert;

    (void)why;
    client_cert_init(&cert, value);
    settings->cert = value;
    if (cert.password)
        settings->pass = NULL;
    client_cert_release(&cert);
    return 0;
}

static const struct opt rows[] = {
    {.name = "insecure",
     .letter = 'k',
     OPT_FLAG(settings.insecure),
     .help = "do not verify the certificates of servers"},
    {.name = "cacert",
     OPT_STRING(settings.cacert),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .run_only = true,
     .help = "trust the CA certificates in FILE (PEM)"},
    {.name = "capath",
     OPT_STRING(settings.capath),
     .arg = "DIR",
     .hint = OPT_HINT_DIR,
     .run_only = true,
     .help = "trust the CA certificates in DIR (hashed)"},
    {.name = "cert",
     .letter = 'E',
     OPT_CUSTOM(settings.cert, parse_cert),
     .arg = "FILE:PASSWORD",
     .hint = OPT_HINT_FILE,
     .secret = true,
     .run_only = true,
     .help = "show the client certificate in FILE (PEM)"},
    {.name = "key",
     OPT_STRING(settings.key),
     .arg = "FILE",
     .hint = OPT_HINT_FILE,
     .run_only = true,
     .help = "its private key, where --cert has none"},
    {.name = "pass",
     OPT_STRING(settings.pass),
     .arg = "TEXT",
     .secret = true,
     .run_only = true,
     .help = "passphrase of that key"},
    {.name = "pinnedpubkey",
     OPT_STRING(settings.pinnedpubkey),
     .arg = "HASHES",
     .check = check_pin,
     .check_line = check_hashes,
     .help = "trust only this public key: sha256//..., or a FILE"},
    {.name = "tlsv1.2",
     OPT_VALUE(settings.tls_min, TLS_1_2),
     .help = "speak TLS 1.2 or newer, as by default"},
    {.name = "tlsv1.3",
     OPT_VALUE(settings.tls_min, TLS_1_3),
     .help = "speak TLS 1.3 or newer"},
    {.name = "tls-max",
     OPT_CHOICE(settings.tls_max),
     .arg = "VERSION",
     .def = "1.3",
     .choices = versions,
     .help = "speak no newer TLS than 1.2 or 1.3"},
    {.name = "ciphers",
     OPT_STRING(settings.ciphers),
     .arg = "LIST",
     .help = "ciphers of TLS 1.2 to offer, as OpenSSL names them"},
};

const struct opt_group options_tls = OPT_GROUP("TLS", rows);
