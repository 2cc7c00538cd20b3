/* SPDX-License-Identifier: MIT */
/* Options: whom to trust and how to show who we are. */
#include "app/options_rows.h"

#include "base/list.h"
#include "policy/client_cert.h"
#include "world/slurp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

#define NO_CERT "no certificate in it (PEM)"

/* Whatever is in a larger one, libcurl will say. */
#define PEM_MAX ((size_t)16 * 1024 * 1024)

/* A line "-----BEGIN ... LABEL-----" (RFC 7468 section 3, and the labels of
 * OpenSSL's that end in it). */
static bool has_pem(const struct buf *text, const char *label)
{
    static const char begin[] = "-----BEGIN ";
    const char *at = text->data, *end = at + text->len;
    char tail[40];
    size_t len = (size_t)snprintf(tail, sizeof(tail), "%s-----", label);

    while (at && (at = memmem(at, (size_t)(end - at), begin, strlen(begin)))) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        if (memmem(at, (size_t)((stop ? stop : end) - at), tail, len))
            return true;
        at += strlen(begin);
    }
    return false;
}

/* The text of a regular file; of others, which can be read but once, none.
 * False: there is nothing to check. */
static bool read_regular(const char *path, struct buf *text)
{
    struct slurp slurp = {.stdin_taken = true};
    struct stat info;
    struct why why;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_size <= (off_t)text->max &&
           slurp_file(&slurp, path, text, &why) == 0;
}

/* Else every https URL of the run would fail for what is wrong here. */
static int check_pem(const char *option, const char *path, const char *label,
                     const char *what, struct why *why)
{
    struct buf text;
    int status;

    if (!path)
        return 0;
    buf_init(&text, PEM_MAX);
    status = options_check_file(option, path, why);
    if (status == 0 && read_regular(path, &text) && !has_pem(&text, label))
        status = why_set(why, "--%s: %.120s: %s", option, path, what);
    buf_release(&text);
    return status;
}

/* The file of the certificate has the key too, unless that has one. */
static int check_client(const struct settings *settings, struct why *why)
{
    struct client_cert cert = {0};
    int status;

    if (settings->cert)
        client_cert_init(&cert, settings->cert);
    status = check_pem("cert", cert.file, "CERTIFICATE", NO_CERT, why);
    if (status == 0 && settings->key)
        status = check_pem("key", settings->key, "PRIVATE KEY",
                           "no private key in it (PEM)", why);
    else if (status == 0)
        status =
            check_pem("cert", cert.file, "PRIVATE KEY",
                      "no private key in it (PEM), and --key names none", why);
    client_cert_release(&cert);
    return status;
}

/* What is no hash is a file, of PEM or of DER, which is a SEQUENCE. */
static int check_pin_file(const char *pin, struct why *why)
{
    struct buf text;
    int status;

    if (!pin || strncmp(pin, PIN, strlen(PIN)) == 0)
        return 0;
    buf_init(&text, PEM_MAX);
    status = options_check_file("pinnedpubkey", pin, why);
    if (status == 0 && read_regular(pin, &text) &&
        !has_pem(&text, "PUBLIC KEY") &&
        !(text.len > 0 && text.data[0] == 0x30))
        status =
            why_set(why, "--pinnedpubkey: %.120s: no public key in it", pin);
    buf_release(&text);
    return status;
}

int options_check_tls(const struct settings *settings, struct why *why)
{
    if (check_pem("cacert", settings->cacert, "CERTIFICATE", NO_CERT, why) !=
            0 ||
        check_client(settings, why) != 0 ||
        check_pin_file(settings->pinnedpubkey, why) != 0)
        return -1;
    if (settings->capath && access(settings->capath, R_OK | X_OK) != 0)
        return why_set(why, "--capath: cannot read %s: %s", settings->capath,
                       strerror(errno));
    if (settings->tls_min == TLS_1_3 && settings->tls_max == TLS_1_2)
        return why_set(why, "--tlsv1.3 and --tls-max 1.2 leave no version");
    return 0;
}
