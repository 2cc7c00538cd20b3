/* SPDX-License-Identifier: MIT */
/*
 * How --cert writes a file and a password into one text. Must not know what is
 * in the file.
 */
#include "policy/client_cert.h"

#include "base/msg.h"

#include <stdlib.h>
#include <string.h>

void client_cert_init(struct client_cert *cert, const char *text)
{
    char *end = cert->file = xmalloc(strlen(text) + 1);

    cert->password = NULL;
    while (*text && *text != ':') {
        if (*text == '\\' && (text[1] == ':' || text[1] == '\\'))
            text++;
        *end++ = *text++;
    }
    *end = '\0';
    if (*text && text[1])
        cert->password = xstrdup(text + 1);
}

void client_cert_release(struct client_cert *cert)
{
    free(cert->file);
    free(cert->password);
    *cert = (struct client_cert){0};
}
